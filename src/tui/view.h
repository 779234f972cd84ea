/* SPDX-License-Identifier: MIT
 *
 * What the pages of the screen have in common: each draws the lines between the head and the foot,
 * and acts on its keys.
 */
#ifndef FST_TUI_VIEW_H
#define FST_TUI_VIEW_H

#include "tui/state.h"

enum fst_view_bit {
#define VIEW(id, view) FST_VIEW_NUMBER_##id,
#include "tui/views.def"
#undef VIEW
    FST_VIEW_COUNT
};

#define VIEW(id, view) FST_VIEW_##id = 1u << FST_VIEW_NUMBER_##id,
enum {
#include "tui/views.def"
};
#undef VIEW

#define KEY(action, views, key, other, name, label, help) FST_DO_##action,
enum fst_do {
#include "tui/keys.def"
    FST_DO_COUNT,
    FST_DO_NOTHING = FST_DO_COUNT
};
#undef KEY

struct fst_view {
    unsigned number; /* FST_VIEW_NUMBER_... */
    /** Called when it is turned to, and whenever there is news. */
    void (*update)(struct fst_tui *tui, struct fst_analyzer *analyzer);
    /** Draw lines `top` to `bottom` - 1. */
    void (*draw)(struct fst_tui *tui, struct fst_canvas *canvas, int top, int bottom);
    /** Do what a key asks; what all views do alike does not come here. */
    void (*act)(struct fst_tui *tui, enum fst_do action);
};

#define VIEW(id, view) extern const struct fst_view view;
#include "tui/views.def"
#undef VIEW

struct fst_key_row {
    unsigned views; /* bits */
    uint32_t key, other;
    const char *name, *label, *help;
};

/** By enum fst_do; NULL past the last. */
const struct fst_key_row *fst_key_at(size_t index);

/** What a key does in the view of that number. */
enum fst_do fst_key_action(unsigned view, uint32_t key);

/** The last line: the keys of a view, as many as fit. */
void fst_foot_draw(struct fst_canvas *canvas, int line, unsigned view);

/** The lines above the list. @return how many they are. */
int fst_head_draw(struct fst_tui *tui, struct fst_canvas *canvas);

/** Put everything on the screen. */
void fst_tui_draw(struct fst_tui *tui);

/** Turn to a view. */
void fst_tui_turn(struct fst_tui *tui, const struct fst_view *view);

/** The rows as they are shown: those of the moment, or those held by a pause. */
const struct fst_tui_model *fst_tui_shown(const struct fst_tui *tui);

/** The row under the cursor; NULL if there is none. */
const struct fst_tui_row *fst_tui_selected(const struct fst_tui *tui);

/** Filter by a text or an expression; "" for all. What is wrong with it is in the prompt's error.
 */
void fst_tui_filter(struct fst_tui *tui, const char *text);

/** Choose and order the rows anew. */
void fst_tui_list(struct fst_tui *tui);

/** As fst_tui_message(), as printf. */
void fst_tui_say(struct fst_tui *tui, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
