/* SPDX-License-Identifier: MIT
 *
 * What must hold for any trace of conforming endpoints, tried on every scenario that has nothing
 * illegal in it:
 *
 *     - missing packets never make anything illegal by default: drop every set of them;
 *     - neighbours of one direction may be captured in either order, in both modes;
 *     - any packet may be captured again later, in both modes, as long as its numbers have not been
 *       used anew.
 *
 *     check_properties FILE.scn...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowstate/flowstate.h"
#include "support/arena.h"
#include "support/frame.h"
#include "support/scenario.h"

#define PACKETS_MAX 64
#define DROPS_MAX   10      /* of more packets only the first are dropped */
#define STEP_NS     2000000 /* apart enough that a packet captured again is not a duplicate frame */

/* A trace as it is fed: packets of a scenario in some order. */
struct trace {
    size_t count;
    struct fst_packet packets[PACKETS_MAX];
};

/* The first illegal finding of a run. */
struct verdict {
    const char *rule; /* NULL if there was none */
    uint64_t packet;
    bool capture; /* something is wrong with the capture */
};

struct check {
    const struct scenario *scenario;
    struct trace base;
    unsigned faults;
    unsigned long runs;
};

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct verdict *verdict = context;

    if (finding->class_ == FST_CAPTURE)
        verdict->capture = true;
    if (finding->class_ != FST_ILLEGAL || verdict->rule)
        return;
    verdict->rule = finding->rule->slug;
    verdict->packet = finding->packet;
}

static void trace_add(struct trace *trace, const struct fst_packet *packet)
{
    struct fst_packet *added = &trace->packets[trace->count++];

    *added = *packet;
    added->number = trace->count;
    added->time_ns = (int64_t)trace->count * STEP_NS;
}

static struct verdict judge(struct check *check, const struct trace *trace, bool lossless)
{
    struct verdict verdict = {0};
    struct fst_options options = {.lossless = lossless,
                                  .allocator = arena_begin(),
                                  .events = {.context = &verdict, .finding = on_finding}};
    struct fst_analyzer *analyzer;

    check->runs++;
    if (fst_analyzer_new(&analyzer, &options) != 0 ||
        fst_analyzer_feed(analyzer, trace->packets, trace->count) != 0 ||
        fst_analyzer_finish(analyzer) != 0)
        abort();
    fst_analyzer_free(analyzer);
    return verdict;
}

static void expect_legal(struct check *check, const struct trace *trace, bool lossless,
                         const char *what, size_t first, size_t second)
{
    struct verdict verdict = judge(check, trace, lossless);

    if (!verdict.rule)
        return;
    check->faults++;
    printf("%s:%u: %s (and line %u): %s mode says %s of packet %llu\n", check->scenario->name,
           check->scenario->segments[first].line, what, check->scenario->segments[second].line,
           lossless ? "lossless" : "default", verdict.rule, (unsigned long long)verdict.packet);
}

/* Bit k of `missed`: packet k was not captured. */
static void check_drop(struct check *check, unsigned missed)
{
    struct trace trace = {0};
    size_t first = check->base.count, last = 0, k;

    for (k = 0; k < check->base.count; k++) {
        if (k >= DROPS_MAX || !(missed & 1u << k)) {
            trace_add(&trace, &check->base.packets[k]);
            continue;
        }
        first = k < first ? k : first;
        last = k;
    }
    expect_legal(check, &trace, false, "not captured", first, last);
}

static void check_drops(struct check *check)
{
    size_t count = check->base.count < DROPS_MAX ? check->base.count : DROPS_MAX;
    unsigned missed;

    for (missed = 1; missed < 1u << count; missed++)
        check_drop(check, missed);
}

static void check_swaps(struct check *check, bool lossless)
{
    size_t i, k;

    for (i = 0; i + 1 < check->base.count; i++) {
        struct trace trace = {0};

        if (check->scenario->segments[i].sender != check->scenario->segments[i + 1].sender)
            continue;
        for (k = 0; k < check->base.count; k++)
            trace_add(&trace, &check->base.packets[k == i ? i + 1 : k == i + 1 ? i : k]);
        expect_legal(check, &trace, lossless, "captured after its successor", i, i + 1);
    }
}

static void check_copies(struct check *check, bool lossless)
{
    size_t i, j, k;

    for (i = 0; i < check->base.count; i++) {
        for (j = i; j < check->base.count; j++) {
            struct trace trace = {0};

            for (k = 0; k < check->base.count; k++) {
                trace_add(&trace, &check->base.packets[k]);
                if (k == j)
                    trace_add(&trace, &check->base.packets[i]);
            }
            expect_legal(check, &trace, lossless, "captured again", i, j);
        }
    }
}

/* Whether a side has used more than one initial sequence number. */
static bool has_second_life(const struct scenario *scenario)
{
    const struct scn_segment *syn[2] = {NULL, NULL};
    size_t i;

    for (i = 0; i < scenario->segment_count; i++) {
        const struct scn_segment *segment = &scenario->segments[i];

        if (!(segment->flags & FST_TCP_SYN))
            continue;
        if (syn[segment->sender] && syn[segment->sender]->seq.value != segment->seq.value)
            return true;
        syn[segment->sender] = segment;
    }
    return false;
}

static void check_mode(struct check *check, bool lossless)
{
    struct verdict base = judge(check, &check->base, lossless);

    if (base.rule || (lossless && base.capture)) /* nobody vouches for such a capture */
        return;
    if (!lossless)
        check_drops(check);
    check_swaps(check, lossless);
    if (!has_second_life(check->scenario))
        check_copies(check, lossless);
}

static unsigned check_file(const char *path, unsigned long *runs)
{
    struct check check = {0};
    struct scenario *scenario;
    struct scn_packets packets;
    struct scn_world world;
    struct fst_diag diag;
    size_t i;

    if (scenario_load(&scenario, path, &diag) != 0) {
        printf("%s\n", diag.message);
        return 1;
    }
    world = scn_usual_world(scenario);
    if (scn_packets_build(&packets, scenario, &world) != 0)
        abort();
    check.scenario = scenario;
    for (i = 0; i < packets.count && i < PACKETS_MAX - 1; i++)
        trace_add(&check.base, &packets.packets[i]);
    check_mode(&check, false);
    check_mode(&check, true);
    scn_packets_free(&packets);
    scenario_free(scenario);
    *runs += check.runs;
    return check.faults;
}

int main(int argc, char **argv)
{
    unsigned long runs = 0;
    unsigned faults = 0;
    int i;

    for (i = 1; i < argc; i++)
        faults += check_file(argv[i], &runs);
    printf("%d scenarios, %lu runs, %u faults\n", argc - 1, runs, faults);
    return faults || argc < 2 ? 1 : 0;
}
