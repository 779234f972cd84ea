/* SPDX-License-Identifier: MIT
 *
 * The analyzer as its users see it: packets in, a pipeline of four stages over small batches.
 */
#include "flow/analyzer.h"

#include <string.h>

#include "base/alloc.h"
#include "flow/parts.h"
#include "flow/path_log.h"

#define MAX_FLOWS_DEFAULT 1000000

/* So far ahead of the end of a connection what it will need is asked for. */
#define RECORDS_AHEAD 16
#define EXTRAS_AHEAD  8

static void *resize_noting(void *context, void *old, size_t old_size, size_t new_size)
{
    struct fst_analyzer *a = context;
    void *memory = fst_resize(a->allocator, old, old_size, new_size);

    if (!memory && new_size > 0)
        a->shortages++;
    return memory;
}

int fst_analyzer_new(struct fst_analyzer **out, const struct fst_options *options)
{
    static const struct fst_options defaults = {0};
    const struct fst_allocator *allocator;
    struct fst_siphash_key seed;
    struct fst_analyzer *a;

    *out = NULL;
    if (!options)
        options = &defaults;
    allocator = fst_allocator_or_default(options->allocator);
    a = fst_alloc(allocator, sizeof(*a));
    if (!a)
        return FST_ENOMEM;
    a->options = *options;
    a->allocator = allocator;
    a->noting = (struct fst_allocator){resize_noting, a};
    a->ending = FST_NO_INDEX;
    for (size_t i = 0; i < FST_NEWEST; i++)
        a->newest_ns[i] = FST_NO_TIME;
    if (a->options.max_flows == 0)
        a->options.max_flows = MAX_FLOWS_DEFAULT;
    seed = fst_siphash_key(a->options.hash_key);
    if (!fst_table_init(&a->table, &a->noting, a->options.max_flows, &seed))
        goto free_analyzer;
    a->precedents = fst_alloc(allocator, sizeof(*a->precedents));
    if (!a->precedents)
        goto free_table;
    if (!fst_decoder_init(&a->decoder, allocator, &seed))
        goto free_precedents;
    if (a->options.path_packets && !a->options.no_paths) {
        a->table.logs = fst_path_log_new(&a->noting);
        if (!a->table.logs)
            goto free_decoder;
    }
    fst_twice_init(&a->twice, &a->noting, a->options.max_flows);
    *out = a;
    return 0;

free_decoder:
    fst_decoder_fini(&a->decoder);
free_precedents:
    fst_release(allocator, a->precedents, sizeof(*a->precedents));
free_table:
    fst_table_fini(&a->table);
free_analyzer:
    fst_release(allocator, a, sizeof(*a));
    return FST_ENOMEM;
}

void fst_analyzer_free(struct fst_analyzer *a)
{
    if (!a)
        return;
    for (; a->parts > 1; a->parts--)
        fst_analyzer_free(a->others[a->parts - 2]);
    fst_twice_fini(&a->twice);
    fst_decoder_fini(&a->decoder);
    fst_table_fini(&a->table);
    fst_release(a->allocator, a->precedents, sizeof(*a->precedents));
    fst_release(a->allocator, a, sizeof(*a));
}

/* --------------------------------------------------------------------------- the stages -- */

/* As many segments as wait for memory together. */
struct group {
    const struct fst_batch *batch; /* all of it, to be booked with them; NULL: some of several */
    const struct fst_item *items[2 * FST_BATCH];
    uint32_t guess[2 * FST_BATCH]; /* the record that the index names, or FST_NO_INDEX */
    size_t count;
};

/* Stage two: ask for the index slots. */
static void ask_for_slots(const struct fst_analyzer *a, const struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        fst_table_prefetch_slot(&a->table, group->items[i]->hash);
}

/* Stage three: read the slots and ask for the records they name. */
static void ask_for_records(const struct fst_analyzer *a, struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        group->guess[i] = fst_table_prefetch_record(&a->table, group->items[i]->hash);
}

/* Stage four: the segments meet their connections. */
static int take(struct fst_analyzer *a, const struct group *group)
{
    int error = 0;

    if (group->batch)
        error = fst_analyzer_book(a, group->batch);
    for (size_t i = 0; i < group->count; i++) {
        int failed = fst_connection_take(a, group->items[i], group->guess[i]);

        error = error ? error : failed;
    }
    return error;
}

/* Groups on their way. */
struct pipeline {
    struct group groups[3];
    size_t begun; /* groups that came before the one that is being filled */
};

static void begin(struct pipeline *pipeline)
{
    pipeline->begun = 0;
    pipeline->groups[0].count = 0;
}

static struct group *youngest(struct pipeline *pipeline)
{
    return &pipeline->groups[pipeline->begun % 3];
}

/* The youngest is full. While one group is taken, the records of the next are on their way, and the
 * slots of the one after that. */
static int advance(struct fst_analyzer *a, struct pipeline *pipeline)
{
    size_t n = pipeline->begun++;
    int error = 0;

    ask_for_slots(a, &pipeline->groups[n % 3]);
    if (n >= 1)
        ask_for_records(a, &pipeline->groups[(n - 1) % 3]);
    if (n >= 2)
        error = take(a, &pipeline->groups[(n - 2) % 3]);
    youngest(pipeline)->count = 0;
    return error;
}

