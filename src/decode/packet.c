/* SPDX-License-Identifier: MIT
 *
 * Runs the header decoders one after the other until one of them ends. What an IP protocol number
 * leads to is the table below.
 */
#include "decode/packet.h"

#include "decode/decoding.h"
#include "decode/ip4.h"
#include "decode/ip6.h"
#include "decode/link.h"
#include "decode/tcp_header.h"
#include "decode/tunnel.h"
#include "decode/udp.h"

#define LINKTYPE_ETHERNET 1

/* An Ethernet frame is padded to 60 octets, 64 with its check sequence, and by some switches to as
 * much without its VLAN tags. */
#define FRAME_MIN          60u
#define FRAME_MIN_WITH_FCS 64u

/* Assumes: no link carries more in one packet. Linux hands up to 512 KiB to a card at once. */
#define PACKET_OCTETS_MAX (16u << 20)

static const struct {
    uint8_t number;
    bool only_ip6; /* an extension header, which IPv4 does not have */
    fst_step *step;
} ip_protocols[] = {
    {FST_IP_HOP_BY_HOP, true, fst_ip6_hop_by_hop_decode},
    {FST_IP_IP4, false, fst_ip4_in_ip_decode},
    {FST_IP_UDP, false, fst_udp_decode},
    {FST_IP_IP6, false, fst_ip6_in_ip_decode},
    {FST_IP_ROUTING, true, fst_ip6_routing_decode},
    {FST_IP_FRAGMENT, true, fst_ip6_fragment_decode},
    {FST_IP_GRE, false, fst_gre_decode},
    {FST_IP_AUTHENTICATION, false, fst_ip_authentication_decode},
    {FST_IP_DESTINATION, true, fst_ip6_extension_decode},
    {FST_IP_MOBILITY, true, fst_ip6_extension_decode},
    {FST_IP_HIP, true, fst_ip6_extension_decode},
    {FST_IP_SHIM6, true, fst_ip6_extension_decode},
};

static fst_next ip_protocol_decode(uint8_t number, struct fst_decoding *decoding)
{
    for (size_t i = 0; i < sizeof(ip_protocols) / sizeof(ip_protocols[0]); i++)
        if (ip_protocols[i].number == number &&
            (decoding->segment->ipv6 || !ip_protocols[i].only_ip6))
            return ip_protocols[i].step(decoding);
    return FST_NEXT_END(FST_DECODED_NOT_TCP);
}

/* -------------------------------------------------------------------------------- in order -- */

static fst_next step(fst_next next, struct fst_decoding *decoding)
{
    switch (next) {
    case FST_ETHERTYPE_IP4:
        return fst_ip4_decode(decoding);
    case FST_ETHERTYPE_IP6:
        return fst_ip6_decode(decoding);
    default:
        return next & FST_NEXT_IS_IP ? ip_protocol_decode((uint8_t)next, decoding)
                                     : fst_ethertype_decode((uint16_t)next, decoding);
    }
}

static uint32_t wire_len(const struct fst_packet *packet)
{
    bool credible =
        packet->original_len >= packet->captured_len && packet->original_len <= PACKET_OCTETS_MAX;

    return credible ? packet->original_len : packet->captured_len;
}

static bool is_minimum_frame(const struct fst_packet *packet, uint8_t tag_count)
{
    return packet->link_type == LINKTYPE_ETHERNET &&
           packet->original_len - FRAME_MIN <= FRAME_MIN_WITH_FCS - FRAME_MIN + 4u * tag_count;
}

/* Where the headers before it lead: to TCP if `decoded` says so. */
struct reached {
    enum fst_decoded decoded;
    const uint8_t *at;
    uint32_t captured, wire; /* octets from there on */
};

/* One header after the other. Ends: each step takes octets off the packet or, once for each
 * datagram in the store, goes on in one that has become whole and left the store. */
static struct reached __attribute__((noinline))
reach_in_order(const struct fst_packet *packet, struct fst_fragments *fragments,
               struct fst_segment *segment, bool *reassembled)
{
    struct fst_decoding decoding = {
        .at = packet->data,
        .captured = packet->captured_len,
        .wire = wire_len(packet),
        .fragments = fragments,
        .segment = segment,
    };
    fst_next next;

