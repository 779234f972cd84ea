/* SPDX-License-Identifier: MIT
 *
 * A long text on a short screen: attributes, scrolling, following what is added.
 */
#include "support/unit.h"

#include "tui/pager.h"

static void set(struct fst_pager *pager, const char *text)
{
    fst_strbuf_clear(&pager->text);
    fst_strbuf_add(&pager->text, text);
    fst_pager_set(pager);
}

static void check(struct fst_pager *pager, int height, const char *first)
{
    struct fst_canvas canvas = {.utf8 = true};
    char text[256];

    assert_true(fst_canvas_begin(&canvas, 20, 10));
    fst_pager_draw(pager, &canvas, 1, 1 + height);
    fst_canvas_line(&canvas, 1, text);
    assert_string_equal(text, first);
    fst_canvas_line(&canvas, 1 + height, text); /* nothing below its part */
    assert_string_equal(text, "");
    fst_canvas_free(&canvas);
}

static void scrolls_as_far_as_there_is_text(void **state)
{
    struct fst_pager pager = {.top = 0};

    (void)state;
    set(&pager, "one\ntwo\nthree\nfour\nfive\n");
    CHECK("lines", pager.lines, 5);
    check(&pager, 3, "one");
    fst_pager_scroll(&pager, 1);
    check(&pager, 3, "two");
    fst_pager_scroll(&pager, 100);
    check(&pager, 3, "three");
    fst_pager_scroll(&pager, -100);
    check(&pager, 3, "one");
    check(&pager, 8, "one");
    fst_pager_scroll(&pager, 1); /* all of it is there already */
    check(&pager, 8, "one");
    fst_pager_free(&pager);
}

static void follows_until_it_is_moved(void **state)
{
    struct fst_pager pager = {.follow = true};

    (void)state;
    set(&pager, "one\ntwo\nthree\n");
    check(&pager, 2, "two");
    set(&pager, "one\ntwo\nthree\nfour\n");
    check(&pager, 2, "three");
    fst_pager_scroll(&pager, -1);
    check(&pager, 2, "two");
    set(&pager, "one\ntwo\nthree\nfour\nfive\n");
    check(&pager, 2, "two");
    fst_pager_scroll(&pager, 1);
    check(&pager, 2, "three");
    fst_pager_scroll(&pager, 1); /* the end: follow again */
    set(&pager, "one\ntwo\nthree\nfour\nfive\nsix\n");
    check(&pager, 2, "five");
    fst_pager_free(&pager);
}

static void shifts_sideways(void **state)
{
    struct fst_pager pager = {.top = 0};

    (void)state;
    set(&pager, "abcdefghijklmnopqrstuvwxyz\n");
    check(&pager, 1, "abcdefghijklmnopqrst");
    fst_pager_shift(&pager, 8);
    check(&pager, 1, "ijklmnopqrstuvwxyz");
    fst_pager_shift(&pager, -100);
    check(&pager, 1, "abcdefghijklmnopqrst");
    fst_pager_free(&pager);
}

/** What the writers use, and nothing else, acts on the cells. */
static void understands_attributes(void **state)
{
    static const struct {
        const char *text, *shown;
        fst_look look; /* of the first cell */
    } cases[] = {{"\033[1;31mab\033[0mc", "abc", FST_BAD | FST_BOLD},
                 {"\033[2mx", "x", FST_DIM},
                 {"\033[1m\033[33mx", "x", FST_WARN | FST_BOLD},
                 {"\033[32mx", "x", FST_GOOD},
                 {"\033[36mx", "x", FST_HINT},
                 {"\033[1m\033[0mx", "x", FST_PLAIN},
                 {"\033[mx", "x", FST_PLAIN},
                 {"\033[2Jx", "?[2Jx", FST_PLAIN},
                 {"\033]52;x", "?]52;x", FST_PLAIN},
                 {"\033", "?", FST_PLAIN}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_pager pager = {.top = 0};
        struct fst_canvas canvas = {.utf8 = true};
        char text[256];

        set(&pager, cases[i].text);
        assert_true(fst_canvas_begin(&canvas, 20, 1));
        fst_pager_draw(&pager, &canvas, 0, 1);
        fst_canvas_line(&canvas, 0, text);
        assert_string_equal(text, cases[i].shown);
        CHECK(cases[i].text, canvas.cells[0].look, cases[i].look);
        fst_canvas_free(&canvas);
        fst_pager_free(&pager);
    }
}

static void shows_an_empty_text(void **state)
{
    struct fst_pager pager = {.follow = true};

    (void)state;
    fst_pager_set(&pager);
    check(&pager, 3, "");
    fst_pager_scroll(&pager, 5);
    check(&pager, 3, "");
    fst_pager_free(&pager);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrolls_as_far_as_there_is_text),
        cmocka_unit_test(follows_until_it_is_moved),
        cmocka_unit_test(shifts_sideways),
        cmocka_unit_test(understands_attributes),
        cmocka_unit_test(shows_an_empty_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
