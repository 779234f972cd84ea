/* SPDX-License-Identifier: MIT
 *
 * One captured segment, from top to bottom: does it hold together, whose life does it belong to, is
 * it where that life can be, what does it prove of its sender, and what may now reach its receiver.
 *
 * A segment is evidence only of its sender, and only if it brings news: retransmissions,
 * keep-alives and challenge ACKs may be old copies and get a name, never a verdict.
 */
#include "tcp/observer.h"

#include <string.h>

#include "base/seq.h"
#include "tcp/binding.h"
#include "tcp/checks.h"
#include "tcp/lives.h"
#include "tcp/marks.h"
#include "tcp/observe.h"

/* Where an endpoint does not rest: the connection is being opened or closed. */
#define UNFINISHED                                                                                 \
    ((fst_state_set)(FST_SET_ALL &                                                                 \
                     ~(FST_SET_GONE | FST_SET(FST_ESTABLISHED) | FST_SET(FST_TIME_WAIT))))

/* Segments one way that make a capture one-sided. */
#define ONE_SIDED_SEGMENTS 4

/* Frames captured twice lie this near to each other. */
#define DUPLICATE_NS 1000000

void fst_observation_init(struct fst_observation *o)
{
    unsigned side;

    memset(o, 0, sizeof(*o));
    o->incarnation = 1;
    for (side = 0; side < 2; side++)
        o->side[side].current = (uint8_t)fst_life_begin(o, side);
}

/* A listener takes another SYN that is on its way: 3.10.7.2 third. That it takes a copy of the one
 * it took before is left out until its answer shows it. */
static bool may_take_another_syn(const struct fst_observation *o, unsigned side)
{
    const struct fst_life *life = &o->side[side].lives[o->side[side].current];
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((o->side[!side].lives[i].flags & FST_LIFE_ACTIVE) && i != life->peer)
            return true;
    return false;
}

fst_state_set fst_observed_possible(const struct fst_observation *o, unsigned side)
{
    const struct fst_observed_side *s = &o->side[side];
    fst_state_set set = s->lives[s->current].possible;
    uint16_t begun = fst_newest_born(s);
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((s->lives[i].flags & FST_LIFE_USED) && s->lives[i].born >= begun)
            set |= s->lives[i].possible;
    if (fst_set_has(set, FST_LISTEN) && may_take_another_syn(o, side))
        set |= FST_SET(FST_SYN_RECEIVED);
    return fst_set_shown(set);
}

enum fst_state fst_observed_state(const struct fst_observation *o, unsigned side)
{
    const struct fst_observed_side *s = &o->side[side];

    return fst_state_shown(s->lives[s->current].likely);
}

/* -------------------------------------------------------------- held findings, one direction -- */

static void release_held(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < c->o->held_count; i++) {
        const struct fst_held *held = &c->o->held[i];

        if (c->step->finding_count == FST_STEP_FINDINGS_MAX)
            break;
        c->step->findings[c->step->finding_count++] =
            (struct fst_step_finding){held->rule,
                                      (uint8_t)fst_rule_at(held->rule)->class_,
                                      held->side,
                                      held->incarnation,
                                      0,
                                      {held->number[0], held->number[1]},
                                      held->packet,
                                      0,
                                      held->time_ns};
    }
    c->o->held_count = 0;
}

/* Four segments one way that acknowledge what nobody saw (or three, and that was all), and nothing
 * the other way: the capture has one direction only, which says it all. */
static void decide_one_sided(struct fst_context *c)
{
    if (c->receiver->heard || c->sender->segments < ONE_SIDED_SEGMENTS || c->o->one_sided ||
        c->lossless || !(c->life->flags & FST_LIFE_ACKED))
        return;
    c->o->one_sided = true;
    c->o->held_count = 0;
    fst_report(c, FST_RULE_ONE_SIDED, 0, 0, 0);
}

/* ------------------------------------------------------------------------------- entry -- */

/* A segment whose flags no endpoint emits proves nothing, but its receiver may act on it: its facts
 * count, and the octets it claims may be acknowledged. */
