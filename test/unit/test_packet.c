/* SPDX-License-Identifier: MIT
 *
 * The whole decoder against packets cut and damaged anywhere. Memory is as long as the packet, so
 * the sanitizers see what reads past it.
 */
#include "decode/packet.h"

#include <string.h>

#include "support/frame_builder.h"
#include "support/unit.h"

#define MACS        "020000000002 020000000001"
#define SYN_OPTIONS "020405b4 0402 080a 00000001 00000000 01 030307"
#define STAMPS      "0101080a 00000001 00000002"

static const struct {
    const char *what;
    uint16_t link_type;
    const char *headers; /* up to the IP header that carries TCP */
    int version;
    const char *options;
    size_t payload_len;
} frames[] = {
    {"Ethernet, SYN", 1, MACS "0800", 4, SYN_OPTIONS, 0},
    {"Ethernet, text", 1, MACS "0800", 4, STAMPS, 50},
    {"Ethernet, IPv6", 1, MACS "86dd", 6, STAMPS, 6},
    {"QinQ, PPPoE", 1, MACS "88a8 0064 8100 0064 8864 1100 0007 0000 0021", 4, STAMPS, 9},
    {"SNAP, SACK", 1, MACS "0030 aaaa03 000000 0800", 4, "0101050a0000000100000002", 1},
    {"pseudowire", 1, MACS "8847 0001d03f 0001d13f 00000000" MACS "8100 0007 0800", 4, "", 3},
    {"802.1ah", 1, MACS "88a8 0064 88e7 f0000123" MACS "8100 0007 0800", 4, "", 3},
    {"FabricPath", 1, MACS "8903 0450" MACS "0800", 4, "", 3},
    {"Linux cooked", 113, "0000 0001 0006 020000000001 0000 0800", 4, STAMPS, 2},
    {"Linux cooked v2", 276, "0800 0000 00000003 0001 00 06 020000000001 0000", 4, STAMPS, 2},
    {"PPP", 9, "ff03 0021", 4, "220a0102030405060708 0101", 5},
    {"Cisco HDLC", 104, "0f00 0800", 4, "", 0},
    {"FDDI", 10, "57" MACS "aaaa03 000000 0800", 4, "", 0},
    {"NULL", 0, "1e000000", 6, "", 0},
    {"NFLOG", 239, "02 00 0000 0500 0a00 00000000 2c00 0900", 4, "", 0},
    {"RAW", 101, "", 6, STAMPS, 7},
    {"IP in IP", 1, MACS "0800 45000050 beef0000 3d040000 0a000003 0a000004", 4, STAMPS, 8},
    {"extension headers", 101,
     "60000000 00900000 20010db8000000000000000000000001 20010db8000000000000000000000002"
     "2b00 c204 00012345"
     "3c02 0401 00000000 20010db8000000000000000000000009"
     "3300 0104 00000000"
     "2c02 0000 00000001 00000001 00000000"
     "2900 0000 00000001",
     6, STAMPS, 8},
    {"GRE with a key", 1,
     MACS "0800 45000000 beef0000 3d2f0000 0a000003 0a000004 2000 0800 00000007", 4, STAMPS, 8},
    {"ERSPAN III", 1,
     MACS "0800 45000000 beef0000 3d2f0000 0a000003 0a000004"
          "1000 22eb 00000007 2001 0000 00000000 00000001 0000000000000000" MACS "0800",
     4, STAMPS, 8},
    {"VXLAN", 1,
     MACS "0800 45000079 beef0000 3d110000 0a000003 0a000004 c350 12b5 0065 0000"
          "08000000 00012300" MACS "8100 0064 0800",
     4, STAMPS, 11},
    {"VXLAN-GPE", 1,
     MACS "0800 45000060 beef0000 3d110000 0a000003 0a000004 c350 12b6 004c 0000 0c000001 00012300",
     4, STAMPS, 8},
    {"GENEVE", 1,
     MACS "0800 45000068 beef0000 3d110000 0a000003 0a000004 c350 17c1 0054 0000"
          "0240 0800 00012300 0102 80 01 00000000",
     4, STAMPS, 8},
    {"GTP-U", 1,
     MACS "0800 45000068 beef0000 3d110000 0a000003 0a000004 0868 0868 0054 0000"
          "34ff 0044 12345678 00000085 01100900",
     4, STAMPS, 8},
    {"L2TP", 1,
     MACS "0800 45000062 beef0000 3d110000 0a000003 0a000004 06a5 06a5 004e 0000"
          "0002 0001 0002 ff03 0021",
     4, STAMPS, 8},
    {"Teredo", 1,
     MACS "0800 4500007c beef0000 3d110000 0a000003 0a000004 0dd8 c350 0068 0000"
          "0000 1234 f5fffffe"
          "60000000 00300000 20010000000000000000000000000001 20010db8000000000000000000000002"
          "0400 0104 00000000",
     4, "", 0},
    {"MACsec", 1, MACS "88e5 20 00 00000001 0200000000010001 0800", 4, STAMPS, 8},
    {"PFLOG", 117, "0802 0001 656d3000", 4, STAMPS, 8},
    {"radiotap", 127,
     "0000 1100 03000000 0000000000000000 10"
     "8801 2c00 020000000001 020000000001 020000000001 d01e 0000 aaaa03 000000 0800",
     4, STAMPS, 8},
    {"fragment", 1, MACS "0800 45000064 beef2000 3d040000 0a000003 0a000004", 4, STAMPS, 28},
    {"last fragment", 1, MACS "0800 45000064 beef000a 3d040000 0a000003 0a000004", 4, STAMPS, 28},
};

