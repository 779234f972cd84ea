/* SPDX-License-Identifier: MIT
 *
 * A segment as evidence of its sender, and as facts for its receiver: where the sets of states of a
 * life change. Which moves there are stands in transitions.def.
 */
#include "base/seq.h"
#include "tcp/context.h"
#include "tcp/facts.h"
#include "tcp/lives.h"
#include "tcp/marks.h"

unsigned fst_ack_grade(const struct fst_life *life, uint32_t ack)
{
    if (!fst_life_admits_ack(life, ack))
        return FST_FACT_ACK;
    if ((life->flags & FST_LIFE_FIN) && fst_seq_gt(ack, life->fin))
        return FST_FACT_ACK_FIN;
    return FST_FACT_ACK_SYN;
}

static bool begun(const struct fst_life *life)
{
    return (life->flags & (FST_LIFE_ISS | FST_LIFE_PLACED)) != 0;
}

bool fst_is_only_life(const struct fst_context *c)
{
    const uint32_t opened = FST_LIFE_ISS | FST_LIFE_ACTIVE;

    return (c->life->flags & opened) == opened && c->sender->born == 1 && c->receiver->born == 1 &&
           !(c->receiver->sent_facts & 1);
}

unsigned fst_conditions(const struct fst_context *c, const struct fst_life *life,
                        const struct fst_life *peer)
{
    unsigned conditions = FST_IF_ALWAYS;

    if (!begun(life))
        conditions |= FST_IF_NOT_BEGUN;
    if (peer && fst_life_opens_fast(peer))
        conditions |= FST_IF_FAST_OPEN;
    if (!(c->seg->flags & FST_TCP_ACK))
        conditions |= FST_IF_NO_ACK;
    return conditions;
}

void fst_close_life(struct fst_life *life)
{
    unsigned conditions = FST_IF_ALWAYS;

    conditions |= begun(life) ? 0 : FST_IF_NOT_BEGUN;
    conditions |= life->flags & FST_LIFE_ACTIVE ? 0 : FST_IF_PASSIVE;

    life->possible = fst_set_close(life->possible, life->facts, conditions, FST_SHOWN);
    life->wide = fst_set_close(life->wide, life->facts, conditions, FST_WIDE);
}

static void add_facts(struct fst_life *life, uint32_t facts)
{
    if ((life->facts | facts) == life->facts)
        return;
    life->facts |= facts;
    fst_close_life(life);
}

/* Left of the window for certain: a RST is never acceptable there. Linux takes one at the number of
 * the FIN it has received; and what was acknowledged may be an older life's, if there are numbers
 * apart from the run. */
static bool left_of_window(const struct fst_context *c, const struct fst_life *life)
{
    const uint32_t known = FST_LIFE_TIED | FST_LIFE_ACKED;
    bool whole = life->snd_top == life->run_high;
    bool at_fin = (c->life->flags & FST_LIFE_FIN) && c->seg->seq == c->life->fin;

    return (life->flags & known) == known && whole && fst_seq_lt(c->seg->seq, life->ack_top) &&
           !at_fin;
}

/* A RST is taken for its number alone (3.10.7.4 second): also one of another life, if it lies in
 * the window. */
static bool may_be_in_window(const struct fst_context *c, const struct fst_life *life)
{
    uint32_t edge = life->flags & FST_LIFE_EDGE ? life->edge : life->ack_top + FST_WINDOW_MAX;

    return (life->flags & FST_LIFE_ACKED) && fst_seq_within(life->ack_top, c->seg->seq, edge);
}

/* A segment reaches the life its ACK means. A bare SYN means none, so it may reach any, now or
 * begun later. A receiver ignores an ACK that is not for it and still takes FIN or RST, so those
 * may reach every life that is not proved to talk to another (3.10.7.4 second, fifth, eighth). */
static bool reaches(const struct fst_context *c, const struct fst_life *life, unsigned mask)
{
    bool elsewhere = (life->flags & FST_LIFE_TIED) && life->peer != c->life_index;

    if (!(life->flags & FST_LIFE_USED))
        return false;
    if (mask & FST_FACT_RST)
        return (!elsewhere || c->anyones || may_be_in_window(c, life)) &&
               !(life->peer == c->life_index && left_of_window(c, life));
    if (life == c->peer) /* whose numbers it acknowledges; its own have to be in the window */
        return !elsewhere || may_be_in_window(c, life);
    if ((mask & FST_FACT_SYN) && !fst_segment_has(c, FST_TCP_ACK))
        return true;
    return !elsewhere && (mask & (FST_FACT_FIN | FST_FACT_SYN)) != 0;
}

