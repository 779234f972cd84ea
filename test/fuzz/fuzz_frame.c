/* SPDX-License-Identifier: MIT
 *
 * Frame decoding. The input is a row of packets for one store of fragments, each with five octets
 * before it: link type in two, how much of it the snap length hides, and its length in two.
 */
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "decode/packet.h"
#include "fuzz/fuzz.h"

#define PACKETS_MAX 64
#define HEADER_LEN  5
#define TYPE_MASK   0x1ff /* no link type in use is above */
#define ROOM        70000

static void ensure_segment_is_sane(const struct fst_packet *packet,
                                   const struct fst_segment *segment)
{
    ENSURE(segment->packet == packet->number && segment->time_ns == packet->time_ns);
    ENSURE(segment->tag_count <= FST_TAGS_MAX);
    for (unsigned i = 0; i < segment->tag_count; i++)
        ENSURE((segment->tags[i] & ~FST_TAG_VALUE) != 0);
    ENSURE(segment->flags <= 0x1ff);
    ENSURE(segment->fault <= FST_HEADER_OPTION_SIZE);
    ENSURE(segment->checksum <= FST_CHECKSUM_BAD);
    ENSURE(segment->options.sack_count <= FST_SACK_BLOCKS_MAX);
    ENSURE(segment->options.cookie_len <= 16);
    ENSURE(segment->payload_len <= 16u << 20);
    ENSURE(!segment->text_is_zero || (segment->payload_len > 0 && segment->payload_len <= 6));
    if (!segment->ipv6)
        for (unsigned i = 4; i < 16; i++)
            ENSURE(segment->src[i] == 0 && segment->dst[i] == 0);
}

/* What the snap length hides may hide the segment, but not change it. */
static void ensure_cut_agrees(const struct fst_packet *packet, enum fst_decoded decoded,
                              const struct fst_segment *whole, uint32_t captured)
{
    struct fst_packet cut = *packet;
    struct fst_segment segment;
    bool reassembled;

    cut.captured_len = captured;
    if (fst_packet_decode(&cut, NULL, &segment, &reassembled) != FST_DECODED_TCP)
        return;
    ensure_segment_is_sane(packet, &segment);
    ENSURE(decoded == FST_DECODED_TCP);
    ENSURE(segment.seq == whole->seq && segment.ack == whole->ack);
    ENSURE(segment.src_port == whole->src_port && segment.dst_port == whole->dst_port);
    ENSURE(segment.payload_len == whole->payload_len && segment.flags == whole->flags);
    ENSURE(segment.ipv6 == whole->ipv6 && memcmp(segment.src, whole->src, 16) == 0);
    ENSURE(segment.header_hash == whole->header_hash);
    ENSURE(segment.tag_count == whole->tag_count);
    ENSURE(memcmp(segment.tags, whole->tags, segment.tag_count * sizeof(segment.tags[0])) == 0);
}

static void decode(struct fst_packet *packet, struct fst_fragments *fragments, uint32_t hidden)
{
    struct fst_segment segment, again;
    bool reassembled;
    enum fst_decoded decoded = fst_packet_decode(packet, NULL, &segment, &reassembled);

    ENSURE(decoded <= FST_DECODED_UNSUPPORTED && !reassembled);
    ENSURE(decoded != FST_DECODED_FRAGMENT); /* nowhere to keep it */
    ENSURE((decoded == FST_DECODED_UNSUPPORTED) == !fst_link_type_supported(packet->link_type));
    if (decoded == FST_DECODED_TCP)
        ensure_segment_is_sane(packet, &segment);
    if (hidden > 0 && hidden <= packet->captured_len)
        ensure_cut_agrees(packet, decoded, &segment, packet->captured_len - hidden);

    decoded = fst_packet_decode(packet, fragments, &again, &reassembled);
    ENSURE(decoded <= FST_DECODED_UNSUPPORTED);
    ENSURE(!reassembled || decoded != FST_DECODED_UNSUPPORTED);
    if (decoded == FST_DECODED_TCP)
        ensure_segment_is_sane(packet, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fst_fragments *fragments = fst_fragments_new(NULL, ROOM);
    struct fst_bytes bytes = fst_bytes(data, size);

    ENSURE(fragments != NULL);
    for (uint64_t number = 1; number <= PACKETS_MAX && bytes.left > HEADER_LEN; number++) {
        uint16_t link_type = fst_take_be16(&bytes) & TYPE_MASK;
        uint32_t hidden = fst_take_u8(&bytes);
        size_t len = fst_take_be16(&bytes);
        struct fst_packet packet = {.number = number, .link_type = link_type};

        len = len < bytes.left ? len : bytes.left;
        packet.time_ns = (int64_t)number * 1000000000;
        packet.captured_len = packet.original_len = (uint32_t)len;
        packet.data = malloc(len > 0 ? len : 1); /* a read past it is seen */
        ENSURE(packet.data != NULL);
        memcpy((void *)(uintptr_t)packet.data, fst_take(&bytes, len), len);
        decode(&packet, fragments, hidden);
        free((void *)(uintptr_t)packet.data);
    }
    fst_fragments_free(fragments);
    return 0;
}
