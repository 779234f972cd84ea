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
#include "report/paragraph.h"
#include "report/pending.h"
#include "report/text_rows.h"
#include "report/wording.h"

#define INDENT        "       "
#define NARROWEST     80 /* no terminal is taken to be narrower */
#define OR_COLUMNS    24 /* for other states, or they are left out */
#define OTHERS_SHOWN  4
#define OTHERS_MAX    128
#define STATE_COLUMNS 13 /* the longest name and the mark */

#define BELOW_MAX     1100
#define FIRST_SYNS    256

/* The first SYN of one side of a connection. Of connections whose numbers collide the latest is
 * kept, so that memory stays what it is. */
struct first_syn {
    uint32_t connection, isn;
};

struct trace {
    int client_columns, server_columns;
    bool started;
    int64_t day;
    struct first_syn first_syn[FIRST_SYNS][2];
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

/** Columns of the terminal, 0 for as wide as it gets. */
static size_t limit_of(const struct fst_writer *writer)
{
    if (!writer->style.terminal || writer->style.columns == 0)
        return 0;
    return writer->style.columns > NARROWEST ? writer->style.columns : NARROWEST;
}

/** Columns of a line up to the states, and with them. */
static size_t line_columns(const struct trace *trace)
{
    return (size_t)(trace->client_columns + trace->server_columns) + 91;
}

/** Whether the terminal has room for the states that are possible as well. */
static bool shows_others(const struct fst_writer *writer)
{
    size_t limit = limit_of(writer);

    return limit == 0 || line_columns(writer->state) + 1 + OR_COLUMNS <= limit;
}

/** Where endpoints and states have no room side by side, the rest goes on a line of its own. */
static void put_turn(struct fst_writer *writer)
{
    size_t limit = limit_of(writer);

    if (limit > 0 && line_columns(writer->state) > limit)
        fst_out_text(writer->out, "\n" INDENT);
}

static void put_heading(struct fst_writer *writer, const struct trace *trace)
{
    fst_out_color(writer, "1");
    fst_out_print(writer->out, "%6s %-15s %4s %-*s   %-*s", "PACKET", "TIME", "CONN",
                  trace->client_columns, "CLIENT", trace->server_columns, "SERVER");
    put_turn(writer);
    fst_out_print(writer->out, " %-5s %8s %8s %6s  %-*s %s", "FLAGS", "SEQ", "ACK", "LEN",
                  STATE_COLUMNS, "CLIENT NOW", "SERVER NOW");
    if (shows_others(writer))
        fst_out_text(writer->out, "    OR");
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

/** The number of a SYN, relative to the first SYN that this side of the connection sent: only a new
 * initial sequence number is not 0. */
static uint32_t syn_number(struct trace *trace, const struct fst_segment_event *event)
{
    struct first_syn *first = &trace->first_syn[event->connection % FIRST_SYNS][event->from];

    if (first->connection != event->connection)
        *first = (struct first_syn){event->connection, event->seq - event->relative_seq};
    return event->seq - first->isn;
}

static void put_numbers(struct fst_writer *writer, const struct fst_segment_event *event)
{
    char flags[FST_FORMAT_MAX];
    struct fst_out *out = writer->out;
    bool absolute = writer->style.absolute;
    uint32_t seq = absolute                     ? event->seq
                   : event->flags & FST_TCP_SYN ? syn_number(writer->state, event)
                                                : event->relative_seq;
    uint32_t ack = absolute ? event->ack : event->relative_ack;

    fst_out_print(out, " %-5s %8u", fst_format_flags(event->flags, flags), seq);
    if (event->flags & FST_TCP_ACK)
        fst_out_print(out, " %8u", ack);
    else
        fst_out_print(out, " %8s", "-");
    fst_out_print(out, " %6u", event->payload_len);
}

/** The last columns; no blanks at the end of a line. */
static void put_states(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct fst_out *out = writer->out;
    char others[2 * OTHERS_MAX], cell[2][STATE_COLUMNS + 1];

    for (unsigned side = 0; side < 2; side++)
        snprintf(cell[side], sizeof(cell[side]), "%s%s", fst_state_name(event->after[side].state),
                 event->after[side].inferred ? "~" : "");
    others[0] = '\0';
    if (shows_others(writer))
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
    put_turn(writer);
    put_numbers(writer, event);
    put_states(writer, event);
}

/* ----------------------------------------------------------------------------------- below it --
 */

static void put_change(struct fst_writer *writer, const struct fst_change *change)
{
    bool cited = *change->section != '\0';
    char line[BELOW_MAX];

    snprintf(line, sizeof(line), INDENT "%s %s > %s%s: %s%s%s%s", fst_side_name(change->side),
             fst_state_name(change->from), fst_state_name(change->to), change->inferred ? "~" : "",
             change->why, cited ? " (" : "", change->section, cited ? ")" : "");
    fst_out_folded(writer->out, line, limit_of(writer));
}

/** `before` is indentation, and what the finding does not say itself. */
static void put_finding(struct fst_writer *writer, const char *before,
                        const struct fst_finding *finding)
{
    char line[BELOW_MAX];
    size_t len = (size_t)snprintf(line, sizeof(line), "%s", before);

    fst_finding_line(finding, line + len, sizeof(line) - len);
    fst_out_color(writer, fst_class_color(finding->class_));
    fst_out_folded(writer->out, line, limit_of(writer));
    fst_out_color(writer, "0");
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
    char before[48];

    snprintf(before, sizeof(before), INDENT "connection %u: ", finding->connection);
    put_finding(writer, before, finding);
}

static void segment(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct trace *trace = writer->state;
    struct fst_connection_view view;

    if (!fst_style_wants(&writer->style, event->connection))
        return;
    fst_pending_flush(&trace->pending, event, writer, put_late_finding);
    if (fst_analyzer_connection(writer->source->analyzer, event->connection, &view) != 0)
        return;
    put_line(writer, event, &view);
    if (writer->style.verbose && event->options)
        put_options(writer->out, event);
    for (size_t i = 0; i < event->change_count && !writer->style.quiet; i++)
        put_change(writer, &event->changes[i]);
    for (size_t i = 0; i < event->finding_count; i++)
        put_finding(writer, INDENT, &event->findings[i]);
}

static void finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    struct trace *trace = writer->state;

    if (fst_style_wants(&writer->style, finding->connection))
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
    .lines = true,
    .state_size = sizeof(struct trace),
    .begin = begin,
    .segment = segment,
    .finding = finding,
    .finish = finish,
};
