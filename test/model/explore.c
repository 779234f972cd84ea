/* SPDX-License-Identifier: MIT
 *
 * Exhaustive exploration: every order of user calls, captures and deliveries of two reference
 * endpoints up to a bound, depth first, every state visited once. A state is the world and every
 * octet of the observer, kept as a 64-bit hash: two states that collide would hide one of them, at
 * n states with a chance of about n^2 / 2^65 (below 10^-4 for 25 million).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "options.h"
#include "trace.h"

/* ------------------------------------------------------------------------ states visited -- */

struct visited {
    uint64_t *slots; /* 0 is free */
    uint64_t mask;
    uint64_t count;
};

static void visited_init(struct visited *visited, unsigned bits)
{
    visited->count = 0;
    visited->mask = ((uint64_t)1 << bits) - 1;
    visited->slots = calloc(visited->mask + 1, sizeof *visited->slots);
    if (!visited->slots) {
        fprintf(stderr, "explore: out of memory\n");
        exit(3);
    }
}

static bool place(const struct visited *visited, uint64_t hash)
{
    uint64_t at = hash & visited->mask;

    while (visited->slots[at] && visited->slots[at] != hash)
        at = (at + 1) & visited->mask;
    if (visited->slots[at])
        return false;
    visited->slots[at] = hash;
    return true;
}

static void grow(struct visited *visited)
{
    struct visited old = *visited;
    unsigned bits = 1;

    while (old.mask >> bits)
        bits++;
    visited_init(visited, bits + 1);
    visited->count = old.count;
    for (uint64_t at = 0; at <= old.mask; at++)
        if (old.slots[at])
            place(visited, old.slots[at]);
    free(old.slots);
}

/* Whether the state is new. */
static bool visit(struct visited *visited, uint64_t hash)
{
    if (visited->count * 3 > visited->mask * 2)
        grow(visited);
    if (!place(visited, hash ? hash : 1))
        return false;
    visited->count++;
    return true;
}

/* ------------------------------------------------------------------------------ the search -- */

#define DEPTH_MAX 512
#define FOUND_MAX 12

struct found {
    struct offence offence;
    unsigned depth;
    struct event path[DEPTH_MAX];
};

struct search {
    struct model_options options;
    struct visited visited;
    uint64_t segments; /* taps tried */
    uint64_t limit;    /* states after which to stop, 0: none */
    unsigned depth, deepest;
    bool stopped;
    struct offence offence; /* of the event just tried */
    struct event path[DEPTH_MAX];
    unsigned found_count;
    struct found found[FOUND_MAX]; /* one of each kind */
};

struct place {
    const struct world *world;
    const struct watch *watch;
    uint64_t watch_hash;
};

static void explore(struct search *search, const struct place *place);

static bool violated(struct search *search, const struct place *place, const struct fst_step *step)
{
    if (!search->offence.kind)
        watch_judge(place->watch, place->world, step, &search->offence);
    if (!search->offence.kind && search->options.settings.prompt && world_is_quiet(place->world))
        watch_judge_prompt(place->watch, place->world, &search->offence);
    return search->offence.kind != OFFENCE_NONE;
}

/* A segment was captured: the observer moves too. */
static void descend_captured(struct search *search, const struct place *from,
                             const struct world *world, const struct event *event)
{
    struct watch watch = *from->watch;
    struct place place = {world, &watch, 0};
    struct fst_step step;

    search->segments++;
    watch_segment(&watch, &search->options.watching, &event->segment, event->side, &step,
                  &search->offence);
    watch.packets = 0;
    if (violated(search, &place, &step))
        return;
    place.watch_hash = watch_hash(&watch);
    explore(search, &place);
}

/* Remember one of each kind and go on elsewhere. */
static void note_offence(struct search *search)
{
    struct found *found = &search->found[search->found_count];

    for (unsigned i = 0; i < search->found_count; i++)
        if (offence_same(&search->found[i].offence, &search->offence))
            return;
    found->offence = search->offence;
    found->depth = search->depth;
    memcpy(found->path, search->path, search->depth * sizeof *search->path);
    search->found_count++;
    search->stopped = search->found_count == FOUND_MAX;
}

static void descend(struct search *search, const struct place *from, const struct world *world,
                    const struct event *event)
{
    struct place place = {world, from->watch, from->watch_hash};

    search->path[search->depth++] = *event;
    if (search->depth > search->deepest)
        search->deepest = search->depth;
    assert(search->depth < DEPTH_MAX);
    if (event_is_tap(event))
        descend_captured(search, from, world, event);
    else if (!violated(search, &place, NULL))
        explore(search, &place);
    if (search->offence.kind)
        note_offence(search);
    search->offence.kind = OFFENCE_NONE;
    search->depth--;
}

static void try_event(struct search *search, const struct place *from, const struct event *event)
{
    struct oracle oracle = {.open = search->options.settings.choices};

    oracle_begin(&oracle, NULL);
    do {
        struct world world = *from->world;
        struct event tried = *event;

        if (!world_step(&world, &search->options.settings, &tried, false, &oracle))
            continue;
        tried.tape = oracle.tape;
        descend(search, from, &world, &tried);
    } while (!search->stopped && oracle_next(&oracle));
}

static void explore(struct search *search, const struct place *place)
{
    struct event events[EVENTS_MAX];
    unsigned count;

    if (!visit(&search->visited, world_hash(place->world) ^ place->watch_hash))
        return;
    search->stopped |= search->limit && search->visited.count >= search->limit;
    count = world_events(place->world, &search->options.settings, events);
    for (unsigned i = 0; i < count && !search->stopped; i++)
        try_event(search, place, &events[i]);
}

/* -------------------------------------------------------------------------------- results -- */

static int report(struct search *search, double seconds)
{
    static struct trace trace;

    printf("%s: %llu states, %llu captures, depth %u, %.1f s%s\n", search->options.title,
           (unsigned long long)search->visited.count, (unsigned long long)search->segments,
           search->deepest, seconds, search->stopped ? ", stopped at the limit" : "");
    for (unsigned i = 0; i < search->found_count; i++) {
        const struct found *found = &search->found[i];

        trace.count = found->depth;
        memcpy(trace.event, found->path, found->depth * sizeof *trace.event);
        trace_shrink(&trace, &search->options.settings, &search->options.watching, &found->offence);
        offence_print(&found->offence);
        trace_print(&trace, &search->options.settings, &search->options.watching);
    }
    return search->found_count != 0;
}

int main(int argc, char **argv)
{
    static struct search search;
    static struct world world;
    static struct watch watch;
    struct place start = {&world, &watch, 0};
    struct timespec begin, end;
    int failed;

    if (!options_parse(&search.options, argc, argv))
        return 2;
    search.limit = search.options.limit;
    visited_init(&search.visited, 20);
    world_init(&world, &search.options.settings);
    watch_init(&watch, &search.options.watching);
    start.watch_hash = watch_hash(&watch);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    explore(&search, &start);
    clock_gettime(CLOCK_MONOTONIC, &end);
    failed = report(&search, (double)(end.tv_sec - begin.tv_sec) +
                                 (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    free(search.visited.slots);
    return failed;
}
