/* SPDX-License-Identifier: MIT
 *
 * What is booked here is what the observer would have booked, and no more: the next octets in
 * order, an acknowledgment of octets that were captured, a window that does not shrink. Tests hold
 * both ways against each other.
 */
#include "flow/steady.h"

#include "base/seq.h"
#include "flow/pack.h"
#include "flow/precedent.h"

/* The first text of a side, and its first segment of nothing but an ACK, can be more than the next
 * ones: letters of the history, a server that has come back (rebirth.c). */
static bool noted_before(const struct fst_record *record, const struct fst_segment *segment,
                         unsigned side)
{
    if (segment->payload_len == 0)
        return (record->kind >> (FST_KIND_PURE_ACK_SHIFT + side) & 1) != 0;
    return record->payload[side] != 0 &&
           record->payload[side] + segment->payload_len > record->payload[side];
}

/* Timestamps where both have agreed on them, and only there (RFC 7323 section 3.2). */
static bool stamped_as_agreed(const struct fst_segment *segment, const struct fst_endpoint *from,
                              const struct fst_endpoint *to)
{
    bool agreed = fst_end_is(from, FST_END_TS) && fst_end_is(to, FST_END_TS);

    return segment->options.present == (agreed ? FST_OPT_TIMESTAMPS : 0) &&
           (!agreed || fst_seq_ge(segment->options.ts_val, from->ts_val));
}

bool fst_steady_take(struct fst_record *record, const struct fst_segment *segment, uint64_t shape,
                     unsigned side)
{
    struct fst_endpoint *from = &record->end[side], *to = &record->end[side ^ 1];
    uint32_t end = segment->seq + segment->payload_len, right;

    if (!(record->kind & FST_KIND_STEADY) || !(shape & FST_SHAPE_STEADY) ||
        !noted_before(record, segment, side) || !stamped_as_agreed(segment, from, to))
        return false;
    if (segment->seq != from->occ || end - from->iss > FST_LIFE_REACH ||
        fst_seq_gt(end, to->edge) || fst_seq_lt(segment->ack, from->ack_top) ||
        fst_seq_gt(segment->ack, to->occ))
        return false;
    /* Of an octet that comes alone it is kept that it did. */
    if (segment->payload_len == 1 || fst_ends_recall(from, to, segment))
        return false;
    right = segment->ack + ((uint32_t)segment->wnd_raw << fst_end_scale(from, to));
    if (fst_seq_lt(right, from->edge))
        return false;
    /* An empty segment without news could be a challenge ACK; a frame captured twice, anything. */
    if (segment->time_ns < record->ts_last || segment->header_hash == record->last_hash)
        return false;

    from->occ = end;
    from->ack_top = segment->ack;
    from->edge = right;
    if (segment->options.present & FST_OPT_TIMESTAMPS)
        from->ts_val = segment->options.ts_val;
    from->packets++;
    record->payload[side] += segment->payload_len;
    record->ts_last = segment->time_ns;
    record->last_hash = segment->header_hash;
    return true;
}
