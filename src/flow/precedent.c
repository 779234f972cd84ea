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
#include "flow/dwell.h"
#include "flow/pack.h"
#include "flow/shed.h"

#define SCALE ((uint64_t)15 << FST_END_WSCALE_SHIFT)

/* Bits of a record's `kind` that say how the ends stand. */
#define SIZES  ((uint32_t)15 << FST_KIND_MSS_SHIFT)
#define STANDS (FST_KIND_STEADY | SIZES)
#define NARROW ((uint32_t)3 << FST_KIND_NARROW_SHIFT)

/* The observer counts the segments of a side up to here. */
#define SEGMENTS_MOST 4u

/* `segment` of a situation: its shape, and behind that how it lies to its record. */
enum {
    BIT_SIDE = FST_SHAPE_BITS,
    BIT_FROM_TIMESTAMP,
    BIT_TO_HEARD,
    SHIFT_FROM_COUNT,                   /* 3 bits */
    SHIFT_SIZES = SHIFT_FROM_COUNT + 3, /* 4 bits, of both sides */
    SHIFT_ACKED = SHIFT_SIZES + 4,      /* 2 bits: how ACK lies to the numbers of the receiver */
    SHIFT_UNACKED = SHIFT_ACKED + 2,    /* 2 bits */
    SHIFT_SENT = SHIFT_UNACKED + 2,     /* 2 bits: how much the sender has sent */
    BIT_ALL_ACKED = SHIFT_SENT + 2, /* how the receiver's ACK lies to the numbers of the sender */
    BIT_SYN_ACKED,
    BIT_ACKS_AGAIN,
    BIT_EDGE_SAME, /* how the window lies to those before */
    BIT_EDGE_BELOW,
    BIT_OWES_ECHO, /* it has no timestamp, where there is one to echo */
};

static_assert(FST_SHAPE_STEADY >> BIT_OWES_ECHO > 1, "none twice");

static bool is_syn(const struct fst_segment *segment)
{
    return (segment->flags & FST_TCP_SYN) != 0;
}

/* Whether numbers are the same or next to each other is all that matters. */
static uint64_t near(uint32_t distance)
{
    return distance < 2 ? distance : 2;
}

/* Of a segment that is no SYN. */
static uint32_t right_edge(const struct fst_segment *segment, const struct fst_endpoint *from,
                           const struct fst_endpoint *to)
{
    return segment->ack + ((uint32_t)segment->wnd_raw << fst_end_scale(from, to));
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
    return FST_SHAPE_ORDINARY;
}

/* How ACK, the numbers of the sender and what was acknowledged of them lie, below `bits` for the
 * places above. Put together from above, one after the other, so that only one is at hand. */
static inline uint64_t numbers_between(uint64_t bits, const struct fst_endpoint *from,
                                       const struct fst_endpoint *to,
                                       const struct fst_segment *segment)
{
    bits = bits * 2 + (to->ack_top == from->iss + 1);
    bits = bits * 2 + (to->ack_top == from->occ);
    bits = bits * 4 + near((uint32_t)fst_seq_diff(from->occ, from->iss));
    bits = bits * 4 + near((uint32_t)fst_seq_diff(to->occ, segment->ack));
    bits = bits * 4 + near((uint32_t)fst_seq_diff(segment->ack, to->iss));
    return bits << SHIFT_ACKED;
}

static_assert(BIT_ACKS_AGAIN == SHIFT_ACKED + 8, "in this order");

/* A window that is taken back. Of one whose scale is not known there never is an edge. */
static bool takes_back(const struct fst_endpoint *from, const struct fst_endpoint *to,
                       uint32_t right)
{
    if (fst_end_is(from, FST_END_EDGE))
        return fst_seq_lt(right, from->edge) &&
               fst_seq_lt(right + ((uint32_t)1 << fst_end_scale(from, to)), from->edge);
    return fst_seq_lt(right, to->iss + 1 + from->edge) && /* the window of its SYN */
           !fst_end_scale_is_cut(from) && !fst_end_scale_is_cut(to);
}

