/* SPDX-License-Identifier: MIT
 *
 * Link headers: each case puts one before the same IP packet.
 */
#include "support/frame_builder.h"
#include "support/unit.h"

#define MACS "020000000002 020000000001"
/* Eight octets of the many a header really has. */
#define PFLOG(len, family) len family "0001 656d3000"
#define VLAN               FST_TAG_VLAN
#define PPPOE              FST_TAG_PPPOE
#define TCP                FST_DECODED_TCP
#define NOT_TCP            FST_DECODED_NOT_TCP

static const struct {
    const char *what;
    uint16_t link_type;
    const char *header;
    int version;
    enum fst_decoded decoded;
    uint32_t tags[4];
} cases[] = {
    {"Ethernet, IPv4", 1, MACS "0800", 4, TCP, {0}},
    {"Ethernet, IPv6", 1, MACS "86dd", 6, TCP, {0}},
    {"Ethernet, ARP", 1, MACS "0806", 4, NOT_TCP, {0}},
    {"802.3, SNAP", 1, MACS "0030 aaaa03 000000 0800", 4, TCP, {0}},
    {"802.3, SNAP of a bridge", 1, MACS "0030 aaaa03 0000f8 86dd", 6, TCP, {0}},
    {"802.3, SNAP of another organisation", 1, MACS "0030 aaaa03 00000c 0800", 4, NOT_TCP, {0}},
    {"802.3, SNAP with a length for a type", 1, MACS "0030 aaaa03 000000 0030", 4, NOT_TCP, {0}},
    {"802.3, IP by its LLC address", 1, MACS "0030 060603", 4, TCP, {0}},
    {"802.3, spanning tree", 1, MACS "0030 424203", 4, NOT_TCP, {0}},
    {"802.1Q", 1, MACS "8100 6064 0800", 4, TCP, {VLAN | 100}},
    {"802.1Q, priority only", 1, MACS "8100 e000 0800", 4, TCP, {0}},
    {"802.1Q, SNAP inside", 1, MACS "8100 0064 0030 aaaa03 000000 0800", 4, TCP, {VLAN | 100}},
    {"802.1ad", 1, MACS "88a8 0064 8100 00c8 86dd", 6, TCP, {VLAN | 100, VLAN | 200}},
    {"three tags",
     1,
     MACS "9100 0001 9200 0002 9300 0003 0800",
     4,
     TCP,
     {VLAN | 1, VLAN | 2, VLAN | 3}},
    {"MPLS, IPv4", 1, MACS "8847 0001d13f", 4, TCP, {0}},
    {"MPLS, two labels, IPv6", 1, MACS "8848 0001d03f 0001e13f", 6, TCP, {0}},
    {"MPLS, pseudowire", 1, MACS "8847 0001d13f" MACS "0800", 4, TCP, {0}},
    {"MPLS, pseudowire, control word",
     1,
     MACS "8847 0001d13f 00000000" MACS "8100 0007 0800",
     4,
     TCP,
     {VLAN | 7}},
    {"MPLS, something else",
     1,
     MACS "8847 0001d13f 10000000 00000000 00000000 0000",
     4,
     NOT_TCP,
     {0}},
    {"PPPoE", 1, MACS "8864 1100 0007 0000 0021", 4, TCP, {PPPOE | 7}},
    {"PPPoE in a VLAN, short protocol",
     1,
     MACS "8100 0064 8864 1100 0007 0000 57",
     6,
     TCP,
     {VLAN | 100, PPPOE | 7}},
    {"PPPoE, not a session packet", 1, MACS "8864 11a7 0007 0000 0021", 4, NOT_TCP, {0}},
    {"PPPoE, another version", 1, MACS "8864 2100 0007 0000 0021", 4, NOT_TCP, {0}},
    {"802.1ah",
     1,
     MACS "88a8 0064 88e7 f0000123" MACS "8100 0007 0800",
     4,
     TCP,
     {VLAN | 100, FST_TAG_TUNNEL | 0x123, VLAN | 7}},
    {"FabricPath", 1, MACS "8903 0450" MACS "0800", 4, TCP, {0}},
    {"bridged Ethernet", 1, MACS "6558" MACS "0800", 4, TCP, {0}},
    {"PPP", 9, "0021", 4, TCP, {0}},
    {"PPP, framed", 9, "ff03 0057", 6, TCP, {0}},
    {"PPP, short protocol", 9, "21", 4, TCP, {0}},
    {"PPP, framed, short protocol", 9, "ff03 57", 6, TCP, {0}},
    {"PPP, MPLS", 9, "ff03 0281 0001d13f", 4, TCP, {0}},
    {"PPP, link control", 9, "ff03 c021", 4, NOT_TCP, {0}},
    {"PPP_HDLC, PPP", 50, "ff03 0021", 4, TCP, {0}},
    {"PPP_HDLC, Cisco", 50, "0f00 0800", 4, TCP, {0}},
    {"PPP_ETHER", 51, "1100 0007 0000 0021", 4, TCP, {PPPOE | 7}},
    {"Cisco HDLC", 104, "0f00 0800", 4, TCP, {0}},
    {"Cisco HDLC, multicast", 104, "8f00 86dd", 6, TCP, {0}},
    {"Cisco HDLC, SLARP", 104, "8f00 8035", 4, NOT_TCP, {0}},
    {"FDDI", 10, "57" MACS "aaaa03 000000 0800", 4, TCP, {0}},
    {"FDDI, station management", 10, "41" MACS "aaaa03 000000 0800", 4, NOT_TCP, {0}},
    {"RAW, IPv4", 101, "", 4, TCP, {0}},
    {"RAW, IPv6", 101, "", 6, TCP, {0}},
    {"RAW, neither", 101, "10", 4, NOT_TCP, {0}},
    {"RAW as DLT 12", 12, "", 6, TCP, {0}},
    {"RAW as DLT 14", 14, "", 4, TCP, {0}},
    {"IPV4", 228, "", 4, TCP, {0}},
    {"IPV4 with IPv6 inside", 228, "", 6, FST_DECODED_MALFORMED, {0}},
    {"IPV6", 229, "", 6, TCP, {0}},
    {"NULL, little-endian", 0, "02000000", 4, TCP, {0}},
    {"NULL, big-endian", 0, "00000002", 4, TCP, {0}},
    {"NULL, Linux IPv6", 0, "0a000000", 6, TCP, {0}},
    {"NULL, NetBSD IPv6", 0, "18000000", 6, TCP, {0}},
    {"NULL, FreeBSD IPv6", 0, "0000001c", 6, TCP, {0}},
    {"NULL, macOS IPv6", 0, "1e000000", 6, TCP, {0}},
    {"NULL, another family", 0, "07000000", 4, NOT_TCP, {0}},
    {"LOOP", 108, "00000002", 4, TCP, {0}},
    {"LOOP, IPv6", 108, "0000001e", 6, TCP, {0}},
    {"LINUX_SLL", 113, "0000 0001 0006 020000000001 0000 0800", 4, TCP, {0}},
    {"LINUX_SLL, VLAN",
     113,
     "0000 0001 0006 020000000001 0000 8100 0064 86dd",
     6,
     TCP,
     {VLAN | 100}},
    {"LINUX_SLL, 802.2",
     113,
     "0000 0001 0006 020000000001 0000 0004 aaaa03 000000 0800",
     4,
     TCP,
     {0}},
    {"LINUX_SLL2", 276, "0800 0000 00000003 0001 00 06 020000000001 0000", 4, TCP, {0}},
    {"NFLOG, little-endian", 239, "02 00 0000 0500 0a00 00000000 2c00 0900", 4, TCP, {0}},
    {"NFLOG, big-endian, padding", 239, "0a 00 0000 0006 000f 00010000 0040 0009", 6, TCP, {0}},
    {"NFLOG, attribute too short", 239, "02 00 0000 0300 0900", 4, FST_DECODED_MALFORMED, {0}},
    {"NFLOG, attribute too long", 239, "02 00 0000 ff0f 0900", 4, FST_DECODED_MALFORMED, {0}},
    {"NFLOG, another version", 239, "02 01 0000 2c00 0900", 4, NOT_TCP, {0}},
    {"mPacket", 274, "55555555555555d5" MACS "0800", 4, TCP, {0}},
    {"mPacket, fragment", 274, "5555555555555561" MACS "0800", 4, NOT_TCP, {0}},
    {"MACsec, authenticated only", 1, MACS "88e5 00 1e 00000001 0800", 4, TCP, {0}},
    {"MACsec with its channel, VLAN",
     1,
     MACS "88e5 20 00 00000001 0200000000010001 8100 0064 86dd",
     6,
     TCP,
     {VLAN | 100}},
    {"MACsec, encrypted", 1, MACS "88e5 0c 00 00000001 0800", 4, NOT_TCP, {0}},
    {"MACsec, changed text", 1, MACS "88e5 04 00 00000001 0800", 4, NOT_TCP, {0}},
    {"MACsec, another version", 1, MACS "88e5 80 00 00000001 0800", 4, NOT_TCP, {0}},
    {"PPP over Ethernet's type", 1, MACS "880b ff03 0021", 4, TCP, {0}},
    {"ENC", 109, "02000000 00001234 00000000", 4, TCP, {0}},
    {"ENC, IPv6, big-endian", 109, "00000018 00001234 00000000", 6, TCP, {0}},
    {"ENC, another family", 109, "07000000 00001234 00000000", 4, NOT_TCP, {0}},
    {"PFLOG, OpenBSD", 117, PFLOG("08", "18"), 6, TCP, {0}},
    {"PFLOG, length without padding", 117, PFLOG("05", "02"), 4, TCP, {0}},
    {"PFLOG, another family", 117, PFLOG("08", "07"), 4, NOT_TCP, {0}},
    {"PFLOG, no length", 117, PFLOG("00", "02"), 4, FST_DECODED_MALFORMED, {0}},
    {"not understood", 189, MACS "0800", 4, FST_DECODED_UNSUPPORTED, {0}},
};

