/* SPDX-License-Identifier: MIT */
#include "flow/telling.h"

/* In the `tale` of a story: the rest is the index of a tally, which has the tale. */
#define TALLIED 0x80000000u

bool fst_story_shares_tale(const struct fst_story *story)
{
    return !(story->tale & TALLIED);
}

static struct fst_tally *tally_at(const struct fst_table *table, uint32_t number)
{
    return fst_pool_at(&table->tallies, number);
}

struct fst_tally *fst_telling_tally(struct fst_table *table, struct fst_telling *telling)
{
    if (telling->tally == FST_NO_INDEX)
        telling->tally = fst_pool_take(&table->tallies);
    return telling->tally == FST_NO_INDEX ? NULL : tally_at(table, telling->tally);
}

struct fst_telling fst_telling_of(const struct fst_table *table, const struct fst_story *story)
{
    struct fst_telling telling = {.tally = FST_NO_INDEX};

    if (story->tale & TALLIED) {
        telling.tally = story->tale & ~TALLIED;
        telling.tale = tally_at(table, telling.tally)->tale;
    } else {
        telling.tale = fst_tale_of(&table->tales, story->tale);
    }
    return telling;
}

void fst_telling_keep(struct fst_table *table, struct fst_story *story,
                      const struct fst_telling *telling)
{
    if (telling->tally == FST_NO_INDEX) {
        (void)fst_tale_number(&table->tales, &telling->tale, &story->tale);
        return;
    }
    tally_at(table, telling->tally)->tale = telling->tale;
    story->tale = telling->tally | TALLIED;
}

struct fst_tale fst_tale_renamed(const struct fst_tale *tale, const uint32_t *paths,
                                 const uint32_t *histories)
{
    return (struct fst_tale){{paths[tale->path[0]], paths[tale->path[1]]},
                             histories[tale->history]};
}

void fst_telling_rename(struct fst_table *table, struct fst_story *story, const uint32_t *tales,
                        uint32_t tallies, const uint32_t *paths, const uint32_t *histories)
{
    if (story->tale & TALLIED) {
        struct fst_tally *tally = tally_at(table, (story->tale & ~TALLIED) + tallies);

        tally->tale = fst_tale_renamed(&tally->tale, paths, histories);
        story->tale += tallies;
    } else {
        story->tale = tales[story->tale];
    }
}

void fst_telling_drop(struct fst_table *table, struct fst_story *story)
{
    if (story->tale & TALLIED)
        fst_pool_give_back(&table->tallies, story->tale & ~TALLIED);
    story->tale = FST_NO_TALE;
}
