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
#include "tcp/checks.h"
#include "tcp/facts.h"
#include "tcp/lives.h"
#include "tcp/marks.h"

/* Where an endpoint does not rest: the connection is being opened or closed. */
#define UNFINISHED                                                                                 \
    ((fst_state_set)(FST_SET_ALL &                                                                 \
                     ~(FST_SET_GONE | FST_SET(FST_ESTABLISHED) | FST_SET(FST_TIME_WAIT))))

/* Segments one way that make a capture one-sided. */
#define ONE_SIDED_SEGMENTS 4

/* No SYN offers more. */
#define WINDOW_OF_SYN 65536

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

/* The newest life known to have begun: the endpoint is in it or in a later one. */
static uint16_t newest_begun(const struct fst_observed_side *s)
{
    uint16_t born = 0;
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((s->lives[i].flags & (FST_LIFE_HEARD | FST_LIFE_PLACED)) && s->lives[i].born > born)
            born = s->lives[i].born;
    return born;
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
    uint16_t begun = newest_begun(s);
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

/* --------------------------------------------------------------------------------- the step -- */

static void show_life(struct fst_context *c, unsigned side, unsigned index)
{
    struct fst_observed_side *s = &c->o->side[side];
    struct fst_life *next = &s->lives[index];
    uint8_t likely = next->likely;
    bool begins = !(next->flags & FST_LIFE_HEARD);

    if (s->current == index)
        return;
    /* So that the change shows from where it came: a new life from its beginning. */
    next->likely = !begins                         ? s->lives[s->current].likely
                   : next->flags & FST_LIFE_SYNACK ? FST_LISTEN
                   : next->flags & FST_LIFE_ACTIVE ? FST_CLOSED
                                                   : likely;
    s->current = (uint8_t)index;
    fst_set_likely(c, side, next,
                   (struct fst_move){likely, "another connection of this endpoint", "3.5.1"}, false,
                   false);
}

static void choose_life(struct fst_context *c, unsigned index)
{
    c->life_index = index;
    c->life = &c->sender->lives[index];
    c->first = !(c->life->flags & FST_LIFE_HEARD);
    c->step->incarnation = c->life->incarnation;
}

static void place(struct fst_context *c)
{
    if (!(c->life->flags & FST_LIFE_PLACED))
        fst_life_place(c->life, c->seg->seq);
    c->in_run = fst_life_in_run(c->life, c->seg->seq);
}

static void choose_peer(struct fst_context *c, unsigned index)
{
    c->peer = index == FST_NO_LIFE ? NULL : &c->receiver->lives[index];
}

/* From now on only this peer's segments reach the life: the FIN of another was no news for it. */
static void tie(struct fst_context *c)
{
    c->life->flags |= FST_LIFE_TIED;
    if (!(c->peer->flags & FST_LIFE_FIN))
        c->life->facts &= ~fst_fact(FST_FACT_FIN | FST_FACT_ACK);
}

/* A RST of the peer, in whatever life, that lies in its window may reach a life that begins after
 * it was captured. */
static void inherit_reset(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->receiver->lives[i];

        /* A refusal has sequence number 0. */
        if ((other->flags & FST_LIFE_RST) &&
            (other->rst_seq - c->seg->ack < WINDOW_OF_SYN || 0 - c->seg->ack < WINDOW_OF_SYN))
            c->life->facts |= fst_fact(FST_FACT_RST);
    }
}

/* What the life acknowledged and offered counts the octets of its peer. Bound to another one whose
 * numbers those are not, it has acknowledged nothing of it, and no window is known. */
static void forget_old_numbers(struct fst_context *c)
{
    struct fst_life *life = c->life;

    if (!(life->flags & FST_LIFE_ACKED) || fst_life_admits_ack(c->peer, life->ack_top))
        return;
    life->flags &= ~(uint32_t)(FST_LIFE_ACKED | FST_LIFE_EDGE | FST_LIFE_SENT_AGAIN);
    c->news_ack = true;
}