static void observe_malformed(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);

    fst_choose_life(c, index == FST_NO_LIFE ? c->sender->current : index);
    c->life->flags |= FST_LIFE_TAINTED;
    if (!(c->life->flags & FST_LIFE_PLACED) && c->life->likely == FST_LISTEN)
        fst_set_likely(c, c->x, c->life, /* who sends such things does not listen for connections */
                       (struct fst_move){FST_CLOSED, "has no connection", "3.10.7.1"}, false, true);
    if (c->seg->fault != FST_HEADER_OK)
        return;
    fst_life_claim(c->life, c->end);
    fst_deliver(c);
}

/* A retransmission takes another IP identification, where there is one. A SYN is not sent again
 * within a second (RFC 6298 2.1). */
static bool differs_when_sent_again(const struct fst_segment *seg)
{
    bool bare_syn = (seg->flags & (FST_TCP_SYN | FST_TCP_ACK)) == FST_TCP_SYN;

    return seg->ip_id != 0 || (bare_syn && seg->header_hash != 0);
}

static bool is_duplicate_frame(const struct fst_context *c)
{
    const struct fst_observation *o = c->o;

    if (c->seg->captured_before)
        return true;
    return o->started && differs_when_sent_again(c->seg) && o->last_hash == c->seg->header_hash &&
           c->seg->time_ns >= o->last_time_ns && c->seg->time_ns - o->last_time_ns <= DUPLICATE_NS;
}

/* The receiver may have taken it all the same: cards that merge segments leave an old checksum. */
static void claim_damaged(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);

    if (index != FST_NO_LIFE)
        fst_life_claim(&c->sender->lives[index], c->end);
}

/* A bad checksum from a side that has sent good ones is damage: the segment is nobody's. From a
 * side that has not, the network card fills it in, but a verdict must not rest on that. */
static bool is_damaged(struct fst_context *c)
{
    struct fst_observed_side *s = c->sender;

    if (c->seg->checksum == FST_CHECKSUM_GOOD)
        s->good_checksum = true;
    if (c->seg->checksum != FST_CHECKSUM_BAD)
        return false;
    c->weak = true;
    if (!s->bad_checksum || s->good_checksum)
        fst_report(c, FST_RULE_BAD_CHECKSUM, 0, 0, 0);
    s->bad_checksum = true;
    if (s->good_checksum)
        claim_damaged(c);
    return s->good_checksum;
}

/* Zero octets in a frame of the minimum length, where data could not be: padding, counted as
 * payload by a wrong IP length. */
static void take_padding_off(struct fst_context *c)
{
    const struct fst_life *life = c->life;

    if (!c->seg->text_is_zero || !c->seg->minimum_frame)
        return;
    /* A SYN may have text (3.5), and its checksum would count another length. */
    if (c->seg->checksum == FST_CHECKSUM_GOOD && fst_segment_has(c, FST_TCP_SYN))
        return;
    if (!fst_segment_has(c, FST_TCP_SYN | FST_TCP_RST) &&
        !((life->flags & FST_LIFE_FIN) && fst_seq_gt(c->seg->seq + c->payload_len, life->fin)))
        return;
    fst_report(c, FST_RULE_PADDING_AS_PAYLOAD, c->payload_len, 0, 0);
    c->end -= c->payload_len;
    c->payload_len = 0;
}

static void remember(struct fst_context *c)
{
    struct fst_observation *o = c->o;

    o->started = true;
    o->last_hash = c->seg->header_hash;
    o->last_time_ns = c->seg->time_ns;
    o->last_packet = c->seg->packet;
}

static void observe_moved_syn(struct fst_context *c)
{
    c->life->flags |= FST_LIFE_TAINTED;
    fst_life_claim(c->life, c->end);
    fst_choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
    fst_deliver(c);
}

