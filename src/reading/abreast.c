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

/* Of a thread: what it reads into and decodes with. */
struct workspace {
    struct fst_slice slice;
    struct fst_decoder decoder;
    struct fst_packet packets[FST_BLOCK_PACKETS];
};

/* Of the ring: a slice on its way. */
struct slot {
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
    pthread_mutex_t lock; /* of what follows, and of each slot's flags */
    pthread_cond_t turned, filled_one, gave_back;
    uint64_t next;    /* the slice to come over */
    uint64_t claimed; /* and to be read */
    uint64_t turn;    /* and to be walked over */
    bool stop;        /* nothing else is to be claimed or walked over */
    struct slot slots[RING];
    struct fst_block *blocks; /* of the slots */
    struct workspace workspaces[2];
};

static struct slot *slot_of(struct fst_abreast *abreast, uint64_t number)
{
    return &abreast->slots[number % RING];
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
static bool walk(struct fst_abreast *abreast, struct workspace *space, struct border *behind,
                 size_t *count)
{
    struct border *border = &abreast->border;

    if (!fst_slice_walk(&space->slice, &border->place, space->packets, FST_BLOCK_PACKETS, count) ||
        border->place.info.packets > abreast->most)
        return false;
    space->decoder.begun = border->begun;
    space->decoder.last_time_ns = border->last_time_ns;
    if (*count > 0) {
        border->begun = true;
        border->last_time_ns = space->packets[*count - 1].time_ns;
    }
    *behind = *border;
    return true;
}

/* Read a slice into its slot; false if it is not to be read so. */
static bool fill(struct fst_abreast *abreast, struct workspace *space, uint64_t number)
{
    struct slot *slot = slot_of(abreast, number);
    bool loaded = fst_slice_load(&space->slice, number);
    size_t count = 0;
    bool walked;

    if (!await_turn(abreast, number))
        return false;
    walked = loaded && walk(abreast, space, &slot->behind, &count);
    pass_turn(abreast, walked);
    if (!walked)
        return false;
    slot->block->count = 0;
    slot->block->file_bytes = slot->behind.place.offset;
    fst_block_decode(slot->block, &space->decoder, space->packets, count);
    return !fst_decoder_asked(&space->decoder);
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

static void work(struct fst_abreast *abreast, struct workspace *space, bool touch)
{
    uint64_t number = abreast->claimed++;
    struct slot *slot = slot_of(abreast, number);
    bool good;

    pthread_mutex_unlock(&abreast->lock);
    if (touch)
        fst_block_touch(slot->block);
    good = fill(abreast, space, number);
    pthread_mutex_lock(&abreast->lock);
    slot->filled = true;
    slot->refused = !good;
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
            work(abreast, &abreast->workspaces[1], true);
        else
            pthread_cond_wait(&abreast->gave_back, &abreast->lock);
    }
    pthread_mutex_unlock(&abreast->lock);
    return NULL;
}

struct fst_block *fst_abreast_take(struct fst_abreast *abreast)
{
    struct slot *slot = slot_of(abreast, abreast->next);
    bool there;

    pthread_mutex_lock(&abreast->lock);
    while (!slot->filled && abreast->next < abreast->claimed + !is_over(abreast)) {
        if (!is_over(abreast) && has_room(abreast))
            work(abreast, &abreast->workspaces[0], false);
        else
            pthread_cond_wait(&abreast->filled_one, &abreast->lock);
    }
    there = slot->filled && !slot->refused;
    pthread_mutex_unlock(&abreast->lock);
    if (!there)
        return NULL;
    abreast->taken = slot->behind;
    return slot->block;
}

void fst_abreast_give_back(struct fst_abreast *abreast)
{
    pthread_mutex_lock(&abreast->lock);
    slot_of(abreast, abreast->next)->filled = false;
    abreast->next++;
    pthread_cond_signal(&abreast->gave_back);
    pthread_mutex_unlock(&abreast->lock);
}

/* ---------------------------------------------------------------------------- begin and end -- */

static bool workspace_init(struct workspace *space, const struct fst_abreast *abreast, size_t slice)
{
    if (!fst_slice_init(&space->slice, abreast->capture, slice))
        return false;
    if (fst_decoder_init_beside(&space->decoder, abreast->decoder, abreast->allocator))
        return true;
    fst_slice_fini(&space->slice);
    return false;
}

static void workspace_fini(struct workspace *space)
{
    fst_decoder_fini_beside(&space->decoder);
    fst_slice_fini(&space->slice);
}

static bool init_memory(struct fst_abreast *abreast, size_t slice)
{
    abreast->blocks = fst_blocks_new(abreast->allocator, RING);
    if (!abreast->blocks)
        return false;
    for (size_t i = 0; i < RING; i++)
        abreast->slots[i].block = &abreast->blocks[i];
    if (!workspace_init(&abreast->workspaces[0], abreast, slice))
        goto free_blocks;
    if (workspace_init(&abreast->workspaces[1], abreast, slice))
        return true;

    workspace_fini(&abreast->workspaces[0]);
free_blocks:
    fst_blocks_free(abreast->allocator, abreast->blocks, RING);
    return false;
}

static void fini_memory(struct fst_abreast *abreast)
{
    workspace_fini(&abreast->workspaces[1]);
    workspace_fini(&abreast->workspaces[0]);
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
