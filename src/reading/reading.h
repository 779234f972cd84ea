/* SPDX-License-Identifier: MIT */
#ifndef FST_READING_READING_H
#define FST_READING_READING_H

#include "flowstate/flowstate.h"

/** As fst_analyzer_read(); `small` octets of the capture are read before a thread is started. */
int fst_reading_run(struct fst_analyzer *analyzer, struct fst_capture *capture,
                    const struct fst_reading *reading, uint64_t small, struct fst_diag *diag);

#endif
