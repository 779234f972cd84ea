/* SPDX-License-Identifier: MIT
 *
 * A situation must hold all that the observer may look at, or two that differ would be taken for
 * one. So few are ordinary: what lies out of order, brings options of no daily use, closes or
 * shrinks a window, or cannot be told from a frame captured twice goes to the observer each time.
 * Tests hold both ways against each other.
 */
#include "flow/precedent.h"

#include <string.h>

#include "base/seq.h"
#include "flow/pack.h"

#define SCALE       ((uint64_t)15 << FST_END_WSCALE_SHIFT)

#define CONTROLS    (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST | FST_TCP_ACK)
#define SYN_OPTIONS (FST_OPT_MSS | FST_OPT_WSCALE | FST_OPT_SACK_PERMITTED | FST_OPT_TIMESTAMPS)

/* The observer counts the segments of a side up to here. */
#define SEGMENTS_MOST 4u
#define WSCALE_MOST   14

/* `segment` of a situation, from bit 0: the 9 flags, then these. The first are the segment's alone,
 * its shape. */
enum {
    BIT_ORDINARY = 9,
    BIT_TIMESTAMP_ZERO,
    BIT_FROM_TIMESTAMP,
    BIT_ACKS_ISS, /* how ACK lies to the numbers of the receiver */
    BIT_ACKS_SYN,
    BIT_ACKS_ALL,
    BIT_ACKS_ALL_BUT_ONE,
    BIT_ACKS_AGAIN,
    BIT_ALL_ACKED, /* how the receiver's ACK lies to the numbers of the sender */
    BIT_SYN_ACKED,
    BIT_FIRST_TEXT, /* how the window lies to those before */
    BIT_EDGE_SAME,
    BIT_EDGE_BELOW,
    SHIFT_OPTIONS = 22,    /* 8 bits */
    SHIFT_MSS = 34,        /* 2 bits: class, as in the record */
    SHIFT_PAYLOAD = 36,    /* 3 bits: class */
    SHIFT_CHECKSUM = 39,   /* 2 bits */
    SHIFT_FROM_COUNT = 41, /* 3 bits */
    BIT_TO_HEARD = 44,
    SHIFT_FROM_MSS = 47, /* 2 bits each */
    SHIFT_TO_MSS = 49,
};

static uint64_t bit(unsigned n, bool set)
{
    return (uint64_t)set << n;
}

static bool is_syn(const struct fst_segment *segment)
{
    return (segment->flags & FST_TCP_SYN) != 0;
}

static unsigned mss_class(unsigned mss)
{
    return mss < 2048 ? 1 : mss < 16384 ? 2 : 3;
}

static unsigned payload_class(uint32_t len)
{
    return len == 0 ? 0 : len == 1 ? 1 : len < 2048 ? 2 : len < 16384 ? 3 : 4;
}

/* How many it has sent is asked only while the other side is silent. */
static unsigned count_class(uint32_t packets, bool other_heard)
{
    uint32_t most = other_heard ? 1 : SEGMENTS_MOST;

    return packets < most ? packets : most;
}

static unsigned recorded_mss(const struct fst_record *record, unsigned side)
{
    return record->kind >> (FST_KIND_MSS_SHIFT + 2 * side) & 3;
}

static uint32_t right_edge(const struct fst_segment *segment, const struct fst_endpoint *from,
                           const struct fst_endpoint *to)
{
    unsigned scale = is_syn(segment) ? 0 : fst_end_scale(from, to);

    return segment->ack + ((uint32_t)segment->wnd_raw << scale);
}

/* ------------------------------------------------------------------------------- shapes -- */

/* Nothing about it that needs a closer look. */
static bool plain(const struct fst_segment *segment)
{
    return segment->fault == FST_HEADER_OK && !segment->options_cut && !segment->text_is_zero &&
           segment->checksum != FST_CHECKSUM_BAD && segment->wnd_raw != 0;
}

