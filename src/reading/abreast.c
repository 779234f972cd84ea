/* SPDX-License-Identifier: MIT */
#include "reading/abreast.h"

#include "base/alloc.h"

/* Slices on their way at most. With fewer one thread waits for the other, with more they leave the
 * second-level cache. */
#define RING 4

/* Between two slices. */
struct border {
    struct fst_place place;
    int64_t last_time_ns; /* as the decoder's */
    bool begun;
};

/* Of a thread: what it reads into. */
struct bench {
    struct fst_slice slice;
    struct fst_decoder decoder;
    struct fst_packet packets[FST_BLOCK_PACKETS];
};

/* A slice on its way. */
struct lane {
    bool filled;  /* nothing more happens to it */
    bool refused; /* it is not to be read so */
    struct border behind;
    struct fst_block *block;
};

struct fst_abreast {
    const struct fst_allocator *allocator;
    struct fst_capture *capture;
    struct fst_decoder *decoder;
    uint64_t most;        /* packets, by their number */
    uint64_t end;         /* behind the last whole slice */
    struct border border; /* where the walk stands: of who has the turn */
    struct border taken;  /* behind what came over */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows, and of each lane's flags */
    pthread_cond_t turned, filled_one, gave_back;
    uint64_t next;    /* the slice to come over */
    uint64_t claimed; /* and to be read */
    uint64_t turn;    /* and to be walked over */
    bool stop;        /* nothing else is to be claimed or walked over */
    struct lane lanes[RING];
    struct fst_block *blocks; /* of the lanes */
    struct bench benches[2];
};

static struct lane *lane_of(struct fst_abreast *abreast, uint64_t number)
{
    return &abreast->lanes[number % RING];
}

/* -------------------------------------------------------------------------------- one slice -- */

/* Wait until all slices before were walked over; false if that does not come. */
static bool await_turn(struct fst_abreast *abreast, uint64_t number)
{
    bool mine;

    pthread_mutex_lock(&abreast->lock);
    while (abreast->turn != number && !abreast->stop)
        pthread_cond_wait(&abreast->turned, &abreast->lock);
    mine = abreast->turn == number;
    pthread_mutex_unlock(&abreast->lock);
    return mine;
}

static void pass_turn(struct fst_abreast *abreast, bool good)
{
    pthread_mutex_lock(&abreast->lock);
    if (good)
        abreast->turn++;
    else
        abreast->stop = true;
    pthread_cond_signal(&abreast->turned);
    pthread_mutex_unlock(&abreast->lock);
}

/* In order: which packets there are, and what goes from one slice to the next. */
static bool walk(struct fst_abreast *abreast, struct bench *bench, struct border *behind,
                 size_t *count)
{
    struct border *border = &abreast->border;

    if (!fst_slice_walk(&bench->slice, &border->place, bench->packets, FST_BLOCK_PACKETS, count) ||
        border->place.info.packets > abreast->most)
        return false;
    bench->decoder.begun = border->begun;
    bench->decoder.last_time_ns = border->last_time_ns;
    if (*count > 0) {
        border->begun = true;
        border->last_time_ns = bench->packets[*count - 1].time_ns;
    }
    *behind = *border;
    return true;
}

/* Read a slice into its lane; false if it is not to be read so. */
static bool fill(struct fst_abreast *abreast, struct bench *bench, uint64_t number)
{
    struct lane *lane = lane_of(abreast, number);
    bool loaded = fst_slice_load(&bench->slice, number);
    size_t count = 0;
    bool walked;

    if (!await_turn(abreast, number))
        return false;
    walked = loaded && walk(abreast, bench, &lane->behind, &count);
    pass_turn(abreast, walked);
    if (!walked)
        return false;
    lane->block->count = 0;
    lane->block->file_bytes = lane->behind.place.offset;
    fst_block_decode(lane->block, &bench->decoder, bench->packets, count);
    return !fst_decoder_asked(&bench->decoder);
}

/* ------------------------------------------------------------------------------- who does it -- */

/* All of these with the lock held. */

static bool is_over(const struct fst_abreast *abreast)
{
    return abreast->stop || abreast->claimed == abreast->end;
}

static bool has_room(const struct fst_abreast *abreast)
{
    return abreast->claimed < abreast->next + RING;
}

static void work(struct fst_abreast *abreast, struct bench *bench, bool touch)
{
    uint64_t number = abreast->claimed++;
    struct lane *lane = lane_of(abreast, number);
    bool good;

    pthread_mutex_unlock(&abreast->lock);
    if (touch)
        fst_block_touch(lane->block);
    good = fill(abreast, bench, number);
    pthread_mutex_lock(&abreast->lock);
    lane->filled = true;
    lane->refused = !good;
    if (!good) {
        abreast->stop = true;
        pthread_cond_signal(&abreast->turned);
    }
    pthread_cond_signal(&abreast->filled_one);
}

static void *read_abreast(void *context)
{
    struct fst_abreast *abreast = context;

    pthread_mutex_lock(&abreast->lock);
    while (!is_over(abreast)) {
        if (has_room(abreast))
            work(abreast, &abreast->benches[1], true);
        else
            pthread_cond_wait(&abreast->gave_back, &abreast->lock);
    }
    pthread_mutex_unlock(&abreast->lock);
    return NULL;
}

