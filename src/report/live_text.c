/* SPDX-License-Identifier: MIT
 *
 * A live capture as lines for people, logs and grep: when, what happened, which connection, both
 * ends' states, how it ended or what was found.
 */
#include "report/writer.h"

#include <stdio.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/text_rows.h"
#include "report/wording.h"

/* Two IPv4 endpoints at their longest and what is between them; longer ones push the rest away. */
#define ENDPOINTS_WIDTH 45
#define STATE_WIDTH     12

static void print_head(struct fst_writer *writer, int64_t time_ns, const char *event,
                       const struct fst_connection_view *view)
{
    char clock[FST_FORMAT_MAX], client[FST_ENDPOINT_MAX], server[FST_ENDPOINT_MAX];
    char both[2 * FST_ENDPOINT_MAX + 4];

    snprintf(
        both, sizeof(both), "%s > %s",
        fst_endpoint_text(&view->side[FST_CLIENT].address, view->side[FST_CLIENT].port, client),
        fst_endpoint_text(&view->side[FST_SERVER].address, view->side[FST_SERVER].port, server));
    fst_out_print(writer->out, "%s  %-7s  %6u  %-*s", fst_format_clock(time_ns, 3, clock), event,
                  view->id, ENDPOINTS_WIDTH, both);
}

static const char *state_text(const struct fst_endpoint_view *endpoint)
{
    return endpoint->heard ? fst_state_name(endpoint->state) : "-";
}

static void flow(struct fst_writer *writer, enum fst_flow_event event,
                 const struct fst_connection_view *view, uint32_t seq)
{
    static const char *const names[] = {"start", "update", "end"};
    struct fst_ending ending = fst_ending_of(view, view->ts_last);
    char text[FST_ENDING_MAX];

    (void)seq;
    print_head(writer, event == FST_FLOW_START ? view->ts_first : view->ts_last, names[event],
               view);
    fst_out_print(writer->out, "  %-*s  %-*s", STATE_WIDTH, state_text(&view->side[FST_CLIENT]),
                  STATE_WIDTH, state_text(&view->side[FST_SERVER]));
    if (event == FST_FLOW_END)
        fst_out_print(writer->out, "  %s", fst_ending_text(&ending, text));
    fst_out_char(writer->out, '\n');
}

static void flow_finding(struct fst_writer *writer, const struct fst_connection_view *view,
                         const struct fst_finding *finding)
{
    char line[FST_MESSAGE_MAX];

    print_head(writer, finding->time_ns, "finding", view);
    fst_finding_line(finding, line, sizeof(line));
    fst_out_text(writer->out, "  ");
    fst_out_color(writer, fst_class_color(finding->class_));
    fst_out_text(writer->out, line);
    fst_out_color(writer, "0");
    fst_out_char(writer->out, '\n');
}

const struct fst_format fst_live_text = {
    .name = "text",
    .flow = flow,
    .flow_finding = flow_finding,
};
