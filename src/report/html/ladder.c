/* SPDX-License-Identifier: MIT
 *
 * A ladder as an HTML table: the client's states, what was sent, the server's states. A table reads
 * aloud in order, folds on a narrow screen and is a third of the size of a picture; the style sheet
 * draws bars and arrows.
 */
#include "report/html/parts.h"

#include <stdio.h>
#include <string.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/ladder_words.h"
#include "report/wording.h"

/** The cell of one side: its bar, and the state's name where it is news. */
static void put_lane(struct fst_out *out, const struct fst_ladder_row *row, unsigned side,
                     bool named)
{
    const struct fst_ladder_lane *lane = &row->lane[side];

    fst_out_print(out, "<td class=\"%s%s\">", fst_html_lane_class(lane),
                  row->kind == FST_LADDER_GAP ? " p" : "");
    if (named && lane->news && !lane->unknown)
        fst_out_print(out, "%s%s", fst_state_name(lane->state), lane->inferred ? " ~" : "");
    fst_out_text(out, "</td>");
}

/** R and L are arrows to the right and left, B to both; d carries data, x is a reset. */
static void put_arrow_class(struct fst_out *out, const struct fst_ladder_row *row)
{
    bool both = row->kind == FST_LADDER_EXCHANGE || row->kind == FST_LADDER_REST;

    fst_out_print(out, "<td class=\"a %s%s%s\">",
                  both                      ? "B"
                  : row->from == FST_CLIENT ? "R"
                                            : "L",
                  row->sent[0].octets + row->sent[1].octets > 0 ? " d" : "",
                  row->flags & FST_TCP_RST ? " x" : "");
    fst_out_print(out, "<i>%s: </i>", both ? "both" : fst_side_name(row->from));
}

static void put_arrow(struct fst_out *out, const struct fst_ladder *ladder,
                      const struct fst_ladder_row *row)
{
    struct fst_ladder_words words;
    char packets[FST_LADDER_LINE_MAX], time[FST_LADDER_LINE_MAX];

    fst_ladder_words(row, &words);
    put_arrow_class(out, row);
    for (size_t i = 0; i < words.count; i++) {
        fst_out_text(out, i == 0 ? "<b>" : " \302\267 ");
        fst_out_markup(out, words.part[i]);
        fst_out_text(out, i == 0 ? "</b>" : "");
    }
    fst_out_print(out, "<small>%s \302\267 %s s</small></td>",
                  fst_ladder_packets_text(row, "\342\200\223", packets),
                  fst_ladder_time_text(ladder, row, time));
}

static void put_findings(struct fst_out *out, const struct fst_ladder *ladder,
                         const struct fst_ladder_row *row)
{
    char line[1024];

    for (size_t i = 0; i < row->finding_count; i++) {
        const struct fst_finding *finding = &ladder->findings[row->finding_first + i];

        fst_out_text(out, "<tr>");
        put_lane(out, row, FST_CLIENT, false);
        fst_finding_line(finding, line, sizeof(line));
        fst_out_print(out, "<td class=\"f %s\">", fst_class_name(finding->class_));
        fst_out_markup(out, line);
        fst_out_text(out, "</td>");
        put_lane(out, row, FST_SERVER, false);
        fst_out_text(out, "</tr>\n");
    }
}

static void put_row(struct fst_out *out, const struct fst_ladder *ladder, size_t index)
{
    const struct fst_ladder_row *row = &ladder->rows[index];
    char pause[FST_LADDER_LINE_MAX];

    fst_out_text(out, "<tr>");
    put_lane(out, row, FST_CLIENT, true);
    if (row->kind == FST_LADDER_START)
        fst_out_text(out, "<td></td>");
    else if (row->kind == FST_LADDER_GAP || row->kind == FST_LADDER_END)
        fst_out_print(out, "<td class=\"q\">%s</td>", fst_ladder_pause_text(ladder, index, pause));
    else
        put_arrow(out, ladder, row);
    put_lane(out, row, FST_SERVER, true);
    fst_out_text(out, "</tr>\n");
    put_findings(out, ladder, row);
}

static void put_reasons(struct fst_out *out, const struct fst_ladder *ladder)
{
    char text[FST_LADDER_WHY_MAX];

    if (ladder->change_count == 0)
        return;
    fst_out_text(out, "<details class=\"why\"><summary>Why each state changed</summary><ul>\n");
    for (size_t i = 0; i < ladder->change_count; i++) {
        fst_out_print(out, "<li>#%llu ", (unsigned long long)ladder->changes[i].packet);
        fst_out_markup(out, fst_ladder_why_text(&ladder->changes[i].change, text));
        fst_out_text(out, "</li>\n");
    }
    fst_out_text(out, "</ul></details>\n");
}

void fst_html_ladder(struct fst_out *out, const struct fst_ladder *ladder)
{
    fst_out_text(
        out,
        "<table class=\"ladder\" aria-label=\"Ladder\"><thead><tr><th scope=\"col\">client</th>"
        "<th scope=\"col\">what was sent</th><th scope=\"col\">server</th></tr>"
        "</thead><tbody>\n");
    for (size_t i = 0; i < ladder->row_count; i++)
        put_row(out, ladder, i);
    fst_out_text(out, "</tbody></table>\n");
    put_reasons(out, ladder);
}