static uint64_t shape_of_opening(const struct fst_segment *segment)
{
    const struct fst_tcp_options *options = &segment->options;

    if (segment->payload_len != 0 || (options->present & ~SYN_OPTIONS) != 0 ||
        options->wscale > WSCALE_MOST)
        return 0;
    return bit(BIT_ORDINARY, true) |
           (uint64_t)(options->present & FST_OPT_MSS ? mss_class(options->mss) : 0) << SHIFT_MSS;
}

static uint64_t shape_in_order(const struct fst_segment *segment)
{
    bool fin = (segment->flags & FST_TCP_FIN) != 0;

    if ((segment->options.present & ~(unsigned)FST_OPT_TIMESTAMPS) != 0)
        return 0;
    return bit(BIT_ORDINARY, true) |
           (fin || segment->payload_len > FST_STEADY_TEXT_MOST ? 0 : FST_SHAPE_STEADY);
}

static uint64_t shape_by_flags(const struct fst_segment *segment)
{
    switch (segment->flags & CONTROLS) {
    case FST_TCP_SYN:
    case FST_TCP_SYN | FST_TCP_ACK:
        return shape_of_opening(segment);
    case FST_TCP_ACK:
    case FST_TCP_FIN | FST_TCP_ACK:
        return shape_in_order(segment);
    default:
        return 0;
    }
}

uint64_t fst_shape_of(const struct fst_segment *segment)
{
    uint64_t shape = plain(segment) ? shape_by_flags(segment) : 0;

    return shape == 0
               ? 0
               : shape | segment->flags | bit(BIT_TIMESTAMP_ZERO, segment->options.ts_val == 0) |
                     (uint64_t)segment->options.present << SHIFT_OPTIONS |
                     (uint64_t)payload_class(segment->payload_len) << SHIFT_PAYLOAD |
                     (uint64_t)segment->checksum << SHIFT_CHECKSUM;
}

/* --------------------------------------------------------------------------- situations -- */

/* How far a window is shifted makes no difference once its edge is known; whether that is known
 * does: see pack.c. */
static uint64_t but_scale(const struct fst_endpoint *end)
{
    return end->packed & ~(fst_end_is(end, FST_END_WSCALE) ? SCALE : 0);
}

static uint64_t numbers_of_opening(const struct fst_endpoint *from, const struct fst_endpoint *to,
                                   const struct fst_segment *segment)
{
    bool answers = (segment->flags & FST_TCP_ACK) != 0;

    if (from->packets != 0 ||
        (answers ? to->occ != to->iss + 1 || segment->ack != to->occ || to->packets == 0
                 : to->packets != 0))
        return 0;
    return bit(BIT_ORDINARY, true);
}

/* Octets in order, an acknowledgment of octets captured, a window that is not taken back. */
static uint64_t numbers_in_order(const struct fst_endpoint *from, const struct fst_endpoint *to,
                                 const struct fst_segment *segment)
{
    bool acked = fst_end_is(from, FST_END_ACKED), known = fst_end_is(from, FST_END_EDGE);
    uint32_t ack = segment->ack, right = right_edge(segment, from, to);
    uint32_t unit = (uint32_t)1 << fst_end_scale(from, to);
    bool stamped = (segment->options.present & FST_OPT_TIMESTAMPS) != 0;

    if (segment->seq != from->occ || !fst_seq_within(to->iss, ack, to->occ) ||
        (acked && fst_seq_lt(ack, from->ack_top)) ||
        (known ? fst_seq_lt(right + unit, from->edge)
               : fst_seq_lt(right, to->iss + 1 + from->edge))) /* the window of its SYN */
        return 0;
    if (segment->payload_len > 0 && fst_end_is(to, FST_END_EDGE) &&
        fst_seq_gt(segment->seq + segment->payload_len, to->edge))
        return 0;
    if (stamped && (from->ts_val != 0 || fst_end_is(from, FST_END_TS)) &&
        fst_seq_lt(segment->options.ts_val, from->ts_val))
        return 0;
    if (fst_ends_recall(from, to, segment))
        return 0;
    return bit(BIT_ORDINARY, true) | bit(BIT_ACKS_ISS, ack == to->iss) |
           bit(BIT_ACKS_SYN, ack == to->iss + 1) | bit(BIT_ACKS_ALL, ack == to->occ) |
           bit(BIT_ACKS_ALL_BUT_ONE, ack == to->occ - 1) |
           bit(BIT_ACKS_AGAIN, acked && ack == from->ack_top) |
           bit(BIT_ALL_ACKED, to->ack_top == from->occ) |
           bit(BIT_SYN_ACKED, to->ack_top == from->iss + 1) |
           bit(BIT_FIRST_TEXT, from->occ == from->iss + 1) |
           bit(BIT_EDGE_SAME, right == from->edge) |
           bit(BIT_EDGE_BELOW, known && fst_seq_lt(right, from->edge));
}

