/* SPDX-License-Identifier: MIT
 *
 * The page that lists connections, with a few lines on the one under the cursor below.
 */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/wording.h"
#include "tui/columns.h"
#include "tui/words.h"

#define ENDPOINT_LEAST 13 /* columns, from the start: "10.0.0.9:5432" */
#define ENDPOINT_MOST  30 /* longer addresses lose their middle */
#define SIDE_MAX       160

/* Lines a terminal has at least for what could be done without. */
#define DETAILS_LEAST  14
#define HEADINGS_LEAST 20

/* --------------------------------------------------------------------------------- the headings --
 */

static const char *heading(const struct fst_tui *tui, enum fst_column column)
{
    static const char *const names[FST_COLUMN_COUNT] = {[FST_COLUMN_AGE] = "AGE",
                                                        [FST_COLUMN_ARROW] = "",
                                                        [FST_COLUMN_LEFT] = "CLIENT",
                                                        [FST_COLUMN_RIGHT] = "SERVER",
                                                        [FST_COLUMN_LEFT_STATE] = "CLIENT NOW",
                                                        [FST_COLUMN_RIGHT_STATE] = "SERVER NOW",
                                                        [FST_COLUMN_LEFT_SINCE] = "FOR",
                                                        [FST_COLUMN_RIGHT_SINCE] = "FOR",
                                                        [FST_COLUMN_IDLE] = "IDLE",
                                                        [FST_COLUMN_LEFT_PACKETS] = "→PKT",
                                                        [FST_COLUMN_RIGHT_PACKETS] = "←PKT",
                                                        [FST_COLUMN_LEFT_BYTES] = "→B",
                                                        [FST_COLUMN_RIGHT_BYTES] = "←B",
                                                        [FST_COLUMN_RTT] = "RTT",
                                                        [FST_COLUMN_NOTE] = "NOTE"};

    if (tui->choice.local_count > 0)
        switch (column) {
        case FST_COLUMN_LEFT:
            return "LOCAL";
        case FST_COLUMN_RIGHT:
            return "REMOTE";
        case FST_COLUMN_LEFT_STATE:
            return "LOCAL NOW";
        case FST_COLUMN_RIGHT_STATE:
            return "REMOTE NOW";
        default:
            break;
        }
    return names[column];
}

static bool is_right_aligned(enum fst_column column)
{
    return column == FST_COLUMN_AGE || column == FST_COLUMN_LEFT_SINCE ||
           column == FST_COLUMN_RIGHT_SINCE ||
           (column >= FST_COLUMN_IDLE && column <= FST_COLUMN_RTT);
}

static bool is_sorted_by(const struct fst_tui *tui, enum fst_column column)
{
    static const enum fst_column columns[FST_SORT_COUNT] = {
        [FST_SORT_AGE] = FST_COLUMN_AGE,
        [FST_SORT_LEFT] = FST_COLUMN_LEFT,
        [FST_SORT_RIGHT] = FST_COLUMN_RIGHT,
        [FST_SORT_LEFT_STATE] = FST_COLUMN_LEFT_STATE,
        [FST_SORT_RIGHT_STATE] = FST_COLUMN_RIGHT_STATE,
        [FST_SORT_IDLE] = FST_COLUMN_IDLE,
        [FST_SORT_PACKETS] = FST_COLUMN_LEFT_PACKETS,
        [FST_SORT_BYTES] = FST_COLUMN_LEFT_BYTES,
        [FST_SORT_RTT] = FST_COLUMN_RTT,
        [FST_SORT_NOTE] = FST_COLUMN_NOTE};

    return columns[tui->choice.sort] == column;
}

static void put_cell(struct fst_canvas *canvas, const struct fst_layout *layout, int top,
                     enum fst_column column, fst_look look, const char *text)
{
    int line = top + layout->column[column].line, at = layout->column[column].at;
    int width = layout->column[column].width;

    if (width == 0)
        return;
    if (is_right_aligned(column))
        fst_canvas_right(canvas, line, at, width, look, text);
    else
        fst_canvas_cut(canvas, line, at, width, look, text);
}

/** As many lines of headings as a row has, or the first of them. */
static void draw_heading(struct fst_tui *tui, struct fst_canvas *canvas,
                         const struct fst_layout *layout, int line, int lines)
{
    for (unsigned i = 0; i < FST_COLUMN_COUNT; i++) {
        bool sorted = is_sorted_by(tui, (enum fst_column)i);
        char text[FST_CELL_MAX];

        if (layout->column[i].line >= lines)
            continue;
        snprintf(text, sizeof(text), "%s%s", heading(tui, (enum fst_column)i),
                 !sorted               ? ""
                 : tui->choice.reverse ? "▲"
                                       : "▼");
        put_cell(canvas, layout, line, (enum fst_column)i, sorted ? FST_BOLD : FST_DIM, text);
    }
}

