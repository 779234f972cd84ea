/* SPDX-License-Identifier: MIT
 *
 * Link headers, one function each; the tables at the end say which EtherType and which link type
 * each belongs to. A new link type is one function and one row. Nothing here looks at addresses.
 */
#include "decode/link.h"

#include "decode/wifi.h"
#include "flowstate/flowstate.h"

#define LINKTYPE_ETHERNET 1

/* ------------------------------------------------------------------------ Ethernet and 802.2 -- */

/* Below, the field is the length of an 802.3 frame: IEEE 802.3 3.2.6. */
#define ETHERTYPE_MIN 0x0600u

#define LLC_SNAP      0xaau
#define LLC_IP        0x06u
#define LLC_UI        0x03u /* unnumbered information */

/* IEEE 802.2 LLC: IP by its own service access point (RFC 948) or by SNAP (RFC 1042). */
fst_next fst_llc_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 3);
    const uint8_t *snap;

    if (!header)
        return fst_decoding_short(decoding, 3);
    if (header[0] == LLC_IP && header[2] == LLC_UI)
        return FST_ETHERTYPE_IP4;
    if (header[0] != LLC_SNAP || header[2] != LLC_UI)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);

    snap = fst_decoding_take(decoding, 5);
    if (!snap)
        return fst_decoding_short(decoding, 5);
    /* RFC 1042 has the organisation 00-00-00, 802.1H bridges have 00-00-F8. */
    if (snap[0] != 0 || snap[1] != 0 || (snap[2] != 0 && snap[2] != 0xf8))
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    return fst_be16(snap + 3);
}

static fst_next type_or_length(struct fst_decoding *decoding, const uint8_t *field)
{
    uint16_t type = fst_be16(field);

    return type >= ETHERTYPE_MIN ? type : fst_llc_decode(decoding);
}

static fst_next ethernet(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 14);

    if (!header)
        return fst_decoding_short(decoding, 14);
    return type_or_length(decoding, header + 12);
}

/* IEEE 802.1Q and 802.1ad. A tag with VLAN id 0 gives only a priority: the frame is as untagged. */
static fst_next vlan(struct fst_decoding *decoding)
{
    const uint8_t *tag = fst_decoding_take(decoding, 4);
    uint16_t id;

    if (!tag)
        return fst_decoding_short(decoding, 4);
    id = fst_be16(tag) & FST_VLAN_ID;
    if (id != 0)
        fst_decoding_tag(decoding, FST_TAG_VLAN, id);
    return type_or_length(decoding, tag + 2);
}

/* IEEE 802.1ah: priority and flags, the 24-bit service instance, then the customer's frame. */
static fst_next backbone_bridge(struct fst_decoding *decoding)
{
    const uint8_t *tag = fst_decoding_take(decoding, 4);

    if (!tag)
        return fst_decoding_short(decoding, 4);
    fst_decoding_tag(decoding, FST_TAG_TUNNEL, fst_be32(tag) & 0xffffff);
    return ethernet(decoding);
}

/* Cisco FabricPath: forwarding tag and hop count, then the frame as it entered the fabric. */
static fst_next fabric_path(struct fst_decoding *decoding)
{
    return fst_decoding_take(decoding, 2) ? ethernet(decoding) : fst_decoding_short(decoding, 2);
}

/* An IEEE 802.3br express packet: preamble and SMD-E, which is the usual start of frame. Fragments
 * of preemptable frames are not put together. */
static fst_next mpacket(struct fst_decoding *decoding)
{
    const uint8_t *preamble = fst_decoding_take(decoding, 8);

    if (!preamble)
        return fst_decoding_short(decoding, 8);
    return preamble[7] == 0xd5 ? ethernet(decoding) : FST_NEXT_END(FST_DECODED_NOT_TCP);
}

/* FDDI: frame control, two addresses, LLC. Other frame classes are for the ring itself. */
static fst_next fddi(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 13);

    if (!header)
        return fst_decoding_short(decoding, 13);
    return (header[0] & 0xf0) == 0x50 ? fst_llc_decode(decoding)
                                      : FST_NEXT_END(FST_DECODED_NOT_TCP);
}

/* ------------------------------------------------------------------------------- bare IP -- */

