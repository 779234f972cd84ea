/* SPDX-License-Identifier: MIT
 *
 * IPv6, RFC 8200. Each extension header is one step, so a chain of any length and order is walked
 * by the loop in packet.c and ends with the packet.
 */
#include "decode/ip6.h"

#include <string.h>

#include "decode/fragments.h"

fst_next fst_ip6_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, FST_IP6_HEADER_LEN);
    uint32_t payload_len;

    if (!header)
        return fst_decoding_short(decoding, FST_IP6_HEADER_LEN);
    if (header[0] >> 4 != 6)
        return FST_NEXT_END(FST_DECODED_MALFORMED);

    fst_ip6_fill(decoding->segment, header);
    /* Length 0 is a jumbogram, or a segment that the network card was to cut: as long as the frame
     * unless a jumbo payload option says otherwise. */
    payload_len = fst_be16(header + 4);
    decoding->zero_length = payload_len == 0;
    if (payload_len != 0)
        fst_decoding_set_length(decoding, payload_len);
    return FST_NEXT_IP(header[6]);
}

/* Takes an extension header off whose second octet is its length in 8 octets, the first 8 not
 * counted. NULL: not all there, and `*end` says how that ends. */
static const uint8_t *take_extension(struct fst_decoding *decoding, uint32_t *len, fst_next *end)
{
    const uint8_t *header = decoding->at;

    *len = 8;
    if (decoding->captured >= *len)
        *len = (header[1] + 1u) * 8;
    if (!fst_decoding_take(decoding, *len)) {
        *end = fst_decoding_cut(decoding, *len, decoding->captured > 0 && header[0] == FST_IP_TCP);
        return NULL;
    }
    return header;
}

#define OPTION_PAD1  0x00
#define OPTION_JUMBO 0xc2

/* The jumbo payload length, or 0 if there is none. */
static uint32_t jumbo_len(const uint8_t *header, uint32_t header_len)
{
    struct fst_bytes options = fst_bytes(header + 2, header_len - 2);

    while (options.left > 0 && !options.failed) {
        uint8_t type = fst_take_u8(&options);
        uint8_t len = type == OPTION_PAD1 ? 0 : fst_take_u8(&options);

        if (type == OPTION_JUMBO && len == 4)
            return fst_take_be32(&options);
        (void)fst_skip(&options, type == OPTION_PAD1 ? 0 : len);
    }
    return 0;
}

fst_next fst_ip6_hop_by_hop_decode(struct fst_decoding *decoding)
{
    uint32_t len, jumbo;
    fst_next end;
    const uint8_t *header = take_extension(decoding, &len, &end);

    if (!header)
        return end;
    jumbo = decoding->zero_length ? jumbo_len(header, len) : 0;
    if (jumbo != 0) {
        /* The option counts this header too: RFC 2675 section 2. A length past the end of the frame
         * is not believed, nor one that the IPv6 header had room for: section 3. */
        if (jumbo <= UINT16_MAX || jumbo - len > decoding->wire)
            return FST_NEXT_END(FST_DECODED_MALFORMED);
        fst_decoding_set_length(decoding, jumbo - len);
    }
    return FST_NEXT_IP(header[0]);
}

/* The last address of the route still to go, or NULL when the packet is past it or the type of
 * routing header tells none. `len` octets of header are there, a multiple of 8. */
static const uint8_t *final_destination(const uint8_t *header, uint32_t len)
{
    uint8_t type = header[2], segments_left = header[3];
    uint32_t addresses = (len - 8) / 16;

    if (segments_left == 0 || addresses == 0)
        return NULL;
    switch (type) {
    case 0: /* source route: RFC 2460 4.4 */
        return header + 8 + (size_t)16 * (addresses - 1);
    case 2: /* mobile node's home address: RFC 6275 6.4 */
    case 4: /* segment routing, the last one first: RFC 8754 2 */
        return header + 8;
    default:
        return NULL;
    }
}

/* A connection is with the final destination, as TCP's own checksum has it: RFC 8200 8.1. */
fst_next fst_ip6_routing_decode(struct fst_decoding *decoding)
{
    uint32_t len;
    fst_next end;
    const uint8_t *header = take_extension(decoding, &len, &end);
    const uint8_t *destination;

    if (!header)
        return end;
    destination = final_destination(header, len);
    if (destination)
        memcpy(decoding->segment->dst, destination, 16);
    return FST_NEXT_IP(header[0]);
}

fst_next fst_ip6_extension_decode(struct fst_decoding *decoding)
{
    uint32_t len;
    fst_next end;
    const uint8_t *header = take_extension(decoding, &len, &end);

    return header ? FST_NEXT_IP(header[0]) : end;
}

fst_next fst_ip6_fragment_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    struct fst_fragment piece = {0};
    uint16_t field;

    if (decoding->captured < 8)
        return fst_decoding_cut(decoding, 8, decoding->captured > 0 && header[0] == FST_IP_TCP);
    (void)fst_decoding_take(decoding, 8);
    field = fst_be16(header + 2);
    /* An atomic fragment is a whole datagram: RFC 6946. */
    if ((field & 0xfff9) == 0)
        return FST_NEXT_IP(header[0]);

    /* The next header is no part of the key, and the first fragment's counts: RFC 8200 4.5. */
    piece.id = fst_be32(header + 4);
    piece.protocol = header[0];
    piece.offset = field & 0xfff8u;
    piece.more = (field & 1) != 0;
    return fst_fragment_decode(decoding, &piece);
}

fst_next fst_ip_authentication_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    uint32_t len = 12; /* up to the sequence number; the check value varies */

    if (decoding->captured >= len)
        len = (header[1] + 2u) * 4;
    if (len < 12)
        return FST_NEXT_END(FST_DECODED_MALFORMED);
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_cut(decoding, len, decoding->captured > 0 && header[0] == FST_IP_TCP);
    return FST_NEXT_IP(header[0]);
}