/* Bind the sender's life to the peer life it acknowledges; for certain when both numbers lie in
 * runs, since only an endpoint synchronised with a life acknowledges its octets. */
static void bind_peer(struct fst_context *c)
{
    unsigned index;

    if (!c->peer || !c->ack_known)
        return;
    if (!(c->life->flags & FST_LIFE_ACKED))
        inherit_reset(c);
    index = (unsigned)(c->peer - c->receiver->lives);
    if ((c->life->flags & FST_LIFE_TIED) && c->life->peer != index)
        return;
    if (c->life->peer != index && (c->life->peer == FST_NO_LIFE || c->in_run)) {
        c->life->peer = (uint8_t)index;
        c->life->rst_peer_occ = c->peer->occ; /* what it has sent by now may be older than a RST */
        forget_old_numbers(c);
    }
    if (c->in_run && c->ack_captured && fst_seq_le(c->seg->ack, c->peer->run_high) &&
        c->life->peer == index)
        tie(c);
    if (c->peer->peer == FST_NO_LIFE)
        c->peer->peer = (uint8_t)c->life_index;
}

static void book_ack(struct fst_context *c)
{
    struct fst_life *life = c->life;
    bool higher;

    if (!fst_segment_has(c, FST_TCP_ACK))
        return;
    higher = !(life->flags & FST_LIFE_ACKED) || fst_seq_gt(c->seg->ack, life->ack_top);
    if (!higher)
        return;
    life->flags |= FST_LIFE_ACKED;
    life->ack_top = c->seg->ack;
    /* An ACK of a life tied to this one vouches for the octets below it, holes or not. */
    if (c->peer && c->ack_captured && c->in_run && (life->flags & FST_LIFE_TIED) &&
        &c->receiver->lives[life->peer] == c->peer && fst_seq_gt(c->seg->ack, c->peer->run_high))
        fst_life_extend_run(c->peer, c->seg->ack);
}

static void learn_fin(struct fst_context *c)
{
    struct fst_life *life = c->life;
    const struct fst_life *peer = fst_counterpart(c->o, c->x, life);

    life->flags |= FST_LIFE_FIN;
    life->flags &= ~(uint32_t)FST_LIFE_FIN_ADOPTED;
    life->fin = c->end - 1;
    life->fin_packet = c->seg->packet;
    /* The peer may have acknowledged it before it was captured. */
    if (peer && (peer->flags & FST_LIFE_ACKED) &&
        fst_ack_grade(life, peer->ack_top) == FST_FACT_ACK_FIN) {
        life->facts |= fst_facts_of(FST_FACT_ACK_FIN);
        fst_close_life(life);
    }
}

/* Lives that its numbers have come into contact with are its own; one of them may be shown. */
static void merge_touching(struct fst_context *c)
{
    uint8_t shown = c->sender->lives[c->sender->current].likely;
    uint8_t current = c->sender->current;
    struct fst_move move = {0, "its numbers join those captured before its SYN", "3.4"};

    fst_life_merge(c->o, c->x, c->life_index);
    if (c->sender->current == current)
        return;
    move.state = c->life->likely;
    c->life->likely = shown;
    fst_set_likely(c, c->x, c->life, move, false, false);
}

/* Everything that holds for a segment once it counts: marks of the sender, facts for the receiver.
 */
static void book(struct fst_context *c)
{
    if (!(c->life->flags & (FST_LIFE_HEARD | FST_LIFE_ISS))) /* known by hearsay until now */
        c->life->run_low = c->life->run_high = c->seg->seq;
    c->life->flags |= FST_LIFE_HEARD;
    fst_life_book(c->life, c->seg->seq, c->end, c->seg->packet);
    book_ack(c);
    if (fst_segment_has(c, FST_TCP_FIN) &&
        (!(c->life->flags & FST_LIFE_FIN) || (c->life->flags & FST_LIFE_FIN_ADOPTED)))
        learn_fin(c);
    merge_touching(c);
}

