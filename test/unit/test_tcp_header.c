/* SPDX-License-Identifier: MIT
 *
 * The TCP header in Ethernet frames.
 */
#include "decode/tcp_header.h"

#include "support/frame_builder.h"
#include "support/unit.h"

#include <string.h>

#define IP  14
#define TCP 34 /* where the TCP header begins */

static void header_fields(void **state)
{
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    frame_build(&frame, FRAME_ETHERNET_IP4, 4, "0101080a0000000100000002", 100);
    frame.octets[TCP + 12] = 0x8f; /* 8 words, three reserved bits, AE */
    frame.octets[TCP + 13] = 0xea;
    frame_set16(&frame, TCP + 18, 0xabcd);
    frame_checksum(&frame, IP, TCP);
    assert_int_equal(frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
    assert_int_equal(segment.src_port, FRAME_SRC_PORT);
    assert_int_equal(segment.dst_port, FRAME_DST_PORT);
    assert_int_equal(segment.seq, FRAME_SEQ);
    assert_int_equal(segment.ack, FRAME_ACK);
    assert_int_equal(segment.flags, FST_TCP_AE | FST_TCP_CWR | FST_TCP_ECE | FST_TCP_URG |
                                        FST_TCP_PSH | FST_TCP_SYN);
    assert_int_equal(segment.wnd_raw, FRAME_WND);
    assert_int_equal(segment.payload_len, 100);
    assert_int_equal(segment.fault, FST_HEADER_OK);
    assert_int_equal(segment.checksum, FST_CHECKSUM_GOOD);
    assert_int_equal(segment.options.present, FST_OPT_TIMESTAMPS);
    assert_false(segment.options_cut);
    assert_false(segment.text_is_zero);
    assert_false(segment.minimum_frame);
}

/* The data offset of a segment of 20 octets of header and 10 of text. */
static void data_offset(void **state)
{
    static const struct {
        const char *what;
        uint8_t octet;
        uint8_t fault;
        uint32_t payload_len;
    } cases[] = {
        {"0 words", 0x00, FST_HEADER_OFFSET_SHORT, 0},
        {"4 words", 0x40, FST_HEADER_OFFSET_SHORT, 0},
        {"5 words", 0x50, FST_HEADER_OK, 10},
        {"7 words", 0x70, FST_HEADER_OK, 2},
        {"8 words", 0x80, FST_HEADER_OFFSET_LONG, 0},
        {"15 words", 0xf0, FST_HEADER_OFFSET_LONG, 0},
    };
    static struct frame frame;
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        frame_build(&frame, FRAME_ETHERNET_IP4, 4, "", 10);
        memset(frame.octets + TCP + 20, 1, 8); /* NOPs where the offset makes options of text */
        frame.octets[TCP + 12] = cases[i].octet;
        CHECK(cases[i].what, frame_decode_simple(&frame, 1, &segment), FST_DECODED_TCP);
        CHECK(cases[i].what, segment.fault, cases[i].fault);
        CHECK(cases[i].what, segment.payload_len, cases[i].payload_len);
        CHECK(cases[i].what, segment.options.present, 0);
        CHECK(cases[i].what, segment.options_cut, false);
        CHECK(cases[i].what, segment.src_port, FRAME_SRC_PORT);
    }
}

/* A frame with 12 octets of options and 10 of text, captured up to some octet of the TCP header. */
static void snap_length(void **state)
{
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    frame_build(&frame, FRAME_ETHERNET_IP4, 4, "0101080a0000000100000002", 10);
    packet = frame_packet(&frame, 1);
    for (uint32_t header = 0; header < 20; header++) {
        packet.captured_len = TCP + header;
        assert_int_equal(frame_decode(&packet, NULL, &segment, &reassembled), FST_DECODED_CUT);
        assert_int_equal(segment.src[3], 1);
        assert_int_equal(segment.src_port, header < 4 ? 0 : FRAME_SRC_PORT);
        assert_int_equal(segment.dst_port, header < 4 ? 0 : FRAME_DST_PORT);
    }
    for (uint32_t header = 20; header < 42; header++) {
        packet.captured_len = TCP + header;
        assert_int_equal(frame_decode(&packet, NULL, &segment, &reassembled), FST_DECODED_TCP);
        assert_int_equal(segment.seq, FRAME_SEQ);
        assert_int_equal(segment.payload_len, 10);
        assert_int_equal(segment.options_cut, header < 32);
        assert_int_equal(segment.options.present, header < 32 ? 0 : FST_OPT_TIMESTAMPS);
        assert_int_equal(segment.fault, FST_HEADER_OK);
        assert_int_equal(segment.checksum, FST_CHECKSUM_UNKNOWN);
    }
}