/* Octets in order, an acknowledgment of octets captured, a window that is not taken back. */
static inline uint64_t numbers_in_order(const struct fst_endpoint *from,
                                        const struct fst_endpoint *to,
                                        const struct fst_segment *segment, uint32_t right)
{
    uint32_t ack = segment->ack, end = segment->seq + segment->payload_len;
    bool stamped = (segment->options.present & FST_OPT_TIMESTAMPS) != 0;
    uint64_t bits;

    if (segment->seq != from->occ || end - from->iss >= FST_LIFE_REACH ||
        !fst_seq_within(to->iss, ack, to->occ) ||
        (fst_end_is(from, FST_END_ACKED) && fst_seq_lt(ack, from->ack_top)) ||
        takes_back(from, to, right))
        return 0;
    if (segment->payload_len > 0 && fst_end_is(to, FST_END_EDGE) && fst_seq_gt(end, to->edge))
        return 0;
    if (stamped && (from->ts_val != 0 || fst_end_is(from, FST_END_TS)) &&
        fst_seq_lt(segment->options.ts_val, from->ts_val))
        return 0;
    bits = !stamped && to->ts_val != 0;
    bits = bits * 2 + (fst_end_is(from, FST_END_EDGE) && fst_seq_lt(right, from->edge));
    bits = bits * 2 + (right == from->edge);
    bits = bits * 2 + (ack == from->ack_top);
    return FST_SHAPE_ORDINARY | numbers_between(bits, from, to, segment);
}

static_assert(BIT_OWES_ECHO == BIT_ACKS_AGAIN + 3, "in this order");

/* The refusal of all that the peer has sent, by who has sent nothing: number 0 (RFC 9293 3.10.7.1).
 */
static bool refuses(const struct fst_endpoint *from, const struct fst_endpoint *to,
                    const struct fst_segment *segment)
{
    return from->packets == 0 && segment->seq == 0 && (segment->flags & FST_TCP_ACK) &&
           to->occ == to->iss + 1 && segment->ack == to->occ;
}

/* An abort with the next number, clear of the window's edge, that acknowledges octets captured, if
 * any. Number 0 could be the answer of another host. */
static bool aborts(const struct fst_endpoint *from, const struct fst_endpoint *to,
                   const struct fst_segment *segment)
{
    bool acks = (segment->flags & FST_TCP_ACK) != 0;

    return fst_end_is(from, FST_END_HEARD) && segment->seq == from->occ && segment->seq != 0 &&
           (!acks || fst_seq_within(to->iss, segment->ack, to->occ)) &&
           (!fst_end_is(to, FST_END_EDGE) || fst_seq_lt(segment->seq + 1, to->edge));
}

static uint64_t numbers_of_reset(const struct fst_endpoint *from, const struct fst_endpoint *to,
                                 const struct fst_segment *segment)
{
    uint64_t ignored = segment->flags & FST_TCP_ACK
                           ? 0
                           : (uint64_t)3 << SHIFT_ACKED | (uint64_t)3 << SHIFT_UNACKED;

    if (fst_end_is(from, FST_END_RST))
        return 0; /* whose was the first one? */
    if (refuses(from, to, segment))
        return FST_SHAPE_ORDINARY;
    return aborts(from, to, segment)
               ? FST_SHAPE_ORDINARY | (numbers_between(0, from, to, segment) & ~ignored)
               : 0;
}

/* Neither SYN nor RST, as nearly all. */
static bool is_in_order(const struct fst_segment *segment)
{
    return (segment->flags & (FST_TCP_SYN | FST_TCP_RST)) == 0;
}

static uint64_t numbers_of_others(const struct fst_endpoint *from, const struct fst_endpoint *to,
                                  const struct fst_segment *segment)
{
    return is_syn(segment) ? numbers_of_opening(from, to, segment)
                           : numbers_of_reset(from, to, segment);
}

/* It could be the frame before, captured twice. */
static bool could_be_again(const struct fst_record *record, const struct fst_segment *segment)
{
    return segment->time_ns < record->ts_last || segment->header_hash == record->last_hash;
}

/* Which sides have been heard. How many segments a side has sent is asked only while the other one
 * is silent. */
static inline uint64_t heard_of(const struct fst_endpoint *from, const struct fst_endpoint *to)
{
    uint64_t count = from->packets < SEGMENTS_MOST ? from->packets : SEGMENTS_MOST;

    if (to->packets == 0)
        return count << SHIFT_FROM_COUNT;
    return (uint64_t)(from->packets > 0) << SHIFT_FROM_COUNT | (uint64_t)1 << BIT_TO_HEARD;
}

