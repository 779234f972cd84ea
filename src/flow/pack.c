/* SPDX-License-Identifier: MIT
 *
 * `packed` of an endpoint, from bit 0: 18 flags, 11 states of `possible`, 13 of `wide`, 4 of the
 * likely state, 4 of the window scale, 13 facts, one more flag. A scale of 15, which no SYN can
 * offer, with none offered says that options were cut off. More numbers of likely states say that
 * the octet below `occ` came alone, or that the own SYN may not be acknowledged yet. An ordinary
 * life has no more to it: its numbers run from the ISS to `occ` without a hole, and its peer is the
 * other side's only life.
 */
#include "flow/pack.h"

#include <string.h>

#include "base/seq.h"
#include "tcp/cookie.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/observer.h"
#include "tcp/states.h"

/* The flags of a life that are kept stand in the same places. */
#define KEPT_FLAGS (FST_LIFE_MIDSTREAM * 2 - 1)

static_assert(KEPT_FLAGS == (1u << FST_END_GOOD_CHECKSUM) - 1 &&
                  FST_LIFE_HEARD == 1u << FST_END_HEARD && FST_LIFE_FIN == 1u << FST_END_FIN &&
                  FST_LIFE_EDGE == 1u << FST_END_EDGE &&
                  FST_LIFE_MIDSTREAM == 1u << FST_END_MIDSTREAM,
              "the two lists have one order");

/* The fact masks an ordinary connection meets. */
static const uint8_t kept_facts[] = {
    FST_FACT_SYN,
    FST_FACT_SYN | FST_FACT_ACK,
    FST_FACT_SYN | FST_FACT_ACK_SYN,
    FST_FACT_ACK,
    FST_FACT_ACK_SYN,
    FST_FACT_ACK_FIN,
    FST_FACT_FIN | FST_FACT_ACK,
    FST_FACT_FIN | FST_FACT_ACK_SYN,
    FST_FACT_FIN | FST_FACT_ACK_FIN,
    FST_FACT_RST,
    FST_FACT_RST | FST_FACT_ACK,
    FST_FACT_RST | FST_FACT_ACK_SYN,
    FST_FACT_RST | FST_FACT_ACK_FIN,
};

#define FACTS          (sizeof(kept_facts))
#define STATES_MASK    ((1u << FST_STATE_COUNT) - 1)
#define WIDE_MASK      ((1u << FST_INNER_STATES) - 1)
#define POSSIBLE_SHIFT 18
#define WIDE_SHIFT     29
#define BIT(n)         ((uint64_t)1 << (n))
/* What ESTABLISHED is closed to: see the UNSEEN rows; LISTEN as well for who was opened passively.
 */
#define STEADY_WIDE    (FST_SET(FST_ESTABLISHED) | FST_SET(FST_FIN_WAIT_1) | FST_SET(FST_CLOSED))
#define LIKELY_SHIFT   42
#define WSCALE_SHIFT   FST_END_WSCALE_SHIFT
#define FACTS_SHIFT    50
#define ACK_SYN_FACT   (FACTS_SHIFT + 4) /* place of FST_FACT_ACK_SYN in kept_facts */
#define FACTS_MASK     ((1u << FACTS) - 1)
#define SENT_AGAIN_BIT 63

static unsigned packed_scale(const struct fst_life *life)
{
    if (life->flags & FST_LIFE_WSCALE)
        return life->wscale & 15;
    return life->flags & FST_LIFE_OPTIONS_CUT ? FST_END_SCALE_CUT : 0;
}

static void unpack_scale(struct fst_life *life, uint64_t packed)
{
    life->wscale = packed >> WSCALE_SHIFT & 15;
    if (life->wscale == FST_END_SCALE_CUT && !(life->flags & FST_LIFE_WSCALE)) {
        life->wscale = 0;
        life->flags |= FST_LIFE_OPTIONS_CUT;
    }
}

#define INNER (FST_SET(FST_FIN_WAIT_1_SYN) | FST_SET(FST_CLOSING_SYN))

/* Numbers of likely states beyond those of the states themselves. */
static const struct {
    uint8_t state;
    bool lone;    /* the octet below `occ` came alone */
    bool pending; /* all inner states of `wide` are possible */
} more_numbers[] = {
    {FST_ESTABLISHED, true, false}, {FST_CLOSE_WAIT, true, false}, {FST_FIN_WAIT_1, false, true},
    {FST_FIN_WAIT_2, false, true},  {FST_TIME_WAIT, false, true},
};

#define MORE_NUMBERS (sizeof(more_numbers) / sizeof(more_numbers[0]))