/* ------------------------------------------------------------------------------------- the rows --
 */

/** An endpoint; one too long for its column loses its middle, so that the port stays. */
static void endpoint_cell(const struct fst_tui_row *row, unsigned side, int width,
                          char text[2 * FST_ENDPOINT_MAX])
{
    char whole[FST_ENDPOINT_MAX];
    int len, tail;

    fst_endpoint_text(&row->flow.side[side].address, row->flow.side[side].port, whole);
    len = (int)strlen(whole);
    if (width < 4 || len <= width) {
        snprintf(text, 2 * FST_ENDPOINT_MAX, "%s", whole);
        return;
    }
    tail = (width - 1) / 2 > 8 ? (width - 1) / 2 : width - 1 < 8 ? width - 1 : 8;
    snprintf(text, 2 * FST_ENDPOINT_MAX, "%.*s…%s", width - 1 - tail, whole, whole + len - tail);
}

static const char *age_cell(const struct fst_tui *tui, const struct fst_tui_row *row,
                            char text[FST_CELL_MAX])
{
    if (row->oriented_by != FST_ORIENTED_BY_SYN) /* it began before the capture */
        return "?";
    return fst_age_text((row->flow.over ? row->flow.ts_last : tui->now_ns) - row->flow.ts_first,
                        text);
}

static const char *since_cell(const struct fst_tui *tui, const struct fst_tui_row *row,
                              unsigned side, char text[FST_CELL_MAX])
{
    if (!row->flow.side[side].heard || row->flow.side[side].since_ns == 0)
        return "";
    return fst_age_text(tui->now_ns - row->flow.side[side].since_ns, text);
}

struct drawing {
    struct fst_tui *tui;
    struct fst_canvas *canvas;
    struct fst_layout layout;
    int line;
    fst_look base; /* of the whole row */
};

static void put(struct drawing *drawing, enum fst_column column, fst_look look, const char *text)
{
    put_cell(drawing->canvas, &drawing->layout, drawing->line, column, look | drawing->base, text);
}

static void draw_ends(struct drawing *drawing, const struct fst_tui_row *row, unsigned left)
{
    static const enum fst_column columns[2][5] = {
        {FST_COLUMN_LEFT, FST_COLUMN_LEFT_STATE, FST_COLUMN_LEFT_SINCE, FST_COLUMN_LEFT_PACKETS,
         FST_COLUMN_LEFT_BYTES},
        {FST_COLUMN_RIGHT, FST_COLUMN_RIGHT_STATE, FST_COLUMN_RIGHT_SINCE, FST_COLUMN_RIGHT_PACKETS,
         FST_COLUMN_RIGHT_BYTES}};
    char endpoint[2 * FST_ENDPOINT_MAX], text[FST_CELL_MAX];
    fst_look look;

    for (unsigned i = 0; i < 2; i++) {
        unsigned side = i == 0 ? left : !left;
        const char *state = fst_state_cell(row, side, &look);

        endpoint_cell(row, side, drawing->layout.column[columns[i][0]].width, endpoint);
        put(drawing, columns[i][0], FST_PLAIN, endpoint);
        put(drawing, columns[i][1], look, state);
        put(drawing, columns[i][2], FST_DIM, since_cell(drawing->tui, row, side, text));
        put(drawing, columns[i][3], FST_PLAIN, fst_short_count(row->flow.side[side].packets, text));
        put(drawing, columns[i][4], FST_PLAIN,
            fst_short_count(row->flow.side[side].payload_bytes, text));
    }
}

static void draw_row(struct drawing *drawing, const struct fst_tui_row *row)
{
    const struct fst_tui *tui = drawing->tui;
    unsigned left = fst_left_side(&tui->choice, row);
    bool news = tui->now_ns - row->changed_ns < FST_NEWS_NS;
    char text[FST_CELL_MAX];
    fst_look look;

    drawing->base = news ? FST_BOLD : row->over_ns != 0 ? FST_DIM : FST_PLAIN;
    put(drawing, FST_COLUMN_AGE, FST_PLAIN, age_cell(tui, row, text));
    put(drawing, FST_COLUMN_ARROW, FST_DIM, left == FST_CLIENT ? "→" : "←");
    draw_ends(drawing, row, left);
    put(drawing, FST_COLUMN_IDLE, FST_PLAIN, fst_idle_text(tui->now_ns - row->flow.ts_last, text));
    put(drawing, FST_COLUMN_RTT, FST_PLAIN,
        row->flow.handshake_ns < 0 ? "–" : fst_rtt_text(row->flow.handshake_ns, text));
    fst_note_text(row, tui->now_ns, &look, text);
    put(drawing, FST_COLUMN_NOTE, look, text);
    if (row->id != tui->selected)
        return;
    fst_canvas_text(drawing->canvas, drawing->line, 0, 1, FST_BOLD, "▶");
    for (int i = 0; i < drawing->layout.lines; i++)
        fst_canvas_mark(drawing->canvas, drawing->line + i, 0, drawing->canvas->columns,
                        FST_REVERSE);
}