static void build(struct frame *frame, size_t i)
{
    frame_build(frame, frames[i].headers, frames[i].version, frames[i].options,
                frames[i].payload_len);
}

static bool is_fragment(size_t i)
{
    return strstr(frames[i].what, "fragment") != NULL;
}

/* What was not captured may hide the segment, but never change what is told of it. */
static void every_snap_length(void **state)
{
    static struct frame frame;

    (void)state;
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct fst_fragments *fragments = fst_fragments_new(NULL, 100000);
        struct fst_packet packet;
        struct fst_segment whole, cut;
        enum fst_decoded decoded;
        bool reassembled;

        assert_non_null(fragments);
        build(&frame, i);
        packet = frame_packet(&frame, frames[i].link_type);
        CHECK(frames[i].what, frame_decode(&packet, fragments, &whole, &reassembled),
              is_fragment(i) ? FST_DECODED_FRAGMENT : FST_DECODED_TCP);
        for (uint32_t len = 0; len < frame.len; len++) {
            packet.captured_len = len;
            decoded = frame_decode(&packet, fragments, &cut, &reassembled);
            if (decoded != FST_DECODED_TCP) {
                CHECK(frames[i].what, decoded == FST_DECODED_NOT_TCP || decoded == FST_DECODED_CUT,
                      true);
                continue;
            }
            CHECK(frames[i].what, cut.payload_len, whole.payload_len);
            CHECK(frames[i].what, cut.header_hash, whole.header_hash);
            CHECK(frames[i].what, cut.fault, FST_HEADER_OK);
        }
        fst_fragments_free(fragments);
    }
}

/* Packets that end early instead: any answer will do. */
static void every_length(void **state)
{
    static struct frame frame;

    (void)state;
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct fst_fragments *fragments = fst_fragments_new(NULL, 100000);
        struct fst_segment segment;
        bool reassembled;

        assert_non_null(fragments);
        build(&frame, i);
        for (size_t len = frame.len; len-- > 0;) {
            struct fst_packet packet = frame_packet(&frame, frames[i].link_type);

            packet.captured_len = packet.original_len = (uint32_t)len;
            (void)frame_decode(&packet, fragments, &segment, &reassembled);
        }
        fst_fragments_free(fragments);
    }
}

