/* SPDX-License-Identifier: MIT
 *
 * Connections divided into parts by their hashes, so that as many threads can follow them: both
 * directions of a connection meet in one part, and no part knows of another. Each is an analyzer of
 * its own, the first of them the one whose parts they are. Only while all of it is of no matter to
 * anybody outside: no callback comes, and nothing that all connections share is full or nearly so.
 * Then the parts become one again, as if there had never been any.
 */
#ifndef FST_FLOW_PARTS_H
#define FST_FLOW_PARTS_H

#include "flow/analyzer.h"

/* How much of what all connections share is in use. */
struct fst_usage {
    uint32_t connections, nodes, tallies, dwells, details, rings, paths, histories, tales;
};

static inline bool fst_parts_there(const struct fst_analyzer *analyzer)
{
    return analyzer->parts > 1;
}

/** Divide the connections of an analyzer, which has none yet, into 2 or 4 parts. False if that is
 *  not possible: then nothing has changed. */
bool fst_parts_begin(struct fst_analyzer *analyzer, unsigned parts);

/* First packets tell the order of connections, and a record has 32 bits for one. */
#define FST_PARTS_PACKETS UINT32_MAX

/** Whether a packet of this number may be taken after the `last` one, which it becomes: numbers
 *  have to ascend, and those that a capture brings along need not. */
bool fst_parts_take_number(uint64_t *last, uint64_t packet);

/** Take batches into all parts, one after the other; as fst_analyzer_take(). Makes them one if
 *  there is not room for it, or the numbers of the packets do not ascend. */
int fst_parts_take(struct fst_analyzer *analyzer, const struct fst_batch *batches, size_t count);

/** Take what batches count, and what is of the first part; as fst_analyzer_take(). */
int fst_parts_take_first(struct fst_analyzer *analyzer, const struct fst_batch *batches,
                         size_t count);

/** Take what is of this part; each part may be another thread's. As fst_analyzer_take(), but for
 *  what batches count. */
int fst_part_take(struct fst_analyzer *analyzer, unsigned part, const struct fst_batch *batches,
                  size_t count);

/** What a part uses: for the thread that takes into it. */
struct fst_usage fst_part_usage(struct fst_analyzer *analyzer, unsigned part);

/** Whether, with so much in use by the parts, there is room for what `packets` more can bring. */
bool fst_parts_have_room(const struct fst_analyzer *analyzer, const struct fst_usage *used,
                         uint64_t packets);

/** The same, between the threads' work. */
bool fst_parts_fit(struct fst_analyzer *analyzer, uint64_t packets);

/** Make them one again. Returns 0, or FST_ENOMEM: what only the other parts knew is lost. */
int fst_parts_end(struct fst_analyzer *analyzer);

#endif
