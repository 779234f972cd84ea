/* SPDX-License-Identifier: MIT
 *
 * A SYN or a SYN-ACK: of a life that is known, of one whose first segments were captured before it,
 * or the beginning of another.
 */
#include "base/seq.h"
#include "tcp/binding.h"
#include "tcp/checks.h"
#include "tcp/lives.h"
#include "tcp/marks.h"
#include "tcp/observe.h"

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
    fst_show_life(c, c->y, index);
}

/* A SYN below numbers of a life whose SYN was not captured, apart from them: it may be that life's.
 * What reached that one may have reached this one, and neither is older. */
static void inherit_facts(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *other = &c->sender->lives[i];

        if ((other->flags & (FST_LIFE_PLACED | FST_LIFE_ISS)) != FST_LIFE_PLACED ||
            other->snd_low - c->seg->seq > FST_WINDOW_OF_SYN)
            continue;
        c->life->facts |= other->facts;
        other->wide = other->possible = FST_SET_ALL; /* its SYN may have been captured, late */
        other->born = c->life->born;
    }
}

/* A RST captured before may be of this life: it has the next number or the edge of a window
 * (3.10.5).
 */
static void inherit_own_reset(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &c->sender->lives[i];
        uint32_t first = other->flags & FST_LIFE_ISS ? other->iss : other->snd_low;

        if ((other->flags & FST_LIFE_RST) && (other->flags & FST_LIFE_PLACED) &&
            other->rst_seq != first && other->rst_seq - c->seg->seq - 1 < FST_WINDOW_MAX)
            c->life->flags |= FST_LIFE_RST;
    }
    if (c->sender->stray_reset && c->sender->stray_reset - c->seg->seq - 1 < FST_WINDOW_MAX)
        c->life->flags |= FST_LIFE_RST;
}

/* A SYN-ACK of a SYN that was captured after the other life had begun is of a younger one. */
static bool answers_after(const struct fst_context *c, const struct fst_life *other)
{
    unsigned acked = FST_NO_LIFE;
    const struct fst_life *peer;

    if (fst_segment_has(c, FST_TCP_ACK))
        acked = fst_life_acked(c->o, c->y, c->seg->ack, FST_NO_LIFE);
    if (acked == FST_NO_LIFE)
        return false;
    peer = &c->receiver->lives[acked];
    return (peer->flags & FST_LIFE_ISS) && other->peers <= peer->born;
}

/* What it sent may have been captured among marks of `from`, so before the SYN of any life that
 * began since: which of them is the youngest is not known. */
static void note_age(struct fst_context *c, const struct fst_life *from)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *other = &c->sender->lives[i];

        if (other != c->life && other != from && (other->flags & FST_LIFE_HEARD) &&
            other->born >= from->born && !answers_after(c, other))
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
        uint32_t top = other->snd_top;

        if (i == c->life_index || !(other->flags & FST_LIFE_PLACED))
            continue;
        c->took_over = fst_life_take_over(c->life, other);
        if (c->took_over) {
            note_age(c, other);
            if (fst_seq_gt(top, c->life->snd_top)) /* behind a hole there is more of it */
                c->inherited |= other->possible;
        }
        if (other->claimed - c->seg->seq < FST_WINDOW_OF_SYN)
            fst_life_claim(c->life, other->claimed);
        /* Marks apart from both may be of either; then it may be as old as they are. */
        if (!c->took_over && fst_seq_gt(c->seg->seq, other->run_high) &&
            other->snd_top - c->seg->seq < FST_WINDOW_OF_SYN) {
            c->inherited |= other->possible;
            note_age(c, other);
            fst_life_share_closing(c->life, other);
        }
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
    fst_choose_life(c, index);
    if (new_connection)
        fst_begin_incarnation(c);
    fst_place_segment(c);
    c->life->flags |= FST_LIFE_ISS;
    c->life->iss = c->life->origin = c->seg->seq;
    c->life->syn_packet = c->seg->packet;
    if (late) {
        fst_report(c, FST_RULE_REORDERED_CAPTURE, 0, 0, 0);
        if (c->first)
            fst_life_replace(c->life, c->seg->seq);
        c->life->run_low = c->seg->seq;
        c->life->flags |= FST_LIFE_SENT_AGAIN; /* a window that came before it was not understood */
        c->life->flags &= ~(uint32_t)FST_LIFE_MIDSTREAM;
        return;
    }
    inherit_facts(c);
    inherit_own_reset(c);
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

