/* SPDX-License-Identifier: MIT
 *
 * Numbers as text, against printf.
 */
#include "base/digits.h"

#include <stdio.h>
#include <string.h>

#include "support/unit.h"

static const uint32_t numbers[] = {0,     1,     9,      10,     15,     16,         99,
                                   100,   255,   256,    4095,   4096,   9999,       10000,
                                   65535, 65536, 999999, 123456, 100000, 4294967295u};

static void check(const char *to, const char *end, const char *want)
{
    CHECK(want, end - to, strlen(want));
    assert_memory_equal(to, want, strlen(want));
}

static void numbers_are_as_printf_writes_them(void **state)
{
    char text[32], want[32];
    uint64_t power = 1;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        snprintf(want, sizeof(want), "%u", numbers[i]);
        check(text, fst_put_number(text, numbers[i]), want);
        snprintf(want, sizeof(want), "%012u", numbers[i]);
        check(text, fst_put_digits(text, 12, numbers[i]), want);
        snprintf(want, sizeof(want), "%x", numbers[i] & 0xffff);
        check(text, fst_put_hex(text, (uint16_t)numbers[i]), want);
    }
    for (i = 0; i < FST_DIGITS_MAX; i++, power *= 10) {
        snprintf(want, sizeof(want), "%llu", (unsigned long long)power);
        check(text, fst_put_number(text, power), want);
        snprintf(want, sizeof(want), "%llu", (unsigned long long)power - 1);
        check(text, fst_put_number(text, power - 1), want);
    }
    check(text, fst_put_number(text, UINT64_MAX), "18446744073709551615");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_as_printf_writes_them)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
