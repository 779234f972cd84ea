/* SPDX-License-Identifier: MIT
 *
 * The thread that takes packets from a capture and puts them into the ring, live as they come, or
 * from a file at the pace at which they were recorded. It neither prints nor formats.
 */
#ifndef FST_LIVE_FEED_H
#define FST_LIVE_FEED_H

#include "live/ring.h"

struct fst_feed;

struct fst_feed_options {
    struct fst_capture *capture; /* the thread's alone while it runs */
    double speed;                /* of a file: 1 is as recorded; 0 if it is a live capture */
    uint64_t count;              /* so many packets, 0 for no end */
    size_t octets;               /* the most of a packet that is kept */
};

/** What the capture counts; UINT64_MAX where it cannot tell. */
struct fst_feed_counters {
    uint64_t received, kernel_drop, interface_drop;
};

/** Start the thread. @return NULL when there are no means for it. */
struct fst_feed *fst_feed_start(const struct fst_feed_options *options);

struct fst_ring *fst_feed_ring(struct fst_feed *feed);

/** The counters as they were last; any thread. */
struct fst_feed_counters fst_feed_counters(struct fst_feed *feed);

/** The time by the packets' clock; 0 while none is known. */
int64_t fst_feed_now(struct fst_feed *feed);

/** Take what has arrived by now and then come to the end: a last slot will come. */
void fst_feed_stop(struct fst_feed *feed);

/** After the last slot: what ended it, 0 if nothing was wrong. */
int fst_feed_join(struct fst_feed *feed, struct fst_diag *diag);

/** The thread must have been joined; NULL is fine. */
void fst_feed_free(struct fst_feed *feed);

#endif
