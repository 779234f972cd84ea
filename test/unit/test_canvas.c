/* SPDX-License-Identifier: MIT
 *
 * The screen's cells: whatever a text has, a cell gets one printable character one column wide.
 */
#include "support/unit.h"

#include "tui/canvas.h"

static void check_line(const struct fst_canvas *canvas, int line, const char *want)
{
    char text[512];

    fst_canvas_line(canvas, line, text);
    assert_string_equal(text, want);
}

static void lets_no_control_through(void **state)
{
    struct fst_canvas canvas = {.utf8 = true};
    const char *const bad[] = {"\x1b",         "\x07",
                               "\n",           "\t",
                               "\x7f",         "\xc2\x9b",
                               "\xe2\x80\xae", "\xef\xbb\xbf",
                               "\xff",         "\xc3",
                               "\xe2\x80\x8b", "\xcc\x81",
                               "\xe6\xbc\xa2", "\xf0\x9f\x98\x80",
                               "\xc2\xad",     "\xc2\xa0"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_true(fst_canvas_begin(&canvas, 5, 1));
        fst_canvas_text(&canvas, 0, 1, 3, FST_PLAIN, bad[i]);
        check_line(&canvas, 0, " ?");
    }
    fst_canvas_free(&canvas);
}

/** Every code point up to the end of the plane that has the symbols. */
static void holds_only_what_is_one_column_wide(void **state)
{
    struct fst_canvas canvas = {.utf8 = false};

    (void)state;
    assert_true(fst_canvas_begin(&canvas, 1, 1));
    for (uint32_t code = 1; code < 0x3000; code++) {
        char text[4] = {(char)(0xe0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3f)),
                        (char)(0x80 | (code & 0x3f)), '\0'};

        if (code < 0x800)
            continue;
        fst_canvas_text(&canvas, 0, 0, 1, FST_PLAIN, text);
        assert_in_range(canvas.cells[0].code, 0x20, 0x7e);
    }
    fst_canvas_free(&canvas);
}

static void keeps_inside_its_edges(void **state)
{
    struct fst_canvas canvas = {.utf8 = true};

    (void)state;
    assert_true(fst_canvas_begin(&canvas, 10, 2));
    fst_canvas_text(&canvas, 0, -3, 20, FST_PLAIN, "abcdefghijklmnopq");
    fst_canvas_text(&canvas, 2, 0, 10, FST_PLAIN, "below");
    fst_canvas_text(&canvas, -1, 0, 10, FST_PLAIN, "above");
    fst_canvas_text(&canvas, 1, 8, 10, FST_PLAIN, "xyz");
    fst_canvas_fill(&canvas, 1, 0, 3, FST_PLAIN, "─");
    fst_canvas_mark(&canvas, 1, 5, 100, FST_REVERSE);
    fst_canvas_right(&canvas, 1, 4, -2, FST_PLAIN, "no");
    check_line(&canvas, 0, "defghijklm");
    check_line(&canvas, 1, "───     xy");
    CHECK("marked", canvas.cells[19].look, FST_REVERSE);
    fst_canvas_free(&canvas);
}

static void cuts_with_dots(void **state)
{
    static const struct {
        int width;
        const char *text, *cut, *right;
    } cases[] = {{5, "abcde", "abcde", "abcde"},
                 {5, "abc", "abc", "  abc"},
                 {5, "abcdef", "abcd…", "abcd…"},
                 {1, "ab", "…", "…"},
                 {0, "ab", "", ""},
                 {3, "─→▼▲", "─→…", "─→…"}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_canvas canvas = {.utf8 = true};

        assert_true(fst_canvas_begin(&canvas, 10, 2));
        fst_canvas_cut(&canvas, 0, 0, cases[i].width, FST_PLAIN, cases[i].text);
        fst_canvas_right(&canvas, 1, 0, cases[i].width, FST_PLAIN, cases[i].text);
        check_line(&canvas, 0, cases[i].cut);
        check_line(&canvas, 1, cases[i].right);
        fst_canvas_free(&canvas);
    }
}

static void stands_in_with_ascii(void **state)
{
    struct fst_canvas canvas = {.utf8 = false};

    (void)state;
    assert_true(fst_canvas_begin(&canvas, 30, 1));
    fst_canvas_text(&canvas, 0, 0, 30, FST_PLAIN, "a·b–c…→←▼▲▶─│é");
    check_line(&canvas, 0, "a-b-c~><v^>-|?");
    fst_canvas_free(&canvas);
}

static void starts_blank_at_any_size(void **state)
{
    struct fst_canvas canvas = {.utf8 = true};

    (void)state;
    for (int size = 1; size < 40; size += 13) {
        assert_true(fst_canvas_begin(&canvas, size, 40 - size));
        fst_canvas_fill(&canvas, 0, 0, size, FST_BOLD, "x");
        assert_true(fst_canvas_begin(&canvas, size, 40 - size));
        check_line(&canvas, 0, "");
        CHECK("plain", canvas.cells[0].look, FST_PLAIN);
    }
    fst_canvas_free(&canvas);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_no_control_through),
        cmocka_unit_test(holds_only_what_is_one_column_wide),
        cmocka_unit_test(keeps_inside_its_edges),
        cmocka_unit_test(cuts_with_dots),
        cmocka_unit_test(stands_in_with_ascii),
        cmocka_unit_test(starts_blank_at_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
