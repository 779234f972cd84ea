/* SPDX-License-Identifier: MIT
 *
 * The packets of connections with findings, and only those: kept for a while, written once
 * something was found, with the findings as comments. From then on each packet is written when the
 * next of its connection comes or the connection ends, which may have told something more.
 */
#ifndef FST_LIVE_FLAGGED_H
#define FST_LIVE_FLAGGED_H

#include "live/held.h"
#include "live/ring.h"
#include "live/save.h"

struct fst_flagged;

/**
 * @param save   Where to, or NULL to only keep packets. Closed by fst_flagged_close().
 * @param level  Findings of this class or worse count.
 * @return NULL when memory is short.
 */
struct fst_flagged *fst_flagged_new(struct fst_save *save, enum fst_class level, size_t octets);

/** The packets that are about to be fed to the analyzer; NULL after that. */
void fst_flagged_batch(struct fst_flagged *flagged, const struct fst_slot *slot);

/* To be called from the analyzer's events of these names: */
void fst_flagged_finding(struct fst_flagged *flagged, const struct fst_finding *finding);
void fst_flagged_segment(struct fst_flagged *flagged, const struct fst_segment_event *event);
void fst_flagged_ended(struct fst_flagged *flagged, const struct fst_connection_view *view);

/** Write the packets of one connection that are still kept into a file of their own. @return how
 *  many, or -1. */
long fst_flagged_write_one(struct fst_flagged *flagged, uint32_t connection, const char *path,
                           struct fst_diag *diag);

/** What failed, 0 so far; `diag` says it. */
int fst_flagged_error(const struct fst_flagged *flagged, struct fst_diag *diag);

struct fst_save *fst_flagged_save(struct fst_flagged *flagged);

/** Close the file and free; NULL is fine. @return as fst_save_close(). */
int fst_flagged_close(struct fst_flagged *flagged, struct fst_diag *diag);

#endif
