/* SPDX-License-Identifier: MIT
 *
 * The table of connections: filters, one group of rows a connection, what unfolds below it.
 */
#include "report/html/parts.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/state_diagram.h"
#include "report/wording.h"

#define RULES_SHOWN 3

/* ---------------------------------------------------------------------------------- filters -- */

static void put_option(struct fst_out *out, const char *value, uint64_t count)
{
    char text[FST_FORMAT_MAX];

    if (count > 0)
        fst_out_print(out, "<option value=\"%s\">%s (%s)</option>", value, value,
                      fst_format_count(count, text));
}

static void begin_select(struct fst_out *out, const char *id, const char *label)
{
    fst_out_print(out, "<label>%s <select id=\"%s\"><option value=\"\">any</option>", label, id);
}

static void end_select(struct fst_out *out)
{
    fst_out_text(out, "</select></label>\n");
}

static uint64_t rows_ended(const struct fst_html *html, enum fst_end_kind kind)
{
    uint64_t count = 0;

    for (size_t i = 0; i < html->book.kind[0].count; i++)
        count += html->book.kind[0].row[i].view.end_kind == kind;
    return count;
}

static uint64_t rows_in(const struct fst_html *html, enum fst_state state)
{
    uint64_t count = 0;

    for (size_t i = 0; i < html->book.kind[0].count; i++) {
        const struct fst_endpoint_view *side = html->book.kind[0].row[i].view.side;

        count += side[FST_CLIENT].state == state || side[FST_SERVER].state == state;
    }
    return count;
}

static uint64_t rows_with_class(const struct fst_html *html, enum fst_class class_)
{
    uint64_t count = 0;

    for (size_t i = 0; i < html->book.kind[0].count; i++) {
        const struct fst_connection_view *view = &html->book.kind[0].row[i].view;
        bool has = false;

        for (size_t j = 0; j < view->finding_count; j++)
            has |= view->findings[j].class_ == class_;
        count += has;
    }
    return count;
}

static uint64_t rows_with_rule(const struct fst_html *html, const struct fst_rule *rule)
{
    uint64_t count = 0;

    for (size_t i = 0; i < html->book.kind[0].count; i++)
        count += fst_rule_count_in(&html->book.kind[0].row[i].view, rule->slug) > 0;
    return count;
}

static void put_finding_options(struct fst_out *out, const struct fst_html *html)
{
    fst_out_text(out, "<optgroup label=\"class\">");
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        put_option(out, fst_class_name((enum fst_class)i),
                   rows_with_class(html, (enum fst_class)i));
    fst_out_text(out, "</optgroup><optgroup label=\"rule\">");
    for (size_t i = 0; i < html->book.rule_count; i++)
        if (html->book.rules[i].times > 0)
            put_option(out, html->book.rules[i].rule->slug,
                       rows_with_rule(html, html->book.rules[i].rule));
    fst_out_text(out, "</optgroup>");
}

/** Hidden until the script finds it: without scripts it would do nothing. */
static void put_filters(struct fst_out *out, const struct fst_html *html)
{
    fst_out_text(out, "<form id=\"filter\" hidden=\"\" role=\"search\">\n");
    begin_select(out, "ended", "ended");
    for (unsigned i = 0; i <= FST_END_UNKNOWN; i++)
        put_option(out, fst_end_kind_name((enum fst_end_kind)i),
                   rows_ended(html, (enum fst_end_kind)i));
    end_select(out);
    begin_select(out, "state", "state now");
    for (unsigned i = 0; i < FST_STATE_COUNT; i++)
        put_option(out, fst_state_name((enum fst_state)i), rows_in(html, (enum fst_state)i));
    end_select(out);
    begin_select(out, "finding", "finding");
    put_finding_options(out, html);
    end_select(out);
    fst_out_text(out, "<label class=\"text\">search <input id=\"text\" type=\"search\" "
                      "placeholder=\"10.0.0.9 reset\" autocomplete=\"off\" spellcheck=\"false\"/>"
                      "</label>\n"
                      "<button type=\"reset\">clear</button>\n"
                      "<button type=\"button\" id=\"unfold\">unfold shown</button>\n"
                      "<output id=\"shown\" aria-live=\"polite\"></output>\n"
                      "</form>\n"
                      "<p id=\"none\" hidden=\"\">No connection matches these filters.</p>\n");
}

/* --------------------------------------------------------------------------------- one row -- */

