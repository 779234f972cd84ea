/* SPDX-License-Identifier: MIT
 *
 * Positions in a life's sequence space. Two things must be proved before a number is held against
 * an endpoint: that both segments are of the same life, and that no delivery could move the number.
 * A new life whose SYN was missed may use numbers right above the old FIN, so nearness proves
 * nothing. What proves it is contact: numbers that touch the run of the life. A new life cannot
 * touch it, since its SYN took a number that was not captured (3.4.1, 3.4.3).
 */
#include "base/seq.h"
#include "tcp/checks.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/states.h"

static enum fst_class conditional(const struct fst_context *c)
{
    return c->lossless && !c->sender->evicted ? FST_ILLEGAL : FST_SUSPECT;
}

/* A server that a SYN cookie has brought back uses its numbers once more: the only conforming
 * excuse, since it has lost its memory. The segment counts for the new beginning. */
static enum fst_position excuse_by_rebirth(struct fst_context *c, enum fst_rule_id rule,
                                           uint32_t first, uint32_t second, uint64_t because)
{
    fst_report_as(c, rule, FST_SUSPECT, fst_relative(c->life, first), fst_relative(c->life, second),
                  because);
    fst_begin_again(c->life);
    c->in_run = fst_life_in_run(c->life, c->seg->seq);
    c->news_fin = fst_segment_has(c, FST_TCP_FIN);
    c->news_text = c->payload_len > 0;
    return FST_POSITION_FINE;
}

static enum fst_position accuse(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                                uint32_t first, uint32_t second, uint64_t because)
{
    if (c->life->cookie == FST_COOKIE_REBORN)
        return excuse_by_rebirth(c, rule, first, second, because);
    fst_report_as(c, rule, class_, fst_relative(c->life, first), fst_relative(c->life, second),
                  because);
    c->life->flags |= FST_LIFE_TAINTED;
    fst_life_claim(c->life, c->end); /* the peer may take it all the same */
    return FST_POSITION_ILLEGAL;
}

/* A number that contradicts a FIN which is not certainly of this life: believe the segment if it
 * is. */
static enum fst_position doubt(struct fst_context *c, enum fst_rule_id rule, uint32_t first,
                               uint32_t second)
{
    if (!(c->life->flags & FST_LIFE_FIN_ADOPTED))
        fst_report_as(c, rule, FST_CAPTURE, fst_relative(c->life, first),
                      fst_relative(c->life, second), c->life->fin_packet);
    if (!c->in_run && !(c->life->flags & FST_LIFE_FIN_ADOPTED))
        return FST_POSITION_ANOTHER;
    if ((c->life->flags & (FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED)) == FST_LIFE_FIN)
        c->life->doubted =
            (struct fst_doubted_fin){true, c->life->possible, c->life->fin, c->life->fin_packet};
    c->life->flags &= ~(uint32_t)(FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED);
    c->news_fin = fst_segment_has(c, FST_TCP_FIN);
    return FST_POSITION_FINE;
}

/* A keep-alive has the last number sent, which is the FIN's, and may carry an octet of
 * garbage: 3.8.4, RFC 1122 4.2.3.6. */
static bool probes_at_fin(const struct fst_context *c)
{
    return c->seg->seq == c->life->fin && c->payload_len == 1 && !fst_segment_has(c, FST_TCP_FIN);
}

/* The segment and the FIN take numbers that touch: of one life, whichever it is (3.4.1). Taken for
 * a proof only where nothing was missed. */
static bool touches_fin(const struct fst_context *c)
{
    return c->lossless && fst_seq_le(c->seg->seq, c->life->fin + 1) &&
           fst_seq_ge(c->end, c->life->fin);
}

static enum fst_position check_after_fin(struct fst_context *c)
{
    struct fst_life *life = c->life;
    uint32_t fin = life->fin;
    uint32_t text_end = c->seg->seq + c->payload_len;
    bool adopted = (life->flags & FST_LIFE_FIN_ADOPTED) != 0;
    /* Both segments touch the run: one life. */
    bool sure = c->in_run && (fst_seq_le(fin + 1, life->run_high) || c->only) && !adopted;

