/* SPDX-License-Identifier: MIT
 *
 * A connection in brief: read from its record, with no path, history or text made.
 */
#include <string.h>

#include "flow/analyzer.h"
#include "flow/outcome.h"
#include "flow/pack.h"
#include "flow/path_log.h"

static void brief_side(const struct fst_analyzer *a, uint32_t number, unsigned s,
                       struct fst_connection_brief *brief, enum fst_side who)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    const struct fst_endpoint *end = &record->end[s];
    struct fst_path_mark mark = {0, 0};

    brief->side[who].address.ipv6 = (record->kind & FST_KIND_IPV6) != 0;
    memcpy(brief->side[who].address.octets, record->address[s], sizeof(record->address[s]));
    brief->side[who].port = record->port[s];
    brief->side[who].state = fst_end_state(end);
    brief->side[who].heard = end->packets > 0;
    brief->side[who].inferred = fst_end_is(end, FST_END_INFERRED) || end->packets == 0;
    brief->side[who].packets = end->packets;
    if (a->table.logs)
        mark = fst_path_log_last(a->table.logs, number, s);
    brief->side[who].since_ns = mark.packet ? mark.time_ns : a->table.logs ? brief->ts_first : 0;
}

int fst_analyzer_brief(struct fst_analyzer *a, uint32_t id, struct fst_connection_brief *brief)
{
    uint32_t number = fst_connection_number(a, id);
    const struct fst_record *record;
    const struct fst_story *story;
    struct fst_found found;
    unsigned client;

    if (number == FST_NO_INDEX)
        return FST_EINVAL;
    record = fst_table_record(&a->table, number);
    story = fst_table_story(&a->table, number);
    found = fst_findings_sum(&a->table.findings, fst_table_extra(&a->table, record)->findings);
    client = fst_record_client(record);
    brief->id = id;
    brief->ts_first = story->ts_first;
    brief->ts_last = record->ts_last;
    brief->handshake_ns =
        story->handshake_us == UINT32_MAX ? -1 : (int64_t)story->handshake_us * 1000;
    brief->worst = fst_outcome_worst(a, number, &found);
    brief->over = fst_record_value(record) == FST_VALUE_OVER;
    brief_side(a, number, client, brief, FST_CLIENT);
    brief_side(a, number, !client, brief, FST_SERVER);
    return 0;
}
