/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "capture/clock.h"

#define NS INT64_C(1000000000)

static void ticks_become_nanoseconds(void **state)
{
    static const struct {
        const char *what;
        uint8_t resolution;
        int64_t offset_s;
        uint64_t ticks;
        int64_t ns;
    } cases[] = {
        {"microseconds", 6, 0, 1700000000123456, 1700000000123456000},
        {"nanoseconds", 9, 0, 1700000000123456789, 1700000000123456789},
        {"seconds", 0, 0, 1700000000, 1700000000 * NS},
        {"milliseconds", 3, 0, 1700000000123, 1700000000123000000},
        {"10^-7", 7, 0, 17000000001234567, 1700000000123456700},
        {"picoseconds are cut off", 12, 0, 1999, 1},
        {"10^-19", 19, 0, UINT64_MAX, 1844674407},
        {"10^-20 still tells nanoseconds", 20, 0, UINT64_MAX, 184467440},
        {"10^-28, the last that can", 28, 0, UINT64_MAX, 1},
        {"10^-29", 29, 0, UINT64_MAX, 0},
        {"10^-127", 127, 0, UINT64_MAX, 0},
        {"2^0", 0x80, 0, 5, 5 * NS},
        {"2^-1", 0x81, 0, 5, 5 * NS / 2},
        {"2^-10", 0x8a, 0, 1025, NS + 976562},
        {"2^-31", 0x9f, 0, (UINT64_C(1) << 31) + 3, NS + 1},
        {"2^-32", 0xa0, 0, (UINT64_C(7) << 32) + 0x80000000, 7 * NS + NS / 2},
        {"2^-32, a whole second less a tick", 0xa0, 0, UINT32_MAX, NS - 1},
        {"2^-63", 0xbf, 0, UINT64_C(3) << 62, NS + NS / 2},
        {"2^-64", 0xc0, 0, UINT64_C(1) << 63, NS / 2},
        {"2^-93, the last that can", 0xdd, 0, UINT64_MAX, 1},
        {"2^-94", 0xde, 0, UINT64_MAX, 0},
        {"2^-127", 0xff, 0, UINT64_MAX, 0},
        {"offset forward", 6, 1700000000, 5, 1700000000 * NS + 5000},
        {"offset back", 6, -10, 1, -10 * NS + 1000},
        {"offset far back", 9, INT64_MIN, UINT64_MAX, -FST_CLOCK_LAST_NS},
        {"offset far forward", 9, INT64_MAX, UINT64_MAX, FST_CLOCK_LAST_NS},
        {"offset back from the far end", 0, -INT64_MAX, UINT64_MAX, 0},
        {"nanoseconds too many", 9, 0, UINT64_MAX, FST_CLOCK_LAST_NS},
        {"microseconds too many", 6, 0, UINT64_MAX, FST_CLOCK_LAST_NS},
        {"seconds too many", 0, 0, UINT64_MAX, FST_CLOCK_LAST_NS},
        {"2^0 too many", 0x80, 0, UINT64_MAX, FST_CLOCK_LAST_NS},
        {"the last whole second", 0, 0, 4611686018, 4611686018 * NS},
        {"the first second too much", 0, 0, 4611686019, FST_CLOCK_LAST_NS},
        {"the last nanosecond", 9, 0, FST_CLOCK_LAST_NS, FST_CLOCK_LAST_NS},
        {"the first whole second", 0, -4611686018, 0, -4611686018 * NS},
        {"a second before it", 0, -4611686019, 0, -FST_CLOCK_LAST_NS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fst_clock clock = fst_clock_make(cases[i].resolution, cases[i].offset_s);
        int64_t ns = fst_clock_ns(&clock, cases[i].ticks);

        if (ns != cases[i].ns)
            fail_msg("%s: %lld instead of %lld", cases[i].what, (long long)ns,
                     (long long)cases[i].ns);
    }
}

/* The short way and the long way must agree wherever the short one is taken. */
static void both_ways_agree(void **state)
{
    (void)state;
    for (uint8_t resolution = 0; resolution <= 9; resolution++) {
        struct fst_clock clock = fst_clock_make(resolution, 0);
        uint64_t ticks[] = {
            0, 1, 999999999, 1700000000, clock.plain_end / 2, clock.plain_end - 1, clock.plain_end};

        for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++)
            assert_int_equal(fst_clock_ns(&clock, ticks[i]), fst_clock_ns_slow(&clock, ticks[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_become_nanoseconds),
        cmocka_unit_test(both_ways_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
