/* SPDX-License-Identifier: MIT
 *
 * One wrong segment in an otherwise conforming run: the observer must say `illegal` at that
 * segment, of that side, once, and accuse nobody else before or after. What it does not find must
 * be something it could not have found: mutants.h says how that is decided for each kind. Prints a
 * table, and the first few failures as scenarios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "explain.h"
#include "mutants.h"
#include "trace.h"

#define EXPLAIN_LIMIT 60000
#define SHOWN_MAX     3

struct tally {
    unsigned injected, found, excused, undecided;
    unsigned missed;        /* provably wrong and not found */
    unsigned wrongly_named; /* found, but not once or not of that side */
    unsigned others;        /* another segment was accused afterwards */
    unsigned shown;
};

struct bench {
    struct model_options options;
    uint64_t random;
    struct run run;
    struct capture capture;
    struct endpoint last[2];
    struct mutant mutant;
    unsigned side;                 /* of the mutant */
    bool delivered;                /* it also reaches the peer */
    bool always;                   /* the observer is not told that the capture is complete */
    struct fst_observation spared; /* an observer that does not see the mutant */
    struct capture after;          /* the mutant */
};

static void remember(struct bench *bench, const struct event *event)
{
    for (unsigned side = 0; side < 2; side++)
        if (bench->run.world.host[side].endpoint.state >= FST_ESTABLISHED)
            bench->last[side] = bench->run.world.host[side].endpoint;
    if (event_is_tap(event) && bench->capture.count < CAPTURE_MAX) {
        bench->capture.side[bench->capture.count] = event->side;
        bench->capture.segment[bench->capture.count++] = event->segment;
    }
}

/* Of a side that has sent nothing the tap saw, any number may be one of a life yet unknown: the
 * search knows no initial sequence numbers but those of the settings. */
static bool has_shown_numbers(const struct bench *bench)
{
    for (unsigned i = 0; i < bench->capture.count; i++)
        if (bench->capture.side[i] == bench->side && !(bench->capture.segment[i].control & CTL_RST))
            return true;
    return false;
}

/* Run a conforming world until `kind` fits and chance agrees. */
static bool reach_moment(struct bench *bench, const struct mutant_kind *kind)
{
    struct moment moment = {.world = &bench->run.world,
                            .capture = &bench->capture,
                            .last = bench->last,
                            .random = &bench->random};
    struct offence offence;
    struct event event;

    run_begin(&bench->run, &bench->options, &bench->random);
    bench->run.watching.lossless = !bench->always;
    moment.window = bench->run.settings.window;
    bench->capture.count = 0;
    memset(bench->last, 0, sizeof bench->last);
    for (unsigned left = bench->run.length; left > 0 && bench->capture.count < CAPTURE_MAX - 2;
         left--) {
        if (!run_event(&bench->run, &event, &offence))
            continue;
        if (offence.kind)
            return false;
        remember(bench, &event);
        bench->side = random_below(&bench->random, 2);
        if (random_below(&bench->random, 4) == 0 &&
            kind->make(&moment, bench->side, &bench->mutant) &&
            (kind->proof == PROOF_FORM ||
             !cookie_may_return(&bench->capture, bench->side, &bench->mutant.segment)) &&
            (kind->proof != PROOF_CONTACT || has_shown_numbers(bench)) &&
            (!bench->always || kind->proof != PROOF_CONTACT ||
             mutant_has_contact(&moment, bench->side, &bench->mutant)))
            return true;
    }
    return false;
}

/* --------------------------------------------------------------------------- the verdict -- */

static void observe_mutant(struct bench *bench, struct fst_step *step)
{
    struct fst_segment decoded;

    watch_decode(&decoded, &bench->mutant.segment, bench->side);
    if (bench->mutant.options.present)
        decoded.options = bench->mutant.options;
    decoded.fault = bench->mutant.fault;
    decoded.packet = ++bench->run.watch.packets;
    decoded.time_ns = (int64_t)decoded.packet * 1000000;
    fst_observe(&bench->run.watch.seen, &decoded, bench->side, bench->run.watching.lossless, step);
}

/* Where packets may have been missed, a finding about both sides' numbers may blame neither. */
static unsigned accusations(const struct fst_step *step, unsigned side, bool always, bool *of_side)
{
    unsigned count = 0;

    *of_side = true;
    for (size_t i = 0; i < step->finding_count; i++)
        if (step->findings[i].class_ == FST_ILLEGAL) {
            count++;
            *of_side &=
                step->findings[i].side == side || (always && step->findings[i].side == FST_NO_SIDE);
        }
    return count;
}

static void print_segments(const struct settings *settings, const struct capture *capture)
{
    for (unsigned i = 0; i < capture->count; i++) {
        printf("+0.001  ");
        segment_print(settings, &capture->segment[i], capture->side[i]);
        printf("\n");
    }
}

static void print_case(const struct bench *bench, const char *what, const char *kind,
                       const struct fst_step *step)
{
    printf("# %s: %s, observer %s\n", what, kind,
           bench->always ? "by default" : "told that the capture is complete");
    printf("iss A %u ; iss B %u\n", bench->run.settings.base_isn[0],
           bench->run.settings.base_isn[1]);
    print_segments(&bench->run.settings, &bench->capture);
    printf("+0.001  ");
    segment_print(&bench->run.settings, &bench->mutant.segment, bench->side);
    printf("   # the mutant\n");
    for (size_t i = 0; step && i < step->finding_count; i++)
        printf("      ! %u %s %s\n", step->findings[i].side,
               fst_class_name((enum fst_class)step->findings[i].class_),
               fst_rule_at(step->findings[i].rule)->slug);
}

static enum explanation excuse(struct bench *bench, const struct mutant_kind *kind)
{
    struct capture with = bench->capture;

