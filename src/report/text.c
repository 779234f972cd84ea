/* SPDX-License-Identifier: MIT
 *
 * The summary people read: what the capture is, one line a connection, totals. On a terminal the
 * connections with the worst findings are shown when not all fit; elsewhere every row is printed,
 * in plain ASCII and without totals, so that the bytes do not depend on where they go, unless there
 * are more than anybody reads: then the worst are shown there too.
 */
#include "report/writer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/text_head.h"
#include "report/text_rows.h"

/* Of a terminal that does not say how many lines it has. */
#define TERMINAL_LINES 40

#define LEAST_ROWS     5 /* however low the terminal is */

/* Rows that may wait for the widest of them. If there are more and all are asked for, the columns
 * are fitted to these, the heading line is printed and the rest streams; what is known only at the
 * end then comes at the end. If they are not asked for, the worst are kept, and the others counted.
 */
#define WAITING_ROWS 65536
#define WORST_ROWS   1000

struct text {
    struct fst_rows rows;
    struct fst_columns columns;
    bool streaming;
    struct fst_view_counts views;
    uint64_t ended[FST_END_UNKNOWN + 1][3]; /* by kind and enum fst_blame */
};

static bool shows_worst_only(const struct fst_writer *writer)
{
    return writer->style.terminal && !writer->style.all;
}

static size_t terminal_lines(const struct fst_writer *writer)
{
    size_t lines = writer->style.lines ? writer->style.lines : TERMINAL_LINES;

    return lines > LEAST_ROWS ? lines : LEAST_ROWS;
}

static void begin(struct fst_writer *writer)
{
    struct text *text = writer->state;

    if (shows_worst_only(writer)) /* more cannot fit; how many do is known at the end */
        text->rows.keep = terminal_lines(writer);
}

/* ------------------------------------------------------------------------------------- rows -- */

static void fit_columns(struct fst_writer *writer)
{
    struct text *text = writer->state;
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);

    text->columns.dates = fst_day(stats->ts_first) != fst_day(stats->ts_last);
    fst_columns_fit(&text->columns, &text->rows, &writer->style);
}

static void print_rows(struct fst_writer *writer)
{
    struct text *text = writer->state;

    if (text->rows.count == 0)
        return;
    fit_columns(writer);
    if (!writer->style.quiet)
        fst_columns_print_heading(&text->columns, writer);
    for (size_t i = 0; i < text->rows.count; i++)
        fst_row_print(&text->rows.row[i], &text->columns, writer);
}

static void start_streaming(struct fst_writer *writer)
{
    struct text *text = writer->state;

    print_rows(writer);
    fst_rows_clear(&text->rows);
    text->streaming = true;
}

static void take_row(struct fst_writer *writer, struct fst_row *row)
{
    struct text *text = writer->state;

    if (text->streaming) {
        fst_row_print(row, &text->columns, writer);
        free(row->detail);
        return;
    }
    if (!fst_rows_add(&text->rows, row))
        writer->error = FST_ENOMEM;
    else if (text->rows.count == WAITING_ROWS && writer->style.all)
        start_streaming(writer);
    else if (text->rows.count == WAITING_ROWS)
        fst_rows_keep(&text->rows, WORST_ROWS);
}

/** Most only count, once more have come than are printed. */
static bool wants(struct fst_writer *writer, uint32_t id, const struct fst_outcome *outcome)
{
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);
    struct text *text = writer->state;

    if (text->rows.keep == 0 && !writer->style.all && stats->connections > WAITING_ROWS)
        fst_rows_keep(&text->rows, WORST_ROWS); /* more will come than are printed */
    fst_view_counts_add(&text->views, outcome->coverage);
    text->ended[outcome->end_kind][outcome->end_by]++;
    return fst_rows_want(&text->rows, id, outcome->worst);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_row row;

    fst_row_fill(&row, view, fst_analyzer_stats(writer->source->analyzer)->ts_last);
    if (writer->style.verbose)
        row.detail = fst_detail_text(view, &writer->error);
    take_row(writer, &row);
}

