/* SPDX-License-Identifier: MIT */
#include "reading/ahead.h"

#include "base/alloc.h"
#include "capture/supply.h"

#define BLOCKS 4

/* Batches of a block. Waking the other side costs as much as some ten packets, so they are many;
 * but they should still lie in a second-level cache when they come over. */
#define FULL 32

#define ROOM 256 /* packets of one read */

struct fst_ahead {
    const struct fst_allocator *allocator;
    struct fst_capture *capture;
    struct fst_decoder *decoder;
    uint64_t left;         /* packets that may still be read; 0 at the end */
    uint64_t octets;       /* no more is read behind these */
    bool pipe;             /* a read may wait for somebody to write */
    int error;             /* of the last read */
    struct fst_diag fault; /* and why */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows, but for the blocks themselves */
    pthread_cond_t filled_one, gave_back;
    size_t first, filled;
    bool waiting; /* for a block to be filled */
    bool stop;
    struct fst_block *blocks; /* BLOCKS of them */
};

/* ------------------------------------------------------------------------------- reading ahead --
 */

/* The next block to fill; waits for one. It is the last if no more is wanted. */
static struct fst_block *room(struct fst_ahead *ahead)
{
    struct fst_block *block;

    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled == BLOCKS)
        pthread_cond_wait(&ahead->gave_back, &ahead->lock);
    block = &ahead->blocks[(ahead->first + ahead->filled) % BLOCKS];
    block->count = 0;
    block->last = ahead->stop;
    pthread_mutex_unlock(&ahead->lock);
    return block;
}

static void put(struct fst_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->filled++;
    if (ahead->waiting)
        pthread_cond_signal(&ahead->filled_one);
    pthread_mutex_unlock(&ahead->lock);
}

static size_t smaller(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* Fill the block; from a pipe as far as it goes without waiting for somebody to write, who may be
 * slow: a read that found less than was asked for has used up what had come. */
static void fill(struct fst_ahead *ahead, struct fst_block *block)
{
    struct fst_packet packets[ROOM];

    while (!block->last && block->count < FULL) {
        size_t most = smaller(ahead->left, (FULL - block->count) * FST_BATCH);
        size_t want = smaller(most, ROOM), count = 0;

        if (want > 0)
            ahead->error = fst_capture_read(ahead->capture, packets, want, &count, &ahead->fault);
        fst_block_decode(block, ahead->decoder, packets, count);
        ahead->left = count == 0 || ahead->error ? 0 : ahead->left - count;
        block->last = ahead->left == 0 || fst_capture_info(ahead->capture)->bytes >= ahead->octets;
        if (ahead->pipe && count < want)
            break;
    }
    block->file_bytes = fst_capture_info(ahead->capture)->file_bytes;
}

static void *read_ahead(void *context)
{
    struct fst_ahead *ahead = context;
    bool last = false;

    while (!last) {
        struct fst_block *block = room(ahead);

        fst_block_touch(block);
        fill(ahead, block);
        last = block->last;
        put(ahead);
    }
    return NULL;
}

/* ---------------------------------------------------------------------------- who comes after --
 */

static void release(struct fst_ahead *ahead)
{
    pthread_cond_destroy(&ahead->gave_back);
    pthread_cond_destroy(&ahead->filled_one);
    pthread_mutex_destroy(&ahead->lock);
    fst_blocks_free(ahead->allocator, ahead->blocks, BLOCKS);
    fst_release(ahead->allocator, ahead, sizeof(*ahead));
}

struct fst_ahead *fst_ahead_start(struct fst_capture *capture, struct fst_decoder *decoder,
                                  uint64_t most, uint64_t octets,
                                  const struct fst_allocator *allocator)
{
    struct fst_ahead *ahead = fst_alloc(allocator, sizeof(*ahead));

    if (!ahead)
        return NULL;
    ahead->blocks = fst_blocks_new(allocator, BLOCKS);
    if (!ahead->blocks) {
        fst_release(allocator, ahead, sizeof(*ahead));
        return NULL;
    }
    ahead->allocator = allocator;
    ahead->capture = capture;
    ahead->decoder = decoder;
    ahead->left = most;
    ahead->octets = octets;
    ahead->pipe = fst_capture_supply(capture) == FST_SUPPLY_PIPE;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled_one, NULL);
    pthread_cond_init(&ahead->gave_back, NULL);
    if (!fst_thread_start(&ahead->thread, read_ahead, ahead)) {
        release(ahead);
        return NULL;
    }
    return ahead;
}

struct fst_block *fst_ahead_take(struct fst_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->waiting = true;
    while (ahead->filled == 0)
        pthread_cond_wait(&ahead->filled_one, &ahead->lock);
    ahead->waiting = false;
    pthread_mutex_unlock(&ahead->lock);
    return &ahead->blocks[ahead->first];
}

void fst_ahead_give_back(struct fst_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->first = (ahead->first + 1) % BLOCKS;
    if (ahead->filled-- == BLOCKS)
        pthread_cond_signal(&ahead->gave_back);
    pthread_mutex_unlock(&ahead->lock);
}

void fst_ahead_stop(struct fst_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->stop = true;
    pthread_mutex_unlock(&ahead->lock);
}

int fst_ahead_end(struct fst_ahead *ahead, uint64_t *left, struct fst_diag *diag)
{
    int error;

    pthread_join(ahead->thread, NULL);
    error = ahead->error;
    *left = ahead->left;
    if (error && diag)
        *diag = ahead->fault;
    release(ahead);
    return error;
}
