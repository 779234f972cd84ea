/* SPDX-License-Identifier: MIT
 *
 * That one stamp lies far off must not make a finding. What lies before the others counts for
 * nothing, since a silence begins at the latest stamp of the connection. What lies behind them is
 * believed only once the capture has come there too, and as long as no later segment of the
 * connection lies before.
 */
#include "flow/dwell.h"

#include <string.h>

#include "base/alloc.h"
#include "base/seq.h"
#include "flow/analyzer.h"
#include "flow/pack.h"

/* "R1 SHOULD correspond to at least 3 retransmissions": RFC 9293 3.8.3. Fewer may go astray. */
#define ASKED_LEAST 3

/* ------------------------------------------------------------------------------ storage -- */

static struct fst_dwell *known(const struct fst_table *table, const struct fst_record *record)
{
    uint32_t index = fst_table_extra(table, record)->dwell;

    return index == FST_NO_INDEX ? NULL : fst_pool_at(&table->dwells, index);
}

/* The same, made if need be; NULL when memory is short. */
static struct fst_dwell *known_or_new(struct fst_table *table, struct fst_record *record)
{
    struct fst_extra *extra = fst_extra_add(&table->extras, record);

    if (!extra)
        return NULL;
    if (extra->dwell == FST_NO_INDEX)
        extra->dwell = fst_pool_take(&table->dwells);
    return extra->dwell == FST_NO_INDEX ? NULL : fst_pool_at(&table->dwells, extra->dwell);
}

/* ----------------------------------------------------------------------------- watching -- */

static bool long_enough(int64_t since_ns, int64_t now_ns)
{
    return now_ns - FST_DWELL_NS >= since_ns; /* stamps end long before the type does */
}

static void begin(struct fst_watch *watch, int64_t since_ns, uint64_t packet, unsigned side)
{
    *watch = (struct fst_watch){.since_ns = since_ns,
                                .packet = packet,
                                .side = (uint8_t)side,
                                .begun = true,
                                .told = watch->told};
}

static void show(struct fst_watch *watch, int64_t time_ns)
{
    if (watch->shown || !long_enough(watch->since_ns, time_ns))
        return;
    watch->shown = true;
    watch->shown_ns = time_ns;
}

/* Its clock says that no such time has passed. */
static void take_back(struct fst_watch *watch, int64_t time_ns)
{
    if (watch->shown && !long_enough(watch->since_ns, time_ns))
        watch->shown = false;
}

/* Nothing but an acknowledgment where its FIN left off, or one number below, as a keep-alive. */
static bool waits_on(const struct fst_endpoint *end, const struct fst_segment *segment)
{
    return (segment->flags & (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST)) == 0 &&
           fst_seq_within(end->occ - 1, segment->seq, end->occ);
}

/* What is watched of a side that owes its FIN, made if need be; NULL when memory is short. When it
 * sent text in between is not known, but no later than the connection's last segment. */
static struct fst_dwell *silence_of(struct fst_analyzer *a, uint32_t number, unsigned owing)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_dwell *dwell = known_or_new(&a->table, record);
    struct fst_watch *owes;

    if (!dwell)
        return NULL;
    owes = &dwell->watch[FST_DWELL_CLOSE_WAIT];
    if (!owes->begun || (dwell->payload != record->payload[owing] && !owes->shown)) {
        begin(owes, record->ts_last, fst_table_story(&a->table, number)->change_packet, owing);
        begin(&dwell->watch[FST_DWELL_FIN_WAIT_2], record->ts_last, 0, !owing);
        dwell->payload = record->payload[owing];
    }
    return dwell;
}

static void show_silence(struct fst_analyzer *a, uint32_t number, unsigned owing,
                         const struct fst_segment *segment, unsigned side)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_dwell *dwell = silence_of(a, number, owing);
    struct fst_watch *waits;

    if (!dwell)
        return;
    show(&dwell->watch[FST_DWELL_CLOSE_WAIT], segment->time_ns);
    waits = &dwell->watch[FST_DWELL_FIN_WAIT_2];
    if (side != owing && !waits->shown && dwell->payload == record->payload[owing] &&
        waits_on(&record->end[side], segment)) {
        waits->packet = segment->packet;
        show(waits, segment->time_ns);
    }
}

void fst_dwell_met(struct fst_analyzer *a, uint32_t number, unsigned owing,
                   const struct fst_segment *segment, unsigned side)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_dwell *dwell = known(&a->table, record);
    bool ends = (segment->flags & (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST)) != 0 ||
                (side == owing && segment->payload_len > 0);

    if (dwell) {
        take_back(&dwell->watch[FST_DWELL_CLOSE_WAIT], segment->time_ns);
        take_back(&dwell->watch[FST_DWELL_FIN_WAIT_2], segment->time_ns);
    }
    /* Most connections are half closed for a moment: of a short silence that ends nothing stays. */
    if (owing != FST_NO_SIDE && (dwell || !ends || long_enough(record->ts_last, segment->time_ns)))
        show_silence(a, number, owing, segment, side);
}

/* What asks for an answer, and was sent before. */
static bool asks_again(const struct fst_step *step, const struct fst_segment *segment)
{
    size_t i;

    for (i = 0; i < step->finding_count; i++)
        switch (step->findings[i].packet == segment->packet ? step->findings[i].rule
                                                            : FST_RULE_COUNT) {
        case FST_RULE_RETRANSMISSION:
        case FST_RULE_FIN_RETRANSMIT:
        case FST_RULE_KEEPALIVE:
        case FST_RULE_ZERO_WINDOW_PROBE:
            return true;
        default:
            break;
        }
    return false;
}

