/* SPDX-License-Identifier: MIT
 *
 * The sequence-space marks of one life: how far it has sent, which octets were captured, and the
 * run of numbers that certainly belong to it.
 */
#ifndef FST_TCP_MARKS_H
#define FST_TCP_MARKS_H

#include "tcp/observation.h"

/** A life about which nothing is known: silent, closed or listening. */
void fst_life_init(struct fst_life *life, uint16_t incarnation);

/** Place the marks of a life at its first known number. */
void fst_life_place(struct fst_life *life, uint32_t seq);

/** Its first captured number, where the peer has acknowledged numbers of it before: those are not
 *  known to have been sent, nor is what it was taken to have acknowledged. */
void fst_life_replace(struct fst_life *life, uint32_t seq);

/** Book a segment that occupies [seq, end): end is SEQ + SEG.LEN. Empty segments move snd_top. */
void fst_life_book(struct fst_life *life, uint32_t seq, uint32_t end, uint64_t packet);

/** A window of zero that `other` has offered may have been `life`'s. */
void fst_life_share_closing(struct fst_life *life, const struct fst_life *other);

/**
 * Numbers right above `life`, a SYN so far, that were booked on `other` without touching its run:
 * they are this life's. `other` falls back to its run. False if there are none.
 */
bool fst_life_take_over(struct fst_life *life, struct fst_life *other);

/** Whether it has sent so much that its SYN's number is out of reach. */
static inline bool fst_life_is_far(const struct fst_life *life)
{
    return life->iss != life->origin;
}

/** Whether who answers its SYN may send text at once: it asked for Fast Open, or has text, for
 * which hosts may do without a cookie: RFC 7413 4.2, 7.3. */
static inline bool fst_life_opens_fast(const struct fst_life *life)
{
    return (life->flags & FST_LIFE_FAST_OPEN) || life->syn_octets > 0;
}

/** Let the peer acknowledge up to `end` without a word: it was said once. */
void fst_life_claim(struct fst_life *life, uint32_t end);

/** Widen the run to `high` and over the captured ranges it then touches. */
void fst_life_extend_run(struct fst_life *life, uint32_t high);

/** Whether [seq, end) was captured before, as a whole. Empty ranges were not. */
bool fst_life_has_range(const struct fst_life *life, uint32_t seq, uint32_t end);

/** Whether the octet was captured, for certain: the lowest range may hold more than that. */
bool fst_life_has_octet(const struct fst_life *life, uint32_t seq);

/** Whether every octet from `low` up to `high` was captured. */
bool fst_life_no_hole(const struct fst_life *life, uint32_t low, uint32_t high);

/** Whether `seq` certainly is a number of this life. */
bool fst_life_in_run(const struct fst_life *life, uint32_t seq);

/** Whether an acknowledgment of the peer can mean octets of this life that were captured. */
bool fst_life_contains_ack(const struct fst_life *life, uint32_t ack);

/** ... or octets that it was taken to have sent, or its SYN one number lower, which is illegal. */
bool fst_life_admits_ack(const struct fst_life *life, uint32_t ack);

#endif
