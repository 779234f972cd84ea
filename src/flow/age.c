/* SPDX-License-Identifier: MIT
 *
 * Connections leave by their age, so that a capture without an end can be followed. The core reads
 * no clock: the caller says what time it is.
 */
#include "flow/analyzer.h"

static int64_t limit_of(const struct fst_record *record, const struct fst_ages *ages)
{
    switch (fst_record_value(record)) {
    case FST_VALUE_OVER:
        return ages->over_ns;
    case FST_VALUE_OPENING:
        return ages->opening_ns;
    default:
        return ages->idle_ns;
    }
}

static bool is_too_old(const struct fst_record *record, const struct fst_ages *ages, int64_t now_ns)
{
    if (!(record->kind & FST_KIND_USED) || now_ns <= record->ts_last)
        return false;
    /* Unsigned: stamps of any age are data, and their difference may not fit. */
    return (uint64_t)now_ns - (uint64_t)record->ts_last >= (uint64_t)limit_of(record, ages);
}

/* A time beyond all packets is the caller's own; what packets say is taken as at the end. */
static int64_t believed(const struct fst_analyzer *a, int64_t now_ns)
{
    return now_ns > a->stats.ts_last ? now_ns : fst_analyzer_time(a);
}

static void tell_what_lasts(struct fst_analyzer *a, uint32_t number, int64_t now_ns)
{
    if (!a->finished && (fst_table_record(&a->table, number)->kind & FST_KIND_USED) &&
        fst_dwell_tell(a, number, believed(a, now_ns)) && a->options.events.changed)
        a->options.events.changed(a->options.events.context, fst_table_id(&a->table, number));
}

static void expire(struct fst_analyzer *a, uint32_t number, int64_t now_ns)
{
    a->stats.expired++;
    a->expiring = true;
    fst_connection_end(a, number, fst_table_id(&a->table, number), believed(a, now_ns));
    a->expiring = false;
    fst_table_give_back(&a->table, number);
}

/* The next one in the order of ids, whatever records they are in; after the last the first. There
 * is one. */
static uint32_t next_in_turn(struct fst_analyzer *a, uint32_t *place)
{
    uint32_t number;

    do {
        *place = *place < fst_table_places(&a->table) ? *place : 0;
        number = fst_table_at(&a->table, *place);
        a->sweep = fst_table_id_at(&a->table, (*place)++) + 1;
    } while (number == FST_NO_INDEX);
    return number;
}

size_t fst_analyzer_expire(struct fst_analyzer *a, const struct fst_ages *ages, int64_t now_ns,
                           size_t count)
{
    uint32_t place = fst_table_place(&a->table, a->sweep);
    size_t dropped = 0;

    if (count > fst_table_alive(&a->table))
        count = fst_table_alive(&a->table);
    for (; count > 0; count--) {
        uint32_t number = next_in_turn(a, &place);

        if (!is_too_old(fst_table_record(&a->table, number), ages, now_ns)) {
            tell_what_lasts(a, number, now_ns);
            continue;
        }
        if (a->finished || !fst_table_keep_ids(&a->table))
            break; /* short of memory all stay; there may be some when it is asked again */
        expire(a, number, now_ns);
        dropped++;
    }
    return dropped;
}

size_t fst_analyzer_places(const struct fst_analyzer *a)
{
    return a->table.count - a->table.holes;
}

size_t fst_analyzer_alive(const struct fst_analyzer *a)
{
    return fst_table_alive(&a->table);
}
