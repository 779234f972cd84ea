/* SPDX-License-Identifier: MIT
 *
 * A text that is longer than the screen: what the writers of reports print, with their ANSI
 * attributes, of which a part is shown.
 */
#ifndef FST_TUI_PAGER_H
#define FST_TUI_PAGER_H

#include "base/strbuf.h"
#include "tui/canvas.h"

struct fst_pager {
    struct fst_strbuf text;
    int lines;     /* of the text */
    int top, left; /* line and column of the text in the upper left corner */
    int height;    /* as it was drawn last */
    bool follow;   /* stay at the end when the text grows */
};

/** The text was written anew. */
void fst_pager_set(struct fst_pager *pager);
void fst_pager_draw(struct fst_pager *pager, struct fst_canvas *canvas, int top, int bottom);
/** Move by so many lines, as far as there is text. */
void fst_pager_scroll(struct fst_pager *pager, int lines);
void fst_pager_shift(struct fst_pager *pager, int columns);
void fst_pager_free(struct fst_pager *pager);

#endif
