/* SPDX-License-Identifier: MIT */
#include "live/feed.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define SLOTS 64

/* A slot holds many packets of the usual length, or one of any. */
#define SLOT_OCTETS (FST_SLOT_PACKETS * 128u)

#define NS_PER_S    1000000000

/* A packet that is due so soon is given at once: a clock that wakes a thread is no finer. */
#define EARLY_NS 1000000

/* The buffer of the system is empty when a read has found nothing so often: what waits in an
 * unfinished block comes after a moment. */
#define EMPTY_READS 2

struct fst_feed {
    struct fst_feed_options options;
    struct fst_ring *ring;
    struct fst_slot *slot; /* being filled, or NULL */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stop; /* and the rest, under the lock: */
    struct fst_feed_counters counters;
    int64_t first_ns, last_ns, begin_ns; /* of a file: stamps of its packets; our clock */
    bool begun, ended;
    int error;
    struct fst_diag diag;
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/** Nanoseconds, cut off at some thirty years: stamps in a file can be anything. */
static int64_t bounded(double ns)
{
    return ns < 1e18 ? (int64_t)ns : (int64_t)1e18;
}

static bool is_stopped(struct fst_feed *feed)
{
    bool stop;

    pthread_mutex_lock(&feed->lock);
    stop = feed->stop;
    pthread_mutex_unlock(&feed->lock);
    return stop;
}

/* ---------------------------------------------------------------------------------- handing on --
 */

static void hand_on(struct fst_feed *feed)
{
    if (feed->slot && feed->slot->count > 0) {
        fst_ring_put(feed->ring);
        feed->slot = NULL;
    }
}

static void add(struct fst_feed *feed, const struct fst_packet *packet)
{
    if (!feed->slot)
        feed->slot = fst_ring_room(feed->ring);
    if (fst_slot_add(feed->slot, packet))
        return;
    hand_on(feed);
    feed->slot = fst_ring_room(feed->ring);
    (void)fst_slot_add(feed->slot, packet); /* an empty slot takes any */
}

static void put_last(struct fst_feed *feed)
{
    if (!feed->slot)
        feed->slot = fst_ring_room(feed->ring);
    feed->slot->last = true;
    fst_ring_put(feed->ring);
    feed->slot = NULL;
}

static void note_counters(struct fst_feed *feed)
{
    const struct fst_capture_info *info = fst_capture_info(feed->options.capture);
    const struct fst_interface *interface = info->interfaces;

    if (info->interface_count == 0)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->counters =
        (struct fst_feed_counters){interface->received, interface->os_dropped, interface->dropped};
    pthread_mutex_unlock(&feed->lock);
}

static size_t most(const struct fst_feed *feed, uint64_t done)
{
    uint64_t left = feed->options.count - done;

    return feed->options.count && left < FST_SLOT_PACKETS ? (size_t)left : FST_SLOT_PACKETS;
}

/* ---------------------------------------------------------------------------------------- live --
 */

/** Once asked to stop, go on with what arrived before, as far as can be told. */
static bool is_drained(struct fst_feed *feed, const struct fst_packet *packets, size_t count,
                       unsigned *empty, int64_t *stop_ns)
{
    if (!is_stopped(feed))
        return false;
    if (*stop_ns == 0)
        *stop_ns = clock_ns(CLOCK_REALTIME);
    *empty = count == 0 ? *empty + 1 : 0;
    return *empty >= EMPTY_READS || (count > 0 && packets[count - 1].time_ns >= *stop_ns);
}

static int follow(struct fst_feed *feed)
{
    struct fst_packet packets[FST_SLOT_PACKETS];
    int64_t stop_ns = 0;
    unsigned empty = 0;
    uint64_t done = 0;
    size_t count = 0;
    int error = 0;

    while (!error && (feed->options.count == 0 || done < feed->options.count) &&
           !is_drained(feed, packets, count, &empty, &stop_ns)) {
        error =
            fst_capture_read(feed->options.capture, packets, most(feed, done), &count, &feed->diag);
        for (size_t i = 0; i < count; i++)
            add(feed, &packets[i]);
        done += count;
        hand_on(feed);
        note_counters(feed);
    }
    return error;
}

/* ---------------------------------------------------------------------------------- from a file --
 */

/** Wait until the packet is due. @return false if it was asked to stop. */
static bool wait_for(struct fst_feed *feed, const struct fst_packet *packet)
{
    int64_t now = clock_ns(CLOCK_MONOTONIC), due;
    struct timespec until;
    uint64_t later;
    bool stop;

    pthread_mutex_lock(&feed->lock);
    if (!feed->begun) {
        feed->begun = true;
        feed->first_ns = feed->last_ns = packet->time_ns;
        feed->begin_ns = now;
    }
    later =
        packet->time_ns > feed->first_ns ? (uint64_t)packet->time_ns - (uint64_t)feed->first_ns : 0;
    due = feed->begin_ns + bounded((double)later / feed->options.speed);
    if (due > now + EARLY_NS) {
        pthread_mutex_unlock(&feed->lock);
        hand_on(feed);
        pthread_mutex_lock(&feed->lock);
        until = (struct timespec){(time_t)(due / NS_PER_S), (long)(due % NS_PER_S)};
        while (!feed->stop && clock_ns(CLOCK_MONOTONIC) < due)
            pthread_cond_timedwait(&feed->stopped, &feed->lock, &until);
    }
    if (packet->time_ns > feed->last_ns)
        feed->last_ns = packet->time_ns;
    stop = feed->stop;
    pthread_mutex_unlock(&feed->lock);
    return !stop;
}

static int replay(struct fst_feed *feed)
{
    struct fst_packet packets[FST_SLOT_PACKETS];
    uint64_t done = 0;
    size_t count = 0;
    int error;

    do {
        if (feed->options.count && done == feed->options.count)
            return 0;
        error =
            fst_capture_read(feed->options.capture, packets, most(feed, done), &count, &feed->diag);
        for (size_t i = 0; i < count; i++) {
            if (!wait_for(feed, &packets[i]))
                return 0;
            add(feed, &packets[i]);
        }
        done += count;
    } while (!error && count > 0);
    return error;
}

/* ---------------------------------------------------------------------------------- the thread --
 */

static void *run(void *context)
{
    struct fst_feed *feed = context;

    feed->error = feed->options.speed > 0 ? replay(feed) : follow(feed);
    pthread_mutex_lock(&feed->lock);
    feed->ended = true;
    pthread_mutex_unlock(&feed->lock);
    put_last(feed);
    return NULL;
}

/** Signals are for the other thread. */
static bool start_thread(struct fst_feed *feed)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(&feed->thread, NULL, run, feed) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct fst_feed *fst_feed_start(const struct fst_feed_options *options)
{
    struct fst_feed *feed = calloc(1, sizeof(*feed));
    pthread_condattr_t monotonic;

    if (!feed)
        return NULL;
    feed->options = *options;
    feed->counters = (struct fst_feed_counters){UINT64_MAX, UINT64_MAX, UINT64_MAX};
    pthread_mutex_init(&feed->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&feed->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    feed->ring = fst_ring_new(SLOTS, options->octets > SLOT_OCTETS ? options->octets : SLOT_OCTETS);
    if (!feed->ring || !start_thread(feed)) {
        fst_feed_free(feed);
        return NULL;
    }
    return feed;
}

struct fst_ring *fst_feed_ring(struct fst_feed *feed)
{
    return feed->ring;
}

struct fst_feed_counters fst_feed_counters(struct fst_feed *feed)
{
    struct fst_feed_counters counters;

    pthread_mutex_lock(&feed->lock);
    counters = feed->counters;
    pthread_mutex_unlock(&feed->lock);
    return counters;
}

int64_t fst_feed_now(struct fst_feed *feed)
{
    int64_t now = 0;

    if (feed->options.speed <= 0)
        return clock_ns(CLOCK_REALTIME);
    pthread_mutex_lock(&feed->lock);
    if (feed->begun)
        now = feed->first_ns +
              bounded((double)(clock_ns(CLOCK_MONOTONIC) - feed->begin_ns) * feed->options.speed);
    if (feed->ended) /* the file's time has come to its end */
        now = feed->last_ns;
    pthread_mutex_unlock(&feed->lock);
    return now;
}

void fst_feed_stop(struct fst_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->stop = true;
    pthread_cond_signal(&feed->stopped);
    pthread_mutex_unlock(&feed->lock);
}

int fst_feed_join(struct fst_feed *feed, struct fst_diag *diag)
{
    pthread_join(feed->thread, NULL);
    *diag = feed->diag;
    return feed->error;
}

void fst_feed_free(struct fst_feed *feed)
{
    if (!feed)
        return;
    fst_ring_free(feed->ring);
    pthread_cond_destroy(&feed->stopped);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}
