/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "capture/diag.h"

static void hostile_names_are_escaped(void **state)
{
    static const struct {
        const char *path;
        const char *message;
    } cases[] = {
        {"a b.pcap", "a b.pcap: x"},
        {"-", "standard input: x"},
        {"a\nb\x1b[31m\x7f", "a\\x0ab\\x1b[31m\\x7f: x"},
        {"gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x90\xa7", /* 2, 3 and 4 octets */
         "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x90\xa7: x"},
        {"\xc2\x9b"
         "31m",
         "\\xc2\\x9b31m: x"},                                     /* CSI as one character */
        {"\xe2\x80\xae", "\\xe2\\x80\\xae: x"},                   /* right-to-left override */
        {"\xff\xc3", "\\xff\\xc3: x"},                            /* not UTF-8, cut off */
        {"\xc0\x8a\xe0\x80\x8a", "\\xc0\\x8a\\xe0\\x80\\x8a: x"}, /* overlong line ends */
        {"\xed\xa0\x80\xf4\x90\x80\x80",                          /* surrogate, too large */
         "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80: x"},
        {"\x80\xf8", "\\x80\\xf8: x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fst_diag diag;

        assert_int_equal(fst_diag_set(&diag, FST_EOPEN, cases[i].path, "x"), FST_EOPEN);
        assert_int_equal(diag.error, FST_EOPEN);
        assert_string_equal(diag.message, cases[i].message);
    }
}

static void the_text_is_escaped_too(void **state)
{
    struct fst_diag diag;

    (void)state;
    (void)fst_diag_set(&diag, FST_EFILTER, "p", "filter \"%s\": %d", "a\tb", 7);
    assert_string_equal(diag.message, "p: filter \"a\\x09b\": 7");
    assert_int_equal(fst_diag_set(NULL, FST_EINVAL, "p", "nobody reads this"), FST_EINVAL);
}

static void a_long_path_keeps_its_end(void **state)
{
    struct fst_diag diag;
    char path[4000];

    (void)state;
    for (size_t i = 0; i < sizeof(path); i++)
        path[i] = (char)(i % 2 ? '\n' : 'd');
    memcpy(path + sizeof(path) - 9, "end.pcap", 9);
    (void)fst_diag_set(&diag, FST_EOPEN, path, "why");
    assert_true(strlen(diag.message) <= 3 + 200 + 5);
    assert_int_equal(strncmp(diag.message, "...", 3), 0);
    assert_non_null(strstr(diag.message, "end.pcap: why"));
}

static void a_long_text_is_cut_between_characters(void **state)
{
    struct fst_diag diag;
    char text[1000] = "";

    (void)state;
    for (size_t i = 0; i < 300; i++)
        strcat(text, "\xe2\x82\xac");
    (void)fst_diag_set(&diag, FST_EOPEN, "p", "%s", text);
    /* "p: " and 158 signs of 3 octets, as far as the text before escaping reaches. */
    assert_true(strlen(diag.message) < sizeof(diag.message));
    assert_null(strstr(diag.message, "\xe2\x82\xac\xe2\x82:"));
    assert_int_equal(strlen(diag.message) > 470, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_names_are_escaped),
        cmocka_unit_test(the_text_is_escaped_too),
        cmocka_unit_test(a_long_path_keeps_its_end),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
