/* SPDX-License-Identifier: MIT
 *
 * What an annotated capture says of each packet: which states it changed and why, and what was
 * found in it. Some findings are decided only by later packets, so a capture is gone through twice:
 * first to collect these late ones, then to write the comments.
 *
 *     first pass   fst_notes_collect_* from the analyzer's callbacks, then fst_notes_sort
 *     second pass  fst_notes_segment from the callback, then fst_notes_take for every packet
 */
#ifndef FST_REPORT_ANNOTATION_H
#define FST_REPORT_ANNOTATION_H

#include "flowstate/flowstate.h"
#include "base/strbuf.h"

struct fst_late_finding {
    struct fst_finding finding;
    size_t order; /* in which it was reported */
};

/** All zero to begin with. */
struct fst_notes {
    struct fst_late_finding *late; /* by packet, after the first pass */
    size_t count, room;
    size_t settled;         /* the late ones before this are late for sure */
    size_t next;            /* the first one not yet written */
    struct fst_strbuf text; /* comment of the packet at hand */
    uint32_t connection;    /* which it speaks of, 0 while it is empty */
    bool failed;            /* memory was short */
};

void fst_notes_collect_finding(struct fst_notes *notes, const struct fst_finding *finding);
/** Findings since the last call that name this very segment are not late. */
void fst_notes_collect_segment(struct fst_notes *notes, const struct fst_segment_event *event);
/** A connection ended: what was found since the last call belongs to no segment. */
void fst_notes_collect_end(struct fst_notes *notes);
void fst_notes_sort(struct fst_notes *notes);

void fst_notes_segment(struct fst_notes *notes, const struct fst_segment_event *event);
/** The comment for a packet, NULL if there is nothing to say; packets in capture order. Valid until
 *  the next call. */
const char *fst_notes_take(struct fst_notes *notes, uint64_t packet);

void fst_notes_free(struct fst_notes *notes);

/** What the whole capture showed, a line each, for the comment of its section. */
void fst_notes_summary(struct fst_strbuf *text, const struct fst_analyzer *analyzer,
                       const uint64_t ended[FST_END_UNKNOWN + 1]);

#endif
