/* SPDX-License-Identifier: MIT
 *
 * The terminal: its size, its keys, a page put on it. The one thing here that does I/O.
 */
#ifndef FST_TUI_SCREEN_H
#define FST_TUI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"
#include "tui/canvas.h"

/* Keys beyond characters, above every code point. */
enum fst_key {
    FST_KEY_NONE = 0x110000, /* nothing is waiting */
    FST_KEY_UP,
    FST_KEY_DOWN,
    FST_KEY_LEFT,
    FST_KEY_RIGHT,
    FST_KEY_PAGE_UP,
    FST_KEY_PAGE_DOWN,
    FST_KEY_HOME,
    FST_KEY_END,
    FST_KEY_ENTER,
    FST_KEY_ESCAPE,
    FST_KEY_ERASE,
    FST_KEY_RESIZE, /* the terminal has another size now */
    FST_KEY_GONE,   /* the terminal went away */
    FST_KEY_OTHER   /* one that means nothing here */
};

struct fst_screen;

bool fst_screen_available(void);

/** @return 0, FST_EOPEN with `diag` filled, FST_ENOMEM. */
int fst_screen_open(struct fst_screen **out, bool color, bool utf8, struct fst_diag *diag);
void fst_screen_close(struct fst_screen *screen);

/** Give the terminal back, and take it again with the next page that is put. */
void fst_screen_pause(struct fst_screen *screen);

int fst_screen_input_fd(const struct fst_screen *screen);

/** Columns and lines as they are now. */
void fst_screen_size(struct fst_screen *screen, int *columns, int *lines);

/** Show a page of the size that was told last. */
void fst_screen_put(struct fst_screen *screen, const struct fst_canvas *canvas);

/** The next key that is waiting: a code point or an enum fst_key. */
uint32_t fst_screen_key(struct fst_screen *screen);

/** Draw all of the next page, also what should be there already. */
void fst_screen_redraw(struct fst_screen *screen);

/** Put printable ASCII into the clipboard, if the terminal has one and lets us (OSC 52). */
void fst_screen_copy(struct fst_screen *screen, const char *text);

#endif