    life->fin_probed = life->fin_probed || probes_at_fin(c);
    if (fst_segment_has(c, FST_TCP_FIN) && c->end - 1 != fin) {
        /* A FIN is the last number of a life and is sent again at its place: 3.4, 3.8.1. */
        if (sure || (touches_fin(c) && !adopted))
            return accuse(c, FST_RULE_FIN_MOVED, FST_ILLEGAL, c->end - 1, fin, life->fin_packet);
        return doubt(c, FST_RULE_FIN_MOVED, c->end - 1, fin);
    }
    if (c->payload_len > 0 && fst_seq_gt(text_end, fin) && !probes_at_fin(c)) {
        if (adopted)
            return doubt(c, FST_RULE_DATA_AFTER_FIN, text_end, fin);
        /* A life whose SYN died before the capture point sends text to a Fast Open SYN. */
        if (!c->in_run && c->peer && fst_life_opens_fast(c->peer))
            return FST_POSITION_ANOTHER;
        /* Nothing is sent after FIN: SEND is refused then, 3.10.2. Where the life is not certain,
         * only a connection whose SYNs both went by uncaptured excuses text here. */
        return accuse(c, FST_RULE_DATA_AFTER_FIN, sure ? FST_ILLEGAL : conditional(c), text_end,
                      fin, life->fin_packet);
    }
    if (fst_seq_gt(c->seg->seq, fin + 1)) {
        if (adopted)
            return doubt(c, FST_RULE_STRAY_SEGMENT, 0, 0);
        fst_report(c, FST_RULE_STRAY_SEGMENT, 0, 0, 0);
        return FST_POSITION_ANOTHER;
    }
    return FST_POSITION_FINE;
}

/* The octet at the FIN's number may be a keep-alive's, sent after that FIN had been acknowledged
 * (3.8.4), if the FIN passed beside the capture point. */
static bool may_be_keepalive(const struct fst_context *c, uint32_t fin)
{
    const struct fst_life *life = c->life;

    return !c->lossless && life->lone_top && life->occ == fin + 1 && life->snd_top == fin + 1;
}

static enum fst_position check_first_fin(struct fst_context *c)
{
    struct fst_life *life = c->life;
    uint32_t fin = c->end - 1;
    bool sure;

    /* An empty segment right above the FIN takes no number; text at its own number does. */
    if (!(life->flags & FST_LIFE_HEARD) ||
        (fst_seq_le(life->occ, fin + 1) && fst_seq_le(life->snd_top, fin + 1) &&
         !fst_life_has_range(life, fin, fin + 1)))
        return FST_POSITION_FINE;
    /* The FIN takes the number after all text ever sent: 3.4, 3.10.4. */
    sure =
        c->in_run && (fst_seq_gt(life->run_high, fin + 1) ||
                      (fst_life_in_run(life, fin + 1) && fst_life_has_range(life, fin, fin + 1)));
    if (sure && may_be_keepalive(c, fin)) {
        fst_report_as(c, FST_RULE_DATA_AFTER_FIN, FST_SUSPECT, fst_relative(life, life->occ),
                      fst_relative(life, fin), life->top_packet);
        life->fin_probed = true;
        return FST_POSITION_FINE;
    }
    /* Its number was text of a captured segment: of one life, whichever it is (3.4.1). */
    if (sure || c->only || (c->lossless && fst_life_has_octet(life, fin)))
        return accuse(c, FST_RULE_DATA_AFTER_FIN, FST_ILLEGAL, life->occ, fin, life->top_packet);
    return doubt(c, FST_RULE_DATA_AFTER_FIN, life->occ, fin);
}

/* Linux uses the edge of the window where that lies below the next number, counted from its SYN
 * until that is acknowledged; rounding to the scale may have hidden up to one unit of it. */