static void link_headers_lead_to_ip(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *what = cases[i].what;
        size_t tag_count = 0;

        frame_build(&frame, cases[i].header, cases[i].version, "", 0);
        CHECK(what, frame_decode_simple(&frame, cases[i].link_type, &segment), cases[i].decoded);
        CHECK(what, fst_link_type_supported(cases[i].link_type),
              cases[i].decoded != FST_DECODED_UNSUPPORTED);
        if (cases[i].decoded != FST_DECODED_TCP)
            continue;
        CHECK(what, segment.seq, FRAME_SEQ);
        CHECK(what, segment.ipv6, cases[i].version == 6);
        CHECK(what, segment.checksum, FST_CHECKSUM_GOOD);
        for (; tag_count < COUNT(cases[i].tags) && cases[i].tags[tag_count]; tag_count++)
            CHECK(what, segment.tags[tag_count], cases[i].tags[tag_count]);
        CHECK(what, segment.tag_count, tag_count);
    }
}

/* More tags than there are slots: the last slot still tells two stacks apart. */
static void deep_stacks_differ_in_the_last_tag(void **state)
{
    static const char *const stacks[] = {
        MACS "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 8100 0006 8100 0007 8100 0008 0800",
        MACS "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 8100 0006 8100 0009 8100 0008 0800",
    };
    static struct frame frame;
    struct fst_segment segments[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        frame_build(&frame, stacks[i], 4, "", 0);
        CHECK(stacks[i], frame_decode_simple(&frame, 1, &segments[i]), FST_DECODED_TCP);
        CHECK(stacks[i], segments[i].tag_count, FST_TAGS_MAX);
        CHECK(stacks[i], segments[i].tags[FST_TAGS_MAX - 1] & ~FST_TAG_VALUE, FST_TAG_VLAN);
    }
    assert_memory_equal(segments[0].tags, segments[1].tags,
                        (FST_TAGS_MAX - 1) * sizeof(segments[0].tags[0]));
    assert_int_not_equal(segments[0].tags[FST_TAGS_MAX - 1], segments[1].tags[FST_TAGS_MAX - 1]);
}

/* A header that the packet is too short for is malformed; one cut by the snap length says nothing.
 */
static void short_headers(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t link_len;

        if (cases[i].decoded != FST_DECODED_TCP)
            continue;
        frame.len = 0;
        frame_hex(&frame, cases[i].header);
        link_len = frame.len;
        frame_build(&frame, cases[i].header, cases[i].version, "", 0);
        packet = frame_packet(&frame, cases[i].link_type);
        for (size_t len = 0; len < link_len; len++) {
            packet.captured_len = (uint32_t)len;
            CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled),
                  FST_DECODED_NOT_TCP);
        }
        packet.captured_len = packet.original_len = 0;
        CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled),
              FST_DECODED_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_headers_lead_to_ip),
        cmocka_unit_test(deep_stacks_differ_in_the_last_tag),
        cmocka_unit_test(short_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
