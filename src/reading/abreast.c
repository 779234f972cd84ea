/* SPDX-License-Identifier: MIT */
#include "reading/abreast.h"

#include "base/alloc.h"
#include "flow/parts.h"

/* Slices on their way at most. With fewer one thread waits for the other, with more they leave the
 * second-level cache. */
#define RING 4

/* No record of a file is smaller. */
#define RECORD_LEAST 16

/* Between two slices. */
struct border {
    struct fst_place place;
    int64_t last_time_ns; /* as the decoder's */
    bool begun;
    uint64_t last_packet; /* as the analyzer's */
};

/* A thread, with what it reads into and decodes with. The first is the caller's. */
struct worker {
    struct fst_abreast *abreast;
    pthread_t thread;
    unsigned part;
    bool takes;    /* blocks, of its part what is in them; else it only reads */
    uint64_t next; /* the slice to be taken */
    struct fst_usage used;
    int failed;
    struct fst_slice slice;
    struct fst_decoder decoder;
    struct fst_packet packets[FST_BLOCK_PACKETS];
};

/* Of the ring: a slice on its way. */
struct slot {
    bool filled;    /* nothing more happens to it but that it is taken */
    bool refused;   /* it is not to be read so */
    unsigned takes; /* so many have still to take it */
    struct border behind;
    struct fst_block *block;
};

struct fst_abreast {
    struct fst_analyzer *analyzer;
    const struct fst_allocator *allocator;
    struct fst_capture *capture;
    uint64_t most; /* packets, by their number */
    uint64_t end;  /* behind the last whole slice */
    size_t slice;
    struct border border; /* where the walk stands: of who has the turn */
    struct border taken;  /* behind what the caller took */
    unsigned takers;      /* as many workers take, the first ones */
    pthread_mutex_t lock; /* of what follows, of each slot's flags, and of `next`, `used` and
                             `failed` of workers */
    pthread_cond_t turned, moved;
    uint64_t given_back; /* the first slice that somebody has still to take */
    uint64_t claimed;    /* ... that nobody reads yet */
    uint64_t turn;       /* ... to be walked over */
    uint64_t limit;      /* ... that is not to be taken */
    bool stop;           /* nothing else is to be claimed or walked over */
    struct slot slots[RING];
    struct fst_block *blocks; /* of the slots */
    unsigned worker_count;
    struct worker *workers;
};

static struct slot *slot_of(struct fst_abreast *abreast, uint64_t number)
{
    return &abreast->slots[number % RING];
}

uint64_t fst_abreast_packets(size_t slice)
{
    uint64_t most = slice / RECORD_LEAST + 1;

    return RING * (most < FST_BLOCK_PACKETS ? most : FST_BLOCK_PACKETS);
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
    pthread_cond_broadcast(&abreast->turned);
    pthread_mutex_unlock(&abreast->lock);
}

static bool may_be_divided(const struct worker *worker, uint64_t *last, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!fst_parts_take_number(last, worker->packets[i].number))
            return false;
    return true;
}

/* In order: which packets there are, and what goes from one slice to the next. */
static bool walk(struct fst_abreast *abreast, struct worker *worker, struct border *behind,
                 size_t *count)
{
    struct border *border = &abreast->border;

    if (!fst_slice_walk(&worker->slice, &border->place, worker->packets, FST_BLOCK_PACKETS,
                        count) ||
        border->place.info.packets > abreast->most)
        return false;
    if (fst_parts_there(abreast->analyzer) && !may_be_divided(worker, &border->last_packet, *count))
        return false;
    worker->decoder.begun = border->begun;
    worker->decoder.last_time_ns = border->last_time_ns;
    if (*count > 0) {
        border->begun = true;
        border->last_time_ns = worker->packets[*count - 1].time_ns;
    }
    *behind = *border;
    return true;
}

