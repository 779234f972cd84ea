/* SPDX-License-Identifier: MIT
 *
 * Tunnels over UDP, one function and one row each. A port proves nothing: any client may have
 * picked it. So a header is believed only if all its fixed and reserved bits and its lengths are
 * right, and what is not believed is ordinary UDP, never malformed.
 */
#include "decode/udp.h"

#include "decode/tunnel.h"

#define NOT_A_TUNNEL FST_NEXT_END(FST_DECODED_NOT_TCP)

static uint32_t be24(const uint8_t *octets)
{
    return fst_be32(octets) >> 8;
}

/* ------------------------------------------------------------------ VXLAN, VXLAN-GPE, GENEVE -- */

#define VXLAN_VNI          0x08u /* the network's number is valid: always */
#define VXLAN_POLICY       0x80u /* the group policy extension is in use */
#define VXLAN_POLICY_BITS  0x48u
#define VXLAN_GPE_PROTOCOL 0x04u

/* RFC 7348 section 5. Of the extensions only group policy uses reserved bits of it. */
static bool is_vxlan(const uint8_t *header)
{
    if (header[0] == VXLAN_VNI)
        return header[1] == 0 && header[2] == 0 && header[3] == 0;
    return header[0] == (VXLAN_VNI | VXLAN_POLICY) && (header[1] & ~VXLAN_POLICY_BITS) == 0;
}

static fst_next vxlan(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 8);

    if (!header || !is_vxlan(header) || header[7] != 0)
        return NOT_A_TUNNEL;
    return fst_tunnel_enter(decoding, be24(header + 4), FST_ETHERTYPE_BRIDGED);
}

/* draft-ietf-nvo3-vxlan-gpe section 3. Without a protocol it is plain VXLAN. */
static fst_next vxlan_gpe(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    static const uint16_t protocols[] = {0, FST_ETHERTYPE_IP4, FST_ETHERTYPE_IP6,
                                         FST_ETHERTYPE_BRIDGED};

    if (decoding->captured >= 8 && header[0] == VXLAN_VNI)
        return vxlan(decoding);
    if (!fst_decoding_take(decoding, 8) || header[0] != (VXLAN_VNI | VXLAN_GPE_PROTOCOL) ||
        header[1] != 0 || header[2] != 0 || header[7] != 0)
        return NOT_A_TUNNEL;
    if (header[3] == 0 || header[3] >= sizeof(protocols) / sizeof(protocols[0]))
        return NOT_A_TUNNEL;
    return fst_tunnel_enter(decoding, be24(header + 4), protocols[header[3]]);
}

/* RFC 8926 section 3.4: version, option length in words; control and critical bit; type; number.
 * Options are stepped over, critical ones too: they are for the tunnel's end. */
static fst_next geneve(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 8);
    uint16_t type;

    if (!header || header[0] >> 6 != 0 || (header[1] & ~0x40) != 0 || header[7] != 0)
        return NOT_A_TUNNEL;
    type = fst_be16(header + 2);
    if (type != FST_ETHERTYPE_BRIDGED && type != FST_ETHERTYPE_IP4 && type != FST_ETHERTYPE_IP6)
        return NOT_A_TUNNEL;
    if (!fst_decoding_take(decoding, (header[0] & 0x3fu) * 4))
        return NOT_A_TUNNEL;
    return fst_tunnel_enter(decoding, be24(header + 4), type);
}

/* -------------------------------------------------------------------------------- IP inside -- */

/* What follows is IP of a version that its first octet tells, and nothing behind it. */
static fst_next ip_inside(const struct fst_decoding *decoding)
{
    if (decoding->captured < 6)
        return NOT_A_TUNNEL;
    switch (decoding->at[0] >> 4) {
    case 4:
        return fst_be16(decoding->at + 2) == decoding->wire ? FST_ETHERTYPE_IP4 : NOT_A_TUNNEL;
    case 6:
        return fst_be16(decoding->at + 4) + 40u == decoding->wire ? FST_ETHERTYPE_IP6
                                                                  : NOT_A_TUNNEL;
    default:
        return NOT_A_TUNNEL;
    }
}

#define GTP_V1        0x30u /* version 1, not charging; then a bit that is 0 */
#define GTP_V1_MASK   0xf8u
#define GTP_EXTENSION 0x04u
#define GTP_OPTIONAL  0x07u /* any of extension, sequence number, N-PDU number */
#define GTP_PACKET    255u  /* message type G-PDU: holds a user's packet */

/* 3GPP TS 29.281 section 5.2.1: a length in words, itself included, and the next one's type. */
static bool skip_gtp_extensions(struct fst_decoding *decoding, uint8_t type)
{
    while (type != 0) { /* ends: each takes at least four octets */
        const uint8_t *extension = decoding->at;
        uint32_t len;

        if (decoding->captured == 0 || extension[0] == 0)
            return false;
        len = extension[0] * 4u;
        if (!fst_decoding_take(decoding, len))
            return false;
        type = extension[len - 1];
    }
    return true;
}