/* The octets of a segment that was called illegal are not held against what its sender sends next.
 * The peer may take them all the same. */
static void book_accused(struct fst_context *c)
{
    c->life->flags |= FST_LIFE_HEARD;
    fst_life_claim(c->life, c->end);
    book_ack(c);
}

static void settle_both(struct fst_context *c)
{
    struct fst_life *shown = &c->receiver->lives[c->receiver->current];

    if (!c->repeats)
        fst_settle(c, c->x, c->life);
    if (c->peer)
        fst_settle(c, c->y, c->peer);
    if (shown != c->peer)
        fst_settle(c, c->y, shown);
}

/* ----------------------------------------------------------------------------------- SYN -- */

static void begin_incarnation(struct fst_context *c)
{
    c->o->incarnation++;
    c->life->incarnation = c->o->incarnation;
    c->step->incarnation = c->o->incarnation;
    c->step->opened = true;
}

/* A SYN that opens a connection reaches a peer whose old one is over: it may open as well. */
static void ready_peer(struct fst_context *c)
{
    const struct fst_life *current = &c->receiver->lives[c->receiver->current];
    fst_state_set over = (fst_state_set)(FST_SET_GONE | FST_SET(FST_TIME_WAIT));
    unsigned index;

    if (!(current->flags & FST_LIFE_PLACED) || !fst_set_has(over, current->likely))
        return;
    index = fst_life_begin(c->o, c->y);
    if (current->flags & FST_LIFE_ACTIVE) /* who opened actively is not taken to listen */
        c->receiver->lives[index].likely = FST_CLOSED;
    show_life(c, c->y, index);
}

/* A SYN below numbers of a life whose SYN was not captured, apart from them: it may be that life's.
 * What reached that one may have reached this one, and neither is older. */
static void inherit_facts(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *other = &c->sender->lives[i];

        if ((other->flags & (FST_LIFE_PLACED | FST_LIFE_ISS)) != FST_LIFE_PLACED ||
            other->snd_low - c->seg->seq > WINDOW_OF_SYN)
            continue;
        c->life->facts |= other->facts;
        other->wide = other->possible = FST_SET_ALL; /* its SYN may have been captured, late */
        other->born = c->life->born;
    }
}

/* What follows the SYN may have been captured before it, and put down to another life. */
static void take_over(struct fst_context *c)
{
    unsigned i;

    c->life->occ = c->seg->seq + 1 + c->payload_len; /* the SYN itself is booked later */
    for (i = 0; i < FST_LIVES_MAX && !c->took_over; i++) {
        struct fst_life *other = &c->sender->lives[i];

        if (i == c->life_index || !(other->flags & FST_LIFE_PLACED))
            continue;
        c->took_over = fst_life_take_over(c->life, other);
        if (other->claimed - c->seg->seq < WINDOW_OF_SYN)
            fst_life_claim(c->life, other->claimed);
        /* Marks apart from both may be of either. */
        if (!c->took_over && fst_seq_gt(c->seg->seq, other->run_high) &&
            other->snd_top - c->seg->seq < WINDOW_OF_SYN)
            c->inherited |= other->possible;
    }
    if (!c->took_over)
        c->life->occ = c->seg->seq;
}

static void inherit_states(struct fst_context *c)
{
    if (!c->inherited)
        return;
    c->life->possible |= c->inherited;
    c->life->wide |= c->inherited;
    fst_close_life(c->life);
}