/* ----------------------------------------------------------------------------------- totals -- */

#define ITEM_MAX 160
#define NO_LIMIT SIZE_MAX

/* Items of a line with a separator between them, folded between items. */
struct line {
    struct fst_writer *writer;
    const char *label; /* ten columns */
    bool counts;       /* counts its lines, prints nothing */
    size_t column;     /* 0 before the first item */
    size_t lines;
};

static size_t line_limit(const struct fst_writer *writer)
{
    return writer->style.columns > 0 ? writer->style.columns : NO_LIMIT;
}

static void line_out(struct line *line, const char *text)
{
    if (!line->counts)
        fst_out_text(line->writer->out, text);
    line->column += fst_text_columns(text);
}

static void line_put(struct line *line, const char *item, const char *color)
{
    const char *between = line->writer->style.utf8 ? " · " : " | ";
    size_t needs = fst_text_columns(between) + fst_text_columns(item);

    if (line->column == 0) {
        line->lines++;
        line_out(line, line->label);
    } else if (line->column + needs > line_limit(line->writer)) {
        line->lines++;
        line_out(line, "\n");
        line->column = 0;
        line_out(line, "          ");
    } else {
        line_out(line, between);
    }
    if (color && !line->counts)
        fst_out_color(line->writer, color);
    line_out(line, item);
    if (color && !line->counts)
        fst_out_color(line->writer, "0");
}

static size_t line_end(struct line *line)
{
    if (line->column > 0)
        line_out(line, "\n");
    return line->lines;
}

/** " (client 9, server 52)"; nothing where nobody did. */
static void whom_text(const uint64_t by[3], const char *first, char text[ITEM_MAX])
{
    size_t len = 0;
    char number[FST_FORMAT_MAX];

    text[0] = '\0';
    for (unsigned side = 0; side < 2; side++)
        if (by[side] > 0)
            len += (size_t)snprintf(text + len, ITEM_MAX - len, "%s%s%s %s", len ? ", " : " (",
                                    fst_side_name(side), first, fst_format_count(by[side], number));
    if (len > 0)
        snprintf(text + len, ITEM_MAX - len, ")");
}

static void put_kind(struct line *line, enum fst_end_kind kind, const char *words, bool by_whom)
{
    const struct text *text = line->writer->state;
    const uint64_t *by = text->ended[kind];
    uint64_t all = by[FST_BY_CLIENT] + by[FST_BY_SERVER] + by[FST_BY_NOBODY];
    char number[FST_FORMAT_MAX], whom[ITEM_MAX] = "", item[2 * ITEM_MAX];

    if (all == 0)
        return;
    if (by_whom)
        whom_text(by, kind == FST_END_CLOSED ? " first" : "", whom);
    snprintf(item, sizeof(item), "%s %s%s", fst_format_count(all, number), words, whom);
    line_put(line, item, NULL);
}

static size_t put_findings(struct fst_writer *writer, bool counts)
{
    const uint64_t *found = writer->source->found;
    struct line line = {writer, "findings  ", counts, 0, 0};
    char number[FST_FORMAT_MAX], item[ITEM_MAX];

    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        if (found[i] == 0)
            continue;
        snprintf(item, sizeof(item), "%s %s", fst_format_count(found[i], number),
                 fst_class_name((enum fst_class)i));
        line_put(&line, item, fst_class_color((enum fst_class)i));
    }
    if (line.lines == 0)
        line_put(&line, "none", NULL);
    return line_end(&line);
}

/** @return lines; nothing is printed when it only counts. */
static size_t put_totals(struct fst_writer *writer, bool counts)
{
    struct line ended_line = {writer, "ended     ", counts, 0, 0},
                now_line = {writer, "now       ", counts, 0, 0};
    size_t lines = 1;

    if (!counts)
        fst_out_char(writer->out, '\n');
    put_kind(&ended_line, FST_END_CLOSED, "closed", true);
    put_kind(&ended_line, FST_END_RESET, "reset", true);
    put_kind(&ended_line, FST_END_REFUSED, "refused", false);
    put_kind(&ended_line, FST_END_NO_ANSWER, "no answer", false);
    lines += line_end(&ended_line);
    put_kind(&now_line, FST_END_OPEN, "open", false);
    put_kind(&now_line, FST_END_HALF_CLOSED, "half-closed", false);
    put_kind(&now_line, FST_END_OPENING, "opening", false);
    put_kind(&now_line, FST_END_CLOSING, "closing", false);
    put_kind(&now_line, FST_END_UNKNOWN, "unknown", false);
    lines += line_end(&now_line);
    return lines + put_findings(writer, counts);
}

