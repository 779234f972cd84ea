/* SPDX-License-Identifier: MIT
 *
 * The ladder on a terminal: client left, server right, a line a row, findings and reasons below the
 * arrow they belong to. As wide as the terminal, from 80 columns on.
 */
#include "report/ladder_writer.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/detail.h"
#include "report/format.h"
#include "report/ladder_words.h"
#include "report/paragraph.h"
#include "report/text_rows.h"
#include "report/wording.h"

#define COLUMNS_LEAST 80
#define COLUMNS_MOST  132
#define LABEL_COLUMNS 14 /* the longest state, a blank and the mark */
#define SIDE_COLUMNS  (LABEL_COLUMNS + 2)
#define LEAD_COLUMNS  5 /* of an arrow before its label */
#define TAIL_COLUMNS  3 /* and behind it */

struct glyphs {
    const char *lane[2]; /* by inferred */
    const char *silent, *ended;
    const char *line[2]; /* by whether it carries data */
    const char *head[2]; /* by enum fst_side that gets it */
    const char *mark, *dash, *dots;
};

static const struct glyphs unicode = {
    .lane = {"┃", "│"},
    .silent = "┊",
    .ended = "╵",
    .line = {"─", "═"},
    .head = {"◀", "▶"},
    .mark = "▲",
    .dash = "–",
    .dots = "…",
};

static const struct glyphs ascii = {
    .lane = {"|", ":"},
    .silent = ".",
    .ended = "'",
    .line = {"-", "="},
    .head = {"<", ">"},
    .mark = "^",
    .dash = "-",
    .dots = "...",
};

struct page {
    struct fst_writer *writer;
    struct fst_out *out;
    const struct fst_ladder *ladder;
    const struct glyphs *glyphs;
    size_t middle; /* columns between the lanes */
};

static void repeat(struct fst_out *out, const char *text, size_t times)
{
    while (times-- > 0)
        fst_out_text(out, text);
}

/* ------------------------------------------------------------------------------ both margins -- */

static const char *state_color(const struct fst_ladder_lane *lane)
{
    if (lane->inferred)
        return "2";
    switch (lane->state) {
    case FST_ESTABLISHED:
        return "1;32";
    case FST_CLOSED:
    case FST_LISTEN:
        return "1";
    default:
        return "1;33";
    }
}

static void label_text(const struct fst_ladder_lane *lane, char text[LABEL_COLUMNS + 1])
{
    text[0] = '\0';
    if (lane->news)
        snprintf(text, LABEL_COLUMNS + 1, "%s%s", fst_state_name(lane->state),
                 lane->inferred ? " ~" : "");
}

static void put_label(const struct page *page, const struct fst_ladder_lane *lane, bool left)
{
    char text[LABEL_COLUMNS + 1];

    label_text(lane, text);
    if (text[0] == '\0') {
        fst_out_fill(page->out, ' ', left ? LABEL_COLUMNS + 1 : 0);
        return;
    }
    if (!left) /* no blanks at the end of a line */
        fst_out_char(page->out, ' ');
    fst_out_color(page->writer, state_color(lane));
    fst_out_text(page->out, text);
    fst_out_color(page->writer, "0");
    if (left)
        fst_out_fill(page->out, ' ', LABEL_COLUMNS + 1 - strlen(text));
}

static const char *lane_glyph(const struct page *page, const struct fst_ladder_row *row,
                              unsigned side)
{
    if (row->kind == FST_LADDER_GAP)
        return page->glyphs->silent;
    if (row->kind == FST_LADDER_END)
        return page->glyphs->ended;
    return page->glyphs->lane[row->lane[side].inferred];
}

static void begin_line(const struct page *page, const struct fst_ladder_row *row, bool labelled)
{
    static const struct fst_ladder_lane none = {.news = false};

    put_label(page, labelled ? &row->lane[FST_CLIENT] : &none, true);
    fst_out_text(page->out, lane_glyph(page, row, FST_CLIENT));
}

static void end_line(const struct page *page, const struct fst_ladder_row *row, bool labelled)
{
    static const struct fst_ladder_lane none = {.news = false};

    fst_out_text(page->out, lane_glyph(page, row, FST_SERVER));
    put_label(page, labelled ? &row->lane[FST_SERVER] : &none, false);
    fst_out_char(page->out, '\n');
}

