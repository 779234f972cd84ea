/* SPDX-License-Identifier: MIT
 *
 * IPv6: each case puts extension headers between the fixed header and TCP.
 */
#include "support/frame_builder.h"
#include "support/unit.h"

#include <string.h>

#define IP   14
#define TEXT 10

static const struct {
    const char *what;
    uint8_t next;
    const char *extensions;
    enum fst_decoded decoded;
} chains[] = {
    {"none", 6, "", FST_DECODED_TCP},
    {"hop-by-hop", 0, "06 00 0104 00000000", FST_DECODED_TCP},
    {"destination options, 16 octets", 60, "06 01 010c 00000000 00000000 00000000",
     FST_DECODED_TCP},
    {"routing, all done", 43, "06 00 0400 00000000", FST_DECODED_TCP},
    {"mobility", 135, "06 00 0000 00000000", FST_DECODED_TCP},
    {"HIP", 139, "06 00 0000 00000000", FST_DECODED_TCP},
    {"shim6", 140, "06 00 0000 00000000", FST_DECODED_TCP},
    {"authentication", 51, "06 02 0000 00000001 00000001 00000000", FST_DECODED_TCP},
    {"atomic fragment", 44, "06 00 0000 deadbeef", FST_DECODED_TCP},
    {"atomic fragment, reserved bits", 44, "06 ff 0006 deadbeef", FST_DECODED_TCP},
    {"all, out of order", 60,
     "00 00 0104 00000000"
     "2b 00 0104 00000000"
     "2c 00 0000 00000000"
     "33 00 0000 deadbeef"
     "3c 02 0000 00000001 00000001 00000000"
     "06 00 0104 00000000",
     FST_DECODED_TCP},
    {"no next header", 59, "", FST_DECODED_NOT_TCP},
    {"ESP", 50, "00000001 00000001", FST_DECODED_NOT_TCP},
    {"UDP behind hop-by-hop", 0, "11 00 0104 00000000", FST_DECODED_NOT_TCP},
    {"longer than the packet", 60, "06 ff 0104 00000000", FST_DECODED_MALFORMED},
};

static size_t build(struct frame *frame, uint8_t next, const char *extensions)
{
    size_t ip, tcp;

    frame->len = 0;
    frame_hex(frame, FRAME_ETHERNET_IP6);
    ip = frame_ip6(frame, next);
    frame_hex(frame, extensions);
    tcp = frame_tcp(frame, "", TEXT);
    frame_end_ip(frame, ip);
    frame_checksum(frame, ip, tcp);
    return tcp;
}

static void extension_headers_are_walked(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(chains); i++) {
        build(&frame, chains[i].next, chains[i].extensions);
        CHECK(chains[i].what, frame_decode_simple(&frame, 1, &segment), chains[i].decoded);
        if (chains[i].decoded != FST_DECODED_TCP)
            continue;
        CHECK(chains[i].what, segment.seq, FRAME_SEQ);
        CHECK(chains[i].what, segment.payload_len, TEXT);
        CHECK(chains[i].what, segment.checksum, FST_CHECKSUM_GOOD);
    }
}

/* Cut inside the last extension header before TCP it is known to be TCP, if its first octet is
 * there; inside an earlier one it is not. */
static void extension_headers_cut(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(chains); i++) {
        size_t tcp;

        if (chains[i].decoded != FST_DECODED_TCP || chains[i].next == 6)
            continue;
        tcp = build(&frame, chains[i].next, chains[i].extensions);
        packet = frame_packet(&frame, 1);
        packet.captured_len =
            (uint32_t)tcp - 7; /* all of them end in a header of 8 octets or more */
        CHECK(chains[i].what, frame_decode(&packet, NULL, &segment, &reassembled), FST_DECODED_CUT);
        CHECK(chains[i].what, segment.dst[15], 2);
        CHECK(chains[i].what, segment.dst_port, 0);
        packet.captured_len = IP + 40;
        CHECK(chains[i].what, frame_decode(&packet, NULL, &segment, &reassembled),
              FST_DECODED_NOT_TCP);
    }
}

