/* SPDX-License-Identifier: MIT
 *
 * One JSON object for a whole capture. Each connection is built as a tree of its own and let go
 * once printed. What comes first in the object is known only at the end, so printed connections
 * wait; when they would take too much memory they go out first instead: the keys are the same,
 * their order is not.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "report/detail.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/json_out.h"
#include "report/wording.h"

#define WAITING_MAX ((size_t)32 << 20)

struct document {
    char *waiting; /* connections, as text, with commas between them */
    size_t waiting_len, waiting_room;
    bool streaming; /* connections go straight out */
    bool any;
};

/* ------------------------------------------------------------------------------- small values --
 */

/** A string of ours or of the capture; NULL is null. */
static json_object *string_or_null(const char *text)
{
    char clean[4096];

    if (!text)
        return NULL;
    fst_utf8_clean(text, clean, sizeof(clean));
    return json_object_new_string(clean);
}

static json_object *number(uint64_t value)
{
    return json_object_new_uint64(value < FST_JSON_INTEGER_MAX ? value : FST_JSON_INTEGER_MAX);
}

/** Counters a capture may lack. */
static json_object *number_or_null(uint64_t value)
{
    return value == UINT64_MAX ? NULL : number(value);
}

static json_object *timestamp(int64_t time_ns)
{
    char text[FST_FORMAT_MAX];

    return json_object_new_string(fst_format_timestamp(time_ns, text));
}

static json_object *state_list(fst_state_set states)
{
    json_object *list = json_object_new_array();

    for (unsigned state = 0; state < FST_STATE_COUNT; state++)
        if (states & 1u << state)
            json_object_array_add(list,
                                  json_object_new_string(fst_state_name((enum fst_state)state)));
    return list;
}

static void put(json_object *object, const char *key, json_object *value)
{
    json_object_object_add(object, key, value);
}

static void put_text(json_object *object, const char *key, const char *text)
{
    put(object, key, string_or_null(text));
}

static void put_bool(json_object *object, const char *key, bool value)
{
    put(object, key, json_object_new_boolean(value));
}

/* -------------------------------------------------------------------------------- connections --
 */

static json_object *finding_object(const struct fst_finding *finding)
{
    json_object *object = json_object_new_object();
    char message[FST_MESSAGE_MAX];

    fst_finding_message(finding, message, sizeof(message));
    put_text(object, "rule", finding->rule->slug);
    put_text(object, "class", fst_class_name(finding->class_));
    put(object, "packet", number(finding->packet));
    put_text(object, "by", fst_side_name(finding->by));
    put_text(object, "message", message);
    put(object, "because_packet", finding->because_packet ? number(finding->because_packet) : NULL);
    put_text(object, "rfc", fst_rfc_section(finding->rule));
    put(object, "ts", timestamp(finding->time_ns));
    put(object, "repeats", number(finding->repeats));
    return object;
}

static void put_path(json_object *object, const struct fst_endpoint_view *endpoint)
{
    json_object *path = json_object_new_array(), *packets = json_object_new_array();

    for (size_t i = 0; i < endpoint->path_count; i++) {
        json_object_array_add(path, string_or_null(fst_state_name(endpoint->path[i].state)));
        if (i > 0) /* no packet led to the first */
            json_object_array_add(packets, number(endpoint->path[i].packet));
    }
    put(object, "path", path);
    put(object, "path_packets", packets);
    put_bool(object, "path_cut", endpoint->path_cut);
}

static json_object *endpoint_object(const struct fst_endpoint_view *endpoint)
{
    json_object *object = json_object_new_object();
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&endpoint->address, address);
    put_text(object, "ip", address);
    put(object, "port", number(endpoint->port));
    put_text(object, "state", fst_state_name(endpoint->state));
    put(object, "possible", state_list(endpoint->possible));
    put_bool(object, "inferred", endpoint->inferred);
    put_bool(object, "heard", endpoint->heard);
    put_path(object, endpoint);
    put(object, "packets", number(endpoint->packets));
    put(object, "payload_bytes", number(endpoint->payload_bytes));
    put(object, "retransmits", number(endpoint->retransmits));
    return object;
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

