/* SPDX-License-Identifier: MIT
 *
 * Tunnels. Each case is an outer IP packet with a tunnel's headers and the usual IP packet with TCP
 * inside; `from` to `to` of the outer headers are worked out, everything else is in hex.
 */
#include "decode/tunnel.h"

#include <string.h>

#include "support/frame_builder.h"
#include "support/unit.h"

#define RAW       101
#define UDP       17
#define GRE       47

#define TCP       FST_DECODED_TCP
#define NOT_TCP   FST_DECODED_NOT_TCP
#define MALFORMED FST_DECODED_MALFORMED

#define MACS      "020000000002 020000000001"
#define FRAME     MACS "0800"
#define TEREDO    0x0101 /* the address inside for frames that need one of Teredo's */

/* Numbers the outer pair of addresses, wherever what. */
#define BY_ENDPOINTS 0xffffffffu

static const struct {
    const char *what;
    uint8_t protocol;
    uint16_t src_port, dst_port; /* of UDP */
    const char *header;
    int version; /* of the IP inside */
    enum fst_decoded decoded;
    uint32_t number; /* the tag, without its kind */
} cases[] = {
    {"IPv4 in IP", 4, 0, 0, "", 4, TCP, BY_ENDPOINTS},
    {"IPv6 in IP", 41, 0, 0, "", 6, TCP, BY_ENDPOINTS},

    {"GRE, IPv4", GRE, 0, 0, "0000 0800", 4, TCP, BY_ENDPOINTS},
    {"GRE, IPv6", GRE, 0, 0, "0000 86dd", 6, TCP, BY_ENDPOINTS},
    {"GRE, checksum", GRE, 0, 0, "8000 0800 12340000", 4, TCP, BY_ENDPOINTS},
    {"GRE, key of 0", GRE, 0, 0, "2000 0800 00000000", 4, TCP, BY_ENDPOINTS},
    {"GRE, sequence", GRE, 0, 0, "1000 0800 00000007", 4, TCP, BY_ENDPOINTS},
    {"GRE, all", GRE, 0, 0, "b000 0800 12340000 00000000 00000007", 4, TCP, BY_ENDPOINTS},
    {"GRE, source route", GRE, 0, 0, "4000 0800 12340000", 4, NOT_TCP, 0},
    {"GRE, version 2", GRE, 0, 0, "0002 0800", 4, NOT_TCP, 0},
    {"GRE, another protocol", GRE, 0, 0, "0000 0806", 4, NOT_TCP, 0},
    {"GRE, keep-alive", GRE, 0, 0, "0000 0000", 4, NOT_TCP, 0},
    {"GRE, bridged", GRE, 0, 0, "0000 6558" FRAME, 4, TCP, BY_ENDPOINTS},
    {"NVGRE, any flow id", GRE, 0, 0, "2000 6558 000000ff" FRAME, 4, TCP, BY_ENDPOINTS},
    {"GRE, MPLS", GRE, 0, 0, "0000 8847 0001d13f", 4, TCP, BY_ENDPOINTS},
    {"PPTP", GRE, 0, 0, "3001 880b 0040 1234 00000007 ff03 0021", 4, TCP, BY_ENDPOINTS},
    {"PPTP, acknowledgment", GRE, 0, 0, "3081 880b 0040 1234 00000007 00000001 57", 6, TCP,
     BY_ENDPOINTS},
    {"PPTP, only acknowledgment", GRE, 0, 0, "2081 880b 0000 1234 00000001", 4, NOT_TCP, 0},
    {"PPTP, no key", GRE, 0, 0, "1001 880b 00000007 ff03 0021", 4, NOT_TCP, 0},
    {"PPTP, another protocol", GRE, 0, 0, "3001 0800 0040 1234 00000007", 4, NOT_TCP, 0},
    {"ERSPAN I", GRE, 0, 0, "0000 88be" FRAME, 4, TCP, BY_ENDPOINTS},
    {"ERSPAN II", GRE, 0, 0, "1000 88be 00000007 1001 0000 00000000" FRAME, 4, TCP, BY_ENDPOINTS},
    {"ERSPAN II, another version", GRE, 0, 0, "1000 88be 00000007 2001 0000 00000000" FRAME, 4,
     NOT_TCP, 0},
    {"ERSPAN III", GRE, 0, 0, "1000 22eb 00000007 2001 0000 00000000 00000000" FRAME, 4, TCP,
     BY_ENDPOINTS},
    {"ERSPAN III, subheader", GRE, 0, 0,
     "1000 22eb 00000007 2001 0000 00000000 00000001 0000000000000000" FRAME, 4, TCP, BY_ENDPOINTS},
    {"ERSPAN III, another version", GRE, 0, 0,
     "1000 22eb 00000007 1001 0000 00000000 00000000" FRAME, 4, NOT_TCP, 0},

    {"VXLAN", UDP, 50000, 4789, "08000000 00012300" FRAME, 4, TCP, 0x123},
    {"VXLAN, old port", UDP, 50000, 8472, "08000000 00012300" FRAME, 4, TCP, 0x123},
    {"VXLAN, group policy", UDP, 50000, 4789, "88480007 00012300" FRAME, 4, TCP, 0x123},
    {"VXLAN, IPv6", UDP, 50000, 4789, "08000000 ffffff00" MACS "86dd", 6, TCP, 0xffffff},
    {"VXLAN, VLAN", UDP, 50000, 4789, "08000000 00012300" MACS "8100 e000 0800", 4, TCP, 0x123},
    {"VXLAN, no number", UDP, 50000, 4789, "00000000 00012300" FRAME, 4, NOT_TCP, 0},
    {"VXLAN, reserved flag", UDP, 50000, 4789, "09000000 00012300" FRAME, 4, NOT_TCP, 0},
    {"VXLAN, reserved octets", UDP, 50000, 4789, "08000100 00012300" FRAME, 4, NOT_TCP, 0},
    {"VXLAN, policy's reserved bits", UDP, 50000, 4789, "88010007 00012300" FRAME, 4, NOT_TCP, 0},
    {"VXLAN, last octet", UDP, 50000, 4789, "08000000 00012301" FRAME, 4, NOT_TCP, 0},
    {"VXLAN from the port", UDP, 4789, 50000, "08000000 00012300" FRAME, 4, NOT_TCP, 0},
    {"VXLAN to another port", UDP, 50000, 4788, "08000000 00012300" FRAME, 4, NOT_TCP, 0},

    {"VXLAN-GPE, IPv4", UDP, 50000, 4790, "0c000001 00012300", 4, TCP, 0x123},
    {"VXLAN-GPE, IPv6", UDP, 50000, 4790, "0c000002 00012300", 6, TCP, 0x123},
    {"VXLAN-GPE, Ethernet", UDP, 50000, 4790, "0c000003 00012300" FRAME, 4, TCP, 0x123},
    {"VXLAN-GPE, no protocol told", UDP, 50000, 4790, "08000000 00012300" FRAME, 4, TCP, 0x123},
    {"VXLAN-GPE, service header", UDP, 50000, 4790, "0c000004 00012300", 4, NOT_TCP, 0},
    {"VXLAN-GPE, protocol 0", UDP, 50000, 4790, "0c000000 00012300", 4, NOT_TCP, 0},
    {"VXLAN-GPE, maintenance", UDP, 50000, 4790, "0d000001 00012300", 4, NOT_TCP, 0},
    {"VXLAN-GPE, version 1", UDP, 50000, 4790, "1c000001 00012300", 4, NOT_TCP, 0},
    {"VXLAN-GPE, reserved octets", UDP, 50000, 4790, "0c010001 00012300", 4, NOT_TCP, 0},
    {"VXLAN-GPE, last octet", UDP, 50000, 4790, "0c000001 00012301", 4, NOT_TCP, 0},

    {"GENEVE", UDP, 50000, 6081, "0000 6558 00012300" FRAME, 4, TCP, 0x123},
    {"GENEVE, IPv4", UDP, 50000, 6081, "0000 0800 00012300", 4, TCP, 0x123},
    {"GENEVE, IPv6, critical option", UDP, 50000, 6081, "0240 86dd 00012300 0102 80 01 00000000", 6,
     TCP, 0x123},
    {"GENEVE, control", UDP, 50000, 6081, "0080 6558 00012300" FRAME, 4, NOT_TCP, 0},
    {"GENEVE, reserved bits", UDP, 50000, 6081, "0001 6558 00012300" FRAME, 4, NOT_TCP, 0},
    {"GENEVE, version 1", UDP, 50000, 6081, "4000 6558 00012300" FRAME, 4, NOT_TCP, 0},
    {"GENEVE, last octet", UDP, 50000, 6081, "0000 6558 00012301" FRAME, 4, NOT_TCP, 0},
    {"GENEVE, another protocol", UDP, 50000, 6081, "0000 0806 00012300" FRAME, 4, NOT_TCP, 0},
    {"GENEVE, options past the end", UDP, 50000, 6081, "3f00 0800 00012300", 4, NOT_TCP, 0},

    /* The packet inside has 40 octets with IPv4, 60 with IPv6. */
    {"GTP-U, IPv4", UDP, 2152, 2152, "30ff 0028 12345678", 4, TCP, BY_ENDPOINTS},
    {"GTP-U, IPv6", UDP, 50000, 2152, "30ff 003c 12345678", 6, TCP, BY_ENDPOINTS},
    {"GTP-U, sequence", UDP, 2152, 2152, "32ff 002c 12345678 00070000", 4, TCP, BY_ENDPOINTS},
    {"GTP-U, N-PDU number", UDP, 2152, 2152, "31ff 002c 12345678 00000100", 4, TCP, BY_ENDPOINTS},
    {"GTP-U, extension", UDP, 2152, 2152, "34ff 0030 12345678 00000085 01100900", 4, TCP,
     BY_ENDPOINTS},
    {"GTP-U, extensions", UDP, 2152, 2152, "34ff 0038 12345678 00000085 011009c0 0200000000000000",
     4, TCP, BY_ENDPOINTS},
    {"GTP-U, extension bit, none there", UDP, 2152, 2152, "34ff 002c 12345678 00000000", 4, TCP,
     BY_ENDPOINTS},
    {"GTP-U, type without the bit", UDP, 2152, 2152, "32ff 002c 12345678 00000085", 4, TCP,
     BY_ENDPOINTS},
    {"GTP-U, extension of no length", UDP, 2152, 2152, "34ff 0030 12345678 00000085 00100900", 4,
     NOT_TCP, 0},
    {"GTP-U, extension past the end", UDP, 2152, 2152, "34ff 0030 12345678 00000085 ff100900", 4,
     NOT_TCP, 0},
    {"GTP-U, echo", UDP, 2152, 2152, "3001 0028 12345678", 4, NOT_TCP, 0},
    {"GTP-U, charging", UDP, 2152, 2152, "20ff 0028 12345678", 4, NOT_TCP, 0},
    {"GTP-U, version 2", UDP, 2152, 2152, "50ff 0028 12345678", 4, NOT_TCP, 0},
    {"GTP-U, spare bit", UDP, 2152, 2152, "38ff 0028 12345678", 4, NOT_TCP, 0},
    {"GTP-U, another length", UDP, 2152, 2152, "30ff 0029 12345678", 4, NOT_TCP, 0},
    {"GTP-U, not IP", UDP, 2152, 2152, "30ff 0029 12345678 00", 4, NOT_TCP, 0},
    {"GTP-U, octets before IP", UDP, 2152, 2152, "30ff 0029 12345678 45", 4, NOT_TCP, 0},
    {"GTP-U from the port", UDP, 2152, 50000, "30ff 0028 12345678", 4, NOT_TCP, 0},

    {"L2TP", UDP, 1701, 1701, "0002 0001 0002 ff03 0021", 4, TCP, BY_ENDPOINTS},
    {"L2TP, to a port of its choice", UDP, 1701, 50000, "0002 0001 0002 ff03 0021", 4, TCP,
     BY_ENDPOINTS},
    {"L2TP, length", UDP, 50000, 1701, "4002 0034 0001 0002 ff03 0057", 4, MALFORMED, BY_ENDPOINTS},
    {"L2TP, length, IPv4", UDP, 50000, 1701, "4002 0034 0001 0002 ff03 0021", 4, TCP, BY_ENDPOINTS},
    {"L2TP, all", UDP, 1701, 1701, "4b02 0038 0001 0002 0007 0000 0002 0000 21", 4, NOT_TCP, 0},
    {"L2TP, all, right length", UDP, 1701, 1701, "4b02 0039 0001 0002 0007 0000 0002 0000 21", 4,
     TCP, BY_ENDPOINTS},
    {"L2TP, offset past the end", UDP, 1701, 1701, "0202 0001 0002 ff00 21", 4, NOT_TCP, 0},
    {"L2TP, control", UDP, 1701, 1701, "c802 0034 0001 0002 0000 0000", 4, NOT_TCP, 0},
    {"L2TP, version 3", UDP, 1701, 1701, "0003 0001 0002 ff03 0021", 4, NOT_TCP, 0},
    {"L2TP, reserved bit", UDP, 1701, 1701, "0012 0001 0002 ff03 0021", 4, NOT_TCP, 0},

    {"Teredo", UDP, 50000, 3544, "", TEREDO, TCP, 0},
    {"Teredo, from the port", UDP, 3544, 50000, "", TEREDO, TCP, 0},
    {"Teredo, origin", UDP, 3544, 50000, "0000 1234 f5fffffe", TEREDO, TCP, 0},
    {"Teredo, authentication", UDP, 3544, 50000, "0001 0000 0000000000000000 00", TEREDO, TCP, 0},
    {"Teredo, authentication with names, origin", UDP, 3544, 50000,
     "0001 0102 01 0202 0000000000000000 00 0000 1234 f5fffffe", TEREDO, TCP, 0},
    {"Teredo, other addresses", UDP, 50000, 3544, "", 6, NOT_TCP, 0},
    {"Teredo, IPv4", UDP, 50000, 3544, "", 4, NOT_TCP, 0},
    {"Teredo, octets before IP", UDP, 50000, 3544, "60", TEREDO, NOT_TCP, 0},

    {"another port", UDP, 50000, 53, "", 4, NOT_TCP, 0},
};

