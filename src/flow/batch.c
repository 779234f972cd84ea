/* SPDX-License-Identifier: MIT */
#include "flow/batch.h"

#include <string.h>

#include "decode/plain.h"
#include "flow/precedent.h"
#include "tcp/step.h"

#define FRAGMENT_OCTETS (4u << 20)

bool fst_decoder_init(struct fst_decoder *decoder, const struct fst_allocator *allocator,
                      const struct fst_siphash_key *seed)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->fragments = fst_fragments_new(allocator, FRAGMENT_OCTETS);
    if (!decoder->fragments)
        return false;
    fst_key_secret_init(&decoder->secret, seed);
    fst_domains_init(&decoder->domains, allocator, seed->low ^ seed->high);
    return true;
}

void fst_decoder_fini(struct fst_decoder *decoder)
{
    fst_domains_fini(&decoder->domains);
    fst_fragments_free(decoder->fragments);
}

bool fst_decoder_init_beside(struct fst_decoder *beside, const struct fst_decoder *decoder,
                             const struct fst_allocator *allocator)
{
    *beside = *decoder;
    beside->domains.closed = true;
    beside->fragments = fst_fragments_new_beside(decoder->fragments, allocator);
    return beside->fragments != NULL;
}

void fst_decoder_fini_beside(struct fst_decoder *beside)
{
    fst_fragments_free(beside->fragments);
}

bool fst_decoder_asked(const struct fst_decoder *beside)
{
    return beside->domains.asked || fst_fragments_asked(beside->fragments);
}

/* ---------------------------------------------------------------------------- counting -- */

/* What a batch counts packet by packet. */
struct counts {
    uint32_t decoded[FST_DECODED_NO_MEMORY + 1];
    uint32_t checksum[FST_CHECKSUM_BAD + 1];
    uint32_t plain, reassembled, fragments_of_tcp;
};

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

/* How far stamps do not fall, the first not below `before`. */
static size_t in_order(const struct fst_packet *packets, size_t count, int64_t before)
{
    size_t i;

    for (i = 0; i < count && packets[i].time_ns >= before; i++)
        before = packets[i].time_ns;
    return i;
}

static void count_times(struct fst_decoder *decoder, const struct fst_packet *packets, size_t count,
                        struct fst_stats *stats)
{
    int64_t before, first, last;
    size_t i;

    if (count == 0)
        return;
    before = decoder->begun ? decoder->last_time_ns : packets[0].time_ns;
    i = in_order(packets, count, before);
    first = packets[0].time_ns;
    last = i == 0 ? first : packets[i - 1].time_ns;
    for (before = i == 0 ? before : last; i < count; i++) {
        int64_t time_ns = packets[i].time_ns;

        stats->time_backwards += time_ns < before;
        before = time_ns;
        first = time_ns < first ? time_ns : first;
        last = time_ns > last ? time_ns : last;
    }
    decoder->begun = true;
    decoder->last_time_ns = before;
    stats->ts_first = first;
    stats->ts_last = last;
    stats->packets = count;
}

static void note_newest(const struct fst_packet *packets, size_t count, struct fst_batch *batch)
{
    size_t n = count < FST_NEWEST ? count : FST_NEWEST, i;

    batch->newest_count = n;
    for (i = 0; i < n; i++)
        batch->newest_ns[i] = packets[count - n + i].time_ns;
}

static void sum_up(const struct counts *counts, struct fst_stats *stats)
{
    const uint32_t *decoded = counts->decoded;

    stats->tcp_segments = counts->plain + decoded[FST_DECODED_TCP];
    stats->not_tcp = decoded[FST_DECODED_NOT_TCP] + decoded[FST_DECODED_FRAGMENT];
    stats->fragments = decoded[FST_DECODED_FRAGMENT] + counts->fragments_of_tcp;
    stats->headers_cut = decoded[FST_DECODED_CUT];
    stats->malformed = decoded[FST_DECODED_MALFORMED];
    stats->unsupported = decoded[FST_DECODED_UNSUPPORTED];
    stats->reassembled = counts->reassembled;
    stats->bad_checksums = counts->checksum[FST_CHECKSUM_BAD];
    stats->offload_checksums = counts->checksum[FST_CHECKSUM_OFFLOADED];
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

/* ---------------------------------------------------------------------------- decoding -- */

/* Whether it is a segment. */
static bool __attribute__((noinline))
decode_in_order(struct fst_decoder *decoder, const struct fst_packet *packet, struct counts *counts,
                struct fst_segment *segment)
{
    bool reassembled = false;
    enum fst_decoded decoded =
        fst_packet_decode_in_order(packet, decoder->fragments, segment, &reassembled);

    counts->decoded[decoded]++;
    counts->reassembled += reassembled;
    counts->fragments_of_tcp += reassembled && decoded == FST_DECODED_TCP;
    return decoded == FST_DECODED_TCP;
}

/* Whether the item is a segment of a connection. */
static inline bool decode(struct fst_decoder *decoder, const struct fst_packet *packet,
                          struct counts *counts, struct fst_item *item)
{
    struct fst_segment *segment = &item->segment;

    if (fst_packet_decode_plain(packet, segment))
        counts->plain++;
    else if (!decode_in_order(decoder, packet, counts, segment))
        return false;
    if (segment->checksum > FST_CHECKSUM_GOOD)
        counts->checksum[segment->checksum]++;
    item->side = fst_key_of(&item->key, segment, fst_domain_of(&decoder->domains, segment));
    if (item->side == FST_NO_SIDE)
        return false;
    item->hash = fst_key_hash(&item->key, &decoder->secret);
    item->shape = fst_shape_of(segment);
    return true;
}

void fst_decoder_take(struct fst_decoder *decoder, const struct fst_packet *packets, size_t count,
                      struct fst_batch *batch)
{
    struct counts counts = {{0}, {0}, 0, 0, 0};
    struct fst_item *item = batch->items;
    const struct fst_packet *packet = packets, *end = packets + count;
    uint32_t bit = 1; /* of the item */

    memset(&batch->stats, 0, sizeof(batch->stats));
    memset(batch->of_part, 0, sizeof(batch->of_part));
    for (; packet != end; packet++) {
        if (decode(decoder, packet, &counts, item)) {
            batch->of_part[item->hash % FST_PARTS_MOST] |= bit;
            bit <<= 1;
            item++;
        } else if (counts.decoded[FST_DECODED_NO_MEMORY] != 0) {
            end = packet + 1;
        }
    }
    count = (size_t)(end - packets);
    batch->count = (size_t)(item - batch->items);
    count_times(decoder, packets, count, &batch->stats);
    sum_up(&counts, &batch->stats);
    note_newest(packets, count, batch);
    batch->error = counts.decoded[FST_DECODED_NO_MEMORY] ? FST_ENOMEM : 0;
}
