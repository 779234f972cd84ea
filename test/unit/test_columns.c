/* SPDX-License-Identifier: MIT
 *
 * Where the cells of a row go: inside the terminal, side by side, whatever its width.
 */
#include "support/unit.h"

#include <stdio.h>

#include "tui/columns.h"

/* The age alone takes so many. */
#define LEAST 12

static bool overlap(const struct fst_layout *layout, unsigned a, unsigned b)
{
    if (layout->column[a].width == 0 || layout->column[b].width == 0 ||
        layout->column[a].line != layout->column[b].line)
        return false;
    return layout->column[a].at < layout->column[b].at + layout->column[b].width &&
           layout->column[b].at < layout->column[a].at + layout->column[a].width;
}

static void check_layout(const struct fst_layout *layout, const char *what, int columns)
{
    for (unsigned i = 0; i < FST_COLUMN_COUNT; i++) {
        CHECK(what, layout->column[i].width >= 0, true);
        CHECK(what, layout->column[i].line < layout->lines, true);
        if (layout->column[i].width > 0 && columns >= LEAST)
            CHECK(what, layout->column[i].at + layout->column[i].width <= columns, true);
        for (unsigned k = 0; k < i && columns >= LEAST; k++)
            CHECK(what, overlap(layout, i, k), false);
    }
}

static void fits_every_width(void **state)
{
    static const int endpoints[][2] = {{13, 13}, {21, 21}, {15, 20}, {30, 30}};

    (void)state;
    for (size_t i = 0; i < COUNT(endpoints); i++)
        for (int columns = 1; columns < 260; columns++)
            for (int arrow = 0; arrow < 2; arrow++) {
                struct fst_layout layout;
                char what[80];

                snprintf(what, sizeof(what), "%d columns, endpoints of %d and %d, arrow %d",
                         columns, endpoints[i][0], endpoints[i][1], arrow);
                fst_layout_make(&layout, columns, endpoints[i], arrow);
                check_layout(&layout, what, columns);
            }
}

/** What may go, and what must not. */
static void gives_way_in_order(void **state)
{
    static const int endpoint[2] = {20, 18};
    static const struct {
        int columns, lines;
        bool note, packets, rtt, since, bytes;
    } cases[] = {
        {30, 2, false, false, false, false, false}, {40, 2, false, false, false, false, false},
        {60, 2, true, false, false, true, false},   {80, 2, true, true, false, true, false},
        {96, 2, true, true, true, true, false},     {98, 1, true, false, false, false, false},
        {128, 1, true, true, false, false, false},  {140, 1, true, true, true, false, false},
        {160, 1, true, true, true, true, false},    {200, 1, true, true, true, true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_layout layout;
        char what[32];

        snprintf(what, sizeof(what), "%d columns", cases[i].columns);
        fst_layout_make(&layout, cases[i].columns, endpoint, false);
        CHECK(what, layout.lines, cases[i].lines);
        CHECK(what, layout.column[FST_COLUMN_LEFT_STATE].width, cases[i].columns < 38 ? 10 : 12);
        CHECK(what, layout.column[FST_COLUMN_RIGHT_STATE].width, cases[i].columns < 38 ? 10 : 12);
        CHECK(what, layout.column[FST_COLUMN_NOTE].width > 0, cases[i].note);
        CHECK(what, layout.column[FST_COLUMN_LEFT_PACKETS].width > 0, cases[i].packets);
        CHECK(what, layout.column[FST_COLUMN_RTT].width > 0, cases[i].rtt);
        CHECK(what, layout.column[FST_COLUMN_LEFT_SINCE].width > 0, cases[i].since);
        CHECK(what, layout.column[FST_COLUMN_LEFT_BYTES].width > 0, cases[i].bytes);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_every_width),
        cmocka_unit_test(gives_way_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