/* ----------------------------------------------------------------------------------- arrows -- */

/* What fits between the lanes: label and packet, with dashes between them. */
struct arrow {
    char label[FST_LADDER_PARTS * FST_LADDER_PART_MAX];
    char meta[2 * FST_LADDER_LINE_MAX + 4];
    size_t dashes;
};

/** Take as many parts of the label as there is room for, the packet's time only if the first part
 *  leaves room. */
static void fit_arrow(const struct page *page, const struct fst_ladder_row *row,
                      const struct fst_ladder_words *words, struct arrow *arrow)
{
    char packets[FST_LADDER_LINE_MAX], time[FST_LADDER_LINE_MAX];
    size_t room = page->middle - LEAD_COLUMNS - TAIL_COLUMNS - 3, used, len = 0;

    fst_ladder_packets_text(row, page->glyphs->dash, packets);
    fst_ladder_time_text(page->ladder, row, time);
    snprintf(arrow->meta, sizeof(arrow->meta), "%s  %s", packets, time);
    if (fst_text_columns(arrow->meta) + strlen(words->part[0]) > room)
        snprintf(arrow->meta, sizeof(arrow->meta), "%s", packets);
    used = fst_text_columns(arrow->meta);
    for (size_t i = 0; i < words->count; i++) {
        size_t need = strlen(words->part[i]) + (i > 0 ? 2 : 0);

        if (i > 0 && used + need > room)
            break;
        len += (size_t)snprintf(arrow->label + len, sizeof(arrow->label) - len, "%s%s",
                                i > 0 ? "  " : "", words->part[i]);
        used += need;
    }
    arrow->dashes = used < room ? room - used + 1 : 1;
}

static const char *arrow_color(const struct fst_ladder_row *row)
{
    if (row->flags & FST_TCP_RST)
        return "31";
    if (row->kind == FST_LADDER_SEGMENT && row->flags & (FST_TCP_SYN | FST_TCP_FIN))
        return "1";
    return "0";
}

static void put_arrow(const struct page *page, const struct fst_ladder_row *row,
                      const struct fst_ladder_words *words)
{
    bool both = row->kind == FST_LADDER_EXCHANGE || row->kind == FST_LADDER_REST;
    bool data = row->sent[0].octets + row->sent[1].octets > 0;
    bool rightwards = row->from == FST_CLIENT;
    const char *line = page->glyphs->line[data];
    struct arrow arrow = {.dashes = 0};

    fit_arrow(page, row, words, &arrow);
    fst_out_color(page->writer, arrow_color(row));
    fst_out_text(page->out, rightwards && !both ? line : page->glyphs->head[FST_CLIENT]);
    repeat(page->out, line, LEAD_COLUMNS - 2);
    fst_out_char(page->out, ' ');
    fst_out_text(page->out, arrow.label);
    fst_out_char(page->out, ' ');
    repeat(page->out, line, arrow.dashes);
    fst_out_char(page->out, ' ');
    fst_out_text(page->out, arrow.meta);
    fst_out_char(page->out, ' ');
    repeat(page->out, line, TAIL_COLUMNS - 2);
    fst_out_text(page->out, rightwards || both ? page->glyphs->head[FST_SERVER] : line);
    fst_out_color(page->writer, "0");
}

/* ------------------------------------------------------------------------- between the lanes -- */

/** Text between the lanes, wrapped at blanks; `lead` stands before its first line. */
static void put_note(const struct page *page, const struct fst_ladder_row *row, const char *lead,
                     const char *color, const char *text)
{
    size_t indent = fst_text_columns(lead), room = page->middle - indent - 1;

    while (*text != '\0') {
        size_t len = fst_wrap(text, room);

        begin_line(page, row, false);
        fst_out_color(page->writer, color);
        fst_out_text(page->out, lead);
        fst_out_bytes(page->out, text, len);
        fst_out_color(page->writer, "0");
        fst_out_fill(page->out, ' ', room - len + 1);
        end_line(page, row, false);
        lead = "       ";
        lead += strlen(lead) - indent;
        text += len;
        text += strspn(text, " ");
    }
}