void fst_deliver(struct fst_context *c)
{
    unsigned mask = 0, i;

    mask |= fst_segment_has(c, FST_TCP_SYN) ? FST_FACT_SYN : 0;
    mask |= fst_segment_has(c, FST_TCP_FIN) ? FST_FACT_FIN : 0;
    mask |= fst_segment_has(c, FST_TCP_RST) ? FST_FACT_RST : 0;
    if ((mask & FST_FACT_SYN) && !fst_segment_has(c, FST_TCP_ACK))
        c->sender->sent_facts |= 1;
    if ((mask & FST_FACT_FIN) && fst_segment_has(c, FST_TCP_ACK))
        c->sender->sent_facts |= 2;
    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *life = &c->receiver->lives[i];
        unsigned graded = mask;

        if (!reaches(c, life, mask))
            continue;
        if (fst_segment_has(c, FST_TCP_ACK))
            graded |= fst_ack_grade(life, c->seg->ack);
        add_facts(life, fst_facts_of(graded));
    }
}

/* The least advanced first: what a sender is taken to be in when the likely state cannot send this.
 */
static unsigned least_advanced(fst_state_set set)
{
    static const uint8_t order[] = {
        FST_ESTABLISHED, FST_SYN_RECEIVED, FST_FIN_WAIT_1,  FST_FIN_WAIT_1_SYN, FST_CLOSE_WAIT,
        FST_LAST_ACK,    FST_CLOSING,      FST_CLOSING_SYN, FST_FIN_WAIT_2,     FST_TIME_WAIT,
        FST_SYN_SENT,    FST_CLOSED,       FST_LISTEN};
    size_t i;

    for (i = 0; i < sizeof(order); i++)
        if (fst_set_has(set, order[i]))
            return order[i];
    return FST_CLOSED;
}

static bool acks_peer_fin(const struct fst_context *c)
{
    return c->peer && (c->peer->flags & FST_LIFE_FIN) && fst_segment_has(c, FST_TCP_ACK) &&
           fst_seq_gt(c->seg->ack, c->peer->fin);
}

static void send_from_likely(struct fst_context *c, enum fst_event event, fst_state_set senders,
                             unsigned conditions)
{
    struct fst_life *life = c->life;

    if (!fst_set_has(senders, life->likely)) {
        struct fst_move back = {least_advanced(senders), "its own segment shows it", "3.10"};

        fst_set_likely(c, c->x, life, back, false, (life->flags & FST_LIFE_INFERRED) != 0);
    }
    fst_set_likely(c, c->x, life, fst_move_sending(life->likely, event, conditions), false, false);
    if (!fst_set_has(FST_SET_GOT_FIN, life->likely) || acks_peer_fin(c)) /* else presumed still */
        life->flags &= ~(uint32_t)FST_LIFE_INFERRED;
}

/* Older than the RST of its sender that was captured before it. */
static bool overtaken(const struct fst_context *c)
{
    return (c->life->flags & FST_LIFE_RST_FINAL) != 0 ||
           ((c->life->flags & FST_LIFE_RST) && fst_seq_le(c->end, c->life->rst_seq));
}

/* A reset captured before may be younger than the segment, whatever its numbers. */
static fst_state_set gone_since(const struct fst_context *c)
{
    return c->life->flags & FST_LIFE_RST ? FST_SET(FST_CLOSED) : 0;
}

/* A first FIN older than the newest ACK of its sender, who talks to a server that may have begun
 * again: whether the server's own FIN had come before it (3.10.4) is forgotten. */
static bool order_of_fins_forgotten(const struct fst_context *c)
{
    const struct fst_life *life = c->life;

    return c->news_fin && life->peer != FST_NO_LIFE &&
           c->receiver->lives[life->peer].cookie == FST_COOKIE_REBORN &&
           (life->flags & FST_LIFE_ACKED) && fst_seq_lt(c->seg->ack, life->ack_top);
}

/* A life whose SYN died before the capture point has nothing acknowledged, so it sends no text,
 * Fast Open apart (3.10.2); one from before the capture would acknowledge other numbers. */
