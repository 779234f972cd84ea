/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stdio.h>
#include <string.h>

#include "flow/precedent.h"
#include "flow/steady.h"
#include "tcp/states.h"

/* Of all runs, as a table has them of all its connections. */
static struct fst_precedents precedents;

void watch_init(struct watch *watch, const struct watch_settings *settings)
{
    (void)settings;
    memset(watch, 0, sizeof *watch);
    fst_observation_init(&watch->seen);
    fst_observation_init(&watch->mirrored);
    fst_observation_init(&watch->kept);
    /* As if text and pure ACKs had been noted before: then nothing but numbers decides who may take
     * the short way. */
    watch->record.kind = 3u << FST_KIND_PURE_ACK_SHIFT;
    watch->record.payload[0] = watch->record.payload[1] = 1;
}

static uint16_t wire_flags(unsigned control)
{
    return (
        uint16_t)((control & CTL_FIN ? FST_TCP_FIN : 0) | (control & CTL_SYN ? FST_TCP_SYN : 0) |
                  (control & CTL_RST ? FST_TCP_RST : 0) | (control & CTL_ACK ? FST_TCP_ACK : 0));
}

static void decode_options(struct fst_tcp_options *out, const struct model_segment *segment)
{
    static const struct {
        uint8_t model, wire;
    } names[] = {{OPTION_FAST_OPEN, FST_OPT_FAST_OPEN},
                 {OPTION_WSCALE, FST_OPT_WSCALE},
                 {OPTION_SACK_OK, FST_OPT_SACK_PERMITTED},
                 {OPTION_TIMESTAMPS, FST_OPT_TIMESTAMPS},
                 {OPTION_SACK, FST_OPT_SACK}};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (segment->options & names[i].model)
            out->present |= names[i].wire;
    out->cookie_len = segment->options & OPTION_FAST_OPEN ? 8 : 0;
    out->wscale = segment->shift;
    out->ts_val = segment->ts_val;
    out->sack_count = (segment->options & OPTION_SACK) != 0;
    out->sack[0][0] = segment->sack_low;
    out->sack[0][1] = segment->sack_high;
}

void watch_decode(struct fst_segment *out, const struct model_segment *segment, unsigned side)
{
    memset(out, 0, sizeof *out);
    out->packet = 1;
    out->src[0] = out->dst[0] = 10;
    out->src[3] = (uint8_t)(1 + side);
    out->dst[3] = (uint8_t)(2 - side);
    out->src_port = (uint16_t)(1000 + side);
    out->dst_port = (uint16_t)(1001 - side);
    out->seq = segment->seq;
    out->ack = segment->ack;
    out->payload_len = segment->len;
    out->flags = wire_flags(segment->control);
    out->wnd_raw = segment->wnd;
    out->checksum = FST_CHECKSUM_GOOD;
    out->ttl = 64;
    decode_options(&out->options, segment);
}

static bool same_findings(const struct fst_step *a, const struct fst_step *b)
{
    if (a->finding_count != b->finding_count)
        return false;
    for (size_t i = 0; i < a->finding_count; i++) {
        const struct fst_step_finding *one = &a->findings[i];
        const struct fst_step_finding *other = &b->findings[i];

        if (one->rule != other->rule || one->class_ != other->class_ ||
            one->states != other->states ||
            (one->side != other->side) != (one->side != FST_NO_SIDE))
            return false;
    }
    return true;
}

static void check_mirror(struct watch *watch, const struct watch_settings *settings,
                         const struct fst_segment *segment, unsigned side,
                         const struct fst_step *step, struct offence *offence)
{
    struct fst_step mirrored;

    fst_observe(&watch->mirrored, segment, !side, settings->lossless, &mirrored);
    for (unsigned i = 0; i < 2; i++)
        if (fst_observed_possible(&watch->seen, i) != fst_observed_possible(&watch->mirrored, !i) ||
            fst_observed_state(&watch->seen, i) != fst_observed_state(&watch->mirrored, !i))
            *offence = (struct offence){.kind = OFFENCE_MIRROR, .side = i, .rule = ""};
    if (!same_findings(step, &mirrored))
        *offence = (struct offence){.kind = OFFENCE_MIRROR, .side = side, .rule = "findings"};
}

