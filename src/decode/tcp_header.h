/* SPDX-License-Identifier: MIT
 *
 * The TCP header. What nearly every segment has is decoded inline: no options, or timestamps alone
 * behind two NOPs, and all of the header captured. All else is for fst_tcp_rest_decode(), which
 * could decode those, too, and says the same of them.
 */
#ifndef FST_DECODE_TCP_HEADER_H
#define FST_DECODE_TCP_HEADER_H

#include <string.h>

#include "base/bytes.h"
#include "decode/checksum.h"
#include "decode/packet.h"
#include "decode/segment.h"
#include "decode/tcp_options.h"

#define FST_TCP_HEADER_MIN 20u

/* A longer text is not padding: a header of 40 octets leaves 6 of the 46 of an Ethernet frame. */
#define FST_PADDING_MAX 6u

/** Of a header whose fixed part was not captured, or for which IP leaves no room: the ports, if
 *  they are there. */
enum fst_decoded fst_tcp_header_cut(struct fst_segment *segment, const uint8_t *header,
                                    uint32_t captured, uint32_t wire);

/** Whatever lies behind the fixed part, and the verdict on the checksum. */
enum fst_decoded fst_tcp_rest_decode(struct fst_segment *segment, const uint8_t *header,
                                     uint32_t captured, uint32_t wire);

/** Judge a segment that was captured to its end. */
void fst_tcp_whole_look(struct fst_segment *segment, const uint8_t *header, uint32_t wire);

/** Whether it goes from the higher endpoint to the lower one. */
static inline bool fst_goes_down(const struct fst_segment *segment)
{
    if (segment->src_port != segment->dst_port)
        return segment->src_port > segment->dst_port;
    return memcmp(segment->src, segment->dst, sizeof(segment->src)) > 0;
}

/* The fixed part behind the ports: SEQ and ACK; data offset, flags, window, checksum, urgent. */
struct fst_tcp_words {
    uint64_t numbers, others;
};

/** Equal for two captures of one packet, also on either side of a router; else, in one connection,
 *  most likely not: two SYNs that cross may differ in nothing but their direction. The constants
 *  are odd 64-bit numbers without a pattern. */
static inline uint32_t fst_header_hash(const struct fst_segment *segment,
                                       const struct fst_tcp_words *words, uint32_t wire)
{
    uint64_t lengths =
        (uint64_t)fst_goes_down(segment) << 63 | (uint64_t)wire << 16 | segment->ip_id;

    return (uint32_t)((words->numbers * UINT64_C(0x9e3779b97f4a7c15) +
                       words->others * UINT64_C(0xd6e8feb86659fd93) +
                       lengths * UINT64_C(0xa0761d6478bd642f)) >>
                      32);
}

static inline struct fst_tcp_words fst_tcp_fixed_part(struct fst_segment *segment,
                                                      const uint8_t *header)
{
    struct fst_tcp_words words = {fst_be64(header + 4), fst_be64(header + 12)};
    uint32_t ports = fst_be32(header), controls = words.others >> 32 & 0x1ffffff;

    segment->src_port = (uint16_t)(ports >> 16);
    segment->dst_port = (uint16_t)ports;
    segment->seq = (uint32_t)(words.numbers >> 32);
    segment->ack = (uint32_t)words.numbers;
    segment->flags = (uint16_t)(controls >> 16);
    segment->wnd_raw = (uint16_t)controls;
    return words;
}

/* The sum of a header with timestamps alone in `options`, or with none. */
static inline uint64_t fst_tcp_usual_sum(const uint8_t *header, const uint8_t *options)
{
    struct fst_sum sum = {fst_load64(header), fst_load32(header + 16)};

    fst_sum_add(&sum, fst_load64(header + 8));
    fst_sum_add(&sum, fst_load64(options + 4));
    return fst_sum_of(&sum) + fst_load32(options);
}

/**
 * Fill the segment from a TCP header; the addresses are there already.
 *
 * @param header     The first octet of the header.
 * @param captured   Octets of header and text that were captured; at most `wire`.
 * @param wire       Octets of header and text, as IP says.
 * @param addresses  Their sum: see fst_checksum_ip4().
 * @return FST_DECODED_TCP; FST_DECODED_CUT if the fixed part of the header was not captured;
 *         FST_DECODED_MALFORMED if IP leaves no room for it.
 *
 * Source: RFC 9293 section 3.1.
 */
static inline enum fst_decoded fst_tcp_header_decode(struct fst_segment *segment,
                                                     const uint8_t *header, uint32_t captured,
                                                     uint32_t wire, uint64_t addresses)
{
    static const uint8_t none[FST_TIMESTAMPS_ALONE] = {0};
    struct fst_tcp_words words;
    const uint8_t *options;
    uint32_t header_len;
    bool stamped;
    uint64_t sum;

    if (captured < FST_TCP_HEADER_MIN)
        return fst_tcp_header_cut(segment, header, captured, wire);
    words = fst_tcp_fixed_part(segment, header);
    segment->header_hash = fst_header_hash(segment, &words, wire);

    header_len = (uint32_t)(words.others >> 60) * 4;
    if (header_len > captured)
        return fst_tcp_rest_decode(segment, header, captured, wire);
    options = header_len == FST_TCP_HEADER_MIN + FST_TIMESTAMPS_ALONE ? header + FST_TCP_HEADER_MIN
                                                                      : none;
    stamped = fst_be32(options) == FST_TIMESTAMPS_ALONE_WORD;
    if (!stamped & (header_len != FST_TCP_HEADER_MIN))
        return fst_tcp_rest_decode(segment, header, captured, wire);

    segment->options.present = stamped ? FST_OPT_TIMESTAMPS : 0;
    segment->options.ts_val = fst_be32(options + 4);
    segment->options.ts_ecr = fst_be32(options + 8);
    segment->payload_len = wire - header_len;
    if (captured != wire)
        return FST_DECODED_TCP;
    sum = addresses + fst_checksum_pseudo(wire) + fst_tcp_usual_sum(header, options);
    if (segment->payload_len > 0)
        sum += fst_checksum_host_sum(header + header_len, segment->payload_len);
    if (!fst_checksum_is_good(sum) || segment->payload_len - 1 < FST_PADDING_MAX)
        fst_tcp_whole_look(segment, header, wire);
    else
        segment->checksum = FST_CHECKSUM_GOOD;
    return FST_DECODED_TCP;
}

#endif
