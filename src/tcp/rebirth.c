/* SPDX-License-Identifier: MIT
 *
 * Servers that begin again. A server that keeps a handshake in the number of its SYN-ACK instead of
 * its memory (SYN cookies, RFC 4987 3.6) opens the connection again when a late segment brings the
 * cookie back, though its own connection is over: then numbers are used twice, which RFC 9293 3.4.1
 * rules out. Linux compares no more than the difference of ACK and SEQ, so every segment brings it
 * back that acknowledges as many octets as were sent before it.
 *
 * Assumes: a server whose reset was captured may do so; one whose end was not was sent such a
 * segment after what it had sent before, and sends text or a FIN from where that leads.
 */
#include "base/seq.h"
#include "tcp/checks.h"
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

static bool brings_cookie_back(const struct fst_context *c, const struct fst_life *server)
{
    uint32_t acked = c->seg->ack - server->iss;

    return (c->life->flags & FST_LIFE_ISS) ? c->seg->seq - c->life->iss == acked : acked == 1;
}

void fst_recall(struct fst_context *c)
{
    struct fst_life *server = c->peer;

    if (!server || !fst_is_passive(server) || !brings_cookie_back(c, server))
        return;
    if (fst_ended_by_reset(server) && !fst_seq_lt(c->seg->ack, c->life->ack_top)) {
        fst_begin_again(server);
    } else if (fst_seq_gt(server->occ, c->seg->ack) && server->cookie == FST_COOKIE_IDLE) {
        server->cookie = FST_COOKIE_RECALLED;
        server->recalled_at = c->seg->ack;
    }
}

void fst_note_rebirth(struct fst_context *c)
{
    struct fst_life *server = c->life;
    /* The FIN alone at its old place contradicts nothing. */
    bool same_fin = (server->flags & FST_LIFE_FIN) && c->seg->seq == server->fin &&
                    fst_segment_has(c, FST_TCP_FIN);

    if (server->cookie == FST_COOKIE_RECALLED && c->seg->seq != c->end &&
        c->seg->seq == server->recalled_at && !same_fin)
        server->cookie = FST_COOKIE_REBORN;
}
