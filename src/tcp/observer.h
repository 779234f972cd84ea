/* SPDX-License-Identifier: MIT
 *
 * The observer of one 4-tuple: what both endpoints can be, after every captured segment.
 *
 * A plain value: copy it with an assignment, compare or hash it by its octets (it is zeroed whole
 * and holds no pointers). No allocation, no I/O, no clock. The connection table keeps a packed form
 * of it for ordinary connections; tests and the model use it as it is.
 */
#ifndef FST_TCP_OBSERVER_H
#define FST_TCP_OBSERVER_H

#include "decode/segment.h"
#include "flowstate/flowstate.h"

struct fst_observation; /* defined in tcp/observation.h */
struct fst_step;        /* what one segment showed; tcp/step.h */

/** Zeroes the observation: nothing is known of either side. */
void fst_observation_init(struct fst_observation *observation);

/**
 * Take one captured segment.
 *
 * @param sender    0 or 1: which of the two endpoints sent it.
 * @param lossless  The capture is vouched to have missed nothing.
 * @param step      Receives findings and state changes; overwritten.
 */
void fst_observe(struct fst_observation *observation, const struct fst_segment *segment,
                 unsigned sender, bool lossless, struct fst_step *step);

/** The capture has ended: findings that were held back or need the end. `client` is the side a
 * finding that holds for both is put down to. */
void fst_observe_end(struct fst_observation *observation, unsigned client, bool lossless,
                     struct fst_step *step);

/** The states the side can be in, and the likely one. */
fst_state_set fst_observed_possible(const struct fst_observation *observation, unsigned side);
enum fst_state fst_observed_state(const struct fst_observation *observation, unsigned side);

#endif
