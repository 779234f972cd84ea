/* SPDX-License-Identifier: MIT
 *
 * cmocka with the headers it wants before it, and a check that names the case of a table.
 */
#ifndef FST_TEST_UNIT_H
#define FST_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Fails the test unless `got` equals `want`, printing the case, the expression and both numbers.
 */
#define CHECK(what, got, want)                                                                     \
    do {                                                                                           \
        long long check_got = (long long)(got), check_want = (long long)(want);                    \
        if (check_got != check_want)                                                               \
            fail_msg("%s: %s is %lld (0x%llx), not %lld (0x%llx)", what, #got, check_got,          \
                     (unsigned long long)check_got, check_want, (unsigned long long)check_want);   \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