static bool any_illegal(const struct fst_step *step)
{
    for (size_t i = 0; i < step->finding_count; i++)
        if (step->findings[i].class_ == FST_ILLEGAL)
            return true;
    return false;
}

static bool has_fin(const struct fst_record *record, unsigned side)
{
    return record->end[side].packed >> FST_END_FIN & 1;
}

/* What the table books without the observer: steady.c, precedent.c. */
static bool takes_short_way(struct watch *watch, const struct fst_segment *segment, uint64_t shape,
                            unsigned side)
{
    struct fst_record *record = &watch->record;
    bool had_fin = has_fin(record, side);

    if (fst_steady_take(record, segment, shape, side))
        return true;
    if (!fst_precedent_follow(&precedents, record, segment, shape, side))
        return false;
    if (!had_fin && has_fin(record, side))
        watch->fin_packet[side] = (uint32_t)segment->packet;
    record->end[side].packets++;
    record->ts_last = segment->time_ns;
    return true;
}

static void take_long_way(struct watch *watch, const struct watch_settings *settings,
                          const struct fst_segment *segment, uint64_t shape, unsigned side,
                          struct fst_step *step)
{
    struct fst_observation *kept = &watch->kept;
    struct fst_record *record = &watch->record;
    const struct fst_record before = *record;

    if (watch->packets > 1 && !(record->kind & FST_KIND_DETAIL)) {
        memset(kept, 0, sizeof *kept);
        fst_unpack(kept, record, 0, watch->fin_packet);
    }
    fst_observe(kept, segment, side, settings->lossless, step);
    record->end[side].packets++;
    record->ts_last = segment->time_ns;
    if (fst_pack(record, watch->fin_packet, kept))
        record->kind &= ~FST_KIND_DETAIL;
    else
        record->kind |= FST_KIND_DETAIL;
    fst_precedent_learn(&precedents, &before, record, segment, shape, side, step);
}

static void check_kept(struct watch *watch, const struct watch_settings *settings,
                       const struct fst_segment *segment, unsigned side,
                       const struct fst_step *step, struct offence *offence)
{
    const struct fst_record *record = &watch->record;
    struct fst_step again = {.finding_count = 0};
    uint64_t shape = fst_shape_of(segment);

    if (!takes_short_way(watch, segment, shape, side))
        take_long_way(watch, settings, segment, shape, side, &again);
    for (unsigned i = 0; i < 2; i++)
        if (fst_observed_possible(&watch->seen, i) != fst_end_possible(&record->end[i]) ||
            fst_observed_state(&watch->seen, i) != fst_end_state(&record->end[i]))
            *offence = (struct offence){.kind = OFFENCE_KEPT, .side = i, .rule = ""};
    if (any_illegal(step) != any_illegal(&again))
        *offence = (struct offence){.kind = OFFENCE_KEPT, .side = side, .rule = "findings"};
}

void watch_segment(struct watch *watch, const struct watch_settings *settings,
                   const struct model_segment *segment, unsigned side, struct fst_step *step,
                   struct offence *offence)
{
    struct fst_segment decoded;

    watch_decode(&decoded, segment, side);
    watch->packets++;
    if (settings->numbers) {
        decoded.packet = watch->packets;
        decoded.time_ns = (int64_t)watch->packets * 1000000;
        decoded.header_hash = (uint32_t)watch->packets;
    }
    fst_observe(&watch->seen, &decoded, side, settings->lossless, step);
    if (!settings->twice)
        return;
    check_mirror(watch, settings, &decoded, side, step, offence);
    check_kept(watch, settings, &decoded, side, step, offence);
}

static void judge_findings(const struct world *world, const struct fst_step *step,
                           struct offence *offence)
{
    for (size_t i = 0; i < step->finding_count; i++) {
        const struct fst_step_finding *finding = &step->findings[i];
        bool suspect = finding->class_ == FST_SUSPECT && !world->missed && !world->forgot;

        if (finding->class_ != FST_ILLEGAL && !suspect)
            continue;
        *offence = (struct offence){.kind = suspect ? OFFENCE_SUSPECT : OFFENCE_ILLEGAL,
                                    .side = finding->side,
                                    .rule = fst_rule_at(finding->rule)->slug,
                                    .possible = finding->states};
        return;
    }
}

