/* SPDX-License-Identifier: MIT */
#include "tcp/marks.h"

#include <string.h>

#include "base/seq.h"
#include "tcp/states.h"

void fst_life_init(struct fst_life *life, uint16_t incarnation)
{
    memset(life, 0, sizeof(*life));
    life->flags = FST_LIFE_USED;
    life->possible = life->wide = FST_SET_GONE;
    life->likely = FST_LISTEN;
    life->peer = FST_NO_LIFE;
    life->incarnation = incarnation;
}

void fst_life_place(struct fst_life *life, uint32_t seq)
{
    life->flags |= FST_LIFE_PLACED;
    life->occ = life->snd_top = life->snd_low = life->run_low = life->run_high = seq;
    life->claimed = seq;
    life->rst_seq = seq; /* a reset before its first number tells nothing of its numbers */
}

void fst_life_replace(struct fst_life *life, uint32_t seq)
{
    life->snd_low = fst_seq_min(life->snd_low, seq);
    life->occ = life->snd_top = life->run_low = life->run_high = seq;
    life->flags &= ~(uint32_t)FST_LIFE_ACKED;
}

/* Merge [low, high) into the ranges. When they are full the lowest gap is closed: octets that were
 * not captured then count as captured, which only weakens what is said of them. */
static void add_range(struct fst_life *life, uint32_t low, uint32_t high)
{
    struct fst_range *ranges = life->ranges;
    unsigned n = life->range_count;
    unsigned first = 0, last;

    while (first < n && fst_seq_lt(ranges[first].high, low))
        first++;
    last = first;
    while (last < n && fst_seq_le(ranges[last].low, high)) {
        low = fst_seq_min(low, ranges[last].low);
        high = fst_seq_max(high, ranges[last].high);
        last++;
    }
    if (first == last && n == FST_RANGES_MAX) {
        if (first == 0) {
            ranges[0].low = low;
            return;
        }
        ranges[0].high = ranges[1].high;
        memmove(&ranges[1], &ranges[2], (n - 2) * sizeof(ranges[0]));
        life->range_count--;
        add_range(life, low, high); /* once: there is room now */
        return;
    }
    memmove(&ranges[first + 1], &ranges[last], (n - last) * sizeof(ranges[0]));
    ranges[first] = (struct fst_range){low, high};
    life->range_count = (uint8_t)(n + 1 - (last - first));
}

void fst_life_extend_run(struct fst_life *life, uint32_t high)
{
    unsigned i;

    life->run_high = fst_seq_max(life->run_high, high);
    for (i = 0; i < life->range_count; i++) /* ascending: one pass reaches all it touches */
        if (fst_seq_le(life->ranges[i].low, life->run_high) &&
            fst_seq_gt(life->ranges[i].high, life->run_high))
            life->run_high = life->ranges[i].high;
}

static void forget_ranges_below(struct fst_life *life, uint32_t low)
{
    unsigned gone = 0;

    while (gone < life->range_count && fst_seq_le(life->ranges[gone].high, low))
        gone++;
    life->range_count -= (uint8_t)gone;
    memmove(life->ranges, life->ranges + gone, life->range_count * sizeof(life->ranges[0]));
    if (life->range_count > 0)
        life->ranges[0].low = fst_seq_max(life->ranges[0].low, low);
}

/* Numbers compare within half the circle (3.4), so those that no window reaches any more are
 * forgotten, half of them at a time. */
static void keep_in_reach(struct fst_life *life)
{
    uint32_t low = life->snd_top - FST_LIFE_REACH / 2;

    if (life->snd_top - fst_seq_min(life->snd_low, life->run_low) <= FST_LIFE_REACH)
        return;
    if (life->flags & FST_LIFE_ISS)
        life->iss = low;
    life->syn_octets = 0;
    life->snd_low = fst_seq_max(life->snd_low, low);
    life->run_low = fst_seq_max(life->run_low, low);
    life->run_high = fst_seq_max(life->run_high, low);
    life->claimed = fst_seq_max(life->claimed, low);
    life->occ = fst_seq_max(life->occ, low);
    forget_ranges_below(life, low);
}

