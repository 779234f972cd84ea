/* SPDX-License-Identifier: MIT
 *
 * The analyzer's events, sorted by connection.
 */
#include <stdlib.h>
#include <string.h>

#include "expect/track.h"

struct fst_watch {
    enum fst_level level;
    bool failed;
    size_t track_count;
    struct fst_track **tracks; /* by id; NULL for those that ended */
    size_t flow_room;
    struct fst_seen seen;
};

struct fst_watch *fst_watch_new(enum fst_level level)
{
    struct fst_watch *watch = calloc(1, sizeof(*watch));

    if (watch) {
        watch->level = level;
        watch->seen.level = level;
    }
    return watch;
}

void fst_watch_free(struct fst_watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->track_count; i++)
        if (watch->tracks[i])
            fst_track_free(watch->tracks[i]);
    free(watch->tracks);
    fst_seen_free(&watch->seen);
    free(watch);
}

/** Room for the track of connection `id`; ids come in a row, so the list is no larger than they. */
static bool reserve(struct fst_watch *watch, uint32_t id)
{
    size_t count = watch->track_count ? watch->track_count : 64;
    struct fst_track **tracks;

    if (id < watch->track_count)
        return true;
    while (count <= id)
        count *= 2;
    tracks = realloc(watch->tracks, count * sizeof(*tracks));
    if (!tracks)
        return false;
    memset(tracks + watch->track_count, 0, (count - watch->track_count) * sizeof(*tracks));
    watch->tracks = tracks;
    watch->track_count = count;
    return true;
}

/** The track of a connection, made if need be; NULL when memory is short. */
static struct fst_track *track_of(struct fst_watch *watch, const struct fst_segment_event *event)
{
    struct fst_track *track;

    if (!reserve(watch, event->connection))
        return NULL;
    track = watch->tracks[event->connection];
    if (track)
        return track;
    track = calloc(1, sizeof(*track));
    if (track)
        fst_track_begin(track, event);
    watch->tracks[event->connection] = track;
    return track;
}

void fst_watch_segment(void *context, const struct fst_segment_event *event)
{
    struct fst_watch *watch = context;
    struct fst_track *track = track_of(watch, event);

    if (!track) {
        watch->failed = true;
        return;
    }
    fst_track_segment(track, event, watch->level);
    watch->failed |= track->failed;
}

void fst_watch_finding(void *context, const struct fst_finding *finding)
{
    struct fst_watch *watch = context;
    struct fst_finding *strays;

    if (finding->connection != 0) /* its connection's view has it */
        return;
    strays = realloc(watch->seen.strays, (watch->seen.stray_count + 1) * sizeof(*strays));
    if (!strays) {
        watch->failed = true;
        return;
    }
    strays[watch->seen.stray_count++] = *finding;
    watch->seen.strays = strays;
}

/** A new, zeroed flow at the end of the list; NULL when memory is short. */
static struct fst_seen_flow *add_flow(struct fst_watch *watch)
{
    struct fst_seen *seen = &watch->seen;

    if (seen->flow_count == watch->flow_room) {
        size_t room = watch->flow_room ? 2 * watch->flow_room : 16;
        struct fst_seen_flow *flows = realloc(seen->flows, room * sizeof(*flows));

        if (!flows)
            return NULL;
        seen->flows = flows;
        watch->flow_room = room;
    }
    return memset(&seen->flows[seen->flow_count++], 0, sizeof(*seen->flows));
}

void fst_watch_ended(struct fst_watch *watch, const struct fst_connection_view *view,
                     int64_t end_ns)
{
    struct fst_track *track = view->id < watch->track_count ? watch->tracks[view->id] : NULL;
    struct fst_seen_flow *flow = track ? add_flow(watch) : NULL;

    if (!flow) {
        watch->failed = true;
        return;
    }
    fst_track_end(track, end_ns);
    watch->failed |= !fst_seen_flow_fill(flow, view, track, watch->level);
    watch->tracks[view->id] = NULL;
    fst_track_free(track);
}

static int by_opening(const void *left, const void *right)
{
    const struct fst_seen_flow *a = left, *b = right;

    return (a->id > b->id) - (a->id < b->id);
}

bool fst_watch_finish(struct fst_watch *watch, int64_t begin_ns, struct fst_seen *seen)
{
    if (watch->failed)
        return false;
    if (watch->seen.flow_count > 0)
        qsort(watch->seen.flows, watch->seen.flow_count, sizeof(*watch->seen.flows), by_opening);
    watch->seen.ts_first = begin_ns;
    *seen = watch->seen;
    memset(&watch->seen, 0, sizeof(watch->seen));
    return true;
}
