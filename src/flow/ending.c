/* SPDX-License-Identifier: MIT
 *
 * The end of a connection's capture. For nearly all it brings one finding at most, that the
 * connection was left unfinished, which only depends on where its ends stand: that is looked up
 * rather than worked out, and not kept, since a flood leaves millions of them.
 */
#include "flow/analyzer.h"
#include "flow/outcome.h"
#include "flow/pack.h"
#include "tcp/observer.h"

/* The observer counts the segments of a side up to here. */
#define SEGMENTS_MOST 4u

static unsigned count_class(const struct fst_endpoint *end)
{
    return end->packets < SEGMENTS_MOST ? end->packets : SEGMENTS_MOST;
}

/* How the ends stand, apart from what is packed: all that the observer looks at, and outcome.c
 * where there is no finding. */
static uint32_t standing(const struct fst_record *record, const struct fst_extra *extra)
{
    unsigned client = fst_record_client(record);

    return 1 | client << 1 | count_class(&record->end[client]) << 2 |
           count_class(&record->end[!client]) << 5 |
           (record->kind >> FST_KIND_ORIENTED_SHIFT & 3) << 8 |
           (uint32_t)fst_outcome_second_fin_first(extra) << 10;
}

static struct fst_ending *place_of(struct fst_analyzer *a, uint64_t client, uint64_t server,
                                   uint32_t standing)
{
    uint64_t hash =
        (client + server * 3 + standing) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - FST_ENDING_BITS);

    return &a->endings[hash];
}

static void observe_end(struct fst_analyzer *a, uint32_t number)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    size_t i;

    fst_observe_end(fst_observation_of(a, number), fst_record_client(record), a->options.lossless,
                    &a->step);
    for (i = 0; i < a->step.finding_count; i++)
        if (a->step.findings[i].packet == 0)
            a->step.findings[i].packet = fst_table_story(&a->table, number)->change_packet;
}

static bool only_unfinished(const struct fst_step *step)
{
    return step->finding_count == 0 ||
           (step->finding_count == 1 && step->findings[0].rule == FST_RULE_UNFINISHED);
}

/* What the end shows where no finding came before it. */
static struct fst_outcome outcome_of(const struct fst_analyzer *a, const struct fst_record *record,
                                     const struct fst_extra *extra, const struct fst_step *step)
{
    struct fst_found none = fst_findings_sum(&a->table.findings, FST_NO_INDEX);
    struct fst_outcome outcome = {.worst = none.worst};

    fst_outcome_fill(&outcome, record, extra, &none);
    if (step->finding_count > 0)
        outcome.worst = (enum fst_class)step->findings[0].class_;
    return outcome;
}

/* What the end shows, if that only depends on how the ends stand. Else NULL, and a->step has it. */
static const struct fst_ending *look_up_end(struct fst_analyzer *a, uint32_t number)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    const struct fst_extra *extra = fst_table_extra(&a->table, record);
    unsigned client = fst_record_client(record);
    uint64_t one = record->end[client].packed, two = record->end[!client].packed;
    uint32_t stands = standing(record, extra);
    struct fst_ending *ending = place_of(a, one, two, stands);

    if (ending->standing == stands && ending->client == one && ending->server == two &&
        !(record->kind & FST_KIND_DETAIL))
        return ending;
    observe_end(a, number);
    if ((record->kind & FST_KIND_DETAIL) || !only_unfinished(&a->step))
        return NULL;
    *ending = (struct fst_ending){.client = one,
                                  .server = two,
                                  .standing = stands,
                                  .unfinished = a->step.finding_count > 0,
                                  .owes_fin = fst_dwell_owes_fin(record->end) != FST_NO_SIDE,
                                  .finding = a->step.findings[0],
                                  .outcome = outcome_of(a, record, extra, &a->step)};
    return ending;
}

/* It was left unfinished, as others before: the finding is this connection's. */
static void find_unfinished(struct fst_analyzer *a, uint32_t number,
                            const struct fst_ending *ending, struct fst_step_finding *finding)
{
    *finding = ending->finding;
    finding->packet = fst_table_story(&a->table, number)->change_packet;
    finding->time_ns = fst_table_record(&a->table, number)->ts_last;
}

/* What the end shows, in a->step. Returns whether the record alone tells it. One finding for one
 * fact: a state that lasted is not unfinished besides. */
static bool end_step(struct fst_analyzer *a, uint32_t number)
{
    const struct fst_ending *ending = look_up_end(a, number);
    size_t count;

    if (ending) {
        a->step.incarnation = 1;
        a->step.change_count = 0;
        a->step.finding_count = ending->unfinished;
        if (ending->unfinished)
            find_unfinished(a, number, ending, &a->step.findings[0]);
    }
    count = a->step.finding_count;
    if (count > 0 && a->step.findings[count - 1].rule == FST_RULE_UNFINISHED &&
        fst_dwell_explains(a, number))
        a->step.finding_count--;
    return ending != NULL;
}

static void end_thoroughly(struct fst_analyzer *a, uint32_t number, int64_t now_ns)
{
    struct fst_finding findings[FST_STEP_FINDINGS_MAX];
    bool told;

    (void)fst_dwell_tell(a, number, now_ns);
    if (fst_table_record(&a->table, number)->kind & FST_KIND_OLD)
        return;
    told = end_step(a, number);
    a->is_unfinished = told && a->step.finding_count > 0;
    if (a->is_unfinished)
        a->unfinished = a->step.findings[0];
    fst_raise_findings(a, number, !told, findings);
}

/* Nothing is known of it but how it stands, and nobody is told of findings: as in a flood. */
static bool is_simple(const struct fst_analyzer *a, const struct fst_record *record)
{
    const struct fst_extra *extra = fst_table_extra(&a->table, record);

    return !(record->kind & (FST_KIND_OLD | FST_KIND_DETAIL)) && extra->findings == FST_NO_INDEX &&
           extra->dwell == FST_NO_INDEX && !a->options.events.finding;
}

/* False if there is more to it. */
static bool end_simply(struct fst_analyzer *a, uint32_t number)
{
    const struct fst_ending *ending;

    if (!is_simple(a, fst_table_record(&a->table, number)))
        return false;
    ending = look_up_end(a, number);
    if (!ending || ending->owes_fin)
        return false;
    a->is_unfinished = ending->unfinished;
    if (ending->unfinished) {
        find_unfinished(a, number, ending, &a->unfinished);
        fst_count_finding(a, &a->unfinished);
    }
    a->has_outcome = true;
    a->outcome = ending->outcome;
    return true;
}

void fst_connection_end(struct fst_analyzer *a, uint32_t number, uint32_t id, int64_t now_ns)
{
    a->is_unfinished = a->has_outcome = false;
    a->ending_id = id;
    a->ending = number; /* who reads the connection when told of a finding must not end it again */
    if (!end_simply(a, number))
        end_thoroughly(a, number, now_ns);
    if (a->options.events.ended)
        a->options.events.ended(a->options.events.context, id);
    a->ending = FST_NO_INDEX;
    fst_twice_forget(&a->twice, number);
}

const struct fst_step_finding *fst_connection_unfinished(struct fst_analyzer *a, uint32_t number)
{
    if (a->ending == number)
        return a->is_unfinished ? &a->unfinished : NULL;
    if (!a->finished || (fst_table_record(&a->table, number)->kind & FST_KIND_OLD))
        return NULL;
    return end_step(a, number) && a->step.finding_count > 0 ? &a->step.findings[0] : NULL;
}
