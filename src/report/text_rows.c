/* SPDX-License-Identifier: MIT */
#include "report/text_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/paragraph.h"

#define CELL_MAX       256
#define TERMINAL_RULES 1
#define NARROWEST      80 /* no terminal is taken to be narrower */
#define LEAST_ENDED    16
#define GOOD_ENDED     26 /* tells most ends in full */
#define LEAST_ENDPOINT 24 /* the longest of IPv4 takes 21 */
#define GAP            2

/* ------------------------------------------------------------------------------ what is kept -- */

/** Insert a rule so that the worst come first; of equals the earlier found. */
static void row_add_rule(struct fst_row *row, const struct fst_finding *finding)
{
    size_t kept = row->rule_count < FST_ROW_RULES ? row->rule_count : FST_ROW_RULES;
    size_t at = kept;

    row->rule_count++;
    while (at > 0 && row->classes[at - 1] > finding->class_)
        at--;
    if (at == FST_ROW_RULES)
        return;
    for (size_t i = kept < FST_ROW_RULES ? kept : FST_ROW_RULES - 1; i > at; i--) {
        row->rules[i] = row->rules[i - 1];
        row->classes[i] = row->classes[i - 1];
    }
    row->rules[at] = finding->rule;
    row->classes[at] = finding->class_;
}

void fst_row_fill(struct fst_row *row, const struct fst_connection_view *view, int64_t end_ns)
{
    memset(row, 0, sizeof(*row));
    row->id = view->id;
    row->incomplete = view->coverage != FST_COVERAGE_COMPLETE;
    row->ts_first = view->ts_first;
    row->worst = fst_worst_class(view);
    row->tagged = view->tag_count > 0;
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        row->address[side] = endpoint->address;
        row->port[side] = endpoint->port;
        row->state[side] = endpoint->state;
        row->heard[side] = endpoint->heard;
    }
    row->ending = fst_ending_of(view, end_ns);
    for (size_t i = 0; i < view->finding_count; i++)
        if (!fst_found_earlier(view, i))
            row_add_rule(row, &view->findings[i]);
}

/** Worse findings first, then the order of opening. */
static bool goes_before(enum fst_class worst, uint32_t id, const struct fst_row *other)
{
    return worst != other->worst ? worst < other->worst : id < other->id;
}

static bool rows_grow(struct fst_rows *rows)
{
    size_t room = rows->room ? 2 * rows->room : 64;
    struct fst_row *row = realloc(rows->row, room * sizeof(*row));

    if (!row)
        return false;
    rows->row = row;
    rows->room = room;
    return true;
}

bool fst_rows_want(const struct fst_rows *rows, uint32_t id, enum fst_class worst)
{
    return rows->keep == 0 || rows->count < rows->keep ||
           goes_before(worst, id, &rows->row[rows->count - 1]);
}

bool fst_rows_add(struct fst_rows *rows, const struct fst_row *row)
{
    size_t at = rows->count;

    if (rows->count == rows->room && !rows_grow(rows)) {
        free(row->detail);
        return false;
    }
    if (rows->keep > 0) /* few, and there are not many ways to be worse: insertion does */
        while (at > 0 && goes_before(row->worst, row->id, &rows->row[at - 1]))
            at--;
    memmove(rows->row + at + 1, rows->row + at, (rows->count - at) * sizeof(*row));
    rows->row[at] = *row;
    rows->count++;
    if (rows->keep > 0 && rows->count > rows->keep)
        free(rows->row[--rows->count].detail);
    return true;
}

static int by_id(const void *a, const void *b)
{
    uint32_t left = ((const struct fst_row *)a)->id, right = ((const struct fst_row *)b)->id;

    return left < right ? -1 : left > right;
}

static int worst_first(const void *a, const void *b)
{
    const struct fst_row *row = a;

    return goes_before(row->worst, row->id, b) ? -1 : 1;
}

void fst_rows_keep(struct fst_rows *rows, size_t keep)
{
    if (rows->count > 1)
        qsort(rows->row, rows->count, sizeof(*rows->row), worst_first);
    rows->keep = keep;
    if (rows->count > keep)
        fst_rows_cut(rows, keep);
}

void fst_rows_sort(struct fst_rows *rows)
{
    if (rows->count > 1)
        qsort(rows->row, rows->count, sizeof(*rows->row), by_id);
}

