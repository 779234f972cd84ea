/* SPDX-License-Identifier: MIT */
#include "report/ladder_layout.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 20000

/* So many turns of talk are shown one by one before they become an exchange. */
#define TURNS_SHOWN 4

/* So many findings of a rule and a side are told, and their segments not folded; the others are
 * counted with the last of these. */
#define FINDINGS_SHOWN 3

void fst_ladder_init(struct fst_ladder *ladder)
{
    memset(ladder, 0, sizeof(*ladder));
    ladder->rows_max = ROWS_MAX;
}

void fst_ladder_free(struct fst_ladder *ladder)
{
    free(ladder->rows);
    free(ladder->changes);
    ladder->rows = NULL;
    ladder->changes = NULL;
    ladder->row_count = ladder->row_room = 0;
    ladder->change_count = ladder->change_room = 0;
}

/* ------------------------------------------------------------------------------------- rows -- */

static struct fst_ladder_row *last_row(const struct fst_ladder *ladder)
{
    return ladder->row_count > 0 ? &ladder->rows[ladder->row_count - 1] : NULL;
}

/** A further row; both lanes go on as they were. NULL when memory is short. */
static struct fst_ladder_row *append(struct fst_ladder *ladder, enum fst_ladder_kind kind)
{
    struct fst_ladder_row *row;

    if (ladder->row_count == ladder->row_room) {
        size_t room = ladder->row_room ? 2 * ladder->row_room : 16;
        struct fst_ladder_row *rows = realloc(ladder->rows, room * sizeof(*rows));

        ladder->failed |= !rows;
        if (!rows)
            return NULL;
        ladder->rows = rows;
        ladder->row_room = room;
    }
    row = &ladder->rows[ladder->row_count++];
    memset(row, 0, sizeof(*row));
    row->kind = kind;
    row->change_first = ladder->change_count;
    for (unsigned side = 0; side < 2; side++) {
        row->lane[side] = ladder->now[side];
        row->lane[side].news = false;
    }
    return row;
}

static void append_gap(struct fst_ladder *ladder, int64_t from_ns, int64_t to_ns)
{
    struct fst_ladder_row *row;

    if (to_ns - from_ns < FST_LADDER_GAP_NS)
        return;
    row = append(ladder, FST_LADDER_GAP);
    if (!row)
        return;
    row->time_ns = from_ns;
    row->last_time_ns = to_ns;
}

/* ---------------------------------------------------------------------------------- folding -- */

/** Whether the finding is among the first of its rule and side. */
static bool is_news(struct fst_ladder *ladder, const struct fst_finding *finding)
{
    size_t i = 0;

    while (i < ladder->seen_count &&
           (ladder->seen[i].rule != finding->rule || ladder->seen[i].by != finding->by))
        i++;
    if (i == FST_LADDER_FINDINGS_MAX)
        return false;
    if (i == ladder->seen_count) {
        ladder->seen[i].rule = finding->rule;
        ladder->seen[i].by = finding->by;
        ladder->seen[i].times = 0;
        ladder->seen_count++;
    }
    return ladder->seen[i].times++ < FINDINGS_SHOWN;
}

/** Whether the segment has nothing to tell but how much data it brings or acknowledges. */
static bool is_plain(struct fst_ladder *ladder, const struct fst_segment_event *event)
{
    bool plain = event->change_count == 0 &&
                 !(event->flags & (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST | FST_TCP_URG));

    for (size_t i = 0; i < event->finding_count; i++)
        if (event->findings[i].packet == event->packet && is_news(ladder, &event->findings[i]))
            plain = false;
    return plain;
}

/** Whether a plain segment can be told by the row before it. */
static bool joins(const struct fst_ladder_row *row, const struct fst_segment_event *event)
{
    if (row->kind == FST_LADDER_EXCHANGE)
        return true;
    if (row->kind != FST_LADDER_DATA || event->time_ns - row->last_time_ns >= FST_LADDER_GAP_NS)
        return false;
    return event->from == row->from || event->payload_len == 0;
}

/** Whether the last rows are nothing but turns of talk, more than need be seen. */
static bool has_enough_turns(const struct fst_ladder *ladder)
{
    unsigned turns = 0;

    for (size_t i = ladder->row_count; i > 0 && turns < TURNS_SHOWN; i--) {
        enum fst_ladder_kind kind = ladder->rows[i - 1].kind;

        if (kind != FST_LADDER_DATA && kind != FST_LADDER_GAP)
            return false;
        turns += kind == FST_LADDER_DATA;
    }
    return turns == TURNS_SHOWN;
}

