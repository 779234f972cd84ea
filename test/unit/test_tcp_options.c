/* SPDX-License-Identifier: MIT
 *
 * TCP options: each case is the option part of a header.
 */
#include "decode/tcp_options.h"

#include <stdlib.h>
#include <string.h>

#include "support/frame_builder.h"
#include "support/unit.h"

static const struct {
    const char *what;
    const char *octets;
    uint8_t fault;
    struct fst_tcp_options options;
} cases[] = {
    {"none", "", 0, {0}},
    {"only NOP", "01010101", 0, {0}},
    {"nothing behind the end", "00 0204 05b4 03", 0, {0}},
    {"MSS", "0204 05b4", 0, {.present = FST_OPT_MSS, .mss = 1460}},
    {"MSS too short", "0203 05 00", FST_HEADER_OPTION_SIZE, {0}},
    {"MSS too long", "0206 05b4 0000 0000", FST_HEADER_OPTION_SIZE, {0}},
    {"window scale", "01 0303 0e", 0, {.present = FST_OPT_WSCALE, .wscale = 14}},
    {"window scale too short", "0302 0000", FST_HEADER_OPTION_SIZE, {0}},
    {"window scale too long", "0304 0700", FST_HEADER_OPTION_SIZE, {0}},
    {"SACK permitted", "0402 0101", 0, {.present = FST_OPT_SACK_PERMITTED}},
    {"SACK permitted too long", "0403 0001", FST_HEADER_OPTION_SIZE, {0}},
    {"SACK, one block",
     "0101 050a 00000064 000000c8",
     0,
     {.present = FST_OPT_SACK, .sack_count = 1, .sack = {{100, 200}}}},
    {"SACK, four blocks",
     "0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 "
     "fffffff0 00000010",
     0,
     {.present = FST_OPT_SACK,
      .sack_count = 4,
      .sack = {{1, 2}, {3, 4}, {5, 6}, {0xfffffff0, 16}}}},
    {"SACK, more blocks than a header holds",
     "052a 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008 00000009 "
     "0000000a",
     FST_HEADER_OPTION_SIZE,
     {0}},
    {"SACK, no block", "0502 0101", FST_HEADER_OPTION_SIZE, {0}},
    {"SACK, half a block", "0506 00000064 0000", FST_HEADER_OPTION_SIZE, {0}},
    {"timestamps",
     "0101 080a 01020304 05060708",
     0,
     {.present = FST_OPT_TIMESTAMPS, .ts_val = 0x01020304, .ts_ecr = 0x05060708}},
    {"timestamps first",
     "080a 01020304 05060708 0000",
     0,
     {.present = FST_OPT_TIMESTAMPS, .ts_val = 0x01020304, .ts_ecr = 0x05060708}},
    {"timestamps too short", "0101 0809 01020304 050607 00", FST_HEADER_OPTION_SIZE, {0}},
    {"timestamps too long", "080b 01020304 05060708 09 00", FST_HEADER_OPTION_SIZE, {0}},
    {"Fast Open, asks for a cookie", "2202 0101", 0, {.present = FST_OPT_FAST_OPEN}},
    {"Fast Open, cookie",
     "220a 0102030405060708 0101",
     0,
     {.present = FST_OPT_FAST_OPEN, .cookie_len = 8}},
    {"Fast Open, longest cookie",
     "2212 0102030405060708090a0b0c0d0e0f10 0101",
     0,
     {.present = FST_OPT_FAST_OPEN, .cookie_len = 16}},
    {"Fast Open, shortest cookie",
     "2206 01020304 0101",
     0,
     {.present = FST_OPT_FAST_OPEN, .cookie_len = 4}},
    {"Fast Open, cookie too short", "2204 0102", FST_HEADER_OPTION_SIZE, {0}},
    {"Fast Open, cookie of odd length", "2207 0102030405 01", FST_HEADER_OPTION_SIZE, {0}},
    {"Fast Open, cookie too long", "2214 0102030405060708090a0b0c0d0e0f101112", 4, {0}},
    {"Fast Open by experiment, asks", "fe04 f989", 0, {.present = FST_OPT_FAST_OPEN}},
    {"Fast Open by experiment, cookie",
     "fe0c f989 0102030405060708",
     0,
     {.present = FST_OPT_FAST_OPEN, .cookie_len = 8}},
    {"Fast Open by experiment, odd", "fe07 f989 010203 01", FST_HEADER_OPTION_SIZE, {0}},
    {"another experiment", "fe06 1234 0102 0101", 0, {.present = FST_OPT_OTHER}},
    {"an experiment without a number", "fe02 0101", 0, {.present = FST_OPT_OTHER}},
    {"connection count", "0b06 00000001 0101", 0, {.present = FST_OPT_CC}},
    {"new connection count", "0c06 00000001 0101", 0, {.present = FST_OPT_CC}},
    {"connection count echo", "0d06 00000001 0101", 0, {.present = FST_OPT_CC}},
    {"connection count too short", "0b05 000000 0101 01", FST_HEADER_OPTION_SIZE, {0}},
    {"MD5 signature", "1312 00000000000000000000000000000000 0101", 0, {.present = FST_OPT_OTHER}},
    {"unknown, no value", "fd02 0101", 0, {.present = FST_OPT_OTHER}},
    {"a SYN of Linux",
     "0204 05b4 0402 080a 00000001 00000000 01 0303 07",
     0,
     {.present = FST_OPT_MSS | FST_OPT_SACK_PERMITTED | FST_OPT_TIMESTAMPS | FST_OPT_WSCALE,
      .mss = 1460,
      .ts_val = 1,
      .wscale = 7}},
    {"length 0", "0200 0101", FST_HEADER_OPTION_LENGTH, {0}},
    {"length 1", "fd01 0101", FST_HEADER_OPTION_LENGTH, {0}},
    {"no length", "0101 0102", FST_HEADER_OPTION_LENGTH, {0}},
    {"past the header", "0101 0204", FST_HEADER_OPTION_LENGTH, {0}},
    {"what is before a fault stands",
     "0204 05b4 0300 0000",
     FST_HEADER_OPTION_LENGTH,
     {.present = FST_OPT_MSS, .mss = 1460}},
    {"what is behind a fault does not", "0302 0204 05b4 0000", FST_HEADER_OPTION_SIZE, {0}},
};