/* Neither the link type nor a header says which IP: the version field does. */
static fst_next ip_by_version(struct fst_decoding *decoding)
{
    if (decoding->captured == 0)
        return fst_decoding_short(decoding, 1);
    switch (decoding->at[0] >> 4) {
    case 4:
        return FST_ETHERTYPE_IP4;
    case 6:
        return FST_ETHERTYPE_IP6;
    default:
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    }
}

static fst_next ip4_only(struct fst_decoding *decoding)
{
    (void)decoding;
    return FST_ETHERTYPE_IP4;
}

static fst_next ip6_only(struct fst_decoding *decoding)
{
    (void)decoding;
    return FST_ETHERTYPE_IP6;
}

/* ------------------------------------------------------------------------------------ MPLS -- */

static bool is_known_ethertype(uint16_t type);

/* Whether an Ethernet header that leads to something known begins `offset` octets on. */
static bool looks_like_ethernet(const struct fst_decoding *decoding, uint32_t offset)
{
    return decoding->captured >= offset + 14 &&
           is_known_ethertype(fst_be16(decoding->at + offset + 12));
}

/* Assumes: below the last label is what the first half octet suggests. An Ethernet pseudowire may
 * start with a control word, whose first half octet is 0 (RFC 4448), or directly with the frame. */
static fst_next below_labels(struct fst_decoding *decoding)
{
    fst_next next = ip_by_version(decoding);

    if (next != FST_NEXT_END(FST_DECODED_NOT_TCP))
        return next;
    if (decoding->captured > 0 && decoding->at[0] >> 4 == 0 && looks_like_ethernet(decoding, 4)) {
        (void)fst_decoding_take(decoding, 4);
        return ethernet(decoding);
    }
    return looks_like_ethernet(decoding, 0) ? ethernet(decoding) : next;
}

/* RFC 3032 2.1. Labels are no part of what a connection is: a label switched path has one
 * direction, and the other one comes back with other labels or none. */
static fst_next mpls(struct fst_decoding *decoding)
{
    const uint8_t *entry;

    do { /* ends with the packet: each entry takes four octets */
        entry = fst_decoding_take(decoding, 4);
        if (!entry)
            return fst_decoding_short(decoding, 4);
    } while ((entry[2] & 0x01) == 0);
    return below_labels(decoding);
}

/* ---------------------------------------------------------------------------- PPP and HDLC -- */

#define PPP_ADDRESS     0xffu
#define PPP_CONTROL     0x03u
#define CHDLC_UNICAST   0x0fu
#define CHDLC_MULTICAST 0x8fu

/* RFC 1661 section 2. The protocol field is one octet if its low bit is set: RFC 1661 6.5. */
static fst_next ppp_protocol(struct fst_decoding *decoding)
{
    const uint8_t *first = fst_decoding_take(decoding, 1);
    const uint8_t *second;
    uint16_t protocol;

    if (!first)
        return fst_decoding_short(decoding, 1);
    protocol = *first;
    if ((*first & 0x01) == 0) {
        second = fst_decoding_take(decoding, 1);
        if (!second)
            return fst_decoding_short(decoding, 1);
        protocol = fst_be16(first);
    }

    switch (protocol) {
    case 0x0021:
        return FST_ETHERTYPE_IP4;
    case 0x0057:
        return FST_ETHERTYPE_IP6;
    case 0x0281:
    case 0x0283:
        return mpls(decoding);
    default:
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    }
}

/* Address and control are there with RFC 1662 framing, unless their compression was agreed on. */
static fst_next ppp(struct fst_decoding *decoding)
{
    if (decoding->captured >= 2 && decoding->at[0] == PPP_ADDRESS && decoding->at[1] == PPP_CONTROL)
        (void)fst_decoding_take(decoding, 2);
    return ppp_protocol(decoding);
}

/* Cisco HDLC, RFC 1547 4.3.1: address, control, EtherType. */
static fst_next cisco_hdlc(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 4);

    return header ? fst_be16(header + 2) : fst_decoding_short(decoding, 4);
}

static fst_next ppp_or_cisco_hdlc(struct fst_decoding *decoding)
{
    if (decoding->captured > 0 &&
        (decoding->at[0] == CHDLC_UNICAST || decoding->at[0] == CHDLC_MULTICAST))
        return cisco_hdlc(decoding);
    return ppp(decoding);
}

/* RFC 2516 section 4: version and type, code (0 once the session stands), session, length. */
static fst_next pppoe(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 6);

    if (!header)
        return fst_decoding_short(decoding, 6);
    if (header[0] != 0x11 || header[1] != 0)
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    fst_decoding_tag(decoding, FST_TAG_PPPOE, fst_be16(header + 2));
    return ppp_protocol(decoding);
}

