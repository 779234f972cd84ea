/* SPDX-License-Identifier: MIT
 *
 * Every capture and scenario of the project: one after the other, or many connections at a time.
 */
#ifndef FST_TEST_SUPPORT_CROWD_H
#define FST_TEST_SUPPORT_CROWD_H

#include "support/wire.h"

#define WIRE_ETHERNET 1 /* LINKTYPE_ETHERNET */

typedef void (*trace_use)(void *context, const char *path, const struct fst_packet *packets,
                          size_t count);

/** One after the other; packets are the trace's until `use` returns. */
void traces_use(trace_use use, void *context);

/** One in so many of them twice, with other addresses and the second time disturbed, begun at some
 *  time within a minute and sorted by time. Only those of that link type, unless that is 0. To be
 *  freed with wire_free(). Each call goes on with the same random numbers. */
struct wire crowd_make(uint32_t of, uint16_t link_type);

#endif
