/* SPDX-License-Identifier: MIT
 *
 * The order of connections whose records were opened by several threads, each in a part of the
 * table: a run of records a part, in the order of their first packets. The id of a connection is
 * its place among all of them, as if one thread had opened them, and takes no memory.
 */
#ifndef FST_FLOW_RUNS_H
#define FST_FLOW_RUNS_H

#include <stdint.h>

#include "flow/batch.h"

struct fst_run {
    uint32_t first, count; /* records */
};

struct fst_runs {
    struct fst_run run[FST_PARTS_MOST];
    unsigned count;              /* 0: records stand in the order of their ids */
    uint32_t places;             /* records of all runs */
    uint32_t behind;             /* the records from here on are younger than all runs */
    uint32_t place;              /* looked up last: of its run `at` is the record, of the others */
    uint32_t at[FST_PARTS_MOST]; /* the next; all offsets into the run */
    bool looked_up;
};

struct fst_table;

/** The record at a place in the order of first packets; behind the runs one record follows the
 *  other. */
uint32_t fst_runs_number(struct fst_table *table, uint32_t place);

/** The other way round. */
uint32_t fst_runs_place(struct fst_table *table, uint32_t number);

#endif
