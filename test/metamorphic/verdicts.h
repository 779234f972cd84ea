/* SPDX-License-Identifier: MIT
 *
 * What the analyzer says of a list of packets: every event, and how each connection ends.
 */
#ifndef METAMORPHIC_VERDICTS_H
#define METAMORPHIC_VERDICTS_H

#include "flowstate/flowstate.h"

/** A finding, told apart by what a user sees of it but for its numbers. */
struct verdict_finding {
    const struct fst_rule *rule;
    enum fst_class class_;
    uint64_t packet; /* of the capture as it was, see verdicts_of() */
    uint64_t order;  /* packets fed when it was raised */
    bool at_end;
    struct fst_address by; /* all zero for nobody */
    uint16_t by_port;
};

/** Both endpoints after a packet, or at the end. */
struct verdict_states {
    uint32_t connection;
    struct fst_address address; /* of the first of `state` */
    uint16_t port;
    enum fst_state state[2];
    fst_state_set possible[2];
};

struct verdicts {
    size_t finding_count, after_count, end_count;
    struct verdict_finding *findings;
    struct verdict_states *after; /* packet n: at n - 1; connection 0 if it is not TCP */
    struct verdict_states *ends;  /* of connections that are still kept, by id */
};

/**
 * Analyse packets, numbered from 1 as they come. `origin[i]` is the number that packet i had in the
 * capture: findings name that. With `at_once` they are fed in one call.
 */
void verdicts_of(struct verdicts *verdicts, const struct fst_packet *packets,
                 const uint64_t *origin, size_t count, bool lossless, bool at_once);
void verdicts_free(struct verdicts *verdicts);

bool verdicts_have(const struct verdicts *verdicts, const char *slug);

/** The first finding of class illegal that `base` does not have, or NULL. With `doubts_too`, it
 * does have what it says of the same packet as suspect. */
const struct verdict_finding *new_illegal(const struct verdicts *verdicts,
                                          const struct verdicts *base, bool doubts_too);

#endif
