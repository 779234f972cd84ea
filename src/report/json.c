/* SPDX-License-Identifier: MIT
 *
 * One JSON object for a whole capture. What comes first in the object is known only at the end, so
 * printed connections wait; when they would take too much memory they go out first instead: the
 * keys are the same, their order is not.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/json_out.h"
#include "report/wording.h"

/* A little less than the power of two that the memory of a text grows to. */
#define WAITING_MAX ((size_t)31 << 20)

struct document {
    struct fst_strbuf text; /* connections that wait, with commas between them */
    struct fst_out waiting; /* writes to it */
    bool streaming;         /* connections go straight out */
    bool any;
};

static void put_object(struct fst_json *json, const char *key)
{
    fst_json_key(json, key);
    fst_json_open(json, '{');
}

static void put_array(struct fst_json *json, const char *key)
{
    fst_json_key(json, key);
    fst_json_open(json, '[');
}

/** Null if there is none. */
static void put_if(struct fst_json *json, const char *key, bool is_known, uint64_t number)
{
    fst_json_key(json, key);
    if (is_known)
        fst_json_number(json, number);
    else
        fst_json_null(json);
}

/* -------------------------------------------------------------------------------- connections --
 */

static void put_finding(struct fst_json *json, const struct fst_finding *finding)
{
    char message[FST_MESSAGE_MAX];

    fst_finding_message(finding, message, sizeof(message));
    fst_json_open(json, '{');
    fst_json_put_word(json, "rule", finding->rule->slug);
    fst_json_put_word(json, "class", fst_class_name(finding->class_));
    fst_json_put_number(json, "packet", finding->packet);
    fst_json_put_word(json, "by", fst_side_name(finding->by));
    fst_json_put_string(json, "message", message);
    put_if(json, "because_packet", finding->because_packet != 0, finding->because_packet);
    fst_json_put_string(json, "rfc", fst_rfc_section(finding->rule));
    fst_json_put_time(json, "ts", finding->time_ns);
    fst_json_put_number(json, "repeats", finding->repeats);
    fst_json_close(json, '}');
}

static void put_endpoint(struct fst_json *json, const char *key,
                         const struct fst_endpoint_view *endpoint)
{
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&endpoint->address, address);
    put_object(json, key);
    fst_json_put_word(json, "ip", address);
    fst_json_put_number(json, "port", endpoint->port);
    fst_json_put_word(json, "state", fst_state_name(endpoint->state));
    fst_json_key(json, "possible");
    fst_json_states(json, endpoint->possible);
    fst_json_put_bool(json, "inferred", endpoint->inferred);
    fst_json_put_bool(json, "heard", endpoint->heard);
    fst_json_key(json, "path");
    fst_json_path(json, endpoint);
    fst_json_key(json, "path_packets");
    fst_json_path_packets(json, endpoint);
    fst_json_put_bool(json, "path_cut", endpoint->path_cut);
    fst_json_put_number(json, "packets", endpoint->packets);
    fst_json_put_number(json, "payload_bytes", endpoint->payload_bytes);
    fst_json_put_number(json, "retransmits", endpoint->retransmits);
    fst_json_close(json, '}');
}

static const char *tag_kind(uint32_t tag)
{
    switch (tag & ~FST_TAG_VALUE) {
    case FST_TAG_VLAN:
        return "vlan";
    case FST_TAG_PPPOE:
        return "pppoe";
    default:
        return "tunnel";
    }
}

static void put_tags(struct fst_json *json, const struct fst_connection_view *view)
{
    fst_json_key(json, "vlan");
    fst_json_vlans(json, view);
    put_array(json, "tags");
    for (size_t i = 0; i < view->tag_count; i++) {
        fst_json_open(json, '{');
        fst_json_put_word(json, "kind", tag_kind(view->tags[i]));
        fst_json_put_number(json, "value", view->tags[i] & FST_TAG_VALUE);
        fst_json_close(json, '}');
    }
    fst_json_close(json, ']');
}

static void put_end(struct fst_json *json, const struct fst_connection_view *view)
{
    put_object(json, "end");
    fst_json_put_word(json, "kind", fst_end_kind_name(view->end_kind));
    fst_json_put_word(json, "by", fst_side_name(view->end_by));
    fst_json_put_word(json, "reason", fst_end_reason(view));
    fst_json_close(json, '}');
}