static void observe_new_syn(struct fst_context *c, unsigned index)
{
    const struct fst_life *old = &c->sender->lives[c->sender->current];
    bool late = index != FST_NO_LIFE, new_connection = false;

    if (!late) {
        fst_label_new_syn(c, old, &new_connection);
        index = old->flags & FST_LIFE_PLACED ? fst_life_begin(c->o, c->x) : c->sender->current;
    }
    choose_life(c, index);
    if (new_connection)
        begin_incarnation(c);
    place(c);
    c->life->flags |= FST_LIFE_ISS;
    c->life->iss = c->seg->seq;
    c->life->syn_packet = c->seg->packet;
    if (late) {
        fst_report(c, FST_RULE_REORDERED_CAPTURE, 0, 0, 0);
        c->life->run_low = c->seg->seq;
        c->life->flags &= ~(uint32_t)FST_LIFE_MIDSTREAM;
        return;
    }
    inherit_facts(c);
    take_over(c);
    if (!fst_segment_has(c, FST_TCP_ACK))
        c->life->likely = FST_CLOSED; /* CLOSED or LISTEN: the plainer one */
}

/* Whether the SYN is presumed to reach a life of the receiver that is synchronised with another
 * one: a life that begins later is then not presumed to receive it. */
static void note_met(struct fst_context *c)
{
    const struct fst_life *met = &c->receiver->lives[c->receiver->current];
    bool busy = (met->flags & FST_LIFE_HEARD) && met->peer != c->life_index &&
                !fst_set_has(FST_SET_NO_SYN, met->likely);

    c->life->flags &= ~(uint32_t)FST_LIFE_SYN_MET;
    if (busy)
        c->life->flags |= FST_LIFE_SYN_MET;
}

static void observe_bare_syn(struct fst_context *c)
{
    unsigned known = fst_life_with_iss(c->o, c->x, c->seg->seq);
    bool again = known != FST_NO_LIFE;
    struct fst_life *target;

    if (again) {
        choose_life(c, known);
        place(c);
        fst_label_old_syn(c);
    } else {
        observe_new_syn(c, fst_life_missing_syn(c->o, c->x, c->seg));
    }
    fst_label_syn_text(c);
    fst_note_syn_options(c);
    if (c->life->flags & (FST_LIFE_ACKED | FST_LIFE_SYNACK))
        again = true; /* it has gone on already: no news of its state */
    c->life->flags |= FST_LIFE_ACTIVE;
    if (!again && !fst_narrow(c, FST_EVENT_SYN, FST_SET_ALL))
        fst_resynchronise(c, FST_EVENT_SYN, FST_SET_ALL);
    if (c->took_over && (c->life->flags & FST_LIFE_FIN))
        fst_narrow(c, FST_EVENT_FIN, FST_SET_ALL);
    inherit_states(c);
    book(c);
    if (!again || !(c->life->flags & FST_LIFE_ACKED))
        show_life(c, c->x, c->life_index);
    note_met(c);
    fst_deliver(c);
    if (c->step->opened)
        ready_peer(c);
    target = &c->receiver->lives[c->receiver->current];
    if (again && !(target->flags & FST_LIFE_PLACED))
        fst_set_likely(c, c->y, target, /* sent again: it seems not to have been heard */
                       (struct fst_move){FST_LISTEN, "has not answered", "3.8.1"}, true, true);
    else
        settle_both(c);
}

/* Another life of the receiver has the number too, and no FIN below it. A peer that numbers the SYN
 * of a new life as the FIN of the old one breaks 3.4.1; its ACK may be of either. */
static bool may_ack_another(const struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->receiver->lives[i];

        if (other != c->peer && fst_life_contains_ack(other, c->seg->ack) &&
            fst_ack_grade(other, c->seg->ack) != FST_FACT_ACK_FIN)
            return true;
    }
    return false;
}

/* What the numbers prove of the order of both FINs. A first FIN that does not acknowledge the
 * peer's went out before that came in (3.10.4); where a newer segment does, it has come in since.
 */
static fst_state_set proved_of_fins(const struct fst_context *c)
{
    uint32_t fin = c->peer->fin;

    if (fst_seq_gt(c->seg->ack, fin))
        return may_ack_another(c) ? FST_SET_ALL : FST_SET_GOT_FIN;
    if (!c->news_fin)
        return FST_SET_ALL;
    if ((c->life->flags & FST_LIFE_ACKED) && fst_seq_gt(c->life->ack_top, fin))
        return (fst_state_set) ~(FST_SET(FST_CLOSE_WAIT) | FST_SET(FST_LAST_ACK));
    return (fst_state_set)~FST_SET_GOT_FIN;
}