struct fst_block *fst_abreast_take(struct fst_abreast *abreast)
{
    struct lane *lane = lane_of(abreast, abreast->next);
    bool there;

    pthread_mutex_lock(&abreast->lock);
    while (!lane->filled && abreast->next < abreast->claimed + !is_over(abreast)) {
        if (!is_over(abreast) && has_room(abreast))
            work(abreast, &abreast->benches[0], false);
        else
            pthread_cond_wait(&abreast->filled_one, &abreast->lock);
    }
    there = lane->filled && !lane->refused;
    pthread_mutex_unlock(&abreast->lock);
    if (!there)
        return NULL;
    abreast->taken = lane->behind;
    return lane->block;
}

void fst_abreast_give_back(struct fst_abreast *abreast)
{
    pthread_mutex_lock(&abreast->lock);
    lane_of(abreast, abreast->next)->filled = false;
    abreast->next++;
    pthread_cond_signal(&abreast->gave_back);
    pthread_mutex_unlock(&abreast->lock);
}

/* ---------------------------------------------------------------------------- begin and end -- */

static bool bench_init(struct bench *bench, const struct fst_abreast *abreast, size_t slice)
{
    if (!fst_slice_init(&bench->slice, abreast->capture, slice))
        return false;
    if (fst_decoder_init_beside(&bench->decoder, abreast->decoder, abreast->allocator))
        return true;
    fst_slice_fini(&bench->slice);
    return false;
}

static void bench_fini(struct bench *bench)
{
    fst_decoder_fini_beside(&bench->decoder);
    fst_slice_fini(&bench->slice);
}

static bool init_memory(struct fst_abreast *abreast, size_t slice)
{
    abreast->blocks = fst_blocks_new(abreast->allocator, RING);
    if (!abreast->blocks)
        return false;
    for (size_t i = 0; i < RING; i++)
        abreast->lanes[i].block = &abreast->blocks[i];
    if (!bench_init(&abreast->benches[0], abreast, slice))
        goto free_blocks;
    if (bench_init(&abreast->benches[1], abreast, slice))
        return true;

    bench_fini(&abreast->benches[0]);
free_blocks:
    fst_blocks_free(abreast->allocator, abreast->blocks, RING);
    return false;
}

static void fini_memory(struct fst_abreast *abreast)
{
    bench_fini(&abreast->benches[1]);
    bench_fini(&abreast->benches[0]);
    fst_blocks_free(abreast->allocator, abreast->blocks, RING);
}

static void release(struct fst_abreast *abreast)
{
    pthread_cond_destroy(&abreast->gave_back);
    pthread_cond_destroy(&abreast->filled_one);
    pthread_cond_destroy(&abreast->turned);
    pthread_mutex_destroy(&abreast->lock);
    fini_memory(abreast);
    fst_release(abreast->allocator, abreast, sizeof(*abreast));
}

static bool begin(struct fst_abreast *abreast)
{
    pthread_mutex_init(&abreast->lock, NULL);
    pthread_cond_init(&abreast->turned, NULL);
    pthread_cond_init(&abreast->filled_one, NULL);
    pthread_cond_init(&abreast->gave_back, NULL);
    return fst_thread_start(&abreast->thread, read_abreast, abreast);
}

struct fst_abreast *fst_abreast_start(struct fst_capture *capture, struct fst_decoder *decoder,
                                      size_t slice, uint64_t most,
                                      const struct fst_allocator *allocator)
{
    const struct fst_place place = fst_place_of(capture);
    uint64_t end = fst_slices_count(capture, slice), number = place.offset / slice;
    struct fst_abreast *abreast;

    if (end <= number)
        return NULL;
    abreast = fst_alloc(allocator, sizeof(*abreast));
    if (!abreast)
        return NULL;
    abreast->allocator = allocator;
    abreast->capture = capture;
    abreast->decoder = decoder;
    abreast->most = most < UINT64_MAX - place.info.packets ? place.info.packets + most : UINT64_MAX;
    abreast->end = end;
    abreast->border = (struct border){place, decoder->last_time_ns, decoder->begun};
    abreast->taken = abreast->border;
    abreast->next = abreast->claimed = abreast->turn = number;
    if (!init_memory(abreast, slice)) {
        fst_release(allocator, abreast, sizeof(*abreast));
        return NULL;
    }
    if (begin(abreast))
        return abreast;
    release(abreast);
    return NULL;
}

bool fst_abreast_end(struct fst_abreast *abreast)
{
    const struct border *taken = &abreast->taken;
    bool more = abreast->next < abreast->end;

    pthread_mutex_lock(&abreast->lock);
    abreast->stop = true;
    pthread_cond_signal(&abreast->turned);
    pthread_cond_signal(&abreast->gave_back);
    pthread_mutex_unlock(&abreast->lock);
    pthread_join(abreast->thread, NULL);
    fst_place_return(abreast->capture, &taken->place);
    abreast->decoder->begun = taken->begun;
    abreast->decoder->last_time_ns = taken->last_time_ns;
    release(abreast);
    return more;
}
