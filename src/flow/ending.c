/* SPDX-License-Identifier: MIT
 *
 * The end of a connection's capture. For nearly all it brings one finding at most, that the
 * connection was left unfinished, which only depends on where its ends stand: that is looked up
 * rather than worked out, and not kept, since a flood leaves millions of them.
 */
#include "flow/analyzer.h"
#include "flow/pack.h"
#include "tcp/observer.h"

/* The observer counts the segments of a side up to here. */
#define SEGMENTS_MOST 4u

static uint32_t counts_of(const struct fst_record *record, unsigned client)
{
    uint32_t one = record->end[client].packets, two = record->end[!client].packets;

    one = one < SEGMENTS_MOST ? one : SEGMENTS_MOST;
    two = two < SEGMENTS_MOST ? two : SEGMENTS_MOST;
    return 1 | client << 1 | one << 2 | two << 5;
}

static struct fst_ending *place_of(struct fst_analyzer *a, uint64_t client, uint64_t server)
{
    uint64_t hash = (client + server * 3) * UINT64_C(0x9e3779b97f4a7c15);

    return &a->endings[hash >> 32 & (FST_ENDINGS - 1)];
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

static bool look_up_end(struct fst_analyzer *a, uint32_t number)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    unsigned client = fst_record_client(record);
    uint64_t one = record->end[client].packed, two = record->end[!client].packed;
    uint32_t counts = counts_of(record, client);
    struct fst_ending *ending = place_of(a, one, two);

    if (record->kind & FST_KIND_DETAIL) {
        observe_end(a, number);
        return false;
    }
    if (ending->counts != counts || ending->client != one || ending->server != two) {
        observe_end(a, number);
        if (!only_unfinished(&a->step))
            return false;
        *ending = (struct fst_ending){.client = one,
                                      .server = two,
                                      .counts = counts,
                                      .unfinished = a->step.finding_count > 0,
                                      .finding = a->step.findings[0]};
        return true;
    }
    a->step.incarnation = 1;
    a->step.change_count = 0;
    a->step.finding_count = ending->unfinished;
    if (ending->unfinished) {
        a->step.findings[0] = ending->finding;
        a->step.findings[0].packet = fst_table_story(&a->table, number)->change_packet;
        a->step.findings[0].time_ns = record->ts_last;
    }
    return true;
}

/* What the end shows, in a->step. Returns whether the record alone tells it. One finding for one
 * fact: a state that lasted is not unfinished besides. */
static bool end_step(struct fst_analyzer *a, uint32_t number)
{
    bool from_record = look_up_end(a, number);
    size_t count = a->step.finding_count;

    if (count > 0 && a->step.findings[count - 1].rule == FST_RULE_UNFINISHED &&
        fst_dwell_explains(a, number))
        a->step.finding_count--;
    return from_record;
}

void fst_connection_end(struct fst_analyzer *a, uint32_t number, int64_t now_ns)
{
    struct fst_finding findings[FST_STEP_FINDINGS_MAX];

    a->is_unfinished = false;
    (void)fst_dwell_tell(a, number, now_ns);
    if (!(fst_table_record(&a->table, number)->kind & FST_KIND_OLD)) {
        bool told = end_step(a, number);

        fst_raise_findings(a, number, !told, findings);
        a->is_unfinished = told && a->step.finding_count > 0;
        if (a->is_unfinished)
            a->unfinished = a->step.findings[0];
    }
    a->ending = number;
    if (a->options.events.ended)
        a->options.events.ended(a->options.events.context, fst_table_id(&a->table, number));
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