static void narrow_by_fin(struct fst_context *c)
{
    bool both = c->peer && (c->peer->flags & FST_LIFE_FIN);

    c->news_fin = true;
    fst_narrow(c, FST_EVENT_FIN, both ? proved_of_fins(c) : FST_SET_ALL);
}

static void observe_syn_ack(struct fst_context *c)
{
    unsigned known = fst_life_with_iss(c->o, c->x, c->seg->seq);
    bool news = true;

    if (known != FST_NO_LIFE) {
        choose_life(c, known);
        place(c);
        news = !(c->life->flags & (FST_LIFE_SYNACK | FST_LIFE_ACKED));
        if (!news)
            fst_label_old_syn(c);
    } else {
        observe_new_syn(c, fst_life_missing_syn(c->o, c->x, c->seg));
        news = !(c->life->flags & FST_LIFE_ACKED);
    }
    choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
    c->ack_captured = c->ack_known = c->peer != NULL;
    fst_check_syn_ack(c);
    fst_note_syn_options(c);
    c->life->flags |= FST_LIFE_SYNACK;
    bind_peer(c);
    if (c->peer && c->life->incarnation != c->peer->incarnation && c->first) {
        c->life->incarnation = c->peer->incarnation;
        c->step->incarnation = c->life->incarnation;
    }
    if (news && !fst_narrow(c, FST_EVENT_SYN_ACK, FST_SET_ALL)) {
        if (!(c->life->flags & FST_LIFE_TAINTED))
            fst_report(c, FST_RULE_NO_LEGAL_STATE, 0, 0, 0);
        fst_resynchronise(c, FST_EVENT_SYN_ACK, FST_SET_ALL);
    }
    /* The FIN is news even where the SYN is not: merged into it when sent again (3.8.1). */
    if (c->took_over ? (c->life->flags & FST_LIFE_FIN) != 0
                     : fst_segment_has(c, FST_TCP_FIN) && !(c->life->flags & FST_LIFE_FIN))
        narrow_by_fin(c);
    inherit_states(c);
    if (news)
        show_life(c, c->x, c->life_index);
    book(c);
    fst_check_window(c);
    fst_deliver(c);
    settle_both(c);
}

/* ----------------------------------------------------------------------- text, FIN, ACK -- */

/* Text waits for the ACK of the own SYN, and so does a FIN behind text (3.10.2, 3.10.4), Fast Open
 * apart. */
static bool closes_behind_text(const struct fst_context *c)
{
    const struct fst_life *life = c->life;
    /* The lowest number of a life whose SYN died is the one after it, until that is acknowledged.
     */
    bool no_syn = c->lossless && (life->flags & (FST_LIFE_ISS | FST_LIFE_HEARD)) == FST_LIFE_HEARD;
    bool behind = (life->flags & FST_LIFE_ISS) ? fst_seq_gt(c->end, life->iss + 2)
                                               : no_syn && fst_seq_gt(c->end - 1, life->snd_low);

    behind = behind && c->in_run;
    return c->news_fin && !(c->peer->flags & FST_LIFE_FAST_OPEN) && (behind || c->payload_len > 0);
}

/* What the numbers of a segment prove of the state it was sent in. */
static fst_state_set proved_by_numbers(const struct fst_context *c)
{
    fst_state_set allowed =
        (fst_state_set)(FST_SET_ALL & ~FST_SET_NO_SYN); /* it acknowledges a SYN */
    const struct fst_life *peer = c->peer;

    if (!peer || !c->ack_known)
        return allowed;
    if (peer->flags & FST_LIFE_FIN)
        allowed &= proved_of_fins(c);
    if (closes_behind_text(c))
        allowed &= (fst_state_set)~FST_SET_SYN_PENDING;
    /* Text is taken only once the handshake's ACK is (3.10.7.4 fifth before seventh). */
    if ((peer->flags & FST_LIFE_ISS) && fst_seq_gt(c->seg->ack, peer->iss + 1 + peer->syn_octets))
        allowed &= (fst_state_set)~FST_SET(FST_SYN_RECEIVED);
    return allowed;
}

