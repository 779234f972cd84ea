/* SPDX-License-Identifier: MIT
 *
 * Resets: who sent one, from which life, and what it ended. A RST may overtake older segments and
 * may be injected, so it never narrows what verdicts rest on.
 */
#include "base/seq.h"
#include "tcp/checks.h"
#include "tcp/facts.h"
#include "tcp/lives.h"
#include "tcp/marks.h"
#include "tcp/observe.h"
#include "tcp/states.h"

static struct fst_life *target_of(struct fst_context *c)
{
    unsigned index = c->life->peer != FST_NO_LIFE ? c->life->peer : c->receiver->current;

    if (fst_segment_has(c, FST_TCP_ACK)) {
        unsigned acked = fst_life_acked(c->o, c->y, c->seg->ack, index);

        if (acked != FST_NO_LIFE)
            index = acked;
    }
    return &c->receiver->lives[index];
}

static bool fits(const struct fst_context *c, const struct fst_life *target)
{
    /* Linux takes a RST at the FIN it has received and acknowledged, except in TIME-WAIT. */
    fst_state_set takes = FST_SET_GOT_FIN & (fst_state_set)~FST_SET(FST_TIME_WAIT);
    bool at_fin = (c->life->flags & FST_LIFE_FIN) && c->seg->seq == c->life->fin &&
                  fst_set_has(takes, target->likely);

    return (target->flags & FST_LIFE_ACKED && c->seg->seq == target->ack_top) ||
           c->seg->seq == c->life->snd_top || at_fin;
}

static void receiver_after(struct fst_context *c, struct fst_life *target)
{
    unsigned grade = fst_segment_has(c, FST_TCP_ACK) ? fst_ack_grade(target, c->seg->ack) : 0;
    bool answers_syn = target->likely == FST_SYN_SENT && grade == FST_FACT_ACK_SYN;
    struct fst_move move = fst_move_delivered(target->likely, FST_FACT_RST | grade, FST_IF_ALWAYS);

    if ((!fits(c, target) && !answers_syn) || !fst_set_has(target->possible, move.state))
        return;
    target->flags |= FST_LIFE_RST_EXACT;
    fst_set_likely(c, c->y, target, move, true, false);
}

/* A reset that may be of this life, whatever its number. */
static void flag_reset(struct fst_life *life)
{
    if (!(life->flags & FST_LIFE_RST))
        life->rst_seq = life->flags & FST_LIFE_ISS ? life->iss : life->snd_low;
    life->flags |= FST_LIFE_RST;
}

/* What it acknowledges of its own peer beyond this it received later. */
static void note_refusal(struct fst_context *c, const struct fst_life *target)
{
    struct fst_life *life = c->life;

    if (life->flags & FST_LIFE_RST)
        return;
    flag_reset(life);
    life->rst_peer_occ =
        life->peer != FST_NO_LIFE ? c->receiver->lives[life->peer].occ : target->occ;
}

/* Outside every run, at the edge of a window (3.10.5), it may be of any life; in an older life's it
 * answers what was sent to that (3.10.7.1), and tells that no other was there. */
static void any_may_be_gone(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *life = &c->sender->lives[i];

        if (!(life->flags & FST_LIFE_HEARD))
            continue;
        if (!(life->flags & FST_LIFE_RST_FINAL) && life->peer != FST_NO_LIFE)
            life->rst_peer_occ = c->receiver->lives[life->peer].occ;
        flag_reset(life);
        life->possible |= FST_SET(FST_CLOSED);
        fst_close_life(life);
    }
}

/* Of no life that is known: its sender has no connection, or ended any. */
static void observe_refusal(struct fst_context *c)
{
    struct fst_life *target = &c->receiver->lives[c->receiver->current];
    bool refusal = fst_segment_has(c, FST_TCP_ACK) && (target->flags & FST_LIFE_ACTIVE) &&
                   fst_life_contains_ack(target, c->seg->ack);

    fst_report(c, refusal ? FST_RULE_CONNECTION_REFUSED : FST_RULE_RST_WITHOUT_STATE, 0, 0,
               refusal ? target->syn_packet : 0);
    fst_set_likely(c, c->x, c->life,
                   (struct fst_move){FST_CLOSED, "has no such connection", "3.10.7.1"}, false,
                   (c->life->flags & FST_LIFE_INFERRED) != 0 || c->life->likely == FST_LISTEN);
    c->life->possible |= FST_SET(FST_CLOSED);
    c->life->wide |= FST_SET(FST_CLOSED);
    c->life->flags &= ~(uint32_t)FST_LIFE_INFERRED;
    note_refusal(c, target);
    if (c->seg->seq != 0)
        c->sender->stray_reset = c->seg->seq;
    any_may_be_gone(c);
    fst_close_life(c->life);
    c->peer = target;
    fst_deliver(c);
    receiver_after(c, target);
}