static bool only_known_lives_send(const struct fst_context *c)
{
    return c->lossless && !c->sender->evicted && c->ack_captured &&
           (c->peer->flags & FST_LIFE_ISS) && !fst_life_opens_fast(c->peer);
}

/* It acknowledges no more than a bare SYN: any life that took that SYN may have sent it, and one
 * whose own SYN died before the capture point has shown nothing else so far (3.10.7.2). */
static bool answers_syn_only(const struct fst_context *c)
{
    return (c->receiver->sent_facts & 1) && !fst_segment_has(c, FST_TCP_SYN) && c->peer &&
           (c->peer->flags & FST_LIFE_ISS) && c->seg->ack - c->peer->iss <= 1 + c->peer->syn_octets;
}

/* The number below an empty segment was not captured: it may be that of a FIN, sent before the own
 * SYN was acknowledged (3.10.4). */
static bool skips_number(const struct fst_context *c, enum fst_event event)
{
    return event == FST_EVENT_ACK && c->in_run && fst_seq_gt(c->seg->seq, c->life->occ);
}

bool fst_narrow(struct fst_context *c, enum fst_event event, fst_state_set allowed)
{
    struct fst_life *life = c->life;
    unsigned conditions = fst_conditions(c, life, c->peer);
    fst_state_set possible = life->possible;
    fst_state_set before = fst_set_close(life->wide, life->facts, conditions, FST_WIDE);
    fst_state_set senders = fst_set_senders(before & allowed, event, conditions);
    fst_state_set wide = fst_set_after_sending(before & allowed, event, conditions);
    fst_state_set shown =
        fst_set_close(life->possible, life->facts, conditions, FST_SHOWN) & allowed;
    /* Outside the run it may be of a life nobody saw: then it proves nothing of this one. */
    bool another = event != FST_EVENT_SYN && event != FST_EVENT_SYN_ACK && !c->first &&
                   !c->in_run && !(c->payload_len > 0 && only_known_lives_send(c));

    if (order_of_fins_forgotten(c))
        shown |= before & allowed;
    if (!wide && !another)
        return false;
    if (another)
        wide |= before;
    if (!overtaken(c) && fst_set_after_sending(shown, event, conditions)) {
        shown |= skips_number(c, event) ? before & allowed & FST_SET_SYN_PENDING : 0;
        senders = fst_set_senders(shown, event, conditions);
    } else if (overtaken(c)) {
        life->possible |= fst_set_after_sending(senders, event, conditions) | FST_SET(FST_CLOSED);
        shown = 0;
    } else {
        shown = senders;
    }
    if (shown) {
        life->possible = fst_set_after_sending(shown, event, conditions) | gone_since(c);
        send_from_likely(c, event, senders, conditions);
    }
    if (another && (c->sender->born > 1 || answers_syn_only(c)))
        life->possible |= possible;
    if (another && c->sender->born > 1) {
        c->sender->age_peer = 0;
        if (life->snd_top == life->run_high) /* the first: it may be younger than all others */
            life->born = fst_newest_born(c->sender);
    }
    /* What was captured apart from its numbers may be of another life, which goes on (3.5.1). */
    if (c->in_run && !c->only && fst_seq_gt(life->snd_top, life->run_high + FST_NEAR_BY))
        life->possible |= possible;
    /* Or of one that took a copy of the peer's SYN, and whose own died before the capture point. */
    if (another && c->payload_len == 0 && (c->receiver->sent_facts & 1))
        life->possible |= fst_set_after_sending(FST_SET(FST_SYN_RECEIVED), event, conditions);
    life->wide = wide | life->possible;
    fst_close_life(life);
    c->step->evidence = true;
    return true;
}

/* The state from which the expected answer led to the likely one. */
static unsigned before_answer(fst_state_set senders, unsigned likely, enum fst_event event)
{
    unsigned answer = event == FST_EVENT_FIN ? FST_FACT_ACK_FIN : FST_FACT_ACK_SYN;
    unsigned state;

    for (state = 0; state < FST_INNER_STATES; state++)
        if (fst_set_has(senders, state) &&
            fst_move_delivered(state, answer, FST_IF_ALWAYS).state == likely)
            return state;
    return least_advanced(senders);
}

