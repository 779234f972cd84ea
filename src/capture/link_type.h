/* SPDX-License-Identifier: MIT
 *
 * Files and libpcap's functions number a few link types differently.
 */
#ifndef FST_CAPTURE_LINK_TYPE_H
#define FST_CAPTURE_LINK_TYPE_H

#include <stdint.h>

/** The DLT_ number that libpcap uses on this system for a LINKTYPE_ of a file. */
int fst_link_type_to_dlt(uint16_t link_type);

#endif