/* An abort has the next number to be sent (3.10.5), which lies in the window the peer offered, but
 * for a probe and a FIN; an answer has a number that the peer acknowledged (3.5.2). */
static bool is_beyond_window(const struct fst_context *c, const struct fst_life *target)
{
    const uint32_t vague = FST_LIFE_TAINTED | FST_LIFE_OPTIONS_CUT;
    uint32_t edge;

    if (!fst_is_only_life(c) || ((c->life->flags | target->flags) & vague) ||
        !(target->flags & FST_LIFE_EDGE))
        return false;
    edge = fst_seq_max(fst_farthest_edge(c), c->life->iss + FST_WINDOW_OF_SYN);
    return fst_seq_gt(c->seg->seq, edge + 2);
}

/* Which name this reset gets, by what its sender had proved: 3.5.2, 3.5.3. */
static enum fst_rule_id name_reset(const struct fst_context *c, const struct fst_life *target)
{
    const struct fst_life *life = c->life;
    bool from_syn_sent = life->likely == FST_SYN_SENT && !fst_segment_has(c, FST_TCP_ACK);

    if (is_beyond_window(c, target))
        return FST_RULE_RST_BEYOND_WINDOW;
    if (life != &c->sender->lives[c->sender->current] ||
        (from_syn_sent && c->seg->seq != life->iss + 1))
        return FST_RULE_HALF_OPEN_RESET;
    if (life->flags & (FST_LIFE_FIN | FST_LIFE_RST))
        return FST_RULE_RST_AFTER_CLOSE;
    if (!(life->flags & FST_LIFE_ACKED) || fst_set_has(life->possible, FST_SYN_RECEIVED) ||
        from_syn_sent)
        return FST_RULE_HANDSHAKE_RESET;
    if (fits(c, target))
        return FST_RULE_RST_ABORT;
    if (target->flags & FST_LIFE_ACKED && fst_seq_lt(c->seg->seq, target->ack_top))
        return FST_RULE_RST_OUT_OF_WINDOW;
    return FST_RULE_RST_INEXACT;
}

/* Whether the sender's connection is gone for certain: an answer to a segment without a connection
 * keeps LISTEN, SYN-SENT and SYN-RECEIVED alive, and has no ACK or sequence number 0 (3.10.7.1 to
 * .3). */
static bool ends_for_certain(const struct fst_context *c)
{
    const struct fst_life *life = c->life;

    if (fst_segment_has(c, FST_TCP_ACK))
        return c->seg->seq != 0;
    /* At or below its SYN's number it is the answer of an endpoint that had not opened then. */
    if ((life->flags & FST_LIFE_ISS) && fst_seq_le(c->seg->seq, life->iss))
        return false;
    return !fst_set_has(life->wide, FST_SYN_SENT) && !fst_set_has(life->wide, FST_SYN_RECEIVED);
}

/* An answer from before this life began (3.10.7.1), or an abort of another life, heard or not, with
 * the edge of its window, which lies beyond its own numbers. */
static bool may_be_of_another(const struct fst_context *c)
{
    unsigned i;

    if (!fst_segment_has(c, FST_TCP_ACK))
        return false;
    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->sender->lives[i];
        uint32_t reach = other->flags & FST_LIFE_WSCALE ? FST_WINDOW_MAX : FST_WINDOW_MAX >> 14;

        if (other != c->life && (other->flags & FST_LIFE_PLACED) &&
            c->seg->seq - other->snd_low <= other->snd_top - other->snd_low + reach)
            return true;
    }
    return c->seg->seq == 0 || !(c->life->flags & FST_LIFE_ACKED);
}

