/* SPDX-License-Identifier: MIT
 *
 * Connections as Zeek's conn.log with JSON logging: an object a line, unset fields left out.
 */
#include "report/writer.h"

#include <string.h>

#include "report/json_out.h"
#include "report/wording.h"
#include "report/zeek_values.h"

const char *fst_zeek_seconds(int64_t ns, char text[FST_FORMAT_MAX])
{
    int64_t us = ns / 1000;
    uint64_t size = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    char *to = text;

    if (us < 0)
        *to++ = '-';
    to = fst_put_number(to, size / 1000000);
    *to++ = '.';
    *fst_put_digits(to, 6, size % 1000000) = '\0';
    return text;
}

bool fst_zeek_has_duration(const struct fst_connection_view *view)
{
    return view->ts_last > view->ts_first;
}

static void put_seconds(struct fst_json *json, const char *key, int64_t ns)
{
    char text[FST_FORMAT_MAX];

    fst_json_key(json, key);
    fst_json_raw(json, fst_zeek_seconds(ns, text));
}

static void put_endpoint(struct fst_json *json, const struct fst_endpoint_view *endpoint,
                         const char *host_key, const char *port_key)
{
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&endpoint->address, address);
    fst_json_put_word(json, host_key, address);
    fst_json_put_number(json, port_key, endpoint->port);
}

static void put_amounts(struct fst_json *json, const struct fst_connection_view *view)
{
    if (!fst_zeek_has_duration(view))
        return;
    put_seconds(json, "duration", view->ts_last - view->ts_first);
    fst_json_put_number(json, "orig_bytes", view->side[FST_CLIENT].payload_bytes);
    fst_json_put_number(json, "resp_bytes", view->side[FST_SERVER].payload_bytes);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_json json = {writer->out, false};
    char uid[FST_UID_MAX];

    fst_json_open(&json, '{');
    put_seconds(&json, "ts", view->ts_first);
    fst_json_put_word(&json, "uid", fst_flow_uid(view, writer->style.community_id_seed, uid));
    put_endpoint(&json, &view->side[FST_CLIENT], "id.orig_h", "id.orig_p");
    put_endpoint(&json, &view->side[FST_SERVER], "id.resp_h", "id.resp_p");
    fst_json_put_string(&json, "proto", "tcp");
    put_amounts(&json, view);
    fst_json_put_word(&json, "conn_state", view->conn_state);
    fst_json_put_word(&json, "history", view->history);
    fst_json_put_number(&json, "orig_pkts", view->side[FST_CLIENT].packets);
    fst_json_put_number(&json, "resp_pkts", view->side[FST_SERVER].packets);
    uid[strcspn(uid, "@")] = '\0'; /* it begins with the Community ID */
    fst_json_put_word(&json, "community_id", uid);
    fst_json_close(&json, '}');
    fst_out_char(writer->out, '\n');
}

const struct fst_format fst_flows_zeek_json = {
    .name = "zeek-json",
    .lines = true,
    .ended = ended,
};