/* It could be the frame before, captured twice. */
static bool could_be_again(const struct fst_record *record, const struct fst_segment *segment)
{
    return (record->end[0].packets | record->end[1].packets) != 0 &&
           (segment->time_ns < record->ts_last || segment->header_hash == record->last_hash);
}

struct fst_situation fst_situation_of(const struct fst_record *record,
                                      const struct fst_segment *segment, uint64_t shape,
                                      unsigned side)
{
    const struct fst_endpoint *from = &record->end[side], *to = &record->end[!side];
    struct fst_situation situation = {but_scale(from), but_scale(to), 0};
    uint64_t numbers;

    if (shape == 0 || (record->kind & FST_KIND_DETAIL) || could_be_again(record, segment))
        return situation;
    numbers = is_syn(segment) ? numbers_of_opening(from, to, segment)
                              : numbers_in_order(from, to, segment);
    if (numbers != 0)
        situation.segment = shape | numbers | bit(BIT_FROM_TIMESTAMP, from->ts_val != 0) |
                            (uint64_t)count_class(from->packets, to->packets > 0)
                                << SHIFT_FROM_COUNT |
                            bit(BIT_TO_HEARD, to->packets > 0) |
                            (uint64_t)recorded_mss(record, side) << SHIFT_FROM_MSS |
                            (uint64_t)recorded_mss(record, !side) << SHIFT_TO_MSS;
    return situation;
}

/* ------------------------------------------------------------------------- consequences -- */

static size_t place_of(const struct fst_situation *situation)
{
    uint64_t ends = situation->from ^ (situation->to << 32 | situation->to >> 32);
    uint64_t hash = (ends ^ ends >> 32) * UINT64_C(0x9e3779b97f4a7c15);

    hash = (hash ^ hash >> 32 ^ situation->segment) * UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(hash >> 32) >> (32 - FST_PRECEDENT_BITS); /* all bits have come up there */
}

/* The numbers of both ends after the segment; `packed` says already where they stand. */
static void move_numbers(struct fst_record *record, const struct fst_segment *segment,
                         unsigned side, bool edge_known)
{
    struct fst_endpoint *from = &record->end[side];
    uint32_t right = right_edge(segment, from, &record->end[!side]);

    if (is_syn(segment))
        from->iss = segment->seq;
    from->occ = segment->seq + segment->payload_len + is_syn(segment) +
                ((segment->flags & FST_TCP_FIN) != 0);
    if (segment->flags & FST_TCP_ACK)
        from->ack_top = segment->ack;
    if (fst_end_is(from, FST_END_EDGE) && !(edge_known && fst_seq_lt(right, from->edge)))
        from->edge = right;
    else if ((segment->flags & CONTROLS) == FST_TCP_SYN)
        from->edge = segment->wnd_raw;
    if (segment->options.present & FST_OPT_TIMESTAMPS)
        from->ts_val = segment->options.ts_val;
}

