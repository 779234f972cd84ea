/* SPDX-License-Identifier: MIT
 *
 * What the numbers of a segment prove of the state it was sent in.
 */
#include "base/seq.h"
#include "tcp/context.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/states.h"

/* Another life of the receiver has the number too, and no FIN below it, or one that is forgotten
 * had. A peer that numbers the SYN of a new life as the FIN of the old one breaks 3.4.1; its ACK
 * may be of either. */
static bool may_ack_another(const struct fst_context *c)
{
    unsigned i;

    if (c->receiver->evicted)
        return true;
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
fst_state_set fst_proved_of_fins(const struct fst_context *c)
{
    uint32_t fin = c->peer->fin;

    if (fst_seq_gt(c->seg->ack, fin))
        return c->peer->fin_probed || may_ack_another(c) ? FST_SET_ALL : FST_SET_GOT_FIN;
    /* Who talks to a server that may have begun again may have taken its FIN of before. */
    if (!c->news_fin || c->peer->cookie == FST_COOKIE_REBORN)
        return FST_SET_ALL;
    if ((c->life->flags & FST_LIFE_ACKED) && fst_seq_gt(c->life->ack_top, fin))
        return (fst_state_set) ~(FST_SET(FST_CLOSE_WAIT) | FST_SET(FST_LAST_ACK));
    return (fst_state_set)~FST_SET_GOT_FIN;
}

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
    return c->news_fin && !fst_life_opens_fast(c->peer) && (behind || c->payload_len > 0);
}

fst_state_set fst_proved_by_numbers(const struct fst_context *c)
{
    fst_state_set allowed =
        (fst_state_set)(FST_SET_ALL & ~FST_SET_NO_SYN); /* it acknowledges a SYN */
    const struct fst_life *peer = c->peer;

    if (!peer || !c->ack_known)
        return allowed;
    if (peer->flags & FST_LIFE_FIN)
        allowed &= fst_proved_of_fins(c);
    if (closes_behind_text(c))
        allowed &= (fst_state_set)~FST_SET_SYN_PENDING;
    /* Text is taken only once the handshake's ACK is (3.10.7.4 fifth before seventh). */
    if ((peer->flags & FST_LIFE_ISS) && fst_seq_gt(c->seg->ack, peer->iss + 1 + peer->syn_octets))
        allowed &= (fst_state_set)~FST_SET(FST_SYN_RECEIVED);
    return allowed;
}

/* Some segment of `other` may lie in the window that its receiver offers to `peer`, which has sent
 * a SYN so far; or what it sent is not known. */
static bool may_have_met(const struct fst_life *other, const struct fst_life *peer)
{
    uint32_t window = peer->syn_octets + FST_WINDOW_OF_SYN;
    uint32_t sent = other->snd_top - other->snd_low;

    return (other->flags & FST_LIFE_TAINTED) ||
           ((other->flags & FST_LIFE_PLACED) &&
            (other->snd_low - peer->iss <= window || peer->iss - other->snd_low <= sent));
}

bool fst_waits_for_ack_of_syn(const struct fst_context *c)
{
    const uint32_t told = FST_LIFE_ACKED | FST_LIFE_SYNACK | FST_LIFE_TAINTED | FST_LIFE_ISS;
    const struct fst_life *peer = c->peer;
    unsigned i;

    if (!c->lossless || !c->in_run || !c->ack_captured || c->receiver->evicted ||
        (c->life->flags & FST_LIFE_WSCALE) || (peer->flags & told) != FST_LIFE_ISS ||
        peer->snd_top != peer->iss + 1 + peer->syn_octets)
        return false;
    for (i = 0; i < FST_LIVES_MAX; i++)
        if (&c->receiver->lives[i] != peer && may_have_met(&c->receiver->lives[i], peer))
            return false;
    return true;
}
