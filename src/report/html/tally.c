/* SPDX-License-Identifier: MIT */
#include "report/html/tally.h"

#include <string.h>

#define FIRST_SLOT_NS INT64_C(1000)

/* ----------------------------------------------------------------------------- states over time */

/** Make the slots twice as long, in the same number. */
static void widen(struct fst_tally *tally)
{
    for (size_t i = 0; i < FST_TALLY_SLOTS; i++) {
        int64_t pair[FST_PHASE_COUNT] = {0};

        for (unsigned phase = 0; phase < FST_PHASE_COUNT && 2 * i < FST_TALLY_SLOTS; phase++)
            pair[phase] = tally->moves[2 * i][phase] + tally->moves[2 * i + 1][phase];
        memcpy(tally->moves[i], pair, sizeof(pair));
    }
    tally->slot_ns *= 2;
}

/** The slot of a time; what is older than the first segment counts as simultaneous with it. */
static size_t slot_of(struct fst_tally *tally, int64_t time_ns)
{
    uint64_t since;

    if (tally->slot_ns == 0) {
        tally->from_ns = time_ns;
        tally->slot_ns = FIRST_SLOT_NS;
    }
    if (time_ns <= tally->from_ns)
        return 0;
    since = (uint64_t)time_ns - (uint64_t)tally->from_ns; /* may exceed what is signed */
    while (since / (uint64_t)tally->slot_ns >= FST_TALLY_SLOTS)
        widen(tally);
    return (size_t)(since / (uint64_t)tally->slot_ns);
}

static void enter(struct fst_tally *tally, size_t slot, enum fst_state state)
{
    enum fst_phase phase = fst_phase_of(state);

    tally->moves[slot][phase]++;
    if (++tally->now[phase] > tally->peak[phase])
        tally->peak[phase] = tally->now[phase];
}

static void leave(struct fst_tally *tally, size_t slot, enum fst_state state)
{
    tally->moves[slot][fst_phase_of(state)]--;
    tally->now[fst_phase_of(state)]--;
}

void fst_tally_segment(struct fst_tally *tally, const struct fst_segment_event *event)
{
    size_t slot;

    if (event->connection > tally->last_id) { /* ids are given in the order of first packets */
        slot = slot_of(tally, event->time_ns);
        tally->last_id = event->connection;
        enter(tally, slot, event->after[FST_CLIENT].state);
        enter(tally, slot, event->after[FST_SERVER].state);
        return;
    }
    for (size_t i = 0; i < event->change_count; i++) {
        slot = slot_of(tally, event->time_ns);
        leave(tally, slot, event->changes[i].from);
        enter(tally, slot, event->changes[i].to);
    }
}

size_t fst_tally_slots(const struct fst_tally *tally, int64_t end_ns)
{
    uint64_t since;

    if (tally->slot_ns == 0 || end_ns <= tally->from_ns)
        return 1;
    since = ((uint64_t)end_ns - (uint64_t)tally->from_ns) / (uint64_t)tally->slot_ns;
    return since < FST_TALLY_SLOTS ? (size_t)since + 1 : FST_TALLY_SLOTS;
}

/* ---------------------------------------------------------------------------------- the others */

static const int64_t handshake_limits[FST_TALLY_HANDSHAKES] = {
    INT64_C(100000),     INT64_C(300000),     INT64_C(1000000),    INT64_C(3000000),
    INT64_C(10000000),   INT64_C(30000000),   INT64_C(100000000),  INT64_C(300000000),
    INT64_C(1000000000), INT64_C(3000000000), INT64_C(7000000000), INT64_C(15000000000),
    INT64_MAX,
};

int64_t fst_tally_handshake_limit(size_t index)
{
    return handshake_limits[index];
}

static void note_handshake(struct fst_tally *tally, int64_t handshake_ns)
{
    size_t i = 0;

    if (handshake_ns < 0) {
        tally->no_handshake++;
        return;
    }
    while (handshake_ns > handshake_limits[i])
        i++;
    tally->handshakes[i]++;
}

void fst_tally_ended(struct fst_tally *tally, const struct fst_connection_view *view)
{
    tally->connections++;
    tally->ended[view->end_kind][view->end_by]++;
    note_handshake(tally, view->handshake_ns);
    if (!view->evicted)
        return;
    for (unsigned side = 0; side < 2; side++)
        leave(tally, slot_of(tally, view->ts_last), view->side[side].state);
}