static void zero_text_in_a_minimum_frame(void **state)
{
    static const struct {
        const char *what;
        const char *link;
        uint16_t link_type;
        const char *text; /* of the segment */
        const char *trailer;
        uint32_t captured_less;
        bool text_is_zero, minimum_frame;
    } cases[] = {
        {"six zero octets", FRAME_ETHERNET_IP4, 1, "000000000000", "", 0, true, true},
        {"two zero octets and padding", FRAME_ETHERNET_IP4, 1, "0000", "00000000", 0, true, true},
        {"with check sequence", FRAME_ETHERNET_IP4, 1, "000000000000", "12345678", 0, true, true},
        {"a zero octet, not padded", FRAME_ETHERNET_IP4, 1, "00", "", 0, true, false},
        {"six octets, the last not zero", FRAME_ETHERNET_IP4, 1, "000000000001", "", 0, false,
         false},
        {"no text", FRAME_ETHERNET_IP4, 1, "", "000000000000", 0, false, false},
        {"seven zero octets", FRAME_ETHERNET_IP4, 1, "00000000000000", "", 0, false, false},
        {"eleven zero octets", FRAME_ETHERNET_IP4, 1, "0000000000000000000000", "", 0, false,
         false},
        {"six zero octets, one not captured", FRAME_ETHERNET_IP4, 1, "000000000000", "", 1, false,
         false},
        {"a tag on top", "020000000002 020000000001 8100 0064 0800", 1, "000000000000", "00000000",
         0, true, true},
        {"not Ethernet", "00000000000000000000000000000800", 113, "000000000000", "", 0, true,
         false},
    };
    static struct frame frame;
    struct fst_segment segment;
    struct fst_packet packet;
    bool reassembled;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t ip;

        frame.len = 0;
        frame_hex(&frame, cases[i].link);
        ip = frame_ip4(&frame, 6);
        frame_tcp(&frame, "", 0);
        frame_hex(&frame, cases[i].text);
        frame_end_ip(&frame, ip);
        frame_hex(&frame, cases[i].trailer);
        packet = frame_packet(&frame, cases[i].link_type);
        packet.captured_len -= cases[i].captured_less;
        CHECK(cases[i].what, frame_decode(&packet, NULL, &segment, &reassembled), FST_DECODED_TCP);
        CHECK(cases[i].what, segment.text_is_zero, cases[i].text_is_zero);
        CHECK(cases[i].what, segment.minimum_frame, cases[i].minimum_frame);
    }
}

/* What fst_tcp_rest_decode() makes of it, whatever stood there before. */
static struct fst_segment by_the_rest(const struct fst_segment *segment, const uint8_t *header,
                                      uint32_t captured, uint32_t wire)
{
    struct fst_segment rest = *segment;

    rest.options.present = rest.options.wscale = rest.options.sack_count = 0xa5;
    rest.options.cookie_len = 0xa5;
    rest.options.mss = 0xa5;
    rest.options.ts_val = rest.options.ts_ecr = 0xa5;
    rest.payload_len = ~segment->payload_len;
    rest.options_cut = !segment->options_cut;
    rest.odd = !segment->odd;
    rest.fault = (uint8_t)~segment->fault;
    rest.checksum = FST_CHECKSUM_UNKNOWN;
    rest.text_is_zero = false;
    assert_int_equal(fst_tcp_rest_decode(&rest, header, captured, wire), FST_DECODED_TCP);
    return rest;
}

