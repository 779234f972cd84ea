/* SPDX-License-Identifier: MIT
 *
 * Threads that read a file abreast: each copies slices of it and decodes them whenever nothing is
 * there to be analysed. Slices are walked over and analysed in their order, so what comes of it is
 * the same as if one thread had read them. If the connections are divided into parts, each part is
 * one thread's; else all are the caller's. Where a packet cannot be told without those before it,
 * the blocks end before its slice, and capture and decoder stand there. Nobody spins.
 */
#ifndef FST_READING_ABREAST_H
#define FST_READING_ABREAST_H

#include "capture/slices.h"
#include "flow/analyzer.h"
#include "reading/block.h"

struct fst_abreast;

/** So many packets can be on their way from slices of this size. */
uint64_t fst_abreast_packets(size_t slice);

/**
 * Begin, from where the capture stands. From now on neither it nor the analyzer may be used, but
 * for taking what comes over.
 *
 * @param threads  The caller's included; at least as many as the analyzer has parts.
 * @param slice    So many octets are read at once.
 * @param most     So many packets at most are read.
 * @return NULL when there is no whole slice, or memory or threads are short: nothing has changed
 *         then.
 */
struct fst_abreast *fst_abreast_start(struct fst_analyzer *analyzer, struct fst_capture *capture,
                                      unsigned threads, size_t slice, uint64_t most);

/** The next block, in order, or NULL if they end here; reads meanwhile. If there are parts only the
 *  first is to be taken from it. */
struct fst_block *fst_abreast_take(struct fst_abreast *abreast);

/** Give back what fst_abreast_take() gave, before the next is taken. */
void fst_abreast_give_back(struct fst_abreast *abreast);

/** The blocks are to end as soon as all threads can end at the same. */
void fst_abreast_stop(struct fst_abreast *abreast);

/**
 * Capture and decoder are the caller's again, as if only what came over had been read.
 *
 * @param more  Whether the file has more whole slices, the next of which wants to be read in order.
 * @return 0, or the error of another thread that took.
 */
int fst_abreast_end(struct fst_abreast *abreast, bool *more);

#endif
