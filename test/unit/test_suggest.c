/* SPDX-License-Identifier: MIT
 *
 * The name nearest to a mistyped word.
 */
#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *name_at(const void *context, size_t index)
{
    static const char *const names[] = {"flows", "trace", "states", "rules", "help"};

    (void)context;
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : NULL;
}

static void nearest_names(void **state)
{
    static const struct {
        const char *word, *name;
    } cases[] = {
        {"trace", "trace"},  {"trcae", "trace"}, {"TRACE", "trace"}, {"flow", "flows"},
        {"state", "states"}, {"rulse", "rules"}, {"x", NULL},        {"capture.pcap", NULL},
        {"", NULL},          {"hlp", "help"},    {"pilot", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *name = fst_suggest(cases[i].word, name_at, NULL);

        if (cases[i].name)
            assert_string_equal(name, cases[i].name);
        else
            assert_null(name);
    }
}

static void a_word_without_end_is_like_nothing(void **state)
{
    char word[5000];

    (void)state;
    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    assert_null(fst_suggest(word, name_at, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_names),
        cmocka_unit_test(a_word_without_end_is_like_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
