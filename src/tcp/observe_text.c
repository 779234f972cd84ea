/* SPDX-License-Identifier: MIT
 *
 * Text, FIN and ACK: everything but a SYN and a RST.
 */
#include "base/seq.h"
#include "tcp/binding.h"
#include "tcp/checks.h"
#include "tcp/lives.h"
#include "tcp/marks.h"
#include "tcp/observe.h"

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

static void report_violation(struct fst_context *c, fst_state_set senders)
{
    fst_state_set states = c->life->wide & senders & (fst_state_set)~FST_SET_GONE;

    if (c->news_text && states != 0 && (states & ~named_violations[0].states) == 0)
        fst_report(c, named_violations[0].rule, fst_relative(c->life, c->seg->seq + c->payload_len),
                   0, c->life->syn_packet);
    else
        fst_report(c, FST_RULE_NO_LEGAL_STATE, 0, 0, 0);
}

/* A server that may have begun again (RFC 4987 3.6): the FIN it sent before may be captured late.
 */
static bool repeats_old_fin(const struct fst_context *c)
{
    return c->life->cookie == FST_COOKIE_REBORN && c->news_fin && c->life->fin_packet != 0 &&
           c->life->fin == c->end - 1;
}

static void allow_for_old_fin(struct fst_context *c, enum fst_event event, fst_state_set allowed)
{
    fst_state_set possible = c->life->possible, wide = c->life->wide;

    fst_resynchronise(c, event, allowed);
    c->life->possible |= possible;
    c->life->wide |= wide;
}

/* False if the segment is not to be booked: it was called illegal. */
static bool use_as_evidence(struct fst_context *c)
{
    fst_state_set allowed = fst_proved_by_numbers(c), senders = allowed;
    enum fst_event event = FST_EVENT_ACK;

    if (c->news_fin)
        event = FST_EVENT_FIN;
    else if (c->news_text)
        event = FST_EVENT_TEXT;
    else if (!c->news_ack && !c->news_seq)
        return true;
    if (event == FST_EVENT_TEXT && fst_waits_for_ack_of_syn(c))
        senders &= FST_SET_SYN_PENDING;
    if (fst_narrow(c, event, senders))
        return true;
    if (repeats_old_fin(c)) {
        allow_for_old_fin(c, event, allowed);
        return true;
    }
    /* What tainted it may be why its state is not understood any more: one fault, one report. */
    if (!(c->life->flags & FST_LIFE_TAINTED))
        report_violation(c, senders);
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

/* A FIN that was taken for that of another life may have been its own. */
static void inherit_doubted(struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_doubted_fin *doubted = &c->sender->lives[i].doubted;

        if (!doubted->known)
            continue;
        c->life->possible |= doubted->states;
        c->life->wide |= doubted->states;
    }
}

/* The first captured segment of a life is no SYN: it may be in any state that sends such a segment.
 */
static void begin_midstream(struct fst_context *c)
{
    struct fst_life *life = c->life;
    uint16_t newest = fst_newest_born(c->sender);
    bool whole_flow = !c->o->started;

    if (life->flags & (FST_LIFE_ISS | FST_LIFE_SYN_IMPLIED | FST_LIFE_HEARD))
        return;
    life->flags |= FST_LIFE_MIDSTREAM;
    if (life->born < newest) /* presumed before those, but nothing shows that it is older */
        life->born = newest;
    inherit_own_reset(c);
    if (!began_in_capture(c))
        life->wide = life->possible = FST_SET_ALL;
    inherit_doubted(c);
    if (whole_flow)
        fst_report(c, FST_RULE_MIDSTREAM_START, 0, 0, 0);
}

static void begin_unseen_life(struct fst_context *c)
{
    uint16_t newest = fst_newest_born(c->sender);
    unsigned index = fst_life_begin(c->o, c->x);
    /* Then only its own SYN died before the capture point, which proves nothing of the capture. */
    bool peer_captured = fst_life_acked(c->o, c->y, c->seg->ack, FST_NO_LIFE) != FST_NO_LIFE;

    fst_choose_life(c, index);
    if (peer_captured) /* it may as well be older, and over: 3.10.4, 3.10.5 */
        c->life->born = newest;
    fst_begin_incarnation(c);
    if (!c->lossless || peer_captured)
        fst_report(c, FST_RULE_UNSEEN_NEW_LIFE, 0, 0, 0);
    else
        fst_report(c, FST_RULE_ACK_OF_UNSEEN_DATA, c->seg->ack,
                   c->receiver->lives[c->receiver->current].occ, 0);
    fst_show_life(c, c->x, index);
    if (!peer_captured)
        fst_show_life(c, c->y, fst_life_begin(c->o, c->y));
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
    fst_choose_peer(c, fst_life_acked(c->o, c->y, c->seg->ack, c->life->peer));
    c->ack_captured = c->ack_known = c->peer != NULL;
    begin_midstream(c);
    find_news(c);
    fst_place_segment(c);
    fst_find_contact(c);
    fst_note_rebirth(c);
    fst_check_options(c);
    return fst_check_position(c);
}

/* Below all that is known of a life without SYN, apart from it, acknowledging no more than the
 * peer's SYN and its text: perhaps the first segment of another, whose SYN-ACK died before the
 * capture point. */
static void allow_for_another(struct fst_context *c)
{
    struct fst_life *life = c->life;

    if ((life->flags & (FST_LIFE_HEARD | FST_LIFE_ISS)) != FST_LIFE_HEARD || !c->peer ||
        !fst_seq_lt(c->end, life->run_low) || c->seg->ack - c->peer->iss - 1 > c->peer->syn_octets)
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
    fst_bind_peer(c);
    fst_label_text(c);
    if (!c->accused) {
        fst_check_after_reset(c);
        if (!fst_check_window(c))
            return;
    }
    fst_label_close(c);
    if (c->news_text || c->news_fin || c->news_ack || still_in_old_life(c))
        fst_show_life(c, c->x, c->life_index);
    if (!use_as_evidence(c))
        return;
    if (c->accused)
        fst_book_accused(c);
    else
        fst_book(c);
}

void fst_observe_synchronized(struct fst_context *c)
{
    unsigned index = fst_life_of(c->o, c->x, c->seg);
    enum fst_position position;

    if (of_unseen_life(c, index)) {
        begin_unseen_life(c);
    } else if (index == FST_NO_LIFE) {
        fst_choose_life(c, c->sender->current);
        fst_report(c, FST_RULE_STRAY_SEGMENT, 0, 0, 0);
        return;
    } else {
        fst_choose_life(c, index);
    }
    position = place_in_life(c);
    if (position == FST_POSITION_ANOTHER && c->ack_captured) {
        begin_unseen_life(c);
        position = place_in_life(c);
    }
    if (position == FST_POSITION_FINE)
        observe_in_place(c);
    fst_deliver(c);
    fst_settle_both(c);
}
