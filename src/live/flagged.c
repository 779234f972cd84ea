/* SPDX-License-Identifier: MIT */
#include "live/flagged.h"

#include <stdlib.h>

#include "base/strbuf.h"
#include "live/ids.h"
#include "report/detail.h"

#define LINE_SIZE 1000

/* More than a segment raises or a connection keeps. */
#define FINDINGS_MAX 128

struct fst_flagged {
    struct fst_save *save;
    enum fst_class level;
    struct fst_held *held;
    struct fst_ids written; /* connections whose packets are written, all but the newest one */
    uint32_t adding;        /* the one whose newest packet was just written, 0 for none */
    size_t late_count;      /* findings since the last segment: those that an end tells */
    struct fst_finding late[FINDINGS_MAX];
    const struct fst_slot *batch;
    struct fst_strbuf comment;
    bool no_memory;
    int error;
    struct fst_diag diag;
};

/* What is said of packets while they are written. */
struct writing {
    struct fst_flagged *flagged;
    const struct fst_finding *findings;
    size_t count;
    uint64_t at_hand; /* the packet that raised them, the last to be written; 0 if there is none */
    bool said[FINDINGS_MAX];
};

static bool is_written(const struct fst_flagged *flagged, uint32_t connection)
{
    return fst_ids_find(&flagged->written, connection) != FST_IDS_NONE;
}

static void save(struct fst_flagged *flagged, const struct fst_packet *packet, const char *comment)
{
    int error = fst_save_packet(flagged->save, packet, comment, &flagged->diag);

    if (!flagged->error)
        flagged->error = error;
}

/** A newest packet that is not written yet makes room for others. */
static void write_squeezed(void *context, uint32_t connection, const struct fst_packet *packet,
                           const char *comment)
{
    struct fst_flagged *flagged = context;

    if (connection != flagged->adding && is_written(flagged, connection))
        save(flagged, packet, comment);
}

struct fst_flagged *fst_flagged_new(struct fst_save *save, enum fst_class level, size_t octets)
{
    struct fst_flagged *flagged = calloc(1, sizeof(*flagged));

    if (!flagged)
        return NULL;
    flagged->save = save;
    flagged->level = level;
    flagged->held = fst_held_new(octets, write_squeezed, flagged);
    if (!flagged->held) {
        free(flagged);
        return NULL;
    }
    return flagged;
}

void fst_flagged_batch(struct fst_flagged *flagged, const struct fst_slot *slot)
{
    flagged->batch = slot;
}

