/* SPDX-License-Identifier: MIT
 *
 * Everything the screen knows: what tui.h hides, shared by the views.
 */
#ifndef FST_TUI_STATE_H
#define FST_TUI_STATE_H

#include "tui/canvas.h"
#include "tui/journal.h"
#include "tui/list.h"
#include "tui/model.h"
#include "tui/pager.h"
#include "tui/prompt.h"
#include "tui/screen.h"
#include "tui/tui.h"

/** Columns of the table that fit what they have held: they widen, but do not jump. */
struct fst_tui_widths {
    int endpoint[2]; /* left and right */
    int columns;     /* of the terminal they are for */
};

/** How many packets there were when the rate was last taken. */
struct fst_tui_rate {
    int64_t time_ns;
    uint64_t packets;
    double per_second;
};

struct fst_tui {
    struct fst_tui_options options;
    char *source, *filter;
    struct fst_address *local;
    struct fst_screen *screen;
    struct fst_canvas canvas;
    struct fst_analyzer *analyzer; /* of the last update; valid between two of them */
    const struct fst_view *view;
    struct fst_tui_model live, held;
    bool paused; /* what is shown is `held` */
    struct fst_journal *journal;
    struct fst_choice choice;
    struct fst_list list;
    uint32_t selected; /* id of the connection under the cursor, 0 for none */
    size_t cursor;     /* its place in the list */
    bool pinned;       /* the cursor follows the connection, not the place */
    size_t top;        /* place of the first row on the screen */
    size_t page;       /* rows on the screen, as drawn last */
    struct fst_tui_widths widths;
    struct fst_prompt prompt;
    char *where_text; /* what `choice.where` or `choice.text` was typed as, or NULL */
    struct fst_where *where;
    struct fst_pager pager; /* of the ladder or the help page */
    bool why, segments;     /* how the ladder is drawn */
    struct fst_tui_counters counters;
    struct fst_tui_rate rate;
    uint64_t found[FST_CLASS_COUNT];
    size_t alive;     /* connections in the table */
    int64_t clock_ns; /* of the last update */
    int64_t now_ns;   /* what is shown is of this moment: earlier during a pause */
    int64_t start_ns; /* of the first update */
    char message[512];
    bool failed; /* memory was short somewhere */
};

#endif