/* Read a slice into its slot; false if it is not to be read so. */
static bool fill(struct fst_abreast *abreast, struct worker *worker, uint64_t number)
{
    struct slot *slot = slot_of(abreast, number);
    bool loaded = fst_slice_load(&worker->slice, number);
    size_t count = 0;
    bool walked;

    if (!await_turn(abreast, number))
        return false;
    walked = loaded && walk(abreast, worker, &slot->behind, &count);
    pass_turn(abreast, walked);
    if (!walked)
        return false;
    slot->block->count = 0;
    slot->block->file_bytes = slot->behind.place.offset;
    fst_block_decode(slot->block, &worker->decoder, worker->packets, count);
    return !fst_decoder_asked(&worker->decoder);
}

/* ------------------------------------------------------------------------------- who does it -- */

/* All of these with the lock held. */

static bool is_over(const struct fst_abreast *abreast)
{
    return abreast->stop || abreast->claimed == abreast->end;
}

/* Nothing that the parts of all connections share may become full meanwhile. */
static bool parts_have_room(const struct fst_abreast *abreast)
{
    struct fst_usage used[FST_PARTS_MOST];

    if (!fst_parts_there(abreast->analyzer))
        return true;
    for (unsigned i = 0; i < abreast->takers; i++)
        used[i] = abreast->workers[i].used;
    return fst_parts_have_room(abreast->analyzer, used, fst_abreast_packets(abreast->slice));
}

static bool may_read(struct fst_abreast *abreast)
{
    if (is_over(abreast) || abreast->claimed == abreast->given_back + RING)
        return false;
    if (parts_have_room(abreast))
        return true;
    abreast->stop = true;
    pthread_cond_broadcast(&abreast->moved);
    return false;
}

/* The slot of the next slice for this one, if it is not to be waited for; else NULL. Before it is
 * claimed its place in the ring is another one's. */
static const struct slot *next_slot(const struct worker *worker)
{
    struct fst_abreast *abreast = worker->abreast;
    const struct slot *slot = slot_of(abreast, worker->next);

    return worker->takes && worker->next < abreast->claimed && worker->next < abreast->limit &&
                   slot->filled
               ? slot
               : NULL;
}

static bool may_take(const struct worker *worker)
{
    const struct slot *slot = next_slot(worker);

    return slot && !slot->refused;
}

/* Whether nothing comes any more that this one takes, or could read. */
static bool has_done(const struct worker *worker)
{
    const struct fst_abreast *abreast = worker->abreast;
    const struct slot *slot = next_slot(worker);

    if (slot)
        return slot->refused;
    return is_over(abreast) &&
           (!worker->takes || worker->next >= abreast->claimed || worker->next >= abreast->limit);
}

static void read_one(struct worker *worker)
{
    struct fst_abreast *abreast = worker->abreast;
    uint64_t number = abreast->claimed++;
    struct slot *slot = slot_of(abreast, number);
    bool good;

    pthread_mutex_unlock(&abreast->lock);
    if (worker->part > 0)
        fst_block_touch(slot->block);
    good = fill(abreast, worker, number);
    pthread_mutex_lock(&abreast->lock);
    slot->filled = true;
    slot->refused = !good;
    slot->takes = abreast->takers;
    if (!good) {
        abreast->stop = true;
        pthread_cond_broadcast(&abreast->turned);
    }
    pthread_cond_broadcast(&abreast->moved);
}

static struct slot *begin_to_take(struct worker *worker)
{
    return slot_of(worker->abreast, worker->next++);
}

static void end_taking(struct worker *worker)
{
    struct fst_abreast *abreast = worker->abreast;
    struct slot *slot = slot_of(abreast, worker->next - 1);

    if (fst_parts_there(abreast->analyzer))
        worker->used = fst_part_usage(abreast->analyzer, worker->part);
    if (--slot->takes > 0)
        return;
    slot->filled = false;
    abreast->given_back++;
    pthread_cond_broadcast(&abreast->moved);
}

