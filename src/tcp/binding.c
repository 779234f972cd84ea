/* SPDX-License-Identifier: MIT
 *
 * The lives a segment is of and refers to: choosing and binding them, showing one, and booking what
 * the segment tells of its sender.
 */
#include "tcp/binding.h"

#include "base/seq.h"
#include "tcp/facts.h"
#include "tcp/lives.h"
#include "tcp/marks.h"

void fst_show_life(struct fst_context *c, unsigned side, unsigned index)
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

void fst_choose_life(struct fst_context *c, unsigned index)
{
    c->life_index = index;
    c->life = &c->sender->lives[index];
    c->first = !(c->life->flags & FST_LIFE_HEARD);
    if (c->first)
        c->life->peers = fst_lives_captured(c->receiver);
    c->step->incarnation = c->life->incarnation;
}

void fst_place_segment(struct fst_context *c)
{
    if (!(c->life->flags & FST_LIFE_PLACED))
        fst_life_place(c->life, c->seg->seq);
    c->in_run = fst_life_in_run(c->life, c->seg->seq);
}

void fst_choose_peer(struct fst_context *c, unsigned index)
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
    uint32_t stray = c->receiver->stray_reset;
    unsigned i;

    if (stray && stray - c->seg->ack < FST_WINDOW_OF_SYN)
        c->life->facts |= fst_fact(FST_FACT_RST);
    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->receiver->lives[i];

        /* A refusal has sequence number 0. */
        if ((other->flags & FST_LIFE_RST) && (other->rst_seq - c->seg->ack < FST_WINDOW_OF_SYN ||
                                              0 - c->seg->ack < FST_WINDOW_OF_SYN))
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
    /* What its bare SYN offered is not kept beside its edge. */
    life->edge = life->flags & FST_LIFE_ACTIVE ? UINT16_MAX : 0;
    c->news_ack = true;
}

/* What acknowledges a peer is sent once that was captured (3.10.7.2 third): its life is younger
 * than one captured before the peer. It may be older than one captured since, and over since a
 * reset. */
static void note_age(struct fst_context *c)
{
    bool begins = (c->peer->flags & FST_LIFE_ISS) != 0, older = true, reset = false;
    struct fst_life *life = c->life;
    uint16_t newest = 0;
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->sender->lives[i];

        if (other->flags & FST_LIFE_RST)
            reset = true;
        if (other == life || !(other->flags & FST_LIFE_HEARD) || other->born < newest)
            continue;
        older = begins && other->peers <= c->peer->born && (older || other->born > newest);
        newest = other->born;
    }
    if (!older && life->born > newest) {
        life->born = newest;
        c->sender->age_peer = (uint8_t)(c->peer - c->receiver->lives + 1);
        c->sender->age_ack = c->peer->occ;
    }
    if (reset && c->sender->reset_peers > c->peer->born)
        life->flags |= FST_LIFE_RST;
}

/* Bind the sender's life to the peer life it acknowledges; for certain when both numbers lie in
 * runs, since only an endpoint synchronised with a life acknowledges its octets. */
void fst_bind_peer(struct fst_context *c)
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
        note_age(c);
    }
    if (c->in_run && c->ack_captured && fst_seq_le(c->seg->ack, c->peer->run_high) &&
        c->life->peer == index)
        tie(c);
    if (c->peer->peer == FST_NO_LIFE) {
        c->peer->peer = (uint8_t)c->life_index;
        c->peer->rst_peer_occ = c->life->occ;
    }
}

/* It acknowledges octets (3.10.7.4 seventh) that were captured after every known life of its side
 * was: none of those is younger. */
static void note_youngest(struct fst_context *c)
{
    struct fst_observed_side *side = c->sender;

    if (side->age_peer != c->life->peer + 1 || !fst_seq_gt(c->seg->ack, side->age_ack))
        return;
    if (c->life->born < side->born - 1)
        c->life->born = (uint16_t)(side->born - 1);
    side->age_peer = 0;
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
    if (!c->peer || !c->ack_captured || !c->in_run || !(life->flags & FST_LIFE_TIED) ||
        &c->receiver->lives[life->peer] != c->peer)
        return;
    /* An ACK of a life tied to this one vouches for the octets below it, holes or not. */
    if (fst_seq_gt(c->seg->ack, c->peer->run_high))
        fst_life_extend_run(c->peer, c->seg->ack);
    note_youngest(c);
}

static void learn_fin(struct fst_context *c)
{
    struct fst_life *life = c->life;
    const struct fst_life *peer = fst_counterpart(c->o, c->x, life);

    life->flags |= FST_LIFE_FIN;
    life->flags &= ~(uint32_t)FST_LIFE_FIN_ADOPTED;
    life->fin = c->end - 1;
    life->fin_packet = c->seg->packet;
    life->lone_top = false;
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

/* The octet of a keep-alive is garbage at the last number sent (3.8.4). Where that was not
 * captured, it looks like new text; text that comes with more of it does not. */
static void note_lone_octet(struct fst_context *c)
{
    struct fst_life *life = c->life;
    uint32_t text_end = c->seg->seq + c->payload_len;
    bool at_top = text_end == life->occ;

    if (c->payload_len == 0)
        return;
    /* The peer may have acknowledged what was not captured. */
    if (fst_seq_gt(text_end, life->occ) ||
        (at_top && !fst_life_has_range(life, text_end - 1, text_end)))
        life->lone_top = c->payload_len == 1 && !fst_segment_has(c, FST_TCP_SYN | FST_TCP_FIN);
    else if (at_top && c->payload_len > 1)
        life->lone_top = false;
}

/* Everything that holds for a segment once it counts: marks of the sender, facts for the receiver.
 */
void fst_book(struct fst_context *c)
{
    if (!(c->life->flags & (FST_LIFE_HEARD | FST_LIFE_ISS))) /* known by hearsay until now */
        fst_life_replace(c->life, c->seg->seq);
    c->life->flags |= FST_LIFE_HEARD;
    note_lone_octet(c);
    fst_life_book(c->life, c->seg->seq, c->end, c->seg->packet);
    book_ack(c);
    if (fst_segment_has(c, FST_TCP_FIN) &&
        (!(c->life->flags & FST_LIFE_FIN) || (c->life->flags & FST_LIFE_FIN_ADOPTED)))
        learn_fin(c);
    merge_touching(c);
}

/* The octets of a segment that was called illegal are not held against what its sender sends next.
 * The peer may take them all the same. */
void fst_book_accused(struct fst_context *c)
{
    c->life->flags |= FST_LIFE_HEARD;
    fst_life_claim(c->life, c->end);
    book_ack(c);
}

void fst_settle_both(struct fst_context *c)
{
    struct fst_life *shown = &c->receiver->lives[c->receiver->current];

    if (!c->repeats)
        fst_settle(c, c->x, c->life);
    if (c->peer)
        fst_settle(c, c->y, c->peer);
    if (shown != c->peer)
        fst_settle(c, c->y, shown);
}

void fst_begin_incarnation(struct fst_context *c)
{
    c->o->incarnation++;
    c->life->incarnation = c->o->incarnation;
    c->step->incarnation = c->o->incarnation;
    c->step->opened = true;
}
