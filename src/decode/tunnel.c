/* SPDX-License-Identifier: MIT
 *
 * IP in IP and GRE. A tunnel's tag has to be equal for the two directions of what is inside, so it
 * is made of the pair of outer addresses or of a number that both ends use, never of a number that
 * each end picks for itself.
 */
#include "decode/tunnel.h"

/* ----------------------------------------------------------------------------- all tunnels -- */

fst_next fst_tunnel_enter(struct fst_decoding *decoding, uint32_t number, fst_next next)
{
    if (decoding->tunnels == FST_TUNNELS_MAX)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    decoding->tunnels++;
    fst_decoding_tag(decoding, FST_TAG_TUNNEL, number);
    return next;
}

/* Not keyed: it only has to tell tunnels apart that a capture has. */
uint32_t fst_tunnel_endpoints(const struct fst_segment *segment)
{
    uint32_t id = 0;

    for (size_t i = 0; i < sizeof(segment->src); i += 4) {
        uint32_t src = fst_be32(segment->src + i), dst = fst_be32(segment->dst + i);

        id = (id ^ (src ^ dst)) * 0x9e3779b1u;
        id = (id ^ (src + dst)) * 0x85ebca6bu;
        id ^= id >> 15;
    }
    return id;
}

/* ------------------------------------------------------------------------------- IP in IP -- */

fst_next fst_ip4_in_ip_decode(struct fst_decoding *decoding)
{
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment), FST_ETHERTYPE_IP4);
}

fst_next fst_ip6_in_ip_decode(struct fst_decoding *decoding)
{
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment), FST_ETHERTYPE_IP6);
}

/* ------------------------------------------------------------------------------------ GRE -- */

#define GRE_CHECKSUM    0x8000u
#define GRE_ROUTING     0x4000u
#define GRE_KEY         0x2000u
#define GRE_SEQUENCE    0x1000u
#define GRE_ACKNOWLEDGE 0x0080u /* version 1 */
#define GRE_VERSION     0x0007u

#define TYPE_ERSPAN     0x88beu
#define TYPE_ERSPAN_III 0x22ebu

/* What an encapsulated port mirror puts before the mirrored frame. The VLAN it tells is left out of
 * the tags: whether it tells one depends on the port, and the ports of the two directions differ.
 */
static fst_next erspan(struct fst_decoding *decoding, uint32_t len, uint8_t version)
{
    const uint8_t *header = fst_decoding_take(decoding, len);
    uint32_t session;

    if (!header)
        return fst_decoding_short(decoding, len);
    if (header[0] >> 4 != version)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    session = fst_be16(header + 2) & 0x3ff;
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment) ^ session,
                            FST_ETHERTYPE_BRIDGED);
}

/* Type I has no header of its own, and no GRE sequence number either. */
static fst_next erspan_i_or_ii(struct fst_decoding *decoding, uint16_t flags)
{
    if (flags & GRE_SEQUENCE)
        return erspan(decoding, 8, 1);
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment),
                            FST_ETHERTYPE_BRIDGED);
}

#define ERSPAN_III_LEN       12u
#define ERSPAN_III_SUBHEADER 8u
#define ERSPAN_III_OPTIONAL  0x01u /* in its last octet: the subheader is there */

static fst_next erspan_iii(struct fst_decoding *decoding)
{
    bool more = decoding->captured >= ERSPAN_III_LEN &&
                (decoding->at[ERSPAN_III_LEN - 1] & ERSPAN_III_OPTIONAL);

    return erspan(decoding, ERSPAN_III_LEN + (more ? ERSPAN_III_SUBHEADER : 0), 2);
}

/* The key of a bridged frame is a 24-bit segment number and 8 bits that only spread load: RFC 7637
 * section 3.2. Other keys name the tunnel. */
static uint32_t gre_number(const struct fst_decoding *decoding, uint32_t key, uint16_t type)
{
    return fst_tunnel_endpoints(decoding->segment) ^
           (type == FST_ETHERTYPE_BRIDGED ? key >> 8 : key);
}

static uint32_t gre_len(uint16_t flags)
{
    return 4 + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) +
           (flags & GRE_SEQUENCE ? 4 : 0);
}

/* RFC 2784 and RFC 2890. Source routes (RFC 1701) are not followed. */
static fst_next gre_v0(struct fst_decoding *decoding, const uint8_t *header)
{
    uint16_t flags = fst_be16(header), type = fst_be16(header + 2);
    uint32_t len = gre_len(flags), key = 0;

    if (flags & GRE_ROUTING)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_short(decoding, len);
    if (flags & GRE_KEY)
        key = fst_be32(header + (flags & GRE_CHECKSUM ? 8 : 4));

    switch (type) {
    case TYPE_ERSPAN:
        return erspan_i_or_ii(decoding, flags);
    case TYPE_ERSPAN_III:
        return erspan_iii(decoding);
    default:
        return fst_tunnel_enter(decoding, gre_number(decoding, key, type), type);
    }
}

/* PPTP, RFC 2637 section 4.1: the key is a length and a call id, which is the receiver's. A packet
 * without a sequence number carries nothing. */
static fst_next gre_v1(struct fst_decoding *decoding, const uint8_t *header)
{
    uint16_t flags = fst_be16(header), type = fst_be16(header + 2);
    uint32_t len = 12 + (flags & GRE_ACKNOWLEDGE ? 4 : 0);

    if (type != FST_ETHERTYPE_PPP ||
        (flags & (GRE_CHECKSUM | GRE_ROUTING | GRE_KEY | GRE_SEQUENCE)) != (GRE_KEY | GRE_SEQUENCE))
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_short(decoding, len);
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment), type);
}

fst_next fst_gre_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;

    if (decoding->captured < 4)
        return fst_decoding_short(decoding, 4);
    switch (fst_be16(header) & GRE_VERSION) {
    case 0:
        return gre_v0(decoding, header);
    case 1:
        return gre_v1(decoding, header);
    default:
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    }
}
