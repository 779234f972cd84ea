/* SPDX-License-Identifier: MIT
 *
 * Could two conforming endpoints have produced this capture? A search over the reference endpoints
 * that is told what the tap saw, in order, and that it saw everything. It decides whether a miss of
 * the observer is a miss at all: a segment is provably wrong if no run explains it.
 */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include "world.h"

#define CAPTURE_MAX 48

/** What the tap saw. */
struct capture {
    unsigned count;
    uint8_t side[CAPTURE_MAX];
    struct model_segment segment[CAPTURE_MAX];
};

enum explanation { EXPLAINED, UNEXPLAINED, UNDECIDED };

/** `limit`: states after which the search gives up undecided. */
enum explanation capture_explain(const struct capture *capture, const struct settings *settings,
                                 uint32_t limit);

#endif
