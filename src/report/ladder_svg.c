/* SPDX-License-Identifier: MIT
 *
 * The ladder as a picture: a bar for each endpoint, coloured and labelled with its states, arrows
 * between the bars, findings below the arrow that shows them. A self-contained SVG document.
 */
#include "report/ladder_svg.h"

#include <stdio.h>
#include <string.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/ladder_words.h"
#include "report/ladder_writer.h"
#include "report/paragraph.h"
#include "report/wording.h"

#define WIDTH        1000
#define LANE_WIDTH   14
#define CLIENT_X     190 /* middle of the bars */
#define SERVER_X     (WIDTH - CLIENT_X)
#define MIDDLE       (WIDTH / 2)
#define REACH        11 /* from a bar's middle to the end of an arrow */
#define SLOPE        8  /* an arrow comes in so much lower than it left */
#define TOP          112
#define BOTTOM       52
#define NOTE_LINE    17
#define NOTE_COLUMNS 78
#define NOTE_MAX     1024

/* Height of a row by its kind, and of its arrow's start in it. */
static const int row_height[] = {
    [FST_LADDER_START] = 34,    [FST_LADDER_SEGMENT] = 50, [FST_LADDER_DATA] = 50,
    [FST_LADDER_EXCHANGE] = 50, [FST_LADDER_REST] = 50,    [FST_LADDER_GAP] = 44,
    [FST_LADDER_END] = 34,
};
#define ARROW_Y 24

static const char style[] =
    "<style>\n"
    "text{font-family:'DejaVu Sans',Verdana,Arial,sans-serif;font-size:13px;fill:#1f2933}\n"
    ".paper{fill:#fff}.title{font-size:18px;font-weight:bold}.name{font-size:15px;"
    "font-weight:bold}.long{font-size:12px}\n"
    ".quiet{fill:#52606d}.m{text-anchor:middle}.e{text-anchor:end}.state{font-weight:bold}\n"
    ".guess{font-weight:normal;font-style:italic}.meta{font-size:11px;fill:#52606d}\n"
    ".rest{fill:#9aa5b1;stroke:#616e7c}.opening{fill:#4098d7;stroke:#1a5a8b}\n"
    ".data{fill:#3f9142;stroke:#216b28}.closing{fill:#e9a23b;stroke:#97600f}\n"
    ".inferred{fill-opacity:.3;stroke-dasharray:3 3}\n"
    ".way{stroke:#3e4c59;stroke-width:1.8;fill:none}.load{stroke-width:4}\n"
    ".head{fill:#3e4c59}.flag{font-weight:bold}\n"
    ".reset.way{stroke:#c0392b}.reset.head,.reset.flag{fill:#c0392b}\n"
    ".gone{stroke:#9aa5b1;stroke-width:2;stroke-dasharray:2 6}\n"
    ".box{fill:#fff;stroke-width:1.5}.illegal{stroke:#c0392b}.suspect{stroke:#c77700}\n"
    ".anomaly{stroke:#2b6cb0}.capture{stroke:#7b8794}.box.illegal{fill:#fdecea}\n"
    ".box.suspect{fill:#fff4e0}.box.anomaly{fill:#ebf4fc}.box.capture{fill:#f1f3f5}\n"
    ".why{font-style:italic;fill:#52606d;font-size:12px}\n"
    "@media(prefers-color-scheme:dark){.paper{fill:#14181d}text{fill:#e4e7eb}"
    ".quiet,.meta,.why{fill:#9aa5b1}.way{stroke:#cbd2d9}.head{fill:#cbd2d9}"
    ".box.illegal{fill:#3b1714}.box.suspect{fill:#3a2a0c}.box.anomaly{fill:#12283d}"
    ".box.capture{fill:#23282e}}\n"
    "</style>\n";

struct picture {
    struct fst_out *out;
    const struct fst_ladder *ladder;
    bool verbose;
};

static int lane_x(unsigned side)
{
    return side == FST_CLIENT ? CLIENT_X : SERVER_X;
}

/* ------------------------------------------------------------------------------------ notes -- */

