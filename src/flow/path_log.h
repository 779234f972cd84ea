/* SPDX-License-Identifier: MIT
 *
 * Which packet led to each step of a path: a chain of packet numbers beside the path's trie node,
 * newest first. Kept only when asked for.
 */
#ifndef FST_FLOW_PATH_LOG_H
#define FST_FLOW_PATH_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_path_log;

/** NULL when memory is short. */
struct fst_path_log *fst_path_log_new(const struct fst_allocator *allocator);
void fst_path_log_free(struct fst_path_log *log);

/** Say that the path of this side of this record has `length` steps now, the last one made by
 *  `packet`. Steps beyond are dropped first. Short of memory the packet is not kept. */
void fst_path_log_set(struct fst_path_log *log, uint32_t record, unsigned side, unsigned length,
                      uint64_t packet);

/** Forget both paths of a record. */
void fst_path_log_clear(struct fst_path_log *log, uint32_t record);

/** The packets of steps 0 to `count` - 1; 0 where none is known. */
void fst_path_log_read(const struct fst_path_log *log, uint32_t record, unsigned side,
                       uint64_t *packets, size_t count);

#endif
