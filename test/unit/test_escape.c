/* SPDX-License-Identifier: MIT
 *
 * Hostile strings in text and in JSON.
 */
#include "report/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/json_out.h"

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static const struct {
    const char *what, *from, *text, *json;
} cases[] = {
    {"plain", "a.pcap", "a.pcap", "a.pcap"},
    {"quote and backslash", "a\"b\\c", "a\"b\\c", "a\\\"b\\\\c"},
    {"escape sequence", "\033[31m", "\\x1b[31m", "\\u001b[31m"},
    {"line end", "a\nb", "a\\x0ab", "a\\u000ab"},
    {"DEL", "\x7f", "\\x7f", "\\u007f"},
    {"C1: a one-character CSI", "\xc2\x9b", "\\u009b", "\\u009b"},
    {"letters beyond ASCII", "h\xc3\xa9", "h\xc3\xa9", "h\xc3\xa9"},
    {"right-to-left override", "\xe2\x80\xae", "\\u202e", "\\u202e"},
    {"line separator", "\xe2\x80\xa8", "\\u2028", "\\u2028"},
    {"four octets", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"lone continuation", "\x80", "\\x80", "\xef\xbf\xbd"},
    {"cut short", "\xe2\x80", "\\xe2\\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"overlong slash", "\xc0\xaf", "\\xc0\\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
     "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

static void for_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];

        fst_escape_text(cases[i].from, text, sizeof(text));
        if (strcmp(text, cases[i].text) != 0)
            fail_msg("%s: %s", cases[i].what, text);
    }
}

static void fits_the_buffer(void **state)
{
    char from[300], text[64];

    (void)state;
    memset(from, '\033', sizeof(from) - 1);
    from[sizeof(from) - 1] = '\0';
    fst_escape_text(from, text, sizeof(text));
    assert_true(strlen(text) < sizeof(text));
}

/** What a function prints; read back from a file. */
static void printed(void (*print)(struct fst_out *, const char *), const char *from, char *text,
                    size_t size)
{
    static struct fst_out out;
    FILE *file = tmpfile();
    size_t len;

    assert_non_null(file);
    fst_out_init(&out, fileno(file), false);
    print(&out, from);
    assert_int_equal(fst_out_close(&out), 0);
    rewind(file);
    len = fread(text, 1, size - 1, file);
    text[len] = '\0';
    fclose(file);
}

static void for_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[128];

        printed(fst_out_json_chars, cases[i].from, text, sizeof(text));
        if (strcmp(text, cases[i].json) != 0)
            fail_msg("%s: %s", cases[i].what, text);
    }
}

static void for_markup(void **state)
{
    char text[128];

    (void)state;
    printed(fst_out_markup, "<a href=\"x\" b='y'>&h\xc3\xa9\033\xff\xe2\x80\xae", text,
            sizeof(text));
    assert_string_equal(text, "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;h\xc3\xa9"
                              "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

static struct fst_connection_view view;

static void print_values(struct fst_out *out, const char *unused)
{
    struct fst_json json = {out, false};

    (void)unused;
    fst_json_open(&json, '{');
    fst_json_put_number(&json, "big", UINT64_MAX);
    fst_json_put_string(&json, "none", NULL);
    fst_json_put_word(&json, "no_word", NULL);
    fst_json_put_word(&json, "word", "syn");
    fst_json_put_bool(&json, "yes", true);
    fst_json_put_time(&json, "time", -1);
    fst_json_key(&json, "states");
    fst_json_states(&json, 1u << FST_CLOSED | 1u << FST_TIME_WAIT);
    fst_json_key(&json, "empty");
    fst_json_states(&json, 0);
    fst_json_key(&json, "vlans");
    fst_json_vlans(&json, &view);
    fst_json_close(&json, '}');
}

static void values_and_commas(void **state)
{
    char text[512];

    (void)state;
    view.tag_count = 3;
    view.tags[0] = FST_TAG_VLAN | 7;
    view.tags[1] = FST_TAG_PPPOE | 8;
    view.tags[2] = FST_TAG_VLAN | 4094;
    printed(print_values, "", text, sizeof(text));
    assert_string_equal(text,
                        "{\"big\":9007199254740992,\"none\":null,\"no_word\":null,\"word\":\"syn\","
                        "\"yes\":true,\"time\":\"1969-12-31T23:59:59.999999999Z\","
                        "\"states\":[\"CLOSED\",\"TIME-WAIT\"],\"empty\":[],\"vlans\":[7,4094]}");
}

static void print_path(struct fst_out *out, const char *unused)
{
    struct fst_json json = {out, false};

    (void)unused;
    fst_json_path(&json, &view.side[0]);
    fst_json_path_packets(&json, &view.side[0]);
}

/* The longest there can be, of the longest words and numbers. */
static void paths(void **state)
{
    static char text[FST_PATH_MAX * 40];
    struct fst_strbuf want = {NULL, 0, 0, false};
    struct fst_endpoint_view *side = &view.side[0];

    (void)state;
    printed(print_path, "", text, sizeof(text));
    assert_string_equal(text, "[],[]");
    side->path_count = FST_PATH_MAX;
    for (size_t i = 0; i < FST_PATH_MAX; i++) {
        side->path[i].state = FST_SYN_RECEIVED;
        side->path[i].packet = UINT64_MAX;
        fst_strbuf_add(&want, i > 0 ? ",\"SYN-RECEIVED\"" : "[\"SYN-RECEIVED\"");
    }
    fst_strbuf_add(&want, "],[");
    for (size_t i = 1; i < FST_PATH_MAX; i++)
        fst_strbuf_add(&want, i > 1 ? ",18446744073709551615" : "18446744073709551615");
    fst_strbuf_add(&want, "]");
    printed(print_path, "", text, sizeof(text));
    assert_string_equal(text, want.text);
    fst_strbuf_free(&want);
}

static void columns(void **state)
{
    (void)state;
    assert_int_equal(fst_text_columns(""), 0);
    assert_int_equal(fst_text_columns("h\xc3\xa9!"), 3);
    assert_int_equal(fst_text_columns("\xff"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_people), cmocka_unit_test(fits_the_buffer),
        cmocka_unit_test(for_json),   cmocka_unit_test(values_and_commas),
        cmocka_unit_test(columns),    cmocka_unit_test(paths),
        cmocka_unit_test(for_markup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