/* The scale of the sender, where `packed` has it. */
static uint64_t scale_after(const struct fst_endpoint *from, const struct fst_segment *segment)
{
    return segment->options.present & FST_OPT_WSCALE
               ? (uint64_t)segment->options.wscale << FST_END_WSCALE_SHIFT
               : from->packed & SCALE;
}

/* The bits of `kind` that say how the ends stand, by sender and receiver. */
static uint32_t kind_of(const struct fst_record *record, unsigned side)
{
    return (record->kind & FST_KIND_STEADY) | recorded_mss(record, side) |
           recorded_mss(record, !side) << 2;
}

static void set_kind(struct fst_record *record, unsigned side, uint32_t kind)
{
    record->kind &= ~(FST_KIND_STEADY | UINT32_C(15) << FST_KIND_MSS_SHIFT);
    record->kind |= (kind & FST_KIND_STEADY) | (kind & 3) << (FST_KIND_MSS_SHIFT + 2 * side) |
                    (kind >> 2 & 3) << (FST_KIND_MSS_SHIFT + 2 * !side);
}

/* A change in 16 bits: from, to, inferred, corrected, and whether it is the sender's. */
static uint16_t pack_change(const struct fst_step_change *change, unsigned side)
{
    return (uint16_t)(change->from | change->to << 4 | change->inferred << 8 |
                      change->corrected << 9 | (change->side == side) << 10);
}

static struct fst_step_change unpack_change(uint16_t packed, unsigned side)
{
    return (struct fst_step_change){.side = (uint8_t)(packed >> 10 & 1 ? side : !side),
                                    .from = packed & 15,
                                    .to = packed >> 4 & 15,
                                    .inferred = packed >> 8 & 1,
                                    .corrected = packed >> 9 & 1};
}

static bool is_of(const struct fst_precedent *precedent, const struct fst_situation *situation)
{
    return precedent->situation.segment == situation->segment &&
           precedent->situation.from == situation->from && precedent->situation.to == situation->to;
}

static const struct fst_precedent *find(const struct fst_precedents *precedents,
                                        const struct fst_situation *situation)
{
    size_t place = place_of(situation);

    if (is_of(&precedents->entries[place], situation))
        return &precedents->entries[place];
    return is_of(&precedents->entries[place ^ 1], situation) ? &precedents->entries[place ^ 1]
                                                             : NULL;
}

const struct fst_precedent *fst_precedent_follow(const struct fst_precedents *precedents,
                                                 const struct fst_situation *situation,
                                                 struct fst_record *record,
                                                 const struct fst_segment *segment, unsigned side)
{
    const struct fst_precedent *precedent =
        situation->segment == 0 ? NULL : find(precedents, situation);
    struct fst_endpoint *from = &record->end[side], *to = &record->end[!side];
    bool edge_known = fst_end_is(from, FST_END_EDGE);

    if (!precedent)
        return NULL;
    from->packed = precedent->from | scale_after(from, segment);
    to->packed = precedent->to | (to->packed & SCALE);
    if (precedent->moves_kind)
        set_kind(record, side, precedent->kind);
    move_numbers(record, segment, side, edge_known);
    record->last_hash = segment->header_hash;
    return precedent;
}

void fst_precedent_tell(const struct fst_precedent *precedent, unsigned side, struct fst_step *step)
{
    unsigned i;

    step->incarnation = 1;
    step->duplicate = false;
    step->finding_count = 0;
    step->change_count = precedent->change_count;
    for (i = 0; i < precedent->change_count; i++)
        step->changes[i] = unpack_change(precedent->changes[i], side);
}

/* ------------------------------------------------------------------------------ sequels -- */