static void put_attributes(struct fst_out *out, const struct fst_connection_view *view)
{
    bool has_class[FST_CLASS_COUNT] = {false};

    fst_out_print(out, "<tbody id=\"c%u\" data-e=\"%s\" data-s=\"%s %s\"", view->id,
                  fst_end_kind_name(view->end_kind), fst_state_name(view->side[FST_CLIENT].state),
                  fst_state_name(view->side[FST_SERVER].state));
    if (view->finding_count > 0) {
        fst_out_text(out, " data-f=\"");
        for (size_t i = 0; i < view->finding_count; i++) {
            enum fst_class class_ = view->findings[i].class_;

            if (!has_class[class_])
                fst_out_print(out, "%s%s", i > 0 ? " " : "", fst_class_name(class_));
            has_class[class_] = true;
            if (!fst_found_earlier(view, i))
                fst_out_print(out, " %s", view->findings[i].rule->slug);
        }
        fst_out_char(out, '"');
    }
    fst_out_text(out, ">\n");
}

static void put_state(struct fst_out *out, const struct fst_endpoint_view *side)
{
    struct fst_ladder_lane lane = {.state = side->state, .inferred = side->inferred};

    fst_out_print(out, "<td><span class=\"s %s\">%s%s</span></td>", fst_html_lane_class(&lane),
                  fst_state_name(side->state), side->inferred ? " ~" : "");
}

static void put_found(struct fst_out *out, const struct fst_connection_view *view)
{
    size_t shown = 0, others = 0;

    fst_out_text(out, "<td>");
    for (unsigned class_ = 0; class_ < FST_CLASS_COUNT; class_++)
        for (size_t i = 0; i < view->finding_count; i++) {
            if (view->findings[i].class_ != class_ || fst_found_earlier(view, i))
                continue;
            if (shown++ < RULES_SHOWN)
                fst_out_print(out, "<span class=\"f %s\">%s</span> ",
                              fst_class_name((enum fst_class)class_), view->findings[i].rule->slug);
            else
                others++;
        }
    if (others > 0)
        fst_out_print(out, "+%zu", others);
    fst_out_text(out, "</td>");
}

/** An IPv6 address may be broken after a colon: a table of whole ones is too wide for most screens.
 */
static void put_endpoint(struct fst_out *out, const struct fst_endpoint_view *endpoint)
{
    char text[FST_ENDPOINT_MAX];
    const char *rest = fst_endpoint_text(&endpoint->address, endpoint->port, text);
    bool breaks = *rest == '[';

    fst_out_text(out, "<td>");
    for (size_t len = strcspn(rest, ":"); breaks && rest[len] != '\0'; len = strcspn(rest, ":")) {
        fst_out_bytes(out, rest, len + 1);
        fst_out_text(out, "<wbr>");
        rest += len + 1;
    }
    fst_out_print(out, "%s</td>", rest);
}

static void put_summary_row(struct fst_out *out, const struct fst_html *html,
                            const struct fst_book_row *row)
{
    const struct fst_connection_view *view = &row->view;
    struct fst_ending ending = fst_ending_of(view, html->end_ns);
    char clock[FST_FORMAT_MAX], ended[FST_ENDING_MAX];

    fst_out_print(out, "<tr><th scope=\"row\">%u</th><td>%s</td>", view->id,
                  fst_format_clock(view->ts_first, 3, clock));
    for (unsigned side = 0; side < 2; side++)
        put_endpoint(out, &view->side[side]);
    fst_out_text(out, "<td>");
    if (row->ladder)
        fst_html_lanes_small(out, row->ladder);
    fst_out_text(out, "</td>");
    put_state(out, &view->side[FST_CLIENT]);
    put_state(out, &view->side[FST_SERVER]);
    fst_out_text(out, "<td>");
    fst_out_markup(out, fst_ending_text(&ending, ended));
    fst_out_text(out, "</td>");
    put_found(out, view);
    fst_out_text(out, "</tr>\n");
}

/* -------------------------------------------------------------------------- what unfolds below --
 */

static void put_path(struct fst_out *out, const struct fst_endpoint_view *endpoint, unsigned side)
{
    char end[FST_ENDPOINT_MAX], octets[FST_FORMAT_MAX], packets[FST_FORMAT_MAX];

    fst_out_print(out, "<div><dt>%s %s</dt><dd>", fst_side_name(side),
                  fst_endpoint_text(&endpoint->address, endpoint->port, end));
    for (size_t i = 0; i < endpoint->path_count; i++) {
        fst_out_print(out, "%s<span>%s", i > 0 ? " \342\206\222 " : "",
                      fst_state_name(endpoint->path[i].state));
        if (endpoint->path[i].packet)
            fst_out_print(out, " <small>#%llu</small>",
                          (unsigned long long)endpoint->path[i].packet);
        fst_out_text(out, "</span>");
    }
    fst_out_print(out, "%s; sent %s in %s</dd></div>\n",
                  endpoint->path_cut ? " \342\206\222 \342\200\246" : "",
                  fst_format_octets(endpoint->payload_bytes, octets),
                  fst_format_counted(endpoint->packets, "packet", packets));
}

