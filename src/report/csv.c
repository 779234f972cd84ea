/* SPDX-License-Identifier: MIT
 *
 * Connections as comma-separated values (RFC 4180, but lines end as Unix has them): the columns are
 * those of ndjson, lists are words with blanks between them.
 */
#include "report/writer.h"

#include <string.h>

#include "report/format.h"
#include "report/wording.h"

static void begin(struct fst_writer *writer)
{
    fst_out_text(writer->out,
                 "id,uid,ts_first,ts_last,community_id,incarnation,client_ip,client_port,server_ip,"
                 "server_port,vlan,oriented_by,client_state,server_state,client_path,server_path,"
                 "end_kind,end_by,end_reason,handshake_us,client_packets,client_payload_bytes,"
                 "client_retransmits,server_packets,server_payload_bytes,server_retransmits,"
                 "conn_state,history,findings,worst,view\n");
}

/** None of the values has a quote, a comma or a line end in it, so none needs quoting. */
static void put(struct fst_out *out, const char *text)
{
    fst_out_char(out, ',');
    if (text)
        fst_out_text(out, text);
}

static void put_number(struct fst_out *out, uint64_t number)
{
    fst_out_char(out, ',');
    fst_out_number(out, number);
}

static void put_time(struct fst_out *out, int64_t time_ns)
{
    char text[FST_FORMAT_MAX];

    put(out, fst_format_timestamp(time_ns, text));
}

static void put_identity(struct fst_out *out, const struct fst_connection_view *view, uint16_t seed)
{
    char uid[FST_UID_MAX];

    fst_out_number(out, view->id);
    put(out, fst_flow_uid(view, seed, uid));
    put_time(out, view->ts_first);
    put_time(out, view->ts_last);
    uid[strcspn(uid, "@")] = '\0'; /* it begins with the Community ID */
    put(out, uid);
    put_number(out, view->incarnation);
}

static void put_addresses(struct fst_out *out, const struct fst_connection_view *view)
{
    const char *between = "";

    for (unsigned side = 0; side < 2; side++) {
        char address[FST_ADDRESS_TEXT_MAX];

        fst_address_text(&view->side[side].address, address);
        put(out, address);
        put_number(out, view->side[side].port);
    }
    fst_out_char(out, ',');
    for (size_t i = 0; i < view->tag_count; i++) {
        if ((view->tags[i] & ~FST_TAG_VALUE) != FST_TAG_VLAN)
            continue;
        fst_out_text(out, between);
        fst_out_number(out, view->tags[i] & FST_TAG_VALUE);
        between = " ";
    }
    put(out, fst_orientation_name(view->oriented_by));
}

static void put_states(struct fst_out *out, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++)
        put(out, fst_state_name(view->side[side].state));
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *endpoint = &view->side[side];

        fst_out_char(out, ',');
        for (size_t i = 0; i < endpoint->path_count; i++) {
            if (i > 0)
                fst_out_char(out, ' ');
            fst_out_text(out, fst_state_name(endpoint->path[i].state));
        }
    }
}

static void put_end(struct fst_out *out, const struct fst_connection_view *view)
{
    put(out, fst_end_kind_name(view->end_kind));
    put(out, fst_side_name(view->end_by));
    put(out, fst_end_reason(view));
    if (view->handshake_ns < 0)
        put(out, NULL);
    else
        put_number(out, (uint64_t)view->handshake_ns / 1000);
}

static void put_counts(struct fst_out *out, const struct fst_connection_view *view)
{
    for (unsigned side = 0; side < 2; side++) {
        put_number(out, view->side[side].packets);
        put_number(out, view->side[side].payload_bytes);
        put_number(out, view->side[side].retransmits);
    }
}

static void put_findings(struct fst_out *out, const struct fst_connection_view *view)
{
    enum fst_class worst = fst_worst_class(view);
    const char *between = "";

    fst_out_char(out, ',');
    for (size_t i = 0; i < view->finding_count; i++) {
        if (fst_found_earlier(view, i))
            continue;
        fst_out_text(out, between);
        fst_out_text(out, view->findings[i].rule->slug);
        between = " ";
    }
    put(out, worst < FST_CLASS_COUNT ? fst_class_name(worst) : NULL);
}

static void ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_out *out = writer->out;

    put_identity(out, view, writer->style.community_id_seed);
    put_addresses(out, view);
    put_states(out, view);
    put_end(out, view);
    put_counts(out, view);
    put(out, view->conn_state);
    put(out, view->history);
    put_findings(out, view);
    put(out, fst_coverage_name(view->coverage));
    fst_out_char(out, '\n');
}

const struct fst_format fst_flows_csv = {
    .name = "csv",
    .lines = true,
    .begin = begin,
    .ended = ended,
};
