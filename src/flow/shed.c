/* SPDX-License-Identifier: MIT
 *
 * Under a flood every packet makes one choice, so none may take long: what is over waits in a ring,
 * what is opening is found by going once along the order of opening. What is neither is looked for
 * in a sample, since then all the others are worth the same.
 */
#include "flow/shed.h"

#include <string.h>

#include "base/alloc.h"
#include "flow/table.h"

#define RING_MOST (1u << 20)

/* How many records one search looks at. */
#define SAMPLE 32

/* So far ahead of the choice what it will need is asked for. */
#define SLOTS_AHEAD   8
#define RECORDS_AHEAD 16

void fst_shed_fini(struct fst_shed *shed, const struct fst_allocator *allocator)
{
    fst_release(allocator, shed->over, shed->room * sizeof(shed->over[0]));
    memset(shed, 0, sizeof(*shed));
}

/* A full ring takes no more: what is not in it is met by the search in order of opening. */
static void push(struct fst_shed *shed, uint32_t number)
{
    if (shed->tail - shed->head < shed->room)
        shed->over[shed->tail++ & (shed->room - 1)] = number;
}

/* The table is full for the first time: all that is over goes into the ring. Without memory for it
 * the other searches have to do. */
static void begin(struct fst_table *table)
{
    struct fst_shed *shed = &table->shed;
    uint32_t room = 1024, i;

    while (room < table->limit && room < RING_MOST)
        room *= 2;
    shed->over = fst_alloc(table->allocator, room * sizeof(shed->over[0]));
    if (!shed->over)
        return;
    shed->room = room;
    for (i = 0; i < fst_table_places(table); i++) {
        uint32_t number = fst_table_at(table, i);

        if (number != FST_NO_INDEX)
            fst_shed_note(table, number);
    }
}

void fst_shed_note(struct fst_table *table, uint32_t number)
{
    const struct fst_record *record;

    if (table->shed.room == 0)
        return;
    record = fst_table_record(table, number);
    if ((record->kind & FST_KIND_USED) && fst_record_value(record) == FST_VALUE_OVER)
        push(&table->shed, number);
}

static bool is_worth(const struct fst_table *table, uint32_t number, unsigned value)
{
    const struct fst_record *record = fst_table_record(table, number);

    return (record->kind & FST_KIND_USED) && fst_record_value(record) == value;
}

/* A record stands in the ring more than once if it ended more than once, and perhaps for a
 * connection that has gone: it only counts what it is now. */
static uint32_t oldest_over(struct fst_table *table, uint32_t keep)
{
    struct fst_shed *shed = &table->shed;

    while (shed->head != shed->tail) { /* each turn takes one out */
        uint32_t number = shed->over[shed->head++ & (shed->room - 1)];

        if (number != keep && is_worth(table, number, FST_VALUE_OVER))
            return number;
    }
    return FST_NO_INDEX;
}

/* The records of those next in turn are on their way, and for the very next the slots: in a flood
 * each segment gives up the oldest, and all of it lies far away. */
static void ask_for_next(struct fst_table *table, uint32_t place)
{
    uint32_t places = fst_table_places(table);

    if (place + RECORDS_AHEAD < places)
        fst_table_prefetch_leaving(table, fst_table_record_at(table, place + RECORDS_AHEAD));
    if (place + SLOTS_AHEAD < places)
        fst_table_prefetch_slot(
            table, table->tenants[fst_table_record_at(table, place + SLOTS_AHEAD)].hash);
}

/* What is past opening does not come back to it, so it is not looked at again. */
static uint32_t oldest_opening(struct fst_table *table, uint32_t keep)
{
    uint32_t *place = &table->shed.oldest;

    for (; *place < fst_table_places(table); ++*place) { /* amortised: once for each opened */
        uint32_t number = fst_table_at(table, *place);

        if (number == FST_NO_INDEX)
            continue;
        ask_for_next(table, *place);
        if (number != keep &&
            fst_record_value(fst_table_record(table, number)) <= FST_VALUE_OPENING)
            return number;
    }
    return FST_NO_INDEX;
}

/* Of a sample, the one worth least; of equals the one silent longest. */
static uint32_t least_of_sample(struct fst_table *table, uint32_t keep)
{
    uint32_t place = fst_order_at_least(&table->order, table->shed.hand);
    uint32_t best = FST_NO_INDEX, seen = 0, places = fst_table_places(table), i;
    unsigned least = 0;
    int64_t since = 0;

    for (i = 0; i < places && seen < SAMPLE; i++, place++) {
        const struct fst_record *record;
        uint32_t number;
        unsigned value;

        place = place < places ? place : 0;
        number = fst_table_at(table, place);
        if (number == FST_NO_INDEX)
            continue;
        seen++;
        table->shed.hand = fst_table_id_at(table, place) + 1;
        record = fst_table_record(table, number);
        value = fst_record_value(record);
        if (number == keep || (best != FST_NO_INDEX &&
                               (value > least || (value == least && record->ts_last >= since))))
            continue;
        best = number;
        least = value;
        since = record->ts_last;
    }
    return best;
}

bool fst_table_victim(struct fst_table *table, uint32_t keep, uint32_t *victim)
{
    *victim = FST_NO_INDEX;
    if (table->count - table->holes < table->limit || table->free_record != FST_NO_INDEX)
        return true;
    if (!fst_table_keep_ids(table))
        return false;
    if (table->shed.room == 0)
        begin(table);
    *victim = oldest_over(table, keep);
    if (*victim == FST_NO_INDEX)
        *victim = oldest_opening(table, keep);
    if (*victim == FST_NO_INDEX)
        *victim = least_of_sample(table, keep);
    return true;
}