bool fst_aborted_at_edge(const struct fst_life *life, const struct fst_life *peer)
{
    uint32_t unit = (uint32_t)1 << peer->wscale;

    return (peer->flags & FST_LIFE_EDGE) &&
           fst_seq_within(peer->edge_last - 1, life->rst_seq, peer->edge_last + unit);
}

static const struct fst_life *bound_peer(const struct fst_context *c)
{
    return c->life->peer == FST_NO_LIFE ? NULL : &c->receiver->lives[c->life->peer];
}

/* Also if the peer has begun again with the same numbers since (rebirth.c). */
static bool speaks_to(const struct fst_context *c, const struct fst_life *peer)
{
    return c->peer ? c->peer == peer
                   : peer->cookie == FST_COOKIE_REBORN && fst_life_admits_ack(peer, c->seg->ack);
}

/* Text of its SYN is bound by no window, and lies above the edge of any that is narrow; it may have
 * died before the capture point. */
static bool beyond_syn_text(const struct fst_context *c, const struct fst_life *peer)
{
    const struct fst_life *life = c->life;

    if ((peer->flags & FST_LIFE_NARROW) &&
        fst_seq_le(c->end, life->iss + 1 + FST_WINDOW_OF_SYN + 2))
        return false;
    return life->syn_octets == 0 || fst_seq_gt(c->end, life->iss + 1 + life->syn_octets + 2);
}

/* A RST with ACK is an abort: it deletes the connection and has the next number to be sent (3.10.5;
 * answers of a host without the connection have no ACK, or sequence number 0: 3.10.7.1). So nothing
 * at or above it was sent before or is sent after. A window taken back lets stacks use its edge
 * instead, and so does one that is full: a window opened since may not have reached it, and what
 * lies above the edge is a probe, of any length, and a FIN (3.8.6.1), sent before the RST that
 * overtakes them. */
static bool sends_after_abort(const struct fst_context *c, const struct fst_life *peer)
{
    const struct fst_life *life = c->life;
    const uint32_t windows = FST_LIFE_EDGE | FST_LIFE_SHRANK | FST_LIFE_TAINTED;
    bool below_probe = peer && peer->closed && fst_seq_le(life->rst_seq, peer->closed_at);

    return (life->flags & FST_LIFE_ABORTED) &&
           (c->payload_len > 0 || fst_segment_has(c, FST_TCP_FIN)) && c->in_run &&
           fst_life_in_run(life, life->rst_seq) && fst_seq_gt(c->end, life->rst_seq + 2) &&
           fst_seq_gt(c->end, life->occ) && peer && speaks_to(c, peer) &&
           (peer->flags & windows) == FST_LIFE_EDGE && !fst_aborted_at_edge(life, peer) &&
           !below_probe && beyond_syn_text(c, peer);
}

/* Another TTL than the RST's: that was somebody else's packet, most likely. And the RST must lie
 * below every edge that was offered to it, or it may have one of them for its number (as Linux
 * does), below text of a SYN that died, or text sent before a window was taken back. Below all of
 * them it has the next number: 3.10.5. */
static bool abort_is_certain(const struct fst_context *c, const struct fst_life *peer)
{
    const struct fst_life *life = c->life;
    uint32_t unit = (uint32_t)1 << peer->wscale, sent = life->rst_seq - life->iss;

    return c->seg->ttl == life->rst_ttl && !(peer->flags & FST_LIFE_NARROW) &&
           peer->peer == c->life_index && (life->flags & FST_LIFE_ISS) && sent < FST_WINDOW_WIDE &&
           sent + unit < FST_WINDOW_WIDE;
}

/* Whether the segment certainly is of `life` though it touches nothing: it acknowledges text of the
 * peer, as that life has done. Only one life can: another would have to be established with the
 * same peer life, which answers its SYN with a challenge and resets its SYN-ACK (3.10.7.4
 * fourth, 3.10.7.3), or have taken a copy of the peer's SYN and closed early (3.10.4). */
