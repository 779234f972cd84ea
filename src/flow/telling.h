/* SPDX-License-Identifier: MIT
 *
 * A connection's tale taken out of the table to be gone on with: shared with others by its number
 * as long as it needs no tally, and in the tally from then on.
 */
#ifndef FST_FLOW_TELLING_H
#define FST_FLOW_TELLING_H

#include "flow/table.h"

struct fst_telling {
    struct fst_tale tale;
    uint32_t tally; /* or FST_NO_INDEX */
};

struct fst_telling fst_telling_of(const struct fst_table *table, const struct fst_story *story);

/** Put it back. If there are too many tales already, the story keeps the one it had. */
void fst_telling_keep(struct fst_table *table, struct fst_story *story,
                      const struct fst_telling *telling);

/** Whether the story names its tale by number. */
bool fst_story_shares_tale(const struct fst_story *story);

/** The tally, made and zeroed if there is none; NULL when memory is short or too many are in use.
 *  Borrowed until the next call. */
struct fst_tally *fst_telling_tally(struct fst_table *table, struct fst_telling *telling);

/** The story is of another table, which was taken over: its tale has another number now, or its
 *  tally one that is greater by `tallies`, with paths and histories that have others. */
void fst_telling_rename(struct fst_table *table, struct fst_story *story, const uint32_t *tales,
                        uint32_t tallies, const uint32_t *paths, const uint32_t *histories);

/** What a tale of the other table is in this one. */
struct fst_tale fst_tale_renamed(const struct fst_tale *tale, const uint32_t *paths,
                                 const uint32_t *histories);

/** The connection goes: its tally is given back. */
void fst_telling_drop(struct fst_table *table, struct fst_story *story);

#endif
