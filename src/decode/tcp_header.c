/* SPDX-License-Identifier: MIT
 *
 * TCP, RFC 9293 section 3.1. Lengths are those of the wire: what a snap length cut off was sent all
 * the same.
 */
#include "decode/tcp_header.h"

#include <string.h>

#include "base/bytes.h"
#include "decode/checksum.h"
#include "decode/tcp_options.h"

#define HEADER_MIN 20u
/* A longer text is not padding: a header of 40 octets leaves 6 of the 46 of an Ethernet frame. */
#define PADDING_MAX 6u

static enum fst_decoded header_cut(struct fst_segment *segment, const uint8_t *header,
                                   uint32_t captured, uint32_t wire)
{
    if (wire < HEADER_MIN)
        return FST_DECODED_MALFORMED;
    if (captured >= 4) {
        segment->src_port = fst_be16(header);
        segment->dst_port = fst_be16(header + 2);
    }
    return FST_DECODED_CUT;
}

static void fill_fixed_part(struct fst_segment *segment, const uint8_t *header)
{
    segment->src_port = fst_be16(header);
    segment->dst_port = fst_be16(header + 2);
    segment->seq = fst_be32(header + 4);
    segment->ack = fst_be32(header + 8);
    segment->flags = fst_be16(header + 12) & 0x1ff;
    segment->wnd_raw = fst_be16(header + 14);
    segment->urgent = fst_be16(header + 18);
}

/* Options and text, once the data offset is known to be possible. */
static void fill_variable_part(struct fst_segment *segment, const uint8_t *header,
                               uint32_t captured, uint32_t wire, uint32_t header_len)
{
    if (captured > header_len)
        captured = header_len;
    segment->payload_len = wire - header_len;
    fst_tcp_options_decode(segment, header + HEADER_MIN, captured - HEADER_MIN,
                           header_len - HEADER_MIN);
}

static void fill_fault(struct fst_segment *segment, enum fst_header_fault fault)
{
    segment->payload_len = 0;
    fst_tcp_options_decode(segment, NULL, 0, 0);
    segment->fault = (uint8_t)fault;
}

static bool text_is_zero(const uint8_t *text, uint32_t payload_len)
{
    if (payload_len - 1 >= PADDING_MAX) /* 0 is not below it either */
        return false;
    for (uint32_t i = 0; i < payload_len; i++)
        if (text[i] != 0)
            return false;
    return true;
}

/* Whether it goes from the higher endpoint to the lower one. */
static bool goes_down(const struct fst_segment *segment)
{
    if (segment->src_port != segment->dst_port)
        return segment->src_port > segment->dst_port;
    return memcmp(segment->src, segment->dst, sizeof(segment->src)) > 0;
}

/* Equal for two captures of one packet, also on either side of a router; else, in one connection,
 * most likely not: two SYNs that cross may differ in nothing but their direction. The constants are
 * odd 64-bit numbers without a pattern. */
static uint32_t header_hash(const struct fst_segment *segment, const uint8_t *header, uint32_t wire)
{
    uint64_t numbers = fst_be64(header + 4); /* SEQ, ACK */
    uint64_t words = fst_be64(header + 12);  /* data offset, flags, window, checksum, urgent */
    uint64_t lengths = (uint64_t)goes_down(segment) << 63 | (uint64_t)wire << 16 | segment->ip_id;

    return (uint32_t)((numbers * UINT64_C(0x9e3779b97f4a7c15) +
                       words * UINT64_C(0xd6e8feb86659fd93) +
                       lengths * UINT64_C(0xa0761d6478bd642f)) >>
                      32);
}

enum fst_decoded fst_tcp_header_decode(struct fst_segment *segment, const uint8_t *header,
                                       uint32_t captured, uint32_t wire)
{
    uint32_t header_len;

    if (captured < HEADER_MIN)
        return header_cut(segment, header, captured, wire);
    fill_fixed_part(segment, header);

    header_len = (header[12] >> 4) * 4u;
    if (header_len < HEADER_MIN)
        fill_fault(segment, FST_HEADER_OFFSET_SHORT);
    else if (header_len > wire)
        fill_fault(segment, FST_HEADER_OFFSET_LONG);
    else
        fill_variable_part(segment, header, captured, wire, header_len);

    segment->checksum = FST_CHECKSUM_UNKNOWN;
    segment->text_is_zero = false;
    if (captured == wire) {
        segment->checksum = (uint8_t)fst_checksum_judge(segment, header, wire);
        segment->text_is_zero =
            text_is_zero(header + (wire - segment->payload_len), segment->payload_len);
    }
    segment->header_hash = header_hash(segment, header, wire);
    return FST_DECODED_TCP;
}