static bool acknowledges_text(const struct fst_context *c)
{
    const struct fst_life *life = c->life, *peer = c->peer;
    uint32_t first;

    if (!c->ack_captured || !(life->flags & FST_LIFE_TIED) || !(life->flags & FST_LIFE_ACKED) ||
        (c->receiver->sent_facts & 1) || !(peer->flags & FST_LIFE_ISS) ||
        &c->receiver->lives[life->peer] != peer)
        return false;
    if (!fst_life_in_run(peer, c->seg->ack) || !fst_life_in_run(peer, life->ack_top))
        return false; /* it may be of another life of the peer, whose SYN was missed */
    first = peer->iss + 1 + peer->syn_octets; /* what a new life could acknowledge as well */
    return fst_seq_gt(c->seg->ack, first) && fst_seq_gt(life->ack_top, first);
}

/* Another life would lie farther off (3.4.1). */
static bool leaves_room_for_nobody(const struct fst_context *c)
{
    return (c->life->flags & FST_LIFE_PLACED) && c->seg->seq - c->life->run_high <= FST_NEAR_BY;
}

void fst_find_contact(struct fst_context *c)
{
    c->in_run = fst_life_in_run(c->life, c->seg->seq) || leaves_room_for_nobody(c);
    c->only = c->lossless && c->ack_captured && fst_is_only_life(c);
    c->in_run = c->in_run || c->only;
    if (!c->in_run && c->peer && acknowledges_text(c) &&
        fst_seq_gt(c->seg->seq, c->life->run_high)) {
        c->in_run = true;
        fst_life_extend_run(c->life, c->seg->seq);
    }
}

bool fst_is_claimed(const struct fst_context *c)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((c->receiver->lives[i].flags & FST_LIFE_TAINTED) &&
            fst_life_admits_ack(&c->receiver->lives[i], c->seg->ack))
            return true;
    return false;
}

static enum fst_position check_ack_beyond_fin(struct fst_context *c)
{
    const struct fst_life *peer = bound_peer(c);
    const uint32_t known = FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED | FST_LIFE_TAINTED;
    enum fst_class class_;
    uint32_t acked, end;
    bool sure;

    if (c->ack_known || !peer || peer->cookie == FST_COOKIE_REBORN ||
        (peer->flags & known) != FST_LIFE_FIN || fst_seq_le(c->seg->ack, peer->fin + 1) ||
        fst_seq_gt(peer->occ, peer->fin + 1) || fst_life_admits_ack(peer, c->seg->ack) ||
        fst_is_claimed(c))
        return FST_POSITION_FINE;
    /* RCV.NXT cannot pass a FIN: 3.10.7.4 eighth. Tied: the ACK counts that life's octets. Or the
     * peer has sent text at the FIN's number, which is illegal as well, and that came first, past
     * the capture point: then it is the peer that is to blame. */
    sure =
        c->in_run && (c->life->flags & FST_LIFE_TIED) && fst_seq_le(peer->fin + 1, peer->run_high);
    class_ = sure ? FST_ILLEGAL : conditional(c);
    acked = fst_relative(peer, c->seg->ack);
    end = fst_relative(peer, peer->fin + 1);
    if (class_ == FST_ILLEGAL && !c->lossless)
        fst_report_of_either(c, FST_RULE_ACK_BEYOND_FIN, class_, acked, end, peer->fin_packet);
    else
        fst_report_as(c, FST_RULE_ACK_BEYOND_FIN, class_, acked, end, peer->fin_packet);
    if (class_ == FST_SUSPECT) /* it may be right, and of a life of the peer that is not known */
        return FST_POSITION_FINE;
    c->life->flags |= FST_LIFE_TAINTED;
    return FST_POSITION_ILLEGAL;
}

enum fst_position fst_check_position(struct fst_context *c)
{
    enum fst_position position = FST_POSITION_FINE;
    const struct fst_life *peer = bound_peer(c);

