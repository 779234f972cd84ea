/* SPDX-License-Identifier: MIT
 *
 * A connection as its users see it: client and server, where both stand, how it ended.
 */
#include <string.h>

#include "base/seq.h"
#include "flow/analyzer.h"
#include "flow/pack.h"
#include "flow/path_log.h"
#include "flow/telling.h"
#include "flow/zeek.h"
#include "tcp/states.h"

#define PATH_STATE 0x0f

/* Whether the connection is in the table, and in which record. While `ended` tells of one it is. */
static uint32_t number_of(const struct fst_analyzer *a, uint32_t id)
{
    if (a->ending != FST_NO_INDEX && fst_table_id(&a->table, a->ending) == id)
        return a->ending;
    return fst_table_number(&a->table, id);
}

uint32_t fst_analyzer_next(struct fst_analyzer *a, uint32_t id)
{
    uint32_t number = fst_table_at_least(&a->table, id);

    return number == FST_NO_INDEX ? 0 : fst_table_id(&a->table, number);
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

static enum fst_blame blame(unsigned side, unsigned client)
{
    if (side == FST_NO_SIDE)
        return FST_BY_NOBODY;
    return side == client ? FST_BY_CLIENT : FST_BY_SERVER;
}

/* Who sent the first FIN: the states tell, whose FIN was captured or not; if they do not, as when
 * both closed at once, the packets do. */
static unsigned first_fin(const struct fst_record *record, const struct fst_extra *extra)
{
    const fst_state_set passive = (fst_state_set)(FST_SET(FST_CLOSE_WAIT) | FST_SET(FST_LAST_ACK));
    bool one = fst_end_is(&record->end[0], FST_END_FIN);
    bool two = fst_end_is(&record->end[1], FST_END_FIN);
    enum fst_state first = fst_end_state(&record->end[0]);
    enum fst_state second = fst_end_state(&record->end[1]);

    if (!one || !two)
        return one ? 0 : two ? 1 : FST_NO_SIDE;
    if (fst_set_has(passive, first) != fst_set_has(passive, second))
        return fst_set_has(passive, first);
    if ((first == FST_TIME_WAIT) != (second == FST_TIME_WAIT))
        return first != FST_TIME_WAIT;
    return extra->fin_packet[1] != 0 &&
           (extra->fin_packet[0] == 0 || extra->fin_packet[1] < extra->fin_packet[0]);
}

static bool is_in(const struct fst_connection_view *view, fst_state_set set)
{
    return fst_set_has(set, view->side[0].state) && fst_set_has(set, view->side[1].state);
}

/* Its FIN is its last number, so what acknowledges that acknowledges the FIN. */
static bool fin_is_acknowledged(const struct fst_record *record, unsigned side)
{
    return fst_seq_ge(record->end[!side].ack_top, record->end[side].occ);
}

/* A RST from SYN-SENT answers a stray ACK; the SYN is sent again (3.10.7.3 first). */
static bool still_opening(const struct fst_connection_view *view, enum fst_blame by)
{
    return by != FST_BY_NOBODY && view->side[by].state == FST_SYN_SENT;
}

static enum fst_end_kind kind_of_end(struct fst_analyzer *a, uint32_t number,
                                     const struct fst_connection_view *view, unsigned *by)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    const struct fst_extra *extra = fst_table_extra(&a->table, record);
    unsigned client = fst_record_client(record);
    unsigned reset = fst_findings_reset_by(&a->table.findings, extra->findings);
    bool fin_client = fst_end_is(&record->end[client], FST_END_FIN);
    bool fin_server = fst_end_is(&record->end[!client], FST_END_FIN);
    bool both_taken = fin_client && fin_server && fin_is_acknowledged(record, 0) &&
                      fin_is_acknowledged(record, 1);
    const fst_state_set over = (fst_state_set)(FST_SET_GONE | FST_SET(FST_TIME_WAIT));

    *by = reset;
    if (fst_findings_have(&a->table.findings, extra->findings, FST_RULE_CONNECTION_REFUSED) &&
        is_in(view, FST_SET_GONE))
        return FST_END_REFUSED;
    if (reset != FST_NO_SIDE && !both_taken && !still_opening(view, blame(reset, client)) &&
        ((record->kind & FST_KIND_OLD) || view->side[0].state == FST_CLOSED ||
         view->side[1].state == FST_CLOSED))
        return FST_END_RESET;
    *by = first_fin(record, extra);
    if (fin_client && fin_server)
        return is_in(view, over) ? FST_END_CLOSED : FST_END_CLOSING;
    if (fin_client || fin_server)
        return FST_END_HALF_CLOSED;
    *by = FST_NO_SIDE;
    if (view->side[FST_CLIENT].state == FST_SYN_SENT && !view->side[FST_SERVER].heard)
        return FST_END_NO_ANSWER;
    if (is_in(view, (fst_state_set)(FST_SET(FST_ESTABLISHED) | FST_SET(FST_CLOSE_WAIT))))
        return FST_END_OPEN;
    if (fst_set_has((fst_state_set)(FST_SET(FST_SYN_SENT) | FST_SET(FST_SYN_RECEIVED)),
                    view->side[FST_CLIENT].state) ||
        view->side[FST_SERVER].state == FST_SYN_RECEIVED)
        return FST_END_OPENING;
    return FST_END_UNKNOWN;
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
    uint32_t number = number_of(a, id);
    const struct fst_record *record;
    const struct fst_story *story;
    const struct fst_extra *extra;
    const struct fst_domain *domain;
    struct fst_tale tale;
    unsigned client, by;

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
    view->one_sided = fst_findings_have(&a->table.findings, extra->findings, FST_RULE_ONE_SIDED);
    view->handshake_ns =
        story->handshake_us == UINT32_MAX ? -1 : (int64_t)story->handshake_us * 1000;
    view->finding_count =
        fst_findings_show(&a->table.findings, extra->findings, fst_connection_unfinished(a, number),
                          client, id, &view->findings);
    view->side[FST_CLIENT].retransmits = retransmits(view, FST_BY_CLIENT);
    view->side[FST_SERVER].retransmits = retransmits(view, FST_BY_SERVER);
    view->end_kind = kind_of_end(a, number, view, &by);
    view->end_by = blame(by, client);
    if (!a->options.no_paths)
        fst_zeek_show(&a->table, a->shown, tale.history, client, view);
    return 0;
}