/** A command to go on with: the ladder of that row, with the filter that gave it its number. */
static void put_next(struct fst_writer *writer, const struct fst_row *row)
{
    const char *filter = writer->source->filter;

    if (strcmp(writer->source->path, "-") == 0)
        return;
    fst_out_text(writer->out, "next      flowstate explain -r ");
    if (!fst_out_shell_word(writer->out, writer->source->path))
        fst_out_text(writer->out, "FILE");
    fst_out_print(writer->out, " %u", row->id);
    if (filter) {
        fst_out_char(writer->out, ' ');
        if (!fst_out_shell_word(writer->out, filter))
            fst_out_text(writer->out, "FILTER");
    }
    fst_out_char(writer->out, '\n');
}

/** The row with the worst findings, of equals the first; NULL when there is none. */
static const struct fst_row *worst_row(const struct fst_rows *rows)
{
    const struct fst_row *worst = NULL;

    for (size_t i = 0; i < rows->count; i++)
        if (!worst || rows->row[i].worst < worst->worst)
            worst = &rows->row[i];
    return worst;
}

static void put_foot(struct fst_writer *writer)
{
    struct text *text = writer->state;
    const struct fst_row *worst = worst_row(&text->rows);
    char number[FST_FORMAT_MAX];

    if (text->views.connections > text->rows.count && !text->streaming)
        fst_out_print(writer->out, "  %s %s more (-a for all)\n", writer->style.utf8 ? "…" : "...",
                      fst_format_count(text->views.connections - text->rows.count, number));
    if (text->views.connections == 0)
        return;
    put_totals(writer, false);
    if (worst)
        put_next(writer, worst);
}

/** Of the rows, the worst first, drop those for which the terminal has no line left. `head` lines
 * are above the table. */
static void trim_rows(struct fst_writer *writer, size_t head)
{
    struct text *text = writer->state;
    size_t room = terminal_lines(writer), other = 1, lines = 0, keep = 0; /* the prompt */

    fit_columns(writer);
    if (!writer->style.quiet) /* heading, "more", totals, "next" */
        other += head + 1 + (text->columns.two_lines ? 2 : 1) + 2 + put_totals(writer, true);
    for (; keep < text->rows.count; keep++) {
        lines += fst_row_lines(&text->rows.row[keep], &text->columns);
        if (keep >= LEAST_ROWS && other + lines > room)
            break;
    }
    fst_rows_cut(&text->rows, keep);
}

static void finish(struct fst_writer *writer)
{
    struct text *text = writer->state;
    size_t head = 0;

    if (!writer->style.quiet) {
        if (text->streaming)
            fst_out_char(writer->out, '\n');
        head = fst_text_head(writer, &text->views);
        if (!text->streaming && text->rows.count > 0)
            fst_out_char(writer->out, '\n');
    }
    if (shows_worst_only(writer))
        trim_rows(writer, head);
    if (text->views.connections <= text->rows.count)
        fst_rows_sort(&text->rows);
    if (!text->streaming)
        print_rows(writer);
    if ((writer->style.terminal || text->rows.keep > 0) && !writer->style.quiet)
        put_foot(writer);
}

static void release(struct fst_writer *writer)
{
    struct text *text = writer->state;

    fst_rows_clear(&text->rows);
}

const struct fst_format fst_flows_text = {
    .name = "text",
    .no_paths = true,
    .state_size = sizeof(struct text),
    .begin = begin,
    .wants = wants,
    .ended = ended,
    .finish = finish,
    .release = release,
};
