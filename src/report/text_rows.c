/* SPDX-License-Identifier: MIT */
#include "report/text_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"

#define CELL_MAX          256
#define ENDPOINT_MAX      (FST_ADDRESS_TEXT_MAX + 16)
#define TERMINAL_ENDPOINT 30
#define TERMINAL_RULES    1

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
    row->incomplete = strcmp(fst_view_name(view), "complete") != 0;
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
static bool goes_before(const struct fst_row *a, const struct fst_row *b)
{
    return a->worst != b->worst ? a->worst < b->worst : a->id < b->id;
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

bool fst_rows_add(struct fst_rows *rows, const struct fst_row *row)
{
    size_t at = rows->count;

    if (rows->count == rows->room && !rows_grow(rows)) {
        free(row->detail);
        return false;
    }
    if (rows->keep > 0) /* a few dozen, so insertion is as good as a heap */
        while (at > 0 && goes_before(row, &rows->row[at - 1]))
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

void fst_rows_sort(struct fst_rows *rows)
{
    if (rows->count > 1)
        qsort(rows->row, rows->count, sizeof(*rows->row), by_id);
}

void fst_rows_clear(struct fst_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->row[i].detail);
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

/** "10.0.0.1:80", "[2001:db8::1]:80"; on a terminal a long address loses its middle. */
static void endpoint_cell(const struct fst_row *row, unsigned side, const struct fst_style *style,
                          char *cell)
{
    const char *dots = style->utf8 ? "…" : "..";
    char address[FST_ADDRESS_TEXT_MAX];
    size_t len;

    fst_address_text(&row->address[side], address);
    len = strlen(address);
    if (!row->address[side].ipv6)
        snprintf(cell, ENDPOINT_MAX, "%s:%u", address, row->port[side]);
    else if (style->terminal && len > TERMINAL_ENDPOINT - 8)
        snprintf(cell, ENDPOINT_MAX, "[%.9s%s%s]:%u", address, dots, address + len - 11,
                 row->port[side]);
    else
        snprintf(cell, ENDPOINT_MAX, "[%s]:%u", address, row->port[side]);
}

static const char *state_cell(const struct fst_row *row, unsigned side,
                              const struct fst_style *style)
{
    if (!row->heard[side])
        return style->utf8 ? "–" : "-";
    return fst_state_name(row->state[side]);
}

static void opened_cell(const struct fst_row *row, bool dates, char *cell)
{
    char clock[FST_FORMAT_MAX], date[FST_FORMAT_MAX];

    fst_format_clock(row->ts_first, 3, clock);
    if (dates)
        snprintf(cell, CELL_MAX, "%s %s", fst_format_date(row->ts_first, date), clock);
    else
        snprintf(cell, CELL_MAX, "%s", clock);
}

static int digits_of(uint32_t number)
{
    int digits = 1;

    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static void widen(int *width, const char *text)
{
    int columns = (int)fst_text_columns(text);

    if (columns > *width)
        *width = columns;
}

static void columns_fit_row(struct fst_columns *columns, const struct fst_row *row,
                            const struct fst_style *style)
{
    char cell[CELL_MAX];
    int digits = digits_of(row->id) + 1; /* room for the mark */

    if (digits > columns->id)
        columns->id = digits;
    endpoint_cell(row, FST_CLIENT, style, cell);
    widen(&columns->client, cell);
    endpoint_cell(row, FST_SERVER, style, cell);
    widen(&columns->server, cell);
    widen(&columns->state[0], state_cell(row, FST_CLIENT, style));
    widen(&columns->state[1], state_cell(row, FST_SERVER, style));
    widen(&columns->ended, fst_ending_text(&row->ending, cell));
}

void fst_columns_fit(struct fst_columns *columns, const struct fst_rows *rows,
                     const struct fst_style *style)
{
    columns->id = 3;
    columns->opened = columns->dates ? 23 : 12;
    columns->client = columns->server = 6;
    columns->state[0] = columns->state[1] = 10;
    columns->ended = 12;
    for (size_t i = 0; i < rows->count; i++)
        columns_fit_row(columns, &rows->row[i], style);
}

/** A cell and what separates it from the next. */
static void put_cell(struct fst_out *out, const char *text, int width)
{
    int columns = (int)fst_text_columns(text);

    fst_out_text(out, text);
    fst_out_fill(out, ' ', (size_t)(columns < width ? width - columns : 0) + 2);
}

void fst_columns_print_heading(const struct fst_columns *columns, struct fst_writer *writer)
{
    struct fst_out *out = writer->out;

    fst_out_color(writer, "1");
    fst_out_fill(out, ' ', (size_t)columns->id - 2);
    fst_out_text(out, "#   ");
    put_cell(out, "OPENED", columns->opened);
    put_cell(out, "CLIENT", columns->client);
    put_cell(out, "SERVER", columns->server);
    put_cell(out, "CLIENT NOW", columns->state[0]);
    put_cell(out, "SERVER NOW", columns->state[1]);
    put_cell(out, "HOW IT ENDED", columns->ended);
    fst_out_text(out, "FINDINGS");
    fst_out_color(writer, "0");
    fst_out_char(out, '\n');
}

static void print_rules(const struct fst_row *row, struct fst_writer *writer)
{
    uint32_t most = writer->style.terminal ? TERMINAL_RULES : FST_ROW_RULES;
    uint32_t shown = row->rule_count < most ? row->rule_count : most;

    for (uint32_t i = 0; i < shown; i++) {
        fst_out_text(writer->out, i > 0 ? ", " : "");
        fst_out_color(writer, fst_class_color(row->classes[i]));
        fst_out_text(writer->out, row->rules[i]->slug);
        fst_out_color(writer, "0");
    }
    if (row->rule_count > shown)
        fst_out_print(writer->out, " +%u", row->rule_count - shown);
}

void fst_row_print(const struct fst_row *row, const struct fst_columns *columns,
                   struct fst_writer *writer)
{
    struct fst_out *out = writer->out;
    char cell[CELL_MAX];

    fst_out_print(out, "%*u%s  ", columns->id - 1, row->id, row->incomplete ? "?" : " ");
    opened_cell(row, columns->dates, cell);
    put_cell(out, cell, columns->opened);
    endpoint_cell(row, FST_CLIENT, &writer->style, cell);
    put_cell(out, cell, columns->client);
    endpoint_cell(row, FST_SERVER, &writer->style, cell);
    put_cell(out, cell, columns->server);
    put_cell(out, state_cell(row, FST_CLIENT, &writer->style), columns->state[0]);
    put_cell(out, state_cell(row, FST_SERVER, &writer->style), columns->state[1]);
    fst_ending_text(&row->ending, cell);
    if (row->rule_count == 0)
        fst_out_text(out, cell); /* no blanks at the end of a line */
    else
        put_cell(out, cell, columns->ended);
    print_rules(row, writer);
    fst_out_char(out, '\n');
    if (row->detail)
        fst_out_text(out, row->detail);
}
