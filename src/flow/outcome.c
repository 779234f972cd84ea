/* SPDX-License-Identifier: MIT */
#include "flow/outcome.h"

#include "base/seq.h"
#include "flow/analyzer.h"
#include "flow/pack.h"
#include "tcp/states.h"

static enum fst_blame blame(unsigned side, unsigned client)
{
    if (side == FST_NO_SIDE)
        return FST_BY_NOBODY;
    return side == client ? FST_BY_CLIENT : FST_BY_SERVER;
}

bool fst_outcome_second_fin_first(const struct fst_extra *extra)
{
    return extra->fin_packet[1] != 0 &&
           (extra->fin_packet[0] == 0 || extra->fin_packet[1] < extra->fin_packet[0]);
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
    return fst_outcome_second_fin_first(extra);
}

/* Its FIN is its last number, so what acknowledges that acknowledges the FIN. */
static bool fin_is_acknowledged(const struct fst_record *record, unsigned side)
{
    return fst_seq_ge(record->end[!side].ack_top, record->end[side].occ);
}

/* A RST from SYN-SENT answers a stray ACK; the SYN is sent again (3.10.7.3 first). */
static bool still_opening(const struct fst_record *record, unsigned by)
{
    return fst_end_state(&record->end[by]) == FST_SYN_SENT;
}

/* The kind, and the side to name with it. */
static enum fst_end_kind kind_of_end(const struct fst_record *record, const struct fst_extra *extra,
                                     const struct fst_found *found, unsigned *by)
{
    const fst_state_set over = (fst_state_set)(FST_SET_GONE | FST_SET(FST_TIME_WAIT));
    const fst_state_set open = (fst_state_set)(FST_SET(FST_ESTABLISHED) | FST_SET(FST_CLOSE_WAIT));
    const fst_state_set opening =
        (fst_state_set)(FST_SET(FST_SYN_SENT) | FST_SET(FST_SYN_RECEIVED));
    unsigned client = fst_record_client(record), reset = found->reset_by;
    enum fst_state ours = fst_end_state(&record->end[client]);
    enum fst_state theirs = fst_end_state(&record->end[!client]);
    fst_state_set both = (fst_state_set)(FST_SET(ours) | FST_SET(theirs));
    bool fin_client = fst_end_is(&record->end[client], FST_END_FIN);
    bool fin_server = fst_end_is(&record->end[!client], FST_END_FIN);
    bool both_taken = fin_client && fin_server && fin_is_acknowledged(record, 0) &&
                      fin_is_acknowledged(record, 1);

    *by = reset;
    if (fst_found_has(found, FST_RULE_CONNECTION_REFUSED) && (both & ~FST_SET_GONE) == 0)
        return FST_END_REFUSED;
    if (reset != FST_NO_SIDE && !both_taken && !still_opening(record, reset) &&
        ((record->kind & FST_KIND_OLD) || fst_set_has(both, FST_CLOSED)))
        return FST_END_RESET;
    *by = first_fin(record, extra);
    if (fin_client && fin_server)
        return (both & ~over) == 0 ? FST_END_CLOSED : FST_END_CLOSING;
    if (fin_client || fin_server)
        return FST_END_HALF_CLOSED;
    *by = FST_NO_SIDE;
    if (ours == FST_SYN_SENT && record->end[!client].packets == 0)
        return FST_END_NO_ANSWER;
    if ((both & ~open) == 0)
        return FST_END_OPEN;
    if (fst_set_has(opening, ours) || theirs == FST_SYN_RECEIVED)
        return FST_END_OPENING;
    return FST_END_UNKNOWN;
}

static enum fst_coverage coverage_of(const struct fst_record *record, const struct fst_found *found)
{
    unsigned by = record->kind >> FST_KIND_ORIENTED_SHIFT & 3;

    if (fst_found_has(found, FST_RULE_ONE_SIDED))
        return FST_COVERAGE_ONE_SIDED;
    /* A lone RST starts nothing, but something was there before it. */
    if (fst_found_has(found, FST_RULE_MIDSTREAM_START) || by == FST_ORIENTED_BY_PORT ||
        by == FST_ORIENTED_BY_FIRST)
        return FST_COVERAGE_MIDSTREAM;
    return fst_found_has(found, FST_RULE_ACK_OF_UNSEEN_SYN) ||
                   fst_found_has(found, FST_RULE_ACK_OF_UNSEEN_DATA) ||
                   fst_found_has(found, FST_RULE_ACK_OF_UNSEEN_FIN)
               ? FST_COVERAGE_GAPS
               : FST_COVERAGE_COMPLETE;
}

void fst_outcome_fill(struct fst_outcome *outcome, const struct fst_record *record,
                      const struct fst_extra *extra, const struct fst_found *found)
{
    unsigned by;

    outcome->end_kind = kind_of_end(record, extra, found, &by);
    outcome->end_by = blame(by, fst_record_client(record));
    outcome->coverage = coverage_of(record, found);
}

enum fst_class fst_outcome_worst(struct fst_analyzer *a, uint32_t number,
                                 const struct fst_found *found)
{
    const struct fst_step_finding *unfinished = fst_connection_unfinished(a, number);

    return unfinished && unfinished->class_ < found->worst ? (enum fst_class)unfinished->class_
                                                           : found->worst;
}

int fst_analyzer_outcome(struct fst_analyzer *a, uint32_t id, struct fst_outcome *outcome)
{
    uint32_t number = fst_connection_number(a, id);
    const struct fst_record *record;
    const struct fst_extra *extra;
    struct fst_found found;

    if (number == FST_NO_INDEX)
        return FST_EINVAL;
    if (number == a->ending && a->has_outcome) {
        *outcome = a->outcome;
        return 0;
    }
    record = fst_table_record(&a->table, number);
    extra = fst_table_extra(&a->table, record);
    found = fst_findings_sum(&a->table.findings, extra->findings);
    fst_outcome_fill(outcome, record, extra, &found);
    outcome->worst = fst_outcome_worst(a, number, &found);
    return 0;
}