    if (c->life->flags & FST_LIFE_FIN)
        position = check_after_fin(c);
    else if (fst_segment_has(c, FST_TCP_FIN))
        position = check_first_fin(c);
    if (position == FST_POSITION_FINE && sends_after_abort(c, peer)) {
        position = accuse(c, FST_RULE_DATA_AFTER_RST,
                          abort_is_certain(c, peer) ? FST_ILLEGAL : FST_SUSPECT, c->end,
                          c->life->rst_seq, c->life->rst_packet);
    }
    if (position == FST_POSITION_FINE)
        position = check_ack_beyond_fin(c);
    return position;
}

/* ----------------------------------------------------- acknowledgments of what nobody saw -- */

/* While the other direction has not been captured at all, the finding waits for it. */
static void report_or_hold(struct fst_context *c, enum fst_rule_id rule, uint32_t first,
                           uint32_t second)
{
    struct fst_observation *o = c->o;
    uint64_t *reported = &c->life->reported[rule / 64], bit = (uint64_t)1 << rule % 64;

    if (c->receiver->heard || c->lossless || o->one_sided) {
        if (!o->one_sided || c->receiver->heard)
            fst_report(c, rule, first, second, 0);
        return;
    }
    if (o->held_count == FST_HELD_MAX || (*reported & bit)) {
        c->step->said_before = true;
        return;
    }
    *reported |= bit;
    o->held[o->held_count++] =
        (struct fst_held){(uint8_t)rule,   (uint8_t)c->x,  c->life->incarnation,
                          {first, second}, c->seg->packet, c->seg->time_ns};
}

/* The peer's SYN was not captured, yet acknowledged: it has sent one, and it reached the sender. */
static void adopt_silent_peer(struct fst_context *c, struct fst_life *peer)
{
    bool whole_flow = !c->o->started;

    fst_life_place(peer, c->seg->ack);
    peer->flags |= FST_LIFE_SYN_IMPLIED;
    if (c->life->flags & FST_LIFE_MIDSTREAM) {
        peer->flags |= FST_LIFE_MIDSTREAM;
        peer->wide = peer->possible = FST_SET_ALL;
    } else {
        peer->wide = peer->possible = FST_SET(FST_SYN_RECEIVED);
    }
    fst_set_likely(
        c, c->y, peer,
        (struct fst_move){FST_SYN_RECEIVED, "its SYN was acknowledged", "3.10.7.4 fifth"}, true,
        false);
    c->life->facts |= fst_fact(FST_FACT_SYN | FST_FACT_ACK_SYN) | fst_fact(FST_FACT_SYN);
    if (!whole_flow && !(c->life->flags & FST_LIFE_MIDSTREAM && c->first)) {
        report_or_hold(c, FST_RULE_ACK_OF_UNSEEN_SYN, c->seg->ack, 0);
        c->accused = c->lossless;
    }
    c->ack_known = true;
}

/* One octet more than captured and no FIN known: most likely the FIN. It acknowledged whatever had
 * been sent to it. */
static void adopt_fin(struct fst_context *c, struct fst_life *peer)
{
    peer->flags |= FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED;
    peer->fin = c->seg->ack - 1;
    peer->occ = peer->snd_top = c->seg->ack;
    peer->fin_packet = 0;
    if (!(peer->flags & FST_LIFE_ACKED) && (c->life->flags & FST_LIFE_FIN)) {
        peer->flags |= FST_LIFE_ACKED;
        peer->ack_top = c->life->occ;
    }
    peer->wide |= fst_set_after_sending(peer->wide, FST_EVENT_FIN, FST_IF_ALWAYS);
    peer->possible |= fst_set_after_sending(peer->possible, FST_EVENT_FIN, FST_IF_ALWAYS);
    fst_set_likely(c, c->y, peer, fst_move_sending(peer->likely, FST_EVENT_FIN, FST_IF_ALWAYS),
                   true, false);
    c->life->facts |=
        fst_facts_of(FST_FACT_FIN | FST_FACT_ACK) | fst_facts_of(FST_FACT_FIN | FST_FACT_ACK_SYN);
    if (c->life->flags & FST_LIFE_FIN)
        c->life->facts |= fst_facts_of(FST_FACT_FIN | FST_FACT_ACK_FIN);
    fst_close_life(peer);
    fst_close_life(c->life);
    c->ack_known = true;
}