static_assert(FST_STATE_COUNT + MORE_NUMBERS <= 16, "fit 4 bits");

static bool is_lone(unsigned number)
{
    return number >= FST_STATE_COUNT && more_numbers[number - FST_STATE_COUNT].lone;
}

static bool is_pending(unsigned number)
{
    return number >= FST_STATE_COUNT && more_numbers[number - FST_STATE_COUNT].pending;
}

static unsigned number_of_likely(const struct fst_life *life)
{
    bool pending = (life->possible & INNER) != 0;

    for (unsigned i = 0; i < MORE_NUMBERS; i++)
        if (more_numbers[i].state == life->likely && more_numbers[i].lone == life->lone_top &&
            more_numbers[i].pending == pending)
            return FST_STATE_COUNT + i;
    return fst_state_shown(life->likely);
}

/* Whether all is in that number that is to be. */
static bool likely_is_kept(const struct fst_life *life)
{
    unsigned number = number_of_likely(life);
    fst_state_set inner = is_pending(number) ? life->wide & INNER : 0;

    return life->likely < FST_STATE_COUNT && is_lone(number) == life->lone_top &&
           (life->possible & INNER) == inner && (fst_set_shown(inner) & ~life->possible) == 0;
}

static uint64_t pack_bits(const struct fst_life *life, fst_state_set possible, bool good_checksum)
{
    uint64_t packed = life->flags & KEPT_FLAGS;
    unsigned i;

    for (i = 0; i < FACTS; i++)
        packed |= (uint64_t)(life->facts >> kept_facts[i] & 1) << (FACTS_SHIFT + i);
    packed |= (uint64_t)((life->flags & FST_LIFE_SENT_AGAIN) != 0) << SENT_AGAIN_BIT;
    packed |= (uint64_t)good_checksum << FST_END_GOOD_CHECKSUM;
    packed |= (uint64_t)possible << POSSIBLE_SHIFT;
    packed |= (uint64_t)(life->wide & WIDE_MASK) << WIDE_SHIFT;
    packed |= (uint64_t)number_of_likely(life) << LIKELY_SHIFT;
    packed |= (uint64_t)packed_scale(life) << WSCALE_SHIFT;
    return packed;
}

static uint32_t flags_that_may_be(void)
{
    return KEPT_FLAGS | FST_LIFE_USED | FST_LIFE_TS_VAL | FST_LIFE_NO_TS | FST_LIFE_NARROW |
           FST_LIFE_PLACED | FST_LIFE_ISS | FST_LIFE_SENT_AGAIN | FST_LIFE_OPTIONS_CUT;
}

static uint32_t facts_that_may_be(void)
{
    uint32_t facts = 0;
    unsigned i;

    for (i = 0; i < FACTS; i++)
        facts |= fst_fact(kept_facts[i]);
    return facts;
}

static bool syn_captured(uint32_t flags)
{
    return (flags & (FST_LIFE_ACTIVE | FST_LIFE_SYNACK)) != 0;
}

/* Flags that follow from the kept ones. */
static uint32_t implied_flags(uint32_t flags, bool ts_val)
{
    uint32_t implied = FST_LIFE_USED;

    if (flags & FST_LIFE_HEARD)
        implied |= FST_LIFE_PLACED | (flags & FST_LIFE_MIDSTREAM ? 0 : FST_LIFE_ISS);
    if (syn_captured(flags) && !(flags & FST_LIFE_TS))
        implied |= FST_LIFE_NO_TS;
    if ((flags & FST_LIFE_TS) || ts_val)
        implied |= FST_LIFE_TS_VAL;
    return implied;
}

/* Rounding to the scale moves the edge by less than a unit; only labels could tell. Windows are
 * scaled if both SYNs said so: RFC 7323 2.2. */
static bool edge_is_ordinary(const struct fst_life *life, const struct fst_life *peer)
{
    unsigned scale = life->flags & peer->flags & FST_LIFE_WSCALE ? life->wscale : 0;

    return !(life->flags & FST_LIFE_EDGE) ||
           fst_seq_within(life->edge - ((1u << scale) - 1), life->edge_last, life->edge);
}

static bool is_closed(const struct fst_life *life)
{
    const uint32_t closed = FST_LIFE_ZERO_WINDOW | FST_LIFE_ACKED;

    return (life->flags & closed) == closed;
}

/* A window that was closed before matters until its peer has gone on from there, and no probe of
 * it, which is no longer than a segment, reaches beyond what is open now. */
