/* SPDX-License-Identifier: MIT
 *
 * Connections as Zeek's conn.log, for tools that read it: tab-separated values under a header that
 * names and types them. What flowstate does not know (service, missed bytes, octets of the IP
 * layer) is unset. Payload octets include retransmissions. The uid is our own, the same as in
 * ndjson.
 *
 * Source: Zeek's documentation of base/protocols/conn and of its ASCII log format.
 */
#include "report/writer.h"

#include <string.h>

#include "report/format.h"
#include "report/wording.h"
#include "report/zeek_values.h"

/* In the order of a row. */
static const struct {
    const char *name, *type;
} columns[] = {
    {"ts", "time"},
    {"uid", "string"},
    {"id.orig_h", "addr"},
    {"id.orig_p", "port"},
    {"id.resp_h", "addr"},
    {"id.resp_p", "port"},
    {"proto", "enum"},
    {"service", "string"},
    {"duration", "interval"},
    {"orig_bytes", "count"},
    {"resp_bytes", "count"},
    {"conn_state", "string"},
    {"local_orig", "bool"},
    {"local_resp", "bool"},
    {"missed_bytes", "count"},
    {"history", "string"},
    {"orig_pkts", "count"},
    {"orig_ip_bytes", "count"},
    {"resp_pkts", "count"},
    {"resp_ip_bytes", "count"},
    {"tunnel_parents", "set[string]"},
    {"community_id", "string"},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

struct log {
    bool started;
};

/** "2026-03-01-09-14-02". */
static void put_time_of_header(struct fst_out *out, const char *name, int64_t time_ns)
{
    char date[FST_FORMAT_MAX], clock[FST_FORMAT_MAX];

    fst_format_date(time_ns, date);
    fst_format_clock(time_ns, 3, clock);
    fst_out_print(out, "#%s\t%s-%.2s-%.2s-%.2s\n", name, date, clock, clock + 3, clock + 6);
}

static void put_header(struct fst_writer *writer)
{
    struct log *log = writer->state;
    struct fst_out *out = writer->out;

    if (log->started)
        return;
    log->started = true;
    fst_out_text(out, "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"
                      "#unset_field\t-\n#path\tconn\n");
    put_time_of_header(out, "open", fst_analyzer_stats(writer->source->analyzer)->ts_first);
    fst_out_text(out, "#fields");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fst_out_print(out, "\t%s", columns[i].name);
    fst_out_text(out, "\n#types");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fst_out_print(out, "\t%s", columns[i].type);
    fst_out_char(out, '\n');
}

static void put(struct fst_out *out, const char *value)
{
    fst_out_char(out, '\t');
    fst_out_text(out, value);
}

static void put_number(struct fst_out *out, uint64_t number)
{
    fst_out_char(out, '\t');
    fst_out_number(out, number);
}

static void put_endpoint(struct fst_out *out, const struct fst_endpoint_view *endpoint)
{
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&endpoint->address, address);
    put(out, address);
    put_number(out, endpoint->port);
}

static void put_amounts(struct fst_out *out, const struct fst_connection_view *view)
{
    char duration[FST_FORMAT_MAX];

    if (!fst_zeek_has_duration(view)) {
        fst_out_text(out, "\t-\t-\t-");
        return;
    }
    put(out, fst_zeek_seconds(view->ts_last - view->ts_first, duration));
    put_number(out, view->side[FST_CLIENT].payload_bytes);
    put_number(out, view->side[FST_SERVER].payload_bytes);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_out *out = writer->out;
    char ts[FST_FORMAT_MAX], uid[FST_UID_MAX];

    put_header(writer);
    fst_out_text(out, fst_zeek_seconds(view->ts_first, ts));
    put(out, fst_flow_uid(view, writer->style.community_id_seed, uid));
    put_endpoint(out, &view->side[FST_CLIENT]);
    put_endpoint(out, &view->side[FST_SERVER]);
    fst_out_text(out, "\ttcp\t-");
    put_amounts(out, view);
    put(out, view->conn_state);
    fst_out_text(out, "\t-\t-\t-");
    put(out, view->history[0] ? view->history : "(empty)");
    put_number(out, view->side[FST_CLIENT].packets);
    fst_out_text(out, "\t-");
    put_number(out, view->side[FST_SERVER].packets);
    fst_out_text(out, "\t-\t-");
    uid[strcspn(uid, "@")] = '\0'; /* it begins with the Community ID */
    put(out, uid);
    fst_out_char(out, '\n');
}

static void finish(struct fst_writer *writer)
{
    put_header(writer);
    put_time_of_header(writer->out, "close", fst_analyzer_stats(writer->source->analyzer)->ts_last);
}

const struct fst_format fst_flows_zeek = {
    .name = "zeek",
    .lines = true,
    .state_size = sizeof(struct log),
    .ended = ended,
    .finish = finish,
};
