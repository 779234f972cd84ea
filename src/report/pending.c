/* SPDX-License-Identifier: MIT */
#include "report/pending.h"

static bool belongs_to(const struct fst_finding *finding, const struct fst_segment_event *event)
{
    for (size_t i = 0; event && i < event->finding_count; i++) {
        const struct fst_finding *other = &event->findings[i];

        if (finding->rule == other->rule && finding->packet == other->packet &&
            finding->by == other->by && finding->connection == other->connection)
            return true;
    }
    return false;
}

void fst_pending_add(struct fst_pending *pending, const struct fst_finding *finding,
                     struct fst_writer *writer, fst_put_finding *put)
{
    if (pending->count == FST_PENDING_MAX)
        fst_pending_flush(pending, NULL, writer, put);
    pending->finding[pending->count++] = *finding;
}

void fst_pending_flush(struct fst_pending *pending, const struct fst_segment_event *event,
                       struct fst_writer *writer, fst_put_finding *put)
{
    for (size_t i = 0; i < pending->count; i++)
        if (!belongs_to(&pending->finding[i], event))
            put(writer, &pending->finding[i]);
    pending->count = 0;
}
