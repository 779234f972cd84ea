/* SPDX-License-Identifier: MIT */
#ifndef FST_READING_CORES_H
#define FST_READING_CORES_H

/** How many processors this process may use; 1 if the system does not tell. */
unsigned fst_cores(void);

#endif