/* Stacks put an ACK into an abort, which RFC 9293 3.10.5 does without, and the window's edge in the
 * place of its number. */
static bool aborts(const struct fst_context *c, const struct fst_life *target)
{
    return c->lossless && fst_segment_has(c, FST_TCP_ACK) && c->seg->seq != 0 &&
           fst_life_contains_ack(target, c->seg->ack);
}

/* After an illegal segment its state is a guess. */
static bool is_understood(const struct fst_life *life)
{
    const unsigned rule = FST_RULE_ACK_OF_UNSEEN_SYN;

    return !(life->flags & FST_LIFE_TAINTED) && !(life->reported[rule / 64] >> rule % 64 & 1);
}

bool fst_ended_by_reset(const struct fst_life *life)
{
    return (life->flags & FST_LIFE_RST_FINAL) ||
           ((life->flags & FST_LIFE_RST) && !is_understood(life));
}

/* Of two resets of one life with different numbers, the one that is not kept may have the edge of a
 * window (3.10.5): another life of the peer takes it for that number alone (3.10.7.4 second). */
static void keep_beside(struct fst_context *c)
{
    const struct fst_life *life = c->life;
    uint32_t dropped = life->flags & FST_LIFE_RST_FINAL ? c->seg->seq : life->rst_seq;

    if ((life->flags & FST_LIFE_RST) && life->rst_seq != c->seg->seq &&
        fst_seq_gt(dropped, life->snd_top))
        c->sender->stray_reset = dropped;
}

static void note_reset(struct fst_context *c, const struct fst_life *target)
{
    struct fst_life *life = c->life;
    const uint32_t certain = FST_LIFE_TIED;

    keep_beside(c);
    life->flags |= FST_LIFE_RST | FST_LIFE_HEARD;
    /* One with ACK says more: it holds the next number. */
    if ((life->flags & FST_LIFE_RST_FINAL) &&
        ((life->flags & FST_LIFE_ABORTED) || !fst_segment_has(c, FST_TCP_ACK)))
        return;
    life->rst_peer_occ = fst_seq_max(target->occ, target->claimed);
    if (aborts(c, target))
        life->rst_peer_occ = c->seg->ack; /* all it had received */
    life->rst_seq = c->seg->seq;
    life->rst_packet = c->seg->packet;
    life->rst_ttl = c->seg->ttl;
    if (!is_understood(life) || (target->flags & FST_LIFE_TAINTED) || !ends_for_certain(c) ||
        may_be_of_another(c) ||
        !(fst_life_in_run(life, c->seg->seq) || (aborts(c, target) && fst_is_only_life(c))))
        return;
    if ((life->flags & (certain | FST_LIFE_MIDSTREAM)) == certain) {
        life->flags |= FST_LIFE_RST_FINAL;
    }
    if (fst_segment_has(c, FST_TCP_ACK) && !fst_aborted_at_edge(life, target)) {
        life->flags = (life->flags & ~(uint32_t)FST_LIFE_TS_VAL) | FST_LIFE_ABORTED;
        life->ts_val = 0; /* a record keeps rst_ttl in its place */
    }
}

/* Numbers apart from the run may be of another life, which goes on. */
static bool is_whole(const struct fst_context *c)
{
    return c->in_run && c->life->snd_top == c->life->run_high;
}

/* Its numbers speak against it, but its sender is gone if it was its own. */
static bool speaks_against_itself(enum fst_rule_id name)
{
    return name == FST_RULE_RST_INEXACT || name == FST_RULE_RST_OUT_OF_WINDOW ||
           name == FST_RULE_RST_BEYOND_WINDOW;
}

