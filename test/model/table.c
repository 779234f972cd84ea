/* SPDX-License-Identifier: MIT
 *
 * The connection table's short ways against the observer, on traffic that reaches what captures
 * seldom hold. Two analyzers take the same packets: one is listened to segment by segment, so that
 * the observer sees each, and works out each end; the other books what it knows without it. After
 * every packet they must say the same: of its connection, of findings, of connections that have
 * changed or left, and of how these ended. The other one of every second pair tells of no findings,
 * since only then does it end connections the short way.
 *
 * Some connections are runs of the model, the others conversations of ordinary hosts with texts
 * and windows of all sizes. They are interleaved, ports are used again, the table is small at
 * times, and packets are lost, copied, swapped and changed on the way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "flow/analyzer.h"
#include "talk.h"
#include "tcp/observer.h"

#define LINES     6 /* connections at a time */
#define HEARD_MAX 64
#define ROUND     20000 /* segments that one pair of analyzers takes */
#define REPEATS   3     /* of an everyday conversation, with other numbers each time */

/* One connection, as it is played. */
struct line {
    struct shots shots;
    unsigned next;
    uint16_t port;
};

/* What an analyzer has said since the last packet. */
struct heard {
    unsigned findings, ended, changed;
    struct fst_finding finding[HEARD_MAX];
    uint32_t ended_id[HEARD_MAX], changed_id[HEARD_MAX];
    uint64_t ends; /* a sum over all that ended, and how */
};

struct ear {
    struct fst_analyzer *analyzer;
    struct heard heard;
    uint32_t connection; /* of the last segment, if segments are told */
    uint64_t told;       /* findings */
    bool thorough;       /* no end is like one before */
};

/* What else an analyzer tells. */
enum { CHANGES_AND_ENDS, FINDINGS, SEGMENTS_AND_FINDINGS };

struct play {
    struct model_options options;
    uint64_t random;
    struct line lines[LINES];
    struct ear slow, fast;
    bool quiet;               /* the fast one tells of no findings */
    uint64_t packets;         /* of this pair of analyzers */
    uint64_t segments, asked; /* in all, and those of which the fast one has asked the observer */
    int64_t time_ns;
    uint16_t ip_id, ports;
    unsigned faults;
};

static unsigned below(struct play *play, unsigned n)
{
    return random_below(&play->random, n);
}

static bool one_in(struct play *play, unsigned n)
{
    return below(play, n) == 0;
}

/* ------------------------------------------------------------------- what was there said -- */

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct ear *ear = context;

    ear->connection = event->connection;
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct ear *ear = context;
    struct heard *heard = &ear->heard;

    ear->told++;
    if (heard->findings < HEARD_MAX)
        heard->finding[heard->findings++] = *finding;
}

static void forget_ends(struct ear *ear)
{
    memset(ear->analyzer->endings, 0, sizeof ear->analyzer->endings);
}

static void on_ended(void *context, uint32_t id)
{
    struct ear *ear = context;
    struct heard *heard = &ear->heard;
    struct fst_outcome how;

    if (fst_analyzer_outcome(ear->analyzer, id, &how) != 0)
        abort();
    heard->ends ^= id | (uint64_t)how.end_kind << 32 | (uint64_t)how.end_by << 40 |
                   (uint64_t)how.coverage << 48 | (uint64_t)how.worst << 56;
    heard->ends *= UINT64_C(0x100000001b3);
    if (ear->thorough)
        forget_ends(ear);
    if (heard->ended < HEARD_MAX)
        heard->ended_id[heard->ended++] = id;
}

static void on_changed(void *context, uint32_t id)
{
    struct heard *heard = &((struct ear *)context)->heard;

    if (heard->changed < HEARD_MAX)
        heard->changed_id[heard->changed++] = id;
}

static void listen(struct ear *ear, struct fst_options options, int to)
{
    memset(ear, 0, sizeof *ear);
    ear->thorough = to == SEGMENTS_AND_FINDINGS;
    options.events = (struct fst_events){.context = ear,
                                         .segment = to == SEGMENTS_AND_FINDINGS ? on_segment : NULL,
                                         .finding = to == CHANGES_AND_ENDS ? NULL : on_finding,
                                         .ended = on_ended,
                                         .changed = on_changed};
    if (fst_analyzer_new(&ear->analyzer, &options) != 0)
        abort();
}

static void listen_both(struct play *play, struct fst_options options, bool quiet)
{
    play->quiet = quiet;
    listen(&play->slow, options, SEGMENTS_AND_FINDINGS);
    listen(&play->fast, options, quiet ? CHANGES_AND_ENDS : FINDINGS);
}

