/* SPDX-License-Identifier: MIT
 *
 * Sequence arithmetic modulo 2^32, RFC 9293 section 3.4: the only file that subtracts sequence
 * numbers. Two numbers compare by the shorter way round the circle.
 */
#ifndef FST_BASE_SEQ_H
#define FST_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/** How far `a` lies beyond `b`; negative when it lies before. */
static inline int32_t fst_seq_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline bool fst_seq_lt(uint32_t a, uint32_t b)
{
    return fst_seq_diff(a, b) < 0;
}

static inline bool fst_seq_le(uint32_t a, uint32_t b)
{
    return fst_seq_diff(a, b) <= 0;
}

static inline bool fst_seq_gt(uint32_t a, uint32_t b)
{
    return fst_seq_diff(a, b) > 0;
}

static inline bool fst_seq_ge(uint32_t a, uint32_t b)
{
    return fst_seq_diff(a, b) >= 0;
}

static inline uint32_t fst_seq_max(uint32_t a, uint32_t b)
{
    return fst_seq_gt(a, b) ? a : b;
}

static inline uint32_t fst_seq_min(uint32_t a, uint32_t b)
{
    return fst_seq_lt(a, b) ? a : b;
}

/** Whether low =< n =< high on the circle, for ranges shorter than half of it. */
static inline bool fst_seq_within(uint32_t low, uint32_t n, uint32_t high)
{
    return n - low <= high - low;
}

#endif
