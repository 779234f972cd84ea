/* SPDX-License-Identifier: MIT
 *
 * IPv4: each case changes one thing in an Ethernet frame with a TCP segment of 10 octets of text.
 */
#include "support/frame_builder.h"
#include "support/unit.h"

#include <string.h>

#define IP    14 /* where the IP header begins */
#define TEXT  10
#define WHOLE (IP + 20 + 20 + TEXT)

static const struct {
    const char *what;
    size_t at; /* the octets to change, none if `octets` is empty */
    const char *octets;
    uint32_t captured_len, original_len; /* 0: as built */
    enum fst_decoded decoded;
    uint32_t payload_len; /* for FST_DECODED_TCP */
    enum fst_checksum checksum;
} cases[] = {
    {"plain", 0, "", 0, 0, FST_DECODED_TCP, TEXT, FST_CHECKSUM_GOOD},
    {"don't fragment", IP + 6, "4000", 0, 0, FST_DECODED_TCP, TEXT, FST_CHECKSUM_GOOD},
    {"reserved flag", IP + 6, "8000", 0, 0, FST_DECODED_TCP, TEXT, FST_CHECKSUM_GOOD},
    {"total length 0: as long as the frame", IP + 2, "0000", 0, 0, FST_DECODED_TCP, TEXT,
     FST_CHECKSUM_GOOD},
    {"total length 0, cut: as long as on the wire", IP + 2, "0000", 60, 70000, FST_DECODED_TCP,
     70000 - IP - 40, FST_CHECKSUM_UNKNOWN},
    {"an original length nobody believes", IP + 2, "0000", 0, 0xffffffff, FST_DECODED_TCP, TEXT,
     FST_CHECKSUM_GOOD},
    {"an original length below the captured one", 0, "", 0, 20, FST_DECODED_TCP, TEXT,
     FST_CHECKSUM_GOOD},
    {"padding behind the total length", IP + 2, "002c", 0, 0, FST_DECODED_TCP, 4, FST_CHECKSUM_BAD},
    {"total length past what was captured", 0, "", WHOLE - 3, WHOLE, FST_DECODED_TCP, TEXT,
     FST_CHECKSUM_UNKNOWN},
    {"total length past the frame", IP + 2, "03e8", 0, 0, FST_DECODED_TCP, 960,
     FST_CHECKSUM_UNKNOWN},
    {"total length without room for TCP", IP + 2, "0027", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"total length below the header", IP + 2, "0013", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"version 5", IP, "55", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"header length 4 words", IP, "44", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"header length past the total length", IP, "4f 00 0032", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"UDP", IP + 9, "11", 0, 0, FST_DECODED_NOT_TCP, 0, 0},
    {"IPv6 hop-by-hop options", IP + 9, "00", 0, 0, FST_DECODED_NOT_TCP, 0, 0},
    {"IPv6 fragment", IP + 9, "2c", 0, 0, FST_DECODED_NOT_TCP, 0, 0},
    {"snap length in the IP header", 0, "", IP + 19, WHOLE, FST_DECODED_NOT_TCP, 0, 0},
    {"snap length behind the IP header", 0, "", IP + 20, WHOLE, FST_DECODED_CUT, 0, 0},
    {"frame ends in the IP header", 0, "", IP + 19, IP + 19, FST_DECODED_MALFORMED, 0, 0},
    {"first fragment, no multiple of 8", IP + 6, "2000", 0, 0, FST_DECODED_MALFORMED, 0, 0},
    {"last fragment, no store", IP + 6, "0001", 0, 0, FST_DECODED_CUT, 0, 0},
};

static void total_length_decides(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_packet packet;
        size_t end;

        frame_build(&frame, FRAME_ETHERNET_IP4, 4, "", TEXT);
        end = frame.len;
        frame.len = cases[i].at;
        frame_hex(&frame, cases[i].octets);
        frame.len = end;
        packet = frame_packet(&frame, 1);
        if (cases[i].captured_len != 0)
            packet.captured_len = cases[i].captured_len;
        if (cases[i].original_len != 0)
            packet.original_len = cases[i].original_len;

        CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled), cases[i].decoded);
        CHECK(cases[i].what, reassembled, false);
        if (cases[i].decoded != FST_DECODED_TCP)
            continue;
        CHECK(cases[i].what, segment.payload_len, cases[i].payload_len);
        CHECK(cases[i].what, segment.checksum, cases[i].checksum);
        CHECK(cases[i].what, segment.fault, FST_HEADER_OK);
    }
}

static void header_fields(void **state)
{
    static const uint8_t src[16] = {10, 0, 0, 1}, dst[16] = {10, 0, 0, 2};
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    frame_build(&frame, FRAME_ETHERNET_IP4, 4, "", TEXT);
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
    assert_int_equal(segment.packet, 7);
    assert_int_equal(segment.time_ns, 1234567890);
    assert_false(segment.ipv6);
    assert_memory_equal(segment.src, src, sizeof(src));
    assert_memory_equal(segment.dst, dst, sizeof(dst));
    assert_int_equal(segment.ip_id, FRAME_IP_ID);
    assert_int_equal(segment.ttl, FRAME_TTL);
    assert_int_equal(segment.tag_count, 0);
}

