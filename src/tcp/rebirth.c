/* SPDX-License-Identifier: MIT
 *
 * Servers that begin again. A server that keeps a handshake in the number of its SYN-ACK instead of
 * its memory (SYN cookies, RFC 4987 3.6) opens the connection again when a late segment brings the
 * cookie back, though its own connection is over: then numbers are used twice, which RFC 9293 3.4.1
 * rules out. Linux compares no more than the difference of ACK and SEQ, and not to the octet, so
 * every segment brings it back that acknowledges about as many octets as were sent before it.
 *
 * Assumes: it may do so when it was sent such a segment after what it had sent before; or when what
 * may have ended it was captured, since then a copy of any older one does. It then sends text or a
 * FIN from where that leads.
 */
#include "base/seq.h"
#include "tcp/checks.h"
#include "tcp/context.h"
#include "tcp/cookie.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/states.h"

/* It opened with a SYN-ACK and never with a SYN of its own accord. */
bool fst_is_passive(const struct fst_life *life)
{
    const uint32_t passive = FST_LIFE_SYNACK | FST_LIFE_ISS;

    return (life->flags & (passive | FST_LIFE_ACTIVE)) == passive;
}

void fst_begin_again(struct fst_life *life)
{
    const uint32_t ended =
        FST_LIFE_RST_FINAL | FST_LIFE_ABORTED | FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED;
    uint32_t claimed = fst_seq_max(life->claimed, life->occ);

    fst_life_place(life, life->iss);
    life->range_count = 0;
    fst_life_book(life, life->iss, life->iss + 1, life->syn_packet);
    fst_life_claim(life, claimed);
    life->flags &= ~ended;
    life->wide |= (fst_state_set)(FST_SET(FST_SYN_RECEIVED) | FST_SET(FST_ESTABLISHED));
    fst_close_life(life);
}

/* A segment of the client with these numbers passes for the one that ends the handshake. */
static bool carries_cookie(const struct fst_life *server, const struct fst_life *client,
                           uint32_t seq, uint32_t ack)
{
    uint32_t acked = ack - server->iss;

    if (fst_life_is_far(server) || fst_life_is_far(client)) /* cookies are older than that */
        return false;
    return (client->flags & FST_LIFE_ISS) ? fst_passes_for_cookie(acked, seq - client->iss)
                                          : acked == 1;
}

void fst_recall(struct fst_context *c)
{
    struct fst_life *server = c->peer;

    if (!server || !fst_is_passive(server) ||
        !carries_cookie(server, c->life, c->seg->seq, c->seg->ack))
        return;
    if (fst_ended_by_reset(server) && !fst_seq_lt(c->seg->ack, c->life->ack_top)) {
        fst_begin_again(server);
        server->cookie = FST_COOKIE_REBORN;
    } else if (fst_seq_gt(server->occ, c->seg->ack) && server->cookie == FST_COOKIE_IDLE) {
        server->cookie = FST_COOKIE_RECALLED;
        server->recalled_at = c->seg->ack;
    }
}

/* It sent a reset, not only the refusal of a SYN before it began. */
static bool has_reset(const struct fst_life *life)
{
    return (life->flags & FST_LIFE_RST) && fst_seq_gt(life->rst_seq, life->iss);
}

/* A reset of the client was captured, one with which the server answers for want of a connection,
 * or the ACK that ended LAST-ACK. */
static bool may_be_over(const struct fst_life *server, const struct fst_life *client)
{
    return has_reset(client) || (has_reset(server) && !(server->flags & FST_LIFE_ABORTED)) ||
           ((client->flags & FST_LIFE_ACKED) && fst_set_has(FST_SET_GONE, server->likely) &&
            fst_ack_grade(server, client->ack_top) == FST_FACT_ACK_FIN);
}

/* Where the ACK of the handshake leads, or the newest of the client's. */
static bool may_begin_at(const struct fst_context *c, const struct fst_life *server, uint32_t seq)
{
    const struct fst_life *client = fst_counterpart(c->o, c->x, server);

    if (server->cookie == FST_COOKIE_RECALLED && seq == server->recalled_at)
        return true;
    if (!client || !(client->flags & FST_LIFE_ISS) || !fst_is_passive(server) ||
        !may_be_over(server, client))
        return false;
    return seq == server->iss + 1 ||
           (seq == client->ack_top && carries_cookie(server, client, client->snd_top, seq));
}

bool fst_may_be_reborn(const struct fst_context *c)
{
    return c->life->cookie == FST_COOKIE_REBORN || may_begin_at(c, c->life, c->seg->seq);
}

void fst_note_rebirth(struct fst_context *c)
{
    struct fst_life *server = c->life;
    /* The FIN alone at its old place contradicts nothing. */
    bool same_fin = (server->flags & FST_LIFE_FIN) && c->seg->seq == server->fin &&
                    fst_segment_has(c, FST_TCP_FIN);

    if (c->seg->seq != c->end && !same_fin && may_begin_at(c, server, c->seg->seq))
        server->cookie = FST_COOKIE_REBORN;
}
