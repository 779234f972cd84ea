/* SPDX-License-Identifier: MIT
 *
 * What makes the search small: the tap sees everything, so what can be delivered to an endpoint is
 * exactly what of its peer was captured so far, at any time and any number of times. A state is
 * both endpoints and the set of captured segments that have been sent already. Captured is what has
 * been sent up to the first gap: waiting longer would only take deliveries away.
 */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

enum { EXPLAIN_LIVES = 4, TARGETS_MAX = 4 * CAPTURE_MAX, SYN_TEXT_MAX = HELD_OCTETS - 1 };

#define NO_NODE UINT32_MAX

struct numbers {
    uint32_t low, high; /* [low, high) */
};

struct guess {
    struct endpoint endpoint[2];
    struct isn_source isns[2];
    struct numbers used[2][EXPLAIN_LIVES];
    uint64_t sent; /* bit per captured segment */
};

/* A guess waiting to be followed, in a list of those that explain equally much. */
struct node {
    struct guess guess;
    uint32_t next;
};

struct explainer {
    const struct capture *capture;
    const struct settings *settings;
    uint32_t isn[2][2 * CAPTURE_MAX + 1]; /* of SYNs captured, and guessed for those that died */
    unsigned isn_count[2];
    uint32_t target[2][TARGETS_MAX]; /* numbers SND.NXT may usefully reach */
    unsigned target_count[2];
    unsigned syn_text[2];
    uint64_t *visited;
    uint64_t visited_mask;
    struct node *nodes;
    uint32_t waiting[CAPTURE_MAX + 1]; /* by captured segments explained */
    uint32_t node_count, limit;
    bool found, full;
};

static unsigned captured(const struct explainer *explainer, const struct guess *guess)
{
    unsigned count = 0;

    while (count < explainer->capture->count && guess->sent >> count & 1)
        count++;
    return count;
}

/* -------------------------------------------------------------- what the capture suggests -- */

static void add_number(uint32_t *list, unsigned *count, uint32_t number)
{
    for (unsigned i = 0; i < *count; i++)
        if (list[i] == number)
            return;
    list[(*count)++] = number;
}

/* A segment far from every captured SYN belongs to a life whose SYN died before the tap. */
static void guess_isn(struct explainer *explainer, unsigned side,
                      const struct model_segment *segment)
{
    for (unsigned i = 0; i < explainer->isn_count[side]; i++)
        if (segment->seq - explainer->isn[side][i] < HELD_OCTETS)
            return;
    if (segment->seq)
        add_number(explainer->isn[side], &explainer->isn_count[side], segment->seq - 1);
}

static void collect_numbers(struct explainer *explainer)
{
    const struct capture *capture = explainer->capture;

    for (unsigned i = 0; i < capture->count; i++) {
        const struct model_segment *segment = &capture->segment[i];
        unsigned side = capture->side[i];

        if (segment->control & CTL_SYN) {
            add_number(explainer->isn[side], &explainer->isn_count[side], segment->seq);
            if (segment->len > explainer->syn_text[side])
                explainer->syn_text[side] = segment->len;
        }
        add_number(explainer->target[side], &explainer->target_count[side], segment->seq);
        add_number(explainer->target[side], &explainer->target_count[side],
                   segment->seq + segment->len);
        if (segment->control & CTL_ACK)
            add_number(explainer->target[!side], &explainer->target_count[!side], segment->ack);
    }
    for (unsigned i = 0; i < capture->count; i++)
        guess_isn(explainer, capture->side[i], &capture->segment[i]);
    for (unsigned side = 0; side < 2; side++) /* of a life that showed nothing */
        add_number(explainer->isn[side], &explainer->isn_count[side],
                   explainer->settings->base_isn[side] + 0x31234567u);
}

/* ------------------------------------------------------------------ assumption S7: lives -- */

static bool touch(struct numbers a, struct numbers b)
{
    return !before(a.high, b.low) && !before(b.high, a.low);
}

