/* SPDX-License-Identifier: MIT
 *
 * In place of screen_curses.c where ncursesw was not there to build with: a screen that cannot be
 * opened.
 */
#include "tui/screen.h"

#include <stdio.h>

bool fst_screen_available(void)
{
    return false;
}

int fst_screen_open(struct fst_screen **out, bool color, bool utf8, struct fst_diag *diag)
{
    (void)color;
    (void)utf8;
    *out = NULL;
    if (diag) {
        diag->error = FST_EOPEN;
        snprintf(diag->message, sizeof(diag->message),
                 "this build has no screen: ncursesw was missing when it was made");
    }
    return FST_EOPEN;
}

void fst_screen_close(struct fst_screen *screen)
{
    (void)screen;
}

void fst_screen_pause(struct fst_screen *screen)
{
    (void)screen;
}

int fst_screen_input_fd(const struct fst_screen *screen)
{
    (void)screen;
    return -1;
}

void fst_screen_size(struct fst_screen *screen, int *columns, int *lines)
{
    (void)screen;
    *columns = *lines = 0;
}

void fst_screen_put(struct fst_screen *screen, const struct fst_canvas *canvas)
{
    (void)screen;
    (void)canvas;
}

uint32_t fst_screen_key(struct fst_screen *screen)
{
    (void)screen;
    return FST_KEY_NONE;
}

void fst_screen_redraw(struct fst_screen *screen)
{
    (void)screen;
}

void fst_screen_copy(struct fst_screen *screen, const char *text)
{
    (void)screen;
    (void)text;
}