static void find_news(struct fst_context *c)
{
    const struct fst_life *life = c->life;
    uint32_t text_end = c->seg->seq + c->payload_len;
    bool fresh = !(life->flags & FST_LIFE_HEARD) && !(life->flags & FST_LIFE_ISS);

    c->news_fin = fst_segment_has(c, FST_TCP_FIN) &&
                  (!(life->flags & FST_LIFE_FIN) || (life->flags & FST_LIFE_FIN_ADOPTED));
    c->news_text = c->payload_len > 0 && (fresh || fst_seq_gt(text_end, life->occ));
    c->news_ack = !(life->flags & FST_LIFE_ACKED) || fst_seq_gt(c->seg->ack, life->ack_top);
    c->news_seq = fresh || fst_seq_gt(c->end, life->snd_top);
}

static const struct {
    enum fst_rule_id rule;
    fst_state_set states;
} named_violations[] = {
    /* An endpoint whose SYN nothing can have acknowledged has no text to send: 3.10.2 queues it. */
    {FST_RULE_DATA_IN_SYN_RECEIVED, FST_SET_SYN_PENDING},
};

static void report_violation(struct fst_context *c)
{
    fst_state_set states = c->life->wide & (fst_state_set)~FST_SET_GONE;

    if (c->news_text && states != 0 && (states & ~named_violations[0].states) == 0)
        fst_report(c, named_violations[0].rule, fst_relative(c->life, c->seg->seq + c->payload_len),
                   0, c->life->syn_packet);
    else if (c->life->cookie == FST_COOKIE_REBORN)
        fst_report_as(c, FST_RULE_NO_LEGAL_STATE, FST_SUSPECT, 0, 0, 0);
    else
        fst_report(c, FST_RULE_NO_LEGAL_STATE, 0, 0, 0);
}

/* False if the segment is not to be booked: it was called illegal. */
static bool use_as_evidence(struct fst_context *c)
{
    fst_state_set allowed = proved_by_numbers(c);
    enum fst_event event = FST_EVENT_ACK;
    if (c->news_fin)
        event = FST_EVENT_FIN;
    else if (c->news_text)
        event = FST_EVENT_TEXT;
    else if (!c->news_ack && !c->news_seq)
        return true;
    if (fst_narrow(c, event, allowed))
        return true;
    /* What tainted it may be why its state is not understood any more: one fault, one report. */
    if (!(c->life->flags & FST_LIFE_TAINTED))
        report_violation(c);
    fst_resynchronise(c, event, allowed);
    if (!c->lossless)
        return true;
    c->life->flags |= FST_LIFE_TAINTED | FST_LIFE_HEARD;
    c->life->flags &= ~(uint32_t)FST_LIFE_TIED;
    fst_life_claim(c->life, c->end); /* the peer may take it all the same */
    return false;
}

/* A RST captured before may be its own: an answer has a number of the segment it answers. */
static void inherit_own_reset(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        c->life->flags |= c->sender->lives[i].flags & FST_LIFE_RST;
}

/* It acknowledges a captured SYN and what follows it, so it began after that; if nothing was
 * missed, its own SYN died before the capture point, and it is no further than that allows (3.4.1:
 * an older life would count other numbers). */
static bool began_in_capture(const struct fst_context *c)
{
    return c->lossless && !c->sender->evicted && c->ack_captured &&
           (c->peer->flags & FST_LIFE_ISS) != 0;
}

/* The first captured segment of a life is no SYN: it may be in any state that sends such a segment.
 */
