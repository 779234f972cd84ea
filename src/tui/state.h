/* SPDX-License-Identifier: MIT
 *
 * Everything the screen knows: what tui.h hides, shared by the views.
 */
#ifndef FST_TUI_STATE_H
#define FST_TUI_STATE_H

#include "tui/canvas.h"
#include "tui/model.h"
#include "tui/screen.h"
#include "tui/tui.h"

struct fst_tui {
    struct fst_tui_options options;
    char *source, *filter;
    struct fst_address *local;
    struct fst_screen *screen;
    struct fst_canvas canvas;
    struct fst_tui_model live;
    struct fst_tui_counters counters;
    int64_t now_ns, start_ns;
    char message[256];
    bool failed; /* memory was short somewhere */
};

#endif