static bool same_finding(const struct fst_finding *one, const struct fst_finding *two)
{
    return one->rule == two->rule && one->class_ == two->class_ && one->by == two->by &&
           one->connection == two->connection && one->repeats == two->repeats &&
           one->packet == two->packet && one->because_packet == two->because_packet &&
           one->time_ns == two->time_ns && one->states == two->states &&
           one->number[0] == two->number[0] && one->number[1] == two->number[1];
}

static bool same_findings(const struct fst_finding *one, size_t ones, const struct fst_finding *two,
                          size_t twos)
{
    if (ones != twos)
        return false;
    for (size_t i = 0; i < ones; i++)
        if (!same_finding(&one[i], &two[i]))
            return false;
    return true;
}

static bool same_ids(const uint32_t *one, unsigned ones, const uint32_t *two, unsigned twos)
{
    return ones == twos && memcmp(one, two, ones * sizeof *one) == 0;
}

static void differ(struct play *play, const char *what, uint32_t id)
{
    if (play->faults++ < 10)
        printf("seed %llu: packet %llu of segment %llu: %s of connection %u\n",
               (unsigned long long)play->options.seed, (unsigned long long)play->packets,
               (unsigned long long)play->segments, what, (unsigned)id);
}

/* Steps past the end of a path hold nothing. */
static void clear_rest(struct fst_connection_view *view)
{
    for (unsigned s = 0; s < 2; s++)
        memset(&view->side[s].path[view->side[s].path_count], 0,
               (FST_PATH_MAX - view->side[s].path_count) * sizeof view->side[s].path[0]);
    view->findings = NULL;
}

static void compare_connection(struct play *play, uint32_t id)
{
    static struct fst_connection_view one, two;
    int slow = fst_analyzer_connection(play->slow.analyzer, id, &one);
    int fast = fst_analyzer_connection(play->fast.analyzer, id, &two);

    if (slow || fast) {
        if (slow != fast)
            differ(play, "presence", id);
        return;
    }
    if (!same_findings(one.findings, one.finding_count, two.findings, two.finding_count))
        differ(play, "kept findings", id);
    clear_rest(&one);
    clear_rest(&two);
    if (memcmp(&one, &two, sizeof one) != 0)
        differ(play, "view", id);
}

/* What is kept of both ends, and shows only later. */
static void compare_ends(struct play *play, uint32_t id)
{
    struct fst_table *one = &play->slow.analyzer->table, *two = &play->fast.analyzer->table;
    uint32_t slow = fst_table_number(one, id), fast = fst_table_number(two, id);

    if (slow == FST_NO_INDEX || fast == FST_NO_INDEX)
        return;
    if (memcmp(fst_table_record(one, slow)->end, fst_table_record(two, fast)->end,
               sizeof fst_table_record(one, slow)->end) != 0)
        differ(play, "record", id);
}

static void compare_heard(struct play *play)
{
    struct heard *slow = &play->slow.heard, *fast = &play->fast.heard;

    if (!play->quiet &&
        !same_findings(slow->finding, slow->findings, fast->finding, fast->findings))
        differ(play, "findings", play->slow.connection);
    if (!same_ids(slow->ended_id, slow->ended, fast->ended_id, fast->ended) ||
        slow->ends != fast->ends)
        differ(play, "end", play->slow.connection);
    if (!same_ids(slow->changed_id, slow->changed, fast->changed_id, fast->changed))
        differ(play, "change", play->slow.connection);
    slow->findings = slow->ended = slow->changed = 0;
    fast->findings = fast->ended = fast->changed = 0;
    fast->ends = slow->ends; /* one difference, once */
}

/* The linker puts these in the place of the real one and the real one here. */
void __real_fst_observe(struct fst_observation *observation, const struct fst_segment *segment,
                        unsigned sender, bool lossless, struct fst_step *step);
void __wrap_fst_observe(struct fst_observation *observation, const struct fst_segment *segment,
                        unsigned sender, bool lossless, struct fst_step *step);

static uint64_t observed;

void __wrap_fst_observe(struct fst_observation *observation, const struct fst_segment *segment,
                        unsigned sender, bool lossless, struct fst_step *step)
{
    observed++;
    __real_fst_observe(observation, segment, sender, lossless, step);
}

static void feed(struct play *play, const struct fst_packet *packet)
{
    uint64_t before;

    if (fst_analyzer_feed(play->slow.analyzer, packet, 1) != 0)
        abort();
    before = observed;
    if (fst_analyzer_feed(play->fast.analyzer, packet, 1) != 0)
        abort();
    play->asked += observed - before;
    play->segments++;
    compare_heard(play);
    compare_connection(play, play->slow.connection);
    compare_ends(play, play->slow.connection);
}

