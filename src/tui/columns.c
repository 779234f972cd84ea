/* SPDX-License-Identifier: MIT */
#include "tui/columns.h"

#include <string.h>

#define MARK        2 /* columns before the first cell: the cursor */
#define STATE       12
#define SINCE       7
#define NOTE        15 /* at least, on one line */
#define NOTE_WIDE   24 /* before further columns come in */
#define NOTE_LITTLE 6  /* less says nothing */

static const int natural[FST_COLUMN_COUNT] = {[FST_COLUMN_AGE] = 6,
                                              [FST_COLUMN_ARROW] = 1,
                                              [FST_COLUMN_LEFT_STATE] = STATE,
                                              [FST_COLUMN_LEFT_SINCE] = SINCE,
                                              [FST_COLUMN_RIGHT_STATE] = STATE,
                                              [FST_COLUMN_RIGHT_SINCE] = SINCE,
                                              [FST_COLUMN_IDLE] = 6,
                                              [FST_COLUMN_LEFT_PACKETS] = 5,
                                              [FST_COLUMN_RIGHT_PACKETS] = 5,
                                              [FST_COLUMN_LEFT_BYTES] = 5,
                                              [FST_COLUMN_RIGHT_BYTES] = 5,
                                              [FST_COLUMN_RTT] = 6};

/* What comes in on one line when there is room, the first first. */
static const enum fst_column extra[][2] = {
    {FST_COLUMN_LEFT_PACKETS, FST_COLUMN_RIGHT_PACKETS},
    {FST_COLUMN_RTT, FST_COLUMN_RTT},
    {FST_COLUMN_LEFT_SINCE, FST_COLUMN_RIGHT_SINCE},
    {FST_COLUMN_LEFT_BYTES, FST_COLUMN_RIGHT_BYTES},
};

#define EXTRA_COUNT (sizeof(extra) / sizeof(extra[0]))

static void show(struct fst_layout *layout, enum fst_column column)
{
    layout->column[column].width = natural[column];
}

/** Place what is shown of a line side by side. @return the column after the last. */
static int place(struct fst_layout *layout, int line, int at, int gap)
{
    for (unsigned i = 0; i < FST_COLUMN_COUNT; i++) {
        if (layout->column[i].width == 0 || layout->column[i].line != line)
            continue;
        layout->column[i].at = at;
        at += layout->column[i].width + gap;
    }
    return at;
}

/* --------------------------------------------------------------------------------- on one line --
 */

/** Columns that all cells but the note take, gaps included. */
static int taken(struct fst_layout *layout, int gap)
{
    return place(layout, 0, MARK, gap);
}

static void add_extra(struct fst_layout *layout, int columns, int gap)
{
    for (size_t i = 0; i < EXTRA_COUNT; i++) {
        show(layout, extra[i][0]);
        show(layout, extra[i][1]);
        if (taken(layout, gap) + NOTE_WIDE <= columns)
            continue;
        layout->column[extra[i][0]].width = layout->column[extra[i][1]].width = 0;
        return;
    }
}

static bool on_one_line(struct fst_layout *layout, int columns, const int endpoint[2], bool arrow)
{
    int gap = 2, end;

    memset(layout, 0, sizeof(*layout));
    layout->lines = 1;
    show(layout, FST_COLUMN_AGE);
    layout->column[FST_COLUMN_LEFT].width = endpoint[0];
    layout->column[FST_COLUMN_RIGHT].width = endpoint[1];
    if (arrow)
        show(layout, FST_COLUMN_ARROW);
    show(layout, FST_COLUMN_LEFT_STATE);
    show(layout, FST_COLUMN_RIGHT_STATE);
    show(layout, FST_COLUMN_IDLE);
    if (taken(layout, gap) + NOTE > columns)
        gap = 1;
    if (taken(layout, gap) + NOTE > columns)
        return false;
    add_extra(layout, columns, gap);
    end = taken(layout, gap);
    layout->column[FST_COLUMN_NOTE].at = end;
    layout->column[FST_COLUMN_NOTE].width = columns - end;
    return true;
}

/* -------------------------------------------------------------------------------- on two lines --
 */

static int at_least_zero(int number)
{
    return number > 0 ? number : 0;
}

/** What stands right of the endpoints, against the edge. @return its width with the gap before. */
static int place_right(struct fst_layout *layout, int columns)
{
    static const enum fst_column order[] = {FST_COLUMN_IDLE, FST_COLUMN_LEFT_PACKETS,
                                            FST_COLUMN_RIGHT_PACKETS, FST_COLUMN_RTT};
    size_t count = columns >= 88 ? 4 : columns >= 74 ? 3 : columns >= 56 ? 1 : 0;
    int width = 0, at;

    for (size_t i = 0; i < count; i++) {
        show(layout, order[i]);
        width += natural[order[i]] + 1;
    }
    at = columns - width;
    for (size_t i = 0; i < count; i++) {
        layout->column[order[i]].at = at + 1;
        at += natural[order[i]] + 1;
    }
    return width;
}

static void on_two_lines(struct fst_layout *layout, int columns, bool arrow)
{
    int start = MARK + natural[FST_COLUMN_AGE] + 1, between = arrow ? 3 : 1, room, left, right;
    int note;

    memset(layout, 0, sizeof(*layout));
    layout->lines = 2;
    show(layout, FST_COLUMN_AGE);
    layout->column[FST_COLUMN_AGE].at = MARK;
    room = at_least_zero(columns - start - between - place_right(layout, columns));
    left = start;
    right = start + room / 2 + between;
    layout->column[FST_COLUMN_LEFT].at = layout->column[FST_COLUMN_LEFT_STATE].at = left;
    layout->column[FST_COLUMN_LEFT].width = room / 2;
    layout->column[FST_COLUMN_RIGHT].at = layout->column[FST_COLUMN_RIGHT_STATE].at = right;
    layout->column[FST_COLUMN_RIGHT].width = room - room / 2;
    if (arrow) {
        show(layout, FST_COLUMN_ARROW);
        layout->column[FST_COLUMN_ARROW].at = right - 2;
    }
    for (unsigned i = FST_COLUMN_LEFT_STATE; i <= FST_COLUMN_RIGHT_SINCE; i++)
        layout->column[i].line = 1;
    layout->column[FST_COLUMN_LEFT_STATE].width = room / 2 < STATE ? room / 2 : STATE;
    layout->column[FST_COLUMN_RIGHT_STATE].width =
        room - room / 2 < STATE ? room - room / 2 : STATE;
    note = right + STATE + 2;
    if (room / 2 >= STATE + 1 + SINCE) {
        show(layout, FST_COLUMN_LEFT_SINCE);
        show(layout, FST_COLUMN_RIGHT_SINCE);
        layout->column[FST_COLUMN_LEFT_SINCE].at = left + STATE + 1;
        layout->column[FST_COLUMN_RIGHT_SINCE].at = right + STATE + 1;
        note += SINCE + 1;
    }
    layout->column[FST_COLUMN_NOTE].line = 1;
    layout->column[FST_COLUMN_NOTE].at = note;
    layout->column[FST_COLUMN_NOTE].width = columns - note >= NOTE_LITTLE ? columns - note : 0;
}

void fst_layout_make(struct fst_layout *layout, int columns, const int endpoint[2], bool arrow)
{
    if (!on_one_line(layout, columns, endpoint, arrow))
        on_two_lines(layout, columns, arrow);
}