/* Book the numbers of the present life; false if they meet those of another. */
static bool book_numbers(struct guess *guess, unsigned side)
{
    const struct endpoint *endpoint = &guess->endpoint[side];
    struct numbers own = {endpoint->iss, endpoint->snd_nxt};

    if (!endpoint->life)
        return true;
    guess->used[side][endpoint->life - 1] = own;
    for (unsigned life = 0; life < guess->isns[side].lives; life++)
        if (life + 1u != endpoint->life && touch(own, guess->used[side][life]))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------ the search -- */

static bool matches(const struct model_segment *sent, const struct model_segment *seen)
{
    return sent->seq == seen->seq && sent->ack == seen->ack && sent->control == seen->control &&
           sent->len == seen->len && sent->options == seen->options;
}

static void note_sent(const struct explainer *explainer, struct guess *guess, unsigned side,
                      const struct surroundings *around)
{
    const struct capture *capture = explainer->capture;

    for (unsigned sent = 0; sent < around->sent_count; sent++)
        for (unsigned i = 0; i < capture->count; i++)
            if (capture->side[i] == side && matches(&around->sent[sent], &capture->segment[i]))
                guess->sent |= (uint64_t)1 << i;
}

static bool is_new(struct explainer *explainer, const struct guess *guess)
{
    uint64_t hash = hash_octets(3, guess, sizeof *guess);
    uint64_t at = hash & explainer->visited_mask;

    hash += !hash;
    for (; explainer->visited[at]; at = (at + 1) & explainer->visited_mask)
        if (explainer->visited[at] == hash)
            return false;
    explainer->visited[at] = hash;
    return true;
}

static void keep(struct explainer *explainer, const struct guess *guess)
{
    unsigned seen = captured(explainer, guess);
    struct node *node = &explainer->nodes[explainer->node_count];

    explainer->found |= seen == explainer->capture->count;
    if (explainer->node_count == explainer->limit) {
        explainer->full = true;
        return;
    }
    if (explainer->found || !is_new(explainer, guess))
        return;
    node->guess = *guess;
    node->next = explainer->waiting[seen];
    explainer->waiting[seen] = explainer->node_count++;
}

static struct surroundings surroundings_of(const struct explainer *explainer, struct guess *guess,
                                           unsigned side, struct oracle *oracle)
{
    struct surroundings around = {
        .oracle = oracle,
        .isns = &guess->isns[side],
        .window = explainer->settings->window,
        .sends_left = SENT_MAX,
        .any_reuse = true,
        .isn_given = explainer->isn[side],
        .isn_given_count = explainer->isn_count[side],
    };

    return around;
}

static void follow(struct explainer *explainer, struct guess *guess, unsigned side,
                   const struct surroundings *around)
{
    if (!book_numbers(guess, side))
        return;
    note_sent(explainer, guess, side, around);
    keep(explainer, guess);
}

static bool local(struct endpoint *endpoint, struct surroundings *around, enum event_kind kind,
                  unsigned syn_text)
{
    switch (kind) {
    case EVENT_LISTEN:
        return endpoint_open_passive(endpoint);
    case EVENT_UNLISTEN:
        return endpoint_unlisten(endpoint);
    case EVENT_CONNECT:
        return endpoint_open_active(endpoint, around, syn_text);
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
    default:
        return false;
    }
}

static void try_local(struct explainer *explainer, const struct guess *guess, unsigned side,
                      enum event_kind kind)
{
    struct oracle oracle = {.open = CHOICES_ALL};

    oracle_begin(&oracle, NULL);
    do {
        struct guess next = *guess;
        struct surroundings around = surroundings_of(explainer, &next, side, &oracle);

        if (local(&next.endpoint[side], &around, kind, explainer->syn_text[side]))
            follow(explainer, &next, side, &around);
    } while (!explainer->found && oracle_next(&oracle));
}

/* A SYN with text that died before the tap, if the capture speaks of where that text ended. */
static void try_syn_text(struct explainer *explainer, const struct guess *guess, unsigned side,
                         unsigned isn, uint32_t target)
{
    uint32_t len = target - explainer->isn[side][isn] - 1;
    struct tape tape = {0};
    struct oracle oracle = {.open = CHOICES_ALL};
    struct guess next = *guess;
    struct surroundings around;

    if (len <= explainer->syn_text[side] || len > SYN_TEXT_MAX)
        return;
    if (explainer->isn_count[side] > 1)
        tape.digit[tape.count++] = (uint8_t)isn;
    tape.digit[tape.count++] = (uint8_t)len;
    oracle_begin(&oracle, &tape);
    around = surroundings_of(explainer, &next, side, &oracle);
    if (endpoint_open_active(&next.endpoint[side], &around, SYN_TEXT_MAX))
        follow(explainer, &next, side, &around);
}

static void try_delivery(struct explainer *explainer, const struct guess *guess, unsigned index)
{
    struct oracle oracle = {.open = CHOICES_ALL & ~(1u << CHOICE_REPLY)};
    unsigned receiver = !explainer->capture->side[index];

    oracle_begin(&oracle, NULL);
    do {
        struct guess next = *guess;
        struct surroundings around = surroundings_of(explainer, &next, receiver, &oracle);

        endpoint_receive(&next.endpoint[receiver], &explainer->capture->segment[index], &around);
        follow(explainer, &next, receiver, &around);
    } while (!explainer->found && oracle_next(&oracle));
}

/* Text up to a number the capture speaks of; other lengths could not be told apart. */
static void try_send(struct explainer *explainer, const struct guess *guess, unsigned side,
                     uint32_t target, bool with_fin)
{
    uint32_t len = target - guess->endpoint[side].snd_nxt;
    struct tape tape = {.count = 1, .digit = {(uint8_t)(len - 1)}};
    struct oracle oracle = {.open = 1u << CHOICE_SIZE};
    struct guess next = *guess;
    struct surroundings around;

    if (len == 0 || len > 255)
        return;
    oracle_begin(&oracle, &tape);
    around = surroundings_of(explainer, &next, side, &oracle);
    if (endpoint_send(&next.endpoint[side], &around, len, with_fin) &&
        next.endpoint[side].snd_nxt - with_fin == target)
        follow(explainer, &next, side, &around);
}

static void try_side(struct explainer *explainer, const struct guess *guess, unsigned side)
{
    for (unsigned i = 0; i < explainer->target_count[side] && !explainer->found; i++) {
        try_send(explainer, guess, side, explainer->target[side][i], false);
        try_send(explainer, guess, side, explainer->target[side][i], true);
    }
    for (unsigned isn = 0; isn < explainer->isn_count[side]; isn++)
        for (unsigned i = 0; i < explainer->target_count[side] && !explainer->found; i++)
            try_syn_text(explainer, guess, side, isn, explainer->target[side][i]);
    for (unsigned kind = 0; kind < EVENT_TAP && !explainer->found; kind++)
        try_local(explainer, guess, side, (enum event_kind)kind);
}

static void expand(struct explainer *explainer, const struct guess *guess)
{
    unsigned seen = captured(explainer, guess);

    for (unsigned index = seen; index-- > 0 && !explainer->found;)
        try_delivery(explainer, guess, index);
    for (unsigned side = 0; side < 2 && !explainer->found; side++)
        try_side(explainer, guess, side);
}

/* Whoever explains most goes first. */
static bool next_guess(struct explainer *explainer, struct guess *guess)
{
    for (unsigned seen = CAPTURE_MAX + 1; seen-- > 0;) {
        uint32_t node = explainer->waiting[seen];

        if (node == NO_NODE)
            continue;
        *guess = explainer->nodes[node].guess;
        explainer->waiting[seen] = explainer->nodes[node].next;
        return true;
    }
    return false;
}

static void search(struct explainer *explainer)
{
    struct guess guess;

    memset(&guess, 0, sizeof guess);
    for (unsigned side = 0; side < 2; side++)
        guess.isns[side].lives_left = EXPLAIN_LIVES;
    keep(explainer, &guess);
    while (!explainer->found && !explainer->full && next_guess(explainer, &guess))
        expand(explainer, &guess);
}

enum explanation capture_explain(const struct capture *capture, const struct settings *settings,
                                 uint32_t limit)
{
    static struct explainer explainer;

    memset(&explainer, 0, sizeof explainer);
    memset(explainer.waiting, 0xff, sizeof explainer.waiting);
    explainer.capture = capture;
    explainer.settings = settings;
    explainer.limit = limit;
    for (explainer.visited_mask = 1; explainer.visited_mask < 2 * (uint64_t)limit;)
        explainer.visited_mask <<= 1;
    explainer.visited = calloc(explainer.visited_mask--, sizeof *explainer.visited);
    explainer.nodes = malloc(limit * sizeof *explainer.nodes);
    if (explainer.visited && explainer.nodes) {
        collect_numbers(&explainer);
        search(&explainer);
    }
    free(explainer.visited);
    free(explainer.nodes);
    if (explainer.found)
        return EXPLAINED;
    return explainer.full || !explainer.node_count ? UNDECIDED : UNEXPLAINED;
}
