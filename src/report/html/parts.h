/* SPDX-License-Identifier: MIT
 *
 * The parts of the HTML page, one file each. All of it is well-formed XML too: tags are closed,
 * attributes quoted, and every string from elsewhere goes through fst_out_markup().
 */
#ifndef FST_REPORT_HTML_PARTS_H
#define FST_REPORT_HTML_PARTS_H

#include "report/html/book.h"
#include "report/html/tally.h"
#include "report/out.h"
#include "report/text_head.h"
#include "report/writer.h"

struct fst_html {
    struct fst_book book;
    struct fst_tally tally;
    struct fst_view_counts views;
    int64_t end_ns; /* of the capture */
};

/** A letter for the style of a lane: r at rest, o opening, e established, c closing, u unknown; and
 * g after it where the state is inferred. */
const char *fst_html_lane_class(const struct fst_ladder_lane *lane);

/** What is wrong, worst first; wrong.c. */
void fst_html_wrong(struct fst_out *out, const struct fst_html *html);

/** The table of connections with its filters; rows.c. */
void fst_html_rows(struct fst_out *out, const struct fst_html *html);

/** Both state lanes of a ladder on a time axis, small or with labels; lanes.c. */
void fst_html_lanes_small(struct fst_out *out, const struct fst_ladder *ladder);
void fst_html_lanes(struct fst_out *out, const struct fst_ladder *ladder);

/** The ladder as a table, and why each state changed; ladder.c. */
void fst_html_ladder(struct fst_out *out, const struct fst_ladder *ladder);

/** How it ended, how fast it opened, states over time; charts.c. */
void fst_html_charts(struct fst_out *out, const struct fst_html *html);

#endif
