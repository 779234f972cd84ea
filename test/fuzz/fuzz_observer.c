/* SPDX-License-Identifier: MIT
 *
 * The observer of one 4-tuple under any stream of segments. The first octet says whether the
 * capture is vouched for and which of the sides are polite: those must never be found illegal, and
 * the state they really are in must be among the possible ones. Beside it goes a second observer
 * that is packed whenever it can be, and has to tell the same.
 */
#include <string.h>

#include "flow/pack.h"
#include "fuzz/fuzz.h"
#include "fuzz/polite.h"
#include "fuzz/stream.h"
#include "tcp/observer.h"
#include "tcp/states.h"
#include "tcp/step.h"

#define LOSSLESS 1u
#define POLITE   2u /* shifted by the side */

/* An observation that goes through the table's packed form. */
struct packed {
    struct fst_observation observation;
    struct fst_record record;
    uint32_t fin_packet[2];
    uint64_t reported[2][2];
    bool whole;
};

struct run {
    struct stream stream;
    struct fst_observation observation;
    struct fst_step step;
    struct packed packed;
    struct polite polite[2];
    bool is_polite[2];
    uint32_t known[STREAM_REMEMBER]; /* the receiver's number when the segment was captured */
    uint32_t iss[2];                 /* for people */
    bool lossless;
};

/* ------------------------------------------------------------------------------- invariants -- */

static void ensure_life_is_sane(const struct fst_life *life)
{
    if (!(life->flags & FST_LIFE_USED))
        return;
    ENSURE(life->possible != 0);
    ENSURE((life->possible & ~FST_SET_ALL) == 0 && (life->wide & ~FST_SET_ALL) == 0);
    ENSURE((life->possible & ~life->wide) == 0);
    ENSURE(fst_set_has(life->possible, life->likely));
    ENSURE(life->range_count <= FST_RANGES_MAX);
    for (unsigned i = 1; i < life->range_count; i++)
        ENSURE((int32_t)(life->ranges[i].low - life->ranges[i - 1].high) > 0);
    ENSURE(life->peer == FST_NO_LIFE || life->peer < FST_LIVES_MAX);
}

static void ensure_side_is_sane(const struct fst_observation *o, unsigned side)
{
    fst_state_set possible = fst_observed_possible(o, side);
    enum fst_state state = fst_observed_state(o, side);

    ENSURE(state < FST_STATE_COUNT && possible < 1u << FST_STATE_COUNT);
    ENSURE(possible >> state & 1);
    ENSURE(o->side[side].current < FST_LIVES_MAX);
    for (unsigned i = 0; i < FST_LIVES_MAX; i++)
        ensure_life_is_sane(&o->side[side].lives[i]);
}

static void ensure_step_is_sane(const struct run *run, const struct fst_step *step)
{
    ENSURE(step->finding_count <= FST_STEP_FINDINGS_MAX);
    ENSURE(step->change_count <= FST_CHANGES_MAX);
    for (size_t i = 0; i < step->finding_count; i++) {
        const struct fst_step_finding *finding = &step->findings[i];

        ENSURE(finding->rule < FST_RULE_COUNT && finding->class_ < FST_CLASS_COUNT);
        ENSURE(finding->side <= FST_NO_SIDE);
        ENSURE(finding->packet >= 1 && finding->packet <= run->stream.packet);
        ENSURE(finding->because_packet <= run->stream.packet);
        ENSURE(finding->incarnation >= 1 && finding->incarnation <= run->observation.incarnation);
    }
    for (size_t i = 0; i < step->change_count; i++) {
        ENSURE(step->changes[i].side < 2);
        ENSURE(step->changes[i].from < FST_STATE_COUNT && step->changes[i].to < FST_STATE_COUNT);
        ENSURE(step->changes[i].why != NULL && step->changes[i].section != NULL);
    }
}

/* Some life of the side can be in that state. */
static bool may_be(const struct fst_observed_side *side, enum fst_state state)
{
    for (unsigned i = 0; i < FST_LIVES_MAX; i++)
        if ((side->lives[i].flags & FST_LIFE_USED) &&
            (fst_set_shown(side->lives[i].possible) >> state & 1))
            return true;
    return false;
}