static void put_centred(const struct page *page, const char *text)
{
    size_t columns = fst_text_columns(text), left = (page->middle - columns) / 2;

    fst_out_fill(page->out, ' ', left);
    fst_out_text(page->out, text);
    fst_out_fill(page->out, ' ', page->middle - columns - left);
}

static void put_pause(const struct page *page, size_t index)
{
    const struct fst_ladder_row *row = &page->ladder->rows[index];
    char pause[FST_LADDER_LINE_MAX], text[FST_LADDER_LINE_MAX + 16];

    fst_ladder_pause_text(page->ladder, index, pause);
    if (row->kind == FST_LADDER_GAP)
        snprintf(text, sizeof(text), "%s %s %s", page->glyphs->dots, pause, page->glyphs->dots);
    else
        snprintf(text, sizeof(text), "%s", pause);
    put_centred(page, text);
}

static void put_findings(const struct page *page, const struct fst_ladder_row *row)
{
    char lead[16], line[1024];

    snprintf(lead, sizeof(lead), "   %s ", page->glyphs->mark);
    for (size_t i = 0; i < row->finding_count; i++) {
        const struct fst_finding *finding = &page->ladder->findings[row->finding_first + i];

        fst_finding_line(finding, line, sizeof(line));
        put_note(page, row, lead, fst_class_color(finding->class_), line);
    }
}

static void put_reasons(const struct page *page, const struct fst_ladder_row *row)
{
    char why[FST_LADDER_WHY_MAX];

    for (size_t i = 0; i < row->change_count; i++) {
        fst_ladder_why_text(&page->ladder->changes[row->change_first + i].change, why);
        put_note(page, row, "     ", "2", why);
    }
}

static void put_row(const struct page *page, size_t index)
{
    const struct fst_ladder_row *row = &page->ladder->rows[index];
    struct fst_ladder_words words;

    if (row->kind == FST_LADDER_START && row->lane[FST_CLIENT].unknown)
        return;
    fst_ladder_words(row, &words);
    begin_line(page, row, true);
    if (words.count > 0)
        put_arrow(page, row, &words);
    else
        put_pause(page, index);
    end_line(page, row, true);
    put_findings(page, row);
    if (page->writer->style.verbose)
        put_reasons(page, row);
}

/* ------------------------------------------------------------------------- around the ladder -- */

#define FOLD_INDENT 2

/** A term and what it means, folded below it. */
static void put_meaning(const struct page *page, const char *color, const char *term,
                        const char *meaning)
{
    size_t columns = page->middle + 2 * SIDE_COLUMNS, room;

    fst_out_color(page->writer, color);
    fst_out_text(page->out, term);
    fst_out_color(page->writer, "0");
    fst_out_text(page->out, ": ");
    for (room = columns - strlen(term) - 2; *meaning != '\0'; room = columns - FOLD_INDENT) {
        size_t len = fst_wrap(meaning, room);

        fst_out_bytes(page->out, meaning, len);
        fst_out_char(page->out, '\n');
        meaning += len;
        meaning += strspn(meaning, " ");
        if (*meaning != '\0')
            fst_out_fill(page->out, ' ', FOLD_INDENT);
    }
}

static void put_heading(const struct page *page, int64_t end_ns)
{
    const struct fst_connection_view *view = &page->ladder->view;
    char id[FST_COMMUNITY_ID_MAX], clock[FST_FORMAT_MAX], date[FST_FORMAT_MAX],
        summary[FST_LADDER_WHY_MAX], term[32];

    fst_community_id(view, page->writer->style.community_id_seed, id);
    fst_ladder_summary_text(page->ladder, end_ns, summary);
    snprintf(term, sizeof(term), "connection %u", view->id);
    put_meaning(page, "1", term, summary);
    fst_out_print(page->out, "%s %s UTC, %s\n", fst_format_date(view->ts_first, date),
                  fst_format_clock(view->ts_first, 6, clock), id);
    if (view->incarnation > 1)
        fst_out_print(page->out, "use %u of these addresses and ports\n", view->incarnation);
    fst_out_char(page->out, '\n');
}