static void header_fields(void **state)
{
    static const uint8_t src[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    static const uint8_t dst[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    build(&frame, 6, "");
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
    assert_true(segment.ipv6);
    assert_memory_equal(segment.src, src, sizeof(src));
    assert_memory_equal(segment.dst, dst, sizeof(dst));
    assert_int_equal(segment.ip_id, 0);
    assert_int_equal(segment.ttl, FRAME_TTL);

    frame.octets[IP] = 0x50;
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_MALFORMED);
}

#define ADDRESS_9 "20010db8000000000000000000000009"
#define ADDRESS_8 "20010db8000000000000000000000008"

/* On the way the IPv6 header names the next stop; the connection is with the last one. */
static void routing_header_names_the_destination(void **state)
{
    static const struct {
        const char *what;
        const char *header;
        uint8_t last_octet;
    } cases[] = {
        {"source route", "06 04 00 02 00000000" ADDRESS_8 ADDRESS_9, 9},
        {"source route, arrived", "06 04 00 00 00000000" ADDRESS_8 ADDRESS_9, 2},
        {"source route without addresses", "06 00 00 01 00000000", 2},
        {"home address", "06 02 02 01 00000000" ADDRESS_9, 9},
        {"segment routing", "06 04 04 01 01000000" ADDRESS_9 ADDRESS_8, 9},
        {"unknown type", "06 02 fd 01 00000000" ADDRESS_9, 2},
    };
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        build(&frame, 43, cases[i].header);
        CHECK(cases[i].what, frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
        CHECK(cases[i].what, segment.dst[15], cases[i].last_octet);
    }
}

/* What the payload length says; the frame is one of 70,000 octets cut behind the TCP header. */
static void payload_length_zero(void **state)
{
    static const struct {
        const char *what;
        uint8_t next;
        const char *extensions;
        uint16_t length_field;
        enum fst_decoded decoded;
        uint32_t payload_len;
    } cases[] = {
        {"a length", 6, "", 1000, FST_DECODED_TCP, 980},
        {"as long as the frame", 6, "", 0, FST_DECODED_TCP, 70000 - IP - 40 - 20},
        {"jumbogram", 0, "06 00 c204 00011170", 0, FST_DECODED_TCP, 70000 - 8 - 20},
        {"jumbogram, padding before", 0, "06 01 00 0103000000 0000 c204 00011070", 0,
         FST_DECODED_TCP, 0x11070 - 16 - 20},
        {"jumbogram longer than the frame", 0, "06 00 c204 7fffffff", 0, FST_DECODED_MALFORMED, 0},
        {"jumbogram of 65,535 octets", 0, "06 00 c204 0000ffff", 0, FST_DECODED_MALFORMED, 0},
        {"jumbo option of another length", 0, "06 00 c203 000111 00", 0, FST_DECODED_TCP,
         70000 - IP - 40 - 8 - 20},
        {"option past its header", 0, "06 00 05ff 00000000", 0, FST_DECODED_TCP,
         70000 - IP - 40 - 8 - 20},
        {"jumbo option beside a length", 0, "06 00 c204 00011170", 1000, FST_DECODED_TCP, 972},
    };
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        build(&frame, cases[i].next, cases[i].extensions);
        frame_set16(&frame, IP + 4, cases[i].length_field);
        packet = frame_packet(&frame, 1);
        packet.original_len = 70000 + (cases[i].payload_len == 70000 - 8 - 20 ? IP + 40 : 0);
        packet.captured_len -= TEXT;
        CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled), cases[i].decoded);
        if (cases[i].decoded == FST_DECODED_TCP)
            CHECK(cases[i].what, segment.payload_len, cases[i].payload_len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extension_headers_are_walked),
        cmocka_unit_test(extension_headers_cut),
        cmocka_unit_test(header_fields),
        cmocka_unit_test(routing_header_names_the_destination),
        cmocka_unit_test(payload_length_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