static uint32_t next_random(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

/* One to four octets changed, at times cut, all through one small store. */
static void damaged_octets(void **state)
{
    static struct frame frame;
    struct fst_fragments *fragments = fst_fragments_new(NULL, 20000);
    uint32_t random = 2463534242u;

    (void)state;
    assert_non_null(fragments);
    for (int round = 0; round < 40000; round++) {
        size_t i = next_random(&random) % COUNT(frames);
        struct fst_segment segment;
        struct fst_packet packet;
        bool reassembled;

        build(&frame, i);
        for (uint32_t count = next_random(&random) % 4 + 1; count > 0; count--)
            frame.octets[next_random(&random) % frame.len] = (uint8_t)next_random(&random);
        packet = frame_packet(&frame, frames[i].link_type);
        if (next_random(&random) % 4 == 0)
            packet.captured_len = next_random(&random) % (packet.captured_len + 1);
        packet.time_ns = (int64_t)((uint64_t)next_random(&random) << 32 | next_random(&random));
        assert_in_range(frame_decode(&packet, fragments, &segment, &reassembled), 0,
                        FST_DECODED_UNSUPPORTED);
        assert_in_range(segment.tag_count, 0, FST_TAGS_MAX);
    }
    fst_fragments_free(fragments);
}

/* The same frame behind the preamble of an mPacket, whose headers are decoded one by one. */
static void assert_as_mpacket(const struct fst_packet *packet)
{
    static uint8_t octets[8 + FRAME_OCTETS_MAX] = {0, 0, 0, 0, 0, 0, 0, 0xd5};
    struct fst_packet other = *packet;
    struct fst_segment segment, one_by_one;
    enum fst_decoded decoded;
    bool reassembled;

    memset(&one_by_one, 0xa5, sizeof(one_by_one)); /* as frame_decode() does */
    memcpy(octets + 8, packet->data, packet->captured_len);
    other.link_type = 274;
    other.data = octets;
    other.captured_len += 8;
    other.original_len += 8;
    decoded = fst_packet_decode(&other, NULL, &one_by_one, &reassembled);
    assert_int_equal(frame_decode(packet, NULL, &segment, &reassembled), decoded);
    assert_false(reassembled);
    one_by_one.minimum_frame = segment.minimum_frame;
    assert_memory_equal(&segment, &one_by_one, sizeof(segment));
}

/* Headers are decoded at once where they are as usual: any octet behind the Ethernet addresses may
 * differ, and any length. */
static void all_at_once_as_one_by_one(void **state)
{
    static const struct {
        const char *headers;
        int version;
        const char *options;
        size_t payload_len;
    } usual[] = {
        {MACS "0800", 4, SYN_OPTIONS, 0},
        {MACS "0800", 4, STAMPS, 50},
        {MACS "86dd", 6, STAMPS, 6},
        {MACS "8100 0064 0800", 4, "", 1},
        {MACS "8100 2000 0800", 4, STAMPS, 0},
        {MACS "8100 e064 86dd", 6, SYN_OPTIONS, 0},
        {MACS "8100 0064 8100 0007 0800", 4, "", 1},
    };
    static struct frame frame;

    (void)state;
    for (size_t i = 0; i < COUNT(usual); i++) {
        frame.len = 0;
        frame_build(&frame, usual[i].headers, usual[i].version, usual[i].options,
                    usual[i].payload_len);
        for (uint32_t len = 0; len <= frame.len; len++) {
            struct fst_packet packet = frame_packet(&frame, 1);

            packet.captured_len = len;
            assert_as_mpacket(&packet);
            packet.original_len = len;
            assert_as_mpacket(&packet);
        }
        for (size_t at = 12; at < frame.len; at++) {
            uint8_t as_usual = frame.octets[at];

            for (unsigned value = 0; value < 256; value++) {
                struct fst_packet packet = frame_packet(&frame, 1);

                frame.octets[at] = (uint8_t)value;
                assert_as_mpacket(&packet);
                packet.captured_len = 50 + value % (uint32_t)(frame.len - 50);
                assert_as_mpacket(&packet);
            }
            frame.octets[at] = as_usual;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_snap_length),
        cmocka_unit_test(every_length),
        cmocka_unit_test(damaged_octets),
        cmocka_unit_test(all_at_once_as_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
