/* SPDX-License-Identifier: MIT
 *
 * Windows, SACK blocks, timestamps and sizes. Windows need both SYNs, or the scale is unknown.
 */
#include "base/seq.h"
#include "tcp/checks.h"
#include "tcp/lives.h"
#include "tcp/marks.h"

static bool syn_captured(const struct fst_life *life)
{
    return (life->flags & FST_LIFE_ISS) && (life->flags & (FST_LIFE_ACTIVE | FST_LIFE_SYNACK)) &&
           !(life->flags & FST_LIFE_OPTIONS_CUT);
}

/* RFC 7323 2.2: scaling is on only if both SYNs had the option. */
static unsigned scale_between(const struct fst_life *life, const struct fst_life *peer)
{
    return (life->flags & peer->flags & FST_LIFE_WSCALE) ? life->wscale : 0;
}

/* A SYN's own window is not scaled. */
static unsigned scale_of(const struct fst_context *c)
{
    return fst_segment_has(c, FST_TCP_SYN) ? 0 : scale_between(c->life, c->peer);
}

/* Where the peer's probes of a closed window begin: 3.8.6.1. */
static void note_closed(struct fst_context *c)
{
    struct fst_life *life = c->life;

    if (life->closed && fst_seq_gt(c->seg->ack, life->closed_at + FST_LIFE_REACH / 2))
        life->closed = false; /* numbers compare within half the circle */
    if (c->seg->wnd_raw != 0 || !fst_segment_has(c, FST_TCP_ACK) ||
        (life->closed && !fst_seq_gt(c->seg->ack, life->closed_at)))
        return;
    life->closed = true;
    life->closed_at = c->seg->ack;
}

/* A window of zero is zero whatever the scale. */
static void note_zero_window(struct fst_context *c)
{
    struct fst_life *life = c->life;

    note_closed(c);
    if (c->seg->wnd_raw == 0) {
        if (!(life->flags & FST_LIFE_ZERO_WINDOW) && !fst_segment_has(c, FST_TCP_SYN))
            fst_report(c, FST_RULE_ZERO_WINDOW, 0, 0, 0);
        life->flags |= FST_LIFE_ZERO_WINDOW;
    } else {
        life->flags &= ~(uint32_t)FST_LIFE_ZERO_WINDOW;
    }
}

/* The window of a bare SYN, which acknowledges nothing, counts from the SYN of whom it reaches. */
static uint32_t edge_of_syn(const struct fst_life *peer, uint32_t window)
{
    return peer->iss + 1 + window;
}

void fst_note_syn_window(struct fst_context *c)
{
    struct fst_life *life = c->life;
    const struct fst_life *peer = fst_counterpart(c->o, c->x, life);

    if (!(life->flags & FST_LIFE_EDGE)) {
        life->edge = life->edge_last = c->seg->wnd_raw > life->edge ? c->seg->wnd_raw : life->edge;
    } else if (peer && (peer->flags & FST_LIFE_ISS)) { /* captured after its SYN-ACK */
        life->edge = fst_seq_max(life->edge, edge_of_syn(peer, c->seg->wnd_raw));
    }
}

/* Where both opened, one SYN of the peer's that died before the capture point may have had the
 * option though the captured ones have not: then the peer scales the windows it reads. */
static unsigned scale_as_read(const struct fst_life *life, const struct fst_life *peer)
{
    const uint32_t scaled = FST_LIFE_WSCALE | FST_LIFE_ACTIVE;

    if ((life->flags & scaled) == scaled && (peer->flags & FST_LIFE_ACTIVE))
        return life->wscale;
    return scale_between(life, peer);
}

static uint32_t right_edge(const struct fst_context *c, unsigned scale)
{
    return c->seg->ack + ((uint32_t)c->seg->wnd_raw << scale);
}

/* Rounding to the scale may lose up to one unit. */
static void note_narrow_window(struct fst_context *c)
{
    uint32_t wide = c->peer->iss + 1 + FST_WINDOW_WIDE;
    unsigned scale = scale_of(c);

    if (fst_seq_lt(right_edge(c, scale) + ((uint32_t)1 << scale), wide))
        c->life->flags |= FST_LIFE_NARROW;
}

