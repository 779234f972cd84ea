/* SPDX-License-Identifier: MIT
 *
 * Two threads that read a file abreast: each copies slices of it and decodes them, and the one that
 * analyses does so whenever nothing is there to be analysed. Slices are walked over and analysed in
 * their order, so what comes of it is the same as if one thread had read them. Where a packet
 * cannot be told without those before it, the blocks end before its slice, and capture and decoder
 * stand there. Nobody spins.
 */
#ifndef FST_READING_ABREAST_H
#define FST_READING_ABREAST_H

#include "capture/slices.h"
#include "reading/block.h"

struct fst_abreast;

/**
 * Begin, from where the capture stands. From now on neither capture nor decoder may be used.
 *
 * @param slice  So many octets are read at once.
 * @param most   So many packets at most are read.
 * @return NULL when there is no whole slice, or memory or threads are short: nothing has changed
 *         then.
 */
struct fst_abreast *fst_abreast_start(struct fst_capture *capture, struct fst_decoder *decoder,
                                      size_t slice, uint64_t most,
                                      const struct fst_allocator *allocator);

/** The next block, in order, or NULL if they end here; reads meanwhile. */
struct fst_block *fst_abreast_take(struct fst_abreast *abreast);

/** Give back what fst_abreast_take() gave, before the next is taken. */
void fst_abreast_give_back(struct fst_abreast *abreast);

/**
 * Capture and decoder are the caller's again, as if only what came over had been read.
 *
 * @return Whether the file has more whole slices, the next of which wants to be read in order.
 */
bool fst_abreast_end(struct fst_abreast *abreast);

#endif