static int line_count(const char *text)
{
    int lines = 0;

    for (; *text != '\0'; lines++) {
        text += fst_wrap(text, NOTE_COLUMNS);
        text += strspn(text, " ");
    }
    return lines;
}

/** The text of a row's note by number: its findings, then, if asked for, the reasons of its
 * changes. NULL past the last. */
static const char *note_at(const struct picture *picture, const struct fst_ladder_row *row,
                           size_t index, char text[NOTE_MAX])
{
    if (index < row->finding_count) {
        fst_finding_line(&picture->ladder->findings[row->finding_first + index], text, NOTE_MAX);
        return text;
    }
    index -= row->finding_count;
    if (!picture->verbose || index >= row->change_count)
        return NULL;
    return fst_ladder_why_text(&picture->ladder->changes[row->change_first + index].change, text);
}

/** Octets below the row's arrow that a note takes. */
static int note_height(const struct fst_ladder_row *row, size_t index, const char *text)
{
    return line_count(text) * NOTE_LINE + (index < row->finding_count ? 18 : 2);
}

static int height_of(const struct picture *picture, const struct fst_ladder_row *row)
{
    int height = row_height[row->kind];
    char text[NOTE_MAX];
    const char *note;

    for (size_t i = 0; (note = note_at(picture, row, i, text)) != NULL; i++)
        height += note_height(row, i, note);
    return height;
}

static void put_note(const struct picture *picture, const struct fst_ladder_row *row, size_t index,
                     int y, const char *text)
{
    bool finding = index < row->finding_count;

    if (finding)
        fst_out_print(picture->out,
                      "<rect class=\"box %s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
                      "rx=\"6\"/>\n",
                      fst_class_name(picture->ladder->findings[row->finding_first + index].class_),
                      CLIENT_X + 22, y, SERVER_X - CLIENT_X - 44,
                      note_height(row, index, text) - 8);
    y += finding ? 17 : 10;
    while (*text != '\0') {
        char line[NOTE_COLUMNS + 1];
        size_t len = fst_wrap(text, NOTE_COLUMNS);

        memcpy(line, text, len);
        line[len] = '\0';
        fst_out_print(picture->out, "<text class=\"%s\" x=\"%d\" y=\"%d\">",
                      finding ? "note" : "why", CLIENT_X + 34, y);
        fst_out_markup(picture->out, line);
        fst_out_text(picture->out, "</text>\n");
        y += NOTE_LINE;
        text += len;
        text += strspn(text, " ");
    }
}

static void put_notes(const struct picture *picture, const struct fst_ladder_row *row, int y)
{
    char text[NOTE_MAX];
    const char *note;

    for (size_t i = 0; (note = note_at(picture, row, i, text)) != NULL; i++) {
        put_note(picture, row, i, y, note);
        y += note_height(row, i, note);
    }
}

/* ------------------------------------------------------------------------------------- bars -- */

/** Where in a row its news reach a side: at the arrow's start or end. */
static int news_y(const struct fst_ladder_row *row, unsigned side)
{
    if (row->kind == FST_LADDER_START)
        return 8;
    return ARROW_Y + (side == row->from ? 0 : SLOPE);
}

static void put_bar(const struct picture *picture, unsigned side,
                    const struct fst_ladder_lane *lane, int from, int to)
{
    if (to <= from || lane->unknown)
        return;
    fst_out_print(
        picture->out,
        "<rect class=\"%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>%s%s</title>"
        "</rect>\n",
        fst_phase_name(lane->state), lane->inferred ? " inferred" : "",
        lane_x(side) - LANE_WIDTH / 2, from, LANE_WIDTH, to - from, fst_state_name(lane->state),
        lane->inferred ? ", inferred" : "");
}

static void put_label(const struct picture *picture, unsigned side,
                      const struct fst_ladder_lane *lane, int y)
{
    fst_out_print(picture->out, "<text class=\"state%s%s\" x=\"%d\" y=\"%d\">%s%s</text>\n",
                  side == FST_CLIENT ? " e" : "", lane->inferred ? " guess" : "",
                  lane_x(side) + (side == FST_CLIENT ? -16 : 16), y, fst_state_name(lane->state),
                  lane->inferred ? " ~" : "");
}

