/* SPDX-License-Identifier: MIT
 *
 * Tables that several threads filled become one. Records stay where they are: only the blocks they
 * lie in get other numbers, and what they name by number gets another name.
 */
#include <string.h>

#include "base/alloc.h"
#include "flow/table.h"
#include "flow/telling.h"

/* What the numbers of another table are in this one: by how much they grow, or each of them. */
struct naming {
    uint32_t record, extra, finding, detail, dwell, tally;
    uint32_t *paths, *histories, *tales;
    uint32_t path_room, history_room, tale_room;
};

/* -------------------------------------------------------------------------- making room -- */

/* Of what is counted, all there is in the others. */
struct sums {
    uint32_t nodes, tallies, dwells, details, blocks, extra_blocks, paths, histories, tales;
};

static struct sums sum_up(struct fst_table *const *others, unsigned count)
{
    struct sums sums = {0};

    for (unsigned i = 0; i < count; i++) {
        const struct fst_table *other = others[i];

        sums.nodes += other->findings.nodes.unused;
        sums.tallies += other->tallies.unused;
        sums.dwells += other->dwells.unused;
        sums.details += other->detail_count;
        sums.blocks += other->blocks;
        sums.extra_blocks += other->extras.block_count;
        sums.paths += other->paths.count;
        sums.histories += other->histories.count;
        sums.tales += other->tales.count;
    }
    return sums;
}

static bool make_room(struct fst_table *table, const struct sums *sums)
{
    return fst_extras_make_room(&table->extras, sums->extra_blocks) &&
           fst_pool_make_room(&table->findings.nodes, sums->nodes) &&
           fst_pool_make_room(&table->tallies, sums->tallies) &&
           fst_pool_make_room(&table->dwells, sums->dwells) &&
           fst_trie_make_room(&table->paths, sums->paths) &&
           fst_trie_make_room(&table->histories, sums->histories) &&
           fst_tales_make_room(&table->tales, sums->tales) &&
           fst_table_grow_details(table, table->detail_count + sums->details) &&
           fst_table_grow_lists(table, table->blocks + sums->blocks);
}

static bool make_maps(struct naming *naming, const struct fst_allocator *allocator,
                      const struct sums *sums)
{
    naming->path_room = sums->paths + 1;
    naming->history_room = sums->histories + 1;
    naming->tale_room = sums->tales + 1;
    naming->paths = fst_alloc(allocator, naming->path_room * sizeof(naming->paths[0]));
    naming->histories = fst_alloc(allocator, naming->history_room * sizeof(naming->histories[0]));
    naming->tales = fst_alloc(allocator, naming->tale_room * sizeof(naming->tales[0]));
    return naming->paths && naming->histories && naming->tales;
}

static void free_maps(struct naming *naming, const struct fst_allocator *allocator)
{
    fst_release(allocator, naming->paths, naming->path_room * sizeof(naming->paths[0]));
    fst_release(allocator, naming->histories, naming->history_room * sizeof(naming->histories[0]));
    fst_release(allocator, naming->tales, naming->tale_room * sizeof(naming->tales[0]));
}

/* ------------------------------------------------------------------------------- blocks -- */

static uint32_t blocks_in_use(const struct fst_table *table)
{
    return (table->count + FST_BLOCK - 1) >> FST_BLOCK_SHIFT;
}

/* Whoever looks at a record looks at its kind first. */
static void leave_holes(struct fst_table *table, uint32_t end)
{
    table->holes += end - table->count;
    for (; table->count < end; table->count++)
        fst_table_record(table, table->count)->kind = 0;
}

static void move_blocks(struct fst_table *table, uint32_t to, const struct fst_table *other,
                        uint32_t from, uint32_t count)
{
    if (count == 0)
        return;
    memmove(table->records + to, other->records + from, count * sizeof(table->records[0]));
    memmove(table->stories + to, other->stories + from, count * sizeof(table->stories[0]));
}

/* Blocks that nobody has used yet stay behind all others. Returns where the other's records
 * begin. */
static uint32_t absorb_blocks(struct fst_table *table, struct fst_table *other)
{
    uint32_t ours = blocks_in_use(table), theirs = blocks_in_use(other);

    if (other->blocks == 0) /* it has no lists either */
        return table->count;
    leave_holes(table, ours << FST_BLOCK_SHIFT);
    move_blocks(table, ours + theirs, table, ours, table->blocks - ours);
    move_blocks(table, ours, other, 0, theirs);
    move_blocks(table, table->blocks + theirs, other, theirs, other->blocks - theirs);
    for (uint32_t i = 0; i < other->chunk_count; i++)
        table->chunks[table->chunk_count++] = other->chunks[i];
    table->blocks += other->blocks;
    table->count += other->count;
    other->blocks = other->chunk_count = 0;
    return ours << FST_BLOCK_SHIFT;
}