/** What it tells that a side stays in a state it should only pass through. */
static void put_lingering(struct fst_out *out, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        if (!endpoint->heard || !fst_is_passing(endpoint->state))
            continue;
        fst_out_print(out, "<p class=\"tells\"><b>%s</b>, if the %s stays there: ",
                      fst_state_name(endpoint->state), fst_side_name(side));
        fst_out_markup(out, fst_state_info(endpoint->state)->lingering);
        fst_out_text(out, "</p>\n");
    }
}

static void put_diagram(struct fst_out *out, const struct fst_ladder *ladder)
{
    fst_out_print(out,
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"State diagram of connection %u\">",
                  ladder->view.id);
    fst_state_diagram_path_figure(out, ladder);
    fst_out_text(out, "</div>\n");
}

static void put_more(struct fst_out *out, const struct fst_book_row *row)
{
    uint32_t id = row->view.id;
    char uid[FST_COMMUNITY_ID_MAX];

    fst_community_id(&row->view, 0, uid);
    fst_out_print(out,
                  "<tr class=\"more\"><td colspan=\"9\"><details><summary>connection %u: states, "
                  "ladder, diagram</summary>\n<div class=\"both\"><figure class=\"time\">"
                  "<figcaption>States over time <small>(long stretches are drawn shorter)</small>"
                  "</figcaption>\n",
                  id);
    fst_html_lanes(out, row->ladder);
    fst_out_text(out, "<dl>\n");
    put_path(out, &row->view.side[FST_CLIENT], FST_CLIENT);
    put_path(out, &row->view.side[FST_SERVER], FST_SERVER);
    fst_out_print(out, "<div><dt>Community ID</dt><dd><code>%s</code></dd></div></dl>\n", uid);
    put_lingering(out, &row->view);
    fst_out_text(out, "</figure>\n<div>");
    fst_html_ladder(out, row->ladder);
    fst_out_text(out, "</div>\n");
    put_diagram(out, row->ladder);
    fst_out_text(out, "</div></details></td></tr>\n");
}

static void put_row(struct fst_out *out, const struct fst_html *html,
                    const struct fst_book_row *row)
{
    put_attributes(out, &row->view);
    put_summary_row(out, html, row);
    if (row->drawn)
        put_more(out, row);
    fst_out_text(out, "</tbody>\n");
}

/* ------------------------------------------------------------------------------------- the whole
 * -- */

static size_t count_drawn(const struct fst_html *html)
{
    size_t drawn = 0;

    for (size_t i = 0; i < html->book.kind[0].count; i++)
        drawn += html->book.kind[0].row[i].drawn;
    return drawn;
}

static void put_limits(struct fst_out *out, const struct fst_html *html)
{
    size_t rows = html->book.kind[0].count, drawn = count_drawn(html);
    char all[FST_FORMAT_MAX], some[FST_FORMAT_MAX];

    if (rows < html->tally.connections)
        fst_out_print(out,
                      "<p class=\"note\">Of %s connections the %s with the worst findings have a "
                      "row, of equals the first; all are counted above and below. "
                      "<code>flowstate flows -a</code> lists every one.</p>\n",
                      fst_format_count(html->tally.connections, all), fst_format_count(rows, some));
    if (drawn < rows)
        fst_out_print(
            out,
            "<p class=\"note\">%s of these rows have a ladder to unfold: those with the worst "
            "findings, and the first. <code>flowstate explain FILE N</code> draws any "
            "other.</p>\n",
            fst_format_count(drawn, some));
}

void fst_html_rows(struct fst_out *out, const struct fst_html *html)
{
    fst_out_text(out, "<section aria-labelledby=\"connections\"><h2 id=\"connections\">"
                      "Connections</h2>\n");
    put_limits(out, html);
    put_filters(out, html);
    fst_out_text(out, "<table id=\"list\" aria-labelledby=\"connections\"><thead><tr><th "
                      "scope=\"col\">#</th><th scope=\"col\">opened"
                      "</th><th scope=\"col\">client</th><th scope=\"col\">server</th><th "
                      "scope=\"col\">states</th><th scope=\"col\">client now</th><th scope=\"col\">"
                      "server now</th><th scope=\"col\">how it ended</th><th scope=\"col\">findings"
                      "</th></tr></thead>\n");
    for (size_t i = 0; i < html->book.kind[0].count; i++)
        put_row(out, html, &html->book.kind[0].row[i]);
    fst_out_text(out, "</table></section>\n");
}
