/* SPDX-License-Identifier: MIT
 *
 * An allocator for tests: counts, checks the sizes it is told, and fails when asked to.
 */
#ifndef FST_TEST_SUPPORT_MEMORY_H
#define FST_TEST_SUPPORT_MEMORY_H

#include "flowstate/flowstate.h"

#define MEMORY_NEVER UINT64_MAX

struct memory {
    struct fst_allocator allocator; /* hand out its address */
    uint64_t calls;                 /* that asked for memory */
    uint64_t fail_from, fail_to;    /* calls, from 1, that get none; both inclusive */
    size_t blocks, octets;          /* in use */
};

/** Nothing fails until `fail_from` and `fail_to` are set. */
void memory_init(struct memory *memory);

/** Only the n-th call from now on fails. */
void memory_fail(struct memory *memory, uint64_t nth);

/** All calls fail from now on, or none again. */
void memory_exhaust(struct memory *memory);
void memory_replenish(struct memory *memory);

#endif