void fst_life_book(struct fst_life *life, uint32_t seq, uint32_t end, uint64_t packet)
{
    bool touches = fst_seq_le(seq, life->run_high) && fst_seq_ge(end, life->run_low);

    life->snd_low = fst_seq_min(life->snd_low, seq);
    if (fst_seq_gt(end, life->claimed))
        life->claimed = end;
    if (fst_seq_gt(end, life->snd_top))
        life->snd_top = end;
    keep_in_reach(life);
    if (seq == end)
        return;
    if (fst_seq_gt(end, life->occ)) {
        life->occ = end;
        life->top_packet = packet;
    }
    add_range(life, seq, end);
    if (touches) {
        life->run_low = fst_seq_min(life->run_low, seq);
        fst_life_extend_run(life, end);
    }
}

static void fall_back_to_run(struct fst_life *life)
{
    life->occ = life->snd_top = life->claimed = life->run_high;
    while (life->range_count > 0 &&
           fst_seq_gt(life->ranges[life->range_count - 1].low, life->run_high))
        life->range_count--;
    if ((life->flags & FST_LIFE_FIN) && fst_seq_gt(life->fin, life->run_high))
        life->flags &= ~(uint32_t)(FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED);
}

void fst_life_share_closing(struct fst_life *life, const struct fst_life *other)
{
    if (!other->closed || (life->closed && !fst_seq_gt(other->closed_at, life->closed_at)))
        return;
    life->closed = true;
    life->closed_at = other->closed_at;
}

bool fst_life_take_over(struct fst_life *life, struct fst_life *other)
{
    uint32_t next = life->occ;
    unsigned i;

    for (i = 0; i < other->range_count; i++) {
        const struct fst_range range = other->ranges[i];

        if (range.low != next || fst_seq_le(range.low, other->run_high))
            continue;
        fst_life_book(life, range.low, range.high, other->top_packet);
        if ((other->flags & FST_LIFE_FIN) &&
            fst_seq_within(range.low, other->fin, range.high - 1)) {
            life->flags |= FST_LIFE_FIN;
            life->fin = other->fin;
            life->fin_packet = other->fin_packet;
            life->fin_probed = other->fin_probed;
        } else if (other->doubted.known &&
                   fst_seq_within(range.low, other->doubted.fin, range.high - 1)) {
            life->flags |= FST_LIFE_FIN;
            life->fin = other->doubted.fin;
            life->fin_packet = other->doubted.packet;
            other->doubted.known = false;
        }
        life->facts |= other->facts;
        life->lone_top = other->lone_top;
        fall_back_to_run(other);
        return true;
    }
    return false;
}

void fst_life_claim(struct fst_life *life, uint32_t end)
{
    if (life->flags & FST_LIFE_PLACED)
        life->claimed = fst_seq_max(life->claimed, end);
}

bool fst_life_has_range(const struct fst_life *life, uint32_t seq, uint32_t end)
{
    unsigned i;

    for (i = 0; i < life->range_count; i++)
        if (fst_seq_ge(seq, life->ranges[i].low) && fst_seq_le(end, life->ranges[i].high))
            return seq != end;
    return false;
}

bool fst_life_has_octet(const struct fst_life *life, uint32_t seq)
{
    unsigned i;

    for (i = 1; i < life->range_count; i++)
        if (fst_seq_ge(seq, life->ranges[i].low) && fst_seq_lt(seq, life->ranges[i].high))
            return true;
    return false;
}

bool fst_life_no_hole(const struct fst_life *life, uint32_t low, uint32_t high)
{
    return fst_seq_ge(low, high) || fst_life_has_range(life, low, high);
}

bool fst_life_in_run(const struct fst_life *life, uint32_t seq)
{
    return (life->flags & FST_LIFE_PLACED) != 0 &&
           fst_seq_within(life->run_low, seq, life->run_high);
}

bool fst_life_contains_ack(const struct fst_life *life, uint32_t ack)
{
    uint32_t low;

    if (!(life->flags & FST_LIFE_PLACED))
        return false;
    /* Acknowledging the ISS itself acknowledges nothing of this life. */
    low = life->flags & FST_LIFE_ISS ? life->iss + 1 : life->snd_low;
    return fst_seq_ge(ack, low) && fst_seq_le(ack, life->occ);
}

bool fst_life_admits_ack(const struct fst_life *life, uint32_t ack)
{
    const uint32_t moved = FST_LIFE_TAINTED | FST_LIFE_ISS;

    return fst_life_contains_ack(life, ack) ||
           ((life->flags & FST_LIFE_PLACED) && fst_seq_gt(ack, life->occ) &&
            fst_seq_le(ack, life->claimed)) ||
           ((life->flags & moved) == moved && ack == life->iss);
}