/* ---------------------------------------------------------------------- runs of the model -- */

static uint16_t wire_flags(unsigned control)
{
    return (
        uint16_t)((control & CTL_FIN ? FST_TCP_FIN : 0u) | (control & CTL_SYN ? FST_TCP_SYN : 0u) |
                  (control & CTL_RST ? FST_TCP_RST : 0u) | (control & CTL_ACK ? FST_TCP_ACK : 0u));
}

static void run_over(struct play *play, struct shots *shots)
{
    static struct run run;
    uint32_t stamp = talk_number(&play->random);
    struct offence offence;

    shots->count = 0;
    run_begin(&run, &play->options, &play->random);
    for (unsigned left = run.length; left > 0 && shots->count < SHOTS_MAX; left--) {
        const struct model_segment *segment;
        struct event event;

        if (!run_event(&run, &event, &offence) || !event_is_tap(&event))
            continue;
        segment = &event.segment;
        shots->shot[shots->count++] = (struct shot){.side = event.side,
                                                    .ttl = 64,
                                                    .flags = wire_flags(segment->control),
                                                    .wnd = segment->wnd,
                                                    .seq = segment->seq,
                                                    .ack = segment->ack,
                                                    .len = segment->len,
                                                    .ts_val = segment->ts_val + stamp,
                                                    .sack_low = segment->sack_low,
                                                    .sack_high = segment->sack_high,
                                                    .options = segment->options,
                                                    .shift = segment->shift};
    }
}

/* --------------------------------------------------------------------------- the network -- */

/* A length or a step that is often next to nothing. */
static uint32_t few(struct play *play)
{
    static const uint32_t steps[] = {1, 1, 2, 3, 100, 1460, 65535, 70000};
    uint32_t step = steps[below(play, 8)];

    return one_in(play, 2) ? step : 0u - step;
}

static void change(struct play *play, struct shot *shot)
{
    switch (below(play, 20)) {
    case 0:
    case 1:
        shot->seq += few(play);
        break;
    case 2:
    case 3:
        shot->ack += few(play);
        break;
    case 4:
        shot->flags ^= FST_TCP_FIN;
        break;
    case 5:
        shot->flags ^= FST_TCP_ACK;
        break;
    case 6:
        shot->flags ^= FST_TCP_SYN;
        break;
    case 7:
        shot->wnd = talk_window(&play->random);
        break;
    case 8:
        shot->len = one_in(play, 2) ? 0 : talk_length(&play->random);
        break;
    case 9:
        shot->options ^= (uint8_t)(1u << below(play, 5));
        break;
    case 10:
        shot->ts_val += few(play);
        break;
    case 11:
        shot->checksum = (uint8_t)below(play, SHOT_CHECKSUMS);
        break;
    case 12:
        shot->ttl--;
        break;
    case 14:
        shot->offset = (uint8_t)below(play, 16);
        break;
    case 15:
        shot->mss = 1460;
        break;
    case 13:
        shot->flags |= (uint16_t)(FST_TCP_PSH << below(play, 5)); /* PSH to CWR; ACK among them */
        break;
    default: /* nothing but a reset */
        shot->flags = one_in(play, 2) ? FST_TCP_RST : FST_TCP_RST | FST_TCP_ACK;
        shot->len = 0;
        shot->options = 0;
        if (one_in(play, 4))
            shot->seq = 0;
    }
}

static void send_one(struct play *play, const struct line *line, const struct shot *shot)
{
    uint8_t octets[SHOT_OCTETS_MAX];
    struct fst_packet packet = shot_packet(shot, line->port, play->ip_id, octets);

    packet.number = ++play->packets;
    packet.time_ns = play->time_ns;
    feed(play, &packet);
    play->ip_id++;
    play->time_ns += 1000000;
}

/* Most packets follow each other as they should. */
static void send(struct play *play, const struct line *line, const struct shot *shot)
{
    if (one_in(play, 10))
        play->time_ns -= 1000000;
    if (one_in(play, 100))
        play->time_ns -= 3000000;
    if (one_in(play, 50))
        play->time_ns += INT64_C(20000000000);
    send_one(play, line, shot);
    if (!one_in(play, 100))
        return;
    play->ip_id--; /* captured twice */
    play->time_ns -= 1000000;
    send_one(play, line, shot);
}