static void check_own_window(struct fst_context *c)
{
    struct fst_life *life = c->life;
    unsigned scale = fst_segment_has(c, FST_TCP_SYN) ? 0 : scale_as_read(c->life, c->peer);
    uint32_t right = right_edge(c, scale);
    bool newer = !(life->flags & FST_LIFE_ACKED) || fst_seq_ge(c->seg->ack, life->ack_top);

    if (newer && !fst_segment_has(c, FST_TCP_SYN) && fst_seq_lt(c->seg->seq, life->snd_top))
        life->flags |= FST_LIFE_SENT_AGAIN;
    if (!(life->flags & FST_LIFE_EDGE)) {
        life->edge = fst_seq_max(right, edge_of_syn(c->peer, life->edge));
        life->edge_last = right;
        life->edge_packet = c->seg->packet;
        life->flags |= FST_LIFE_EDGE;
        return;
    }
    if (fst_seq_gt(right, life->edge)) {
        life->edge = right;
        life->edge_packet = c->seg->packet;
    }
    if (!newer)
        return;
    /* Rounding to the scale may lose up to one unit. */
    if (fst_seq_lt(right + ((uint32_t)1 << scale), life->edge_last)) {
        fst_report(c, FST_RULE_WINDOW_SHRUNK, life->edge_last - right, 0, 0);
        life->flags |= FST_LIFE_SHRANK;
    }
    life->edge_last = right;
}

/* Text of a SYN, and text sent early to a peer that asked for Fast Open, is bound by no window that
 * went with an ACK but by that of a SYN, or by the size of one; if it died before the capture point
 * it is sent again. From the first text that is acknowledged on, windows are known (3.8.6, RFC 7413
 * 4.2). */
static bool sent_early(const struct fst_context *c)
{
    bool early =
        c->life->syn_octets > 0 || ((c->life->flags | c->peer->flags) & FST_LIFE_FAST_OPEN);

    return early &&
           !((c->peer->flags & FST_LIFE_ACKED) && fst_seq_gt(c->peer->ack_top, c->life->iss + 1));
}

/* What is sent again acknowledges, but its window is not taken (SND.WL1, 3.10.7.4 fifth): an older,
 * wider one then counts from the new acknowledgment on. */
static uint32_t edge_of_sent_again(const struct fst_life *life, const struct fst_life *peer)
{
    return peer->ack_top + ((uint32_t)UINT16_MAX << scale_as_read(peer, life));
}

/* Every window the sender can have heard of crossed the capture before. */
uint32_t fst_farthest_edge(const struct fst_context *c)
{
    const struct fst_life *peer = c->peer;
    uint32_t edge = peer->edge;

    if ((peer->flags & FST_LIFE_SENT_AGAIN) && (peer->flags & FST_LIFE_ACKED))
        edge = fst_seq_max(edge, edge_of_sent_again(c->life, peer));
    if (sent_early(c))
        edge = fst_seq_max(edge, c->life->iss + FST_WINDOW_OF_SYN);
    return edge;
}

/* At least one octet of text goes into a closed window, new or again, and nothing says how many at
 * most; who sends it need not have heard of a window opened since (3.8.6.1). */
static bool may_be_probe(const struct fst_context *c)
{
    return c->peer->closed && fst_seq_le(c->seg->seq, c->peer->closed_at);
}

static bool check_peer_window(struct fst_context *c)
{
    struct fst_life *peer = c->peer;
    uint32_t text_end = c->seg->seq + c->payload_len, edge;

    if (!(peer->flags & FST_LIFE_EDGE) || c->payload_len == 0 || fst_segment_has(c, FST_TCP_SYN))
        return true;
    if (c->payload_len == 1 && (peer->flags & FST_LIFE_ZERO_WINDOW) &&
        c->seg->seq == peer->edge_last)
        fst_report(c, FST_RULE_ZERO_WINDOW_PROBE, 0, 0, peer->edge_packet);
    /* What a cookie brings back need not be what the windows are scaled by. */
    if (!c->news_text || (peer->flags & FST_LIFE_TAINTED) || (c->life->cookie == FST_COOKIE_REBORN))
        return true;
    /* It offered them to another life of the sender: they count that one's numbers (3.8.6). */
    if (peer->peer != FST_NO_LIFE && peer->peer != c->life_index)
        return true;
    /* Text of a life whose SYN died before the capture point: only Fast Open sends any. */
    if (!c->in_run && fst_life_opens_fast(peer))
        return true;
    edge = fst_farthest_edge(c);
    if (fst_seq_le(text_end, edge + 1))
        return true;
    if (may_be_probe(c)) {
        fst_report(c, FST_RULE_ZERO_WINDOW_PROBE, 0, 0, peer->edge_packet);
        return true;
    }
    fst_report(c, FST_RULE_WINDOW_OVERRUN, fst_relative(c->life, text_end),
               fst_relative(c->life, edge), peer->edge_packet);
    if (!c->lossless)
        return true;
    c->life->flags |= FST_LIFE_TAINTED | FST_LIFE_HEARD;
    fst_life_claim(c->life, c->end); /* the peer may take it all the same */
    return false;
}