static void put_connection(struct fst_out *out, const struct fst_connection_view *view,
                           uint16_t seed)
{
    struct fst_json json = {out, false};
    char id[FST_COMMUNITY_ID_MAX];

    fst_community_id(view, seed, id);
    fst_json_open(&json, '{');
    fst_json_put_number(&json, "id", view->id);
    fst_json_put_word(&json, "community_id", id);
    fst_json_put_number(&json, "incarnation", view->incarnation);
    fst_json_put_time(&json, "ts_first", view->ts_first);
    fst_json_put_time(&json, "ts_last", view->ts_last);
    fst_json_put_number(&json, "first_packet", view->first_packet);
    fst_json_put_word(&json, "oriented_by", fst_orientation_name(view->oriented_by));
    put_tags(&json, view);
    put_endpoint(&json, "client", &view->side[FST_CLIENT]);
    put_endpoint(&json, "server", &view->side[FST_SERVER]);
    put_end(&json, view);
    put_if(&json, "handshake_us", view->handshake_ns >= 0, (uint64_t)view->handshake_ns / 1000);
    fst_json_put_word(&json, "conn_state", view->conn_state);
    fst_json_put_word(&json, "history", view->history);
    fst_json_put_word(&json, "view", fst_coverage_name(view->coverage));
    put_array(&json, "findings");
    for (size_t i = 0; i < view->finding_count; i++)
        put_finding(&json, &view->findings[i]);
    fst_json_close(&json, ']');
    fst_json_close(&json, '}');
}

/* ------------------------------------------------------------------------- capture and summary --
 */

static void put_link_types(struct fst_json *json, const struct fst_capture_info *info)
{
    char unnamed[FST_FORMAT_MAX];
    uint8_t seen[65536 / 8] = {0};

    put_array(json, "link_types");
    for (size_t i = 0; i < info->interface_count; i++) {
        uint16_t type = info->interfaces[i].link_type;
        const char *name = fst_link_type_name(type);

        if (seen[type / 8] & 1u << type % 8)
            continue;
        seen[type / 8] |= (uint8_t)(1u << type % 8);
        fst_json_word(json, name ? name : fst_format_count(type, unnamed));
    }
    fst_json_close(json, ']');
}

/** What a capture may lack. */
static void put_counter(struct fst_json *json, const char *key, uint64_t counter)
{
    put_if(json, key, counter != UINT64_MAX, counter);
}

static void put_interfaces(struct fst_json *json, const struct fst_capture_info *info)
{
    put_array(json, "interfaces");
    for (size_t i = 0; i < info->interface_count; i++) {
        const struct fst_interface *interface = &info->interfaces[i];

        fst_json_open(json, '{');
        fst_json_put_string(json, "name", interface->name);
        fst_json_put_word(json, "link_type", fst_link_type_name(interface->link_type));
        fst_json_put_number(json, "link_type_number", interface->link_type);
        fst_json_put_number(json, "snap_len", interface->snap_len);
        put_counter(json, "received", interface->received);
        put_counter(json, "dropped", interface->dropped);
        put_counter(json, "os_dropped", interface->os_dropped);
        fst_json_close(json, '}');
    }
    fst_json_close(json, ']');
}

static void put_packet_counts(struct fst_json *json, const struct fst_stats *stats)
{
    fst_json_put_number(json, "not_tcp", stats->not_tcp);
    fst_json_put_number(json, "unsupported", stats->unsupported);
    fst_json_put_number(json, "malformed", stats->malformed);
    fst_json_put_number(json, "headers_cut", stats->headers_cut);
    fst_json_put_number(json, "fragments", stats->fragments);
    fst_json_put_number(json, "reassembled", stats->reassembled);
    fst_json_put_number(json, "bad_checksums", stats->bad_checksums);
    fst_json_put_number(json, "offload_checksums", stats->offload_checksums);
    fst_json_put_number(json, "time_backwards", stats->time_backwards);
}

/** Those of several files that are read as one; left out if there is one. */
static void put_files(struct fst_json *json, const struct fst_capture_info *info)
{
    if (info->file_count == 0)
        return;
    put_array(json, "files");
    for (size_t i = 0; i < info->file_count; i++) {
        fst_json_open(json, '{');
        fst_json_put_string(json, "file", info->files[i].path);
        fst_json_put_word(json, "format", info->files[i].format);
        fst_json_put_word(json, "compression", info->files[i].compression);
        fst_json_put_number(json, "packets", info->files[i].packets);
        fst_json_put_bool(json, "truncated", info->files[i].truncated);
        fst_json_close(json, '}');
    }
    fst_json_close(json, ']');
}

