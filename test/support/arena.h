/* SPDX-License-Identifier: MIT
 *
 * Memory that is given back all at once: mapping and unmapping a table for each of tens of
 * thousands of runs would take most of the time.
 */
#ifndef FST_TEST_SUPPORT_ARENA_H
#define FST_TEST_SUPPORT_ARENA_H

#include "flowstate/flowstate.h"

/** For one analyzer at a time: what the last one was given is free again. */
const struct fst_allocator *arena_begin(void);

#endif