/* ------------------------------------------------------------------------ loopback and Linux -- */

/* A BSD address family. IPv6 is 24 on NetBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux. */
static fst_next address_family(uint32_t family)
{
    switch (family) {
    case 2:
        return FST_ETHERTYPE_IP4;
    case 10:
    case 24:
    case 28:
    case 30:
        return FST_ETHERTYPE_IP6;
    default:
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    }
}

/* Four octets of address family, in the order of the host that wrote them (NULL) or of the network
 * (LOOP). No family looks like another one turned round, so either order is taken for both. */
static fst_next bsd_loopback(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 4);
    fst_next next;

    if (!header)
        return fst_decoding_short(decoding, 4);
    next = address_family(fst_le32(header));
    return next & FST_NEXT_IS_THE_END ? address_family(fst_be32(header)) : next;
}

/* Linux writes an EtherType, or a small number of its own for frames without one: 4 is 802.2. */
static fst_next linux_protocol(struct fst_decoding *decoding, uint16_t protocol)
{
    return protocol == 0x0004 ? fst_llc_decode(decoding) : protocol;
}

static fst_next linux_cooked(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 16);

    if (!header)
        return fst_decoding_short(decoding, 16);
    return linux_protocol(decoding, fst_be16(header + 14));
}

static fst_next linux_cooked_v2(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 20);

    if (!header)
        return fst_decoding_short(decoding, 20);
    return linux_protocol(decoding, fst_be16(header));
}

#define NFLOG_PAYLOAD 9

/* Netfilter log: family, version, resource, then attributes, each padded to four octets, whose
 * length and type are in the order of the host that wrote them. */
static fst_next nflog(struct fst_decoding *decoding)
{
    const uint8_t *header = fst_decoding_take(decoding, 4);
    uint32_t len, type, skip;
    bool little;

    if (!header || header[1] != 0)
        return header ? FST_NEXT_END(FST_DECODED_NOT_TCP) : fst_decoding_short(decoding, 4);

    while ((header = fst_decoding_take(decoding, 4)) != NULL) { /* four octets each: ends */
        /* Types stay far below 256, so one of the two octets is 0. */
        little = header[3] == 0;
        len = little ? fst_le16(header) : fst_be16(header);
        type = little ? header[2] : header[3];
        if (len < 4 || len - 4 > decoding->wire)
            return FST_NEXT_END(FST_DECODED_MALFORMED);
        if (type == NFLOG_PAYLOAD)
            return ip_by_version(decoding);
        skip = (len - 4 + 3) & ~3u;
        if (!fst_decoding_take(decoding, skip))
            return fst_decoding_short(decoding, skip);
    }
    return FST_NEXT_END(FST_DECODED_NOT_TCP);
}

/* ----------------------------------------------------------------- packet filters and MACsec -- */

/* The log of OpenBSD's packet filter. The first octet is the header's length without the padding to
 * a multiple of four, the second the address family; the rest is the rule that matched. */
static fst_next pflog(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    uint32_t len;

    if (decoding->captured < 4)
        return fst_decoding_short(decoding, 4);
    len = (header[0] + 3u) & ~3u;
    if (len < 4)
        return FST_NEXT_END(FST_DECODED_MALFORMED);
    return fst_decoding_take(decoding, len) ? address_family(header[1])
                                            : fst_decoding_short(decoding, len);
}

/* OpenBSD's encapsulation interface, which shows IPsec packets in clear: address family in the
 * order of the host, security parameter index, flags. */
static fst_next bsd_enc(struct fst_decoding *decoding)
{
    fst_next next = bsd_loopback(decoding);

    if (next & FST_NEXT_IS_THE_END)
        return next;
    return fst_decoding_take(decoding, 8) ? next : fst_decoding_short(decoding, 8);
}

#define MACSEC_VERSION 0x80u
#define MACSEC_SCI     0x20u /* the channel is named in eight octets more */
#define MACSEC_SECRET  0x0cu /* encrypted, or changed otherwise */

/* IEEE 802.1AE 9.3. A frame that is only authenticated can be read; its check value comes behind,
 * where IP's own length leaves it out. */