void fst_observe_bare_syn(struct fst_context *c)
{
    unsigned known = fst_life_with_iss(c->o, c->x, c->seg->seq);
    bool again = known != FST_NO_LIFE;
    struct fst_life *target;

    if (again) {
        fst_choose_life(c, known);
        fst_place_segment(c);
        fst_label_old_syn(c);
    } else {
        observe_new_syn(c, fst_life_missing_syn(c->o, c->x, c->seg));
    }
    fst_label_syn_text(c);
    fst_note_syn_options(c);
    fst_note_syn_window(c);
    if (c->life->flags & (FST_LIFE_ACKED | FST_LIFE_SYNACK))
        again = true; /* it has gone on already: no news of its state */
    c->life->flags |= FST_LIFE_ACTIVE;
    if (!again && !fst_narrow(c, FST_EVENT_SYN, FST_SET_ALL))
        fst_resynchronise(c, FST_EVENT_SYN, FST_SET_ALL);
    if (c->took_over && (c->life->flags & FST_LIFE_FIN))
        fst_narrow(c, FST_EVENT_FIN, FST_SET_ALL);
    inherit_states(c);
    fst_book(c);
    if (!again || !(c->life->flags & FST_LIFE_ACKED))
        fst_show_life(c, c->x, c->life_index);
    note_met(c);
    fst_deliver(c);
    if (c->step->opened)
        ready_peer(c);
    target = &c->receiver->lives[c->receiver->current];
    if (again && !(target->flags & FST_LIFE_PLACED))
        fst_set_likely(c, c->y, target, /* sent again: it seems not to have been heard */
                       (struct fst_move){FST_LISTEN, "has not answered", "3.8.1"}, true, true);
    else
        fst_settle_both(c);
}

/* Who sends both in one segment has closed before its SYN was acknowledged (3.10.4), if nothing
 * that was captured before shows more. What this acknowledges a FIN captured before it may not. */
static void narrow_by_fin(struct fst_context *c)
{
    bool both = c->peer && (c->peer->flags & FST_LIFE_FIN);
    fst_state_set allowed;

    c->news_fin = fst_segment_has(c, FST_TCP_FIN);
    allowed = both ? fst_proved_of_fins(c) : FST_SET_ALL;
    if (c->news_fin && fst_narrow(c, FST_EVENT_FIN, allowed & FST_SET_SYN_PENDING))
        return;
    if (!c->news_fin)
        fst_narrow(c, FST_EVENT_FIN, FST_SET_ALL);
    fst_narrow(c, FST_EVENT_FIN, allowed);
}

void fst_observe_syn_ack(struct fst_context *c)
{
    unsigned known = fst_life_with_iss(c->o, c->x, c->seg->seq);
    bool news;

    if (known != FST_NO_LIFE) {
        fst_choose_life(c, known);
        fst_place_segment(c);
        news = !(c->life->flags & (FST_LIFE_SYNACK | FST_LIFE_ACKED));
        if (!news)
            fst_label_old_syn(c);
    } else {
        observe_new_syn(c, fst_life_missing_syn(c->o, c->x, c->seg));
        news = !(c->life->flags & FST_LIFE_ACKED);
    }
    fst_choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
    c->ack_captured = c->ack_known = c->peer != NULL;
    fst_check_syn_ack(c);
    fst_note_syn_options(c);
    c->life->flags |= FST_LIFE_SYNACK;
    fst_bind_peer(c);
    /* Also where its own SYN had begun another connection, and was refused. */
    if (c->peer && c->life->incarnation != c->peer->incarnation && (c->first || news)) {
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
        fst_show_life(c, c->x, c->life_index);
    fst_book(c);
    fst_check_window(c);
    fst_deliver(c);
    fst_settle_both(c);
}