/* 3GPP TS 29.281 section 5.1. Each end picks the tunnel id that it receives, so it is no tag. */
static fst_next gtp_u(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 8);
    const uint8_t *optional;
    fst_next next;

    if (!header || (header[0] & GTP_V1_MASK) != GTP_V1 || header[1] != GTP_PACKET ||
        fst_be16(header + 2) != decoding->wire)
        return NOT_A_TUNNEL;
    if (header[0] & GTP_OPTIONAL) {
        optional = fst_decoding_take(decoding, 4);
        if (!optional)
            return NOT_A_TUNNEL;
        if ((header[0] & GTP_EXTENSION) && !skip_gtp_extensions(decoding, optional[3]))
            return NOT_A_TUNNEL;
    }
    next = ip_inside(decoding);
    if (next & FST_NEXT_IS_THE_END)
        return next;
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment), next);
}

#define TEREDO_PREFIX         0x20010000u
#define TEREDO_ORIGIN         0x0000u
#define TEREDO_AUTHENTICATION 0x0001u

static bool is_teredo_address(const uint8_t *address)
{
    return fst_be32(address) == TEREDO_PREFIX;
}

/* RFC 4380 section 5.1.1: who vouches for the packet, then where it came from; both may be there.
 */
static bool skip_teredo_indications(struct fst_decoding *decoding)
{
    const uint8_t *at = decoding->at;

    if (decoding->captured >= 4 && fst_be16(at) == TEREDO_AUTHENTICATION &&
        !fst_decoding_take(decoding, 13u + at[2] + at[3]))
        return false;
    at = decoding->at;
    if (decoding->captured >= 2 && fst_be16(at) == TEREDO_ORIGIN)
        return fst_decoding_take(decoding, 8) != NULL;
    return true;
}

/* RFC 4380. The addresses inside hold the tunnel's end, so all of Teredo is one tunnel: a packet
 * and its answer may go through different relays. */
static fst_next teredo(struct fst_decoding *decoding)
{
    if (!skip_teredo_indications(decoding) || decoding->captured < 40 ||
        ip_inside(decoding) != FST_ETHERTYPE_IP6)
        return NOT_A_TUNNEL;
    if (!is_teredo_address(decoding->at + 8) && !is_teredo_address(decoding->at + 24))
        return NOT_A_TUNNEL;
    return fst_tunnel_enter(decoding, 0, FST_ETHERTYPE_IP6);
}

/* ----------------------------------------------------------------------------------- L2TP -- */

#define L2TP_CONTROL  0x8000u
#define L2TP_LENGTH   0x4000u
#define L2TP_SEQUENCE 0x0800u
#define L2TP_OFFSET   0x0200u
#define L2TP_PRIORITY 0x0100u
#define L2TP_VERSION  0x0002u /* the other bits are reserved */
#define L2TP_KNOWN    (L2TP_LENGTH | L2TP_SEQUENCE | L2TP_OFFSET | L2TP_PRIORITY)

static uint32_t l2tp_len(uint16_t flags)
{
    return 6 + (flags & L2TP_LENGTH ? 2 : 0) + (flags & L2TP_SEQUENCE ? 4 : 0);
}

/* RFC 2661 section 3.1, data messages. Tunnel and session are numbered by who receives. */
static fst_next l2tp(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at, *offset;
    uint32_t wire = decoding->wire;
    uint16_t flags;

    if (decoding->captured < 6)
        return NOT_A_TUNNEL;
    flags = fst_be16(header);
    if ((flags & ~L2TP_KNOWN) != L2TP_VERSION || !fst_decoding_take(decoding, l2tp_len(flags)))
        return NOT_A_TUNNEL;
    if ((flags & L2TP_LENGTH) && fst_be16(header + 2) != wire)
        return NOT_A_TUNNEL;
    if (flags & L2TP_OFFSET) {
        offset = fst_decoding_take(decoding, 2);
        if (!offset || !fst_decoding_take(decoding, fst_be16(offset)))
            return NOT_A_TUNNEL;
    }
    return fst_tunnel_enter(decoding, fst_tunnel_endpoints(decoding->segment), FST_ETHERTYPE_PPP);
}

/* ------------------------------------------------------------------------------------ UDP -- */

#define HEADER_LEN 8u

static const struct {
    uint16_t port;
    bool answers; /* packets come from the port too, to one of the other end's choice */
    fst_step *step;
} tunnels[] = {
    {4789, false, vxlan},     /* VXLAN */
    {8472, false, vxlan},     /* the port VXLAN had before it was given one; Linux's default */
    {4790, false, vxlan_gpe}, /* VXLAN-GPE */
    {6081, false, geneve},    /* GENEVE */
    {2152, false, gtp_u},     /* GTP-U */
    {1701, true, l2tp},       /* L2TP version 2 */
    {3544, true, teredo},     /* Teredo */
};

static fst_step *tunnel_of(const uint8_t *header)
{
    uint16_t src = fst_be16(header), dst = fst_be16(header + 2);

    for (size_t i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
        if (tunnels[i].port == dst || (tunnels[i].answers && tunnels[i].port == src))
            return tunnels[i].step;
    return NULL;
}

bool fst_udp_may_tunnel(const struct fst_decoding *decoding)
{
    return decoding->captured >= HEADER_LEN && tunnel_of(decoding->at) != NULL;
}

/* RFC 768. */
fst_next fst_udp_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, HEADER_LEN);
    fst_step *tunnel = header ? tunnel_of(header) : NULL;
    uint16_t len;

    if (!tunnel)
        return NOT_A_TUNNEL;
    len = fst_be16(header + 4);
    if (len < HEADER_LEN || len - HEADER_LEN > decoding->wire)
        return NOT_A_TUNNEL;
    fst_decoding_set_length(decoding, len - HEADER_LEN);
    return tunnel(decoding);
}