void fst_dwell_asked(struct fst_analyzer *a, uint32_t number, const struct fst_segment *segment,
                     unsigned side)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    uint32_t answers = record->end[!side].packets;
    struct fst_dwell *dwell;
    struct fst_watch *watch;

    if (answers == 0 || !asks_again(&a->step, segment))
        return;
    dwell = known_or_new(&a->table, record);
    if (!dwell)
        return;
    watch = &dwell->watch[FST_DWELL_HALF_OPEN];
    if (!watch->begun || watch->side != side || dwell->answers != answers) {
        begin(watch, record->ts_last, segment->packet, side);
        dwell->answers = answers;
        dwell->asked = 0;
    }
    dwell->asked++;
    take_back(watch, segment->time_ns);
    if (dwell->asked >= ASKED_LEAST)
        show(watch, segment->time_ns);
}

/* ------------------------------------------------------------------------------ telling -- */

static bool unanswered(const struct fst_record *record, const struct fst_dwell *dwell)
{
    const struct fst_watch *watch = &dwell->watch[FST_DWELL_HALF_OPEN];

    return watch->begun && dwell->answers == record->end[!watch->side].packets;
}

/* The segment that shows it may be the last of the capture: a little beyond what the capture's time
 * is taken to be. */
static bool is_shown(const struct fst_watch *watch, int64_t now_ns)
{
    return watch->shown && long_enough(watch->since_ns, now_ns) &&
           !long_enough(now_ns, watch->shown_ns);
}

/* From a side whose packets the capture is known to have missed, silence proves nothing. */
static bool was_missed(const struct fst_analyzer *a, const struct fst_record *record)
{
    uint32_t findings = fst_table_extra(&a->table, record)->findings;

    return fst_findings_have(&a->table.findings, findings, FST_RULE_ACK_OF_UNSEEN_DATA) ||
           fst_findings_have(&a->table.findings, findings, FST_RULE_ACK_OF_UNSEEN_FIN);
}

static bool tell(struct fst_analyzer *a, uint32_t number, enum fst_rule_id rule,
                 struct fst_watch *watch, int64_t time_ns, uint64_t because_packet)
{
    const struct fst_rule *r = fst_rule_at(rule);
    struct fst_finding finding;

    if (watch->told)
        return false;
    watch->told = true;
    a->step.change_count = 0;
    a->step.finding_count = 1;
    a->step.findings[0] = (struct fst_step_finding){
        .rule = (uint8_t)rule,
        .class_ = (uint8_t)r->class_,
        .side = watch->side,
        .incarnation = fst_table_extra(&a->table, fst_table_record(&a->table, number))->incarnation,
        .packet = watch->packet,
        .because_packet = because_packet,
        .time_ns = time_ns};
    fst_raise_findings(a, number, true, &finding);
    return true;
}

static bool tell_of_silence(struct fst_analyzer *a, uint32_t number, struct fst_dwell *dwell,
                            bool goes_on, int64_t now_ns)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_watch *owes = &dwell->watch[FST_DWELL_CLOSE_WAIT];
    struct fst_watch *waits = &dwell->watch[FST_DWELL_FIN_WAIT_2];
    bool told = false;

    if (was_missed(a, record))
        return false;
    if (is_shown(owes, now_ns) || (goes_on && long_enough(owes->since_ns, now_ns)))
        told = tell(a, number, FST_RULE_CLOSE_WAIT_LASTS, owes, owes->since_ns + FST_DWELL_NS,
                    fst_table_extra(&a->table, record)->fin_packet[!owes->side]);
    if (is_shown(waits, now_ns))
        told |= tell(a, number, FST_RULE_FIN_WAIT_2_LASTS, waits, waits->shown_ns, owes->packet);
    return told;
}

bool fst_dwell_tell(struct fst_analyzer *a, uint32_t number, int64_t now_ns)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_dwell *dwell = known(&a->table, record);
    unsigned owing = record->kind & FST_KIND_OLD ? FST_NO_SIDE : fst_dwell_owes_fin(record->end);
    struct fst_watch *asks;
    bool told = false;

    if (owing != FST_NO_SIDE && (dwell || long_enough(record->ts_last, now_ns)))
        dwell = silence_of(a, number, owing);
    if (!dwell)
        return false;
    asks = &dwell->watch[FST_DWELL_HALF_OPEN];
    if (unanswered(record, dwell) && is_shown(asks, now_ns)) {
        told = tell(a, number, FST_RULE_HALF_OPEN_LASTS, asks, asks->shown_ns, 0);
        if (asks->side != dwell->watch[FST_DWELL_CLOSE_WAIT].side)
            return told; /* it is not a program that is silent */
    }
    return tell_of_silence(a, number, dwell, owing != FST_NO_SIDE, now_ns) || told;
}

bool fst_dwell_explains(const struct fst_analyzer *a, uint32_t number)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    const struct fst_dwell *dwell = known(&a->table, record);

    return dwell && ((dwell->watch[FST_DWELL_CLOSE_WAIT].told &&
                      fst_dwell_owes_fin(record->end) != FST_NO_SIDE) ||
                     (dwell->watch[FST_DWELL_HALF_OPEN].told && unanswered(record, dwell)));
}
