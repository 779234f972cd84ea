/* SPDX-License-Identifier: MIT
 *
 * The stream of a live capture: `meta`, then `start`, `update` and `end` of each connection with
 * rising `seq`, a `finding` when one is new, `summary` at the end. A line is whole or not there.
 */
#include "report/ndjson.h"

#include "report/detail.h"
#include "report/wording.h"

static void flow_finding(struct fst_writer *writer, const struct fst_connection_view *view,
                         const struct fst_finding *finding)
{
    char uid[FST_UID_MAX], message[FST_MESSAGE_MAX];
    struct fst_json json = {writer->out, false};

    fst_ndjson_begin(&json, "finding");
    fst_json_put_string(&json, "uid", fst_flow_uid(view, writer->style.community_id_seed, uid));
    fst_json_put_string(&json, "rule", finding->rule->slug);
    fst_json_put_string(&json, "class", fst_class_name(finding->class_));
    fst_json_put_number(&json, "packet", finding->packet);
    fst_json_put_time(&json, "ts", finding->time_ns);
    fst_json_put_string(&json, "by", fst_side_name(finding->by));
    (void)fst_finding_message(finding, message, sizeof(message));
    fst_json_put_string(&json, "message", message);
    fst_json_key(&json, "because_packet");
    if (finding->because_packet)
        fst_json_number(&json, finding->because_packet);
    else
        fst_json_null(&json);
    fst_json_put_string(&json, "rfc", fst_rfc_section(finding->rule));
    fst_ndjson_end(&json);
}

static void put_known(struct fst_json *json, const char *key, uint64_t number)
{
    fst_json_key(json, key);
    if (number == UINT64_MAX)
        fst_json_null(json);
    else
        fst_json_number(json, number);
}

static void finish(struct fst_writer *writer)
{
    const struct fst_source *source = writer->source;
    struct fst_json json = {writer->out, false};

    fst_ndjson_summary(&json, writer);
    fst_json_put_number(&json, "expired", fst_analyzer_stats(source->analyzer)->expired);
    put_known(&json, "dropped_by_kernel", source->live ? source->live->kernel_drop : 0);
    put_known(&json, "dropped_by_interface", source->live ? source->live->interface_drop : 0);
    fst_ndjson_end(&json);
}

const struct fst_format fst_live_ndjson = {
    .name = "ndjson",
    .begin = fst_ndjson_meta,
    .flow = fst_ndjson_flow,
    .flow_finding = flow_finding,
    .finish = finish,
};
