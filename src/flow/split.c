/* SPDX-License-Identifier: MIT
 *
 * Which part of a divided capture a packet belongs to. A TCP segment goes where the pair of its
 * endpoints, put in order, hashes to: on every machine to the same part, whoever sends. The
 * fragments of a datagram go where the segment goes that they make up, so they wait until it is
 * whole; what never becomes whole, and what is not TCP, goes by its addresses.
 */
#include <string.h>

#include "base/alloc.h"
#include "flow/batch.h"

#define FRAGMENT_OCTETS_MAX                                                                        \
    (4u << 20) /* as the analyzer keeps: the same datagrams become whole                           \
                */
#define HELD_MAX 4096

struct held {
    struct fst_packet packet; /* `data` is owned */
    uint64_t datagram;
    uint32_t part; /* by its addresses */
};

struct fst_split {
    const struct fst_allocator *allocator;
    uint32_t parts;
    fst_split_sink *sink;
    void *context;
    struct fst_fragments *fragments;
    int64_t newest_ns[FST_NEWEST]; /* of the last packets */
    size_t held_count;
    struct held held[HELD_MAX]; /* oldest first */
};

/* ------------------------------------------------------------------------------------- where -- */

static uint64_t mix(uint64_t hash, const uint8_t *octets, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

static uint64_t mix_endpoint(uint64_t hash, const uint8_t *address, uint16_t port)
{
    const uint8_t octets[2] = {(uint8_t)(port >> 8), (uint8_t)port};

    return mix(mix(hash, address, 16), octets, 2);
}

/* The endpoints in the order of Community ID: by address, then by port. Unkeyed on purpose. */
static uint32_t part_of(const struct fst_split *split, const struct fst_segment *segment,
                        bool ports)
{
    uint16_t src_port = ports ? segment->src_port : 0, dst_port = ports ? segment->dst_port : 0;
    int order = memcmp(segment->src, segment->dst, sizeof(segment->src));
    bool src_first = order < 0 || (order == 0 && src_port <= dst_port);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    if (src_first)
        hash = mix_endpoint(mix_endpoint(hash, segment->src, src_port), segment->dst, dst_port);
    else
        hash = mix_endpoint(mix_endpoint(hash, segment->dst, dst_port), segment->src, src_port);
    hash ^= hash >> 32; /* the low bits of FNV know little of the first octets */
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((hash >> 32) % split->parts);
}

/* ------------------------------------------------------------------------- fragments that wait --
 */

static void let_go(struct fst_split *split, const struct held *held, uint32_t part)
{
    split->sink(split->context, part, &held->packet);
    fst_release(split->allocator, (void *)(uintptr_t)held->packet.data, held->packet.captured_len);
}

static void let_oldest_go(struct fst_split *split)
{
    let_go(split, &split->held[0], split->held[0].part);
    split->held_count--;
    memmove(&split->held[0], &split->held[1], split->held_count * sizeof(split->held[0]));
}

/* All that wait for the datagram, in their order. */
static void let_datagram_go(struct fst_split *split, uint64_t datagram, uint32_t part)
{
    size_t left = 0;

    for (size_t i = 0; i < split->held_count; i++) {
        if (split->held[i].datagram == datagram)
            let_go(split, &split->held[i], part);
        else
            split->held[left++] = split->held[i];
    }
    split->held_count = left;
}

/* A datagram that is whole turned out to be a fragment itself. */
static void wait_for_another(struct fst_split *split, uint64_t datagram, uint64_t another)
{
    for (size_t i = 0; i < split->held_count; i++)
        if (split->held[i].datagram == datagram)
            split->held[i].datagram = another;
}

static int hold(struct fst_split *split, const struct fst_packet *packet,
                const struct fst_segment *segment)
{
    struct held *held;
    uint8_t *octets = fst_alloc(split->allocator, packet->captured_len);

    if (!octets)
        return FST_ENOMEM;
    if (split->held_count == HELD_MAX)
        let_oldest_go(split);
    memcpy(octets, packet->data, packet->captured_len);
    held = &split->held[split->held_count++];
    held->packet = *packet;
    held->packet.data = octets;
    held->datagram = segment->waits_for;
    held->part = part_of(split, segment, false);
    return 0;
}

/* ------------------------------------------------------------------------------------ the way --
 */

static int take(struct fst_split *split, const struct fst_packet *packet)
{
    struct fst_segment segment;
    bool reassembled;
    enum fst_decoded decoded;
    uint32_t part;

    memset(&segment, 0, sizeof(segment)); /* packets without addresses have equal ones */
    decoded = fst_packet_decode(packet, split->fragments, &segment, &reassembled);
    if (decoded == FST_DECODED_NO_MEMORY)
        return FST_ENOMEM;
    if (decoded == FST_DECODED_FRAGMENT && packet->captured_len > 0) {
        for (unsigned i = 0; i < segment.completed_count; i++)
            wait_for_another(split, segment.completed[i], segment.waits_for);
        return hold(split, packet, &segment);
    }
    part = part_of(split, &segment, decoded == FST_DECODED_TCP || decoded == FST_DECODED_CUT);
    for (unsigned i = 0; i < segment.completed_count; i++)
        let_datagram_go(split, segment.completed[i], part);
    split->sink(split->context, part, packet);
    return 0;
}

int fst_split_new(struct fst_split **out, uint32_t parts, fst_split_sink *sink, void *context)
{
    const struct fst_allocator *allocator = fst_allocator_or_default(NULL);
    struct fst_split *split;

    *out = NULL;
    if (parts == 0)
        return FST_EINVAL;
    split = fst_alloc(allocator, sizeof(*split));
    if (!split)
        return FST_ENOMEM;
    split->allocator = allocator;
    split->parts = parts;
    split->sink = sink;
    split->context = context;
    for (size_t i = 0; i < FST_NEWEST; i++)
        split->newest_ns[i] = FST_NO_TIME;
    split->fragments = fst_fragments_new(allocator, FRAGMENT_OCTETS_MAX);
    if (!split->fragments) {
        fst_split_free(split);
        return FST_ENOMEM;
    }
    *out = split;
    return 0;
}

int fst_split_feed(struct fst_split *split, const struct fst_packet *packets, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && !error; i++) {
        fst_note_time(split->newest_ns, packets[i].time_ns);
        error = take(split, &packets[i]);
    }
    return error;
}

int64_t fst_split_time(const struct fst_split *split)
{
    int64_t time_ns = fst_middle_time(split->newest_ns);

    return time_ns == FST_NO_TIME ? 0 : time_ns;
}

void fst_split_finish(struct fst_split *split)
{
    while (split->held_count > 0)
        let_oldest_go(split);
}

void fst_split_free(struct fst_split *split)
{
    if (!split)
        return;
    for (size_t i = 0; i < split->held_count; i++)
        fst_release(split->allocator, (void *)(uintptr_t)split->held[i].packet.data,
                    split->held[i].packet.captured_len);
    fst_fragments_free(split->fragments);
    fst_release(split->allocator, split, sizeof(*split));
}
