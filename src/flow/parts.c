/* SPDX-License-Identifier: MIT */
#include "flow/parts.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

/* What one packet can bring at most. */
#define NODES_A_PACKET   FST_STEP_FINDINGS_MAX
#define SYMBOLS_A_PACKET (FST_CHANGES_MAX + 2) /* changes, the states before them; or letters */
#define DETAILS_A_PACKET 2
#define DWELLS_A_PACKET  2 /* of an older connection and of the newest */

/* ------------------------------------------------------------------------- begin and end -- */

static struct fst_analyzer *part_of(struct fst_analyzer *a, unsigned part)
{
    return part == 0 ? a : a->others[part - 1];
}

/* Who is told of single segments is told in their order. */
static bool can_be_divided(const struct fst_analyzer *a)
{
    const struct fst_events *events = &a->options.events;

    return a->table.opened == 0 && !a->table.logs && !a->finished && !events->segment &&
           !events->finding && !events->changed && !fst_parts_there(a);
}

static void free_others(struct fst_analyzer *a)
{
    for (; a->parts > 1; a->parts--) {
        fst_analyzer_free(a->others[a->parts - 2]);
        a->others[a->parts - 2] = NULL;
    }
}

bool fst_parts_begin(struct fst_analyzer *a, unsigned parts)
{
    struct fst_options options = a->options;

    assert(parts == 2 || parts == 4);
    memset(&options.events, 0, sizeof(options.events));
    if (!can_be_divided(a))
        return false;
    a->last_packet = 0; /* of a capture before, in which there was no connection */
    for (a->parts = 1; a->parts < parts; a->parts++)
        if (fst_analyzer_new(&a->others[a->parts - 1], &options) != 0) {
            free_others(a);
            return false;
        }
    return true;
}

/* What all have in common but the table. */
static void add_counts(struct fst_analyzer *a, struct fst_analyzer *other)
{
    a->shortages += other->shortages;
    a->stats.connections += other->stats.connections;
    for (size_t i = 0; i < FST_CLASS_COUNT; i++)
        a->stats.findings[i] += other->stats.findings[i];
    for (size_t i = 0; i < FST_RULE_COUNT; i++)
        a->rule_hits[i] += other->rule_hits[i];
}

/* Copies are looked for where a record is: that is known once the tables are one. */
static bool absorb_sightings(struct fst_analyzer *a)
{
    for (unsigned i = 1; i < a->parts; i++) {
        struct fst_twice *twice = &part_of(a, i)->twice;
        uint32_t first = a->table.runs.run[i].first;

        if (!fst_twice_make_room(&a->twice, twice, first))
            return false;
        fst_twice_absorb(&a->twice, twice, first);
    }
    return true;
}

int fst_parts_end(struct fst_analyzer *a)
{
    struct fst_table *tables[FST_PARTS_MOST];
    bool good;

    if (!fst_parts_there(a))
        return 0;
    for (unsigned i = 1; i < a->parts; i++)
        tables[i - 1] = &part_of(a, i)->table;
    good = fst_table_absorb(&a->table, tables, a->parts - 1);
    if (good) {
        for (unsigned i = 1; i < a->parts; i++)
            add_counts(a, part_of(a, i));
        good = absorb_sightings(a);
    }
    free_others(a);
    a->shortages += !good;
    return good ? 0 : FST_ENOMEM;
}

/* ------------------------------------------------------------------------------- taking -- */

int fst_part_take(struct fst_analyzer *a, unsigned part, const struct fst_batch *batches,
                  size_t count)
{
    return fst_analyzer_take_part(part_of(a, part), part, a->parts, batches, count);
}

int fst_parts_take_first(struct fst_analyzer *a, const struct fst_batch *batches, size_t count)
{
    int error = 0, failed;

    for (size_t n = 0; n < count && !error; n++)
        error = fst_analyzer_book(a, &batches[n]);
    failed = fst_part_take(a, 0, batches, count);
    return error ? error : failed;
}

bool fst_parts_fit(struct fst_analyzer *a, uint64_t packets)
{
    struct fst_usage used[FST_PARTS_MOST];

    for (unsigned part = 0; part < a->parts; part++)
        used[part] = fst_part_usage(a, part);
    return fst_parts_have_room(a, used, packets);
}

bool fst_parts_take_number(uint64_t *last, uint64_t packet)
{
    if (packet <= *last || packet > FST_PARTS_PACKETS)
        return false;
    *last = packet;
    return true;
}

static bool batches_fit(struct fst_analyzer *a, const struct fst_batch *batches, size_t count)
{
    uint64_t last = a->last_packet;

    for (size_t n = 0; n < count; n++)
        for (size_t i = 0; i < batches[n].count; i++)
            if (!fst_parts_take_number(&last, batches[n].items[i].segment.packet))
                return false;
    if (!fst_parts_fit(a, (uint64_t)count * FST_BATCH))
        return false;
    a->last_packet = last;
    return true;
}

int fst_parts_take(struct fst_analyzer *a, const struct fst_batch *batches, size_t count)
{
    int error;

    if (!batches_fit(a, batches, count)) {
        error = fst_parts_end(a);
        return error ? error : fst_analyzer_take(a, batches, count);
    }
    error = fst_parts_take_first(a, batches, count);
    for (unsigned part = 1; part < a->parts; part++) {
        int failed = fst_part_take(a, part, batches, count);

        error = error ? error : failed;
    }
    return error;
}

struct fst_usage fst_part_usage(struct fst_analyzer *a, unsigned part)
{
    const struct fst_analyzer *one = part_of(a, part);
    const struct fst_table *table = &one->table;

    return (struct fst_usage){.connections = table->count,
                              .nodes = table->findings.nodes.unused,
                              .tallies = table->tallies.unused,
                              .dwells = table->dwells.unused,
                              .details = table->detail_count,
                              .rings = one->twice.ring_count,
                              .paths = table->paths.count,
                              .histories = table->histories.count,
                              .tales = table->tales.count};
}

static struct fst_usage add_up(const struct fst_usage *used, unsigned parts)
{
    struct fst_usage sum = {0};

    for (unsigned i = 0; i < parts; i++) {
        sum.connections += used[i].connections;
        sum.nodes += used[i].nodes;
        sum.tallies += used[i].tallies;
        sum.dwells += used[i].dwells;
        sum.details += used[i].details;
        sum.rings += used[i].rings;
        sum.paths += used[i].paths;
        sum.histories += used[i].histories;
        sum.tales += used[i].tales;
    }
    return sum;
}

static bool has_room(uint32_t used, uint64_t more, uint32_t most)
{
    return used + more <= most;
}

bool fst_parts_have_room(const struct fst_analyzer *a, const struct fst_usage *used,
                         uint64_t packets)
{
    const struct fst_table *table = &a->table;
    struct fst_usage sum = add_up(used, a->parts);

    return has_room(sum.connections, packets, table->limit) &&
           has_room(sum.nodes, packets * NODES_A_PACKET, table->findings.nodes.most) &&
           has_room(sum.tallies, packets, table->tallies.most) &&
           has_room(sum.dwells, packets * DWELLS_A_PACKET, table->dwells.most) &&
           has_room(sum.details, packets * DETAILS_A_PACKET, FST_DETAILS_MOST) &&
           has_room(sum.rings, packets, a->twice.ring_limit) &&
           has_room(sum.paths, packets * SYMBOLS_A_PACKET, FST_TRIE_MOST) &&
           has_room(sum.histories, packets * SYMBOLS_A_PACKET, FST_TRIE_MOST) &&
           has_room(sum.tales, packets, FST_TALES_MOST);
}