/* What verdicts rest on must hold the truth whatever the wire has shown. */
static bool wide_has_truth(const struct watch *watch, const struct world *world, unsigned side)
{
    const struct fst_observed_side *seen = &watch->seen.side[side];
    enum fst_state state;
    bool acked;

    for (unsigned i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *life = &seen->lives[i];
        unsigned inner;

        if (!(life->flags & FST_LIFE_ISS) || life->flags & FST_LIFE_TAINTED ||
            !host_truth_of(&world->host[side], life->iss, &state, &acked))
            continue;
        inner = state;
        if (!acked && state == FST_FIN_WAIT_1)
            inner = FST_FIN_WAIT_1_SYN;
        if (!acked && state == FST_CLOSING)
            inner = FST_CLOSING_SYN;
        return life->wide >> inner & 1;
    }
    return true;
}

void watch_judge(const struct watch *watch, const struct world *world, const struct fst_step *step,
                 struct offence *offence)
{
    if (step)
        judge_findings(world, step, offence);
    for (unsigned side = 0; side < 2 && !offence->kind; side++) {
        fst_state_set truth = host_truth(&world->host[side]);
        fst_state_set possible = fst_observed_possible(&watch->seen, side);
        enum fst_state likely = fst_observed_state(&watch->seen, side);

        if (truth && !(truth & possible) && !world->missed)
            offence->kind = OFFENCE_TRUTH;
        else if (!world->missed && !wide_has_truth(watch, world, side))
            offence->kind = OFFENCE_WIDE;
        else if (!(possible >> likely & 1))
            offence->kind = OFFENCE_MEMBER;
        offence->side = side;
        offence->rule = "";
        offence->truth = truth;
        offence->possible = possible;
        offence->likely = likely;
    }
}

void watch_judge_prompt(const struct watch *watch, const struct world *world,
                        struct offence *offence)
{
    for (unsigned side = 0; side < 2 && !offence->kind; side++) {
        fst_state_set truth = host_prompt_truth(&world->host[side]);
        enum fst_state likely = fst_observed_state(&watch->seen, side);

        if (!(truth >> likely & 1))
            *offence = (struct offence){.kind = OFFENCE_PROMPT,
                                        .side = side,
                                        .rule = "",
                                        .truth = truth,
                                        .likely = likely,
                                        .possible = fst_observed_possible(&watch->seen, side)};
    }
}

void watch_end(const struct watch *watch, const struct watch_settings *settings,
               const struct world *world, struct offence *offence)
{
    struct fst_observation ended = watch->seen;
    struct fst_step step;

    memset(offence, 0, sizeof *offence);
    fst_observe_end(&ended, 0, settings->lossless, &step);
    judge_findings(world, &step, offence);
}

uint64_t watch_hash(const struct watch *watch)
{
    return hash_octets(2, &watch->seen, sizeof watch->seen);
}

bool offence_same(const struct offence *a, const struct offence *b)
{
    return a->kind == b->kind && strcmp(a->rule, b->rule) == 0 &&
           ((a->kind != OFFENCE_TRUTH && a->kind != OFFENCE_WIDE) || a->truth == b->truth);
}

static void print_states(const char *label, fst_state_set states)
{
    printf(" %s {", label);
    for (unsigned state = 0; state < FST_STATE_COUNT; state++)
        if (states >> state & 1)
            printf(" %s", fst_state_name((enum fst_state)state));
    printf(" }");
}

void offence_print(const struct offence *offence)
{
    static const char *const names[] = {"none",
                                        "finding of class illegal",
                                        "finding of class suspect",
                                        "true state not possible",
                                        "true state not in what verdicts rest on",
                                        "likely state not possible",
                                        "likely state wrong on a prompt network",
                                        "mirrored trace differs",
                                        "kept by the table it differs"};

    printf("# violation: %s %s, side %c,", names[offence->kind], offence->rule,
           offence->side < 2 ? "AB"[offence->side] : '-');
    print_states("truth", offence->truth);
    print_states("possible", offence->possible);
    if (offence->kind > OFFENCE_SUSPECT)
        printf(" likely %s", fst_state_name(offence->likely));
    printf("\n");
}