static void put_tags(json_object *object, const struct fst_connection_view *view)
{
    json_object *vlan = json_object_new_array(), *tags = json_object_new_array();

    for (size_t i = 0; i < view->tag_count; i++) {
        json_object *tag = json_object_new_object();

        put_text(tag, "kind", tag_kind(view->tags[i]));
        put(tag, "value", number(view->tags[i] & FST_TAG_VALUE));
        json_object_array_add(tags, tag);
        if ((view->tags[i] & ~FST_TAG_VALUE) == FST_TAG_VLAN)
            json_object_array_add(vlan, number(view->tags[i] & FST_TAG_VALUE));
    }
    put(object, "vlan", vlan);
    put(object, "tags", tags);
}

static json_object *end_object(const struct fst_connection_view *view)
{
    json_object *object = json_object_new_object();

    put_text(object, "kind", fst_end_kind_name(view->end_kind));
    put_text(object, "by", fst_side_name(view->end_by));
    put_text(object, "reason", fst_end_reason(view));
    return object;
}

static json_object *findings_list(const struct fst_connection_view *view)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < view->finding_count; i++)
        json_object_array_add(list, finding_object(&view->findings[i]));
    return list;
}

static json_object *connection_object(const struct fst_connection_view *view, uint16_t seed)
{
    json_object *object = json_object_new_object();
    char id[FST_COMMUNITY_ID_MAX];

    fst_community_id(view, seed, id);
    put(object, "id", number(view->id));
    put_text(object, "community_id", id);
    put(object, "incarnation", number(view->incarnation));
    put(object, "ts_first", timestamp(view->ts_first));
    put(object, "ts_last", timestamp(view->ts_last));
    put(object, "first_packet", number(view->first_packet));
    put_text(object, "oriented_by", fst_orientation_name(view->oriented_by));
    put_tags(object, view);
    put(object, "client", endpoint_object(&view->side[FST_CLIENT]));
    put(object, "server", endpoint_object(&view->side[FST_SERVER]));
    put(object, "end", end_object(view));
    put(object, "handshake_us",
        view->handshake_ns < 0 ? NULL : number((uint64_t)view->handshake_ns / 1000));
    put_text(object, "conn_state", view->conn_state);
    put_text(object, "history", view->history);
    put_text(object, "view", fst_view_name(view));
    put(object, "findings", findings_list(view));
    return object;
}

/* ------------------------------------------------------------------------- capture and summary --
 */

static json_object *link_type_list(const struct fst_capture_info *info)
{
    json_object *list = json_object_new_array();
    char unnamed[FST_FORMAT_MAX];
    uint8_t seen[65536 / 8] = {0};

    for (size_t i = 0; i < info->interface_count; i++) {
        uint16_t type = info->interfaces[i].link_type;
        const char *name = fst_link_type_name(type);

        if (seen[type / 8] & 1u << type % 8)
            continue;
        seen[type / 8] |= (uint8_t)(1u << type % 8);
        fst_format_count(type, unnamed);
        json_object_array_add(list, string_or_null(name ? name : unnamed));
    }
    return list;
}

static json_object *interface_list(const struct fst_capture_info *info)
{
    json_object *list = json_object_new_array();

    for (size_t i = 0; i < info->interface_count; i++) {
        const struct fst_interface *interface = &info->interfaces[i];
        json_object *object = json_object_new_object();

        put_text(object, "name", interface->name);
        put_text(object, "link_type", fst_link_type_name(interface->link_type));
        put(object, "link_type_number", number(interface->link_type));
        put(object, "snap_len", number(interface->snap_len));
        put(object, "received", number_or_null(interface->received));
        put(object, "dropped", number_or_null(interface->dropped));
        put(object, "os_dropped", number_or_null(interface->os_dropped));
        json_object_array_add(list, object);
    }
    return list;
}

static void put_counters(json_object *object, const struct fst_stats *stats)
{
    put(object, "not_tcp", number(stats->not_tcp));
    put(object, "unsupported", number(stats->unsupported));
    put(object, "malformed", number(stats->malformed));
    put(object, "headers_cut", number(stats->headers_cut));
    put(object, "fragments", number(stats->fragments));
    put(object, "reassembled", number(stats->reassembled));
    put(object, "bad_checksums", number(stats->bad_checksums));
    put(object, "offload_checksums", number(stats->offload_checksums));
    put(object, "time_backwards", number(stats->time_backwards));
}

