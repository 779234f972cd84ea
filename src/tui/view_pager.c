/* SPDX-License-Identifier: MIT */
#include "tui/view_pager.h"

#define SHIFT 8

void fst_pager_show(struct fst_tui *tui, struct fst_canvas *canvas, int top, int bottom)
{
    fst_pager_draw(&tui->pager, canvas, top + 1, bottom);
}

void fst_pager_act(struct fst_tui *tui, enum fst_do action)
{
    struct fst_pager *pager = &tui->pager;

    switch (action) {
    case FST_DO_UP:
        fst_pager_scroll(pager, -1);
        break;
    case FST_DO_DOWN:
        fst_pager_scroll(pager, 1);
        break;
    case FST_DO_PAGE_UP:
        fst_pager_scroll(pager, -pager->height);
        break;
    case FST_DO_PAGE_DOWN:
        fst_pager_scroll(pager, pager->height);
        break;
    case FST_DO_HOME:
        fst_pager_scroll(pager, -pager->lines);
        break;
    case FST_DO_END:
        fst_pager_scroll(pager, pager->lines);
        break;
    case FST_DO_LEFT:
        fst_pager_shift(pager, -SHIFT);
        break;
    case FST_DO_RIGHT:
        fst_pager_shift(pager, SHIFT);
        break;
    default:
        break;
    }
}