/** Packets of a batch have ascending numbers. */
static const struct fst_packet *packet_of(const struct fst_slot *slot, uint64_t number)
{
    size_t low = 0, high = slot->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slot->packets[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < slot->count && slot->packets[low].number == number ? &slot->packets[low] : NULL;
}

/* ------------------------------------------------------------------------------------- writing --
 */

static void add_comment(struct fst_strbuf *comment, const struct fst_finding *finding,
                        uint64_t packet)
{
    char line[LINE_SIZE];

    if (comment->len == 0)
        fst_strbuf_print(comment, "flowstate: connection %u", finding->connection);
    fst_finding_line(finding, line, sizeof(line));
    if (finding->packet == packet)
        fst_strbuf_print(comment, "\n%s", line);
    else
        fst_strbuf_print(comment, "\npacket %llu: %s", (unsigned long long)finding->packet, line);
}

/** Say of a packet what names it; of the one at hand also what names a packet that is not kept any
 *  more. @return NULL for nothing. */
static const char *comment_on(struct writing *writing, const struct fst_packet *packet,
                              const char *before)
{
    struct fst_flagged *flagged = writing->flagged;

    fst_strbuf_clear(&flagged->comment);
    fst_strbuf_add(&flagged->comment, before ? before : "");
    for (size_t i = 0; i < writing->count; i++) {
        const struct fst_finding *finding = &writing->findings[i];

        if (finding->packet != packet->number &&
            (packet->number != writing->at_hand || writing->said[i]))
            continue;
        add_comment(&flagged->comment, finding, packet->number);
        writing->said[i] = true;
    }
    flagged->no_memory |= flagged->comment.failed;
    return flagged->comment.len ? flagged->comment.text : NULL;
}

static void write_packet(void *context, uint32_t connection, const struct fst_packet *packet,
                         const char *comment)
{
    struct writing *writing = context;

    (void)connection;
    save(writing->flagged, packet, comment_on(writing, packet, comment));
}

static void note_number(void *context, uint32_t connection, const struct fst_packet *packet,
                        const char *comment)
{
    uint64_t *number = context;

    (void)connection;
    (void)comment;
    *number = packet->number;
}

static size_t bounded(size_t count)
{
    return count < FINDINGS_MAX ? count : FINDINGS_MAX;
}

static bool counts(const struct fst_flagged *flagged, const struct fst_finding *findings,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (findings[i].class_ <= flagged->level)
            return true;
    return false;
}

/** From now on its packets are written; first those that are still kept. */
static void begin_writing(struct fst_flagged *flagged, uint32_t connection, struct writing *writing)
{
    flagged->no_memory |= !fst_ids_add(&flagged->written, connection, 0);
    fst_held_walk(flagged->held, connection, write_packet, writing);
}

void fst_flagged_finding(struct fst_flagged *flagged, const struct fst_finding *finding)
{
    if (flagged->late_count < FINDINGS_MAX)
        flagged->late[flagged->late_count++] = *finding;
}

/** Keep a packet back until more may be known of it. */
static void hold_back(struct fst_flagged *flagged, uint32_t connection,
                      const struct fst_packet *packet, const char *comment)
{
    flagged->adding = connection;
    if (!fst_held_add(flagged->held, connection, packet, comment))
        save(flagged, packet, comment);
    flagged->adding = 0;
}

void fst_flagged_segment(struct fst_flagged *flagged, const struct fst_segment_event *event)
{
    struct writing nothing = {.flagged = flagged};
    struct writing writing = {
        flagged, event->findings, bounded(event->finding_count), event->packet, {false}};
    const struct fst_packet *packet =
        flagged->batch ? packet_of(flagged->batch, event->packet) : NULL;
    bool written = is_written(flagged, event->connection);

    flagged->late_count = 0; /* the event has them */
    if (!packet)
        return;
    if (written) {
        (void)fst_held_newest(flagged->held, event->connection, write_packet, &nothing);
    } else if (flagged->save && counts(flagged, event->findings, event->finding_count)) {
        begin_writing(flagged, event->connection, &writing);
        written = true;
    }
    if (written)
        hold_back(flagged, event->connection, packet, comment_on(&writing, packet, NULL));
    else
        (void)fst_held_add(flagged->held, event->connection, packet, NULL);
}

/** Move what was found since the last segment in this connection to the front, and give its number.
 */
static size_t late_of(struct fst_flagged *flagged, uint32_t connection)
{
    size_t count = 0;

    for (size_t i = 0; i < flagged->late_count; i++)
        if (flagged->late[i].connection == connection)
            flagged->late[count++] = flagged->late[i];
    flagged->late_count = 0;
    return count;
}

void fst_flagged_ended(struct fst_flagged *flagged, const struct fst_connection_view *view)
{
    struct writing late = {.flagged = flagged, .findings = flagged->late};
    struct writing all = {flagged, view->findings, bounded(view->finding_count), 0, {false}};

    late.count = late_of(flagged, view->id);
    if (fst_held_newest(flagged->held, view->id, note_number, &late.at_hand))
        all.at_hand = late.at_hand;
    if (is_written(flagged, view->id))
        (void)fst_held_newest(flagged->held, view->id, write_packet, &late);
    else if (flagged->save && counts(flagged, view->findings, view->finding_count))
        begin_writing(flagged, view->id, &all);
    fst_ids_remove(&flagged->written, view->id);
    fst_held_forget(flagged->held, view->id);
}

/* ------------------------------------------------------------------------------ one connection --
 */

struct one {
    struct fst_save *save;
    struct fst_diag *diag;
    long count;
    int error;
};

static void write_one(void *context, uint32_t connection, const struct fst_packet *packet,
                      const char *comment)
{
    struct one *one = context;

    (void)connection;
    (void)comment;
    if (!one->error)
        one->error = fst_save_packet(one->save, packet, NULL, one->diag);
    one->count++;
}

long fst_flagged_write_one(struct fst_flagged *flagged, uint32_t connection, const char *path,
                           struct fst_diag *diag)
{
    struct fst_save_options options = {.path = path};
    struct one one = {NULL, diag, 0, 0};

    if (fst_save_open(&one.save, &options, 0, diag) != 0)
        return -1;
    fst_held_walk(flagged->held, connection, write_one, &one);
    if (fst_save_close(one.save, diag) != 0 || one.error)
        return -1;
    return one.count;
}

/* ------------------------------------------------------------------------------------- the end --
 */

int fst_flagged_error(const struct fst_flagged *flagged, struct fst_diag *diag)
{
    if (flagged->error)
        *diag = flagged->diag;
    return flagged->error ? flagged->error : flagged->no_memory ? FST_ENOMEM : 0;
}

struct fst_save *fst_flagged_save(struct fst_flagged *flagged)
{
    return flagged->save;
}

int fst_flagged_close(struct fst_flagged *flagged, struct fst_diag *diag)
{
    int error;

    if (!flagged)
        return 0;
    error = fst_save_close(flagged->save, diag);
    fst_held_free(flagged->held);
    fst_ids_fini(&flagged->written);
    fst_strbuf_free(&flagged->comment);
    free(flagged);
    return error;
}
