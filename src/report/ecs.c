/* SPDX-License-Identifier: MIT
 *
 * Connections as documents of the Elastic Common Schema, one a line: the client is the source, the
 * server the destination, and what the schema has no name for is below `flowstate`.
 *
 * Source: Elastic Common Schema 8.11, field sets base, event, source, destination, network.
 */
#include "report/writer.h"

#include <stdio.h>

#include "report/json_out.h"
#include "report/wording.h"

static void put_event(struct fst_json *json, const struct fst_connection_view *view)
{
    bool over = view->end_kind == FST_END_CLOSED || view->end_kind == FST_END_RESET ||
                view->end_kind == FST_END_REFUSED;

    fst_json_key(json, "event");
    fst_json_open(json, '{');
    fst_json_put_string(json, "kind", "event");
    fst_json_key(json, "category");
    fst_json_open(json, '[');
    fst_json_string(json, "network");
    fst_json_close(json, ']');
    fst_json_key(json, "type");
    fst_json_open(json, '[');
    fst_json_string(json, "connection");
    fst_json_string(json, over ? "end" : "info");
    fst_json_close(json, ']');
    fst_json_put_string(json, "dataset", "flowstate.flow");
    fst_json_put_time(json, "start", view->ts_first);
    fst_json_put_time(json, "end", view->ts_last);
    fst_json_put_number(json, "duration", (uint64_t)(view->ts_last - view->ts_first));
    fst_json_close(json, '}');
}

static void put_end(struct fst_json *json, const char *key, const struct fst_endpoint_view *side)
{
    char address[FST_ADDRESS_TEXT_MAX];

    fst_address_text(&side->address, address);
    fst_json_key(json, key);
    fst_json_open(json, '{');
    fst_json_put_word(json, "address", address);
    fst_json_put_word(json, "ip", address);
    fst_json_put_number(json, "port", side->port);
    fst_json_put_number(json, "packets", side->packets);
    fst_json_close(json, '}');
}

/** The outermost VLAN and the one inside it. */
static void put_vlans(struct fst_json *json, const struct fst_connection_view *view)
{
    static const char *const keys[] = {"vlan", "inner"};
    unsigned count = 0;

    for (size_t i = 0; i < view->tag_count && count < 2; i++) {
        char id[16];

        if ((view->tags[i] & ~FST_TAG_VALUE) != FST_TAG_VLAN)
            continue;
        fst_json_key(json, keys[count]);
        fst_json_open(json, '{');
        if (count == 1) {
            fst_json_key(json, "vlan");
            fst_json_open(json, '{');
        }
        snprintf(id, sizeof(id), "%u", view->tags[i] & FST_TAG_VALUE); /* a keyword in the schema */
        fst_json_put_word(json, "id", id);
        fst_json_close(json, '}');
        if (count++ == 1)
            fst_json_close(json, '}');
    }
}

static void put_network(struct fst_json *json, const struct fst_connection_view *view,
                        uint16_t seed)
{
    char id[FST_COMMUNITY_ID_MAX];

    fst_community_id(view, seed, id);
    fst_json_key(json, "network");
    fst_json_open(json, '{');
    fst_json_put_string(json, "transport", "tcp");
    fst_json_put_string(json, "type", view->side[0].address.ipv6 ? "ipv6" : "ipv4");
    fst_json_put_word(json, "community_id", id);
    fst_json_put_number(json, "packets",
                        view->side[FST_CLIENT].packets + view->side[FST_SERVER].packets);
    put_vlans(json, view);
    fst_json_close(json, '}');
}

static void put_side(struct fst_json *json, const struct fst_connection_view *view, unsigned side)
{
    const struct fst_endpoint_view *endpoint = &view->side[side];

    fst_json_key(json, fst_side_name(side));
    fst_json_open(json, '{');
    fst_json_put_word(json, "state", fst_state_name(endpoint->state));
    fst_json_key(json, "possible");
    fst_json_states(json, endpoint->possible);
    fst_json_key(json, "path");
    fst_json_path(json, endpoint);
    fst_json_put_number(json, "payload_bytes", endpoint->payload_bytes);
    fst_json_put_number(json, "retransmits", endpoint->retransmits);
    fst_json_close(json, '}');
}

static void put_own(struct fst_json *json, const struct fst_connection_view *view, uint16_t seed)
{
    enum fst_class worst = fst_worst_class(view);
    char uid[FST_UID_MAX];

    fst_json_key(json, "flowstate");
    fst_json_open(json, '{');
    fst_json_put_word(json, "uid", fst_flow_uid(view, seed, uid));
    fst_json_put_number(json, "id", view->id);
    put_side(json, view, FST_CLIENT);
    put_side(json, view, FST_SERVER);
    fst_json_put_word(json, "end_kind", fst_end_kind_name(view->end_kind));
    fst_json_put_word(json, "end_by", fst_side_name(view->end_by));
    fst_json_put_word(json, "end_reason", fst_end_reason(view));
    fst_json_put_word(json, "conn_state", view->conn_state);
    fst_json_put_word(json, "history", view->history);
    fst_json_key(json, "findings");
    fst_json_rules(json, view);
    fst_json_put_word(json, "worst", worst < FST_CLASS_COUNT ? fst_class_name(worst) : NULL);
    fst_json_put_word(json, "view", fst_coverage_name(view->coverage));
    fst_json_close(json, '}');
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_json json = {writer->out, false};

    fst_json_open(&json, '{');
    fst_json_put_time(&json, "@timestamp", view->ts_last);
    fst_json_key(&json, "ecs");
    fst_json_open(&json, '{');
    fst_json_put_string(&json, "version", "8.11.0");
    fst_json_close(&json, '}');
    put_event(&json, view);
    put_end(&json, "source", &view->side[FST_CLIENT]);
    put_end(&json, "destination", &view->side[FST_SERVER]);
    put_network(&json, view, writer->style.community_id_seed);
    put_own(&json, view, writer->style.community_id_seed);
    fst_json_close(&json, '}');
    fst_out_char(writer->out, '\n');
}

const struct fst_format fst_flows_ecs = {
    .name = "ecs",
    .lines = true,
    .ended = ended,
};