static size_t append_inside(struct frame *frame, int version)
{
    size_t ip = version == 4 ? frame_ip4(frame, 6) : frame_ip6(frame, 6), tcp;

    if (version == TEREDO)
        frame_set16(frame, ip + 10, 0); /* 2001:db8:: becomes 2001:: */
    tcp = frame_tcp(frame, "", 0);
    frame_end_ip(frame, ip);
    frame_checksum(frame, ip, tcp);
    return ip;
}

/* The case's packet in an outer one of that IP version, addresses turned round if `back`. Returns
 * where the packet inside begins. */
static size_t build(struct frame *frame, size_t i, int outer_version, bool back)
{
    size_t outer, udp, inside;

    frame->len = 0;
    outer = outer_version == 6 ? frame_ip6(frame, cases[i].protocol)
                               : frame_ip4(frame, cases[i].protocol);
    if (back && outer_version == 6) {
        frame->octets[outer + 23] = 2;
        frame->octets[outer + 39] = 1;
    } else if (back) {
        frame->octets[outer + 15] = 2;
        frame->octets[outer + 19] = 1;
    }
    udp = frame->len;
    if (cases[i].protocol == UDP) {
        frame_hex(frame, "0000 0000 0000 0000");
        frame_set16(frame, udp, cases[i].src_port);
        frame_set16(frame, udp + 2, cases[i].dst_port);
    }
    frame_hex(frame, cases[i].header);
    inside = append_inside(frame, cases[i].version);
    frame_end_ip(frame, outer);
    if (cases[i].protocol == UDP)
        frame_set16(frame, udp + 4, (uint16_t)(frame->len - udp));
    return inside;
}