/* The option part of case `i` cut to `captured` octets, from memory just as long. */
static size_t decode(size_t i, size_t cut, struct fst_segment *segment)
{
    static struct frame octets;
    size_t captured;
    uint8_t *copy;

    octets.len = 0;
    frame_hex(&octets, cases[i].octets);
    captured = octets.len > cut ? octets.len - cut : 0;
    copy = malloc(captured);
    if (captured > 0)
        memcpy(copy, octets.octets, captured);
    memset(segment, 0xa5, sizeof(*segment));
    fst_tcp_options_decode(segment, copy, captured, octets.len);
    free(copy);
    return captured;
}

static void check_options(const char *what, const struct fst_tcp_options *got,
                          const struct fst_tcp_options *want)
{
    CHECK(what, got->present, want->present);
    CHECK(what, got->mss, want->mss);
    CHECK(what, got->wscale, want->wscale);
    CHECK(what, got->cookie_len, want->cookie_len);
    CHECK(what, got->ts_val, want->ts_val);
    CHECK(what, got->ts_ecr, want->ts_ecr);
    CHECK(what, got->sack_count, want->sack_count);
    assert_memory_equal(got->sack, want->sack, want->sack_count * sizeof(want->sack[0]));
}

static void options_are_read(void **state)
{
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        decode(i, 0, &segment);
        CHECK(cases[i].what, segment.fault, cases[i].fault);
        CHECK(cases[i].what, segment.options_cut, false);
        check_options(cases[i].what, &segment.options, &cases[i].options);
    }
}

/* Wherever the snap length cuts: no fault that is not there, and nothing that is not there. */
static void cut_options_are_no_fault(void **state)
{
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t cut = 1; cut <= 40; cut++) {
            size_t captured = decode(i, cut, &segment);

            CHECK(cases[i].what, segment.options.present & ~cases[i].options.present, 0);
            if (cases[i].fault == FST_HEADER_OK)
                CHECK(cases[i].what, segment.fault, FST_HEADER_OK);
            if (captured == 0 && cases[i].octets[0] != '\0')
                CHECK(cases[i].what, segment.options_cut, true);
        }
    }
}