static struct fst_sequel *sequel_at(struct fst_precedents *precedents, uint32_t key, uint32_t tale)
{
    uint64_t hash = ((uint64_t)key << 32 | tale) * UINT64_C(0x9e3779b97f4a7c15);

    return &precedents->sequels[hash >> (64 - FST_SEQUEL_BITS)];
}

/* Never 0, so that an empty place is of nobody. */
static uint32_t sequel_key(const struct fst_precedent *precedent, unsigned side, bool fresh)
{
    return precedent->serial << 2 | side << 1 | fresh;
}

bool fst_sequel_find(struct fst_precedents *precedents, const struct fst_precedent *precedent,
                     unsigned side, bool fresh, uint32_t *tale)
{
    uint32_t key = sequel_key(precedent, side, fresh);
    const struct fst_sequel *sequel = sequel_at(precedents, key, *tale);

    if (sequel->key != key || sequel->tale != *tale)
        return false;
    *tale = sequel->next;
    return true;
}

void fst_sequel_learn(struct fst_precedents *precedents, const struct fst_precedent *precedent,
                      unsigned side, bool fresh, uint32_t tale, uint32_t next)
{
    uint32_t key = sequel_key(precedent, side, fresh);

    *sequel_at(precedents, key, tale) = (struct fst_sequel){key, tale, next};
}

/* ----------------------------------------------------------------------------- learning -- */

/* Serial numbers are used up after 2^30 precedents: then all is forgotten. */
static uint32_t next_serial(struct fst_precedents *precedents)
{
    if (precedents->learned == FST_SERIAL_MOST)
        memset(precedents, 0, sizeof(*precedents));
    return ++precedents->learned;
}

/* Whether the observer left behind what following it as a precedent would. */
static bool as_expected(const struct fst_record *before, const struct fst_record *record,
                        const struct fst_segment *segment, unsigned side)
{
    struct fst_record expected = *before;
    unsigned s;

    for (s = 0; s < 2; s++) {
        expected.end[s].packed = record->end[s].packed;
        expected.end[s].packets = record->end[s].packets;
    }
    move_numbers(&expected, segment, side, fst_end_is(&before->end[side], FST_END_EDGE));
    if ((record->end[side].packed & SCALE) != scale_after(&before->end[side], segment) ||
        ((record->end[!side].packed ^ before->end[!side].packed) & SCALE) != 0)
        return false;
    return !(record->kind & FST_KIND_DETAIL) &&
           memcmp(expected.end, record->end, sizeof(record->end)) == 0;
}

void fst_precedent_learn(struct fst_precedents *precedents, const struct fst_situation *situation,
                         const struct fst_record *before, const struct fst_record *record,
                         const struct fst_segment *segment, unsigned side,
                         const struct fst_step *step)
{
    struct fst_precedent *precedent = &precedents->entries[place_of(situation)];
    uint32_t serial;
    unsigned i;

    if (situation->segment == 0 || step->finding_count > 0 || step->said_before ||
        step->duplicate || step->incarnation != 1 || step->change_count > FST_PRECEDENT_CHANGES ||
        !as_expected(before, record, segment, side))
        return;
    serial = next_serial(precedents);
    precedents->entries[place_of(situation) ^ 1] = *precedent; /* in the place of its neighbour */
    precedent->serial = serial;
    precedent->establishes = precedent->corrects = false;
    precedent->situation = *situation;
    precedent->from = record->end[side].packed & ~SCALE;
    precedent->to = record->end[!side].packed & ~SCALE;
    precedent->kind = kind_of(record, side);
    precedent->moves_kind = precedent->kind != kind_of(before, side);
    precedent->change_count = (uint8_t)step->change_count;
    for (i = 0; i < step->change_count; i++) {
        precedent->changes[i] = pack_change(&step->changes[i], side);
        precedent->establishes = precedent->establishes || step->changes[i].to == FST_ESTABLISHED;
        precedent->corrects = precedent->corrects || step->changes[i].corrected;
    }
}
