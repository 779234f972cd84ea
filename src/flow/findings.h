/* SPDX-License-Identifier: MIT
 *
 * The findings of connections, in one pool: a chain for each connection, newest first.
 */
#ifndef FST_FLOW_FINDINGS_H
#define FST_FLOW_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/pool.h"
#include "flowstate/flowstate.h"
#include "tcp/step.h"

/* How often the same rule is kept for one side of one connection, and how many findings in all. */
#define FST_FINDINGS_SAME 8
#define FST_FINDINGS_MOST 64

struct fst_findings {
    struct fst_pool nodes; /* of struct fst_finding_node */
    struct fst_finding shown[FST_FINDINGS_MOST + 1];
};

void fst_findings_init(struct fst_findings *findings, const struct fst_allocator *allocator);
void fst_findings_fini(struct fst_findings *findings);

/** Add one to the chain at *head; what is too much is only counted, in `repeats` of its kind, and
 *  *repeats receives that count, else 0. */
bool fst_findings_add(struct fst_findings *findings, uint32_t *head,
                      const struct fst_step_finding *finding, uint32_t *repeats);

/** Drop a chain. */
void fst_findings_drop(struct fst_findings *findings, uint32_t *head);

/** The chain in capture order, and `last` if it is not NULL, for users. Borrowed until the next
 *  call. */
size_t fst_findings_show(struct fst_findings *findings, uint32_t head,
                         const struct fst_step_finding *last, unsigned client, uint32_t connection,
                         const struct fst_finding **out);

/** Put one into the form users see. */
void fst_finding_from_step(struct fst_finding *out, const struct fst_step_finding *in,
                           unsigned client, uint32_t connection);

/** Rules of a side that were reported before, as bits, for rules said once. */
void fst_findings_reported(const struct fst_findings *findings, uint32_t head, unsigned side,
                           uint64_t reported[2]);

/** The packet of the side's RST that was reported last, 0 if none. */
uint64_t fst_findings_reset_packet(const struct fst_findings *findings, uint32_t head,
                                   unsigned side);

/** Whether the rule is in the chain. */
bool fst_findings_have(const struct fst_findings *findings, uint32_t head, enum fst_rule_id rule);

/* What a chain comes to. */
struct fst_found {
    uint64_t rules[2];    /* those in it, as bits */
    enum fst_class worst; /* FST_CLASS_COUNT if it is empty */
    unsigned reset_by;    /* who sent the first RST that was reported: a side, or FST_NO_SIDE */
};

struct fst_found fst_findings_sum(const struct fst_findings *findings, uint32_t head);

static inline bool fst_found_has(const struct fst_found *found, enum fst_rule_id rule)
{
    return (found->rules[rule / 64] >> rule % 64 & 1) != 0;
}

/** Take over the chains of another one, for whose nodes room was made in `nodes`. Returns by how
 *  much their heads grow. */
uint32_t fst_findings_absorb(struct fst_findings *findings, const struct fst_findings *other);

#endif
