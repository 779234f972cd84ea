/* SPDX-License-Identifier: MIT */
#include "reading/block.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"

struct fst_block *fst_blocks_new(const struct fst_allocator *allocator, size_t count)
{
    struct fst_block *blocks = fst_resize(allocator, NULL, 0, count * sizeof(*blocks));

    for (size_t i = 0; blocks && i < count; i++)
        memset(&blocks[i], 0, offsetof(struct fst_block, batches));
    return blocks;
}

void fst_blocks_free(const struct fst_allocator *allocator, struct fst_block *blocks, size_t count)
{
    fst_release(allocator, blocks, count * sizeof(*blocks));
}

void fst_block_decode(struct fst_block *block, struct fst_decoder *decoder,
                      const struct fst_packet *packets, size_t count)
{
    for (size_t done = 0; done < count; done += FST_BATCH)
        fst_decoder_take(decoder, packets + done,
                         count - done < FST_BATCH ? count - done : FST_BATCH,
                         &block->batches[block->count++]);
}

void fst_block_touch(const struct fst_block *block)
{
    for (size_t i = 0; i < 2; i++)
        fst_touch(block->promised[i].memory, block->promised[i].size);
}

bool fst_thread_start(pthread_t *thread, void *(*run)(void *), void *context)
{
    sigset_t all, before;
    bool good;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return false;
    good = pthread_create(thread, NULL, run, context) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return good;
}
