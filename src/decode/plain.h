/* SPDX-License-Identifier: MIT
 *
 * Nearly every packet: Ethernet, at times a VLAN tag, then IP and TCP. Such a one is decoded inline
 * and at once, with the same words for each field as where headers are decoded one by one; all
 * others are for packet.c.
 */
#ifndef FST_DECODE_PLAIN_H
#define FST_DECODE_PLAIN_H

#include "decode/checksum.h"
#include "decode/decoding.h"
#include "decode/ip4.h"
#include "decode/ip6.h"
#include "decode/packet.h"
#include "decode/tcp_header.h"

#define FST_LINKTYPE_ETHERNET 1

#define FST_ETHERNET_LEN      14u
#define FST_VLAN_LEN          4u

/** One header after the other. */
enum fst_decoded fst_packet_decode_in_order(const struct fst_packet *packet,
                                            struct fst_fragments *fragments,
                                            struct fst_segment *segment, bool *reassembled);

/** Whether zeros may be padding. */
void fst_frame_look(struct fst_segment *segment, const struct fst_packet *packet);

/** What a segment has of its packet whatever is in it, and 0 where a decoder may say nothing. */
static inline void fst_segment_begin(struct fst_segment *segment, const struct fst_packet *packet)
{
    const size_t from = offsetof(struct fst_segment, tag_count);
    const size_t to = offsetof(struct fst_segment, options.sack);

    segment->packet = packet->number;
    segment->time_ns = packet->time_ns;
    segment->interface = packet->interface;
    memset((uint8_t *)segment + from, 0, to - from);
}

/* Where TCP begins. */
struct fst_reached {
    const uint8_t *at;
    uint32_t captured, wire; /* octets from there on */
    uint64_t addresses;      /* see fst_checksum_ip4() */
};

/* IPv4 without options that is no fragment, and TCP in it. */
static inline bool fst_reach_over_ip4(const uint8_t *ip, uint32_t captured,
                                      struct fst_segment *segment, struct fst_reached *reached)
{
    uint32_t len = fst_be16(ip + 2);

    if (ip[0] != 0x45 || ip[9] != FST_IP_TCP ||
        (fst_be16(ip + 6) & (FST_IP4_MORE_FRAGMENTS | FST_IP4_OFFSET_MASK)) != 0 ||
        len < FST_IP4_HEADER_MIN + FST_TCP_HEADER_MIN)
        return false;
    fst_ip4_fill(segment, ip);
    *reached = (struct fst_reached){ip + FST_IP4_HEADER_MIN,
                                    (captured < len ? captured : len) - FST_IP4_HEADER_MIN,
                                    len - FST_IP4_HEADER_MIN, fst_checksum_ip4(ip + 12, ip + 16)};
    return true;
}

/* IPv6 without extension headers, and TCP in it. */
static inline bool fst_reach_over_ip6(const uint8_t *ip, uint32_t captured,
                                      struct fst_segment *segment, struct fst_reached *reached)
{
    uint32_t len = fst_be16(ip + 4);

    if (captured < FST_IP6_HEADER_LEN + FST_TCP_HEADER_MIN || ip[0] >> 4 != 6 ||
        ip[6] != FST_IP_TCP || len < FST_TCP_HEADER_MIN)
        return false;
    captured -= FST_IP6_HEADER_LEN;
    fst_ip6_fill(segment, ip);
    *reached = (struct fst_reached){ip + FST_IP6_HEADER_LEN, captured < len ? captured : len, len,
                                    fst_checksum_ip6(ip + 8, ip + 24)};
    return true;
}

/* False if it is something else; then what it has filled says nothing. */
static inline bool fst_reach_plain(const struct fst_packet *packet, struct fst_segment *segment,
                                   struct fst_reached *reached)
{
    const uint8_t *ip = packet->data + FST_ETHERNET_LEN;
    uint32_t captured = packet->captured_len - FST_ETHERNET_LEN;
    uint32_t least = FST_IP4_HEADER_MIN + FST_TCP_HEADER_MIN;
    uint16_t type, id;

    if (packet->link_type != FST_LINKTYPE_ETHERNET ||
        packet->captured_len < FST_ETHERNET_LEN + least)
        return false;
    type = fst_be16(ip - 2);
    if (type == FST_ETHERTYPE_VLAN && captured >= FST_VLAN_LEN + least) {
        id = fst_be16(ip) & FST_VLAN_ID;
        if (id != 0)
            segment->tags[segment->tag_count++] = FST_TAG_VLAN | id;
        type = fst_be16(ip + 2);
        ip += FST_VLAN_LEN;
        captured -= FST_VLAN_LEN;
    }
    return type == FST_ETHERTYPE_IP4   ? fst_reach_over_ip4(ip, captured, segment, reached)
           : type == FST_ETHERTYPE_IP6 ? fst_reach_over_ip6(ip, captured, segment, reached)
                                       : false;
}

/** Decode a packet with TCP that is as most are. False if it is not: fst_packet_decode_in_order()
 * is to begin anew. */
static inline bool fst_packet_decode_plain(const struct fst_packet *packet,
                                           struct fst_segment *segment)
{
    struct fst_reached reached;

    fst_segment_begin(segment, packet);
    if (!fst_reach_plain(packet, segment, &reached))
        return false;
    (void)fst_tcp_header_decode(segment, reached.at, reached.captured, reached.wire,
                                reached.addresses);
    if (segment->odd)
        fst_frame_look(segment, packet);
    return true;
}

#endif