/* What anybody has begun to take, all do. */
static void stop_taking(struct fst_abreast *abreast)
{
    uint64_t limit = 0;

    for (unsigned i = 0; i < abreast->takers; i++)
        if (abreast->workers[i].next > limit)
            limit = abreast->workers[i].next;
    if (limit < abreast->limit)
        abreast->limit = limit;
    abreast->stop = true;
    pthread_cond_broadcast(&abreast->turned);
    pthread_cond_broadcast(&abreast->moved);
}

static void take_one(struct worker *worker)
{
    struct fst_abreast *abreast = worker->abreast;
    const struct fst_block *block = begin_to_take(worker)->block;
    int failed;

    pthread_mutex_unlock(&abreast->lock);
    failed = fst_part_take(abreast->analyzer, worker->part, block->batches, block->count);
    pthread_mutex_lock(&abreast->lock);
    end_taking(worker);
    if (failed) {
        worker->failed = failed;
        stop_taking(abreast);
    }
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct fst_abreast *abreast = worker->abreast;

    pthread_mutex_lock(&abreast->lock);
    while (!has_done(worker)) {
        if (may_take(worker))
            take_one(worker);
        else if (may_read(abreast))
            read_one(worker);
        else if (!has_done(worker))
            pthread_cond_wait(&abreast->moved, &abreast->lock);
    }
    pthread_mutex_unlock(&abreast->lock);
    return NULL;
}

struct fst_block *fst_abreast_take(struct fst_abreast *abreast)
{
    struct worker *worker = &abreast->workers[0];
    struct slot *slot = NULL;

    pthread_mutex_lock(&abreast->lock);
    while (!has_done(worker) && !may_take(worker)) {
        if (may_read(abreast))
            read_one(worker);
        else if (!has_done(worker))
            pthread_cond_wait(&abreast->moved, &abreast->lock);
    }
    if (may_take(worker))
        slot = begin_to_take(worker);
    pthread_mutex_unlock(&abreast->lock);
    if (!slot)
        return NULL;
    abreast->taken = slot->behind;
    return slot->block;
}

void fst_abreast_give_back(struct fst_abreast *abreast)
{
    pthread_mutex_lock(&abreast->lock);
    end_taking(&abreast->workers[0]);
    pthread_mutex_unlock(&abreast->lock);
}

void fst_abreast_stop(struct fst_abreast *abreast)
{
    pthread_mutex_lock(&abreast->lock);
    stop_taking(abreast);
    pthread_mutex_unlock(&abreast->lock);
}

/* ---------------------------------------------------------------------------- begin and end -- */

static void worker_fini(struct worker *worker)
{
    fst_decoder_fini_beside(&worker->decoder);
    fst_slice_fini(&worker->slice);
}

static bool worker_init(struct fst_abreast *abreast, unsigned part, size_t slice)
{
    struct worker *worker = &abreast->workers[part];

    worker->abreast = abreast;
    worker->part = part;
    worker->takes = part < abreast->takers;
    worker->next = abreast->given_back;
    if (worker->takes && fst_parts_there(abreast->analyzer))
        worker->used = fst_part_usage(abreast->analyzer, part);
    if (!fst_slice_init(&worker->slice, abreast->capture, slice))
        return false;
    if (fst_decoder_init_beside(&worker->decoder, &abreast->analyzer->decoder, abreast->allocator))
        return true;
    fst_slice_fini(&worker->slice);
    return false;
}

static void fini_memory(struct fst_abreast *abreast, unsigned threads)
{
    while (abreast->worker_count > 0)
        worker_fini(&abreast->workers[--abreast->worker_count]);
    fst_release(abreast->allocator, abreast->workers, threads * sizeof(abreast->workers[0]));
    fst_blocks_free(abreast->allocator, abreast->blocks, RING);
}

