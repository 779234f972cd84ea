/* SPDX-License-Identifier: MIT
 *
 * The shape of a segment: what is ordinary, what is steady, and what else it tells.
 */
#include "flow/shape.h"

#include "support/unit.h"

#define A           FST_TCP_ACK
#define STAMP       FST_OPT_TIMESTAMPS
#define SYN_OPTIONS (FST_OPT_MSS | FST_OPT_WSCALE | FST_OPT_SACK_PERMITTED | FST_OPT_TIMESTAMPS)

enum verdict { NONE, ORDINARY, STEADY };

static void what_is_ordinary(void **state)
{
    static const struct {
        const char *what;
        uint16_t flags;
        uint8_t options;
        uint32_t payload_len;
        uint16_t wnd_raw;
        bool odd;
        enum verdict verdict;
    } cases[] = {
        {"an ACK", A, 0, 0, 100, false, STEADY},
        {"text", A | FST_TCP_PSH, STAMP, 1448, 100, false, STEADY},
        {"the longest steady text", A, 0, FST_STEADY_TEXT_MOST, 100, false, STEADY},
        {"a longer text", A, 0, FST_STEADY_TEXT_MOST + 1, 100, false, ORDINARY},
        {"an ACK of a closed window", A, 0, 0, 0, false, NONE},
        {"a SACK", A, FST_OPT_SACK, 0, 100, false, NONE},
        {"an ACK with a segment size", A, FST_OPT_MSS, 0, 100, false, NONE},
        {"an odd ACK", A, 0, 0, 100, true, NONE},
        {"a FIN", A | FST_TCP_FIN, STAMP, 10, 100, false, ORDINARY},
        {"a FIN of a closed window", A | FST_TCP_FIN, 0, 0, 0, false, NONE},
        {"a FIN without ACK", FST_TCP_FIN, 0, 0, 100, false, NONE},
        {"a SYN", FST_TCP_SYN, SYN_OPTIONS, 0, 100, false, ORDINARY},
        {"a SYN without options", FST_TCP_SYN, 0, 0, 100, false, ORDINARY},
        {"a SYN that asks for a cookie", FST_TCP_SYN, FST_OPT_FAST_OPEN, 0, 100, false, NONE},
        {"a SYN with text", FST_TCP_SYN, 0, 1, 100, false, NONE},
        {"a SYN of a closed window", FST_TCP_SYN, 0, 0, 0, false, NONE},
        {"a SYN-ACK", FST_TCP_SYN | A, SYN_OPTIONS, 0, 100, false, ORDINARY},
        {"a SYN-ACK with text", FST_TCP_SYN | A, 0, 1, 100, false, NONE},
        {"a reset", FST_TCP_RST, 0, 0, 0, false, ORDINARY},
        {"a reset with ACK", FST_TCP_RST | A, STAMP, 0, 0, false, ORDINARY},
        {"a reset with text", FST_TCP_RST, 0, 1, 0, false, NONE},
        {"a reset with a segment size", FST_TCP_RST, FST_OPT_MSS, 0, 0, false, NONE},
        {"SYN and FIN", FST_TCP_SYN | FST_TCP_FIN, 0, 0, 100, false, NONE},
        {"SYN and RST", FST_TCP_SYN | FST_TCP_RST, 0, 0, 100, false, NONE},
        {"RST and FIN", FST_TCP_RST | FST_TCP_FIN | A, 0, 0, 100, false, NONE},
        {"no control", FST_TCP_PSH, 0, 0, 100, false, NONE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fst_segment segment = {.flags = cases[i].flags,
                                            .payload_len = cases[i].payload_len,
                                            .wnd_raw = cases[i].wnd_raw,
                                            .odd = cases[i].odd,
                                            .options.present = cases[i].options};
        uint64_t shape = fst_shape_of(&segment);

        CHECK(cases[i].what, shape != FST_SHAPE_NONE, cases[i].verdict != NONE);
        CHECK(cases[i].what, (shape & FST_SHAPE_ORDINARY) != 0, cases[i].verdict != NONE);
        CHECK(cases[i].what, (shape & FST_SHAPE_STEADY) != 0, cases[i].verdict == STEADY);
    }
}

static uint64_t field(uint64_t shape, unsigned shift, unsigned bits)
{
    return shape >> shift & ((1u << bits) - 1);
}

/* Two segments of different classes are two shapes. */
static void what_it_tells(void **state)
{
    static const uint32_t lens[][2] = {{0, 0},    {1, 1},     {2, 2},     {2047, 2},      {2048, 3},
                                       {9000, 3}, {16383, 3}, {16384, 4}, {UINT32_MAX, 4}};
    static const uint16_t sizes[][2] = {{0, 1},    {1460, 1},  {2047, 1}, {2048, 2},
                                        {8960, 2}, {16383, 2}, {16384, 3}};
    struct fst_segment segment = {.flags = A, .wnd_raw = 1, .checksum = FST_CHECKSUM_OFFLOADED};
    struct fst_segment syn = {.flags = FST_TCP_SYN, .wnd_raw = 1, .options.present = FST_OPT_MSS};

    (void)state;
    assert_int_equal(fst_shape_of(&segment) & 0x1ff, A);
    assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_CHECKSUM_SHIFT, 2),
                     FST_CHECKSUM_OFFLOADED);
    assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_MSS_SHIFT, 2), 0);
    assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_TIMESTAMP_ZERO_BIT, 1), 1);
    segment.options.present = STAMP;
    segment.options.ts_val = 1;
    assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_TIMESTAMP_ZERO_BIT, 1), 0);
    assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_OPTIONS_SHIFT, 8), STAMP);
    for (size_t i = 0; i < COUNT(lens); i++) {
        segment.payload_len = lens[i][0];
        assert_int_equal(field(fst_shape_of(&segment), FST_SHAPE_PAYLOAD_SHIFT, 3), lens[i][1]);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        syn.options.mss = sizes[i][0];
        assert_int_equal(field(fst_shape_of(&syn), FST_SHAPE_MSS_SHIFT, 2), sizes[i][1]);
    }
    syn.options.present = FST_OPT_WSCALE;
    syn.options.wscale = FST_SHAPE_WSCALE_MOST;
    assert_int_equal(field(fst_shape_of(&syn), FST_SHAPE_MSS_SHIFT, 2), 0);
    syn.options.wscale++;
    assert_int_equal(fst_shape_of(&syn), FST_SHAPE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_ordinary),
        cmocka_unit_test(what_it_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