static void sender_after(struct fst_context *c, enum fst_rule_id name)
{
    struct fst_life *life = c->life;
    unsigned conditions = fst_conditions(c, life, c->peer);
    struct fst_move move;
    fst_state_set after;

    if (c->anyones || life != &c->sender->lives[c->sender->current])
        any_may_be_gone(c);
    if (speaks_against_itself(name) || may_be_of_another(c)) {
        life->possible |= FST_SET(FST_CLOSED);
    } else if (ends_for_certain(c)) {
        life->possible = FST_SET(FST_CLOSED) | (is_whole(c) ? 0 : life->possible);
    } else {
        after = fst_set_after_sending(life->possible, FST_EVENT_RST, conditions);
        life->possible = after ? after | (is_whole(c) ? 0 : life->possible) : life->possible;
    }
    life->wide |= life->possible;
    if (name == FST_RULE_HALF_OPEN_RESET && life->likely == FST_SYN_SENT &&
        fst_set_has(life->possible, FST_SYN_SENT))
        return; /* an answer to somebody else's ACK: the SYN is sent again */
    move = fst_move_sending(life->likely, FST_EVENT_RST, conditions);
    if (!fst_set_has(life->possible, move.state)) /* it was not where it was taken to be */
        move = (struct fst_move){FST_CLOSED, "aborted", "3.10.5"};
    fst_set_likely(c, c->x, life, move, false, false);
}

/* No captured life of it, or the answer of a host without the connection to a segment without ACK:
 * sequence number 0 (3.10.7.1). */
static bool is_refusal(const struct fst_context *c, const struct fst_life *life)
{
    return !(life->flags & FST_LIFE_HEARD) ||
           (fst_segment_has(c, FST_TCP_ACK) && c->seg->seq == 0 && !fst_life_in_run(life, 0));
}

void fst_observe_reset(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);
    struct fst_life *target;
    enum fst_rule_id name;

    if (c->payload_len > 0)
        fst_report(c, FST_RULE_RST_WITH_DATA, c->payload_len, 0, 0);
    c->sender->reset_peers = fst_lives_captured(c->receiver);
    if (index == FST_NO_LIFE || is_refusal(c, &c->sender->lives[index])) {
        observe_refusal(c);
        return;
    }
    c->life_index = index;
    c->life = &c->sender->lives[index];
    c->step->incarnation = c->life->incarnation;
    c->in_run = fst_life_in_run(c->life, c->seg->seq);
    c->anyones = !c->in_run;
    target = target_of(c);
    c->peer = target;
    name = name_reset(c, target);
    fst_report(
        c, name, fst_relative(c->life, c->seg->seq),
        fst_relative(c->life, target->flags & FST_LIFE_ACKED ? target->ack_top : c->life->snd_top),
        0);
    c->sender->asks_challenge = name == FST_RULE_RST_INEXACT;
    note_reset(c, target);
    sender_after(c, name);
    fst_deliver(c);
    receiver_after(c, target);
    fst_close_life(c->life);
}

/* Octets alone may be older than the RST that overtook them. An ACK of what the peer sent only
 * later is not: its sender lives, so that RST was not its own, or no end (3.10.5). */
static bool outlived_reset(const struct fst_context *c)
{
    const struct fst_life *life = c->life;

    return (life->flags & FST_LIFE_RST) && c->in_run && c->ack_known && c->peer &&
           fst_seq_gt(c->seg->ack, life->rst_peer_occ) && life->peer != FST_NO_LIFE &&
           c->peer == &c->receiver->lives[life->peer];
}

void fst_check_after_reset(struct fst_context *c)
{
    struct fst_life *life = c->life;
    bool news = c->news_text || c->news_fin || c->news_ack;

    fst_recall(c);
    if (outlived_reset(c)) {
        /* A server may have come back without a word: rebirth.c. */
        if (life->flags & FST_LIFE_RST_FINAL)
            fst_report_as(c, FST_RULE_SEGMENT_AFTER_OWN_RST,
                          c->lossless && !fst_is_passive(life) ? FST_ILLEGAL : FST_ANOMALY,
                          fst_relative(c->peer, c->seg->ack), 0, life->rst_packet);
        life->flags &= ~(uint32_t)(FST_LIFE_RST | FST_LIFE_RST_FINAL | FST_LIFE_ABORTED);
    }
    if ((life->flags & FST_LIFE_RST_EXACT) && news) {
        const struct fst_life *peer = fst_counterpart(c->o, c->x, life);

        fst_report(c, FST_RULE_RST_IGNORED, 0, 0, peer ? peer->rst_packet : 0);
        life->flags &= ~(uint32_t)FST_LIFE_RST_EXACT;
    }
}
