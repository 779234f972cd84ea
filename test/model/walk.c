/* SPDX-License-Identifier: MIT
 *
 * Random walks far beyond what can be explored: long runs with several lives an endpoint, ISNs near
 * and far, every switch that makes stacks differ, under the same invariants as the exploration. A
 * run that breaks one shrinks itself and is printed as a scenario.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "options.h"
#include "trace.h"

#define OFFENCES_MAX 16

struct walk {
    struct model_options options;
    uint64_t random;
    uint64_t runs, segments;
    uint64_t states_seen;               /* sum of the sizes of `possible` */
    uint64_t states_asked;              /* number of those sets */
    uint64_t in_state[FST_STATE_COUNT]; /* how often a host truly was in a state */
    uint64_t excused;                   /* of them, where the host had vanished unseen */
    uint64_t findings[FST_CLASS_COUNT];
    unsigned offence_count;
    struct offence offences[OFFENCES_MAX]; /* one of each kind and rule */
};

static bool is_known(const struct walk *walk, const struct offence *offence)
{
    for (unsigned i = 0; i < walk->offence_count; i++)
        if (offence_same(&walk->offences[i], offence))
            return true;
    return walk->offence_count == OFFENCES_MAX;
}

static void report(struct walk *walk, const struct settings *settings, struct trace *trace,
                   const struct offence *offence)
{
    if (is_known(walk, offence))
        return;
    walk->offences[walk->offence_count++] = *offence;
    printf("# run %llu\n", (unsigned long long)walk->runs);
    trace_shrink(trace, settings, &walk->options.watching, offence);
    offence_print(offence);
    trace_print(trace, settings, &walk->options.watching);
    fflush(stdout);
}

static void count_set(struct walk *walk, const struct run *run)
{
    for (unsigned side = 0; side < 2; side++) {
        fst_state_set possible = fst_observed_possible(&run->watch.seen, side);

        for (; possible; possible &= (fst_state_set)(possible - 1))
            walk->states_seen++;
        walk->states_asked++;
        walk->in_state[run->world.host[side].endpoint.state]++;
        walk->excused += host_truth(&run->world.host[side]) == 0;
    }
    for (size_t i = 0; i < run->step.finding_count; i++)
        walk->findings[run->step.findings[i].class_]++;
}

static void one_run(struct walk *walk)
{
    static struct trace trace;
    static struct run run;
    struct offence offence;

    run_begin(&run, &walk->options, &walk->random);
    trace.count = 0;
    for (unsigned left = run.length; left > 0; left--) {
        struct event event;

        if (!run_event(&run, &event, &offence))
            continue;
        trace.event[trace.count++] = event;
        if (event_is_tap(&event)) {
            walk->segments++;
            count_set(walk, &run);
        }
        if (offence.kind) {
            report(walk, &run.settings, &trace, &offence);
            return;
        }
    }
    run_end(&run, &offence);
    if (offence.kind)
        report(walk, &run.settings, &trace, &offence);
}

static int summary(const struct walk *walk)
{
    printf("%s: %llu segments in %llu runs, mean size of possible %.2f, truth excused in %.1f %%, "
           "%llu illegal, %llu suspect, %llu anomaly, %llu capture, %u kinds of violation\n",
           walk->options.title, (unsigned long long)walk->segments, (unsigned long long)walk->runs,
           (double)walk->states_seen / (double)walk->states_asked,
           100.0 * (double)walk->excused / (double)walk->states_asked,
           (unsigned long long)walk->findings[FST_ILLEGAL],
           (unsigned long long)walk->findings[FST_SUSPECT],
           (unsigned long long)walk->findings[FST_ANOMALY],
           (unsigned long long)walk->findings[FST_CAPTURE], walk->offence_count);
    printf("  true states in %%:");
    for (unsigned state = 0; state < FST_STATE_COUNT; state++)
        printf(" %s %.1f", fst_state_name((enum fst_state)state),
               100.0 * (double)walk->in_state[state] / (double)walk->states_asked);
    printf("\n");
    return walk->offence_count != 0;
}

int main(int argc, char **argv)
{
    static struct walk walk;

    if (!options_parse(&walk.options, argc, argv))
        return 2;
    walk.options.watching.twice = true;
    walk.options.watching.numbers = true;
    walk.random = walk.options.seed;
    if (!walk.options.limit)
        walk.options.limit = 1000000;
    for (; walk.segments < walk.options.limit; walk.runs++)
        one_run(&walk);
    return summary(&walk);
}