/* A frame with `options` octets of IP options, all NOP. */
static void build_with_options(struct frame *frame, size_t options)
{
    size_t ip, tcp;

    frame->len = 0;
    frame_hex(frame, FRAME_ETHERNET_IP4);
    ip = frame_ip4(frame, 6);
    for (size_t i = 0; i < options; i++)
        frame_hex(frame, "01");
    frame->octets[ip] = (uint8_t)(0x40 | (20 + options) / 4);
    tcp = frame_tcp(frame, "", TEXT);
    frame_end_ip(frame, ip);
    frame_checksum(frame, ip, tcp);
}

static void options_are_stepped_over(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t options = 0; options <= 40; options += 4) {
        build_with_options(&frame, options);
        assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
        assert_int_equal(segment.payload_len, TEXT);
        assert_int_equal(segment.checksum, FST_CHECKSUM_GOOD);
    }
    /* Cut inside the options it is TCP, but not even the ports are known. */
    packet = frame_packet(&frame, 1);
    packet.captured_len = IP + 59;
    assert_int_equal(frame_decode(&packet, NULL, &segment, &reassembled), FST_DECODED_CUT);
    assert_int_equal(segment.src[3], 1);
    assert_int_equal(segment.src_port, 0);
    assert_int_equal(segment.dst_port, 0);
}

/* Outer header from 10.0.0.1 to 10.0.0.2, or back with `reverse`. */
static void decode_in_tunnel(struct fst_segment *segment, int outer, int inner, int reverse)
{
    static struct frame frame;
    size_t outside, inside, tcp, address;
    uint8_t protocol = inner == 6 ? 41 : 4;

    frame.len = 0;
    frame_hex(&frame, outer == 6 ? FRAME_ETHERNET_IP6 : FRAME_ETHERNET_IP4);
    outside = outer == 6 ? frame_ip6(&frame, protocol) : frame_ip4(&frame, protocol);
    address = outside + (outer == 6 ? 23 : 15); /* the last octet of the source */
    if (reverse) {
        frame.octets[address] = 2;
        frame.octets[address + (outer == 6 ? 16 : 4)] = 1;
    }
    inside = inner == 6 ? frame_ip6(&frame, 6) : frame_ip4(&frame, 6);
    tcp = frame_tcp(&frame, "", TEXT);
    frame_end_ip(&frame, outside);
    frame_end_ip(&frame, inside);
    frame_checksum(&frame, inside, tcp);
    assert_int_equal(frame_decode_simple(&frame, 1, segment), FST_DECODED_TCP);
    assert_int_equal(segment->ipv6, inner == 6);
    assert_int_equal(segment->checksum, FST_CHECKSUM_GOOD);
    assert_int_equal(segment->tag_count, 1);
    assert_int_equal(segment->tags[0] & ~FST_TAG_VALUE, FST_TAG_TUNNEL);
}

static void ip_in_ip_is_tagged_by_its_ends(void **state)
{
    struct fst_segment there, back, other;

    (void)state;
    for (int inner = 4; inner <= 6; inner += 2) {
        decode_in_tunnel(&there, 4, inner, 0);
        decode_in_tunnel(&back, 4, inner, 1);
        decode_in_tunnel(&other, 6, inner, 0);
        assert_int_equal(there.tags[0], back.tags[0]);
        assert_int_not_equal(there.tags[0], other.tags[0]);
    }
}

/* RFC 4302 in transport mode: a header of 24 octets between IP and TCP. */
static void authentication_header(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    size_t ip, ah, tcp;

    (void)state;
    frame.len = 0;
    frame_hex(&frame, FRAME_ETHERNET_IP4);
    ip = frame_ip4(&frame, 51);
    ah = frame.len;
    frame_hex(&frame, "06040000 00000001 00000001 000000000000000000000000");
    tcp = frame_tcp(&frame, "", TEXT);
    frame_end_ip(&frame, ip);
    frame_checksum(&frame, ip, tcp);
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
    assert_int_equal(segment.checksum, FST_CHECKSUM_GOOD);
    assert_int_equal(segment.payload_len, TEXT);

    frame.octets[ah + 1] = 0; /* shorter than its fixed part */
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_MALFORMED);
    frame.octets[ah + 1] = 200; /* longer than the packet */
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(total_length_decides),
        cmocka_unit_test(header_fields),
        cmocka_unit_test(options_are_stepped_over),
        cmocka_unit_test(ip_in_ip_is_tagged_by_its_ends),
        cmocka_unit_test(authentication_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