static void begin_midstream(struct fst_context *c)
{
    struct fst_life *life = c->life;
    bool whole_flow = !c->o->started;

    if (life->flags & (FST_LIFE_ISS | FST_LIFE_SYN_IMPLIED | FST_LIFE_HEARD))
        return;
    life->flags |= FST_LIFE_MIDSTREAM;
    inherit_own_reset(c);
    if (!began_in_capture(c))
        life->wide = life->possible = FST_SET_ALL;
    if (whole_flow)
        fst_report(c, FST_RULE_MIDSTREAM_START, 0, 0, 0);
}

static void begin_unseen_life(struct fst_context *c)
{
    unsigned index = fst_life_begin(c->o, c->x);
    /* Then only its own SYN died before the capture point, which proves nothing of the capture. */
    bool peer_captured = fst_life_acked(c->o, c->y, c->seg->ack, FST_NO_LIFE) != FST_NO_LIFE;

    choose_life(c, index);
    begin_incarnation(c);
    if (!c->lossless || peer_captured)
        fst_report(c, FST_RULE_UNSEEN_NEW_LIFE, 0, 0, 0);
    else
        fst_report(c, FST_RULE_ACK_OF_UNSEEN_DATA, c->seg->ack,
                   c->receiver->lives[c->receiver->current].occ, 0);
    show_life(c, c->x, index);
    if (!peer_captured)
        show_life(c, c->y, fst_life_begin(c->o, c->y));
}

/* Beyond the own FIN, away from all that is certain, acknowledging what nobody sent: both SYNs of a
 * new connection were missed. */
static bool of_unseen_life(const struct fst_context *c, unsigned index)
{
    const struct fst_life *life;

    if (fst_life_acked(c->o, c->y, c->seg->ack, FST_NO_LIFE) != FST_NO_LIFE)
        return index == FST_NO_LIFE;
    if (index == FST_NO_LIFE)
        return false;
    life = &c->sender->lives[index];
    return (life->flags & FST_LIFE_FIN) && !fst_life_in_run(life, c->seg->seq) &&
           fst_seq_gt(c->seg->seq, life->fin + 1) &&
           (c->receiver->lives[c->receiver->current].flags & FST_LIFE_PLACED);
}

static void label_half_open(struct fst_context *c)
{
    const struct fst_life *other = &c->receiver->lives[c->receiver->current];

    if (c->first && c->payload_len == 0 && !fst_segment_has(c, FST_TCP_FIN) && !c->ack_known &&
        other->likely == FST_SYN_SENT && (c->life->flags & FST_LIFE_MIDSTREAM))
        fst_report(c, FST_RULE_HALF_OPEN_REPLY, 0, 0, other->syn_packet);
}

static bool is_half_open_reply(const struct fst_context *c)
{
    const struct fst_life *other = &c->receiver->lives[c->receiver->current];

    return c->first && (c->life->flags & FST_LIFE_MIDSTREAM) && other->likely == FST_SYN_SENT;
}

/* A SYN that was taken to begin a new life of its receiver got a challenge ACK for an answer. */
static bool still_in_old_life(const struct fst_context *c)
{
    const struct fst_life *shown = &c->sender->lives[c->sender->current];

    return c->challenges && !(shown->flags & (FST_LIFE_HEARD | FST_LIFE_PLACED));
}

/* The life is chosen: what it is about, and where in it. */
static enum fst_position place_in_life(struct fst_context *c)
{
    choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
    c->ack_captured = c->ack_known = c->peer != NULL;
    begin_midstream(c);
    find_news(c);
    place(c);
    fst_find_contact(c);
    fst_note_rebirth(c);
    fst_check_options(c);
    return fst_check_position(c);
}

/* Below all that is known of a life without SYN, apart from it, acknowledging no more than the
 * peer's SYN: perhaps the first segment of another, whose SYN-ACK died before the capture point. */
static void allow_for_another(struct fst_context *c)
{
    struct fst_life *life = c->life;

    if ((life->flags & (FST_LIFE_HEARD | FST_LIFE_ISS)) != FST_LIFE_HEARD || !c->peer ||
        !fst_seq_lt(c->end, life->run_low) || c->seg->ack != c->peer->iss + 1)
        return;
    life->possible |= FST_SET_GONE | FST_SET(FST_SYN_RECEIVED);
    life->wide |= life->possible;
}