/* How often the network of this round misbehaves. */
static void deliver(struct play *play, struct line *line, unsigned calm)
{
    struct shot *shot = &line->shots.shot[line->next++], shown = *shot;

    if (calm == 0 || !one_in(play, calm)) {
        send(play, line, shot);
        return;
    }
    switch (below(play, 5)) {
    case 0: /* lost */
        return;
    case 1: /* copied, later too */
        send(play, line, shot);
        send(play, line, &line->shots.shot[below(play, line->next)]);
        return;
    case 2: /* overtaken */
        if (line->next < line->shots.count) {
            *shot = line->shots.shot[line->next];
            line->shots.shot[line->next] = shown;
        }
        send(play, line, shot);
        return;
    default:
        change(play, &shown);
        send(play, line, &shown);
    }
}

/* A new connection where one has been played to its end; at times on the same ports. */
static void begin(struct play *play, struct line *line)
{
    line->next = 0;
    if (line->port == 0 || !one_in(play, 12))
        line->port = (uint16_t)(1024 + play->ports++ % 60000);
    if (one_in(play, 40))
        run_over(play, &line->shots);
    else
        talk_any(&line->shots, &play->random);
}

/* -------------------------------------------------------------------------------- rounds -- */

static const struct fst_options kept[] = {{.no_paths = true},
                                          {.path_packets = true},
                                          {.lossless = true},
                                          {.max_flows = 4},
                                          {.max_flows = 40, .lossless = true}};

static void finish(struct play *play)
{
    struct fst_analyzer *slow = play->slow.analyzer, *fast = play->fast.analyzer;
    uint64_t hits = 0;

    if (fst_analyzer_finish(slow) != 0 || fst_analyzer_finish(fast) != 0)
        abort();
    compare_heard(play);
    for (uint32_t id = fst_analyzer_next(slow, 1); id != 0; id = fst_analyzer_next(slow, id + 1)) {
        forget_ends(&play->slow);
        compare_connection(play, id);
    }
    for (size_t i = 0; i < fst_rule_count(); i++) {
        hits += fst_analyzer_rule_hits(slow, i);
        if (fst_analyzer_rule_hits(slow, i) != fst_analyzer_rule_hits(fast, i))
            differ(play, "hits", (uint32_t)i);
    }
    if (play->slow.told != hits || (!play->quiet && play->fast.told != hits))
        differ(play, "findings", 0);
    fst_analyzer_free(slow);
    fst_analyzer_free(fast);
}

static void one_round(struct play *play, unsigned number)
{
    static const unsigned calms[] = {0, 200, 25};
    struct fst_options options = kept[number % (sizeof kept / sizeof *kept)];
    unsigned calm = calms[number % 3];

    listen_both(play, options, number % 2 == 0);
    play->packets = 0;
    memset(play->lines, 0, sizeof play->lines);
    for (unsigned left = ROUND; left > 0 && play->segments < play->options.limit; left--) {
        struct line *line = &play->lines[below(play, LINES)];

        if (line->next == line->shots.count)
            begin(play, line);
        else
            deliver(play, line, calm);
    }
    finish(play);
}

/* Plays an everyday conversation; returns of how many segments the observer was asked. */
static uint64_t play_everyday(struct play *play, struct line *line, unsigned number)
{
    line->port = (uint16_t)(1024 + play->ports++ % 60000);
    (void)talk_everyday(&line->shots, number, &play->random);
    play->asked = 0;
    for (unsigned i = 0; i < line->shots.count; i++)
        send_one(play, line, &line->shots.shot[i]);
    return play->asked;
}

/* What was met before is booked without the observer when it comes again with other numbers. Now
 * and then one is told from it by chance: by a number that means something else, or because what
 * was learned of it has given way. */
static void rehearse(struct play *play)
{
    struct line *line = &play->lines[0];

    listen_both(play, kept[0], false);
    play->packets = 0;
    for (unsigned number = 0; talk_everyday(&line->shots, number, &play->random); number++) {
        unsigned repeat = 0;

        (void)play_everyday(play, line, number);
        while (repeat < REPEATS && play_everyday(play, line, number) > 0)
            repeat++;
        if (repeat < REPEATS)
            continue;
        play->faults++;
        printf("everyday conversation %u: of %u segments met before, %llu went to the observer\n",
               number, line->shots.count, (unsigned long long)play->asked);
    }
    finish(play);
}

int main(int argc, char **argv)
{
    static struct play play;

    if (!options_parse(&play.options, argc, argv))
        return 2;
    play.random = play.options.seed;
    play.time_ns = INT64_C(1700000000000000000);
    rehearse(&play);
    if (!play.options.limit)
        play.options.limit = 1000000;
    for (unsigned n = 0; play.segments < play.options.limit; n++)
        one_round(&play, n);
    printf("%s: %llu segments, %u differences\n", play.options.title,
           (unsigned long long)play.segments, play.faults);
    return play.faults != 0;
}