/* A side that broke no rule is not said to have, and is in one of the states it may be in. */
static void ensure_polite_is_innocent(const struct run *run, const struct fst_step *step)
{
    for (size_t i = 0; i < step->finding_count; i++) {
        const struct fst_step_finding *finding = &step->findings[i];

        if (finding->class_ == FST_ILLEGAL && finding->side < 2 && run->is_polite[finding->side]) {
            fprintf(stderr, "rule %s, packet %llu\n", fst_rule_at(finding->rule)->slug,
                    (unsigned long long)finding->packet);
            ENSURE(!"a polite side is illegal");
        }
    }
    for (unsigned side = 0; side < 2; side++) {
        const struct polite *polite = &run->polite[side];

        if (run->is_polite[side] && polite->sent)
            ENSURE(may_be(&run->observation.side[side], polite->state));
    }
}

/* ------------------------------------------------------------------------------- packed too -- */

static void ensure_same_step(const struct fst_step *one, const struct fst_step *two)
{
    ENSURE(one->incarnation == two->incarnation);
    ENSURE(one->duplicate == two->duplicate);
    ENSURE(one->change_count == two->change_count);
    for (size_t i = 0; i < one->change_count; i++) {
        ENSURE(one->changes[i].side == two->changes[i].side);
        ENSURE(one->changes[i].from == two->changes[i].from);
        ENSURE(one->changes[i].to == two->changes[i].to);
    }
    ENSURE(one->finding_count == two->finding_count);
    for (size_t i = 0; i < one->finding_count; i++) {
        ENSURE(one->findings[i].rule == two->findings[i].rule);
        ENSURE(one->findings[i].class_ == two->findings[i].class_);
        ENSURE(one->findings[i].side == two->findings[i].side);
        ENSURE(one->findings[i].packet == two->findings[i].packet);
    }
}

static void ensure_packed_shows_the_same(const struct run *run)
{
    const struct packed *packed = &run->packed;

    for (unsigned side = 0; side < 2; side++) {
        ENSURE(fst_end_state(&packed->record.end[side]) ==
               fst_observed_state(&run->observation, side));
        ENSURE(fst_end_possible(&packed->record.end[side]) ==
               fst_observed_possible(&run->observation, side));
    }
}

/* What connection.c does: unpack, observe, book, pack. Reports once a life are kept elsewhere. */
static void observe_packed(struct run *run, const struct fst_segment *segment, unsigned sender)
{
    struct packed *packed = &run->packed;
    struct fst_record *record = &packed->record;
    struct fst_step step;

    if (packed->whole) {
        fst_unpack(&packed->observation, record, 0, packed->fin_packet);
        for (unsigned side = 0; side < 2; side++)
            memcpy(packed->observation.side[side].lives[0].reported, packed->reported[side],
                   sizeof(packed->reported[side]));
    }
    fst_observe(&packed->observation, segment, sender, run->lossless, &step);
    ensure_same_step(&run->step, &step);
    record->end[sender].packets++;
    if (segment->time_ns > record->ts_last)
        record->ts_last = segment->time_ns;
    packed->whole = fst_pack(record, packed->fin_packet, &packed->observation);
    for (unsigned side = 0; side < 2; side++)
        memcpy(packed->reported[side], packed->observation.side[side].lives[0].reported,
               sizeof(packed->reported[side]));
    ensure_packed_shows_the_same(run);
}

/* --------------------------------------------------------------------------------- the run -- */

static size_t slot_of(const struct run *run, unsigned back)
{
    return (size_t)(run->stream.packet - 1 - back) % STREAM_REMEMBER;
}