static void tunnels_lead_to_what_is_inside(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int version = 4; version <= 6; version += 2) {
            const char *what = cases[i].what;

            build(&frame, i, version, false);
            CHECK(what, frame_decode_simple(&frame, RAW, &segment), cases[i].decoded);
            if (cases[i].decoded != TCP)
                continue;
            CHECK(what, segment.seq, FRAME_SEQ);
            CHECK(what, segment.src_port, FRAME_SRC_PORT);
            CHECK(what, segment.ipv6, cases[i].version != 4);
            CHECK(what, segment.checksum, FST_CHECKSUM_GOOD);
            CHECK(what, segment.tag_count, 1);
            CHECK(what, segment.tags[0] & ~FST_TAG_VALUE, FST_TAG_TUNNEL);
            if (cases[i].number != BY_ENDPOINTS)
                CHECK(what, segment.tags[0] & FST_TAG_VALUE, cases[i].number);
        }
    }
}

/* The two directions of a connection have the same tag, and another pair of ends has another one
 * unless the tunnel has a number. */
static void tags_name_the_tunnel(void **state)
{
    static struct frame frame;
    struct fst_segment there, back, elsewhere;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cases[i].decoded != TCP)
            continue;
        build(&frame, i, 4, false);
        CHECK(cases[i].what, frame_decode_simple(&frame, RAW, &there), TCP);
        frame.octets[19] = 3;
        CHECK(cases[i].what, frame_decode_simple(&frame, RAW, &elsewhere), TCP);
        build(&frame, i, 4, true);
        CHECK(cases[i].what, frame_decode_simple(&frame, RAW, &back), TCP);
        CHECK(cases[i].what, there.tags[0], back.tags[0]);
        CHECK(cases[i].what, there.tags[0] != elsewhere.tags[0], cases[i].number == BY_ENDPOINTS);
    }
}

