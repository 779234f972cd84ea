/* SPDX-License-Identifier: MIT
 *
 * The summary people read: what the capture is, one line a connection, totals. On a terminal the
 * connections with the worst findings are shown when not all fit; elsewhere every row is printed,
 * in plain ASCII and without totals, so that the bytes do not depend on where they go.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/text_head.h"
#include "report/text_rows.h"

#define TERMINAL_ROWS 40

/* Rows that may wait for the widest of them. More than that many connections and the columns are
 * fitted to these, the heading line is printed and the rest streams; what is known only at the end
 * then comes at the end. */
#define WAITING_ROWS 65536

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

static void begin(struct fst_writer *writer)
{
    struct text *text = writer->state;

    if (shows_worst_only(writer))
        text->rows.keep = TERMINAL_ROWS;
}

/* ------------------------------------------------------------------------------------- rows -- */

static void print_rows(struct fst_writer *writer)
{
    struct text *text = writer->state;
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);

    if (text->rows.count == 0)
        return;
    text->columns.dates = fst_day(stats->ts_first) != fst_day(stats->ts_last);
    fst_columns_fit(&text->columns, &text->rows, &writer->style);
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
    else if (text->rows.count == WAITING_ROWS)
        start_streaming(writer);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);
    struct text *text = writer->state;
    struct fst_row row;

    fst_view_counts_add(&text->views, view);
    text->ended[view->end_kind][view->end_by]++;
    fst_row_fill(&row, view, stats->ts_last);
    if (writer->style.verbose)
        row.detail = fst_detail_text(view, &writer->error);
    take_row(writer, &row);
}

/* ----------------------------------------------------------------------------------- totals -- */

/* Items of a line with a separator between them. */
struct line {
    struct fst_writer *writer;
    const char *label;
    bool started;
};

static void line_next(struct line *line)
{
    fst_out_text(line->writer->out, !line->started             ? line->label
                                    : line->writer->style.utf8 ? " · "
                                                               : " | ");
    line->started = true;
}

static void put_kind(struct line *line, enum fst_end_kind kind, const char *words, bool by_whom)
{
    const struct text *text = line->writer->state;
    const uint64_t *by = text->ended[kind];
    uint64_t all = by[FST_BY_CLIENT] + by[FST_BY_SERVER] + by[FST_BY_NOBODY];
    char number[FST_FORMAT_MAX], client[FST_FORMAT_MAX], server[FST_FORMAT_MAX];

    if (all == 0)
        return;
    line_next(line);
    fst_out_print(line->writer->out, "%s %s", fst_format_count(all, number), words);
    if (by_whom)
        fst_out_print(
            line->writer->out, " (client%s %s, server%s %s)",
            kind == FST_END_CLOSED ? " first" : "", fst_format_count(by[FST_BY_CLIENT], client),
            kind == FST_END_CLOSED ? " first" : "", fst_format_count(by[FST_BY_SERVER], server));
}

static void line_end(struct line *line)
{
    if (line->started)
        fst_out_char(line->writer->out, '\n');
}

static void put_findings(struct fst_writer *writer)
{
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);
    struct line line = {writer, "findings  ", false};
    char number[FST_FORMAT_MAX];

    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        if (stats->findings[i] == 0)
            continue;
        line_next(&line);
        fst_out_color(writer, fst_class_color((enum fst_class)i));
        fst_out_print(writer->out, "%s %s", fst_format_count(stats->findings[i], number),
                      fst_class_name((enum fst_class)i));
        fst_out_color(writer, "0");
    }
    if (!line.started)
        fst_out_text(writer->out, "findings  none");
    fst_out_char(writer->out, '\n');
}

static void put_totals(struct fst_writer *writer)
{
    struct line ended_line = {writer, "ended     ", false},
                now_line = {writer, "now       ", false};

    fst_out_char(writer->out, '\n');
    put_kind(&ended_line, FST_END_CLOSED, "closed", true);
    put_kind(&ended_line, FST_END_RESET, "reset", true);
    put_kind(&ended_line, FST_END_REFUSED, "refused", false);
    put_kind(&ended_line, FST_END_NO_ANSWER, "no answer", false);
    line_end(&ended_line);
    put_kind(&now_line, FST_END_OPEN, "open", false);
    put_kind(&now_line, FST_END_HALF_CLOSED, "half-closed", false);
    put_kind(&now_line, FST_END_OPENING, "opening", false);
    put_kind(&now_line, FST_END_CLOSING, "closing", false);
    put_kind(&now_line, FST_END_UNKNOWN, "unknown", false);
    line_end(&now_line);
    put_findings(writer);
}

/** A command to go on with: the ladder of the first row, which is the worst when not all fit. With
 * a filter the numbers would be others without it. */
static void put_next(struct fst_writer *writer, const struct fst_row *row)
{
    if (strcmp(writer->source->path, "-") == 0 ||
        fst_capture_info(writer->source->capture)->filtered_out > 0)
        return;
    fst_out_text(writer->out, "next      flowstate explain -r ");
    if (!fst_out_shell_word(writer->out, writer->source->path))
        fst_out_text(writer->out, "FILE");
    fst_out_print(writer->out, " %u\n", row->id);
}

/** The row with the worst findings, or NULL when nothing was found. */
static const struct fst_row *worst_row(const struct fst_rows *rows)
{
    const struct fst_row *worst = NULL;

    for (size_t i = 0; i < rows->count; i++)
        if (rows->row[i].rule_count > 0 && (!worst || rows->row[i].worst < worst->worst))
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
    put_totals(writer);
    if (worst)
        put_next(writer, worst);
}

static void finish(struct fst_writer *writer)
{
    struct text *text = writer->state;

    if (text->views.connections <= text->rows.count)
        fst_rows_sort(&text->rows);
    if (!writer->style.quiet) {
        if (text->streaming)
            fst_out_char(writer->out, '\n');
        fst_text_head(writer, &text->views);
        if (!text->streaming && text->rows.count > 0)
            fst_out_char(writer->out, '\n');
    }
    if (!text->streaming)
        print_rows(writer);
    if (writer->style.terminal && !writer->style.quiet)
        put_foot(writer);
}

static void release(struct fst_writer *writer)
{
    struct text *text = writer->state;

    fst_rows_clear(&text->rows);
}

const struct fst_format fst_flows_text = {
    .name = "text",
    .state_size = sizeof(struct text),
    .begin = begin,
    .ended = ended,
    .finish = finish,
    .release = release,
};