static enum fst_ladder_kind kind_of(const struct fst_ladder *ladder, bool plain)
{
    if (!plain || ladder->packets)
        return FST_LADDER_SEGMENT;
    return has_enough_turns(ladder) ? FST_LADDER_EXCHANGE : FST_LADDER_DATA;
}

static void begin_row(struct fst_ladder *ladder, struct fst_ladder_row *row,
                      const struct fst_segment_event *event)
{
    row->from = event->from;
    row->packet = event->packet;
    row->time_ns = row->last_time_ns = event->time_ns;
    row->flags = event->flags;
    row->wnd_raw = event->wnd_raw;
    row->seq = ladder->absolute ? event->seq : event->relative_seq;
    row->ack = ladder->absolute ? event->ack : event->relative_ack;
    if (event->options)
        row->options = *event->options;
}

/** The row that tells of the segment: the last one, or a new one. */
static struct fst_ladder_row *row_for(struct fst_ladder *ladder,
                                      const struct fst_segment_event *event)
{
    bool plain = is_plain(ladder, event);
    struct fst_ladder_row *row = last_row(ladder);

    if (row && row->kind == FST_LADDER_REST)
        return row;
    if (row && plain && !ladder->packets && joins(row, event))
        return row;
    if (row)
        append_gap(ladder, row->last_time_ns, event->time_ns);
    if (ladder->row_count >= ladder->rows_max)
        row = append(ladder, FST_LADDER_REST);
    else
        row = append(ladder, row ? kind_of(ladder, plain) : FST_LADDER_START);
    if (row && row->kind == FST_LADDER_START) /* its lanes are known at the end */
        row = append(ladder, kind_of(ladder, plain));
    if (row)
        begin_row(ladder, row, event);
    return row;
}

/* --------------------------------------------------------------------------------- segments -- */

static void note_traffic(struct fst_ladder_row *row, const struct fst_segment_event *event)
{
    struct fst_ladder_traffic *sent = &row->sent[event->from];

    sent->segments += event->payload_len > 0;
    sent->acks += event->payload_len == 0;
    sent->octets += event->payload_len;
    row->last_packet = event->packet;
    if (event->time_ns > row->last_time_ns)
        row->last_time_ns = event->time_ns;
}

static void note_lanes(struct fst_ladder *ladder, struct fst_ladder_row *row,
                       const struct fst_segment_event *event)
{
    for (unsigned side = 0; side < 2; side++) {
        struct fst_ladder_lane *now = &ladder->now[side], *lane = &row->lane[side];
        enum fst_state state = event->after[side].state;
        bool inferred = event->after[side].inferred;

        lane->news |= now->state != state || now->inferred != inferred;
        lane->state = now->state = state;
        lane->inferred = now->inferred = inferred;
    }
}

static void note_changes(struct fst_ladder *ladder, struct fst_ladder_row *row,
                         const struct fst_segment_event *event)
{
    size_t need = ladder->change_count + event->change_count;

    if (row->kind == FST_LADDER_REST || event->change_count == 0)
        return;
    if (need > ladder->change_room) {
        struct fst_ladder_change *changes = realloc(ladder->changes, 2 * need * sizeof(*changes));

        ladder->failed |= !changes;
        if (!changes)
            return;
        ladder->changes = changes;
        ladder->change_room = 2 * need;
    }
    for (size_t i = 0; i < event->change_count; i++)
        ladder->changes[ladder->change_count++] =
            (struct fst_ladder_change){event->packet, event->changes[i]};
    row->change_count += event->change_count;
}

void fst_ladder_add(struct fst_ladder *ladder, const struct fst_segment_event *event)
{
    struct fst_ladder_row *row = ladder->failed ? NULL : row_for(ladder, event);

    if (!row)
        return;
    note_traffic(row, event);
    note_lanes(ladder, row, event);
    note_changes(ladder, row, event);
}

/* ----------------------------------------------------------------------------- both at once -- */

static void swap_lanes(struct fst_ladder_lane lane[2])
{
    struct fst_ladder_lane first = lane[0];

    lane[0] = lane[1];
    lane[1] = first;
}

static enum fst_side other_side(enum fst_side side)
{
    return side == FST_CLIENT ? FST_SERVER : FST_CLIENT;
}

