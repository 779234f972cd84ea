/* SPDX-License-Identifier: MIT
 *
 * Who asks for places most often asks for one after the other, which takes a step of a merge each.
 */
#include "flow/runs.h"

#include <string.h>

#include "flow/table.h"

/* How many records of a run come before `packet`, which are at least `low` and at most `high`. */
static uint32_t opened_before(const struct fst_table *table, const struct fst_run *run,
                              uint64_t packet, uint32_t low, uint32_t high)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (fst_table_story(table, run->first + middle)->first_packet < packet)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* From scratch: the greatest packet before which at most `place` connections were opened.
 * The nearer it is known, the fewer records are looked at in each run. */
static void look_up(struct fst_table *table, uint32_t place)
{
    struct fst_runs *runs = &table->runs;
    uint32_t low_at[FST_PARTS_MOST] = {0}, high_at[FST_PARTS_MOST] = {0};
    uint32_t at[FST_PARTS_MOST] = {0};
    uint64_t low = 0, high = UINT64_C(1) << 32;

    for (unsigned i = 0; i < runs->count; i++)
        high_at[i] = runs->run[i].count;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        uint32_t before = 0;

        for (unsigned i = 0; i < runs->count; i++) {
            at[i] = opened_before(table, &runs->run[i], middle, low_at[i], high_at[i]);
            before += at[i];
        }
        low = before <= place ? middle : low;
        high = before <= place ? high : middle;
        memcpy(before <= place ? low_at : high_at, at, sizeof(at));
    }
    memcpy(runs->at, low_at, sizeof(low_at));
    runs->place = place;
    runs->looked_up = true;
}

/* Which run has the next record, whose first packet is the earliest; none have at the end. */
static unsigned earliest(const struct fst_table *table)
{
    const struct fst_runs *runs = &table->runs;
    unsigned best = runs->count;
    uint32_t packet = 0;

    for (unsigned i = 0; i < runs->count; i++) {
        uint32_t one;

        if (runs->at[i] == runs->run[i].count)
            continue;
        one = fst_table_story(table, runs->run[i].first + runs->at[i])->first_packet;
        if (best != runs->count && one >= packet)
            continue;
        best = i;
        packet = one;
    }
    return best;
}

uint32_t fst_runs_number(struct fst_table *table, uint32_t place)
{
    struct fst_runs *runs = &table->runs;
    unsigned run;

    if (place >= runs->places)
        return runs->behind + (place - runs->places);
    if (runs->looked_up && place == runs->place + 1) {
        runs->at[earliest(table)]++;
        runs->place = place;
    } else if (!runs->looked_up || place != runs->place) {
        look_up(table, place);
    }
    run = earliest(table);
    return runs->run[run].first + runs->at[run];
}

uint32_t fst_runs_place(struct fst_table *table, uint32_t number)
{
    struct fst_runs *runs = &table->runs;
    uint32_t packet, place = 0;

    if (number >= runs->behind)
        return runs->places + (number - runs->behind);
    if (runs->looked_up && fst_runs_number(table, runs->place) == number)
        return runs->place;
    packet = fst_table_story(table, number)->first_packet;
    for (unsigned i = 0; i < runs->count; i++)
        place += opened_before(table, &runs->run[i], packet, 0, runs->run[i].count);
    return place;
}
