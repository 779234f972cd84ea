/* SPDX-License-Identifier: MIT */
#include "verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "support/arena.h"

#define FLOWS_MAX 16384

struct listener {
    struct verdicts *verdicts;
    struct fst_analyzer *analyzer;
    const uint64_t *origin;
    size_t count, fed, room;
    bool at_end;
};

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct listener *listener = context;
    struct verdicts *verdicts = listener->verdicts;
    struct verdict_finding *added;
    struct fst_connection_view view;

    if (verdicts->finding_count == listener->room) {
        listener->room = 2 * listener->room + 64;
        verdicts->findings =
            realloc(verdicts->findings, listener->room * sizeof *verdicts->findings);
        if (!verdicts->findings)
            abort();
    }
    added = &verdicts->findings[verdicts->finding_count++];
    memset(added, 0, sizeof *added);
    added->rule = finding->rule;
    added->class_ = finding->class_;
    added->at_end = listener->at_end;
    added->order = listener->fed;
    if (finding->packet >= 1 && finding->packet <= listener->count)
        added->packet = listener->origin[finding->packet - 1];
    if (finding->by != FST_BY_NOBODY &&
        fst_analyzer_connection(listener->analyzer, finding->connection, &view) == 0) {
        added->by = view.side[finding->by].address;
        added->by_port = view.side[finding->by].port;
    }
}

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct listener *listener = context;
    struct verdict_states *after = &listener->verdicts->after[event->packet - 1];
    struct fst_connection_view view;

    if (fst_analyzer_connection(listener->analyzer, event->connection, &view) != 0)
        abort();
    after->connection = event->connection;
    after->address = view.side[0].address;
    after->port = view.side[0].port;
    for (unsigned side = 0; side < 2; side++) {
        after->state[side] = event->after[side].state;
        after->possible[side] = event->after[side].possible;
    }
}

static void collect_ends(struct verdicts *verdicts, struct fst_analyzer *analyzer)
{
    struct fst_connection_view view;
    size_t room = 0;

    for (uint32_t id = fst_analyzer_next(analyzer, 1); id;
         id = fst_analyzer_next(analyzer, id + 1)) {
        struct verdict_states *end;

        if (verdicts->end_count == room) {
            room = 2 * room + 64;
            verdicts->ends = realloc(verdicts->ends, room * sizeof *verdicts->ends);
            if (!verdicts->ends)
                abort();
        }
        if (fst_analyzer_connection(analyzer, id, &view) != 0)
            abort();
        end = &verdicts->ends[verdicts->end_count++];
        memset(end, 0, sizeof *end);
        end->connection = id;
        end->address = view.side[0].address;
        end->port = view.side[0].port;
        for (unsigned side = 0; side < 2; side++) {
            end->state[side] = view.side[side].state;
            end->possible[side] = view.side[side].possible;
        }
    }
}

static int feed(struct listener *listener, const struct fst_packet *packets, bool at_once)
{
    int error = 0;

    listener->fed = listener->count;
    if (at_once)
        return fst_analyzer_feed(listener->analyzer, packets, listener->count);
    for (listener->fed = 1; listener->fed <= listener->count && !error; listener->fed++)
        error = fst_analyzer_feed(listener->analyzer, &packets[listener->fed - 1], 1);
    return error;
}

void verdicts_of(struct verdicts *verdicts, const struct fst_packet *packets,
                 const uint64_t *origin, size_t count, bool lossless, bool at_once)
{
    struct listener listener = {.verdicts = verdicts, .origin = origin, .count = count};
    struct fst_options options = {
        .lossless = lossless,
        .max_flows = FLOWS_MAX,
        .allocator = arena_begin(),
        .events = {.context = &listener, .segment = on_segment, .finding = on_finding}};

    memset(verdicts, 0, sizeof *verdicts);
    verdicts->after = calloc(count + 1, sizeof *verdicts->after);
    verdicts->after_count = count;
    if (!verdicts->after || fst_analyzer_new(&listener.analyzer, &options) != 0 ||
        feed(&listener, packets, at_once) != 0)
        abort();
    collect_ends(verdicts, listener.analyzer);
    listener.at_end = true;
    if (fst_analyzer_finish(listener.analyzer) != 0)
        abort();
    fst_analyzer_free(listener.analyzer);
}

void verdicts_free(struct verdicts *verdicts)
{
    free(verdicts->findings);
    free(verdicts->after);
    free(verdicts->ends);
}

bool verdicts_have(const struct verdicts *verdicts, const char *slug)
{
    for (size_t i = 0; i < verdicts->finding_count; i++)
        if (strcmp(verdicts->findings[i].rule->slug, slug) == 0)
            return true;
    return false;
}

const struct verdict_finding *new_illegal(const struct verdicts *verdicts,
                                          const struct verdicts *base, bool doubts_too)
{
    for (size_t i = 0; i < verdicts->finding_count; i++) {
        const struct verdict_finding *found = &verdicts->findings[i];
        bool known = found->class_ != FST_ILLEGAL;

        for (size_t k = 0; k < base->finding_count && !known; k++) {
            const struct verdict_finding *was = &base->findings[k];

            known = was->packet == found->packet &&
                    (was->class_ == FST_ILLEGAL ||
                     (doubts_too && was->class_ == FST_SUSPECT && was->rule == found->rule));
        }
        if (!known)
            return found;
    }
    return NULL;
}
