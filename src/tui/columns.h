/* SPDX-License-Identifier: MIT
 *
 * Where the cells of a row go: on one line where there is room, on two where there is not. Pure
 * arithmetic on the width of the terminal and of the addresses.
 */
#ifndef FST_TUI_COLUMNS_H
#define FST_TUI_COLUMNS_H

#include <stdbool.h>

enum fst_column {
    FST_COLUMN_AGE,
    FST_COLUMN_LEFT,
    FST_COLUMN_ARROW, /* who is the client, where that is not always the left one */
    FST_COLUMN_RIGHT,
    FST_COLUMN_LEFT_STATE,
    FST_COLUMN_LEFT_SINCE, /* how long in that state */
    FST_COLUMN_RIGHT_STATE,
    FST_COLUMN_RIGHT_SINCE,
    FST_COLUMN_IDLE,
    FST_COLUMN_LEFT_PACKETS,
    FST_COLUMN_RIGHT_PACKETS,
    FST_COLUMN_LEFT_BYTES,
    FST_COLUMN_RIGHT_BYTES,
    FST_COLUMN_RTT,
    FST_COLUMN_NOTE,
    FST_COLUMN_COUNT
};

struct fst_layout {
    int lines; /* of a row: 1 or 2 */
    struct {
        int line, at, width; /* width 0: not shown */
    } column[FST_COLUMN_COUNT];
};

/** Lay out rows on a terminal of that width, the endpoints being so wide at most. */
void fst_layout_make(struct fst_layout *layout, int columns, const int endpoint[2], bool arrow);

#endif