static void check_sack(struct fst_context *c)
{
    const struct fst_tcp_options *options = &c->seg->options;
    const struct fst_life *peer = c->peer;
    uint32_t sent = fst_seq_max(peer->occ, peer->claimed);
    unsigned i;

    if (!(options->present & FST_OPT_SACK) || !c->ack_known || (peer->flags & FST_LIFE_TAINTED))
        return;
    if (syn_captured(peer) && !(peer->flags & FST_LIFE_SACK) &&
        !fst_may_be_reborn(c)) /* RFC 2018 4 */
        fst_report(c, FST_RULE_OPTION_NOT_OFFERED, 0, 0, peer->syn_packet);
    for (i = 0; i < options->sack_count; i++) {
        uint32_t right = options->sack[i][1];

        /* A block reports octets received (RFC 2018 3), so they were sent. Below ACK: a duplicate.
         */
        if (fst_seq_gt(right, sent) && fst_seq_gt(right, c->seg->ack) &&
            fst_life_acked(c->o, c->y, right, FST_NO_LIFE) == FST_NO_LIFE) {
            fst_report(c, FST_RULE_SACK_OF_UNSEEN_DATA, fst_relative(peer, right),
                       fst_relative(peer, sent), peer->top_packet);
            return;
        }
    }
}

static void check_timestamps(struct fst_context *c)
{
    const struct fst_tcp_options *options = &c->seg->options;
    const uint32_t known = FST_LIFE_TS | FST_LIFE_NO_TS;
    struct fst_life *life = c->life;

    if (fst_segment_has(c, FST_TCP_SYN) || c->seg->options_cut)
        return;
    if (!(options->present & FST_OPT_TIMESTAMPS)) {
        if (!syn_captured(life) || !syn_captured(c->peer) || (life->flags & known) != FST_LIFE_TS ||
            (c->peer->flags & known) != FST_LIFE_TS)
            return;
        /* Once both SYNs had it, every segment but RST has it: RFC 7323 3.2. Who opened may have
         * sent another SYN without it, which died; Linux leaves it out while there is 0 to echo. */
        if (!(life->flags & FST_LIFE_ACKED))
            life->flags |= FST_LIFE_NO_TS;
        else if (c->peer->ts_val != 0)
            fst_report(c, FST_RULE_TIMESTAMP_MISSING, 0, 0, c->peer->syn_packet);
        return;
    }
    if (!(life->flags & FST_LIFE_TS_VAL) || fst_seq_ge(options->ts_val, life->ts_val)) {
        life->ts_val = options->ts_val;
        life->flags |= FST_LIFE_TS_VAL;
    } else if ((c->news_text || c->news_fin || c->news_ack) && !(life->flags & FST_LIFE_ABORTED)) {
        fst_report(c, FST_RULE_TIMESTAMP_WENT_BACK, life->ts_val - options->ts_val, 0, 0);
    }
}

bool fst_check_window(struct fst_context *c)
{
    static const uint32_t size_limit[] = {UINT32_MAX, 2048, 16384, UINT32_MAX}; /* by mss_class */

    bool fine = true;

    if (!c->peer)
        return true;
    if (c->news_text && c->payload_len >= size_limit[c->peer->mss_class])
        fst_report(c, FST_RULE_OVERSIZED_SEGMENT, c->payload_len, size_limit[c->peer->mss_class],
                   c->peer->syn_packet);
    if (syn_captured(c->life) && syn_captured(c->peer)) {
        fine = check_peer_window(c);
        note_narrow_window(c);
        if (c->ack_known)
            check_own_window(c);
    }
    note_zero_window(c);
    check_sack(c);
    check_timestamps(c);
    return fine;
}
