/* SPDX-License-Identifier: MIT
 *
 * What the pages that are one long text share: how they are drawn and moved.
 */
#ifndef FST_TUI_VIEW_PAGER_H
#define FST_TUI_VIEW_PAGER_H

#include "tui/view.h"

void fst_pager_show(struct fst_tui *tui, struct fst_canvas *canvas, int top, int bottom);
void fst_pager_act(struct fst_tui *tui, enum fst_do action);

#endif