static uint32_t tag_of(const char *gre_header)
{
    static struct frame frame;
    struct fst_segment segment;
    size_t outer;

    frame.len = 0;
    outer = frame_ip4(&frame, GRE);
    frame_hex(&frame, gre_header);
    append_inside(&frame, 4);
    frame_end_ip(&frame, outer);
    CHECK(gre_header, frame_decode_simple(&frame, RAW, &segment), TCP);
    return segment.tags[0];
}

/* Tunnels between the same two hosts are told apart by what names them, and only by that. */
static void keys_name_the_tunnel(void **state)
{
    (void)state;
    assert_int_not_equal(tag_of("2000 0800 00000001"), tag_of("2000 0800 00000002"));
    assert_int_equal(tag_of("2000 0800 00000001"), tag_of("b000 0800 12340000 00000001 00000007"));
    assert_int_not_equal(tag_of("2000 6558 00000100" FRAME), tag_of("2000 6558 00000200" FRAME));
    assert_int_equal(tag_of("2000 6558 00000101" FRAME), tag_of("2000 6558 000001fe" FRAME));
    assert_int_not_equal(tag_of("1000 88be 00000007 1001 0001 00000000" FRAME),
                         tag_of("1000 88be 00000007 1001 0002 00000000" FRAME));
    assert_int_equal(tag_of("1000 88be 00000007 1001 0001 00000000" FRAME),
                     tag_of("1000 88be 00000009 1002 0401 00012345" FRAME));
    assert_int_equal(tag_of("3001 880b 0040 0001 00000007 0021"),
                     tag_of("3001 880b 0040 0002 00000009 0021"));
}

