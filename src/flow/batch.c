/* SPDX-License-Identifier: MIT */
#include "flow/batch.h"

#include <string.h>

#include "tcp/step.h"

#define FRAGMENT_OCTETS (4u << 20)

bool fst_decoder_init(struct fst_decoder *decoder, const struct fst_allocator *allocator,
                      const struct fst_siphash_key *secret)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->fragments = fst_fragments_new(allocator, FRAGMENT_OCTETS);
    if (!decoder->fragments)
        return false;
    decoder->secret = *secret;
    fst_domains_init(&decoder->domains, allocator, secret->low ^ secret->high);
    return true;
}

void fst_decoder_fini(struct fst_decoder *decoder)
{
    fst_domains_fini(&decoder->domains);
    fst_fragments_free(decoder->fragments);
}

/* ---------------------------------------------------------------------------- counting -- */

static void widen_times(struct fst_stats *stats, int64_t first, int64_t last)
{
    if (stats->packets == 0) {
        stats->ts_first = first;
        stats->ts_last = last;
        return;
    }
    if (first < stats->ts_first)
        stats->ts_first = first;
    if (last > stats->ts_last)
        stats->ts_last = last;
}

static void count_time(struct fst_decoder *decoder, struct fst_stats *stats, int64_t time_ns)
{
    stats->time_backwards += decoder->begun && time_ns < decoder->last_time_ns;
    decoder->begun = true;
    decoder->last_time_ns = time_ns;
    widen_times(stats, time_ns, time_ns);
    stats->packets++;
}

void fst_stats_add(struct fst_stats *stats, const struct fst_stats *more)
{
    if (more->packets == 0)
        return;
    widen_times(stats, more->ts_first, more->ts_last);
    stats->packets += more->packets;
    stats->tcp_segments += more->tcp_segments;
    stats->not_tcp += more->not_tcp;
    stats->unsupported += more->unsupported;
    stats->malformed += more->malformed;
    stats->headers_cut += more->headers_cut;
    stats->fragments += more->fragments;
    stats->reassembled += more->reassembled;
    stats->bad_checksums += more->bad_checksums;
    stats->offload_checksums += more->offload_checksums;
    stats->time_backwards += more->time_backwards;
}

static void count_segment(struct fst_stats *stats, const struct fst_segment *segment)
{
    stats->tcp_segments++;
    if (segment->checksum == FST_CHECKSUM_BAD)
        stats->bad_checksums++;
    else if (segment->checksum == FST_CHECKSUM_OFFLOADED)
        stats->offload_checksums++;
}

/* Whether it is a segment. */
static bool count_decoded(struct fst_batch *batch, enum fst_decoded decoded, bool reassembled,
                          const struct fst_segment *segment)
{
    struct fst_stats *stats = &batch->stats;

    stats->reassembled += reassembled;
    switch (decoded) {
    case FST_DECODED_TCP:
        stats->fragments += reassembled;
        count_segment(stats, segment);
        return true;
    case FST_DECODED_FRAGMENT:
        stats->fragments++;
        stats->not_tcp++;
        return false;
    case FST_DECODED_CUT:
        stats->headers_cut++;
        return false;
    case FST_DECODED_MALFORMED:
        stats->malformed++;
        return false;
    case FST_DECODED_UNSUPPORTED:
        stats->unsupported++;
        return false;
    case FST_DECODED_NO_MEMORY:
        batch->error = FST_ENOMEM;
        return false;
    case FST_DECODED_NOT_TCP:
        stats->not_tcp++;
        return false;
    }
    return false;
}

/* ---------------------------------------------------------------------------- decoding -- */

/* Whether the item is a segment of a connection. */
static bool decode(struct fst_decoder *decoder, const struct fst_packet *packet,
                   struct fst_batch *batch, struct fst_item *item)
{
    bool reassembled = false;
    enum fst_decoded decoded;

    count_time(decoder, &batch->stats, packet->time_ns);
    decoded = fst_packet_decode(packet, decoder->fragments, &item->segment, &reassembled);
    if (!count_decoded(batch, decoded, reassembled, &item->segment))
        return false;
    item->side =
        fst_key_of(&item->key, &item->segment, fst_domain_of(&decoder->domains, &item->segment));
    if (item->side == FST_NO_SIDE)
        return false;
    item->hash = fst_key_hash(&item->key, &decoder->secret);
    return true;
}

void fst_decoder_take(struct fst_decoder *decoder, const struct fst_packet *packets, size_t count,
                      struct fst_batch *batch)
{
    batch->count = 0;
    batch->error = 0;
    memset(&batch->stats, 0, sizeof(batch->stats));
    for (size_t i = 0; i < count && !batch->error; i++)
        batch->count += decode(decoder, &packets[i], batch, &batch->items[batch->count]);
}