/* ---------------------------------------------------------------------------------- the details --
 */

/** "#117 →F. #118 ←. · server owes FIN": the segments that moved it last, and by whom. */
static void steps_text(const struct fst_tui *tui, const struct fst_tui_row *row, char *text,
                       size_t size)
{
    char note[FST_CELL_MAX], flags[FST_FORMAT_MAX];
    size_t len = 0;
    fst_look look;

    text[0] = '\0';
    for (unsigned i = 0; i < row->step_count && len < size; i++) {
        fst_format_flags(row->step[i].flags, flags);
        len += (size_t)snprintf(text + len, size - len, "#%llu %s%s  ",
                                (unsigned long long)row->step[i].packet,
                                row->step[i].from == FST_CLIENT ? "→" : "←", flags);
    }
    fst_note_text(row, tui->now_ns, &look, note);
    if (len < size)
        snprintf(text + len, size - len, "%s", note);
}

/** "client in FIN-WAIT-2 ~ since 12:03:33, 310 B sent". */
static void side_text(const struct fst_tui_row *row, unsigned side, char text[SIDE_MAX])
{
    const char *name = fst_side_name(side);
    char clock[FST_FORMAT_MAX] = "", octets[FST_FORMAT_MAX];

    if (!row->flow.side[side].heard) {
        snprintf(text, SIDE_MAX, "%s not heard of", name);
        return;
    }
    if (row->flow.side[side].since_ns != 0) {
        fst_format_clock(row->flow.side[side].since_ns, 3, clock);
        clock[strlen("hh:mm:ss")] = '\0';
    }
    snprintf(text, SIDE_MAX, "%s in %s%s%s%s, %s sent", name,
             fst_state_name(row->flow.side[side].state), row->inferred[side] ? " ~" : "",
             clock[0] != '\0' ? " since " : "", clock,
             fst_format_octets(row->flow.side[side].payload_bytes, octets));
}

static void draw_details(struct fst_tui *tui, struct fst_canvas *canvas, int top, int bottom)
{
    const struct fst_tui_row *row = fst_tui_selected(tui);
    char text[512], client[SIDE_MAX], server[SIDE_MAX];
    int width = canvas->columns - 2, column;

    fst_canvas_fill(canvas, top++, 0, canvas->columns, FST_DIM, "─");
    if (!row)
        return;
    fst_endpoint_text(&row->flow.side[0].address, row->flow.side[0].port, client);
    fst_endpoint_text(&row->flow.side[1].address, row->flow.side[1].port, server);
    snprintf(text, sizeof(text), "%s → %s   ", client, server);
    column = fst_canvas_cut(canvas, top, 1, width, FST_BOLD, text);
    steps_text(tui, row, text, sizeof(text));
    fst_canvas_cut(canvas, top++, column, width + 1 - column, FST_PLAIN, text);
    if (top >= bottom)
        return;
    side_text(row, FST_CLIENT, client);
    side_text(row, FST_SERVER, server);
    snprintf(text, sizeof(text), "%s · %s", client, server);
    fst_canvas_cut(canvas, top, 1, width, FST_PLAIN, text);
}

/* ------------------------------------------------------------------------------------ the page --
 */

static void fit_widths(struct fst_tui *tui, int columns, size_t rows)
{
    const struct fst_tui_model *model = fst_tui_shown(tui);
    struct fst_tui_widths *widths = &tui->widths;
    char text[FST_ENDPOINT_MAX];

    if (widths->columns != columns)
        widths->endpoint[0] = widths->endpoint[1] = ENDPOINT_LEAST;
    widths->columns = columns;
    for (size_t i = tui->top; i < tui->list.count && i < tui->top + rows; i++) {
        const struct fst_tui_row *row = &model->rows[tui->list.rows[i]];
        unsigned left = fst_left_side(&tui->choice, row);

        for (unsigned side = 0; side < 2; side++) {
            int *width = &widths->endpoint[side != left], len;

            fst_endpoint_text(&row->flow.side[side].address, row->flow.side[side].port, text);
            len = (int)strlen(text) < ENDPOINT_MOST ? (int)strlen(text) : ENDPOINT_MOST;
            *width = len > *width ? len : *width;
        }
    }
}

/** Move the window so that the cursor is in it. */
static void follow_cursor(struct fst_tui *tui, size_t rows)
{
    tui->page = rows > 0 ? rows : 1;
    if (tui->cursor < tui->top)
        tui->top = tui->cursor;
    if (tui->cursor >= tui->top + tui->page)
        tui->top = tui->cursor - tui->page + 1;
    if (tui->list.count <= tui->page)
        tui->top = 0;
    else if (tui->top > tui->list.count - tui->page)
        tui->top = tui->list.count - tui->page;
}

