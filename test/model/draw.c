/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <string.h>

/* How often a local event is drawn. What ends connections is rare. */
static const uint8_t weights[EVENT_TAP] = {
    [EVENT_LISTEN] = 16,     [EVENT_UNLISTEN] = 1,       [EVENT_CONNECT] = 12,
    [EVENT_SEND] = 14,       [EVENT_SEND_CLOSE] = 4,     [EVENT_READ] = 8,
    [EVENT_CLOSE] = 5,       [EVENT_ABORT] = 1,          [EVENT_VANISH] = 1,
    [EVENT_GIVE_UP] = 1,     [EVENT_TIME_WAIT_OVER] = 3, [EVENT_RETRANSMIT] = 8,
    [EVENT_ACKNOWLEDGE] = 4, [EVENT_KEEP_ALIVE] = 3,     [EVENT_PROBE] = 6,
};

static bool one_in(struct run *run, unsigned n)
{
    return random_below(run->random, n) == 0;
}

static unsigned draw_policies(struct run *run, unsigned allowed)
{
    unsigned drawn = allowed & (unsigned)random_next(run->random);

    return drawn ? drawn : allowed;
}

/* Each stack may show any behaviour at any time, or keep to some of them for the run. */
static uint32_t draw_choices(struct run *run, uint32_t allowed)
{
    uint32_t always = 1u << CHOICE_SIZE | 1u << CHOICE_ISN;

    if (one_in(run, 2))
        return allowed;
    return allowed & ((uint32_t)random_next(run->random) | always);
}

/* What each side would negotiate; windows that are never filled must fit their scale. */
static void draw_options(struct run *run)
{
    struct settings *settings = &run->settings;

    for (unsigned side = 0; side < 2; side++) {
        settings->offers[side] &= (uint8_t)random_next(run->random);
        settings->shift[side] = (uint8_t)random_below(run->random, 3);
        while (!settings->flow_control && settings->window % (1u << settings->shift[side]))
            settings->shift[side]--;
    }
}

static void draw_settings(struct run *run)
{
    struct settings *settings = &run->settings;

    settings->sends = 100;
    settings->lives = 1 + random_below(run->random, settings->lives);
    settings->text = random_below(run->random, settings->text + 1);
    settings->duplicates = one_in(run, 2) ? 0 : random_below(run->random, 20);
    settings->any_order = one_in(run, 2);
    settings->flow_control = settings->flow_control && one_in(run, 2);
    settings->window = settings->flow_control ? (uint16_t)(1 + random_below(run->random, 6))
                       : one_in(run, 3)       ? (uint16_t)(4 + random_below(run->random, 20))
                                              : settings->window;
    settings->choices = draw_choices(run, settings->choices);
    for (unsigned side = 0; side < 2; side++) {
        settings->isn_policies[side] = (uint8_t)draw_policies(run, settings->isn_policies[side]);
        settings->base_isn[side] = (uint32_t)random_next(run->random);
        if (one_in(run, 3)) /* wraps within the first life */
            settings->base_isn[side] = 0u - random_below(run->random, 12);
    }
    settings->mirror_cut = false;
    draw_options(run);
}

void run_begin(struct run *run, const struct model_options *options, uint64_t *random)
{
    memset(run, 0, sizeof *run);
    run->random = random;
    run->settings = options->settings;
    run->watching = options->watching;
    draw_settings(run);
    run->oracle.open = run->settings.choices;
    run->oracle.random = random;
    run->length = 100 + random_below(random, 500);
    run->calm = random_below(random, 16);
    world_init(&run->world, &run->settings);
    watch_init(&run->watch, &run->watching);
}

static bool draw_segment(struct run *run, enum bag_place place, struct event *event)
{
    unsigned first = place == BEFORE_TAP ? EVENT_TAP : EVENT_DELIVER;
    const struct bag *bag;

    event->side = (uint8_t)random_below(run->random, 2);
    if (!run->world.bag[event->side][place].count)
        event->side = !event->side;
    bag = &run->world.bag[event->side][place];
    if (!bag->count)
        return false;
    if (random_below(run->random, 16) >= run->calm)
        event->index = (uint8_t)random_below(run->random, bag->count);
    event->kind = (uint8_t)(first + one_in(run, 8));
    if (place == BEFORE_TAP && run->world.misses_left && one_in(run, 10))
        event->kind = EVENT_MISS;
    return true;
}

static bool draw_local(struct run *run, struct event *event)
{
    unsigned sum = 0, drawn;

    for (unsigned kind = 0; kind < EVENT_TAP; kind++)
        sum += weights[kind];
    drawn = random_below(run->random, sum);
    while (drawn >= weights[event->kind])
        drawn -= weights[event->kind++];
    event->side = (uint8_t)random_below(run->random, 2);
    return run->settings.events >> event->kind & 1;
}

static bool draw_event(struct run *run, struct event *event)
{
    unsigned drawn = random_below(run->random, 16);

    memset(event, 0, sizeof *event);
    if (drawn < 6)
        return draw_segment(run, BEHIND_TAP, event);
    if (drawn < 11)
        return draw_segment(run, BEFORE_TAP, event);
    return draw_local(run, event);
}

bool run_event(struct run *run, struct event *event, struct offence *offence)
{
    struct world saved = run->world;

    memset(offence, 0, sizeof *offence);
    if (!draw_event(run, event))
        return false;
    oracle_begin(&run->oracle, NULL);
    if (!world_step(&run->world, &run->settings, event, false, &run->oracle)) {
        run->world = saved;
        return false;
    }
    event->tape = run->oracle.tape;
    run->step.finding_count = 0;
    if (event_is_tap(event))
        watch_segment(&run->watch, &run->watching, &event->segment, event->side, &run->step,
                      offence);
    if (!offence->kind)
        watch_judge(&run->watch, &run->world, &run->step, offence);
    return true;
}

void run_end(struct run *run, struct offence *offence)
{
    watch_end(&run->watch, &run->watching, &run->world, offence);
}