static fst_next macsec(struct fst_decoding *decoding)
{
    const uint8_t *tag = decoding->at;
    uint32_t len;

    if (decoding->captured < 6)
        return fst_decoding_short(decoding, 6);
    if (tag[0] & (MACSEC_VERSION | MACSEC_SECRET))
        return FST_NEXT_END(FST_DECODED_NOT_TCP);
    len = tag[0] & MACSEC_SCI ? 16 : 8; /* with the type of what follows */
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_short(decoding, len);
    return type_or_length(decoding, tag + len - 2);
}

/* ---------------------------------------------------------------------------------- tables -- */

static const struct {
    uint16_t type;
    fst_step *step; /* NULL: IP, which is not decoded here */
} ethertypes[] = {
    {FST_ETHERTYPE_IP4, NULL},
    {FST_ETHERTYPE_IP6, NULL},
    {FST_ETHERTYPE_VLAN, vlan}, /* 802.1Q */
    {0x88a8, vlan},             /* 802.1ad */
    {0x9100, vlan},             /* 802.1ad before it was standard */
    {0x9200, vlan},             /* the same */
    {0x9300, vlan},             /* the same */
    {0x8847, mpls},             /* unicast, or downstream-assigned label */
    {0x8848, mpls},             /* multicast, or upstream-assigned label */
    {0x8864, pppoe},            /* session stage */
    {0x88e7, backbone_bridge},  /* 802.1ah */
    {0x8903, fabric_path},
    {FST_ETHERTYPE_BRIDGED, ethernet},
    {FST_ETHERTYPE_PPP, ppp},
    {0x88e5, macsec}, /* 802.1AE */
};

static const struct {
    uint16_t type; /* LINKTYPE_ of tcpdump.org */
    fst_step *step;
} link_types[] = {
    {LINKTYPE_ETHERNET, ethernet},   /* ETHERNET */
    {0, bsd_loopback},               /* NULL */
    {9, ppp},                        /* PPP */
    {10, fddi},                      /* FDDI */
    {12, ip_by_version},             /* DLT_RAW of most systems, written by mistake */
    {14, ip_by_version},             /* DLT_RAW of OpenBSD, the same */
    {50, ppp_or_cisco_hdlc},         /* PPP_HDLC */
    {51, pppoe},                     /* PPP_ETHER */
    {101, ip_by_version},            /* RAW */
    {104, cisco_hdlc},               /* C_HDLC */
    {105, fst_wifi_decode},          /* IEEE802_11 */
    {108, bsd_loopback},             /* LOOP */
    {109, bsd_enc},                  /* ENC */
    {113, linux_cooked},             /* LINUX_SLL */
    {117, pflog},                    /* PFLOG */
    {119, fst_wifi_prism_decode},    /* IEEE802_11_PRISM */
    {127, fst_wifi_radiotap_decode}, /* IEEE802_11_RADIOTAP */
    {163, fst_wifi_avs_decode},      /* IEEE802_11_AVS */
    {192, fst_wifi_ppi_decode},      /* PPI */
    {228, ip4_only},                 /* IPV4 */
    {229, ip6_only},                 /* IPV6 */
    {239, nflog},                    /* NFLOG */
    {274, mpacket},                  /* ETHERNET_MPACKET */
    {276, linux_cooked_v2},          /* LINUX_SLL2 */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_known_ethertype(uint16_t type)
{
    for (size_t i = 0; i < COUNT(ethertypes); i++)
        if (ethertypes[i].type == type)
            return true;
    return false;
}

fst_next fst_ethertype_decode(uint16_t type, struct fst_decoding *decoding)
{
    for (size_t i = 0; i < COUNT(ethertypes); i++)
        if (ethertypes[i].type == type && ethertypes[i].step)
            return ethertypes[i].step(decoding);
    return FST_NEXT_END(FST_DECODED_NOT_TCP);
}

static fst_step *step_of(uint16_t link_type)
{
    for (size_t i = 0; i < COUNT(link_types); i++)
        if (link_types[i].type == link_type)
            return link_types[i].step;
    return NULL;
}

fst_next fst_link_decode(uint16_t link_type, struct fst_decoding *decoding)
{
    fst_step *step;

    if (link_type == LINKTYPE_ETHERNET) /* nearly every packet */
        return ethernet(decoding);
    step = step_of(link_type);
    return step ? step(decoding) : FST_NEXT_END(FST_DECODED_UNSUPPORTED);
}

bool fst_link_type_supported(uint16_t link_type)
{
    return step_of(link_type) != NULL;
}