/** The endpoints above their lanes; on two lines when they are too long for one. */
static void put_names(const struct page *page)
{
    const struct fst_connection_view *view = &page->ladder->view;
    size_t columns = page->middle + 2 * SIDE_COLUMNS, used;
    char client[FST_ENDPOINT_MAX + 8], server[FST_ENDPOINT_MAX + 8], text[FST_ENDPOINT_MAX];

    snprintf(client, sizeof(client), "CLIENT %s",
             fst_endpoint_text(&view->side[FST_CLIENT].address, view->side[FST_CLIENT].port, text));
    snprintf(server, sizeof(server), "SERVER %s",
             fst_endpoint_text(&view->side[FST_SERVER].address, view->side[FST_SERVER].port, text));
    used = strlen(client);
    fst_out_color(page->writer, "1");
    fst_out_text(page->out, client);
    if (used + strlen(server) + 2 > columns) {
        fst_out_char(page->out, '\n');
        used = 0;
    }
    fst_out_fill(page->out, ' ', columns - used - strlen(server));
    fst_out_text(page->out, server);
    fst_out_color(page->writer, "0");
    fst_out_char(page->out, '\n');
}

static bool has_inferred(const struct fst_ladder *ladder)
{
    for (size_t i = 0; i < ladder->row_count; i++)
        for (unsigned side = 0; side < 2; side++)
            if (ladder->rows[i].lane[side].news && ladder->rows[i].lane[side].inferred)
                return true;
    return false;
}

/** What the rules of the findings say, each once, and with -v what else could explain them. */
static void put_rules(const struct page *page)
{
    const struct fst_connection_view *view = &page->ladder->view;
    char text[1024];

    for (size_t i = 0; i < view->finding_count; i++) {
        const struct fst_rule *rule = view->findings[i].rule;
        bool excuse = page->writer->style.verbose && *rule->excuse != '\0';

        if (fst_found_earlier(view, i))
            continue;
        snprintf(text, sizeof(text), "%s%s%s%s%s%s", rule->meaning, *rule->source ? " (" : "",
                 rule->source, *rule->source ? ")" : "", excuse ? "; innocent: " : "",
                 excuse ? rule->excuse : "");
        put_meaning(page, fst_class_color(view->findings[i].class_), rule->slug, text);
    }
}

/** What it tells that a side stays where it is. */
static void put_lingering(const struct page *page)
{
    const struct fst_connection_view *view = &page->ladder->view;
    char term[64];

    for (unsigned side = 0; side < 2; side++) {
        enum fst_state state = view->side[side].state;

        if (!view->side[side].heard || !fst_is_passing(state))
            continue;
        snprintf(term, sizeof(term), "%s, if the %s stays there", fst_state_name(state),
                 fst_side_name(side));
        put_meaning(page, "1", term, fst_state_info(state)->lingering);
    }
}

static void put_foot(const struct page *page)
{
    bool inferred = has_inferred(page->ladder);

    if (inferred || page->ladder->view.finding_count > 0)
        fst_out_char(page->out, '\n');
    if (inferred)
        fst_out_text(page->out, "~ inferred from what was sent to that side; firm once that side "
                                "itself shows it\n");
    put_rules(page);
    put_lingering(page);
}

static void finish(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;
    unsigned columns = writer->style.columns;
    struct page page = {
        .writer = writer,
        .out = writer->out,
        .ladder = &sheet->ladder,
        .glyphs = writer->style.utf8 ? &unicode : &ascii,
    };

    if (!sheet->complete)
        return;
    columns = columns < COLUMNS_LEAST  ? COLUMNS_LEAST
              : columns > COLUMNS_MOST ? COLUMNS_MOST
                                       : columns;
    page.middle = columns - 2 * SIDE_COLUMNS;
    if (!writer->style.quiet)
        put_heading(&page, sheet->end_ns);
    put_names(&page);
    for (size_t i = 0; i < sheet->ladder.row_count; i++)
        put_row(&page, i);
    if (!writer->style.quiet)
        put_foot(&page);
}

const struct fst_format fst_explain_text = FST_LADDER_FORMAT("text", finish);
