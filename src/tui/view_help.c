/* SPDX-License-Identifier: MIT
 *
 * The help page: the states under the cursor, the keys, the marks, the filter's words.
 */
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>

#include "report/paragraph.h"
#include "report/state_text.h"
#include "report/wording.h"
#include "tui/view_pager.h"
#include "tui/words.h"

#define LABEL_COLUMNS 14
#define COLUMNS_MOST  FST_PAGE_COLUMNS

static void put_title(struct fst_out *out, const char *title)
{
    fst_out_print(out, "\033[1m%s\033[0m\n", title);
}

/** Each side's state, as `flowstate states` tells it. */
static void put_states(const struct fst_tui_row *row, struct fst_out *out, unsigned columns)
{
    char endpoint[FST_ENDPOINT_MAX], title[2 * FST_ENDPOINT_MAX];

    for (unsigned side = 0; side < 2; side++) {
        const struct fst_state_info *info = fst_state_info(row->flow.side[side].state);

        fst_endpoint_text(&row->flow.side[side].address, row->flow.side[side].port, endpoint);
        if (side == FST_SERVER && info == fst_state_info(row->flow.side[FST_CLIENT].state) &&
            row->flow.side[side].heard) {
            snprintf(title, sizeof(title), "The server %s is in %s too", endpoint,
                     fst_state_name(info->state));
            put_title(out, title);
        } else if (!row->flow.side[side].heard) {
            snprintf(title, sizeof(title), "The %s %s was not heard of",
                     side == FST_CLIENT ? "client" : "server", endpoint);
            put_title(out, title);
        } else {
            snprintf(title, sizeof(title), "The %s %s is in %s%s (RFC 9293 %s)",
                     side == FST_CLIENT ? "client" : "server", endpoint,
                     fst_state_name(info->state), row->inferred[side] ? " ~" : "", info->rfc);
            put_title(out, title);
            fst_out_state(out, info, columns);
        }
        fst_out_char(out, '\n');
    }
}

static void put_keys(struct fst_out *out, unsigned columns)
{
    const struct fst_key_row *key;

    put_title(out, "Keys");
    for (size_t i = 0; (key = fst_key_at(i)) != NULL; i++)
        fst_out_paragraph_in(out, key->name, LABEL_COLUMNS, columns, key->help);
    fst_out_char(out, '\n');
}

static const struct {
    const char *label, *text;
} marks[] = {
    {"bold", "a state changed within the last second"},
    {"dim", "it ended; it stays for 5 seconds, then only the totals have it"},
    {"~", "the state is inferred from what was sent to that side; firm once that side itself shows "
          "it"},
    {"AGE ?", "the connection began before the capture"},
    {"FOR", "how long the side has been in its state"},
    {"RTT", "first SYN to the end of the handshake"},
    {"drop n/a", "the system cannot tell how many packets were lost there"}};

static const struct {
    const char *label, *text;
} filters[] = {
    {"10.0.0.9", "any text: what a row says, addresses, states, notes, findings"},
    {"server in CLOSE-WAIT and idle > 60s",
     "or a condition: client|server in STATE [longer than TIME], [client|server] net|host ADDRESS, "
     "port N, ended [HOW] [by SIDE], rule NAME, findings, illegal, age, idle, handshake, packets, "
     "bytes, retransmits, view; with and, or, not, ( )"}};

static void print(struct fst_tui *tui, struct fst_out *out)
{
    const struct fst_tui_row *row = fst_tui_selected(tui);
    unsigned columns =
        tui->canvas.columns < COLUMNS_MOST ? (unsigned)tui->canvas.columns : COLUMNS_MOST;

    if (row)
        put_states(row, out, columns);
    put_keys(out, columns);
    put_title(out, "Marks");
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        fst_out_paragraph_in(out, marks[i].label, LABEL_COLUMNS, columns, marks[i].text);
    fst_out_char(out, '\n');
    put_title(out, "Filter");
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        fst_out_print(out, "%s\n", filters[i].label);
        fst_out_paragraph_in(out, "", 2, columns, filters[i].text);
    }
}

static void update(struct fst_tui *tui, struct fst_analyzer *analyzer)
{
    struct fst_out *out = malloc(sizeof(*out));

    (void)analyzer;
    if (out) {
        fst_strbuf_clear(&tui->pager.text);
        fst_out_init_text(out, &tui->pager.text);
        print(tui, out);
        fst_out_flush(out);
        fst_pager_set(&tui->pager);
    }
    tui->failed |= !out || tui->pager.text.failed;
    free(out);
}

const struct fst_view fst_view_help = {
    .number = FST_VIEW_NUMBER_HELP, .update = update, .draw = fst_pager_show, .act = fst_pager_act};