/** The bar of one side from top to bottom: a piece for each state, nothing but dots where time was
 *  left out. */
static void put_lane(const struct picture *picture, unsigned side)
{
    const struct fst_ladder *ladder = picture->ladder;
    struct fst_ladder_lane lane = ladder->rows[0].lane[side];
    int y = TOP, since = TOP + 8;

    for (size_t i = 0; i < ladder->row_count; i++) {
        const struct fst_ladder_row *row = &ladder->rows[i];
        int height = height_of(picture, row);

        if (row->lane[side].news) {
            put_bar(picture, side, &lane, since, y + news_y(row, side));
            lane = row->lane[side];
            since = y + news_y(row, side);
            put_label(picture, side, &lane, since + 5);
        } else if (row->kind == FST_LADDER_GAP) {
            put_bar(picture, side, &lane, since, y);
            fst_out_print(picture->out, "<path class=\"gone\" d=\"M%d %dV%d\"/>\n", lane_x(side),
                          y + 3, y + height);
            since = y + height;
        }
        y += height;
    }
    put_bar(picture, side, &lane, since, y);
}

/* ----------------------------------------------------------------------------------- arrows -- */

static void put_head(const struct picture *picture, const char *reset, int x, int y, bool right)
{
    int back = right ? -11 : 11;

    fst_out_print(picture->out, "<path class=\"head%s\" d=\"M%d %dl%d -5v10z\"/>\n", reset, x, y,
                  back);
}

static void put_label_of(const struct picture *picture, const struct fst_ladder_row *row,
                         const char *reset, int y)
{
    struct fst_ladder_words words;
    char packets[FST_LADDER_LINE_MAX], time[FST_LADDER_LINE_MAX];

    fst_ladder_words(row, &words);
    fst_out_print(picture->out, "<text class=\"m\" x=\"%d\" y=\"%d\"><tspan class=\"flag%s\">",
                  MIDDLE, y - 4, reset);
    fst_out_markup(picture->out, words.part[0]);
    fst_out_text(picture->out, "</tspan>");
    for (size_t i = 1; i < words.count; i++)
        fst_out_print(picture->out, " \302\267 %s", words.part[i]);
    fst_out_print(picture->out,
                  "</text>\n<text class=\"meta m\" x=\"%d\" y=\"%d\">%s \302\267 %s s</text>\n",
                  MIDDLE, y + 20, fst_ladder_packets_text(row, "\342\200\223", packets),
                  fst_ladder_time_text(picture->ladder, row, time));
}

static void put_arrow(const struct picture *picture, const struct fst_ladder_row *row, int y)
{
    bool both = row->kind == FST_LADDER_EXCHANGE || row->kind == FST_LADDER_REST;
    bool rightwards = row->from == FST_CLIENT;
    bool load = row->sent[0].octets + row->sent[1].octets > 0;
    const char *reset = row->flags & FST_TCP_RST ? " reset" : "";
    int start = y + ARROW_Y, end = both ? start : start + SLOPE;
    int left = CLIENT_X + REACH, right = SERVER_X - REACH;

    fst_out_print(picture->out, "<path class=\"way%s%s\" d=\"M%d %dL%d %d\"/>\n",
                  load ? " load" : "", reset, left + 8, rightwards || both ? start : end, right - 8,
                  rightwards && !both ? end : start);
    if (rightwards || both)
        put_head(picture, reset, right, end, true);
    if (!rightwards || both)
        put_head(picture, reset, left, end, false);
    put_label_of(picture, row, reset, start);
}