static void observe_in_place(struct fst_context *c)
{
    allow_for_another(c);
    if (is_half_open_reply(c))
        label_half_open(c);
    else
        fst_check_unseen(c);
    bind_peer(c);
    fst_label_text(c);
    if (!c->accused) {
        fst_check_after_reset(c);
        if (!fst_check_window(c))
            return;
    }
    fst_label_close(c);
    if (c->news_text || c->news_fin || c->news_ack || still_in_old_life(c))
        show_life(c, c->x, c->life_index);
    if (!use_as_evidence(c))
        return;
    if (c->accused)
        book_accused(c);
    else
        book(c);
}

static void observe_synchronized(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);
    enum fst_position position;

    if (of_unseen_life(c, index)) {
        begin_unseen_life(c);
    } else if (index == FST_NO_LIFE) {
        choose_life(c, c->sender->current);
        fst_report(c, FST_RULE_STRAY_SEGMENT, 0, 0, 0);
        return;
    } else {
        choose_life(c, index);
    }
    position = place_in_life(c);
    if (position == FST_POSITION_ANOTHER && c->ack_captured) {
        begin_unseen_life(c);
        position = place_in_life(c);
    }
    if (position == FST_POSITION_FINE)
        observe_in_place(c);
    fst_deliver(c);
    settle_both(c);
}

/* ------------------------------------------------------------------------------- entry -- */

/* A segment whose flags no endpoint emits proves nothing, but its receiver may act on it: its facts
 * count, and the octets it claims may be acknowledged. */
static void observe_malformed(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);

    choose_life(c, index == FST_NO_LIFE ? c->sender->current : index);
    c->life->flags |= FST_LIFE_TAINTED;
    if (!(c->life->flags & FST_LIFE_PLACED) && c->life->likely == FST_LISTEN)
        fst_set_likely(c, c->x, c->life, /* who sends such things does not listen for connections */
                       (struct fst_move){FST_CLOSED, "has no connection", "3.10.7.1"}, false, true);
    if (c->seg->fault != FST_HEADER_OK)
        return;
    fst_life_claim(c->life, c->end);
    fst_deliver(c);
}

/* Of the headers and the direction: two SYNs that cross may be alike in all else. */
static uint32_t frame_hash(const struct fst_context *c)
{
    return c->seg->header_hash ^ (c->x ? 0x9e3779b9u : 0);
}

static bool is_duplicate_frame(const struct fst_context *c)
{
    const struct fst_observation *o = c->o;

    return o->started && c->seg->ip_id != 0 && o->last_hash == frame_hash(c) &&
           c->seg->time_ns >= o->last_time_ns && c->seg->time_ns - o->last_time_ns <= DUPLICATE_NS;
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
    return s->good_checksum;
}

/* Zero octets in a frame of the minimum length, where data could not be: padding, counted as
 * payload by a wrong IP length. */
static void take_padding_off(struct fst_context *c)
{
    const struct fst_life *life = c->life;

    if (!c->seg->text_is_zero || !c->seg->minimum_frame)
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
    o->last_hash = frame_hash(c);
    o->last_time_ns = c->seg->time_ns;
    o->last_packet = c->seg->packet;
}

static void observe_moved_syn(struct fst_context *c)
{
    c->life->flags |= FST_LIFE_TAINTED;
    fst_life_claim(c->life, c->end);
    choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
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
        observe_synchronized(c);
    else if (fst_check_moved_syn(c))
        observe_moved_syn(c);
    else if (fst_segment_has(c, FST_TCP_ACK))
        observe_syn_ack(c);
    else
        observe_bare_syn(c);
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
    step->evidence = step->duplicate = false;
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
            fst_report(&c, FST_RULE_UNFINISHED, c.life->likely, 0, 0);
            break;
        }
    }
}
