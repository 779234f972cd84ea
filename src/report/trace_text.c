/* SPDX-License-Identifier: MIT
 *
 * One line a segment: who sent what to whom, and the states of both endpoints after it. Indented
 * lines below say why a state moved and what was found. Columns only ever grow, so that the output
 * streams and stays steady.
 */
#include "report/writer.h"

#include <stdio.h>
#include <string.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/pending.h"
#include "report/text_rows.h"
#include "report/wording.h"

#define INDENT        "       "
#define OTHERS_SHOWN  4
#define OTHERS_MAX    128
#define STATE_COLUMNS 13 /* the longest name and the mark */

struct trace {
    int client_columns, server_columns;
    bool started;
    int64_t day;
    struct fst_pending pending;
};

static void begin(struct fst_writer *writer)
{
    struct trace *trace = writer->state;

    trace->client_columns = trace->server_columns = 13;
}

static void widen(int *columns, const char *text)
{
    if ((int)strlen(text) > *columns)
        *columns = (int)strlen(text);
}

/* ------------------------------------------------------------------------------- above the lines
 * -- */

static void put_heading(struct fst_writer *writer, const struct trace *trace)
{
    fst_out_color(writer, "1");
    fst_out_print(writer->out, "%6s %-15s %4s %-*s   %-*s %-5s %8s %8s %6s  %-*s %-*s %s", "PACKET",
                  "TIME", "CONN", trace->client_columns, "CLIENT", trace->server_columns, "SERVER",
                  "FLAGS", "SEQ", "ACK", "LEN", STATE_COLUMNS, "CLIENT NOW", STATE_COLUMNS,
                  "SERVER NOW", "OR");
    fst_out_color(writer, "0");
    fst_out_char(writer->out, '\n');
}

/** The date once, and again whenever it changes. */
static void put_day(struct fst_writer *writer, struct trace *trace, int64_t time_ns)
{
    char date[FST_FORMAT_MAX];
    int64_t day = fst_day(time_ns);

    if (writer->style.quiet || (trace->started && day == trace->day))
        return;
    fst_out_print(writer->out, "%s UTC\n", fst_format_date(time_ns, date));
    if (!trace->started)
        put_heading(writer, trace);
    trace->started = true;
    trace->day = day;
}

/* -------------------------------------------------------------------------------------- the line
 * -- */

/** The states an endpoint can be in besides the likely one: "CLOSED, LISTEN". */
static void others_text(fst_state_set possible, enum fst_state state, char *text, size_t size)
{
    fst_state_set others = possible & (fst_state_set) ~(1u << state);
    unsigned shown = 0, more = 0;
    size_t len = 0;

    text[0] = '\0';
    for (unsigned s = 0; s < FST_STATE_COUNT; s++) {
        if (!(others & 1u << s))
            continue;
        if (shown == OTHERS_SHOWN) {
            more++;
            continue;
        }
        len += (size_t)snprintf(text + len, size - len, "%s%s", shown++ ? "," : "",
                                fst_state_name((enum fst_state)s));
    }
    if (more)
        snprintf(text + len, size - len, ",+%u", more);
}

/** Both endpoints' other states; empty when each can only be in the likely one. */
static void all_others_text(const struct fst_segment_event *event, char text[2 * OTHERS_MAX])
{
    size_t len = 0;

    text[0] = '\0';
    for (unsigned side = 0; side < 2; side++) {
        char others[OTHERS_MAX - 16];

        others_text(event->after[side].possible, event->after[side].state, others, sizeof(others));
        if (others[0] != '\0')
            len += (size_t)snprintf(text + len, 2 * OTHERS_MAX - len, "%s%s or %s",
                                    len > 0 ? "; " : "", fst_side_name(side), others);
    }
}

static void put_numbers(struct fst_out *out, const struct fst_segment_event *event, bool absolute)
{
    char flags[FST_FORMAT_MAX];
    uint32_t seq = absolute ? event->seq : event->relative_seq;
    uint32_t ack = absolute ? event->ack : event->relative_ack;

    fst_out_print(out, " %-5s %8u", fst_format_flags(event->flags, flags), seq);
    if (event->flags & FST_TCP_ACK)
        fst_out_print(out, " %8u", ack);
    else
        fst_out_print(out, " %8s", "-");
    fst_out_print(out, " %6u", event->payload_len);
}

/** The last columns; no blanks at the end of a line. */
static void put_states(struct fst_out *out, const struct fst_segment_event *event)
{
    char others[2 * OTHERS_MAX], cell[2][STATE_COLUMNS + 1];

    for (unsigned side = 0; side < 2; side++)
        snprintf(cell[side], sizeof(cell[side]), "%s%s", fst_state_name(event->after[side].state),
                 event->after[side].inferred ? "~" : "");
    all_others_text(event, others);
    fst_out_print(out, "  %-*s ", STATE_COLUMNS, cell[FST_CLIENT]);
    if (others[0] == '\0')
        fst_out_text(out, cell[FST_SERVER]);
    else
        fst_out_print(out, "%-*s %s", STATE_COLUMNS, cell[FST_SERVER], others);
    fst_out_char(out, '\n');
}