/* What is decoded inline where a header is as usual: any octet of the packet may differ. */
static void usual_headers_as_all_others(void **state)
{
    static const char *const options[] = {"", "0101080a0000000100000002",
                                          "0101080a0000000000000000"};
    static const size_t lens[] = {0, 1, 2, 6, 7, 8, 31, 64};
    static struct frame frame;
    unsigned usual = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(options) * COUNT(lens); i++) {
        uint32_t wire;

        frame.len = 0;
        frame_build(&frame, FRAME_ETHERNET_IP4, 4, options[i % COUNT(options)],
                    lens[i / COUNT(options)]);
        memset(frame.octets + frame.len - lens[i / COUNT(options)], 0, lens[i / COUNT(options)]);
        frame_checksum(&frame, IP, TCP);
        wire = (uint32_t)frame.len - TCP;
        for (size_t at = TCP - 8; at < frame.len; at++) {
            for (unsigned flip = 0; flip < 256; flip++) {
                struct fst_packet packet = frame_packet(&frame, 1);
                struct fst_segment segment, rest;
                bool reassembled;

                frame.octets[at] ^= flip;
                packet.captured_len -= flip % 5 == 4 ? flip % (wire - 19) : 0;
                assert_int_equal(frame_decode(&packet, NULL, &segment, &reassembled),
                                 FST_DECODED_TCP);
                rest = by_the_rest(&segment, frame.octets + TCP, packet.captured_len - TCP, wire);
                assert_memory_equal(&segment, &rest, sizeof(segment));
                usual += segment.checksum == FST_CHECKSUM_GOOD;
                frame.octets[at] ^= flip;
            }
        }
    }
    assert_true(usual > 0);
}

/* One octet of the IPv4 packet changed: whether the hash changes. */
static void header_hash(void **state)
{
    static const struct {
        const char *what;
        size_t at;
        bool counts;
    } cases[] = {
        {"nothing", 0, false},
        {"type of service", IP + 1, false},
        {"TTL", IP + 8, false},
        {"IP checksum", IP + 10, false},
        {"identification", IP + 5, true},
        {"sequence number", TCP + 7, true},
        {"acknowledgment", TCP + 11, true},
        {"flags", TCP + 13, true},
        {"window", TCP + 15, true},
        {"checksum", TCP + 17, true},
        {"urgent pointer", TCP + 19, true},
        {"total length", IP + 3, true},
        {"data offset", TCP + 12, true},
    };
    static struct frame frame;
    struct fst_segment before, after;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        frame_build(&frame, FRAME_ETHERNET_IP4, 4, "", 10);
        frame_decode_simple(&frame, 1, &before);
        if (cases[i].at != 0)
            frame.octets[cases[i].at] ^= cases[i].at == TCP + 12 ? 0x30 : 0x01;
        CHECK(cases[i].what, frame_decode_simple(&frame, 1, &after), FST_DECODED_TCP);
        CHECK(cases[i].what, before.header_hash != after.header_hash, cases[i].counts);
    }
}

/* One octet of an endpoint exchanged with the other's: the sum stays, the direction does not. */
static void header_hash_of_a_direction(void **state)
{
    static const struct {
        const char *what;
        size_t one, other;
    } cases[] = {
        {"ports", TCP + 1, TCP + 3},
        {"addresses, ports alike", IP + 15, IP + 19},
    };
    static struct frame frame;
    struct fst_segment there, back;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t octet;

        frame_build(&frame, FRAME_ETHERNET_IP4, 4, "", 10);
        frame.octets[TCP] = frame.octets[TCP + 2];
        if (i == 1)
            frame.octets[TCP + 1] = frame.octets[TCP + 3];
        frame_decode_simple(&frame, 1, &there);
        octet = frame.octets[cases[i].one];
        frame.octets[cases[i].one] = frame.octets[cases[i].other];
        frame.octets[cases[i].other] = octet;
        frame_decode_simple(&frame, 1, &back);
        CHECK(cases[i].what, there.header_hash != back.header_hash, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_fields),
        cmocka_unit_test(data_offset),
        cmocka_unit_test(snap_length),
        cmocka_unit_test(zero_text_in_a_minimum_frame),
        cmocka_unit_test(usual_headers_as_all_others),
        cmocka_unit_test(header_hash),
        cmocka_unit_test(header_hash_of_a_direction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