/** Those of several files that are read as one; NULL, left out, if there is one. */
static json_object *file_list(const struct fst_capture_info *info)
{
    json_object *list = info->file_count ? json_object_new_array() : NULL;

    for (size_t i = 0; i < info->file_count; i++) {
        json_object *object = json_object_new_object();

        put_text(object, "file", info->files[i].path);
        put_text(object, "format", info->files[i].format);
        put_text(object, "compression", info->files[i].compression);
        put(object, "packets", number(info->files[i].packets));
        put_bool(object, "truncated", info->files[i].truncated);
        json_object_array_add(list, object);
    }
    return list;
}

static json_object *capture_object(const struct fst_source *source)
{
    const struct fst_capture_info *info = fst_capture_info(source->capture);
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);
    json_object *object = json_object_new_object();

    put_text(object, "file", source->path);
    put_text(object, "format", info->format);
    put_text(object, "compression", info->compression);
    put(object, "link_types", link_type_list(info));
    put(object, "packets", number(info->packets));
    put(object, "filtered_out", number(info->filtered_out));
    put(object, "tcp_segments", number(stats->tcp_segments));
    put(object, "ts_first", stats->packets ? timestamp(stats->ts_first) : NULL);
    put(object, "ts_last", stats->packets ? timestamp(stats->ts_last) : NULL);
    put_bool(object, "truncated", info->truncated);
    put_bool(object, "stopped", source->stopped);
    put_counters(object, stats);
    put(object, "comments", number(info->comments));
    put(object, "interfaces", interface_list(info));
    if (info->file_count)
        put(object, "files", file_list(info));
    return object;
}

static json_object *summary_object(const struct fst_source *source)
{
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);
    json_object *object = json_object_new_object();
    json_object *classes = json_object_new_object(), *rules = json_object_new_object();

    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        put(classes, fst_class_name((enum fst_class)i), number(stats->findings[i]));
    for (size_t i = 0; i < fst_rule_count(); i++)
        if (fst_analyzer_rule_hits(source->analyzer, i) > 0)
            put(rules, fst_rule_at(i)->slug, number(fst_analyzer_rule_hits(source->analyzer, i)));
    put(object, "connections", number(stats->connections));
    put(object, "evicted", number(stats->evicted));
    put(object, "findings", classes);
    put(object, "by_rule", rules);
    return object;
}

/* --------------------------------------------------------------------------------- the document --
 */

/** Print a tree and let it go. */
static void out_object(struct fst_writer *writer, json_object *object)
{
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE);

    if (text)
        fst_out_json_made(writer->out, text);
    else
        writer->error = FST_ENOMEM;
    json_object_put(object);
}

/** Keep the text of a connection. @return false when memory is short or it would be too much. */
static bool wait_with(struct document *document, const char *text)
{
    size_t len = strlen(text), need = document->waiting_len + len + 3;

    if (need > WAITING_MAX)
        return false;
    if (need > document->waiting_room) {
        char *waiting = realloc(document->waiting, 2 * need);

        if (!waiting)
            return false;
        document->waiting = waiting;
        document->waiting_room = 2 * need;
    }
    if (document->waiting_len > 0) {
        memcpy(document->waiting + document->waiting_len, ",\n", 2);
        document->waiting_len += 2;
    }
    memcpy(document->waiting + document->waiting_len, text, len + 1);
    document->waiting_len += len;
    return true;
}

static void out_waiting(struct fst_writer *writer)
{
    struct document *document = writer->state;

    fst_out_text(writer->out, "\"connections\":[\n");
    if (document->waiting)
        fst_out_json_made(writer->out, document->waiting);
    free(document->waiting);
    document->waiting = NULL;
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
    json_object *object = connection_object(view, writer->style.community_id_seed);
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE);

    if (!text) {
        writer->error = FST_ENOMEM;
    } else if (document->streaming || !wait_with(document, text)) {
        if (!document->streaming)
            start_streaming(writer);
        fst_out_text(writer->out, document->any ? ",\n" : "");
        fst_out_json_made(writer->out, text);
    }
    document->any = true;
    json_object_put(object);
}

static void out_facts(struct fst_writer *writer)
{
    fst_out_text(writer->out, "\"capture\":");
    out_object(writer, capture_object(writer->source));
    fst_out_text(writer->out, ",\n\"summary\":");
    out_object(writer, summary_object(writer->source));
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

    free(document->waiting);
}

const struct fst_format fst_flows_json = {
    .name = "json",
    .path_packets = true,
    .state_size = sizeof(struct document),
    .ended = ended,
    .finish = finish,
    .release = release,
};