void fst_fall_back(struct fst_context *c, enum fst_event event)
{
    struct fst_life *life = c->life;
    fst_state_set senders =
        fst_set_senders(life->possible, event, fst_conditions(c, life, c->peer));

    c->repeats = true;
    if (!senders || fst_set_has(senders, life->likely) || !(life->flags & FST_LIFE_INFERRED))
        return;
    fst_set_likely(c, c->x, life,
                   (struct fst_move){before_answer(senders, life->likely, event),
                                     "sends again what it has no answer to", "3.8.1"},
                   false, true);
    life->flags &= ~(uint32_t)FST_LIFE_INFERRED;
}

void fst_resynchronise(struct fst_context *c, enum fst_event event, fst_state_set allowed)
{
    struct fst_life *life = c->life;
    unsigned conditions = fst_conditions(c, life, c->peer) | FST_IF_FAST_OPEN;
    fst_state_set senders = fst_set_senders(FST_SET_ALL & allowed, event, conditions);

    if (!senders)
        return;
    life->wide = fst_set_after_sending(senders, event, conditions);
    life->possible = fst_set_after_sending(FST_SET(least_advanced(senders)), event, conditions);
    send_from_likely(c, event, FST_SET(least_advanced(senders)), conditions);
    fst_close_life(life);
}

struct fst_life *fst_counterpart(struct fst_observation *o, unsigned side,
                                 const struct fst_life *life)
{
    struct fst_observed_side *other = &o->side[!side];
    struct fst_life *peer = &other->lives[life->peer != FST_NO_LIFE ? life->peer : other->current];

    return peer->flags & FST_LIFE_PLACED ? peer : NULL;
}

void fst_set_likely(struct fst_context *c, unsigned side, struct fst_life *life,
                    struct fst_move move, bool inferred, bool corrected)
{
    struct fst_step *step = c->step;
    enum fst_state from = fst_state_shown(life->likely);
    enum fst_state to = fst_state_shown(move.state);

    life->likely = (uint8_t)move.state;
    if (from == to)
        return;
    if (inferred)
        life->flags |= FST_LIFE_INFERRED;
    if (life != &c->o->side[side].lives[c->o->side[side].current] ||
        step->change_count == FST_CHANGES_MAX)
        return;
    step->changes[step->change_count++] = (struct fst_step_change){
        (uint8_t)side, (uint8_t)from, (uint8_t)to, inferred, corrected, move.why, move.section};
}

/* What the peer has put on the wire for this life by now, as one fact mask. A FIN behind a hole
 * waits (3.10.7.4 eighth): the octets before it must have been captured or acknowledged. */
static unsigned pending(const struct fst_life *life, const struct fst_life *peer)
{
    unsigned mask = 0;

    if (peer->flags & FST_LIFE_ACKED)
        mask |= fst_ack_grade(life, peer->ack_top);
    if ((peer->flags & (FST_LIFE_ISS | FST_LIFE_SYN_IMPLIED)) && !(peer->flags & FST_LIFE_SYN_MET))
        mask |= FST_FACT_SYN;
    if (peer->flags & FST_LIFE_FIN) {
        uint32_t low = life->flags & FST_LIFE_ACKED ? life->ack_top : peer->run_low;

        if (!fst_seq_within(peer->snd_low, low, peer->occ))
            low = peer->snd_low;
        if (fst_life_no_hole(peer, low, peer->fin) || (peer->flags & FST_LIFE_FIN_ADOPTED))
            mask |= FST_FACT_FIN;
    }
    return mask;
}

void fst_settle(struct fst_context *c, unsigned side, struct fst_life *life)
{
    const struct fst_life *peer = fst_counterpart(c->o, side, life);
    unsigned mask, round;

    if (!peer)
        return;
    mask = pending(life, peer);
    for (round = 0; round < 4; round++) { /* no path through the rows is longer */
        unsigned conditions = fst_conditions(c, life, peer);
        /* Opening takes the SYN, what comes after takes the rest of the same news. */
        unsigned syn = fst_set_has(FST_SET_NO_SYN, life->likely) ? mask & FST_FACT_SYN : 0;
        unsigned rest = mask & ~(unsigned)FST_FACT_SYN;
        struct fst_move move;

        if (syn)
            move = fst_move_delivered(life->likely, (mask & FST_FACT_ACK_GRADE) | syn, conditions);
        else
            move = fst_move_delivered(life->likely, rest, conditions);
        if (move.state == life->likely || !fst_set_has(life->possible, move.state))
            return;
        fst_set_likely(c, side, life, move, true, false);
    }
}