static bool closing_is_ordinary(const struct fst_life *life)
{
    if (is_closed(life))
        return life->closed && life->closed_at == life->ack_top;
    return !life->closed || !(life->flags & FST_LIFE_EDGE) ||
           (fst_seq_gt(life->ack_top, life->closed_at) &&
            life->edge - life->closed_at > UINT16_MAX);
}

static bool numbers_are_ordinary(const struct fst_life *life, const struct fst_life *peer)
{
    uint32_t low = life->flags & FST_LIFE_ISS ? life->iss : life->snd_low;
    bool none = !(life->flags & FST_LIFE_HEARD);

    if ((life->flags & FST_LIFE_RST) && life->rst_peer_occ != peer->occ)
        return false;
    if (!(life->flags & FST_LIFE_PLACED))
        return life->range_count == 0;
    if (life->snd_low != low || life->run_low != low || life->run_high != life->occ ||
        life->snd_top != life->occ || life->claimed != life->occ || none)
        return false;
    if (life->occ == low ? life->range_count != 0
                         : life->range_count != 1 || life->ranges[0].low != low ||
                               life->ranges[0].high != life->occ)
        return false;
    if ((life->flags & FST_LIFE_FIN) && life->fin + 1 != life->occ)
        return false;
    if ((life->flags & FST_LIFE_RST) && life->rst_seq != life->occ)
        return false;
    return edge_is_ordinary(life, peer);
}

static uint8_t sent_facts(uint32_t flags)
{
    return (uint8_t)((flags & FST_LIFE_ACTIVE ? 1 : 0) | (flags & FST_LIFE_FIN ? 2 : 0));
}

/* Which of the two SYNs was captured first is not kept. */
static bool both_opened(const struct fst_life *life, const struct fst_life *peer)
{
    return (life->flags & peer->flags & FST_LIFE_ACTIVE) != 0;
}

static bool life_is_ordinary(const struct fst_observed_side *side, const struct fst_life *peer)
{
    const struct fst_life *life = &side->lives[0];
    bool ts_val = (life->flags & FST_LIFE_TS_VAL) && life->ts_val != 0;
    const uint32_t implied = FST_LIFE_NO_TS | FST_LIFE_PLACED | FST_LIFE_ISS |
                             (life->flags & FST_LIFE_ABORTED ? 0 : FST_LIFE_TS_VAL);
    const uint32_t cut_and_scaled = FST_LIFE_OPTIONS_CUT | FST_LIFE_WSCALE;

    return side->current == 0 && side->born == 1 && !side->asks_challenge && !side->bad_checksum &&
           !side->evicted && side->stray_reset == 0 &&
           side->sent_facts == sent_facts(life->flags) &&
           (life->flags & ~flags_that_may_be()) == 0 && (life->facts & ~facts_that_may_be()) == 0 &&
           life->syn_octets == 0 && life->cookie == FST_COOKIE_IDLE && likely_is_kept(life) &&
           life->incarnation == 1 && !both_opened(life, peer) && !fst_life_is_far(life) &&
           (life->flags & cut_and_scaled) != cut_and_scaled && closing_is_ordinary(life) &&
           !life->fin_probed && !life->doubted.known &&
           (life->flags & implied) == (implied_flags(life->flags, ts_val) & implied) &&
           life->peer == (((life->flags | peer->flags) & FST_LIFE_ACKED) ? 0 : FST_NO_LIFE) &&
           numbers_are_ordinary(life, peer);
}

static void unpack_numbers(struct fst_life *life, const struct fst_endpoint *end,
                           const struct fst_endpoint *peer)
{
    life->iss = life->origin = life->flags & FST_LIFE_ISS ? end->iss : 0;
    life->snd_low = life->run_low = end->iss;
    life->occ = life->snd_top = life->run_high = life->claimed = end->occ;
    life->range_count = end->occ != end->iss;
    if (life->range_count)
        life->ranges[0] = (struct fst_range){end->iss, end->occ};
    if (life->flags & FST_LIFE_FIN)
        life->fin = end->occ - 1;
    life->rst_seq = end->iss;
    if (life->flags & FST_LIFE_RST) {
        life->rst_seq = end->occ;
        life->rst_peer_occ = peer->occ;
    }
    life->ack_top = end->ack_top;
    life->edge = life->edge_last = end->edge;
    if (life->flags & FST_LIFE_ABORTED) { /* its last timestamp has given way */
        life->rst_ttl = (uint8_t)end->ts_val;
        life->flags &= ~(uint32_t)FST_LIFE_TS_VAL;
    } else {
        life->ts_val = end->ts_val;
    }
}