/* What the snap length hides may hide the segment, never change it; a short packet is no fault. */
static void cut_anywhere(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t inside = build(&frame, i, 4, false);

        packet = frame_packet(&frame, RAW);
        for (uint32_t len = 0; len < frame.len && cases[i].decoded == TCP; len++) {
            enum fst_decoded decoded;

            packet.captured_len = len;
            decoded = frame_decode(&packet, NULL, &segment, &reassembled);
            CHECK(cases[i].what, len > inside || decoded == NOT_TCP, true);
            CHECK(cases[i].what, decoded == NOT_TCP || decoded == FST_DECODED_CUT, true);
        }
        for (uint32_t len = 0; len < frame.len; len++) {
            packet.captured_len = packet.original_len = len;
            (void)frame_decode(&packet, NULL, &segment, &reassembled);
        }
    }
}

/* Ordinary UDP on a tunnel's port is never called malformed, however little there is of it. */
static void ordinary_udp_is_not_malformed(void **state)
{
    static const uint16_t ports[] = {4789, 8472, 4790, 6081, 2152, 1701, 3544};
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(ports); i++) {
        for (unsigned len = 0; len < 64; len++) {
            size_t ip, udp;

            frame.len = 0;
            ip = frame_ip4(&frame, UDP);
            udp = frame.len;
            frame_hex(&frame, "c350 0000 0000 0000");
            frame_set16(&frame, udp + 2, ports[i]);
            frame_set16(&frame, udp + 4, (uint16_t)(8 + len));
            for (unsigned at = 0; at < len; at++)
                frame_octets(&frame, "~", 1);
            frame_end_ip(&frame, ip);
            CHECK("ordinary UDP", frame_decode_simple(&frame, RAW, &segment), NOT_TCP);
        }
    }
}