static void put_line(struct fst_writer *writer, const struct fst_segment_event *event,
                     const struct fst_connection_view *view)
{
    struct trace *trace = writer->state;
    char clock[FST_FORMAT_MAX], client[FST_ENDPOINT_MAX], server[FST_ENDPOINT_MAX];
    struct fst_out *out = writer->out;

    fst_endpoint_text(&view->side[FST_CLIENT].address, view->side[FST_CLIENT].port, client);
    fst_endpoint_text(&view->side[FST_SERVER].address, view->side[FST_SERVER].port, server);
    widen(&trace->client_columns, client);
    widen(&trace->server_columns, server);
    put_day(writer, trace, event->time_ns);
    fst_out_print(out, "%6llu %s %4u %-*s %c %-*s", (unsigned long long)event->packet,
                  fst_format_clock(event->time_ns, 6, clock), event->connection,
                  trace->client_columns, client, event->from == FST_CLIENT ? '>' : '<',
                  trace->server_columns, server);
    put_numbers(out, event, writer->style.absolute);
    put_states(out, event);
}

/* ----------------------------------------------------------------------------------- below it --
 */

static void put_change(struct fst_out *out, const struct fst_change *change)
{
    fst_out_print(out, INDENT "%s %s > %s%s: %s (%s)\n", fst_side_name(change->side),
                  fst_state_name(change->from), fst_state_name(change->to),
                  change->inferred ? "~" : "", change->why, change->section);
}

static void put_finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    char line[1024];

    fst_finding_line(finding, line, sizeof(line));
    fst_out_color(writer, fst_class_color(finding->class_));
    fst_out_text(writer->out, line);
    fst_out_color(writer, "0");
    fst_out_char(writer->out, '\n');
}

static void put_sack(struct fst_out *out, const struct fst_tcp_options *options)
{
    for (unsigned i = 0; i < options->sack_count && i < FST_SACK_BLOCKS_MAX; i++)
        fst_out_print(out, ", sack %u:%u", options->sack[i][0], options->sack[i][1]);
}

/** Window and options as the header has them, for -v. */
static void put_options(struct fst_out *out, const struct fst_segment_event *event)
{
    const struct fst_tcp_options *options = event->options;

    fst_out_print(out, INDENT "win %u", event->wnd_raw);
    if (options->present & FST_OPT_MSS)
        fst_out_print(out, ", mss %u", options->mss);
    if (options->present & FST_OPT_WSCALE)
        fst_out_print(out, ", wscale %u", options->wscale);
    if (options->present & FST_OPT_SACK_PERMITTED)
        fst_out_text(out, ", sackOK");
    if (options->present & FST_OPT_TIMESTAMPS)
        fst_out_print(out, ", TS val %u ecr %u", options->ts_val, options->ts_ecr);
    if (options->present & FST_OPT_SACK)
        put_sack(out, options);
    if (options->present & FST_OPT_FAST_OPEN)
        fst_out_print(out, ", fast open (cookie of %u)", options->cookie_len);
    fst_out_char(out, '\n');
}

static void put_late_finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    fst_out_print(writer->out, INDENT "connection %u: ", finding->connection);
    put_finding(writer, finding);
}

static void segment(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct trace *trace = writer->state;
    struct fst_connection_view view;

    fst_pending_flush(&trace->pending, event, writer, put_late_finding);
    if (fst_analyzer_connection(writer->source->analyzer, event->connection, &view) != 0)
        return;
    put_line(writer, event, &view);
    if (writer->style.verbose && event->options)
        put_options(writer->out, event);
    for (size_t i = 0; i < event->change_count && !writer->style.quiet; i++)
        put_change(writer->out, &event->changes[i]);
    for (size_t i = 0; i < event->finding_count; i++) {
        fst_out_text(writer->out, INDENT);
        put_finding(writer, &event->findings[i]);
    }
}

static void finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    struct trace *trace = writer->state;

    fst_pending_add(&trace->pending, finding, writer, put_late_finding);
}

static void finish(struct fst_writer *writer)
{
    struct trace *trace = writer->state;

    fst_pending_flush(&trace->pending, NULL, writer, put_late_finding);
    if (!trace->started && !writer->style.quiet)
        fst_out_text(writer->out, "no TCP segments\n");
}

const struct fst_format fst_trace_text = {
    .name = "text",
    .state_size = sizeof(struct trace),
    .begin = begin,
    .segment = segment,
    .finding = finding,
    .finish = finish,
};