void fst_check_unseen(struct fst_context *c)
{
    struct fst_life *peer;
    uint32_t top;
    bool one_more;

    if (c->ack_known || !c->news_ack || fst_is_claimed(c))
        return;
    peer = &c->receiver->lives[c->life->peer != FST_NO_LIFE ? c->life->peer : c->receiver->current];
    c->peer = peer;
    if (!(peer->flags & FST_LIFE_PLACED)) {
        adopt_silent_peer(c, peer);
        return;
    }
    if (fst_seq_le(c->seg->ack, peer->occ)) { /* below what is known of it: an old acknowledgment */
        if (!(peer->flags & FST_LIFE_ISS)) {
            peer->snd_low = fst_seq_min(peer->snd_low, c->seg->ack);
            c->ack_known = true;
        }
        return;
    }
    if (fst_life_admits_ack(peer, c->seg->ack))
        return;
    top = fst_seq_max(peer->occ, peer->claimed);
    one_more = c->seg->ack - top == 1 && !(peer->flags & FST_LIFE_FIN);
    report_or_hold(c, one_more ? FST_RULE_ACK_OF_UNSEEN_FIN : FST_RULE_ACK_OF_UNSEEN_DATA,
                   fst_relative(peer, c->seg->ack), fst_relative(peer, top));
    fst_life_claim(peer, c->seg->ack);
    c->accused = c->lossless;
    if (c->lossless)
        c->life->flags |= FST_LIFE_TAINTED;
    if (one_more)
        adopt_fin(c, peer);
    else if (c->first && (c->life->flags & FST_LIFE_MIDSTREAM))
        c->ack_known = true;
}

/* --------------------------------------------------------------------------------- labels -- */

static bool is_keepalive(const struct fst_context *c)
{
    return c->seg->seq == c->life->snd_top - 1 && c->payload_len <= 1 &&
           !fst_segment_has(c, FST_TCP_FIN) && (c->life->flags & FST_LIFE_HEARD) && c->peer &&
           (c->peer->flags & FST_LIFE_ACKED) && c->peer->ack_top == c->life->snd_top;
}

static bool is_challenge(const struct fst_context *c)
{
    return c->receiver->asks_challenge && c->payload_len == 0 && !fst_segment_has(c, FST_TCP_FIN) &&
           !c->news_ack && !c->news_seq && c->seg->seq == c->life->snd_top;
}

void fst_label_text(struct fst_context *c)
{
    const struct fst_life *life = c->life;
    uint32_t text_end = c->seg->seq + c->payload_len;

    if (fst_segment_has(c, FST_TCP_FIN) && !c->news_fin)
        fst_fall_back(c, FST_EVENT_FIN);
    if (is_challenge(c)) {
        fst_report(c, FST_RULE_CHALLENGE_ACK, 0, 0, 0);
        c->receiver->asks_challenge = false;
        c->challenges = true;
    } else if (is_keepalive(c)) {
        /* Linux probes a closed window with an empty segment below it: 3.8.6.1. */
        fst_report(c,
                   c->peer->flags & FST_LIFE_ZERO_WINDOW ? FST_RULE_ZERO_WINDOW_PROBE
                                                         : FST_RULE_KEEPALIVE,
                   0, 0, 0);
    } else if (fst_segment_has(c, FST_TCP_FIN) && !c->news_fin) {
        fst_report(c, FST_RULE_FIN_RETRANSMIT, 0, 0, life->fin_packet);
    } else if (c->news_fin) {
        return;
    } else if (c->payload_len > 0 && fst_life_has_range(life, c->seg->seq, text_end)) {
        fst_report(c, FST_RULE_RETRANSMISSION, fst_relative(life, c->seg->seq),
                   fst_relative(life, text_end), 0);
    } else if (c->payload_len > 0 && !c->news_text) {
        fst_report(c, FST_RULE_OUT_OF_ORDER, fst_relative(life, c->seg->seq),
                   fst_relative(life, text_end), 0);
    }
}
