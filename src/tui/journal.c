/* SPDX-License-Identifier: MIT */
#include "tui/journal.h"

#include <stdlib.h>
#include <string.h>

/* About 5 MB and 9 MB; memory is used as it fills. */
#define TELLING_MAX  16384
#define PLAIN_MAX    131072

#define CHANGES_KEPT FST_CHANGES_MAX
#define FOUND_KEPT   4

struct segment {
    uint64_t packet;
    int64_t time_ns;
    uint32_t connection;
    uint32_t seq, ack, relative_seq, relative_ack;
    uint32_t payload_len;
    uint16_t flags, wnd_raw;
    uint8_t from;
    bool flipped;
    struct {
        uint8_t state;
        bool inferred;
    } after[2];
};

/** A segment that has something to tell. */
struct telling {
    struct segment segment;
    struct fst_tcp_options options;
    uint8_t change_count, found_count;
    struct fst_change changes[CHANGES_KEPT];
    struct fst_finding found[FOUND_KEPT];
};

struct fst_journal {
    uint64_t telling_count, plain_count; /* ever added; the newest are kept */
    struct telling *telling;
    struct segment *plain;
};

struct fst_journal *fst_journal_new(void)
{
    struct fst_journal *journal = calloc(1, sizeof(*journal));

    if (!journal)
        return NULL;
    journal->telling = calloc(TELLING_MAX, sizeof(*journal->telling));
    journal->plain = calloc(PLAIN_MAX, sizeof(*journal->plain));
    if (journal->telling && journal->plain)
        return journal;
    fst_journal_free(journal);
    return NULL;
}

void fst_journal_free(struct fst_journal *journal)
{
    if (!journal)
        return;
    free(journal->telling);
    free(journal->plain);
    free(journal);
}

/* --------------------------------------------------------------------------------------- adding --
 */

static void fill(struct segment *segment, const struct fst_segment_event *event, bool flipped)
{
    segment->packet = event->packet;
    segment->time_ns = event->time_ns;
    segment->connection = event->connection;
    segment->seq = event->seq;
    segment->ack = event->ack;
    segment->relative_seq = event->relative_seq;
    segment->relative_ack = event->relative_ack;
    segment->payload_len = event->payload_len;
    segment->flags = event->flags;
    segment->wnd_raw = event->wnd_raw;
    segment->from = (uint8_t)event->from;
    segment->flipped = flipped;
    for (unsigned side = 0; side < 2; side++) {
        segment->after[side].state = (uint8_t)event->after[side].state;
        segment->after[side].inferred = event->after[side].inferred;
    }
}

static bool tells(const struct fst_segment_event *event)
{
    return event->change_count > 0 || event->finding_count > 0 ||
           (event->flags & (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST | FST_TCP_URG)) != 0;
}

static void add_telling(struct fst_journal *journal, const struct fst_segment_event *event,
                        bool flipped)
{
    struct telling *telling = &journal->telling[journal->telling_count++ % TELLING_MAX];

    fill(&telling->segment, event, flipped);
    memset(&telling->options, 0, sizeof(telling->options));
    if (event->options)
        telling->options = *event->options;
    telling->change_count = (uint8_t)event->change_count;
    memcpy(telling->changes, event->changes, event->change_count * sizeof(event->changes[0]));
    telling->found_count =
        (uint8_t)(event->finding_count < FOUND_KEPT ? event->finding_count : FOUND_KEPT);
    if (telling->found_count > 0)
        memcpy(telling->found, event->findings, telling->found_count * sizeof(telling->found[0]));
}

void fst_journal_add(struct fst_journal *journal, const struct fst_segment_event *event,
                     bool flipped)
{
    if (tells(event))
        add_telling(journal, event, flipped);
    else
        fill(&journal->plain[journal->plain_count++ % PLAIN_MAX], event, flipped);
}

/* ------------------------------------------------------------------------------------ replaying --
 */

static void to_event(struct fst_segment_event *event, const struct segment *segment, bool turned)
{
    memset(event, 0, sizeof(*event));
    event->packet = segment->packet;
    event->time_ns = segment->time_ns;
    event->connection = segment->connection;
    event->from = (enum fst_side)(segment->from ^ turned);
    event->seq = segment->seq;
    event->ack = segment->ack;
    event->relative_seq = segment->relative_seq;
    event->relative_ack = segment->relative_ack;
    event->payload_len = segment->payload_len;
    event->flags = segment->flags;
    event->wnd_raw = segment->wnd_raw;
    for (unsigned side = 0; side < 2; side++) {
        event->after[side].state = (enum fst_state)segment->after[side ^ turned].state;
        event->after[side].inferred = segment->after[side ^ turned].inferred;
    }
}

static void replay_telling(const struct telling *telling, bool flipped, struct fst_ladder *ladder)
{
    struct fst_segment_event event;
    bool turned = telling->segment.flipped != flipped;

    to_event(&event, &telling->segment, turned);
    event.options = &telling->options;
    event.change_count = telling->change_count;
    for (size_t i = 0; i < telling->change_count; i++) {
        event.changes[i] = telling->changes[i];
        event.changes[i].side = (enum fst_side)((unsigned)telling->changes[i].side ^ turned);
    }
    event.finding_count = telling->found_count;
    event.findings = telling->found;
    fst_ladder_add(ladder, &event);
}

static void replay_plain(const struct segment *segment, bool flipped, struct fst_ladder *ladder)
{
    struct fst_segment_event event;

    to_event(&event, segment, segment->flipped != flipped);
    fst_ladder_add(ladder, &event);
}

static uint64_t oldest(uint64_t count, uint64_t most)
{
    return count > most ? count - most : 0;
}

/** Both rings in the order of their packets. */
uint64_t fst_journal_replay(const struct fst_journal *journal, uint32_t connection, bool flipped,
                            struct fst_ladder *ladder)
{
    uint64_t t = oldest(journal->telling_count, TELLING_MAX),
             p = oldest(journal->plain_count, PLAIN_MAX);
    uint64_t count = 0;

    while (t < journal->telling_count || p < journal->plain_count) {
        const struct telling *telling = &journal->telling[t % TELLING_MAX];
        const struct segment *plain = &journal->plain[p % PLAIN_MAX];
        bool first = p == journal->plain_count ||
                     (t < journal->telling_count && telling->segment.packet < plain->packet);

        if (first && telling->segment.connection == connection)
            replay_telling(telling, flipped, ladder);
        else if (!first && plain->connection == connection)
            replay_plain(plain, flipped, ladder);
        count += (first ? telling->segment.connection : plain->connection) == connection;
        t += first;
        p += !first;
    }
    return count;
}