/** A time of the capture, if it has any. */
static void put_time(struct fst_json *json, const char *key, const struct fst_stats *stats,
                     int64_t time_ns)
{
    fst_json_key(json, key);
    if (stats->packets > 0)
        fst_json_time(json, time_ns);
    else
        fst_json_null(json);
}

static void put_capture(struct fst_json *json, const struct fst_source *source)
{
    const struct fst_capture_info *info = fst_capture_info(source->capture);
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);

    fst_json_open(json, '{');
    fst_json_put_string(json, "file", source->path);
    fst_json_put_word(json, "format", info->format);
    fst_json_put_word(json, "compression", info->compression);
    put_link_types(json, info);
    fst_json_put_number(json, "packets", info->packets);
    fst_json_put_number(json, "filtered_out", info->filtered_out);
    fst_json_put_number(json, "tcp_segments", stats->tcp_segments);
    put_time(json, "ts_first", stats, stats->ts_first);
    put_time(json, "ts_last", stats, stats->ts_last);
    fst_json_put_bool(json, "truncated", info->truncated);
    fst_json_put_bool(json, "stopped", source->stopped);
    put_packet_counts(json, stats);
    fst_json_put_number(json, "comments", info->comments);
    put_interfaces(json, info);
    put_files(json, info);
    fst_json_close(json, '}');
}

static void put_summary(struct fst_json *json, const struct fst_source *source)
{
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);

    fst_json_open(json, '{');
    fst_json_put_number(json, "connections", stats->connections);
    fst_json_put_number(json, "evicted", stats->evicted);
    put_object(json, "findings");
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        fst_json_put_number(json, fst_class_name((enum fst_class)i), stats->findings[i]);
    fst_json_close(json, '}');
    put_object(json, "by_rule");
    for (size_t i = 0; i < fst_rule_count(); i++)
        if (fst_analyzer_rule_hits(source->analyzer, i) > 0)
            fst_json_put_number(json, fst_rule_at(i)->slug,
                                fst_analyzer_rule_hits(source->analyzer, i));
    fst_json_close(json, '}');
    fst_json_close(json, '}');
}

/* --------------------------------------------------------------------------------- the document --
 */

static void begin(struct fst_writer *writer)
{
    struct document *document = writer->state;

    fst_out_init_text(&document->waiting, &document->text);
}

static void out_waiting(struct fst_writer *writer)
{
    struct document *document = writer->state;

    fst_out_flush(&document->waiting);
    fst_out_text(writer->out, "\"connections\":[\n");
    if (document->text.failed)
        writer->error = FST_ENOMEM;
    else
        fst_out_bytes(writer->out, document->text.text, document->text.len);
    fst_strbuf_free(&document->text);
}

static void start_streaming(struct fst_writer *writer)
{
    struct document *document = writer->state;

    fst_out_text(writer->out, "{\"schema\":\"flowstate/1\",\n");
    out_waiting(writer);
    document->streaming = true;
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct document *document = writer->state;
    struct fst_out *out = document->streaming ? writer->out : &document->waiting;

    if (document->any)
        fst_out_text(out, ",\n");
    document->any = true;
    put_connection(out, view, writer->style.community_id_seed);
    if (!document->streaming && document->text.len > WAITING_MAX)
        start_streaming(writer);
}

static void out_facts(struct fst_writer *writer)
{
    struct fst_json json = {writer->out, false};

    fst_json_key(&json, "capture");
    put_capture(&json, writer->source);
    fst_out_text(writer->out, ",\n");
    json.comma = false;
    fst_json_key(&json, "summary");
    put_summary(&json, writer->source);
}

static void finish(struct fst_writer *writer)
{
    struct document *document = writer->state;

    if (document->streaming) {
        fst_out_text(writer->out, "\n],\n");
        out_facts(writer);
        fst_out_text(writer->out, "}\n");
        return;
    }
    fst_out_text(writer->out, "{\"schema\":\"flowstate/1\",\n");
    out_facts(writer);
    fst_out_text(writer->out, ",\n");
    out_waiting(writer);
    fst_out_text(writer->out, "\n]}\n");
}

static void release(struct fst_writer *writer)
{
    struct document *document = writer->state;

    fst_strbuf_free(&document->text);
}

const struct fst_format fst_flows_json = {
    .name = "json",
    .path_packets = true,
    .state_size = sizeof(struct document),
    .begin = begin,
    .ended = ended,
    .finish = finish,
    .release = release,
};