static void observe_sound(struct fst_context *c)
{
    c->sender->asks_challenge = false;
    if (c->seg->options_cut)
        fst_report(c, FST_RULE_HEADER_UNAVAILABLE, 0, 0, 0);
    if (fst_segment_has(c, FST_TCP_RST)) {
        fst_observe_reset(c);
        return;
    }
    if (!fst_segment_has(c, FST_TCP_SYN))
        fst_observe_synchronized(c);
    else if (fst_check_moved_syn(c))
        observe_moved_syn(c);
    else if (fst_segment_has(c, FST_TCP_ACK))
        fst_observe_syn_ack(c);
    else
        fst_observe_bare_syn(c);
    decide_one_sided(c);
}

static void name_numbers(struct fst_context *c)
{
    const struct fst_life *peer = c->peer ? c->peer : fst_counterpart(c->o, c->x, c->life);

    c->step->relative_seq = fst_relative(c->life, c->seg->seq);
    c->step->sender_origin_known = (c->life->flags & FST_LIFE_ISS) != 0;
    c->step->receiver_origin_known = peer && (peer->flags & FST_LIFE_ISS) != 0;
    c->step->relative_ack =
        c->step->receiver_origin_known ? fst_relative(peer, c->seg->ack) : c->seg->ack;
}

void fst_observe(struct fst_observation *o, const struct fst_segment *seg, unsigned sender,
                 bool lossless, struct fst_step *step)
{
    struct fst_context c = {.o = o, .seg = seg, .step = step, .lossless = lossless};
    uint32_t controls =
        ((seg->flags & FST_TCP_SYN) ? 1u : 0) + ((seg->flags & FST_TCP_FIN) ? 1u : 0);

    c.x = sender;
    c.y = !sender;
    c.sender = &o->side[c.x];
    c.receiver = &o->side[c.y];
    c.life_index = c.sender->current;
    c.life = &c.sender->lives[c.life_index];
    c.payload_len = seg->payload_len;
    c.end = seg->seq + seg->payload_len + controls;
    if (c.sender->segments < ONE_SIDED_SEGMENTS)
        c.sender->segments++;
    step->change_count = step->finding_count = 0;
    step->evidence = step->duplicate = step->said_before = false;
    step->opened = !o->started;
    step->incarnation = c.life->incarnation;

    if (seg->time_ns < o->last_time_ns && o->started)
        fst_report(&c, FST_RULE_CAPTURE_DROPS,
                   (uint32_t)((o->last_time_ns - seg->time_ns) / 1000000), 0, 0);
    if (is_duplicate_frame(&c)) {
        fst_report(&c, FST_RULE_DUPLICATE_FRAME, 0, 0, 0);
        step->duplicate = true;
    } else if (!is_damaged(&c)) {
        take_padding_off(&c);
        if (!c.sender->heard) { /* now it is known whether the other direction is captured */
            c.sender->heard = true;
            release_held(&c);
        }
        if (fst_check_form(&c))
            observe_malformed(&c);
        else
            observe_sound(&c);
    }
    name_numbers(&c);
    remember(&c);
}

void fst_observe_end(struct fst_observation *o, unsigned client, bool lossless,
                     struct fst_step *step)
{
    const struct fst_segment nothing = {.packet = o->last_packet, .time_ns = o->last_time_ns};
    struct fst_context c = {.o = o, .seg = &nothing, .step = step, .lossless = lossless};
    unsigned i;

    memset(step, 0, sizeof(*step));
    step->incarnation = o->incarnation;
    for (i = 0; i < 2 && !lossless && !o->one_sided; i++) {
        c.x = i;
        c.sender = &o->side[i];
        c.life = &c.sender->lives[c.sender->current];
        if (c.sender->segments == ONE_SIDED_SEGMENTS - 1 && !o->side[!i].heard &&
            (c.life->flags & FST_LIFE_ACKED)) {
            o->held_count = 0;
            fst_report(&c, FST_RULE_ONE_SIDED, 0, 0, 0);
        }
    }
    release_held(&c);
    for (i = 0; i < 2; i++) {
        c.x = i == 0 ? client : !client;
        c.sender = &o->side[c.x];
        c.life = &c.sender->lives[c.sender->current];
        if (c.sender->heard && fst_set_has(UNFINISHED, c.life->likely)) {
            fst_report(&c, FST_RULE_UNFINISHED, fst_state_shown(c.life->likely), 0, 0);
            break;
        }
    }
}