/* What of the record is in a situation besides. */
static inline uint64_t standing(const struct fst_record *record, const struct fst_endpoint *from,
                                const struct fst_endpoint *to)
{
    return heard_of(from, to) | (uint64_t)(from->ts_val != 0) << BIT_FROM_TIMESTAMP |
           (uint64_t)(record->kind >> FST_KIND_MSS_SHIFT) << SHIFT_SIZES;
}

static inline uint64_t sided(uint64_t shape, unsigned side)
{
    return shape | (uint64_t)side << BIT_SIDE;
}

/* `numbers` as a function above tells them: 0 is not ordinary. */
static inline struct fst_situation situation_between(const struct fst_record *record,
                                                     const struct fst_endpoint *from,
                                                     const struct fst_endpoint *to,
                                                     uint64_t sided_shape, uint64_t numbers)
{
    if (numbers != 0)
        numbers |= sided_shape | standing(record, from, to);
    return (struct fst_situation){but_scale(from), but_scale(to), numbers};
}

static bool may_be_ordinary(const struct fst_record *record, const struct fst_segment *segment,
                            uint64_t shape)
{
    return shape != FST_SHAPE_NONE && !(record->kind & FST_KIND_DETAIL) &&
           !could_be_again(record, segment);
}

static struct fst_situation situation_of(const struct fst_record *record,
                                         const struct fst_segment *segment, uint64_t shape,
                                         unsigned side)
{
    const struct fst_endpoint *from = &record->end[side], *to = &record->end[side ^ 1];
    uint64_t numbers = 0;

    if (may_be_ordinary(record, segment, shape))
        numbers = is_in_order(segment)
                      ? numbers_in_order(from, to, segment, right_edge(segment, from, to))
                      : numbers_of_others(from, to, segment);
    return situation_between(record, from, to, sided(shape, side), numbers);
}

/* Whether the observer has to see a segment in order for how the ends stand: once the sender has
 * aborted, more counts than numbers, and when a window opens, how wide. Asked when a precedent is
 * made: where there is none, none is found. */
static bool needs_observer(const struct fst_endpoint *from, const struct fst_endpoint *to,
                           const struct fst_segment *segment)
{
    return fst_end_is(from, FST_END_ABORTED) || fst_end_is(from, FST_END_ZERO_WINDOW) ||
           fst_ends_recall(from, to, segment);
}

/* ------------------------------------------------------------------------- consequences -- */

/* Each place has a neighbour, which takes what it held before. */
static size_t place_of(const struct fst_situation *situation)
{
    uint64_t hash = situation->from * UINT64_C(0x9e3779b97f4a7c15) ^
                    situation->to * UINT64_C(0xd6e8feb86659fd93) ^
                    situation->segment * UINT64_C(0xa0761d6478bd642f);

    return (size_t)(hash >> (64 - FST_PRECEDENT_BITS)); /* all bits have come up there */
}

static inline void move_in_order(struct fst_endpoint *from, const struct fst_segment *segment,
                                 uint32_t right, bool takes_edge)
{
    from->occ = segment->seq + segment->payload_len + (segment->flags & FST_TCP_FIN);
    from->ack_top = segment->ack;
    if (takes_edge)
        from->edge = right;
    if (segment->options.present & FST_OPT_TIMESTAMPS)
        from->ts_val = segment->options.ts_val;
}

static_assert(FST_TCP_FIN == 1, "as many octets");

static void move_opening(struct fst_record *record, const struct fst_segment *segment,
                         unsigned side, bool takes_edge)
{
    struct fst_endpoint *from = &record->end[side];
    bool narrow = segment->wnd_raw < FST_WINDOW_WIDE;

    record->kind |= (uint32_t)narrow << (FST_KIND_NARROW_SHIFT + side);
    from->iss = segment->seq;
    from->occ = segment->seq + 1;
    if (segment->flags & FST_TCP_ACK)
        from->ack_top = segment->ack;
    if (takes_edge)
        from->edge = segment->ack + segment->wnd_raw;
    else if (!(segment->flags & FST_TCP_ACK))
        from->edge = segment->wnd_raw;
    if (segment->options.present & FST_OPT_TIMESTAMPS)
        from->ts_val = segment->options.ts_val;
    if (segment->options.present & FST_OPT_WSCALE)
        from->packed = (from->packed & ~SCALE) | (uint64_t)segment->options.wscale
                                                     << FST_END_WSCALE_SHIFT;
}

/* See pack.c. */
static void move_reset(struct fst_endpoint *from, const struct fst_segment *segment)
{
    if (fst_end_is(from, FST_END_ABORTED))
        from->ts_val = segment->ttl;
}