void fst_unpack(struct fst_observation *o, const struct fst_record *record, uint32_t first_packet,
                const uint32_t fin_packet[2])
{
    unsigned client = record->kind >> FST_KIND_CLIENT_SHIFT & 1, s;

    for (s = 0; s < 2; s++) {
        struct fst_observed_side *side = &o->side[s];
        struct fst_life *life = &side->lives[0];
        const struct fst_endpoint *end = &record->end[s];
        uint64_t packed = end->packed, facts;

        memset(side, 0, offsetof(struct fst_observed_side, lives) + sizeof(*life));
        life->flags = packed & KEPT_FLAGS;
        for (facts = packed >> FACTS_SHIFT & FACTS_MASK; facts != 0; facts &= facts - 1)
            life->facts |= fst_fact(kept_facts[__builtin_ctzll(facts)]);
        if (packed >> SENT_AGAIN_BIT)
            life->flags |= FST_LIFE_SENT_AGAIN;
        if (record->kind >> (FST_KIND_NARROW_SHIFT + s) & 1)
            life->flags |= FST_LIFE_NARROW;
        life->mss_class = record->kind >> (FST_KIND_MSS_SHIFT + 2 * s) & 3;
        life->flags |= implied_flags(life->flags, end->ts_val != 0);
        life->possible = packed >> POSSIBLE_SHIFT & STATES_MASK;
        life->wide = packed >> WIDE_SHIFT & WIDE_MASK;
        life->likely = (uint8_t)fst_end_state(end);
        life->lone_top = is_lone(packed >> LIKELY_SHIFT & 15);
        life->closed = is_closed(life);
        life->closed_at = life->closed ? end->ack_top : 0;
        if (is_pending(packed >> LIKELY_SHIFT & 15))
            life->possible |= life->wide & INNER;
        unpack_scale(life, packed);
        life->incarnation = 1;
        life->fin_packet = fin_packet[s];
        if ((life->flags & FST_LIFE_ACTIVE) && s == client)
            life->syn_packet = first_packet;
        unpack_numbers(life, end, &record->end[!s]);
        life->peer = FST_NO_LIFE;
        side->born = 1;
        side->good_checksum = packed >> FST_END_GOOD_CHECKSUM & 1;
        side->heard = end->packets > 0; /* a refusal makes no life heard, but the side is there */
        side->segments = end->packets < 4 ? (uint8_t)end->packets : 4;
        side->sent_facts = sent_facts(life->flags);
    }
    for (s = 0; s < 2; s++) {
        uint32_t other = o->side[!s].lives[0].flags;

        if ((o->side[s].lives[0].flags | other) & FST_LIFE_ACKED)
            o->side[s].lives[0].peer = 0;
        o->side[s].lives[0].peers = (other & FST_LIFE_ACTIVE) != 0;
        o->side[s].reset_peers = (other & FST_LIFE_HEARD) != 0;
    }
    o->incarnation = 1;
    o->held_count = 0;
    o->one_sided = false;
    o->started = true;
    o->last_hash = record->last_hash;
    o->last_time_ns = record->ts_last;
    o->last_packet = 0;
}

static bool is_passive(const struct fst_endpoint *end)
{
    return fst_end_is(end, FST_END_SYNACK) && !fst_end_is(end, FST_END_ACTIVE);
}

static bool may_be_over(const struct fst_endpoint *server, const struct fst_endpoint *client)
{
    return fst_end_is(server, FST_END_RST) || fst_end_is(client, FST_END_RST) ||
           fst_set_has(FST_SET_GONE, fst_end_state(server));
}

/* A client's segment that may be one for a server which has forgotten it, or never noted it. */
static bool may_meet_cookie(const struct fst_endpoint *from, const struct fst_endpoint *to,
                            const struct fst_segment *segment)
{
    return is_passive(to) && (fst_seq_gt(to->occ, segment->ack) || may_be_over(to, from));
}

static bool may_come_back(const struct fst_endpoint *from, const struct fst_endpoint *to)
{
    return is_passive(from) && may_be_over(from, to);
}

bool fst_ends_may_recall(const struct fst_endpoint *from, const struct fst_endpoint *to,
                         const struct fst_segment *segment)
{
    return may_meet_cookie(from, to, segment) || may_come_back(from, to);
}

bool fst_ends_recall(const struct fst_endpoint *from, const struct fst_endpoint *to,
                     const struct fst_segment *segment)
{
    bool origin = !fst_end_is(from, FST_END_MIDSTREAM);
    uint32_t acked = segment->ack - to->iss;

    if (may_meet_cookie(from, to, segment))
        return origin ? fst_passes_for_cookie(acked, segment->seq - from->iss) : acked == 1;
    return may_come_back(from, to) &&
           fst_passes_for_cookie(segment->seq - from->iss, to->occ - to->iss);
}

