/* SPDX-License-Identifier: MIT */
#include "tui/model.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024

void fst_model_free(struct fst_tui_model *model)
{
    free(model->rows);
    free(model->slots);
    memset(model, 0, sizeof(*model));
}

/* ------------------------------------------------------------------------------- rows by id -- */

/** Fibonacci hashing: ids are consecutive, which it spreads well. */
static size_t slot_of(const struct fst_tui_model *model, uint32_t id)
{
    return (size_t)(id * UINT32_C(2654435769)) & (model->slot_count - 1);
}

static struct fst_tui_row *find(const struct fst_tui_model *model, uint32_t id)
{
    if (model->slot_count == 0)
        return NULL;
    for (size_t at = slot_of(model, id); model->slots[at] != 0;
         at = (at + 1) & (model->slot_count - 1)) {
        struct fst_tui_row *row = &model->rows[model->slots[at] - 1];

        if (row->id == id)
            return row;
    }
    return NULL;
}

const struct fst_tui_row *fst_model_find(const struct fst_tui_model *model, uint32_t id)
{
    return find(model, id);
}

static void index_rows(struct fst_tui_model *model)
{
    if (model->slot_count == 0)
        return;
    memset(model->slots, 0, model->slot_count * sizeof(*model->slots));
    for (size_t i = 0; i < model->count; i++) {
        size_t at = slot_of(model, model->rows[i].id);

        while (model->slots[at] != 0)
            at = (at + 1) & (model->slot_count - 1);
        model->slots[at] = (uint32_t)(i + 1);
    }
}

/** Room for one more row, and twice as many slots as rows. */
static bool grow(struct fst_tui_model *model)
{
    if (model->count == model->room) {
        size_t room = model->room ? 2 * model->room : SLOTS_FIRST / 2;
        struct fst_tui_row *rows = realloc(model->rows, room * sizeof(*rows));

        if (!rows)
            return false;
        model->rows = rows;
        model->room = room;
    }
    if (model->slot_count < 2 * model->room) {
        uint32_t *slots = malloc(2 * model->room * sizeof(*slots));

        if (!slots)
            return false;
        free(model->slots);
        model->slots = slots;
        model->slot_count = 2 * model->room;
        index_rows(model);
    }
    return true;
}

/** A row for an id that has none. They stay in order of ids, so one that comes back moves others.
 */
static struct fst_tui_row *insert(struct fst_tui_model *model, uint32_t id)
{
    size_t at = model->count;

    while (at > 0 && model->rows[at - 1].id > id)
        at--;
    memmove(model->rows + at + 1, model->rows + at, (model->count - at) * sizeof(*model->rows));
    memset(&model->rows[at], 0, sizeof(model->rows[at]));
    model->rows[at].id = id;
    model->rows[at].worst = FST_CLASS_COUNT;
    model->rows[at].flow.view = "";
    model->rows[at].flow.handshake_ns = -1;
    model->rows[at].flow.end_kind = FST_END_UNKNOWN;
    model->count++;
    if (at + 1 < model->count) {
        index_rows(model);
    } else {
        size_t slot = slot_of(model, id);

        while (model->slots[slot] != 0)
            slot = (slot + 1) & (model->slot_count - 1);
        model->slots[slot] = (uint32_t)model->count;
    }
    return &model->rows[at];
}

static struct fst_tui_row *row_for(struct fst_tui_model *model, uint32_t id)
{
    struct fst_tui_row *row = find(model, id);
    bool back = id <= model->newest;

    if (row)
        return row;
    if (id > model->newest)
        model->newest = id;
    if (model->count >= FST_ROWS_MAX) {
        model->totals.not_shown += !back;
        return NULL;
    }
    if (!grow(model)) {
        model->failed = true;
        return NULL;
    }
    row = insert(model, id);
    row->back = back;
    return row;
}

bool fst_model_copy(struct fst_tui_model *to, const struct fst_tui_model *from)
{
    *to = *from;
    to->rows = malloc((from->count + 1) * sizeof(*to->rows));
    to->slots = malloc((from->slot_count + 1) * sizeof(*to->slots));
    if (!to->rows || !to->slots) {
        fst_model_free(to);
        return false;
    }
    to->room = from->count + 1;
    if (from->count > 0)
        memcpy(to->rows, from->rows, from->count * sizeof(*to->rows));
    index_rows(to);
    return true;
}

/* ----------------------------------------------------------------------- from the analyzer -- */

static bool same_client(const struct fst_tui_row *row, const struct fst_connection_view *view)
{
    const struct fst_endpoint_view *client = &view->side[FST_CLIENT];

    return row->flow.side[FST_CLIENT].port == client->port &&
           memcmp(&row->flow.side[FST_CLIENT].address, &client->address, sizeof(client->address)) ==
               0;
}

/** What was called the client is the server: what is booked here by side changes places. */
static void flip(struct fst_tui_row *row)
{
    for (unsigned i = 0; i < row->step_count; i++)
        row->step[i].from ^= 1;
    row->flipped = !row->flipped;
}

static void fill_findings(struct fst_tui_row *row, const struct fst_connection_view *view)
{
    row->worst = FST_CLASS_COUNT;
    row->finding_count = (uint32_t)view->finding_count;
    for (size_t i = 0; i < view->finding_count; i++)
        if (view->findings[i].class_ < row->worst) {
            row->worst = view->findings[i].class_;
            row->worst_rule = view->findings[i].rule;
        }
}

static void note_reset(struct fst_tui_model *model, int64_t when_ns)
{
    int64_t second = when_ns / FST_SECOND;
    size_t at = (size_t)((uint64_t)second % FST_RECENT_SECONDS);

    if (model->resets[at].second != second)
        model->resets[at].count = 0;
    model->resets[at].second = second;
    model->resets[at].count++;
}

