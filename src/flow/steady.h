/* SPDX-License-Identifier: MIT
 *
 * The short way for most segments: in order, between two ends that are established for certain.
 */
#ifndef FST_FLOW_STEADY_H
#define FST_FLOW_STEADY_H

#include "decode/segment.h"
#include "flow/record.h"

/**
 * Book a segment that cannot move a state, trip a rule or earn a label.
 * @param shape  See fst_shape_of().
 * @return false if it might, with nothing changed: the observer has to see it.
 */
bool fst_steady_take(struct fst_record *record, const struct fst_segment *segment, uint64_t shape,
                     unsigned side);

#endif