    segment->tag_count = 0;
    segment->waits_for = 0;
    segment->src_port = 0;
    segment->dst_port = 0;
    next = fst_link_decode(packet->link_type, &decoding);
    while ((next & FST_NEXT_IS_THE_END) == 0 && next != FST_NEXT_IP(FST_IP_TCP))
        next = step(next, &decoding);
    *reassembled = decoding.reassembled;
    return (struct reached){next & FST_NEXT_IS_THE_END ? (enum fst_decoded)(next & 0xff)
                                                       : FST_DECODED_TCP,
                            decoding.at, decoding.captured, decoding.wire};
}

/* --------------------------------------------------------------------------- all at once -- */

#define ETHERNET_LEN 14u
#define VLAN_LEN     4u
#define TCP_MIN      20u

/* IPv4 without options that is no fragment, and TCP in it. */
static bool reach_over_ip4(const uint8_t *ip, uint32_t captured, struct fst_segment *segment,
                           struct reached *reached)
{
    uint32_t len = fst_be16(ip + 2);

    if (ip[0] != 0x45 || ip[9] != FST_IP_TCP ||
        (fst_be16(ip + 6) & (FST_IP4_MORE_FRAGMENTS | FST_IP4_OFFSET_MASK)) != 0 ||
        len < FST_IP4_HEADER_MIN + TCP_MIN)
        return false;
    fst_ip4_fill(segment, ip);
    *reached = (struct reached){FST_DECODED_TCP, ip + FST_IP4_HEADER_MIN,
                                (captured < len ? captured : len) - FST_IP4_HEADER_MIN,
                                len - FST_IP4_HEADER_MIN};
    return true;
}

/* IPv6 without extension headers, and TCP in it. */
static bool reach_over_ip6(const uint8_t *ip, uint32_t captured, struct fst_segment *segment,
                           struct reached *reached)
{
    uint32_t len = fst_be16(ip + 4);

    if (captured < FST_IP6_HEADER_LEN + TCP_MIN || ip[0] >> 4 != 6 || ip[6] != FST_IP_TCP ||
        len < TCP_MIN)
        return false;
    captured -= FST_IP6_HEADER_LEN;
    fst_ip6_fill(segment, ip);
    *reached = (struct reached){FST_DECODED_TCP, ip + FST_IP6_HEADER_LEN,
                                captured < len ? captured : len, len};
    return true;
}

/* Nearly every packet: Ethernet, at times a VLAN tag, then IP and TCP. What the steps one by one
 * would make of it; false if it is something else. */
static bool reach_plain(const struct fst_packet *packet, struct fst_segment *segment,
                        struct reached *reached)
{
    const uint8_t *ip = packet->data + ETHERNET_LEN;
    uint32_t captured = packet->captured_len - ETHERNET_LEN, least = FST_IP4_HEADER_MIN + TCP_MIN;
    uint16_t type, id;

    if (packet->link_type != LINKTYPE_ETHERNET || packet->captured_len < ETHERNET_LEN + least)
        return false;
    segment->tag_count = 0;
    segment->waits_for = 0;
    type = fst_be16(ip - 2);
    if (type == FST_ETHERTYPE_VLAN && captured >= VLAN_LEN + least) {
        id = fst_be16(ip) & FST_VLAN_ID;
        if (id != 0)
            segment->tags[segment->tag_count++] = FST_TAG_VLAN | id;
        type = fst_be16(ip + 2);
        ip += VLAN_LEN;
        captured -= VLAN_LEN;
    }
    return type == FST_ETHERTYPE_IP4   ? reach_over_ip4(ip, captured, segment, reached)
           : type == FST_ETHERTYPE_IP6 ? reach_over_ip6(ip, captured, segment, reached)
                                       : false;
}

enum fst_decoded fst_packet_decode(const struct fst_packet *packet, struct fst_fragments *fragments,
                                   struct fst_segment *segment, bool *reassembled)
{
    struct reached reached;

    segment->packet = packet->number;
    segment->time_ns = packet->time_ns;
    segment->interface = packet->interface;
    segment->completed_count = 0;
    segment->captured_before = false;
    *reassembled = false;
    if (!reach_plain(packet, segment, &reached))
        reached = reach_in_order(packet, fragments, segment, reassembled);
    segment->minimum_frame = is_minimum_frame(packet, segment->tag_count);
    return reached.decoded == FST_DECODED_TCP
               ? fst_tcp_header_decode(segment, reached.at, reached.captured, reached.wire)
               : reached.decoded;
}
