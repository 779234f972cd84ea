/* SPDX-License-Identifier: MIT
 *
 * The observer under test at the tap of a model world, and the invariants that hold it to the
 * truth:
 *
 * 1. No finding of class illegal; no suspect either if the tap missed nothing and no host lost its
 *    memory. The observer is told `lossless` where the tap sees everything, else not.
 * 2. The true state of each endpoint is possible, as far as the wire can show it (host_truth()).
 *    In the set that verdicts rest on it is exactly, in the life whose SYN was captured.
 * 3. The likely state is possible.
 * 4. On a prompt network the likely state is the true one once everything has been delivered.
 * 5. With the two sides renamed the results are the same, renamed.
 * 6. Kept between segments in the form the connection table uses, and passed by where the table
 *    does not ask it, it says the same.
 */
#ifndef MODEL_WATCH_H
#define MODEL_WATCH_H

#include "flow/pack.h"
#include "tcp/observation.h"
#include "tcp/observer.h"
#include "tcp/step.h"
#include "world.h"

enum offence_kind {
    OFFENCE_NONE,
    OFFENCE_ILLEGAL,
    OFFENCE_SUSPECT,
    OFFENCE_TRUTH,
    OFFENCE_WIDE,
    OFFENCE_MEMBER,
    OFFENCE_PROMPT,
    OFFENCE_MIRROR,
    OFFENCE_KEPT
};

/** The first invariant found broken. */
struct offence {
    enum offence_kind kind;
    unsigned side;
    const char *rule; /* of a finding, "" otherwise; static */
    fst_state_set truth, possible;
    enum fst_state likely;
};

struct watch_settings {
    bool lossless;
    bool twice;   /* check invariants 5 and 6 */
    bool numbers; /* packets are numbered and 1 ms apart; else all alike, so that states merge */
};

struct watch {
    struct fst_observation seen;
    struct fst_observation mirrored;
    struct fst_observation kept; /* where these two do not take it whole */
    struct fst_record record;
    uint32_t fin_packet[2];
    uint64_t packets;
};

void watch_init(struct watch *watch, const struct watch_settings *settings);

/** One segment of `side` passes the tap. `step` receives what the observer said of it. */
void watch_segment(struct watch *watch, const struct watch_settings *settings,
                   const struct model_segment *segment, unsigned side, struct fst_step *step,
                   struct offence *offence);

/** Hold the observer against the world after an event; `step` is what it said, NULL if the tap saw
 *  nothing. */
void watch_judge(const struct watch *watch, const struct world *world, const struct fst_step *step,
                 struct offence *offence);

/** Invariant 4, when nothing is in flight. */
void watch_judge_prompt(const struct watch *watch, const struct world *world,
                        struct offence *offence);

/** The capture ends here: what the observer had held back. */
void watch_end(const struct watch *watch, const struct watch_settings *settings,
               const struct world *world, struct offence *offence);

uint64_t watch_hash(const struct watch *watch);

/** The segment as the decoder would hand it over. */
void watch_decode(struct fst_segment *out, const struct model_segment *segment, unsigned side);

/** The same invariant broken in the same way. */
bool offence_same(const struct offence *a, const struct offence *b);

/** One line: which invariant, where, by how much. */
void offence_print(const struct offence *offence);

#endif
