/* SPDX-License-Identifier: MIT
 *
 * SYN and SYN-ACK: names for the legal ones, and SYN-ACKs that answer nothing.
 */
#include "base/seq.h"
#include "tcp/checks.h"
#include "tcp/facts.h"
#include "tcp/lives.h"
#include "tcp/marks.h"
#include "tcp/states.h"

#define OVER        ((fst_state_set)(FST_SET_GONE | FST_SET(FST_TIME_WAIT)))
#define NEARLY_OVER ((fst_state_set)(OVER | FST_SET(FST_LAST_ACK) | FST_SET(FST_CLOSING)))

static void label_new_syn_ack(struct fst_context *c, const struct fst_life *old)
{
    unsigned acked = fst_life_acked(c->o, c->y, c->seg->ack, FST_NO_LIFE);

    if ((old->flags & FST_LIFE_SYNACK) && acked != FST_NO_LIFE && old->peer == acked)
        fst_report(c, FST_RULE_SYNACK_NEW_ISN, 0, 0, old->syn_packet);
}

static bool is_over(const struct fst_life *one, const struct fst_life *other)
{
    bool waits = one->likely == FST_TIME_WAIT || other->likely == FST_TIME_WAIT;
    fst_state_set over = waits ? NEARLY_OVER : OVER;

    return fst_set_has(over, one->likely) && fst_set_has(over, other->likely);
}

static void label_reuse(struct fst_context *c, const struct fst_life *old,
                        const struct fst_life *other)
{
    bool waits = old->likely == FST_TIME_WAIT || other->likely == FST_TIME_WAIT;

    fst_report(c, waits ? FST_RULE_TIME_WAIT_REUSE : FST_RULE_TUPLE_REUSE, 0, 0, old->syn_packet);
    if ((old->flags & FST_LIFE_PLACED) && fst_seq_lt(c->seg->seq, old->snd_top))
        fst_report(c, FST_RULE_ISN_NOT_ADVANCED, old->snd_top - c->seg->seq, 0, 0);
}

void fst_label_new_syn(struct fst_context *c, const struct fst_life *old, bool *new_connection)
{
    const struct fst_life *other = &c->receiver->lives[c->receiver->current];
    bool known = (old->flags & FST_LIFE_PLACED) != 0;

    if (fst_segment_has(c, FST_TCP_ACK)) {
        label_new_syn_ack(c, old);
        return;
    }
    if (!known && !(other->flags & FST_LIFE_PLACED))
        return;
    if (!known && (other->flags & FST_LIFE_ACTIVE) &&
        !(other->flags & (FST_LIFE_SYNACK | FST_LIFE_ACKED | FST_LIFE_RST)) &&
        other->likely == FST_SYN_SENT) {
        fst_report(c, FST_RULE_SIMULTANEOUS_OPEN, 0, 0, other->syn_packet);
        return;
    }
    if (known && old->likely == FST_SYN_SENT) {
        fst_report(c, FST_RULE_SYN_NEW_ISN, c->seg->seq - old->origin, 0, old->syn_packet);
        return;
    }
    *new_connection = true;
    if (is_over(old, other))
        label_reuse(c, old, other);
    else
        fst_report(c, FST_RULE_SYN_IN_SYNCHRONIZED, 0, 0, old->syn_packet);
}

/* A SYN sent again keeps its number, and another life's numbers never touch it: 3.4.1, 3.8.1. */
bool fst_check_moved_syn(struct fst_context *c)
{
    const uint32_t begun = FST_LIFE_ISS | FST_LIFE_HEARD;
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *life = &c->sender->lives[i];

        if ((life->flags & begun) != begun || life->occ != life->iss + 1 ||
            (c->seg->seq != life->iss + 1 && c->seg->seq != life->iss - 1))
            continue;
        c->life = life;
        fst_report(c, FST_RULE_ISN_MOVED, c->seg->seq - life->iss, 0, life->syn_packet);
        return true;
    }
    return false;
}

