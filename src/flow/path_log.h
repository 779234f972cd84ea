/* SPDX-License-Identifier: MIT
 *
 * Which packet led to each step of a path: marks beside the path's trie node, some together,
 * newest first. Kept only when asked for.
 */
#ifndef FST_FLOW_PATH_LOG_H
#define FST_FLOW_PATH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_path_log;

/** The packet that made a step. */
struct fst_path_mark {
    uint64_t packet;
    int64_t time_ns;
};

/** NULL when memory is short. */
struct fst_path_log *fst_path_log_new(const struct fst_allocator *allocator);
void fst_path_log_free(struct fst_path_log *log);

/** Say that the path of this side of this record has `length` steps now, the last one made by
 *  `mark`. Steps beyond are dropped first. Short of memory the mark is not kept. */
void fst_path_log_set(struct fst_path_log *log, uint32_t record, unsigned side, unsigned length,
                      struct fst_path_mark mark);

/** Forget both paths of a record. */
void fst_path_log_clear(struct fst_path_log *log, uint32_t record);

/** The marks of steps 0 to `count` - 1; zeros where none is known. */
void fst_path_log_read(const struct fst_path_log *log, uint32_t record, unsigned side,
                       struct fst_path_mark *marks, size_t count);

/** The mark of the last step, or zeros. */
struct fst_path_mark fst_path_log_last(const struct fst_path_log *log, uint32_t record,
                                       unsigned side);

#endif
