/* SPDX-License-Identifier: MIT
 *
 * Packets from an interface, through libpcap.
 */
#ifndef FST_CAPTURE_LIVE_H
#define FST_CAPTURE_LIVE_H

#include "flowstate/flowstate.h"

struct fst_live;

/** Read what has arrived, waiting for the first packet; as fst_capture_read() of a live capture. */
int fst_live_read(struct fst_capture *capture, struct fst_packet *packets, size_t max,
                  size_t *count, struct fst_diag *diag);

/** Let the system filter. Returns 0, FST_EFILTER, FST_ENOMEM. */
int fst_live_set_filter(struct fst_capture *capture, const char *expression, struct fst_diag *diag);

/** NULL is fine. */
void fst_live_close(struct fst_live *live);

#endif
