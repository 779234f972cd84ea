/* SPDX-License-Identifier: MIT
 *
 * Decoded packets as they go from one thread to the other, and how such a thread begins.
 */
#ifndef FST_READING_BLOCK_H
#define FST_READING_BLOCK_H

#include <pthread.h>

#include "flow/batch.h"
#include "flow/table.h"

/* As many packets as a slice of the file holds if each is a bare TCP header in bare IPv4: 56 octets
 * with the record's own header. Most are larger: what is not used of a block is never touched. */
#define FST_BLOCK_BATCHES 147
#define FST_BLOCK_PACKETS (FST_BLOCK_BATCHES * FST_BATCH)

struct fst_block {
    size_t count;
    uint64_t file_bytes;         /* of the capture, as of then */
    bool last;                   /* nothing comes after it */
    struct fst_span promised[2]; /* as it is given back: to be touched before it is filled again */
    struct fst_batch batches[FST_BLOCK_BATCHES];
};

/** Memory for a ring of empty blocks; NULL when it is short. */
struct fst_block *fst_blocks_new(const struct fst_allocator *allocator, size_t count);
void fst_blocks_free(const struct fst_allocator *allocator, struct fst_block *blocks, size_t count);

/** Append packets to a block that has room for them. */
void fst_block_decode(struct fst_block *block, struct fst_decoder *decoder,
                      const struct fst_packet *packets, size_t count);

/** Touch what was promised: the other side is to find its pages, not to wait for the kernel to
 *  clear them. */
void fst_block_touch(const struct fst_block *block);

/** Start a thread that no signal comes to: who was there before knows what they mean. */
bool fst_thread_start(pthread_t *thread, void *(*run)(void *), void *context);

#endif