static void draw_nothing(struct fst_tui *tui, struct fst_canvas *canvas, int line)
{
    char text[256], source[FST_CELL_MAX];

    fst_escape_text(tui->source, source, sizeof(source));
    if (tui->counters.packets == 0)
        snprintf(text, sizeof(text), "waiting for packets on %s", source);
    else if (tui->choice.text || tui->choice.where || tui->choice.findings_only)
        snprintf(text, sizeof(text), "no connection is like this (Esc: no filter)");
    else
        snprintf(text, sizeof(text), "no connection at the moment");
    fst_canvas_cut(canvas, line, 2, canvas->columns - 2, FST_DIM, text);
}

static void draw(struct fst_tui *tui, struct fst_canvas *canvas, int top, int bottom)
{
    const struct fst_tui_model *model = fst_tui_shown(tui);
    int details = canvas->lines >= DETAILS_LEAST ? 3 : 0, room = bottom - top - details, headings;
    struct drawing drawing = {.tui = tui, .canvas = canvas};
    size_t rows;

    fit_widths(tui, canvas->columns, (size_t)(room > 0 ? room : 0));
    fst_layout_make(&drawing.layout, canvas->columns, tui->widths.endpoint,
                    tui->choice.local_count > 0);
    headings = canvas->lines >= HEADINGS_LEAST ? drawing.layout.lines : 1;
    drawing.line = top + headings;
    room -= headings;
    rows = room > 0 ? (size_t)(room / drawing.layout.lines) : 0;
    follow_cursor(tui, rows);
    draw_heading(tui, canvas, &drawing.layout, top, headings);
    for (size_t i = tui->top; i < tui->list.count && i < tui->top + rows; i++) {
        draw_row(&drawing, &model->rows[tui->list.rows[i]]);
        drawing.line += drawing.layout.lines;
    }
    if (tui->list.count == 0)
        draw_nothing(tui, canvas, drawing.line);
    if (details > 0)
        draw_details(tui, canvas, bottom - details, bottom);
}

/* ------------------------------------------------------------------------------------- the keys --
 */

static void move_cursor(struct fst_tui *tui, int64_t by)
{
    int64_t at = (int64_t)tui->cursor + by, last = (int64_t)tui->list.count - 1;

    if (tui->list.count == 0)
        return;
    tui->cursor = (size_t)(at < 0 ? 0 : at > last ? last : at);
    tui->selected = fst_tui_shown(tui)->rows[tui->list.rows[tui->cursor]].id;
    tui->pinned = tui->cursor > 0;
}

/** By the next column or the one before; said in words, since the column may not be shown. */
static void sort_by(struct fst_tui *tui, int step)
{
    tui->choice.sort =
        (enum fst_sort)(((int)tui->choice.sort + step + FST_SORT_COUNT) % FST_SORT_COUNT);
    fst_tui_list(tui);
    fst_tui_say(tui, "sorted by %s%s", fst_sort_name(tui->choice.sort),
                tui->choice.reverse ? ", the other way round" : "");
}

static void act(struct fst_tui *tui, enum fst_do action)
{
    switch (action) {
    case FST_DO_UP:
    case FST_DO_DOWN:
        move_cursor(tui, action == FST_DO_UP ? -1 : 1);
        break;
    case FST_DO_PAGE_UP:
    case FST_DO_PAGE_DOWN:
        move_cursor(tui, action == FST_DO_PAGE_UP ? -(int64_t)tui->page : (int64_t)tui->page);
        break;
    case FST_DO_HOME:
    case FST_DO_END:
        move_cursor(tui,
                    action == FST_DO_HOME ? -(int64_t)tui->list.count : (int64_t)tui->list.count);
        break;
    case FST_DO_SORT:
    case FST_DO_SORT_BACK:
        sort_by(tui, action == FST_DO_SORT ? 1 : -1);
        break;
    case FST_DO_REVERSE:
        tui->choice.reverse = !tui->choice.reverse;
        sort_by(tui, 0);
        break;
    case FST_DO_FINDINGS:
        tui->choice.findings_only = !tui->choice.findings_only;
        fst_tui_list(tui);
        break;
    case FST_DO_ALL:
        tui->choice.all = !tui->choice.all;
        fst_tui_list(tui);
        break;
    case FST_DO_LADDER:
        if (fst_tui_selected(tui))
            fst_tui_turn(tui, &fst_view_ladder);
        break;
    default:
        break;
    }
}

const struct fst_view fst_view_list = {.number = FST_VIEW_NUMBER_LIST, .draw = draw, .act = act};
