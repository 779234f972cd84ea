/* SPDX-License-Identifier: MIT
 *
 * A second thread that reads a capture and decodes its packets, ahead of the one that analyses.
 * Decoded packets come over in blocks, through a ring of few: a side that is ahead sleeps until the
 * other has come after. Nobody spins, since the core may be somebody else's.
 */
#ifndef FST_READING_AHEAD_H
#define FST_READING_AHEAD_H

#include "reading/block.h"

struct fst_ahead;

/**
 * Begin to read ahead. From now on capture and decoder belong to the second thread, but for domains
 * that came over.
 *
 * @param most    So many packets at most are read.
 * @param octets  And what there is of the capture up to here, at least.
 * @return NULL when memory or threads are short: nothing has changed then.
 */
struct fst_ahead *fst_ahead_start(struct fst_capture *capture, struct fst_decoder *decoder,
                                  uint64_t most, uint64_t octets,
                                  const struct fst_allocator *allocator);

/** The next block, in order; waits for it. There is none after the last. */
struct fst_block *fst_ahead_take(struct fst_ahead *ahead);

/** Give back what fst_ahead_take() gave, before the next is taken. */
void fst_ahead_give_back(struct fst_ahead *ahead);

/** Read no more: what has been read still comes, then the last block. */
void fst_ahead_stop(struct fst_ahead *ahead);

/** After the last block: capture and decoder are the caller's again. Returns what the last read
 *  did, with its message in `diag` if that is an error. So many packets are `left` to be read as
 *  there were before without those that were read: none at the end of the capture. */
int fst_ahead_end(struct fst_ahead *ahead, uint64_t *left, struct fst_diag *diag);

#endif