/* ------------------------------------------------------------------------------ details -- */

static uint32_t absorb_details(struct fst_table *table, struct fst_table *other, uint32_t record)
{
    uint32_t base = table->detail_count;

    for (uint32_t i = 0; i < other->detail_count; i++) {
        struct fst_detail *detail = other->details[i];

        for (unsigned n = 0; n < FST_RECENT_MAX; n++) /* where there is none it means nothing */
            detail->record[n] += record;
        table->details[table->detail_count++] = detail;
    }
    for (uint32_t i = 0; i < other->free_detail_count; i++)
        fst_table_free_detail(table, base + other->free_details[i]);
    other->detail_count = other->free_detail_count = 0;
    return base;
}

/* -------------------------------------------------------------------------------- names -- */

static void absorb_tales(struct fst_table *table, const struct fst_table *other,
                         const struct naming *naming)
{
    naming->tales[FST_NO_TALE] = FST_NO_TALE;
    fst_trie_absorb(&table->paths, &other->paths, naming->paths);
    fst_trie_absorb(&table->histories, &other->histories, naming->histories);
    for (uint32_t i = 1; i < other->tales.count; i++) {
        struct fst_tale tale =
            fst_tale_renamed(&other->tales.tales[i], naming->paths, naming->histories);

        (void)fst_tale_number(&table->tales, &tale, &naming->tales[i]); /* there is room */
    }
}

static void rename_extra(struct fst_table *table, struct fst_record *record,
                         const struct naming *naming)
{
    struct fst_extra *extra;

    record->extra += naming->extra;
    extra = fst_extra_add(&table->extras, record);
    extra->findings += extra->findings == FST_NO_INDEX ? 0 : naming->finding;
    extra->detail += extra->detail == FST_NO_INDEX ? 0 : naming->detail;
    extra->dwell += extra->dwell == FST_NO_INDEX ? 0 : naming->dwell;
}

static void rename_all(struct fst_table *table, const struct naming *naming, uint32_t count)
{
    for (uint32_t number = naming->record; number < naming->record + count; number++) {
        struct fst_record *record = fst_table_record(table, number);

        if (record->extra != FST_NO_INDEX)
            rename_extra(table, record, naming);
        fst_telling_rename(table, fst_table_story(table, number), naming->tales, naming->tally,
                           naming->paths, naming->histories);
    }
}

/* -------------------------------------------------------------------------------- tables -- */

static void absorb(struct fst_table *table, struct fst_table *other, struct naming *naming)
{
    uint32_t count = other->count;

    naming->record = absorb_blocks(table, other);
    naming->extra = fst_extras_absorb(&table->extras, &other->extras);
    naming->finding = fst_findings_absorb(&table->findings, &other->findings);
    naming->dwell = fst_pool_absorb(&table->dwells, &other->dwells);
    naming->tally = fst_pool_absorb(&table->tallies, &other->tallies);
    naming->detail = absorb_details(table, other, naming->record);
    absorb_tales(table, other, naming);
    rename_all(table, naming, count);
    fst_index_renumber(&other->index[0], naming->record);
    table->index[table->parts] = other->index[0];
    table->index[table->parts].allocator = table->allocator;
    memset(&other->index[0], 0, sizeof(other->index[0]));
    table->runs.run[table->parts++] = (struct fst_run){naming->record, count};
    table->opened += other->opened;
    other->count = 0;
}

bool fst_table_absorb(struct fst_table *table, struct fst_table *const *others, unsigned count)
{
    struct naming naming = {0};
    struct sums sums = sum_up(others, count);
    bool good = make_maps(&naming, table->allocator, &sums) && make_room(table, &sums);

    if (good) {
        table->runs = (struct fst_runs){.run = {{0, table->count}}, .count = count + 1};
        for (unsigned i = 0; i < count; i++)
            absorb(table, others[i], &naming);
        table->promised = 0;
        table->runs.places = table->count - table->holes;
        table->runs.behind = table->count;
    }
    free_maps(&naming, table->allocator);
    return good;
}
