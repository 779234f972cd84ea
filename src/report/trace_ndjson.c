/* SPDX-License-Identifier: MIT
 *
 * One JSON object a TCP segment, in capture order, and nothing else. A record is left open until
 * the next begins, so that findings which no segment of their own brings out (the capture ended,
 * the connection was dropped) are not lost: they join the last record and name their own packet and
 * connection, as findings that were held back always do.
 */
#include "report/writer.h"

#include <string.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/json_out.h"
#include "report/pending.h"
#include "report/wording.h"

struct trace {
    bool open; /* a record waits for its end */
    struct fst_json json;
    struct fst_pending pending;
};

static void put_finding(struct fst_json *json, const struct fst_finding *finding)
{
    char message[FST_MESSAGE_MAX];

    fst_finding_message(finding, message, sizeof(message));
    fst_json_open(json, '{');
    fst_json_put_word(json, "rule", finding->rule->slug);
    fst_json_put_word(json, "class", fst_class_name(finding->class_));
    fst_json_put_word(json, "by", fst_side_name(finding->by));
    fst_json_put_number(json, "connection", finding->connection);
    fst_json_put_number(json, "packet", finding->packet);
    fst_json_put_string(json, "message", message);
    fst_json_key(json, "because_packet");
    if (finding->because_packet)
        fst_json_number(json, finding->because_packet);
    else
        fst_json_null(json);
    fst_json_put_string(json, "rfc", fst_rfc_section(finding->rule));
    fst_json_close(json, '}');
}

static void put_endpoint(struct fst_json *json, const struct fst_segment_event *event,
                         const struct fst_connection_view *view, unsigned side)
{
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&view->side[side].address, address);
    fst_json_key(json, fst_side_name(side));
    fst_json_open(json, '{');
    fst_json_put_word(json, "ip", address);
    fst_json_put_number(json, "port", view->side[side].port);
    fst_json_put_word(json, "state", fst_state_name(event->after[side].state));
    fst_json_key(json, "possible");
    fst_json_states(json, event->after[side].possible);
    fst_json_put_bool(json, "inferred", event->after[side].inferred);
    fst_json_close(json, '}');
}

static void put_change(struct fst_json *json, const struct fst_change *change)
{
    fst_json_open(json, '{');
    fst_json_put_word(json, "side", fst_side_name(change->side));
    fst_json_put_word(json, "from", fst_state_name(change->from));
    fst_json_put_word(json, "to", fst_state_name(change->to));
    fst_json_put_bool(json, "inferred", change->inferred);
    fst_json_put_string(json, "why", change->why);
    fst_json_put_string(json, "rfc", change->section);
    fst_json_close(json, '}');
}

static void put_changes(struct fst_json *json, const struct fst_segment_event *event)
{
    fst_json_key(json, "changes");
    fst_json_open(json, '[');
    for (size_t i = 0; i < event->change_count; i++)
        put_change(json, &event->changes[i]);
    fst_json_close(json, ']');
}

static void put_header(struct fst_json *json, const struct fst_segment_event *event, bool absolute)
{
    char flags[FST_FORMAT_MAX];

    fst_json_put_number(json, "packet", event->packet);
    fst_json_put_time(json, "ts", event->time_ns);
    fst_json_put_number(json, "connection", event->connection);
    fst_json_put_word(json, "from", fst_side_name(event->from));
    fst_json_put_string(json, "flags", fst_format_flags(event->flags, flags));
    fst_json_put_number(json, "seq", absolute ? event->seq : event->relative_seq);
    fst_json_put_number(json, "ack", absolute ? event->ack : event->relative_ack);
    fst_json_put_number(json, "len", event->payload_len);
    fst_json_put_number(json, "window", event->wnd_raw);
}

/** Of several files the one that has the packet. */
static void put_file(struct fst_json *json, const struct fst_capture_info *info, uint32_t interface)
{
    if (info->file_count > 0 && interface < info->interface_count)
        fst_json_put_string(json, "file", info->files[info->interfaces[interface].file].path);
}

/** Into the record that is still open. */
static void put_late_finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    struct trace *trace = writer->state;

    if (trace->open)
        put_finding(&trace->json, finding);
}

static void close_record(struct fst_writer *writer, const struct fst_segment_event *next)
{
    struct trace *trace = writer->state;

    fst_pending_flush(&trace->pending, next, writer, put_late_finding);
    if (!trace->open)
        return;
    fst_json_close(&trace->json, ']');
    fst_json_close(&trace->json, '}');
    fst_out_char(writer->out, '\n');
    trace->open = false;
}

static void segment(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct trace *trace = writer->state;
    struct fst_json *json = &trace->json;
    struct fst_connection_view view;

    if (!fst_style_wants(&writer->style, event->connection) ||
        fst_analyzer_connection(writer->source->analyzer, event->connection, &view) != 0)
        return;
    close_record(writer, event);
    *json = (struct fst_json){writer->out, false};
    trace->open = true;
    fst_json_open(json, '{');
    put_header(json, event, writer->style.absolute);
    put_file(json, fst_capture_info(writer->source->capture), event->interface);
    put_endpoint(json, event, &view, FST_CLIENT);
    put_endpoint(json, event, &view, FST_SERVER);
    put_changes(json, event);
    fst_json_key(json, "findings");
    fst_json_open(json, '[');
    for (size_t i = 0; i < event->finding_count; i++)
        put_finding(json, &event->findings[i]);
}

static void finding(struct fst_writer *writer, const struct fst_finding *finding)
{
    struct trace *trace = writer->state;

    if (fst_style_wants(&writer->style, finding->connection))
        fst_pending_add(&trace->pending, finding, writer, put_late_finding);
}

static void finish(struct fst_writer *writer)
{
    close_record(writer, NULL);
}

const struct fst_format fst_trace_ndjson = {
    .name = "ndjson",
    .lines = true,
    .state_size = sizeof(struct trace),
    .segment = segment,
    .finding = finding,
    .finish = finish,
};