static void move_others(struct fst_record *record, const struct fst_segment *segment, unsigned side,
                        bool takes_edge)
{
    if (is_syn(segment))
        move_opening(record, segment, side, takes_edge);
    else
        move_reset(&record->end[side], segment);
}

/* The numbers of the sender after the segment, of which `right` is the edge; `packed` says already
 * where it stands. */
static inline void move_numbers(struct fst_record *record, const struct fst_segment *segment,
                                unsigned side, uint32_t right, bool takes_edge)
{
    if (is_in_order(segment))
        move_in_order(&record->end[side], segment, right, takes_edge);
    else
        move_others(record, segment, side, takes_edge);
}

static bool is_of(const struct fst_precedent *precedent, const struct fst_situation *situation)
{
    return precedent->situation.segment == situation->segment &&
           precedent->situation.from == situation->from && precedent->situation.to == situation->to;
}

static struct fst_precedent *find(struct fst_precedents *precedents,
                                  const struct fst_situation *situation)
{
    size_t place = place_of(situation);

    if (is_of(&precedents->entries[place], situation))
        return &precedents->entries[place];
    return is_of(&precedents->entries[place ^ 1], situation) ? &precedents->entries[place ^ 1]
                                                             : NULL;
}

/* But for the numbers. */
static void follow(struct fst_record *record, struct fst_endpoint *from, struct fst_endpoint *to,
                   const struct fst_precedent *precedent, const struct fst_segment *segment)
{
    from->packed ^= precedent->from;
    to->packed ^= precedent->to;
    record->kind = (record->kind & ~STANDS) | precedent->kind;
    record->last_hash = segment->header_hash;
}

/* Not inlined: what is worked out here takes all registers there are. */
static struct fst_precedent *__attribute__((noinline))
follow_in_order(struct fst_precedents *precedents, struct fst_record *record,
                struct fst_endpoint *from, struct fst_endpoint *to,
                const struct fst_segment *segment, uint64_t sided_shape)
{
    uint32_t right = right_edge(segment, from, to);
    uint64_t numbers = numbers_in_order(from, to, segment, right);
    struct fst_situation situation = situation_between(record, from, to, sided_shape, numbers);
    struct fst_precedent *precedent = numbers == 0 ? NULL : find(precedents, &situation);

    if (!precedent || (precedent->may_recall && fst_ends_recall(from, to, segment)))
        return NULL;
    follow(record, from, to, precedent, segment);
    move_in_order(from, segment, right, precedent->takes_edge);
    return precedent;
}

static struct fst_precedent *follow_other(struct fst_precedents *precedents,
                                          struct fst_record *record,
                                          const struct fst_segment *segment, uint64_t shape,
                                          unsigned side)
{
    struct fst_situation situation = situation_of(record, segment, shape, side);
    struct fst_precedent *precedent = situation.segment == 0 ? NULL : find(precedents, &situation);

    if (!precedent)
        return NULL;
    follow(record, &record->end[side], &record->end[side ^ 1], precedent, segment);
    move_others(record, segment, side, precedent->takes_edge);
    return precedent;
}

struct fst_precedent *fst_precedent_follow(struct fst_precedents *precedents,
                                           struct fst_record *record,
                                           const struct fst_segment *segment, uint64_t shape,
                                           unsigned side)
{
    if (!is_in_order(segment))
        return follow_other(precedents, record, segment, shape, side);
    return may_be_ordinary(record, segment, shape)
               ? follow_in_order(precedents, record, &record->end[side], &record->end[side ^ 1],
                                 segment, sided(shape, side))
               : NULL;
}

/* The situation of a bare SYN before anything else: nothing of the record is in it. Of every other
 * segment there is BIT_ALL_ACKED at least, since all numbers of an empty record are 0. */
struct fst_precedent *fst_precedent_open(struct fst_precedents *precedents,
                                         struct fst_record *record,
                                         const struct fst_segment *segment, uint64_t shape,
                                         unsigned side)
{
    struct fst_situation situation = {0, 0, sided(shape, side)};
    struct fst_precedent *precedent = NULL;

    if (shape != FST_SHAPE_NONE)
        precedent = find(precedents, &situation);
    if (!precedent)
        return NULL;
    follow(record, &record->end[side], &record->end[side ^ 1], precedent, segment);
    move_opening(record, segment, side, precedent->takes_edge);
    return precedent;
}