static bool init_memory(struct fst_abreast *abreast, size_t slice, unsigned threads)
{
    abreast->blocks = fst_blocks_new(abreast->allocator, RING);
    if (!abreast->blocks)
        return false;
    for (size_t i = 0; i < RING; i++)
        abreast->slots[i].block = &abreast->blocks[i];
    abreast->workers = fst_alloc(abreast->allocator, threads * sizeof(abreast->workers[0]));
    for (; abreast->workers && abreast->worker_count < threads; abreast->worker_count++)
        if (!worker_init(abreast, abreast->worker_count, slice))
            break;
    if (abreast->worker_count == threads)
        return true;
    fini_memory(abreast, threads);
    return false;
}

/* Nobody reads any more, and those `threads` but for the caller's are gone. */
static void join(struct fst_abreast *abreast, unsigned threads)
{
    fst_abreast_stop(abreast);
    for (unsigned i = 1; i < threads; i++)
        pthread_join(abreast->workers[i].thread, NULL);
}

static void release(struct fst_abreast *abreast)
{
    pthread_cond_destroy(&abreast->moved);
    pthread_cond_destroy(&abreast->turned);
    pthread_mutex_destroy(&abreast->lock);
    fini_memory(abreast, abreast->worker_count);
    fst_release(abreast->allocator, abreast, sizeof(*abreast));
}

/* Nobody does anything until all are there. */
static bool begin(struct fst_abreast *abreast)
{
    unsigned there = 1;

    pthread_mutex_init(&abreast->lock, NULL);
    pthread_cond_init(&abreast->turned, NULL);
    pthread_cond_init(&abreast->moved, NULL);
    pthread_mutex_lock(&abreast->lock);
    while (there < abreast->worker_count &&
           fst_thread_start(&abreast->workers[there].thread, work, &abreast->workers[there]))
        there++;
    if (there < abreast->worker_count)
        stop_taking(abreast);
    pthread_mutex_unlock(&abreast->lock);
    if (there == abreast->worker_count)
        return true;
    join(abreast, there);
    return false;
}

struct fst_abreast *fst_abreast_start(struct fst_analyzer *analyzer, struct fst_capture *capture,
                                      unsigned threads, size_t slice, uint64_t most)
{
    const struct fst_allocator *allocator = analyzer->allocator;
    const struct fst_place place = fst_place_of(capture);
    uint64_t end = fst_slices_count(capture, slice), number = place.offset / slice;
    struct fst_abreast *abreast;

    if (end <= number)
        return NULL;
    abreast = fst_alloc(allocator, sizeof(*abreast));
    if (!abreast)
        return NULL;
    abreast->analyzer = analyzer;
    abreast->allocator = allocator;
    abreast->capture = capture;
    abreast->takers = fst_parts_there(analyzer) ? analyzer->parts : 1;
    abreast->most = most < UINT64_MAX - place.info.packets ? place.info.packets + most : UINT64_MAX;
    abreast->end = end;
    abreast->slice = slice;
    abreast->border = (struct border){place, analyzer->decoder.last_time_ns,
                                      analyzer->decoder.begun, analyzer->last_packet};
    abreast->taken = abreast->border;
    abreast->given_back = abreast->claimed = abreast->turn = number;
    abreast->limit = UINT64_MAX;
    if (!init_memory(abreast, slice, threads)) {
        fst_release(allocator, abreast, sizeof(*abreast));
        return NULL;
    }
    if (begin(abreast))
        return abreast;
    release(abreast);
    return NULL;
}

int fst_abreast_end(struct fst_abreast *abreast, bool *more)
{
    const struct border *taken = &abreast->taken;
    struct fst_decoder *decoder = &abreast->analyzer->decoder;
    int failed = 0;

    join(abreast, abreast->worker_count);
    for (unsigned i = 0; i < abreast->worker_count; i++)
        failed = failed ? failed : abreast->workers[i].failed;
    *more = abreast->workers[0].next < abreast->end;
    fst_place_return(abreast->capture, &taken->place);
    decoder->begun = taken->begun;
    decoder->last_time_ns = taken->last_time_ns;
    abreast->analyzer->last_packet = taken->last_packet;
    release(abreast);
    return failed;
}