/* With FUZZ_TRACE in the environment, the stream and what the observer made of it. */
static void trace(const struct run *run, const struct fst_segment *segment, unsigned sender)
{
    const struct fst_observation *o = &run->observation;

    if (!getenv("FUZZ_TRACE"))
        return;
    fprintf(stderr,
            "%llu %c flags %03x seq %u ack %u len %u win %u options %02x sum %u fault %u%s |",
            (unsigned long long)segment->packet, "AB"[sender], segment -> flags,
            segment -> seq - run -> iss[sender], segment -> ack - run -> iss[!sender],
            segment -> payload_len, segment -> wnd_raw, segment -> options.present,
            segment->checksum, segment->fault, segment->text_is_zero ? " zero" : "");
    for (unsigned side = 0; side < 2; side++)
        fprintf(stderr, " %c %s {%03x}", "AB"[side], fst_state_name(fst_observed_state(o, side)),
                fst_observed_possible(o, side));
    for (size_t i = 0; i < run->step.finding_count; i++)
        fprintf(stderr, " !%s %s", fst_rule_at(run->step.findings[i].rule)->slug,
                fst_class_name((enum fst_class)run->step.findings[i].class_));
    fputc('\n', stderr);
}

static void observe(struct run *run, const struct fst_segment *segment, unsigned sender)
{
    run->known[slot_of(run, 0)] = run->polite[!sender].nxt;
    fst_observe(&run->observation, segment, sender, run->lossless, &run->step);
    trace(run, segment, sender);
    ensure_step_is_sane(run, &run->step);
    ensure_side_is_sane(&run->observation, 0);
    ensure_side_is_sane(&run->observation, 1);
    ensure_polite_is_innocent(run, &run->step);
    observe_packed(run, segment, sender);
}

/* One of the newest segments reaches the polite side, if it was the other side's. One that
 * acknowledges what had not been sent yet would be a lucky guess: it is lost. */
static void deliver(struct run *run, unsigned side, unsigned back)
{
    const struct stream *stream = &run->stream;
    const struct fst_segment *segment = &stream->past[slot_of(run, back)];

    if (back >= stream->packet || stream->past_side[slot_of(run, back)] == side)
        return;
    if ((segment->flags & FST_TCP_ACK) &&
        segment->ack - run->polite[side].una >
            run->known[slot_of(run, back)] - run->polite[side].una)
        return;
    polite_receive(&run->polite[side], segment);
}

static void polite_turn(struct run *run, unsigned side, const uint8_t *op)
{
    struct fst_segment segment;

    if (op[0] & 2) /* up to three arrive before it sends */
        deliver(run, side, op[2] & 7);
    if (op[0] & 4)
        deliver(run, side, op[3] & 7);
    if (op[0] & 8)
        deliver(run, side, 0);
    stream_blank(side, &segment);
    run->stream.time_ns += op[4] * INT64_C(1000000);
    segment.ip_id = (uint16_t)run->stream.packet;
    if (!polite_send(&run->polite[side], op[1], &segment))
        return;
    stream_note(&run->stream, side, &segment);
    observe(run, &segment, side);
}

static void any_turn(struct run *run, unsigned side, const uint8_t *op)
{
    struct fst_segment segment;

    stream_any(&run->stream, op, &segment);
    observe(run, &segment, side);
}

static void end(struct run *run)
{
    fst_observe_end(&run->observation, 0, run->lossless, &run->step);
    ensure_step_is_sane(run, &run->step);
    ensure_side_is_sane(&run->observation, 0);
    ensure_side_is_sane(&run->observation, 1);
    ensure_polite_is_innocent(run, &run->step);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    const uint8_t *op;

    if (size < 1)
        return 0;
    memset(&run, 0, sizeof(run));
    stream_init(&run.stream, data + 1, size - 1);
    fst_observation_init(&run.observation);
    fst_observation_init(&run.packed.observation);
    run.lossless = data[0] & LOSSLESS;
    for (unsigned side = 0; side < 2; side++) {
        run.is_polite[side] = data[0] & POLITE << side;
        run.iss[side] = run.stream.side[side].iss;
        polite_init(&run.polite[side], run.iss[side]);
    }
    while ((op = stream_op(&run.stream)) != NULL) {
        unsigned sender = stream_sender(op);

        if (run.is_polite[sender])
            polite_turn(&run, sender, op);
        else
            any_turn(&run, sender, op);
    }
    if (run.stream.packet > 0)
        end(&run);
    return 0;
}