void fst_label_old_syn(struct fst_context *c)
{
    enum fst_rule_id rule;

    if (fst_segment_has(c, FST_TCP_ACK))
        rule = c->life->possible & FST_SET_SYN_PENDING ? FST_RULE_SYNACK_RETRANSMIT
                                                       : FST_RULE_LATE_SYNACK;
    else
        rule = c->life->flags & (FST_LIFE_ACKED | FST_LIFE_SYNACK) ? FST_RULE_OLD_DUPLICATE_SYN
                                                                   : FST_RULE_SYN_RETRANSMIT;
    fst_report(c, rule, 0, 0, c->life->syn_packet);
    if (rule == FST_RULE_SYNACK_RETRANSMIT)
        fst_fall_back(c, FST_EVENT_SYN_ACK);
}

void fst_label_syn_text(struct fst_context *c)
{
    bool fast_open = (c->seg->options.present & FST_OPT_FAST_OPEN) != 0;

    c->sender->asks_challenge = fst_set_has((fst_state_set)~FST_SET_NO_SYN,
                                            c->receiver->lives[c->receiver->current].likely);
    if (c->payload_len <= c->life->syn_octets)
        return;
    c->life->syn_octets = c->payload_len;
    fst_report(c, fast_open ? FST_RULE_TFO_SYN_DATA : FST_RULE_SYN_WITH_DATA, c->payload_len, 0, 0);
}

void fst_note_syn_options(struct fst_context *c)
{
    const struct fst_tcp_options *options = &c->seg->options;
    struct fst_life *life = c->life;

    if (c->seg->wnd_raw < FST_WINDOW_WIDE)
        life->flags |= FST_LIFE_NARROW;
    if (c->seg->options_cut)
        life->flags |= FST_LIFE_OPTIONS_CUT;
    if (options->present & FST_OPT_WSCALE) {
        if (options->wscale > 14) /* RFC 7323 2.3: no sender offers more; receivers must cap it */
            fst_report(c, FST_RULE_WSCALE_TOO_LARGE, options->wscale, 0, 0);
        life->flags |= FST_LIFE_WSCALE;
        life->wscale = options->wscale > 14 ? 14 : options->wscale;
    }
    if (options->present & FST_OPT_SACK_PERMITTED)
        life->flags |= FST_LIFE_SACK;
    if (options->present & FST_OPT_FAST_OPEN)
        life->flags |= FST_LIFE_FAST_OPEN;
    if (options->present & FST_OPT_MSS)
        life->mss_class = options->mss < 2048 ? 1 : options->mss < 16384 ? 2 : 3;
    if (options->present & FST_OPT_TIMESTAMPS) {
        life->flags |= FST_LIFE_TS | FST_LIFE_TS_VAL;
        life->ts_val = options->ts_val;
    } else {
        life->flags |= FST_LIFE_NO_TS;
    }
}

/* A SYN-ACK to a peer that was never captured: it has sent a SYN that acknowledges nothing. */
static void adopt_opener(struct fst_context *c)
{
    struct fst_life *peer = &c->receiver->lives[c->receiver->current];

    if (c->lossless)
        fst_report(c, FST_RULE_SYNACK_TO_UNSEEN_SYN, 0, 0, 0);
    else if (!c->o->started)
        fst_report(c, FST_RULE_MIDSTREAM_START, 0, 0, 0);
    fst_life_place(peer, c->seg->ack);
    peer->snd_low = peer->run_low = c->seg->ack - 1;
    peer->flags |= FST_LIFE_SYN_IMPLIED;
    peer->wide = peer->possible = FST_SET(FST_SYN_SENT);
    fst_set_likely(c, c->y, peer,
                   (struct fst_move){FST_SYN_SENT, "its SYN was answered", "3.10.7.2 third"}, true,
                   false);
    c->life->facts |= fst_fact(FST_FACT_SYN);
    c->life->possible |= FST_SET(FST_SYN_RECEIVED);
    c->life->wide |= FST_SET(FST_SYN_RECEIVED);
    c->peer = peer;
    c->ack_known = true;
}

