/* SPDX-License-Identifier: MIT
 *
 * Connections as flat records, one a line, for databases: `meta` first, an `end` for each
 * connection, `summary` last. From a file a connection's only record is its `end`; its `seq` is 1.
 */
#include "report/ndjson.h"

#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/wording.h"

#define SCHEMA  "flowstate.flow/1"
#define KEY_MAX 40

/* "client_port" and the like. */
#define SIDE_KEY(side, rest) ((side) == FST_CLIENT ? "client_" rest : "server_" rest)

void fst_ndjson_begin(struct fst_json *json, const char *event)
{
    fst_json_open(json, '{');
    fst_json_put_word(json, "schema", SCHEMA);
    fst_json_put_word(json, "event", event);
}

void fst_ndjson_end(struct fst_json *json)
{
    fst_json_close(json, '}');
    fst_out_char(json->out, '\n');
    json->comma = false;
}

/** Where several are read as one. */
static void put_files(struct fst_json *json, const struct fst_capture_info *info)
{
    if (info->file_count == 0)
        return;
    fst_json_key(json, "files");
    fst_json_open(json, '[');
    for (size_t i = 0; i < info->file_count; i++)
        fst_json_string(json, info->files[i].path);
    fst_json_close(json, ']');
}

void fst_ndjson_meta(struct fst_writer *writer)
{
    struct fst_json json = {writer->out, false};

    fst_ndjson_begin(&json, "meta");
    fst_json_put_string(&json, "tool", "flowstate");
    fst_json_put_string(&json, "version", fst_version());
    fst_json_put_string(&json, "file", writer->source->path);
    fst_json_put_string(&json, "format", fst_capture_info(writer->source->capture)->format);
    put_files(&json, fst_capture_info(writer->source->capture));
    fst_json_put_number(&json, "community_id_seed", writer->style.community_id_seed);
    fst_ndjson_end(&json);
}

static void put_identity(struct fst_json *json, const struct fst_connection_view *view,
                         uint16_t seed, uint32_t seq)
{
    char uid[FST_UID_MAX];

    fst_json_put_word(json, "uid", fst_flow_uid(view, seed, uid));
    fst_json_put_number(json, "seq", seq);
    fst_json_put_word(json, "sensor", "");
    fst_json_put_number(json, "first_packet", view->first_packet);
    fst_json_put_time(json, "ts_first", view->ts_first);
    fst_json_put_time(json, "ts_last", view->ts_last);
    uid[strcspn(uid, "@")] = '\0'; /* it begins with the Community ID */
    fst_json_put_word(json, "community_id", uid);
    fst_json_put_number(json, "incarnation", view->incarnation);
}

static void put_addresses(struct fst_json *json, const struct fst_connection_view *view)
{
    char address[FST_ADDRESS_TEXT_MAX];

    for (unsigned side = 0; side < 2; side++) {
        fst_address_text(&view->side[side].address, address);
        fst_json_put_word(json, SIDE_KEY(side, "ip"), address);
        fst_json_put_number(json, SIDE_KEY(side, "port"), view->side[side].port);
    }
    fst_json_key(json, "vlan");
    fst_json_vlans(json, view);
    fst_json_put_word(json, "oriented_by", fst_orientation_name(view->oriented_by));
}

static void put_states(struct fst_json *json, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++)
        fst_json_put_word(json, SIDE_KEY(side, "state"), fst_state_name(view->side[side].state));
    for (unsigned side = 0; side < 2; side++) {
        fst_json_key(json, SIDE_KEY(side, "possible"));
        fst_json_states(json, view->side[side].possible);
    }
}

static void put_paths(struct fst_json *json, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        fst_json_key(json, SIDE_KEY(side, "path"));
        fst_json_path(json, endpoint);
        fst_json_key(json, SIDE_KEY(side, "path_frames"));
        fst_json_path_packets(json, endpoint);
    }
}

/** How it ended, or stands; why the record ends is said of the last one only. */
static void put_end(struct fst_json *json, const struct fst_connection_view *view, bool last)
{
    fst_json_put_word(json, "end_kind", fst_end_kind_name(view->end_kind));
    fst_json_put_word(json, "end_by", fst_side_name(view->end_by));
    fst_json_put_word(json, "end_reason", last ? fst_end_reason(view) : NULL);
    fst_json_key(json, "handshake_us");
    if (view->handshake_ns < 0)
        fst_json_null(json);
    else
        fst_json_number(json, (uint64_t)view->handshake_ns / 1000);
}

static void put_counts(struct fst_json *json, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        fst_json_put_number(json, SIDE_KEY(side, "packets"), endpoint->packets);
        fst_json_put_number(json, SIDE_KEY(side, "payload_bytes"), endpoint->payload_bytes);
        fst_json_put_number(json, SIDE_KEY(side, "retransmits"), endpoint->retransmits);
    }
}

static void put_findings(struct fst_json *json, const struct fst_connection_view *view)
{
    enum fst_class worst = fst_worst_class(view);

    fst_json_key(json, "findings");
    fst_json_rules(json, view);
    fst_json_put_word(json, "worst", worst < FST_CLASS_COUNT ? fst_class_name(worst) : NULL);
}

void fst_ndjson_flow(struct fst_writer *writer, enum fst_flow_event event,
                     const struct fst_connection_view *view, uint32_t seq)
{
    static const char *const names[] = {"start", "update", "end"};
    struct fst_json json = {writer->out, false};

    fst_ndjson_begin(&json, names[event]);
    put_identity(&json, view, writer->style.community_id_seed, seq);
    put_addresses(&json, view);
    put_states(&json, view);
    put_paths(&json, view);
    put_end(&json, view, event == FST_FLOW_END);
    put_counts(&json, view);
    fst_json_put_word(&json, "conn_state", view->conn_state);
    fst_json_put_word(&json, "history", view->history);
    put_findings(&json, view);
    fst_json_put_word(&json, "view", fst_coverage_name(view->coverage));
    fst_json_put_number(&json, "capture_dups", fst_rule_count_in(view, "duplicate-frame"));
    fst_json_put_number(&json, "bad_checksums", fst_rule_count_in(view, "bad-checksum"));
    fst_ndjson_end(&json);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    fst_ndjson_flow(writer, FST_FLOW_END, view, 1);
}

void fst_ndjson_summary(struct fst_json *json, const struct fst_writer *writer)
{
    const struct fst_source *source = writer->source;
    const struct fst_capture_info *info = fst_capture_info(source->capture);
    const struct fst_stats *stats = fst_analyzer_stats(source->analyzer);
    char key[KEY_MAX];

    fst_ndjson_begin(json, "summary");
    fst_json_put_bool(json, "complete", !source->damaged && !source->stopped);
    fst_json_put_bool(json, "truncated", info->truncated);
    fst_json_put_number(json, "packets", info->packets);
    fst_json_put_number(json, "tcp_segments", stats->tcp_segments);
    fst_json_put_number(json, "connections", stats->connections);
    fst_json_put_number(json, "evicted", stats->evicted);
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        snprintf(key, sizeof(key), "findings_%s", fst_class_name((enum fst_class)i));
        fst_json_put_number(json, key, stats->findings[i]);
    }
}

static void finish(struct fst_writer *writer)
{
    struct fst_json json = {writer->out, false};

    fst_ndjson_summary(&json, writer);
    fst_ndjson_end(&json);
}

const struct fst_format fst_flows_ndjson = {
    .name = "ndjson",
    .lines = true,
    .path_packets = true,
    .begin = fst_ndjson_meta,
    .ended = ended,
    .finish = finish,
};
