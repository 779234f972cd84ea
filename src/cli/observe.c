/* SPDX-License-Identifier: MIT */
#include "cli/observe.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/captures.h"
#include "cli/run.h"

#define BATCH 256

struct observer {
    struct fst_observation *observation;
    struct fst_capture *capture;
    struct fst_analyzer *analyzer;
    struct fst_watch *watch;
    struct fst_connection_view view;
};

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct observer *observer = context;

    fst_watch_segment(observer->watch, event);
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct observer *observer = context;

    fst_watch_finding(observer->watch, finding);
}

/** The latest time of the capture, of packets the filter dropped as well: until then a connection
 *  stayed as it was. */
static int64_t end_of_capture(const struct observer *observer)
{
    int64_t fed = fst_analyzer_stats(observer->analyzer)->ts_last;
    int64_t dropped = fst_capture_info(observer->capture)->filtered_last_ns;

    return fed > dropped ? fed : dropped;
}

static void on_ended(void *context, uint32_t id)
{
    struct observer *observer = context;

    if (fst_analyzer_connection(observer->analyzer, id, &observer->view) == 0)
        fst_watch_ended(observer->watch, &observer->view, end_of_capture(observer));
}

static int make_analyzer(struct observer *observer)
{
    const struct fst_observation *observation = observer->observation;
    struct fst_options options = {
        .max_flows = observation->max_flows,
        .lossless = observation->lossless,
        .path_packets = true,
        .events = {observer, on_segment, on_finding, on_ended},
    };

    observer->watch = fst_watch_new(observation->level);
    if (!observer->watch)
        return FST_ENOMEM;
    fst_fill_key(options.hash_key);
    return fst_analyzer_new(&observer->analyzer, &options);
}

static int open_capture(struct observer *observer)
{
    struct fst_observation *observation = observer->observation;
    int error;

    if (!observation->captures)
        return fst_capture_open(&observer->capture, observation->path, &observation->diag);
    error = fst_captures_open(&observer->capture, observation->captures, &observation->diag);
    return error ? error : fst_capture_begin(observer->capture, &observation->diag);
}

static int open_all(struct observer *observer)
{
    struct fst_observation *observation = observer->observation;
    int error = open_capture(observer);

    if (!error && observation->filter) {
        error = fst_capture_set_filter(observer->capture, observation->filter, &observation->diag);
        observation->bad_filter = error == FST_EFILTER;
    }
    return error ? error : make_analyzer(observer);
}

/** @return 0, or what ended the reading early. */
static int read_all(struct observer *observer)
{
    struct fst_packet packets[BATCH];
    size_t count;
    int error;

    do {
        error = fst_capture_read(observer->capture, packets, BATCH, &count,
                                 &observer->observation->diag);
        if (count > 0 && fst_analyzer_feed(observer->analyzer, packets, count) != 0)
            return FST_ENOMEM;
    } while (!error && count > 0);
    return error;
}

static void say(struct fst_observation *observation, const char *why)
{
    observation->diag.error = FST_ENOMEM;
    snprintf(observation->diag.message, sizeof(observation->diag.message), "%s", why);
}

/** Packets that the capture itself says it is without. */
static uint64_t dropped(const struct fst_capture_info *info)
{
    uint64_t count = 0;

    for (size_t i = 0; i < info->interface_count; i++) {
        if (info->interfaces[i].dropped != UINT64_MAX)
            count += info->interfaces[i].dropped;
        if (info->interfaces[i].os_dropped != UINT64_MAX)
            count += info->interfaces[i].os_dropped;
    }
    return count;
}

/** A capture that says it lost packets cannot be vouched for: its verdicts would be wrong. */
static bool check_vouched(struct observer *observer)
{
    struct fst_observation *observation = observer->observation;
    uint64_t count = dropped(fst_capture_info(observer->capture));
    char why[128];

    if (!observation->lossless || count == 0)
        return true;
    snprintf(why, sizeof(why), "%llu packets were dropped while capturing, so it is not lossless",
             (unsigned long long)count);
    say(observation, why);
    return false;
}

/** The end: what was seen, unless the memory did not suffice for it. */
static int finish(struct observer *observer, int status)
{
    struct fst_observation *observation = observer->observation;
    const struct fst_stats *stats = fst_analyzer_stats(observer->analyzer);

    if (fst_analyzer_finish(observer->analyzer) != 0 ||
        fst_analyzer_short_of_memory(observer->analyzer) ||
        !fst_watch_finish(observer->watch, stats->ts_first, &observation->seen)) {
        say(observation, fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    if (stats->evicted > 0) {
        say(observation, "more connections at a time than were kept; raise --max-flows");
        return FST_EXIT_DAMAGED;
    }
    if (stats->packets > 0 && stats->unsupported == stats->packets) {
        say(observation, "only packets of link types in which no TCP is looked for");
        return FST_EXIT_INPUT;
    }
    return check_vouched(observer) ? status : FST_EXIT_DAMAGED;
}

/** @return exit status, with *error the library's word for it. */
static int observe(struct observer *observer, int *error)
{
    int status;

    *error = open_all(observer);
    if (*error)
        return fst_exit_of(*error, false);
    *error = read_all(observer);
    status = fst_exit_of(*error, true);
    return status == FST_EXIT_OK || status == FST_EXIT_DAMAGED ? finish(observer, status) : status;
}

int fst_observe_capture(struct fst_observation *observation)
{
    struct observer *observer = calloc(1, sizeof(*observer));
    int error = FST_ENOMEM, status = FST_EXIT_INTERNAL;

    if (observer) {
        observer->observation = observation;
        status = observe(observer, &error);
        fst_analyzer_free(observer->analyzer);
        fst_watch_free(observer->watch);
        fst_capture_close(observer->capture);
        free(observer);
    }
    if (error == FST_ENOMEM && observation->diag.message[0] == '\0')
        say(observation, fst_error_text(FST_ENOMEM));
    return status;
}