    if (kind->proof == PROOF_FORM || kind->proof == PROOF_OPTION)
        return UNEXPLAINED;
    if (bench->always)
        return UNEXPLAINED; /* only moments of contact were taken */
    with.side[with.count] = (uint8_t)bench->side;
    with.segment[with.count++] = bench->mutant.segment;
    return capture_explain(&with, &bench->run.settings, EXPLAIN_LIMIT);
}

static void judge_miss(struct bench *bench, const struct mutant_kind *kind, struct tally *tally,
                       const struct fst_step *step)
{
    enum explanation explanation = excuse(bench, kind);

    if (explanation == EXPLAINED)
        tally->excused++;
    else if (explanation == UNDECIDED)
        tally->undecided++;
    else {
        tally->missed++;
        if (tally->shown++ < SHOWN_MAX)
            print_case(bench, "missed", kind->name, step);
    }
}

static bool also_accused(struct bench *bench, const struct event *event)
{
    struct fst_segment decoded;
    struct fst_step step;
    bool of_side;

    watch_decode(&decoded, &event->segment, event->side);
    decoded.packet = bench->run.watch.packets;
    decoded.time_ns = (int64_t)decoded.packet * 1000000;
    fst_observe(&bench->spared, &decoded, event->side, bench->run.watching.lossless, &step);
    return accusations(&step, event->side, bench->always, &of_side) > 0;
}

/* The rest of the run is conforming: whoever is accused now is innocent. What is said without the
 * mutant too is not its doing: that is for the walks to find. */
static void judge_rest(struct bench *bench, const struct mutant_kind *kind, struct tally *tally)
{
    struct offence offence;
    struct event event;

    bench->after.count = 0;
    if (bench->delivered && bench->run.world.bag[bench->side][BEHIND_TAP].count < BAG_MAX) {
        struct bag *bag = &bench->run.world.bag[bench->side][BEHIND_TAP];

        bag->item[bag->count++] = bench->mutant.segment;
    }
    for (unsigned left = 60; left > 0; left--) {
        bool spared_too;

        if (!run_event(&bench->run, &event, &offence))
            continue;
        spared_too = event_is_tap(&event) && also_accused(bench, &event);
        if (event_is_tap(&event) && bench->after.count < CAPTURE_MAX) {
            bench->after.side[bench->after.count] = event.side;
            bench->after.segment[bench->after.count++] = event.segment;
        }
        if (spared_too && !bench->delivered)
            return;
        if (offence.kind != OFFENCE_ILLEGAL)
            continue;
        tally->others++;
        if (tally->shown++ < SHOWN_MAX) {
            print_case(bench, "others accused", kind->name, NULL);
            print_segments(&bench->run.settings, &bench->after);
            printf("   # %saccused: %s\n", bench->delivered ? "the mutant was delivered; " : "",
                   offence.rule);
        }
        return;
    }
}

static void inject(struct bench *bench, const struct mutant_kind *kind, struct tally *tally)
{
    struct fst_step step;
    bool of_side;
    unsigned count;

    tally->injected++;
    bench->spared = bench->run.watch.seen;
    observe_mutant(bench, &step);
    count = accusations(&step, bench->side, bench->always, &of_side);
    if (!count) {
        judge_miss(bench, kind, tally, &step);
        return;
    }
    tally->found++;
    if (count > 1 || !of_side) {
        tally->wrongly_named++;
        if (tally->shown++ < SHOWN_MAX)
            print_case(bench, "not once, or not of that side", kind->name, &step);
    }
    bench->delivered = kind->proof != PROOF_FORM && random_below(&bench->random, 2);
    judge_rest(bench, kind, tally);
}

/* -------------------------------------------------------------------------------- the table -- */

static bool is_in_order(const struct tally *tally)
{
    return !tally->missed && !tally->wrongly_named && !tally->others && tally->injected;
}

static void print_row(const struct mutant_kind *kind, bool always, const struct tally *tally)
{
    unsigned provable = tally->found + tally->missed;

    printf("%-24s %-8s %8u %8u %8.1f %8u %8u %8u %8u %8u%s\n", kind->name,
           always ? "always" : "lossless", tally->injected, tally->found,
           provable ? 100.0 * tally->found / provable : 0.0, tally->excused, tally->undecided,
           tally->missed, tally->wrongly_named, tally->others, is_in_order(tally) ? "" : "  <--");
}

static bool run_kind(struct bench *bench, const struct mutant_kind *kind, bool always,
                     struct tally *tally)
{
    unsigned wanted = bench->options.limit ? (unsigned)bench->options.limit : 100;

    memset(tally, 0, sizeof *tally);
    bench->always = always;
    for (unsigned tries = wanted * 400; tries > 0 && tally->injected < wanted; tries--)
        if (reach_moment(bench, kind))
            inject(bench, kind, tally);
    return is_in_order(tally);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    static struct tally tally[2][64];
    bool in_order = true;

    if (!options_parse(&bench.options, argc, argv))
        return 2;
    bench.random = bench.options.seed;
    for (unsigned i = 0; i < mutant_kind_count; i++)
        for (unsigned always = 0; always <= (mutant_kinds[i].proof <= PROOF_CONTACT); always++)
            in_order &= run_kind(&bench, &mutant_kinds[i], always, &tally[always][i]);
    printf("%-24s %-8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "kind", "illegal", "injected", "found",
           "% prov.", "excused", "undecid.", "missed", "misnamed", "others");
    for (unsigned i = 0; i < mutant_kind_count; i++)
        for (unsigned always = 0; always <= (mutant_kinds[i].proof <= PROOF_CONTACT); always++)
            print_row(&mutant_kinds[i], always, &tally[always][i]);
    return !in_order;
}