static void put_row(const struct picture *picture, size_t index, int y)
{
    const struct fst_ladder_row *row = &picture->ladder->rows[index];
    char pause[FST_LADDER_LINE_MAX];

    if (row->kind == FST_LADDER_GAP || row->kind == FST_LADDER_END)
        fst_out_print(picture->out, "<text class=\"quiet m\" x=\"%d\" y=\"%d\">%s</text>\n", MIDDLE,
                      y + 26, fst_ladder_pause_text(picture->ladder, index, pause));
    else if (row->kind != FST_LADDER_START)
        put_arrow(picture, row, y);
    put_notes(picture, row, y + row_height[row->kind]);
}

/* ----------------------------------------------------------------------------- the document -- */

static int total_height(const struct picture *picture)
{
    int height = TOP + BOTTOM;

    for (size_t i = 0; i < picture->ladder->row_count; i++)
        height += height_of(picture, &picture->ladder->rows[i]);
    return height;
}

static void put_heading(const struct picture *picture, int64_t end_ns)
{
    const struct fst_connection_view *view = &picture->ladder->view;
    char summary[FST_LADDER_WHY_MAX], date[FST_FORMAT_MAX], clock[FST_FORMAT_MAX],
        end[FST_ENDPOINT_MAX];

    fst_ladder_summary_text(picture->ladder, end_ns, summary);
    fst_out_print(picture->out, "<text class=\"title\" x=\"20\" y=\"34\">Connection %u</text>\n",
                  view->id);
    fst_out_print(picture->out,
                  "<text class=\"quiet e\" x=\"%d\" y=\"34\">%s</text>\n"
                  "<text class=\"quiet\" x=\"20\" y=\"56\">%s %s UTC</text>\n",
                  WIDTH - 20, summary, fst_format_date(view->ts_first, date),
                  fst_format_clock(view->ts_first, 6, clock));
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        fst_endpoint_text(&endpoint->address, endpoint->port, end);
        fst_out_print(picture->out, "<text class=\"name%s%s\" x=\"%d\" y=\"92\">%s %s</text>\n",
                      strlen(end) > 34 ? " long" : "", side == FST_CLIENT ? "" : " e",
                      side == FST_CLIENT ? 20 : WIDTH - 20, fst_side_name(side), end);
    }
}

static void put_legend(const struct picture *picture, int y)
{
    static const char *const phases[][2] = {
        {"rest", "at rest"}, {"opening", "opening"}, {"data", "open"}, {"closing", "closing"}};
    int x = 20;

    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++, x += 105)
        fst_out_print(picture->out,
                      "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\"/>"
                      "<text class=\"meta\" x=\"%d\" y=\"%d\">%s</text>\n",
                      phases[i][0], x, y - 10, x + 18, y, phases[i][1]);
    fst_out_print(picture->out,
                  "<rect class=\"data inferred\" x=\"%d\" y=\"%d\" width=\"12\" height=\"12\"/>"
                  "<text class=\"meta\" x=\"%d\" y=\"%d\">~ inferred: firm once that side itself "
                  "shows it</text>\n",
                  x, y - 10, x + 18, y);
}

void fst_ladder_svg(struct fst_out *out, const struct fst_ladder *ladder, int64_t end_ns,
                    bool verbose)
{
    struct picture picture = {out, ladder, verbose};
    int height = total_height(&picture), y = TOP;

    fst_out_print(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" role=\"img\" aria-label=\"Ladder of connection %u\">\n",
                  WIDTH, height, WIDTH, height, ladder->view.id);
    fst_out_text(out, style);
    fst_out_print(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
    put_heading(&picture, end_ns);
    for (unsigned side = 0; ladder->row_count > 0 && side < 2; side++)
        put_lane(&picture, side);
    for (size_t i = 0; i < ladder->row_count; i++) {
        put_row(&picture, i, y);
        y += height_of(&picture, &ladder->rows[i]);
    }
    put_legend(&picture, height - 20);
    fst_out_text(out, "</svg>\n");
}

static void finish(struct fst_writer *writer)
{
    const struct fst_ladder_sheet *sheet = writer->state;

    if (sheet->complete)
        fst_ladder_svg(writer->out, &sheet->ladder, sheet->end_ns, writer->style.verbose);
}

const struct fst_format fst_explain_svg = FST_LADDER_FORMAT("svg", finish);
