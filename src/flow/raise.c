/* SPDX-License-Identifier: MIT
 *
 * Telling those who listen what a step showed.
 */
#include "flow/analyzer.h"
#include "tcp/observer.h"

static void keep(struct fst_table *table, uint32_t number, const struct fst_step_finding *finding,
                 uint32_t *repeats)
{
    struct fst_extra *extra = fst_extra_add(&table->extras, fst_table_record(table, number));

    if (extra)
        (void)fst_findings_add(&table->findings, &extra->findings, finding, repeats);
}

void fst_raise_findings(struct fst_analyzer *a, uint32_t number, bool kept, struct fst_finding *out)
{
    struct fst_table *table = &a->table;
    unsigned client = fst_record_client(fst_table_record(table, number));
    bool told = a->options.events.finding || a->options.events.segment, wanted = kept || told;
    uint32_t id = told ? fst_connection_id(a, number) : 0;
    size_t i;

    for (i = 0; i < a->step.finding_count; i++) {
        const struct fst_step_finding *finding = &a->step.findings[i];

        fst_count_finding(a, finding);
        if (!wanted)
            continue;
        fst_finding_from_step(&out[i], finding, client, id);
        if (kept)
            keep(table, number, finding, &out[i].repeats);
        if (a->options.events.finding)
            a->options.events.finding(a->options.events.context, &out[i]);
    }
}

void fst_raise_segment(struct fst_analyzer *a, uint32_t number, const struct fst_observation *o,
                       const struct fst_segment *segment, unsigned side,
                       const struct fst_finding *findings)
{
    const struct fst_record *record = fst_table_record(&a->table, number);
    unsigned client = fst_record_client(record), s;
    struct fst_segment_event event = {
        .packet = segment->packet,
        .time_ns = segment->time_ns,
        .interface = segment->interface,
        .connection = fst_connection_id(a, number),
        .from = side == client ? FST_CLIENT : FST_SERVER,
        .flags = segment->flags,
        .wnd_raw = segment->wnd_raw,
        .seq = segment->seq,
        .ack = segment->ack,
        .relative_seq = a->step.relative_seq,
        .relative_ack = a->step.relative_ack,
        .payload_len = segment->payload_len,
        .options = &segment->options,
        .change_count = a->step.change_count,
        .finding_count = a->step.finding_count,
        .findings = findings,
    };
    size_t i;

    for (s = 0; s < 2; s++) {
        const struct fst_observed_side *observed = &o->side[s];
        enum fst_side who = s == client ? FST_CLIENT : FST_SERVER;

        event.after[who].state = fst_observed_state(o, s);
        event.after[who].possible = fst_observed_possible(o, s);
        event.after[who].inferred =
            (observed->lives[observed->current].flags & FST_LIFE_INFERRED) != 0 || !observed->heard;
    }
    for (i = 0; i < a->step.change_count; i++) {
        const struct fst_step_change *change = &a->step.changes[i];

        event.changes[i] = (struct fst_change){change->side == client ? FST_CLIENT : FST_SERVER,
                                               (enum fst_state)change->from,
                                               (enum fst_state)change->to,
                                               change->inferred,
                                               change->why ? change->why : "",
                                               change->section ? change->section : ""};
    }
    a->options.events.segment(a->options.events.context, &event);
}
