/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stddef.h>
#include <string.h>

const char *event_name(enum event_kind kind)
{
    static const char *const names[] = {
#define MODEL_X(name, text) text,
        EVENT_MAP(MODEL_X)
#undef MODEL_X
    };
    return names[kind];
}

void settings_init(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->sends = 3;
    settings->lives = 1;
    settings->any_order = true;
    settings->window = 32000;
    settings->isn_policies[0] = settings->isn_policies[1] = ISN_FAR;
    settings->isn_gap = 65; /* what the observer assumes: 64 numbers or fewer are no other life */
    settings->base_isn[0] = 100000;
    settings->base_isn[1] = 500000;
    settings->events = EVENTS_ALL & ~(1u << EVENT_KEEP_ALIVE | 1u << EVENT_ACKNOWLEDGE);
    settings->choices = CHOICES_ALL & ~(1u << CHOICE_SYN_TEXT | 1u << CHOICE_REPLY);
}

void world_init(struct world *world, const struct settings *settings)
{
    memset(world, 0, sizeof *world);
    for (unsigned side = 0; side < 2; side++) {
        struct host *host = &world->host[side];

        host->isns.base = settings->base_isn[side];
        host->isns.policies = settings->isn_policies[side];
        host->isns.lives_left = (uint8_t)settings->lives;
        host->isns.span = (uint8_t)settings->text;
        host->isns.gap = settings->isn_gap;
        host->sends_left = (uint8_t)settings->sends;
        host->text_left = (uint8_t)settings->text;
    }
    world->duplicates_left = (uint8_t)settings->duplicates;
    world->misses_left = (uint8_t)settings->misses;
}

/* -------------------------------------------------------------------------------- hashing -- */