/* No more come, but for what the youngest has. */
static int drain(struct fst_analyzer *a, struct pipeline *pipeline)
{
    int error = 0;

    youngest(pipeline)->batch = NULL;
    for (unsigned i = 0; i < 3 && !error; i++) {
        error = advance(a, pipeline);
        youngest(pipeline)->batch = NULL;
    }
    return error;
}

int fst_analyzer_book(struct fst_analyzer *a, const struct fst_batch *batch)
{
    fst_stats_add(&a->stats, &batch->stats);
    for (size_t i = 0; i < batch->newest_count; i++)
        fst_note_time(a->newest_ns, batch->newest_ns[i]);
    return batch->error;
}

static int take_whole(struct fst_analyzer *a, struct pipeline *pipeline,
                      const struct fst_batch *batch)
{
    struct group *group = youngest(pipeline);

    group->batch = batch;
    group->count = batch->count;
    for (size_t i = 0; i < batch->count; i++)
        group->items[i] = &batch->items[i];
    return advance(a, pipeline);
}

int fst_analyzer_take(struct fst_analyzer *a, const struct fst_batch *batches, size_t count)
{
    struct pipeline pipeline;
    int error = 0;

    if (fst_parts_there(a))
        return fst_parts_take(a, batches, count);
    begin(&pipeline);
    for (size_t n = 0; n < count && !error; n++)
        error = take_whole(a, &pipeline, &batches[n]);
    return error ? error : drain(a, &pipeline);
}

static uint32_t items_of(const struct fst_batch *batch, unsigned part, unsigned parts)
{
    uint32_t items = 0;

    for (; part < FST_PARTS_MOST; part += parts)
        items |= batch->of_part[part];
    return items;
}

/* A group takes items of as many batches as it needs to be full. */
int fst_analyzer_take_part(struct fst_analyzer *a, unsigned part, unsigned parts,
                           const struct fst_batch *batches, size_t count)
{
    struct pipeline pipeline;
    int error = 0;

    begin(&pipeline);
    for (size_t n = 0; n < count && !error; n++) {
        struct group *group = youngest(&pipeline);

        group->batch = NULL;
        for (uint32_t items = items_of(&batches[n], part, parts); items != 0; items &= items - 1)
            group->items[group->count++] = &batches[n].items[__builtin_ctz(items)];
        if (group->count >= FST_BATCH)
            error = advance(a, &pipeline);
    }
    return error ? error : drain(a, &pipeline);
}

int fst_analyzer_feed(struct fst_analyzer *a, const struct fst_packet *packets, size_t count)
{
    struct fst_batch batches[3];
    struct pipeline pipeline;
    int error = 0;

    if (a->finished)
        return FST_EINVAL;
    begin(&pipeline);
    for (size_t done = 0, n = 0; done < count && !error; done += FST_BATCH, n++) {
        struct fst_batch *batch = &batches[n % 3];

        fst_decoder_take(&a->decoder, packets + done,
                         count - done < FST_BATCH ? count - done : FST_BATCH, batch);
        error = fst_parts_there(a) ? fst_parts_take(a, batch, 1) : take_whole(a, &pipeline, batch);
    }
    return error ? error : drain(a, &pipeline);
}

int64_t fst_analyzer_time(const struct fst_analyzer *a)
{
    int64_t told = a->until_ns != 0 ? a->until_ns : FST_NO_TIME;
    int64_t shown = fst_middle_time(a->newest_ns);

    return told > shown ? told : shown;
}

static void ask_for_place(struct fst_table *table, uint32_t place, uint32_t *number)
{
    if (place >= fst_table_places(table))
        return;
    *number = fst_table_record_at(table, place);
    fst_table_prefetch_leaving(table, *number);
}

static void ask_for_extra(const struct fst_table *table, uint32_t place, uint32_t number)
{
    if (place < fst_table_places(table) && fst_table_is_at(table, place, number))
        __builtin_prefetch(fst_table_extra(table, fst_table_record(table, number)));
}

int fst_analyzer_finish(struct fst_analyzer *a)
{
    struct fst_table *table = &a->table;
    uint32_t numbers[RECORDS_AHEAD], places = fst_table_places(table), place;

    if (a->finished)
        return FST_EINVAL;
    a->finished = true;
    for (place = 0; place < RECORDS_AHEAD; place++)
        ask_for_place(table, place, &numbers[place]);
    for (place = 0; place < places; place++) {
        uint32_t number = numbers[place % RECORDS_AHEAD];

        ask_for_extra(table, place + EXTRAS_AHEAD, numbers[(place + EXTRAS_AHEAD) % RECORDS_AHEAD]);
        ask_for_place(table, place + RECORDS_AHEAD, &numbers[place % RECORDS_AHEAD]);
        if (fst_table_is_at(table, place, number))
            fst_connection_end(a, number, fst_table_id_at(table, place), fst_analyzer_time(a));
    }
    return 0;
}

const struct fst_stats *fst_analyzer_stats(const struct fst_analyzer *a)
{
    return &a->stats;
}

bool fst_analyzer_short_of_memory(const struct fst_analyzer *a)
{
    return a->shortages > 0;
}

uint64_t fst_analyzer_rule_hits(const struct fst_analyzer *a, size_t rule_index)
{
    return rule_index < FST_RULE_COUNT ? a->rule_hits[rule_index] : 0;
}