static uint32_t to_number32(uint64_t packet)
{
    return packet <= UINT32_MAX ? (uint32_t)packet : 0;
}

/* Established for certain with nothing pending: an ordinary segment changes numbers and nothing
 * else. */
static bool is_steady(uint64_t packed)
{
    const uint64_t needed =
        BIT(FST_END_HEARD) | BIT(FST_END_ACKED) | BIT(FST_END_TIED) | BIT(FST_END_EDGE) |
        (uint64_t)FST_SET(FST_ESTABLISHED) << POSSIBLE_SHIFT | (uint64_t)STEADY_WIDE << WIDE_SHIFT |
        (uint64_t)FST_ESTABLISHED << LIKELY_SHIFT;
    const uint64_t barred = BIT(FST_END_FIN) | BIT(FST_END_RST) | BIT(FST_END_ABORTED) |
                            BIT(FST_END_ZERO_WINDOW) | BIT(FST_END_INFERRED) |
                            BIT(FST_END_RST_EXACT) | BIT(FST_END_MIDSTREAM);
    const uint64_t states = (uint64_t)STATES_MASK << POSSIBLE_SHIFT |
                            (uint64_t)(WIDE_MASK & ~FST_SET(FST_LISTEN)) << WIDE_SHIFT |
                            (uint64_t)15 << LIKELY_SHIFT;
    const uint64_t flags =
        BIT(FST_END_HEARD) | BIT(FST_END_ACKED) | BIT(FST_END_TIED) | BIT(FST_END_EDGE);

    return (packed & (states | flags | barred)) == needed && (packed >> ACK_SYN_FACT & 1);
}

bool fst_pack(struct fst_record *record, uint32_t fin_packet[2], const struct fst_observation *o)
{
    bool whole;
    unsigned s;

    for (s = 0; s < 2; s++) {
        const struct fst_observed_side *side = &o->side[s];
        const struct fst_life *life = &side->lives[side->current];
        struct fst_endpoint *end = &record->end[s];
        unsigned shift = FST_KIND_MSS_SHIFT + 2 * s;

        end->iss = life->flags & FST_LIFE_ISS ? life->origin : life->snd_low;
        end->occ = life->occ;
        end->ack_top = life->ack_top;
        end->edge = life->edge;
        end->ts_val = life->flags & FST_LIFE_ABORTED ? life->rst_ttl : life->ts_val;
        end->packed = pack_bits(life, fst_observed_possible(o, s), side->good_checksum);
        fin_packet[s] = life->flags & FST_LIFE_FIN ? to_number32(life->fin_packet) : 0;
        record->kind &= ~(UINT32_C(3) << shift | UINT32_C(1) << (FST_KIND_NARROW_SHIFT + s));
        record->kind |= (uint32_t)life->mss_class << shift;
        record->kind |= (uint32_t)((life->flags & FST_LIFE_NARROW) != 0)
                        << (FST_KIND_NARROW_SHIFT + s);
    }
    record->kind &= ~FST_KIND_STEADY;
    record->last_hash = o->last_hash;
    whole = o->incarnation == 1 && o->held_count == 0 && !o->one_sided &&
            life_is_ordinary(&o->side[0], &o->side[1].lives[0]) &&
            life_is_ordinary(&o->side[1], &o->side[0].lives[0]);
    if (whole && is_steady(record->end[0].packed) && is_steady(record->end[1].packed))
        record->kind |= FST_KIND_STEADY;
    return whole;
}

void fst_end_show(struct fst_endpoint *end, enum fst_state state, fst_state_set possible,
                  bool inferred)
{
    uint64_t bit = BIT(FST_END_INFERRED);

    end->packed &= ~((uint64_t)15 << LIKELY_SHIFT | (uint64_t)STATES_MASK << POSSIBLE_SHIFT | bit);
    end->packed |= (uint64_t)state << LIKELY_SHIFT | (uint64_t)possible << POSSIBLE_SHIFT;
    if (inferred)
        end->packed |= bit;
}

enum fst_state fst_end_state(const struct fst_endpoint *end)
{
    unsigned number = end->packed >> LIKELY_SHIFT & 15;

    return (enum fst_state)(
        number < FST_STATE_COUNT ? number : more_numbers[number - FST_STATE_COUNT].state);
}

fst_state_set fst_end_possible(const struct fst_endpoint *end)
{
    return (fst_state_set)(end->packed >> POSSIBLE_SHIFT & STATES_MASK);
}
