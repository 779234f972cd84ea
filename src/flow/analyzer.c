/* SPDX-License-Identifier: MIT
 *
 * The analyzer as its users see it: packets in, a pipeline of three stages over small batches.
 */
#include "flow/analyzer.h"

#include <string.h>

#include "base/alloc.h"
#include "flow/path_log.h"

#define MAX_FLOWS_DEFAULT 1000000
#define FRAGMENT_OCTETS   (4u << 20)
/* Large enough to hide a cache miss behind its neighbours' work, small enough for the first cache.
 */
#define BATCH 32

int fst_analyzer_new(struct fst_analyzer **out, const struct fst_options *options)
{
    static const struct fst_options defaults = {0};
    const struct fst_allocator *allocator;
    struct fst_analyzer *a;

    *out = NULL;
    if (!options)
        options = &defaults;
    allocator = fst_allocator_or_default(options->allocator);
    a = fst_alloc(allocator, sizeof(*a));
    if (!a)
        return FST_ENOMEM;
    a->options = *options;
    a->allocator = allocator;
    a->ending = FST_NO_INDEX;
    if (a->options.max_flows == 0)
        a->options.max_flows = MAX_FLOWS_DEFAULT;
    if (!fst_table_init(&a->table, allocator, a->options.max_flows, a->options.hash_key))
        goto free_analyzer;
    a->precedents = fst_alloc(allocator, sizeof(*a->precedents));
    if (!a->precedents)
        goto free_table;
    a->fragments = fst_fragments_new(allocator, FRAGMENT_OCTETS);
    if (!a->fragments)
        goto free_precedents;
    if (a->options.path_packets) {
        a->table.logs = fst_path_log_new(allocator);
        if (!a->table.logs)
            goto free_fragments;
    }
    *out = a;
    return 0;

free_fragments:
    fst_fragments_free(a->fragments);
free_precedents:
    fst_release(allocator, a->precedents, sizeof(*a->precedents));
free_table:
    fst_table_fini(&a->table);
free_analyzer:
    fst_release(allocator, a, sizeof(*a));
    return FST_ENOMEM;
}

void fst_analyzer_free(struct fst_analyzer *a)
{
    if (!a)
        return;
    fst_fragments_free(a->fragments);
    fst_table_fini(&a->table);
    fst_release(a->allocator, a->precedents, sizeof(*a->precedents));
    fst_release(a->allocator, a, sizeof(*a));
}

/* --------------------------------------------------------------------------- the stages -- */

struct item {
    struct fst_segment segment;
    struct fst_key key;
    uint64_t hash;
    unsigned side;
};

static void count_time(struct fst_analyzer *a, int64_t time_ns)
{
    struct fst_stats *stats = &a->stats;

    if (stats->packets == 0) {
        stats->ts_first = stats->ts_last = time_ns;
    } else if (time_ns < a->last_time_ns) {
        stats->time_backwards++;
    }
    a->last_time_ns = time_ns;
    if (time_ns < stats->ts_first)
        stats->ts_first = time_ns;
    if (time_ns > stats->ts_last)
        stats->ts_last = time_ns;
    stats->packets++;
}

static void count_segment(struct fst_stats *stats, const struct fst_segment *segment)
{
    stats->tcp_segments++;
    if (segment->checksum == FST_CHECKSUM_BAD)
        stats->bad_checksums++;
    else if (segment->checksum == FST_CHECKSUM_OFFLOADED)
        stats->offload_checksums++;
}

/* Stage one: decode, count, and for a TCP segment make the key and ask for its index slot. */
static bool decode(struct fst_analyzer *a, const struct fst_packet *packet, struct item *item,
                   int *error)
{
    bool reassembled = false;
    enum fst_decoded decoded;

    count_time(a, packet->time_ns);
    decoded = fst_packet_decode(packet, a->fragments, &item->segment, &reassembled);
    a->stats.reassembled += reassembled;
    switch (decoded) {
    case FST_DECODED_TCP:
        break;
    case FST_DECODED_FRAGMENT:
        a->stats.fragments++;
        a->stats.not_tcp++;
        return false;
    case FST_DECODED_CUT:
        a->stats.headers_cut++;
        return false;
    case FST_DECODED_MALFORMED:
        a->stats.malformed++;
        return false;
    case FST_DECODED_UNSUPPORTED:
        a->stats.unsupported++;
        return false;
    case FST_DECODED_NO_MEMORY:
        *error = FST_ENOMEM;
        return false;
    case FST_DECODED_NOT_TCP:
        a->stats.not_tcp++;
        return false;
    }
    a->stats.fragments += reassembled;
    count_segment(&a->stats, &item->segment);
    item->side =
        fst_key_of(&item->key, &item->segment, fst_domain_of(&a->table.domains, &item->segment));
    if (item->side == FST_NO_SIDE)
        return false;
    item->hash = fst_key_hash(&item->key, &a->table.secret);
    fst_table_prefetch_slot(&a->table, item->hash);
    return true;
}

static int feed_batch(struct fst_analyzer *a, const struct fst_packet *packets, size_t count)
{
    struct item items[BATCH];
    size_t n = 0, i;
    int error = 0;

    for (i = 0; i < count && !error; i++)
        n += decode(a, &packets[i], &items[n], &error);
    for (i = 0; i < n; i++)
        fst_table_prefetch_record(&a->table, items[i].hash);
    for (i = 0; i < n; i++) {
        int failed =
            fst_connection_take(a, &items[i].segment, &items[i].key, items[i].hash, items[i].side);

        error = error ? error : failed;
    }
    return error;
}

int fst_analyzer_feed(struct fst_analyzer *a, const struct fst_packet *packets, size_t count)
{
    size_t done;

    if (a->finished)
        return FST_EINVAL;
    for (done = 0; done < count; done += BATCH) {
        size_t batch = count - done < BATCH ? count - done : BATCH;
        int error = feed_batch(a, packets + done, batch);

        if (error)
            return error;
    }
    return 0;
}

int fst_analyzer_finish(struct fst_analyzer *a)
{
    uint32_t id;

    if (a->finished)
        return FST_EINVAL;
    a->finished = true;
    for (id = fst_analyzer_next(a, 1); id != 0; id = fst_analyzer_next(a, id + 1))
        fst_connection_end(a, fst_table_at_least(&a->table, id));
    return 0;
}

const struct fst_stats *fst_analyzer_stats(const struct fst_analyzer *a)
{
    return &a->stats;
}

uint64_t fst_analyzer_rule_hits(const struct fst_analyzer *a, size_t rule_index)
{
    return rule_index < FST_RULE_COUNT ? a->rule_hits[rule_index] : 0;
}
