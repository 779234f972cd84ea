/* SPDX-License-Identifier: MIT
 *
 * Findings that no segment brings out: the capture ended, or a connection had to leave the table.
 * The analyzer hands every finding to one callback and those of a segment to another as well; this
 * keeps what the first was given until it is known that the second is not.
 */
#ifndef FST_REPORT_PENDING_H
#define FST_REPORT_PENDING_H

#include "report/writer.h"

#define FST_PENDING_MAX 64

struct fst_pending {
    size_t count;
    struct fst_finding finding[FST_PENDING_MAX];
};

typedef void fst_put_finding(struct fst_writer *writer, const struct fst_finding *finding);

/** Keep a finding; prints those kept before when there is no room. */
void fst_pending_add(struct fst_pending *pending, const struct fst_finding *finding,
                     struct fst_writer *writer, fst_put_finding *put);

/** Print and forget what is kept, but for the findings of `event`; NULL prints all. */
void fst_pending_flush(struct fst_pending *pending, const struct fst_segment_event *event,
                       struct fst_writer *writer, fst_put_finding *put);

#endif
