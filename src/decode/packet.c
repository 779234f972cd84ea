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
#include "decode/plain.h"
#include "decode/tcp_header.h"
#include "decode/tunnel.h"
#include "decode/udp.h"

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

void fst_frame_look(struct fst_segment *segment, const struct fst_packet *packet)
{
    segment->minimum_frame = segment->text_is_zero && packet->link_type == FST_LINKTYPE_ETHERNET &&
                             packet->original_len - FRAME_MIN <=
                                 FRAME_MIN_WITH_FCS - FRAME_MIN + 4u * segment->tag_count;
}

/* Ends: each step takes octets off the packet or, once for each datagram in the store, goes on in
 * one that has become whole and left the store. */
enum fst_decoded fst_packet_decode_in_order(const struct fst_packet *packet,
                                            struct fst_fragments *fragments,
                                            struct fst_segment *segment, bool *reassembled)
{
    struct fst_decoding decoding = {
        .at = packet->data,
        .captured = packet->captured_len,
        .wire = wire_len(packet),
        .fragments = fragments,
        .segment = segment,
    };
    enum fst_decoded decoded;
    fst_next next;

    fst_segment_begin(segment, packet);
    segment->src_port = 0;
    segment->dst_port = 0;
    next = fst_link_decode(packet->link_type, &decoding);
    while ((next & FST_NEXT_IS_THE_END) == 0 && next != FST_NEXT_IP(FST_IP_TCP))
        next = step(next, &decoding);
    *reassembled = decoding.reassembled;
    if (next & FST_NEXT_IS_THE_END)
        return (enum fst_decoded)(next & 0xff);
    decoded = fst_tcp_header_decode(segment, decoding.at, decoding.captured, decoding.wire,
                                    fst_checksum_addresses(segment));
    fst_frame_look(segment, packet);
    return decoded;
}

enum fst_decoded fst_packet_decode(const struct fst_packet *packet, struct fst_fragments *fragments,
                                   struct fst_segment *segment, bool *reassembled)
{
    if (!fst_packet_decode_plain(packet, segment))
        return fst_packet_decode_in_order(packet, fragments, segment, reassembled);
    *reassembled = false;
    return FST_DECODED_TCP;
}