void fst_rows_cut(struct fst_rows *rows, size_t count)
{
    while (rows->count > count)
        free(rows->row[--rows->count].detail);
}

void fst_rows_clear(struct fst_rows *rows)
{
    fst_rows_cut(rows, 0);
    free(rows->row);
    rows->row = NULL;
    rows->count = rows->room = 0;
}

/* --------------------------------------------------------------------------------- its cells -- */

void fst_out_color(struct fst_writer *writer, const char *code)
{
    if (writer->style.color)
        fst_out_print(writer->out, "\033[%sm", code);
}

const char *fst_class_color(enum fst_class class_)
{
    static const char *const colors[FST_CLASS_COUNT + 1] = {[FST_ILLEGAL] = "1;31",
                                                            [FST_SUSPECT] = "33",
                                                            [FST_ANOMALY] = "36",
                                                            [FST_CAPTURE] = "2",
                                                            [FST_CLASS_COUNT] = "0"};

    return colors[class_];
}

static const char *dots_of(const struct fst_style *style)
{
    return style->utf8 ? "…" : "..";
}

/** "10.0.0.1:80", "[2001:db8::1]:80"; an address too long for `width` loses its middle. */
static void endpoint_cell(const struct fst_row *row, unsigned side, const struct fst_style *style,
                          int width, char cell[CELL_MAX])
{
    const char *dots = dots_of(style);
    char address[FST_ADDRESS_TEXT_MAX], port[8];
    int room, len, front;

    fst_endpoint_text(&row->address[side], row->port[side], cell);
    if (width == 0 || !row->address[side].ipv6 || (int)strlen(cell) <= width)
        return;
    fst_address_text(&row->address[side], address);
    len = (int)strlen(address);
    snprintf(port, sizeof(port), "%u", row->port[side]);
    room = width - (int)(strlen("[]:") + strlen(port) + fst_text_columns(dots));
    front = room / 2;
    snprintf(cell, CELL_MAX, "[%.*s%s%s]:%s", front, address, dots, address + len - (room - front),
             port);
}

static const char *state_cell(const struct fst_row *row, unsigned side,
                              const struct fst_style *style)
{
    if (!row->heard[side])
        return style->utf8 ? "–" : "-";
    return fst_state_name(row->state[side]);
}

static void opened_cell(const struct fst_row *row, const struct fst_columns *columns, char *cell)
{
    char clock[FST_FORMAT_MAX], date[FST_FORMAT_MAX];

    fst_format_clock(row->ts_first, 3, clock);
    if (columns->seconds)
        clock[strlen("hh:mm:ss")] = '\0';
    if (columns->dates)
        snprintf(cell, CELL_MAX, "%s %s", fst_format_date(row->ts_first, date), clock);
    else
        snprintf(cell, CELL_MAX, "%s", clock);
}

/** How it ended, cut to the column: ASCII, so an octet is a column. */
static void ended_cell(const struct fst_row *row, const struct fst_columns *columns,
                       const struct fst_style *style, char cell[CELL_MAX])
{
    int keep = columns->ended - (int)fst_text_columns(dots_of(style));

    fst_ending_text(&row->ending, cell);
    if (columns->limit && (int)strlen(cell) > columns->ended)
        snprintf(cell + keep, (size_t)(CELL_MAX - keep), "%s", dots_of(style));
}

static uint32_t rules_shown(const struct fst_row *row, const struct fst_columns *columns,
                            const struct fst_style *style)
{
    uint32_t most = columns->counted ? 0 : style->terminal ? TERMINAL_RULES : FST_ROW_RULES;

    return row->rule_count < most ? row->rule_count : most;
}