static void cut_between_and_inside_options(void **state)
{
    static const struct {
        size_t captured;
        bool cut;
        uint8_t present;
    } rows[] = {
        {0, true, 0},
        {3, true, 0},
        {4, true, FST_OPT_MSS},
        {5, true, FST_OPT_MSS},
        {6, true, FST_OPT_MSS | FST_OPT_SACK_PERMITTED},
        {8, false, FST_OPT_MSS | FST_OPT_SACK_PERMITTED},
    };
    static const uint8_t octets[] = {2, 4, 5, 0xb4, 4, 2, 1, 1};
    struct fst_segment segment;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        fst_tcp_options_decode(&segment, octets, rows[i].captured, sizeof(octets));
        assert_int_equal(segment.fault, FST_HEADER_OK);
        assert_int_equal(segment.options_cut, rows[i].cut);
        assert_int_equal(segment.options.present, rows[i].present);
    }
}

/* Word by word or all at once as one by one: from memory as long as what was captured. */
static void assert_as_walked(const uint8_t *octets, size_t captured, size_t len)
{
    struct fst_segment got, want;
    uint8_t *block = malloc(captured + 1), *copy = block + 1;

    memcpy(copy, octets, captured);
    memset(&got, 0x5a, sizeof(got));
    memset(&want, 0x5a, sizeof(want));
    fst_tcp_options_decode(&got, copy, captured, len);
    fst_tcp_options_decode(&want, NULL, 0, 0); /* clears them */
    fst_tcp_options_walk(&want, copy, captured, len);
    assert_memory_equal(&got, &want, sizeof(got));
    free(block);
}

/* Whatever single octet differs from how options usually lie, and wherever they are cut. */
static void usual_options_with_an_octet_changed(void **state)
{
    static const char *const usual[] = {
        "020405b4",
        "0101080a 00000001 00000002",
        "020405b4 0402080a 00000001 00000000 01030307",
        "020405b4 01030308 01010402",
        "020405b4 01010402 01030308",
        "020405b4 01030306 0101080a 00000001 00000000 04020000",
        "0101080a 00000001 00000002 0101050a 00000001 00000002",
        "0402080a 00000001 00000002 0204",
    };
    static struct frame octets;

    (void)state;
    for (size_t i = 0; i < COUNT(usual); i++) {
        octets.len = 0;
        frame_hex(&octets, usual[i]);
        for (size_t captured = 0; captured <= octets.len; captured++)
            assert_as_walked(octets.octets, captured, octets.len);
        for (size_t at = 0; at < octets.len; at++) {
            uint8_t before = octets.octets[at];

            for (unsigned value = 0; value < 256; value++) {
                octets.octets[at] = (uint8_t)value;
                assert_as_walked(octets.octets, octets.len, octets.len);
            }
            octets.octets[at] = before;
        }
    }
}

static void options_in_any_order(void **state)
{
    static const char *const parts[] = {
        "020405b4",   "01",       "0402",       "01010402", "0402080a 00000001 00000002",
        "01030307",   "030307",   "0402080a",   "00",       "0101080a 00000001 00000002",
        "0b06000000", "220400ff", "fe04f98901", "0302",     "0101050a 00000001 00000002",
    };
    static struct frame octets;
    uint32_t random = 88675123u;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        size_t len, captured;

        octets.len = 0;
        do {
            random = random * 1664525u + 1013904223u;
            frame_hex(&octets, parts[(random >> 16) % COUNT(parts)]);
        } while (octets.len < 24);
        len = random >> 8 & 1 ? octets.len : octets.len & ~(size_t)3;
        len = len < 40 ? len : 40;
        captured = random >> 12 & 1 ? len : (random >> 20) % (len + 1);
        assert_as_walked(octets.octets, captured, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(cut_options_are_no_fault),
        cmocka_unit_test(cut_between_and_inside_options),
        cmocka_unit_test(usual_options_with_an_octet_changed),
        cmocka_unit_test(options_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
