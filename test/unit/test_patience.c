/* SPDX-License-Identifier: MIT
 *
 * The more connections are kept the shorter silent ones are, so that their number comes to rest.
 */
#include "live/patience.h"

#include "support/unit.h"

#define NS_PER_S INT64_C(1000000000)

static void few_are_kept_for_long(void **state)
{
    static const struct {
        size_t alive;
        int64_t seconds;
    } cases[] = {
        {0, 3600}, {32768, 3600}, {65536, 900}, {131072, 225}, {1000000, 120}, {SIZE_MAX, 120},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK("seconds", fst_patience_ns(cases[i].alive) / NS_PER_S, cases[i].seconds);
}

/* 60 connections a second are left open, beside 60,000 that come and go. */
static void a_steady_rate_comes_to_rest(void **state)
{
    enum { RATE = 60, OTHERS = 60000, HOUR = 3600 };
    size_t alive = OTHERS, half_past = 0, begun = 0, over = 0;

    (void)state;
    for (size_t second = 1; second <= HOUR; second++) {
        size_t oldest = (size_t)(fst_patience_ns(alive) / NS_PER_S);

        begun += RATE;
        if (second > oldest && (second - oldest) * RATE > over)
            over = (second - oldest) * RATE;
        alive = OTHERS + begun - over;
        if (second == HOUR / 2)
            half_past = alive;
    }
    assert_true(half_past < OTHERS + OTHERS / 2);
    assert_true(alive <= half_past + half_past / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_kept_for_long),
        cmocka_unit_test(a_steady_rate_comes_to_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