static void check_offers(struct fst_context *c)
{
    const uint32_t whole = FST_LIFE_ACTIVE | FST_LIFE_OPTIONS_CUT;
    unsigned present = c->seg->options.present;
    uint32_t offered = c->peer->flags;

    if ((offered & whole) != FST_LIFE_ACTIVE || !(offered & FST_LIFE_ISS) ||
        (c->life->flags & FST_LIFE_OPTIONS_CUT))
        return;
    if (c->life->flags & FST_LIFE_ACTIVE) /* simultaneous open: what its own SYN offered, again */
        offered |= c->life->flags;
    /* RFC 7323 2.2, 3.2: a SYN-ACK may carry these only if the SYN did. */
    if (((present & FST_OPT_WSCALE) && !(offered & FST_LIFE_WSCALE)) ||
        ((present & FST_OPT_TIMESTAMPS) && !(offered & FST_LIFE_TS)))
        fst_report(c, FST_RULE_OPTION_NOT_OFFERED, 0, 0, c->peer->syn_packet);
}

/* Text behind the SYN is taken only once the own SYN is acknowledged, and then there is no SYN-ACK
 * any more (3.10.7.4 fifth, seventh). Where either side has had another life, its text or ACKs may
 * have met one that closed early (3.10.4), which takes both. */
static bool acks_beyond_syn(const struct fst_context *c)
{
    const uint32_t whole = FST_LIFE_ISS | FST_LIFE_ACTIVE;

    bool took_fin = (c->peer->flags & FST_LIFE_FIN) && fst_seq_gt(c->seg->ack, c->peer->fin) &&
                    (c->life->facts & FST_FACTS_FIN_OLD_ACK);

    return (c->peer->flags & whole) == whole && !took_fin && c->sender->born == 1 &&
           c->receiver->born == 1 &&
           fst_seq_gt(c->seg->ack, c->peer->iss + 1 + c->peer->syn_octets);
}

void fst_check_syn_ack(struct fst_context *c)
{
    const struct fst_life *other = &c->receiver->lives[c->receiver->current];

    if (fst_segment_has(c, FST_TCP_FIN))
        fst_report(c, FST_RULE_SYN_ACK_FIN, 0, 0, 0);
    if (!c->ack_known && !(other->flags & FST_LIFE_PLACED)) {
        adopt_opener(c);
        return;
    }
    if (!c->ack_known) {
        /* A SYN-ACK acknowledges the SYN it answers, and what text came with it: 3.10.7.2 third.
         * Only an older SYN that was not captured excuses another number. */
        if (!(other->flags & FST_LIFE_TAINTED) && !c->receiver->evicted && !fst_is_claimed(c))
            fst_report(c, FST_RULE_SYNACK_BAD_ACK, fst_relative(other, c->seg->ack), 0,
                       other->syn_packet);
        if (c->lossless)
            c->life->flags |= FST_LIFE_TAINTED;
        return;
    }
    if (acks_beyond_syn(c)) {
        fst_report(c, FST_RULE_SYNACK_BAD_ACK, fst_relative(c->peer, c->seg->ack), 0,
                   c->peer->syn_packet);
        c->accused = c->lossless;
        if (c->lossless)
            c->life->flags |= FST_LIFE_TAINTED;
        return;
    }
    if (!(c->life->flags & FST_LIFE_SYNACK) && (c->peer->flags & FST_LIFE_FAST_OPEN) &&
        c->peer->syn_octets > 0 && c->seg->ack == c->peer->iss + 1)
        fst_report(c, FST_RULE_TFO_DATA_REFUSED, 0, 0, c->peer->syn_packet);
    check_offers(c);
}
