/* SPDX-License-Identifier: MIT
 *
 * What the progress line says, and where text is broken into lines.
 */
#include "support/unit.h"

#include "cli/progress.h"
#include "report/paragraph.h"

#define SECOND INT64_C(1000000000)

static void says_how_far(void **state)
{
    static const struct {
        uint64_t done, total;
        int64_t elapsed_ns;
        const char *text;
    } cases[] = {
        {1200000000, 2800000000, 4 * SECOND, "42%  1.2 GB of 2.8 GB  300.0 MB/s  5.3 s left"},
        {5000, 5000, SECOND, "100%  5.0 kB of 5.0 kB  5.0 kB/s  0 us left"},
        {5000, 0, SECOND, "5.0 kB read  5.0 kB/s"},
        {6000, 5000, SECOND, "6.0 kB read  6.0 kB/s"}, /* the file grows while it is read */
        {0, 5000, SECOND, "0 B read  0 B/s"},
        {5000, 6000, 0, "5.0 kB read  0 B/s"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_PROGRESS_MAX];

        assert_string_equal(
            fst_progress_text(cases[i].done, cases[i].total, cases[i].elapsed_ns, text),
            cases[i].text);
    }
}

static void breaks_lines_at_blanks(void **state)
{
    static const struct {
        const char *text;
        size_t columns, len;
    } cases[] = {
        {"all of it fits", 14, 14}, {"not all of it fits", 13, 13}, {"not all of it fits", 12, 10},
        {"ends at a blank", 4, 4},  {"awordthatistoolong", 5, 5},   {"", 5, 0},
        {" leading", 4, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(cases[i].text, fst_wrap(cases[i].text, cases[i].columns), cases[i].len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_how_far),
        cmocka_unit_test(breaks_lines_at_blanks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