static int digits_of(uint32_t number)
{
    int digits = 1;

    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static int rules_columns(const struct fst_row *row, const struct fst_columns *columns,
                         const struct fst_style *style)
{
    uint32_t shown = rules_shown(row, columns, style);
    int width = 0;

    for (uint32_t i = 0; i < shown; i++)
        width += (int)strlen(row->rules[i]->slug) + (i > 0 ? GAP : 0);
    if (row->rule_count > shown)
        width += (shown > 0) + 1 + digits_of(row->rule_count - shown);
    return width;
}

/* ------------------------------------------------------------------------------------- widths --
 */

static void widen(int *width, int columns)
{
    if (columns > *width)
        *width = columns;
}

static void columns_fit_row(struct fst_columns *columns, const struct fst_row *row,
                            const struct fst_style *style)
{
    char cell[CELL_MAX];

    widen(&columns->id, digits_of(row->id) + 1); /* room for the mark */
    for (unsigned side = 0; side < 2; side++) {
        endpoint_cell(row, side, style, 0, cell);
        widen(&columns->endpoint[side], (int)fst_text_columns(cell));
        widen(&columns->state[side], (int)fst_text_columns(state_cell(row, side, style)));
    }
    widen(&columns->ended, (int)fst_text_columns(fst_ending_text(&row->ending, cell)));
    widen(&columns->findings, rules_columns(row, columns, style));
}

static void fit_findings(struct fst_columns *columns, const struct fst_rows *rows,
                         const struct fst_style *style)
{
    columns->findings = (int)strlen("FINDINGS");
    for (size_t i = 0; i < rows->count; i++)
        widen(&columns->findings, rules_columns(&rows->row[i], columns, style));
}

/* What a line lacks, 0 or less when it fits. */

static int first_line_over(const struct fst_columns *columns)
{
    int opened = columns->opened > 0 ? columns->opened + GAP : 0;

    return columns->id + GAP + opened + columns->endpoint[0] + GAP + columns->endpoint[1] -
           columns->limit;
}

static int second_line_over(const struct fst_columns *columns)
{
    return columns->id + GAP + columns->state[0] + GAP + columns->state[1] + GAP + columns->ended +
           GAP + columns->findings - columns->limit;
}

static int row_over(const struct fst_columns *columns)
{
    return first_line_over(columns) + second_line_over(columns) - columns->id + columns->limit;
}

typedef int fst_over(const struct fst_columns *columns);

static void narrow(int *width, int by, int least)
{
    int narrower = *width - by;

    if (by > 0 && *width > least)
        *width = narrower > least ? narrower : least;
}

static void narrow_findings(struct fst_columns *columns, const struct fst_rows *rows,
                            const struct fst_style *style, fst_over *over)
{
    if (over(columns) <= 0)
        return;
    columns->counted = true;
    fit_findings(columns, rows, style);
}

static void narrow_opened(struct fst_columns *columns, fst_over *over)
{
    if (over(columns) <= 0)
        return;
    columns->seconds = true;
    columns->opened -= (int)strlen(".mmm");
}

/** When it was opened says less than what was found, and the number tells the order. */
static void leave_out_opened(struct fst_columns *columns, fst_over *over)
{
    if (over(columns) > 0)
        columns->opened = 0;
}

/** The longer address first, then both alike. */
static void narrow_endpoints(struct fst_columns *columns, fst_over *over)
{
    while (over(columns) > 0) {
        unsigned longer = columns->endpoint[1] > columns->endpoint[0];

        if (columns->endpoint[longer] <= LEAST_ENDPOINT)
            return;
        columns->endpoint[longer]--;
    }
}

static void narrow_row(struct fst_columns *columns, const struct fst_rows *rows,
                       const struct fst_style *style)
{
    struct fst_columns natural = *columns;

    narrow_opened(columns, row_over);
    leave_out_opened(columns, row_over);
    narrow(&columns->ended, row_over(columns), GOOD_ENDED);
    narrow_endpoints(columns, row_over);
    if (row_over(columns) <= 0)
        return;
    *columns = natural;
    columns->two_lines = true;
    narrow(&columns->ended, second_line_over(columns), GOOD_ENDED);
    narrow_findings(columns, rows, style, second_line_over);
    narrow(&columns->ended, second_line_over(columns), LEAST_ENDED);
    narrow_opened(columns, first_line_over);
    narrow_endpoints(columns, first_line_over);
}

void fst_columns_fit(struct fst_columns *columns, const struct fst_rows *rows,
                     const struct fst_style *style)
{
    bool dates = columns->dates;

    *columns = (struct fst_columns){
        .id = 3,
        .opened = dates ? 23 : 12,
        .endpoint = {6, 6},
        .state = {10, 10},
        .ended = 12,
        .findings = (int)strlen("FINDINGS"),
        .dates = dates,
    };
    if (style->terminal && style->columns > 0)
        columns->limit = style->columns > NARROWEST ? (int)style->columns : NARROWEST;
    for (size_t i = 0; i < rows->count; i++)
        columns_fit_row(columns, &rows->row[i], style);
    if (columns->limit)
        narrow_row(columns, rows, style);
}

/* ----------------------------------------------------------------------------------- printing --
 */

/** A cell and what separates it from the next. */
static void put_cell(struct fst_out *out, const char *text, int width)
{
    int columns = (int)fst_text_columns(text);

    fst_out_text(out, text);
    fst_out_fill(out, ' ', (size_t)(columns < width ? width - columns : 0) + GAP);
}

/** After the second endpoint: the row goes on, or a line of its own begins for the rest. */
static void put_turn(struct fst_out *out, const struct fst_columns *columns, const char *server)
{
    if (!columns->two_lines) {
        put_cell(out, server, columns->endpoint[1]);
        return;
    }
    fst_out_text(out, server); /* no blanks at the end of a line */
    fst_out_char(out, '\n');
    fst_out_fill(out, ' ', (size_t)columns->id + GAP);
}

void fst_columns_print_heading(const struct fst_columns *columns, struct fst_writer *writer)
{
    struct fst_out *out = writer->out;

    fst_out_color(writer, "1");
    fst_out_fill(out, ' ', (size_t)columns->id - 2);
    fst_out_text(out, "#   ");
    if (columns->opened > 0)
        put_cell(out, "OPENED", columns->opened);
    put_cell(out, "CLIENT", columns->endpoint[0]);
    put_turn(out, columns, "SERVER");
    put_cell(out, "CLIENT NOW", columns->state[0]);
    put_cell(out, "SERVER NOW", columns->state[1]);
    put_cell(out, "HOW IT ENDED", columns->ended);
    fst_out_text(out, "FINDINGS");
    fst_out_color(writer, "0");
    fst_out_char(out, '\n');
}

static void print_rules(const struct fst_row *row, const struct fst_columns *columns,
                        struct fst_writer *writer)
{
    uint32_t shown = rules_shown(row, columns, &writer->style);

    for (uint32_t i = 0; i < shown; i++) {
        fst_out_text(writer->out, i > 0 ? ", " : "");
        fst_out_color(writer, fst_class_color(row->classes[i]));
        fst_out_text(writer->out, row->rules[i]->slug);
        fst_out_color(writer, "0");
    }
    if (row->rule_count == shown)
        return;
    if (shown == 0)
        fst_out_color(writer, fst_class_color(row->worst));
    fst_out_print(writer->out, "%s+%u", shown > 0 ? " " : "", row->rule_count - shown);
    if (shown == 0)
        fst_out_color(writer, "0");
}

size_t fst_row_lines(const struct fst_row *row, const struct fst_columns *columns)
{
    size_t lines = columns->two_lines ? 2 : 1;

    return row->detail ? lines + fst_folded_lines(row->detail, (size_t)columns->limit) : lines;
}

void fst_row_print(const struct fst_row *row, const struct fst_columns *columns,
                   struct fst_writer *writer)
{
    const struct fst_style *style = &writer->style;
    struct fst_out *out = writer->out;
    char cell[CELL_MAX];

    fst_out_print(out, "%*u%s  ", columns->id - 1, row->id, row->incomplete ? "?" : " ");
    if (columns->opened > 0) {
        opened_cell(row, columns, cell);
        put_cell(out, cell, columns->opened);
    }
    endpoint_cell(row, FST_CLIENT, style, columns->limit ? columns->endpoint[0] : 0, cell);
    put_cell(out, cell, columns->endpoint[0]);
    endpoint_cell(row, FST_SERVER, style, columns->limit ? columns->endpoint[1] : 0, cell);
    put_turn(out, columns, cell);
    put_cell(out, state_cell(row, FST_CLIENT, style), columns->state[0]);
    put_cell(out, state_cell(row, FST_SERVER, style), columns->state[1]);
    ended_cell(row, columns, style, cell);
    if (row->rule_count == 0)
        fst_out_text(out, cell); /* no blanks at the end of a line */
    else
        put_cell(out, cell, columns->ended);
    print_rules(row, columns, writer);
    fst_out_char(out, '\n');
    if (row->detail)
        fst_out_folded(out, row->detail, (size_t)columns->limit);
}
