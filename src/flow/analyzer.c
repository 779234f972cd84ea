/* SPDX-License-Identifier: MIT
 *
 * The analyzer as its users see it: packets in, a pipeline of four stages over small batches.
 */
#include "flow/analyzer.h"

#include <string.h>

#include "base/alloc.h"
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
    fst_twice_fini(&a->twice);
    fst_decoder_fini(&a->decoder);
    fst_table_fini(&a->table);
    fst_release(a->allocator, a->precedents, sizeof(*a->precedents));
    fst_release(a->allocator, a, sizeof(*a));
}

/* --------------------------------------------------------------------------- the stages -- */

/* Stage two: ask for the index slots. */
static void ask_for_slots(const struct fst_analyzer *a, const struct fst_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        fst_table_prefetch_slot(&a->table, batch->items[i].hash);
}

/* Stage three: read the slots and ask for the records they name. */
static void ask_for_records(const struct fst_analyzer *a, struct fst_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        batch->items[i].guess = fst_table_prefetch_record(&a->table, batch->items[i].hash);
}

/* Stage four: the segments meet their connections. */
static int take(struct fst_analyzer *a, const struct fst_batch *batch)
{
    int error = batch->error;

    fst_stats_add(&a->stats, &batch->stats);
    for (size_t i = 0; i < batch->newest_count; i++)
        fst_note_time(a->newest_ns, batch->newest_ns[i]);
    for (size_t i = 0; i < batch->count; i++) {
        int failed = fst_connection_take(a, &batch->items[i]);

        error = error ? error : failed;
    }
    return error;
}

/* While one batch is taken, the records of the next are on their way, and the slots of the one
 * after that. Any of them may be NULL: the pipeline fills or empties. */
static int advance(struct fst_analyzer *a, const struct fst_batch *youngest, struct fst_batch *next,
                   const struct fst_batch *oldest)
{
    if (youngest)
        ask_for_slots(a, youngest);
    if (next)
        ask_for_records(a, next);
    return oldest ? take(a, oldest) : 0;
}

int fst_analyzer_take(struct fst_analyzer *a, struct fst_batch *batches, size_t count)
{
    int error = 0;

    for (size_t n = 0; n < count + 2 && !error; n++)
        error =
            advance(a, n < count ? &batches[n] : NULL,
                    n >= 1 && n <= count ? &batches[n - 1] : NULL, n >= 2 ? &batches[n - 2] : NULL);
    return error;
}

int fst_analyzer_feed(struct fst_analyzer *a, const struct fst_packet *packets, size_t count)
{
    struct fst_batch batches[3];
    size_t all = (count + FST_BATCH - 1) / FST_BATCH, n;
    int error = 0;

    if (a->finished)
        return FST_EINVAL;
    for (n = 0; n < all + 2 && !error; n++) {
        size_t done = n * FST_BATCH;

        if (n < all)
            fst_decoder_take(&a->decoder, packets + done,
                             count - done < FST_BATCH ? count - done : FST_BATCH, &batches[n % 3]);
        error = advance(a, n < all ? &batches[n % 3] : NULL,
                        n >= 1 && n <= all ? &batches[(n - 1) % 3] : NULL,
                        n >= 2 ? &batches[(n - 2) % 3] : NULL);
    }
    return error;
}

int64_t fst_analyzer_time(const struct fst_analyzer *a)
{
    int64_t told = a->until_ns != 0 ? a->until_ns : FST_NO_TIME;
    int64_t shown = fst_middle_time(a->newest_ns);

    return told > shown ? told : shown;
}

int fst_analyzer_finish(struct fst_analyzer *a)
{
    const struct fst_table *table = &a->table;
    uint32_t places = fst_table_places(table), place, number;

    if (a->finished)
        return FST_EINVAL;
    a->finished = true;
    for (place = 0; place < places; place++) {
        fst_table_prefetch_place(table, place + RECORDS_AHEAD);
        fst_table_prefetch_extra_at(table, place + EXTRAS_AHEAD);
        number = fst_table_at(table, place);
        if (number != FST_NO_INDEX)
            fst_connection_end(a, number, fst_analyzer_time(a));
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