/* All findings of ordinary segments are names of resets: their number, and the one expected. */
static void number_reset(const struct fst_endpoint *from, const struct fst_endpoint *to,
                         const struct fst_segment *segment, uint32_t number[2])
{
    bool known = fst_end_is(from, FST_END_HEARD) && !fst_end_is(from, FST_END_MIDSTREAM);
    uint32_t origin = known ? from->iss : 0;

    number[0] = (uint32_t)fst_seq_diff(segment->seq, origin);
    number[1] =
        (uint32_t)fst_seq_diff(fst_end_is(to, FST_END_ACKED) ? to->ack_top : from->occ, origin);
}

void fst_precedent_tell(const struct fst_precedent *precedent, const struct fst_record *record,
                        uint32_t first_packet, const struct fst_segment *segment, unsigned side,
                        struct fst_step *step)
{
    struct fst_step_finding *finding = &step->findings[0];
    unsigned i;

    step->incarnation = 1;
    step->duplicate = false;
    step->change_count = precedent->change_count;
    for (i = 0; i < precedent->change_count; i++) {
        const struct fst_told_change *told = &precedent->changes[i];

        step->changes[i] = (struct fst_step_change){.side = told->side,
                                                    .from = told->from,
                                                    .to = told->to,
                                                    .inferred = told->inferred,
                                                    .corrected = told->corrected};
    }
    step->finding_count = precedent->finds;
    if (!precedent->finds)
        return;
    *finding =
        (struct fst_step_finding){.rule = precedent->rule,
                                  .class_ = precedent->class_,
                                  .side = (uint8_t)side,
                                  .incarnation = 1,
                                  .states = precedent->states,
                                  .packet = segment->packet,
                                  .because_packet = precedent->because_of_first ? first_packet : 0,
                                  .time_ns = segment->time_ns};
    number_reset(&record->end[side], &record->end[!side], segment, finding->number);
}

/* ------------------------------------------------------------------------------ sequels -- */

static size_t sequel_place(uint32_t key, uint32_t tale)
{
    uint64_t hash = ((uint64_t)key << 32 | tale) * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(hash >> (64 - FST_SEQUEL_BITS));
}

/* Never 0, so that an empty place is of nobody. */
static uint32_t sequel_key(const struct fst_precedent *precedent, bool fresh)
{
    return precedent->serial << 1 | fresh;
}

/* A new connection is in no situation that an older one is in, so what the precedent made of a tale
 * last needs no note of that. */
static void keep_last(struct fst_precedent *precedent, uint32_t tale, uint32_t next)
{
    precedent->tale = tale;
    precedent->next = next;
}

bool fst_sequel_find(const struct fst_precedents *precedents, struct fst_precedent *precedent,
                     bool fresh, uint32_t *tale)
{
    uint32_t key = sequel_key(precedent, fresh);
    const struct fst_sequel *sequel = &precedents->sequels[sequel_place(key, *tale)];

    if (sequel->key != key || sequel->tale != *tale)
        return false;
    keep_last(precedent, *tale, sequel->next);
    *tale = sequel->next;
    return true;
}

void fst_sequel_learn(struct fst_precedents *precedents, struct fst_precedent *precedent,
                      bool fresh, uint32_t tale, uint32_t next)
{
    uint32_t key = sequel_key(precedent, fresh);

    precedents->sequels[sequel_place(key, tale)] = (struct fst_sequel){key, tale, next};
    keep_last(precedent, tale, next);
}

/* ----------------------------------------------------------------------------- learning -- */

/* Serial numbers are used up after 2^31 precedents: then all is forgotten. */
static uint32_t next_serial(struct fst_precedents *precedents)
{
    if (precedents->learned == FST_SERIAL_MOST)
        memset(precedents, 0, sizeof(*precedents));
    return ++precedents->learned;
}

/* The edge of an ordinary segment counts unless it lies below one that is known. */
static bool takes_edge(const struct fst_situation *situation, const struct fst_endpoint *after)
{
    return fst_end_is(after, FST_END_EDGE) && !(situation->segment >> BIT_EDGE_BELOW & 1) &&
           !(situation->segment & FST_TCP_RST);
}

