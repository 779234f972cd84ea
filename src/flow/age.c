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
    fst_connection_end(a, number, believed(a, now_ns));
    a->expiring = false;
    fst_table_give_back(&a->table, number);
}

size_t fst_analyzer_expire(struct fst_analyzer *a, const struct fst_ages *ages, int64_t now_ns,
                           size_t count)
{
    size_t dropped = 0;

    if (count > a->table.count)
        count = a->table.count;
    for (; count > 0; count--) {
        uint32_t number = a->sweep < a->table.count ? a->sweep : 0;

        a->sweep = number + 1;
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
    return a->table.count;
}

size_t fst_analyzer_alive(const struct fst_analyzer *a)
{
    return a->table.count - a->table.free_count;
}
