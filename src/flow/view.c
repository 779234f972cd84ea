/* SPDX-License-Identifier: MIT
 *
 * A connection as its users see it: client and server, where both stand, what was found.
 */
#include <string.h>

#include "flow/analyzer.h"
#include "flow/outcome.h"
#include "flow/pack.h"
#include "flow/path_log.h"
#include "flow/telling.h"
#include "flow/zeek.h"
#include "tcp/states.h"

#define PATH_STATE 0x0f

uint32_t fst_connection_id(struct fst_analyzer *a, uint32_t number)
{
    return a->ending == number ? a->ending_id : fst_table_id(&a->table, number);
}

uint32_t fst_connection_number(struct fst_analyzer *a, uint32_t id)
{
    if (a->ending != FST_NO_INDEX && a->ending_id == id)
        return a->ending;
    return fst_table_number(&a->table, id);
}

uint32_t fst_analyzer_next(struct fst_analyzer *a, uint32_t id)
{
    uint32_t number = fst_table_at_least(&a->table, id);

    return number == FST_NO_INDEX ? 0 : fst_connection_id(a, number);
}

static void view_side(struct fst_analyzer *a, uint32_t number, unsigned s,
                      const struct fst_tale *tale, struct fst_endpoint_view *view)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    const struct fst_endpoint *end = &record->end[s];
    struct fst_path_mark marks[FST_PATH_MAX];
    uint8_t path[FST_PATH_MAX];
    size_t length, i;

    view->address.ipv6 = (record->kind & FST_KIND_IPV6) != 0;
    memcpy(view->address.octets, record->address[s], sizeof(view->address.octets));
    view->port = record->port[s];
    view->state = fst_end_state(end);
    view->possible = fst_end_possible(end);
    view->heard = end->packets > 0;
    view->inferred = fst_end_is(end, FST_END_INFERRED) || !view->heard;
    length = fst_trie_read(&a->table.paths, tale->path[s], path, FST_PATH_MAX);
    view->path_cut = length > FST_PATH_MAX;
    view->path_count = length < FST_PATH_MAX ? length : FST_PATH_MAX;
    if (a->table.logs)
        fst_path_log_read(a->table.logs, number, s, marks, view->path_count);
    else
        memset(marks, 0, view->path_count * sizeof(marks[0]));
    for (i = 0; i < view->path_count; i++)
        view->path[i] = (struct fst_path_step){(enum fst_state)(path[i] & PATH_STATE),
                                               marks[i].packet, marks[i].time_ns};
    view->packets = end->packets;
    view->payload_bytes =
        (uint64_t)fst_table_extra(&a->table, record)->payload_high[s] << 32 | record->payload[s];
}

/* Repetitions are counted with the findings that name them. */
static uint64_t retransmits(const struct fst_connection_view *view, enum fst_blame by)
{
    uint64_t count = 0;
    size_t i;

    for (i = 0; i < view->finding_count; i++)
        if (view->findings[i].by == by &&
            (view->findings[i].rule == fst_rule_at(FST_RULE_RETRANSMISSION) ||
             view->findings[i].rule == fst_rule_at(FST_RULE_FIN_RETRANSMIT)))
            count += 1 + view->findings[i].repeats;
    return count;
}

/* All but the steps of paths, which are most of it: so many as there are get written anyway. */
static void clear(struct fst_connection_view *view)
{
    unsigned s;

    memset(view, 0, offsetof(struct fst_connection_view, side));
    for (s = 0; s < 2; s++) {
        struct fst_endpoint_view *side = &view->side[s];

        memset(side, 0, offsetof(struct fst_endpoint_view, path));
        memset(&side->packets, 0, sizeof(*side) - offsetof(struct fst_endpoint_view, packets));
    }
    memset(&view->tag_count, 0, sizeof(*view) - offsetof(struct fst_connection_view, tag_count));
}

int fst_analyzer_connection(struct fst_analyzer *a, uint32_t id, struct fst_connection_view *view)
{
    uint32_t number = fst_connection_number(a, id);
    const struct fst_record *record;
    const struct fst_story *story;
    const struct fst_extra *extra;
    const struct fst_domain *domain;
    struct fst_tale tale;
    struct fst_outcome outcome;
    struct fst_found found;
    unsigned client;

    clear(view);
    if (number == FST_NO_INDEX)
        return FST_EINVAL;
    record = fst_table_record(&a->table, number);
    story = fst_table_story(&a->table, number);
    extra = fst_table_extra(&a->table, record);
    tale = fst_telling_of(&a->table, story).tale;
    client = fst_record_client(record);
    view->id = id;
    view->incarnation = extra->incarnation;
    view->ts_first = story->ts_first;
    view->ts_last = record->ts_last;
    view->first_packet = story->first_packet;
    view->oriented_by = (enum fst_orientation)(record->kind >> FST_KIND_ORIENTED_SHIFT & 3);
    view_side(a, number, client, &tale, &view->side[FST_CLIENT]);
    view_side(a, number, !client, &tale, &view->side[FST_SERVER]);
    domain = fst_domain_tags(&a->decoder.domains, record->kind & FST_KIND_DOMAIN);
    if (domain) {
        view->tag_count = domain->tag_count;
        memcpy(view->tags, domain->tags, domain->tag_count * sizeof(view->tags[0]));
    }
    view->evicted = (record->kind & FST_KIND_EVICTED) != 0;
    view->expired = number == a->ending && a->expiring;
    view->handshake_ns =
        story->handshake_us == UINT32_MAX ? -1 : (int64_t)story->handshake_us * 1000;
    view->finding_count =
        fst_findings_show(&a->table.findings, extra->findings, fst_connection_unfinished(a, number),
                          client, id, &view->findings);
    view->side[FST_CLIENT].retransmits = retransmits(view, FST_BY_CLIENT);
    view->side[FST_SERVER].retransmits = retransmits(view, FST_BY_SERVER);
    found = fst_findings_sum(&a->table.findings, extra->findings);
    fst_outcome_fill(&outcome, record, extra, &found);
    view->end_kind = outcome.end_kind;
    view->end_by = outcome.end_by;
    view->coverage = outcome.coverage;
    if (!a->options.no_paths)
        fst_zeek_show(&a->table, a->shown, tale.history, client, view);
    return 0;
}
