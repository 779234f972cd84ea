/* SPDX-License-Identifier: MIT
 *
 * The Internet checksum: against a sum taken the plain way, and the verdict on TCP segments.
 */
#include "decode/checksum.h"

#include "support/frame_builder.h"
#include "support/unit.h"

static uint16_t plain_sum(const uint8_t *octets, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i++) {
        sum += (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* Every length up to a few steps of the unrolled loop, at every alignment. */
static void sums_agree_with_the_plain_way(void **state)
{
    static uint8_t octets[300];
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(octets); i++) {
        random = random * 1103515245u + 12345u;
        octets[i] = random >> 30 ? (uint8_t)(random >> 16) : 0xff; /* many carries */
    }
    for (size_t at = 0; at < 8; at++)
        for (size_t len = 0; len <= sizeof(octets) - 8; len++)
            assert_int_equal(fst_checksum_sum(octets + at, len), plain_sum(octets + at, len));
}

static void sums_of_long_texts_do_not_overflow(void **state)
{
    static uint8_t octets[600000];

    (void)state;
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = 0xff;
    assert_int_equal(fst_checksum_sum(octets, sizeof(octets)), 0xffff);
    octets[sizeof(octets) - 1] = 0xfe;
    assert_int_equal(fst_checksum_sum(octets, sizeof(octets)), 0xfffe);
    assert_int_equal(fst_checksum_sum(octets, 0), 0);
}

/* How to spoil, or not, a segment whose checksum is right. */
enum change {
    NOTHING,
    TEXT_DAMAGED,
    ADDRESS_CHANGED,
    PSEUDO_SUM,
    PSEUDO_SUM_WITHOUT_LENGTH,
    ZERO,
    SNAP_CUT
};

static void verdicts(void **state)
{
    static const struct {
        const char *what;
        enum change change;
        enum fst_checksum checksum;
    } cases[] = {
        {"right", NOTHING, FST_CHECKSUM_GOOD},
        {"text damaged", TEXT_DAMAGED, FST_CHECKSUM_BAD},
        {"address changed", ADDRESS_CHANGED, FST_CHECKSUM_BAD},
        {"left to the card", PSEUDO_SUM, FST_CHECKSUM_OFFLOADED},
        {"left to the card, which cuts", PSEUDO_SUM_WITHOUT_LENGTH, FST_CHECKSUM_OFFLOADED},
        {"zero", ZERO, FST_CHECKSUM_BAD},
        {"not all captured", SNAP_CUT, FST_CHECKSUM_UNKNOWN},
    };
    static struct frame frame;
    const size_t ip = 14;

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * 2; i++) {
        int version = i % 2 == 0 ? 4 : 6;
        size_t tcp = ip + (version == 6 ? 40 : 20);
        enum change change = cases[i / 2].change;
        struct fst_segment segment;
        struct fst_packet packet;
        bool reassembled;

        frame_build(&frame, version == 6 ? FRAME_ETHERNET_IP6 : FRAME_ETHERNET_IP4, version, "",
                    11);
        packet = frame_packet(&frame, 1);
        if (change == TEXT_DAMAGED)
            frame.octets[frame.len - 1] ^= 0x40;
        else if (change == ADDRESS_CHANGED)
            frame.octets[tcp - 1] ^= 0x40;
        else if (change == PSEUDO_SUM || change == PSEUDO_SUM_WITHOUT_LENGTH)
            frame_set16(&frame, tcp + 16, frame_pseudo_sum(&frame, ip, tcp, change == PSEUDO_SUM));
        else if (change == ZERO)
            frame_set16(&frame, tcp + 16, 0);
        else if (change == SNAP_CUT)
            packet.captured_len--;
        CHECK(cases[i / 2].what, frame_decode(&packet, NULL, &segment, &reassembled),
              FST_DECODED_TCP);
        CHECK(cases[i / 2].what, segment.checksum, cases[i / 2].checksum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_agree_with_the_plain_way),
        cmocka_unit_test(sums_of_long_texts_do_not_overflow),
        cmocka_unit_test(verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