/* Whether the observer left behind what following it as a precedent would. */
static bool as_expected(const struct fst_record *before, const struct fst_record *record,
                        const struct fst_segment *segment, unsigned side, bool takes_edge)
{
    struct fst_record expected = *before;
    uint32_t right = right_edge(segment, &expected.end[side], &expected.end[!side]);
    unsigned s;

    for (s = 0; s < 2; s++) {
        struct fst_endpoint *end = &expected.end[s];
        const struct fst_endpoint *after = &record->end[s];

        end->packed ^= (end->packed ^ after->packed) & ~SCALE;
        end->packets = after->packets;
    }
    move_numbers(&expected, segment, side, right, takes_edge);
    return !(record->kind & FST_KIND_DETAIL) && ((expected.kind ^ record->kind) & NARROW) == 0 &&
           memcmp(expected.end, record->end, sizeof(record->end)) == 0;
}

/* Whether fst_precedent_tell() will find the same. */
static bool tells_findings(const struct fst_record *record, const struct fst_segment *segment,
                           unsigned side, const struct fst_step *step)
{
    const struct fst_step_finding *finding = &step->findings[0];
    uint32_t number[2];

    if (step->finding_count == 0)
        return !step->said_before;
    number_reset(&record->end[side], &record->end[!side], segment, number);
    return (segment->flags & FST_TCP_RST) && step->finding_count == 1 && !step->said_before &&
           finding->side == side && finding->incarnation == 1 && finding->number[0] == number[0] &&
           finding->number[1] == number[1];
}

static void keep_told(struct fst_precedent *precedent, const struct fst_step *step)
{
    const struct fst_step_finding *finding = &step->findings[0];
    unsigned i;

    precedent->change_count = (uint8_t)step->change_count;
    for (i = 0; i < step->change_count; i++) {
        const struct fst_step_change *change = &step->changes[i];

        precedent->changes[i] = (struct fst_told_change){change->side, change->from, change->to,
                                                         change->inferred, change->corrected};
        precedent->corrects = precedent->corrects || change->corrected;
    }
    precedent->finds = step->finding_count > 0;
    if (precedent->finds) {
        precedent->rule = finding->rule;
        precedent->class_ = finding->class_;
        precedent->states = finding->states;
        precedent->because_of_first = finding->because_packet != 0; /* its SYN */
    }
    precedent->established = (uint8_t)fst_step_established(step);
}

/* What is noted of a segment that is nothing but an ACK. */
static uint32_t pure_ack(const struct fst_segment *segment, unsigned side)
{
    bool pure = segment->payload_len == 0 && (segment->flags & FST_SHAPE_CONTROLS) == FST_TCP_ACK;

    return (uint32_t)pure << (FST_KIND_PURE_ACK_SHIFT + side);
}

void fst_precedent_learn(struct fst_precedents *precedents, const struct fst_record *before,
                         const struct fst_record *record, const struct fst_segment *segment,
                         uint64_t shape, unsigned side, const struct fst_step *step)
{
    const struct fst_endpoint *from = &before->end[side], *to = &before->end[side ^ 1];
    struct fst_situation situation = situation_of(before, segment, shape, side);
    struct fst_precedent *precedent = &precedents->entries[place_of(&situation)];
    bool edge = takes_edge(&situation, &record->end[side]);
    bool in_order = is_in_order(segment);
    uint32_t serial;

    if (situation.segment == 0 || (in_order && needs_observer(from, to, segment)) ||
        step->duplicate || step->incarnation != 1 || step->change_count > FST_PRECEDENT_CHANGES ||
        !tells_findings(record, segment, side, step) ||
        !as_expected(before, record, segment, side, edge))
        return;
    serial = next_serial(precedents);
    precedents->entries[place_of(&situation) ^ 1] = *precedent;
    *precedent =
        (struct fst_precedent){.situation = situation,
                               .from = (from->packed ^ record->end[side].packed) & ~SCALE,
                               .to = (to->packed ^ record->end[side ^ 1].packed) & ~SCALE,
                               .kind = (record->kind & STANDS) | pure_ack(segment, side),
                               .serial = serial,
                               .tale = FST_NO_INDEX, /* of nobody */
                               .takes_edge = edge,
                               .owes_fin = (uint8_t)fst_dwell_owes_fin(before->end),
                               .over = fst_record_value(record) == FST_VALUE_OVER,
                               .may_recall = in_order && fst_ends_may_recall(from, to, segment),
                               .notable = step->change_count > 0 || step->finding_count > 0 ||
                                          (segment->flags & (FST_TCP_SYN | FST_TCP_FIN)) != 0};
    keep_told(precedent, step);
}
