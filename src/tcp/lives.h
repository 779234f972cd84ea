/* SPDX-License-Identifier: MIT
 *
 * Lives of an endpoint: which one a segment belongs to, and beginning another.
 */
#ifndef FST_TCP_LIVES_H
#define FST_TCP_LIVES_H

#include "decode/segment.h"
#include "tcp/observation.h"

/** The life of side `x` that a segment without SYN belongs to, or FST_NO_LIFE. */
unsigned fst_life_of(const struct fst_observation *o, unsigned x, const struct fst_segment *seg);

/** The life of side `x` whose SYN has this number, or FST_NO_LIFE. */
unsigned fst_life_with_iss(const struct fst_observation *o, unsigned x, uint32_t iss);

/** The life of side `x` whose SYN was not captured and whose numbers this one touches, or
 *  FST_NO_LIFE: without contact it is a life of its own. */
unsigned fst_life_missing_syn(const struct fst_observation *o, unsigned x,
                              const struct fst_segment *syn);

/** The life of side `y` whose captured octets contain `ack`, `preferred` first; or FST_NO_LIFE. */
unsigned fst_life_acked(const struct fst_observation *o, unsigned y, uint32_t ack,
                        unsigned preferred);

/** Begin a life of side `x`; the oldest that is not shown gives way if there is no room. */
unsigned fst_life_begin(struct fst_observation *o, unsigned x);

/** `born` of the newest life known to have begun: the endpoint is in it or in a later one. */
uint16_t fst_newest_born(const struct fst_observed_side *s);

/** How many lives have been captured so far: one that has only been made ready is the newest. */
uint16_t fst_lives_captured(const struct fst_observed_side *s);

/** Lives of side `x` whose numbers have come into contact with `index` are that life: absorb them.
 */
void fst_life_merge(struct fst_observation *o, unsigned x, unsigned index);

#endif