void fst_ladder_flip(struct fst_ladder *ladder)
{
    swap_lanes(ladder->now);
    for (size_t i = 0; i < ladder->row_count; i++) {
        struct fst_ladder_row *row = &ladder->rows[i];
        struct fst_ladder_traffic first = row->sent[0];

        row->from = other_side(row->from);
        row->sent[0] = row->sent[1];
        row->sent[1] = first;
        swap_lanes(row->lane);
    }
    for (size_t i = 0; i < ladder->change_count; i++)
        ladder->changes[i].change.side = other_side(ladder->changes[i].change.side);
}

/* ---------------------------------------------------------------------------------- the end -- */

/** Where both began: the head of their paths, proved only for who spoke first. Nothing is known of
 * it when the SYN was missed. */
static void fill_start(struct fst_ladder *ladder, const struct fst_connection_view *view)
{
    struct fst_ladder_row *start = &ladder->rows[0];

    start->time_ns = start->last_time_ns = view->ts_first;
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        start->lane[side].state = endpoint->path_count ? endpoint->path[0].state : endpoint->state;
        start->lane[side].inferred = side != ladder->rows[1].from;
        start->lane[side].unknown = view->oriented_by != FST_ORIENTED_BY_SYN;
        start->lane[side].news = !start->lane[side].unknown;
    }
}

/** Whether the connection ended by itself, so that nothing more was to come. */
static bool is_over(const struct fst_connection_view *view)
{
    return view->end_kind == FST_END_CLOSED || view->end_kind == FST_END_RESET ||
           view->end_kind == FST_END_REFUSED;
}

static void append_end(struct fst_ladder *ladder, const struct fst_connection_view *view,
                       int64_t end_ns)
{
    struct fst_ladder_row *row;

    if (is_over(view))
        return;
    if (!view->evicted)
        append_gap(ladder, view->ts_last, end_ns);
    row = append(ladder, FST_LADDER_END);
    if (row)
        row->time_ns = row->last_time_ns = view->evicted ? view->ts_last : end_ns;
}

/** The row of a packet, from `row` on; both come in capture order. */
static size_t row_of_packet(const struct fst_ladder *ladder, size_t row, uint64_t packet)
{
    size_t found = row;

    for (size_t i = row; i < ladder->row_count; i++) {
        if (ladder->rows[i].packet > packet)
            break;
        if (ladder->rows[i].packet > 0)
            found = i;
    }
    return found;
}

/** The last placed finding of the same rule and side, if as many are placed as are told. */
static struct fst_finding *last_told(struct fst_ladder *ladder, const struct fst_finding *finding)
{
    struct fst_finding *last = NULL;
    unsigned same = 0;

    for (size_t i = 0; i < ladder->finding_count; i++) {
        if (ladder->findings[i].rule != finding->rule || ladder->findings[i].by != finding->by)
            continue;
        last = &ladder->findings[i];
        same++;
    }
    return same >= FINDINGS_SHOWN && !ladder->packets ? last : NULL;
}

static void place_findings(struct fst_ladder *ladder, const struct fst_connection_view *view)
{
    size_t row = ladder->row_count > 1 ? 1 : 0;

    for (size_t i = 0; i < view->finding_count && i < FST_LADDER_FINDINGS_MAX; i++) {
        struct fst_finding *told = last_told(ladder, &view->findings[i]);

        if (told) {
            told->repeats += 1 + view->findings[i].repeats;
            continue;
        }
        row = row_of_packet(ladder, row, view->findings[i].packet);
        if (ladder->rows[row].finding_count++ == 0)
            ladder->rows[row].finding_first = ladder->finding_count;
        ladder->findings[ladder->finding_count++] = view->findings[i];
    }
}

void fst_ladder_finish(struct fst_ladder *ladder, const struct fst_connection_view *view,
                       int64_t end_ns)
{
    ladder->view = *view;
    ladder->view.findings = ladder->findings;
    if (ladder->row_count < 2)
        return;
    fill_start(ladder, view);
    append_end(ladder, view, end_ns);
    place_findings(ladder, view);
    ladder->view.finding_count = ladder->finding_count;
}

bool fst_ladder_visited(const struct fst_ladder *ladder, enum fst_side side, enum fst_state state)
{
    for (size_t i = 0; i < ladder->change_count; i++) {
        const struct fst_change *change = &ladder->changes[i].change;

        if (change->side == side && (change->from == state || change->to == state))
            return true;
    }
    return ladder->view.side[side].state == state;
}