uint64_t hash_octets(uint64_t hash, const void *octets, unsigned size)
{
    const unsigned char *at = octets;
    uint64_t word = 0;

    for (; size >= 8; size -= 8, at += 8) {
        memcpy(&word, at, 8);
        hash = (hash ^ word * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
        hash ^= hash >> 29;
    }
    if (size) {
        word = 0;
        memcpy(&word, at, size);
        hash = (hash ^ word * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    }
    return hash ^ hash >> 32;
}

uint64_t world_hash(const struct world *world)
{
    uint64_t hash = hash_octets(1, world->host, sizeof world->host);

    for (unsigned side = 0; side < 2; side++)
        for (unsigned place = 0; place < 2; place++) {
            const struct bag *bag = &world->bag[side][place];

            hash =
                hash_octets(hash + bag->count, bag->item, bag->count * (unsigned)sizeof *bag->item);
        }
    return hash_octets(hash, &world->duplicates_left,
                       sizeof *world - offsetof(struct world, duplicates_left));
}

/* ------------------------------------------------------------------------------- the bags -- */

/* Without an order a bag is a set: sorted, so that equal sets have equal octets. A full bag loses
 * its first segment; the explorer's bounds stay below that. */
static void bag_put(struct bag *bag, const struct model_segment *segment, bool any_order)
{
    unsigned at;

    if (bag->count == BAG_MAX) {
        memmove(bag->item, bag->item + 1, (BAG_MAX - 1) * sizeof *bag->item);
        bag->count--;
    }
    at = bag->count++;
    while (any_order && at > 0 && memcmp(&bag->item[at - 1], segment, sizeof *segment) > 0) {
        bag->item[at] = bag->item[at - 1];
        at--;
    }
    bag->item[at] = *segment;
}

/* In a FIFO whoever overtakes has pushed out those before it. */
static void bag_take(struct bag *bag, unsigned index, bool any_order, bool keep)
{
    unsigned from = any_order ? index : 0;
    unsigned taken = index + 1 - from - keep;

    memmove(bag->item + from, bag->item + from + taken,
            (bag->count - from - taken) * sizeof *bag->item);
    bag->count -= taken;
    memset(bag->item + bag->count, 0, taken * sizeof *bag->item);
}

/* ------------------------------------------------------------------------ the hosts' part -- */

static struct surroundings surroundings_of(struct host *host, const struct settings *settings,
                                           unsigned side, struct oracle *oracle)
{
    struct surroundings around = {
        .oracle = oracle,
        .isns = &host->isns,
        .window = settings->window,
        .offers = settings->offers[side],
        .shift = settings->shift[side],
        .clock = &host->clock,
        .flow_control = settings->flow_control,
        .sends_left = host->sends_left,
        .epoch = host->epoch,
    };

    return around;
}

/* Book what the endpoint did: segments sent, text used up, a new life, a silent end. */
static void settle(struct world *world, const struct settings *settings, unsigned side,
                   const struct endpoint *old, const struct surroundings *around)
{
    struct host *host = &world->host[side];
    unsigned text_before = old->life == host->endpoint.life ? endpoint_text_sent(old) : 0;
    unsigned text_now = host->endpoint.life ? endpoint_text_sent(&host->endpoint) : 0;

    if (host->endpoint.life && host->endpoint.life != old->life)
        host->life_tapped = host->fin_tapped = host->fin_answers = host->mixed = false;
    if (text_now > text_before)
        host->text_left = (uint8_t)(host->text_left - (text_now - text_before));
    if (around->vanished) {
        host->gone = true;
        host->gone_low = old->iss;
        host->gone_high = old->snd_nxt;
        host->abort_open = around->sent_count > 0;
        if (!around->sent_count)
            world->forgot = true;
    }
    host->sends_left = around->sends_left;
    host->quiet |= settings->prompt && around->muted;
    host->epoch = around->epoch;
    for (unsigned sent = 0; sent < around->sent_count; sent++)
        bag_put(&world->bag[side][BEFORE_TAP], &around->sent[sent], settings->any_order);
}

static bool local_event(struct host *host, struct surroundings *around, enum event_kind kind)
{
    struct endpoint *endpoint = &host->endpoint;

    switch (kind) {
    case EVENT_LISTEN:
        return endpoint_open_passive(endpoint);
    case EVENT_UNLISTEN:
        return endpoint_unlisten(endpoint);
    case EVENT_CONNECT:
        return endpoint_open_active(endpoint, around, host->text_left);
    case EVENT_SEND:
        return endpoint_send(endpoint, around, host->text_left, false);
    case EVENT_SEND_CLOSE:
        return endpoint_send(endpoint, around, host->text_left, true);
    case EVENT_READ:
        return endpoint_receive_call(endpoint, around);
    case EVENT_CLOSE:
        return endpoint_close(endpoint, around);
    case EVENT_ABORT:
        return endpoint_abort(endpoint, around);
    case EVENT_VANISH:
        return endpoint_vanish(endpoint, around);
    case EVENT_GIVE_UP:
        return endpoint_give_up(endpoint);
    case EVENT_TIME_WAIT_OVER:
        return endpoint_time_wait_over(endpoint);
    case EVENT_RETRANSMIT:
        return endpoint_retransmit(endpoint, around);
    case EVENT_ACKNOWLEDGE:
        return endpoint_acknowledge(endpoint, around);
    case EVENT_KEEP_ALIVE:
        return endpoint_keep_alive(endpoint, around);
    case EVENT_PROBE:
        return endpoint_probe_window(endpoint, around, host->text_left);
    default:
        return false;
    }
}

static bool is_unheard(enum event_kind kind)
{
    return kind == EVENT_UNLISTEN || kind == EVENT_GIVE_UP || kind == EVENT_TIME_WAIT_OVER;
}

static bool step_host(struct world *world, const struct settings *settings,
                      const struct event *event, struct oracle *oracle)
{
    struct host *host = &world->host[event->side];
    struct surroundings around = surroundings_of(host, settings, event->side, oracle);
    struct endpoint old = host->endpoint;

    if (!local_event(host, &around, (enum event_kind)event->kind))
        return false;
    host->quiet |= settings->prompt && is_unheard((enum event_kind)event->kind);
    settle(world, settings, event->side, &old, &around);
    return true;
}

static void deliver(struct world *world, const struct settings *settings, unsigned receiver,
                    const struct model_segment *segment, struct oracle *oracle)
{
    struct host *host = &world->host[receiver];
    struct surroundings around = surroundings_of(host, settings, receiver, oracle);
    struct endpoint old = host->endpoint;

    endpoint_receive(&host->endpoint, segment, &around);
    /* A listener without room is silent: nobody can know. */
    host->quiet |= settings->prompt && old.state == FST_LISTEN && segment->control == CTL_SYN &&
                   host->endpoint.state == FST_LISTEN;
    settle(world, settings, receiver, &old, &around);
}

/* ---------------------------------------------------------------- what the tap has seen -- */

/* A RST that answers a segment of an older life may have been on its way for long. */
static bool shows_end(const struct host *host, const struct model_segment *segment)
{
    if (!(segment->control & CTL_RST))
        return segment->life != 0; /* of a later life */
    if (segment->control & CTL_ACK)
        return true;
    return host->abort_open || segment->seq - host->gone_low <= host->gone_high - host->gone_low;
}

/* Lives that reach the tap in another order than they were lived cannot be put in order there. */
static void note_life(struct host *host, const struct model_segment *segment)
{
    uint8_t bit = segment->life ? (uint8_t)(1u << (segment->life - 1) % 8) : 0;

    if (segment->life < host->endpoint.life && !(host->begun & bit) && host->life_tapped)
        host->mixed = true;
    if (!(segment->control & CTL_RST)) /* a reset does not tell whose */
        host->begun |= bit;
}

static void note_tapped(struct world *world, unsigned side, const struct model_segment *segment)
{
    struct host *host = &world->host[side];
    bool is_abort = host->abort_open && segment->control & CTL_RST && segment->life != 0 &&
                    segment->epoch == host->epoch;

    if (segment->life && segment->life == host->endpoint.life && !(segment->control & CTL_RST)) {
        host->life_tapped = true;
        if (segment->control & CTL_FIN && !host->fin_tapped) {
            host->fin_tapped = true;
            host->fin_answers = segment->ack == host->endpoint.rcv_nxt;
        }
    }
    if (!(segment->control & CTL_RST))
        note_life(host, segment);
    if (segment->epoch != host->epoch)
        return;
    host->quiet = false;
    if (host->gone && shows_end(host, segment)) {
        host->gone = false;
        host->gone_low = host->gone_high = 0;
        world->forgot |= host->abort_open && !is_abort;
    }
    if (is_abort)
        host->abort_open = false;
}

fst_state_set host_truth(const struct host *host)
{
    const struct endpoint *endpoint = &host->endpoint;
    fst_state_set truth = (fst_state_set)(1u << endpoint->state);
    bool syn_open = endpoint->snd_una == endpoint->iss;

    if (host->gone || host->mixed)
        return 0;
    /* An OPEN that nothing on the wire shows yet. */
    if (endpoint->state <= FST_LISTEN || (endpoint->state == FST_SYN_SENT && !host->life_tapped))
        truth |= 1u << FST_CLOSED | 1u << FST_LISTEN;
    /* A second use of the port that has shown nothing is no connection yet. */
    if (endpoint->state >= FST_SYN_RECEIVED && !host->life_tapped && endpoint->life > 1)
        truth |= 1u << FST_CLOSED | 1u << FST_LISTEN;
    /* Sent again after the peer's FIN had come, it looks as if sent in CLOSE-WAIT at first. */
    if (host->fin_answers && endpoint->state == FST_CLOSING)
        truth |= 1u << FST_LAST_ACK;
    if (host->fin_answers && endpoint->state == FST_TIME_WAIT)
        truth |= 1u << FST_CLOSED;
    if (host->fin_tapped)
        return truth;
    if (endpoint->state == FST_FIN_WAIT_1)
        truth |= syn_open ? 1u << FST_SYN_RECEIVED : 1u << FST_ESTABLISHED;
    if (endpoint->state == FST_CLOSING)
        truth |= syn_open ? 1u << FST_SYN_RECEIVED : 1u << FST_CLOSE_WAIT;
    if (endpoint->state == FST_LAST_ACK)
        truth |= 1u << FST_CLOSE_WAIT;
    return truth;
}

bool host_truth_of(const struct host *host, uint32_t iss, enum fst_state *state, bool *acked)
{
    const struct endpoint *endpoint = &host->endpoint;

    *state = (enum fst_state)endpoint->state;
    *acked = endpoint->snd_una != endpoint->iss;
    return endpoint->state != FST_CLOSED && endpoint->state != FST_LISTEN && endpoint->iss == iss;
}

fst_state_set host_prompt_truth(const struct host *host)
{
    unsigned state = host->endpoint.state;

    if (host->gone || host->quiet)
        return (fst_state_set)~0u;
    if (state == FST_CLOSED || state == FST_LISTEN)
        return 1u << FST_CLOSED | 1u << FST_LISTEN;
    return (fst_state_set)(1u << state);
}

/* --------------------------------------------------------------------------- the network -- */

static bool is_behind(enum event_kind kind)
{
    return kind == EVENT_DELIVER || kind == EVENT_DELIVER_COPY;
}

static bool leaves_copy(enum event_kind kind)
{
    return kind == EVENT_TAP_COPY || kind == EVENT_DELIVER_COPY;
}

bool event_is_tap(const struct event *event)
{
    return event->kind == EVENT_TAP || event->kind == EVENT_TAP_COPY;
}

static bool same_on_the_wire(const struct model_segment *a, const struct model_segment *b)
{
    return a->seq == b->seq && a->ack == b->ack && a->control == b->control && a->len == b->len;
}

static bool find_segment(const struct bag *bag, struct event *event, bool by_content)
{
    unsigned index = by_content ? 0 : event->index;

    while (by_content && index < bag->count &&
           !same_on_the_wire(&bag->item[index], &event->segment))
        index++;
    if (index >= bag->count)
        return false;
    event->index = (uint8_t)index;
    event->segment = bag->item[index];
    return true;
}

static bool step_network(struct world *world, const struct settings *settings, struct event *event,
                         bool by_content, struct oracle *oracle)
{
    enum event_kind kind = (enum event_kind)event->kind;
    struct bag *bag = &world->bag[event->side][is_behind(kind) ? BEHIND_TAP : BEFORE_TAP];
    bool keep = leaves_copy(kind);

    if (!find_segment(bag, event, by_content) || (keep && !world->duplicates_left) ||
        (kind == EVENT_MISS && !world->misses_left))
        return false;
    world->duplicates_left = (uint8_t)(world->duplicates_left - keep);
    bag_take(bag, event->index, settings->any_order, keep);
    if (is_behind(kind)) {
        deliver(world, settings, !event->side, &event->segment, oracle);
        return true;
    }
    bag_put(&world->bag[event->side][BEHIND_TAP], &event->segment, settings->any_order);
    if (kind == EVENT_MISS) {
        world->misses_left--;
        world->missed = true;
    } else {
        note_tapped(world, event->side, &event->segment);
    }
    return true;
}

bool world_step(struct world *world, const struct settings *settings, struct event *event,
                bool by_content, struct oracle *oracle)
{
    if (event->kind < EVENT_TAP)
        return step_host(world, settings, event, oracle);
    return step_network(world, settings, event, by_content, oracle);
}

bool world_is_quiet(const struct world *world)
{
    return !world->bag[0][BEFORE_TAP].count && !world->bag[0][BEHIND_TAP].count &&
           !world->bag[1][BEFORE_TAP].count && !world->bag[1][BEHIND_TAP].count;
}

/* ---------------------------------------------------------------------- what can happen -- */

#define IN(state) (1u << FST_##state)
#define IN_ALL    ((1u << FST_STATE_COUNT) - 1u)

/* The states in which a local event can do anything; the endpoint itself has the last word. */
static const uint16_t event_states[EVENT_TAP] = {
    [EVENT_LISTEN] = IN(CLOSED),
    [EVENT_UNLISTEN] = IN(LISTEN),
    [EVENT_CONNECT] = IN(CLOSED) | IN(LISTEN),
    [EVENT_SEND] = IN(SYN_RECEIVED) | IN(ESTABLISHED) | IN(CLOSE_WAIT),
    [EVENT_SEND_CLOSE] = IN(SYN_RECEIVED) | IN(ESTABLISHED) | IN(CLOSE_WAIT),
    [EVENT_READ] = IN_ALL,
    [EVENT_CLOSE] = IN(SYN_RECEIVED) | IN(ESTABLISHED) | IN(CLOSE_WAIT),
    [EVENT_ABORT] = IN_ALL & ~(IN(CLOSED) | IN(LISTEN) | IN(SYN_SENT) | IN(TIME_WAIT)),
    [EVENT_VANISH] = IN_ALL & ~(IN(CLOSED) | IN(LISTEN) | IN(SYN_SENT) | IN(SYN_RECEIVED)),
    [EVENT_GIVE_UP] = IN(SYN_SENT) | IN(SYN_RECEIVED),
    [EVENT_TIME_WAIT_OVER] = IN(TIME_WAIT),
    [EVENT_RETRANSMIT] = IN_ALL & ~(IN(CLOSED) | IN(LISTEN) | IN(FIN_WAIT_2) | IN(TIME_WAIT)),
    [EVENT_ACKNOWLEDGE] = IN_ALL & ~(IN(CLOSED) | IN(LISTEN) | IN(SYN_SENT)),
    [EVENT_KEEP_ALIVE] = IN(ESTABLISHED) | IN(FIN_WAIT_2) | IN(CLOSE_WAIT),
    [EVENT_PROBE] = IN(ESTABLISHED) | IN(CLOSE_WAIT),
};

/* A speaks first. */
static bool is_mirrored(const struct world *world, const struct settings *settings, unsigned side,
                        unsigned kind)
{
    return settings->mirror_cut && side == 1 && kind == EVENT_CONNECT &&
           world->host[0].sends_left == settings->sends;
}

static unsigned local_events(const struct world *world, const struct settings *settings,
                             struct event *events)
{
    unsigned count = 0;

    for (unsigned side = 0; side < 2; side++)
        for (unsigned kind = 0; kind < EVENT_TAP; kind++)
            if (settings->events >> kind & 1 &&
                event_states[kind] >> world->host[side].endpoint.state & 1 &&
                !is_mirrored(world, settings, side, kind))
                events[count++] = (struct event){.kind = (uint8_t)kind, .side = (uint8_t)side};
    return count;
}

static bool is_repeated(const struct bag *bag, unsigned index)
{
    return index > 0 && memcmp(&bag->item[index], &bag->item[index - 1], sizeof *bag->item) == 0;
}

static unsigned bag_events(const struct world *world, const struct settings *settings,
                           unsigned side, unsigned place, struct event *events)
{
    const struct bag *bag = &world->bag[side][place];
    unsigned first = place == BEFORE_TAP ? EVENT_TAP : EVENT_DELIVER;
    unsigned last = place == BEFORE_TAP ? EVENT_MISS : EVENT_DELIVER_COPY;
    unsigned count = 0;

    for (unsigned index = 0; index < bag->count; index++)
        for (unsigned kind = first; kind <= last; kind++) {
            if ((settings->any_order && is_repeated(bag, index)) ||
                (kind == EVENT_MISS && !world->misses_left) ||
                (leaves_copy((enum event_kind)kind) && !world->duplicates_left))
                continue;
            events[count++] = (struct event){
                .kind = (uint8_t)kind, .side = (uint8_t)side, .index = (uint8_t)index};
        }
    return count;
}

unsigned world_events(const struct world *world, const struct settings *settings,
                      struct event *events)
{
    unsigned count = 0;

    for (int place = BEHIND_TAP; place >= BEFORE_TAP; place--)
        for (unsigned side = 0; side < 2; side++) {
            count += bag_events(world, settings, side, (unsigned)place, events + count);
            if (settings->prompt && count > 0)
                return 1;
        }
    return count + local_events(world, settings, events + count);
}
