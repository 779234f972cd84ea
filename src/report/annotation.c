/* SPDX-License-Identifier: MIT */
#include "report/annotation.h"

#include <stdlib.h>
#include <string.h>

#include "report/detail.h"
#include "report/format.h"
#include "report/ladder_words.h"

#define LINE_MAX_OCTETS 1000

/* -------------------------------------------------------------------------------- collecting -- */

void fst_notes_collect_finding(struct fst_notes *notes, const struct fst_finding *finding)
{
    if (notes->count == notes->room) {
        size_t room = notes->room ? 2 * notes->room : 64;
        struct fst_late_finding *late = realloc(notes->late, room * sizeof(*late));

        notes->failed |= !late;
        if (!late)
            return;
        notes->late = late;
        notes->room = room;
    }
    notes->late[notes->count] = (struct fst_late_finding){*finding, notes->count};
    notes->count++;
}

void fst_notes_collect_segment(struct fst_notes *notes, const struct fst_segment_event *event)
{
    size_t kept = notes->settled;

    for (size_t i = notes->settled; i < notes->count; i++)
        if (notes->late[i].finding.packet != event->packet)
            notes->late[kept++] = notes->late[i];
    notes->count = notes->settled = kept;
}

void fst_notes_collect_end(struct fst_notes *notes)
{
    notes->settled = notes->count;
}

static int by_packet(const void *a, const void *b)
{
    const struct fst_late_finding *one = a, *two = b;

    if (one->finding.packet != two->finding.packet)
        return one->finding.packet < two->finding.packet ? -1 : 1;
    return one->order < two->order ? -1 : one->order > two->order;
}

void fst_notes_sort(struct fst_notes *notes)
{
    if (notes->count > 0)
        qsort(notes->late, notes->count, sizeof(notes->late[0]), by_packet);
}

void fst_notes_free(struct fst_notes *notes)
{
    free(notes->late);
    free(notes->text.text);
    memset(notes, 0, sizeof(*notes));
}

/* ---------------------------------------------------------------------------------- writing -- */

/** Name the connection the next line is about, unless the line before did. */
static void add_connection(struct fst_notes *notes, uint32_t connection)
{
    if (notes->connection != connection)
        fst_strbuf_print(&notes->text, "%sflowstate: connection %u", notes->text.len ? "\n" : "",
                         connection);
    notes->connection = connection;
}

static void add_finding(struct fst_notes *notes, const struct fst_finding *finding)
{
    char line[LINE_MAX_OCTETS];

    add_connection(notes, finding->connection);
    fst_finding_line(finding, line, sizeof(line));
    fst_strbuf_print(&notes->text, "\n%s", line);
}

void fst_notes_segment(struct fst_notes *notes, const struct fst_segment_event *event)
{
    char why[FST_LADDER_WHY_MAX];

    for (size_t i = 0; i < event->change_count; i++) {
        add_connection(notes, event->connection);
        fst_strbuf_print(&notes->text, "\n%s", fst_ladder_why_text(&event->changes[i], why));
    }
    for (size_t i = 0; i < event->finding_count; i++)
        if (event->findings[i].packet == event->packet)
            add_finding(notes, &event->findings[i]);
}

const char *fst_notes_take(struct fst_notes *notes, uint64_t packet)
{
    bool empty;

    for (; notes->next < notes->count && notes->late[notes->next].finding.packet <= packet;
         notes->next++)
        if (notes->late[notes->next].finding.packet == packet)
            add_finding(notes, &notes->late[notes->next].finding);
    empty = notes->text.len == 0;
    notes->text.len = 0; /* the text stays readable until something is added */
    notes->connection = 0;
    notes->failed |= notes->text.failed;
    return empty ? NULL : notes->text.text;
}

/* ---------------------------------------------------------------------------------- summary -- */

static void add_endings(struct fst_strbuf *text, const uint64_t ended[FST_END_UNKNOWN + 1])
{
    char number[FST_FORMAT_MAX];
    bool any = false;

    for (unsigned kind = 0; kind <= FST_END_UNKNOWN; kind++) {
        if (ended[kind] == 0)
            continue;
        fst_strbuf_print(text, "%s%s %s",
                         any ? ", " : "\nended: ", fst_format_count(ended[kind], number),
                         fst_end_kind_name((enum fst_end_kind)kind));
        any = true;
    }
}

static void add_rules(struct fst_strbuf *text, const struct fst_analyzer *analyzer)
{
    char number[FST_FORMAT_MAX];
    bool any = false;

    for (size_t i = 0; i < fst_rule_count(); i++) {
        uint64_t hits = fst_analyzer_rule_hits(analyzer, i);

        if (hits == 0)
            continue;
        fst_strbuf_print(text, "%s%s %s",
                         any ? ", " : "\nfindings: ", fst_format_count(hits, number),
                         fst_rule_at(i)->slug);
        any = true;
    }
    if (!any)
        fst_strbuf_print(text, "\nfindings: none");
}

void fst_notes_summary(struct fst_strbuf *text, const struct fst_analyzer *analyzer,
                       const uint64_t ended[FST_END_UNKNOWN + 1])
{
    const struct fst_stats *stats = fst_analyzer_stats(analyzer);
    char packets[FST_FORMAT_MAX], segments[FST_FORMAT_MAX], connections[FST_FORMAT_MAX];

    fst_strbuf_print(text, "flowstate %s: %s, %s, %s", fst_version(),
                     fst_format_counted(stats->packets, "packet", packets),
                     fst_format_counted(stats->tcp_segments, "TCP segment", segments),
                     fst_format_counted(stats->connections, "connection", connections));
    add_endings(text, ended);
    add_rules(text, analyzer);
}
