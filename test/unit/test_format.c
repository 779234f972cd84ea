/* SPDX-License-Identifier: MIT
 *
 * Numbers, times and flags as text.
 */
#include "report/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flowstate/flowstate.h"

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))
#define SECOND       INT64_C(1000000000)

static void counts(void **state)
{
    static const struct {
        uint64_t number;
        const char *text, *counted;
    } cases[] = {
        {0, "0", "0 packets"},
        {1, "1", "1 packet"},
        {999, "999", "999 packets"},
        {1000, "1,000", "1,000 packets"},
        {18204, "18,204", "18,204 packets"},
        {1234567, "1,234,567", "1,234,567 packets"},
        {UINT64_MAX, "18,446,744,073,709,551,615", "18,446,744,073,709,551,615 packets"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_FORMAT_MAX];

        assert_string_equal(fst_format_count(cases[i].number, text), cases[i].text);
        assert_string_equal(fst_format_counted(cases[i].number, "packet", text), cases[i].counted);
    }
}

static void octets(void **state)
{
    static const struct {
        uint64_t octets;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {1049, "1.0 kB"},
        {18250, "18.2 kB"},
        {999999, "999.9 kB"},
        {1000000, "1.0 MB"},
        {UINT64_C(5000000000), "5.0 GB"},
        {UINT64_MAX, "18.4 EB"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_FORMAT_MAX];

        assert_string_equal(fst_format_octets(cases[i].octets, text), cases[i].text);
    }
}

static void durations(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {-1, "0 us"},
        {0, "0 us"},
        {455999, "455 us"},
        {1000000, "1.0 ms"},
        {12345678, "12.3 ms"},
        {999999999, "999.9 ms"},
        {SECOND, "1.0 s"},
        {59970 * SECOND / 1000, "59.9 s"},
        {119 * SECOND, "119.0 s"},
        {120 * SECOND, "2 min"},
        {250 * SECOND, "4 min 10 s"},
        {7200 * SECOND, "2 h"},
        {11100 * SECOND, "3 h 5 min"},
        {172800 * SECOND, "2 d"},
        {INT64_MAX, "106751 d 23 h"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_FORMAT_MAX];

        assert_string_equal(fst_format_duration(cases[i].ns, text), cases[i].text);
    }
}

static void timestamps(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000000Z"},
        {-1, "1969-12-31T23:59:59.999999999Z"},
        {INT64_C(951782400) * SECOND, "2000-02-29T00:00:00.000000000Z"},
        {INT64_C(1772356442) * SECOND + 340000000, "2026-03-01T09:14:02.340000000Z"},
        {INT64_C(4102444799) * SECOND, "2099-12-31T23:59:59.000000000Z"},
        {INT64_C(4107542400) * SECOND, "2100-03-01T00:00:00.000000000Z"}, /* no leap day */
        {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
        {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_FORMAT_MAX];

        assert_string_equal(fst_format_timestamp(cases[i].ns, text), cases[i].text);
    }
}

static void clocks(void **state)
{
    int64_t ns = INT64_C(1772356442) * SECOND + 340567891;
    char text[FST_FORMAT_MAX];

    (void)state;
    assert_string_equal(fst_format_clock(ns, 3, text), "09:14:02.340");
    assert_string_equal(fst_format_clock(ns, 6, text), "09:14:02.340567");
    assert_string_equal(fst_format_clock(ns, 9, text), "09:14:02.340567891");
    assert_string_equal(fst_format_date(ns, text), "2026-03-01");
    assert_int_equal(fst_day(ns), 20513);
    assert_int_equal(fst_day(-1), -1);
}

static void flags(void **state)
{
    static const struct {
        uint16_t flags;
        const char *text;
    } cases[] = {
        {FST_TCP_SYN, "S"},
        {FST_TCP_SYN | FST_TCP_ACK, "S."},
        {FST_TCP_ACK, "."},
        {FST_TCP_PSH | FST_TCP_ACK, "P."},
        {FST_TCP_FIN | FST_TCP_PSH | FST_TCP_ACK, "FP."},
        {FST_TCP_RST, "R"},
        {FST_TCP_SYN | FST_TCP_ECE | FST_TCP_CWR, "SEW"},
        {FST_TCP_FIN | FST_TCP_PSH | FST_TCP_URG, "FPU"},
        {0, "none"},
        {0x1ff, "FSRP.UEWe"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_FORMAT_MAX];

        assert_string_equal(fst_format_flags(cases[i].flags, text), cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),     cmocka_unit_test(octets), cmocka_unit_test(durations),
        cmocka_unit_test(timestamps), cmocka_unit_test(clocks), cmocka_unit_test(flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