/* A UDP length that IP has no room for, or none for the header, makes it no tunnel. */
static void udp_lengths(void **state)
{
    static const struct {
        const char *what;
        int more;
        enum fst_decoded decoded;
    } lengths[] = {{"right", 0, TCP}, {"past IP", 1, NOT_TCP}};
    static struct frame frame;
    struct fst_segment segment;
    size_t vxlan = 0;

    (void)state;
    while (strcmp(cases[vxlan].what, "VXLAN") != 0)
        vxlan++;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        build(&frame, vxlan, 4, false);
        frame_set16(&frame, 24, (uint16_t)(frame.len - 20 + (size_t)lengths[i].more));
        CHECK(lengths[i].what, frame_decode_simple(&frame, RAW, &segment), lengths[i].decoded);
    }
    for (uint16_t len = 0; len < 16; len++) {
        build(&frame, vxlan, 4, false);
        frame_set16(&frame, 24, len);
        CHECK("short", frame_decode_simple(&frame, RAW, &segment), NOT_TCP);
    }
}

/* IP in IP, so many times. */
static enum fst_decoded decode_nested(unsigned depth)
{
    static struct frame frame;
    struct fst_segment segment;
    size_t starts[2 * FST_TUNNELS_MAX];

    frame.len = 0;
    for (unsigned i = 0; i < depth; i++)
        starts[i] = frame_ip4(&frame, 4);
    append_inside(&frame, 4);
    for (unsigned i = 0; i < depth; i++)
        frame_end_ip(&frame, starts[i]);
    return frame_decode_simple(&frame, RAW, &segment);
}

static void nesting_is_capped(void **state)
{
    (void)state;
    CHECK("as deep as may be", decode_nested(FST_TUNNELS_MAX), TCP);
    CHECK("one more", decode_nested(FST_TUNNELS_MAX + 1), NOT_TCP);
}

/* The outer packet of the case in two fragments, `second` first if asked. */
static enum fst_decoded decode_in_fragments(size_t i, int version, bool backwards)
{
    static struct frame whole, pieces[2];
    struct fst_fragments *fragments = fst_fragments_new(NULL, 100000);
    size_t header = version == 6 ? 40 : 20;
    enum fst_decoded decoded = NOT_TCP;
    struct fst_segment segment;
    bool reassembled;

    assert_non_null(fragments);
    build(&whole, i, version, false);
    for (size_t piece = 0; piece < 2; piece++) {
        struct frame *frame = &pieces[piece];
        size_t from = header + piece * 16, to = piece == 0 ? header + 16 : whole.len;

        frame->len = 0;
        if (version == 6) {
            frame_ip6(frame, 44);
            frame_octets(frame, &cases[i].protocol, 1);
            frame_hex(frame, piece == 0 ? "00 0001 00000007" : "00 0010 00000007");
        } else {
            frame_ip4(frame, cases[i].protocol);
            frame_set16(frame, 6, piece == 0 ? 0x2000 : 2);
        }
        frame_octets(frame, whole.octets + from, to - from);
        frame_end_ip(frame, 0);
    }
    for (size_t turn = 0; turn < 2; turn++) {
        struct fst_packet packet = frame_packet(&pieces[backwards ? 1 - turn : turn], RAW);

        decoded = frame_decode(&packet, fragments, &segment, &reassembled);
        if (turn == 0 && !backwards && cases[i].decoded == TCP)
            CHECK(cases[i].what, decoded, FST_DECODED_FRAGMENT);
    }
    fst_fragments_free(fragments);
    return decoded;
}

/* Only the first fragment tells that a datagram may be a tunnel's, so it has to come first. */
static void outer_packets_may_be_fragments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cases[i].decoded != TCP)
            continue;
        for (int version = 4; version <= 6; version += 2) {
            CHECK(cases[i].what, decode_in_fragments(i, version, false), TCP);
            CHECK(cases[i].what, decode_in_fragments(i, version, true),
                  cases[i].protocol == UDP ? FST_DECODED_FRAGMENT : TCP);
        }
    }
    CHECK("no tunnel", decode_in_fragments(COUNT(cases) - 1, 4, false), NOT_TCP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tunnels_lead_to_what_is_inside),
        cmocka_unit_test(tags_name_the_tunnel),
        cmocka_unit_test(keys_name_the_tunnel),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(ordinary_udp_is_not_malformed),
        cmocka_unit_test(udp_lengths),
        cmocka_unit_test(nesting_is_capped),
        cmocka_unit_test(outer_packets_may_be_fragments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