static void settle_end(struct fst_tui_model *model, struct fst_tui_row *row,
                       enum fst_end_kind before)
{
    enum fst_end_kind kind = row->flow.end_kind;

    if ((kind == FST_END_RESET || kind == FST_END_REFUSED) && kind != before)
        note_reset(model, row->flow.ts_last);
    if (!row->flow.over && !row->gone)
        row->over_ns = 0;
    else if (row->over_ns == 0)
        row->over_ns = row->flow.ts_last;
}

static void fill(struct fst_tui_model *model, struct fst_tui_row *row,
                 struct fst_analyzer *analyzer)
{
    struct fst_connection_view view;
    enum fst_end_kind before = row->flow.end_kind;

    row->dirty = false;
    if (row->gone || fst_analyzer_connection(analyzer, row->id, &view) != 0)
        return;
    if (row->filled && !same_client(row, &view))
        flip(row);
    fst_where_flow_of(&row->flow, &view, 0);
    for (unsigned side = 0; side < 2; side++) {
        row->inferred[side] = view.side[side].inferred;
        row->possible[side] = view.side[side].possible;
    }
    row->incarnation = view.incarnation;
    row->oriented_by = view.oriented_by;
    row->tag_count = view.tag_count;
    memcpy(row->tags, view.tags, sizeof(row->tags));
    fill_findings(row, &view);
    row->filled = true;
    settle_end(model, row, before);
}

/* ---------------------------------------------------------------------------------- events -- */

static void note_step(struct fst_tui_row *row, const struct fst_segment_event *event)
{
    if (row->step_count == FST_STEPS_MAX) {
        memmove(row->step, row->step + 1, (FST_STEPS_MAX - 1) * sizeof(row->step[0]));
        row->step_count--;
    }
    row->step[row->step_count++] =
        (struct fst_tui_step){event->packet, event->flags, (uint8_t)event->from};
}

const struct fst_tui_row *fst_model_segment(struct fst_tui_model *model,
                                            struct fst_analyzer *analyzer,
                                            const struct fst_segment_event *event)
{
    struct fst_tui_row *row = row_for(model, event->connection);

    if (!row)
        return NULL;
    /* Only a SYN can show that the client is the other one; sides must be right before booking. */
    if (row->filled && event->flags & FST_TCP_SYN)
        fill(model, row, analyzer);
    if (row->changed_ns == 0 || event->change_count > 0)
        row->changed_ns = event->time_ns;
    if (event->change_count > 0)
        note_step(row, event);
    row->dirty = true;
    return row;
}

void fst_model_ended(struct fst_tui_model *model, struct fst_analyzer *analyzer, uint32_t id)
{
    struct fst_tui_row *row = find(model, id);

    if (!row)
        return;
    fill(model, row, analyzer);
    row->gone = true;
    if (row->over_ns == 0)
        row->over_ns = row->flow.ts_last;
}

/* ---------------------------------------------------------------------------- when to forget -- */

static bool waits(const struct fst_tui_row *row, int64_t now_ns)
{
    for (unsigned side = 0; side < 2; side++)
        if (row->flow.side[side].state == FST_TIME_WAIT &&
            now_ns - row->flow.side[side].since_ns < FST_TIME_WAIT_NS)
            return !row->gone;
    return false;
}

bool fst_row_lingers(const struct fst_tui_row *row, int64_t now_ns)
{
    if (row->over_ns != 0)
        return now_ns - row->over_ns < FST_LINGER_NS;
    return row->flow.end_kind != FST_END_NO_ANSWER || now_ns - row->flow.ts_last < FST_NO_ANSWER_NS;
}

void fst_model_update(struct fst_tui_model *model, struct fst_analyzer *analyzer, int64_t now_ns)
{
    size_t kept = 0;

    for (size_t i = 0; i < model->count; i++) {
        struct fst_tui_row *row = &model->rows[i];

        if (row->dirty)
            fill(model, row, analyzer);
        if (!fst_row_lingers(row, now_ns) && !waits(row, now_ns)) {
            model->totals.ended[row->flow.end_kind] += !row->back;
            continue;
        }
        if (kept != i)
            model->rows[kept] = *row;
        kept++;
    }
    if (kept == model->count)
        return;
    model->count = kept;
    index_rows(model);
}

/* ---------------------------------------------------------------------------------- counts -- */

uint32_t fst_model_recent_resets(const struct fst_tui_model *model, int64_t now_ns)
{
    int64_t now = now_ns / FST_SECOND;
    uint32_t count = 0;

    for (size_t i = 0; i < FST_RECENT_SECONDS; i++)
        if (now - model->resets[i].second < FST_RECENT_SECONDS)
            count += model->resets[i].count;
    return count;
}

static uint32_t *count_of(struct fst_tui_counts *counts, const struct fst_tui_row *row,
                          int64_t now_ns)
{
    if (waits(row, now_ns))
        return &counts->time_wait;
    switch (row->flow.end_kind) {
    case FST_END_OPEN:
        return &counts->established;
    case FST_END_OPENING:
    case FST_END_NO_ANSWER:
        return &counts->opening;
    case FST_END_HALF_CLOSED:
    case FST_END_CLOSING:
        return row->flow.end_by == FST_BY_SERVER ? &counts->server_closing
                                                 : &counts->client_closing;
    default:
        return &counts->other;
    }
}

struct fst_tui_counts fst_model_counts(const struct fst_tui_model *model, int64_t now_ns)
{
    struct fst_tui_counts counts = {0};

    for (size_t i = 0; i < model->count; i++)
        if (model->rows[i].over_ns == 0 || waits(&model->rows[i], now_ns))
            (*count_of(&counts, &model->rows[i], now_ns))++;
    return counts;
}
