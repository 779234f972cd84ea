/* SPDX-License-Identifier: MIT
 *
 * What keys do, whatever the page: the filter's line, pause, copy; and what is left to the engine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/view.h"
#include "tui/words.h"

/* ------------------------------------------------------------------------------------- filter --
 */

static void set_choice(struct fst_tui *tui, struct fst_where *where, char *text)
{
    fst_where_free(tui->where);
    free(tui->where_text);
    tui->where = where;
    tui->where_text = text;
    tui->choice.where = where;
    tui->choice.text = where ? NULL : text;
}

void fst_tui_filter(struct fst_tui *tui, const char *text)
{
    struct fst_where *where = NULL;
    char *copy;
    int error = 0;

    tui->prompt.error[0] = '\0';
    if (fst_where_begins(text))
        error = fst_where_parse(&where, text, tui->prompt.error);
    if (error) /* not finished, or wrong: the filter stays as it was */
        return;
    copy = *text != '\0' ? strdup(text) : NULL;
    if (*text != '\0' && !copy) {
        fst_where_free(where);
        tui->failed = true;
        return;
    }
    set_choice(tui, where, copy);
}

static void type(struct fst_tui *tui, uint32_t key)
{
    switch (fst_prompt_key(&tui->prompt, key)) {
    case FST_PROMPT_CANCELLED:
        fst_tui_filter(tui, tui->prompt.before);
        break;
    case FST_PROMPT_EDITED:
        fst_tui_filter(tui, tui->prompt.text);
        break;
    case FST_PROMPT_DONE:
        fst_tui_filter(tui, tui->prompt.text);
        if (tui->prompt.error[0] != '\0') {
            fst_tui_say(tui, "no such filter: %s", tui->prompt.error);
            fst_tui_filter(tui, tui->prompt.before);
        }
        break;
    default:
        return;
    }
    fst_tui_list(tui);
}

/* ------------------------------------------------------------------------------------- actions --
 */

/** The clipboard of the terminal takes it by OSC 52, where the terminal lets it; it is shown in any
 *  case. */
static void copy_filter(struct fst_tui *tui)
{
    const struct fst_tui_row *row = fst_tui_selected(tui);
    char bpf[FST_BPF_MAX];

    if (!row)
        return;
    fst_bpf_text(row, bpf);
    fst_screen_copy(tui->screen, bpf);
    fst_tui_say(tui, "copied: %s", bpf);
}

static void toggle_pause(struct fst_tui *tui)
{
    if (!tui->paused && !fst_model_copy(&tui->held, &tui->live)) {
        tui->failed = true;
        return;
    }
    if (tui->paused) {
        fst_model_free(&tui->held);
        tui->now_ns = tui->clock_ns;
    }
    tui->paused = !tui->paused;
    fst_tui_list(tui);
}

static void ask_engine(struct fst_tui *tui, struct fst_tui_request *request,
                       enum fst_tui_action action)
{
    if (action == FST_TUI_WRITE_SELECTED && !fst_tui_selected(tui))
        return;
    request->action = action;
    request->connection = action == FST_TUI_WRITE_SELECTED ? tui->selected : 0;
}

static void act(struct fst_tui *tui, enum fst_do action, struct fst_tui_request *request)
{
    switch (action) {
    case FST_DO_QUIT:
        ask_engine(tui, request, FST_TUI_QUIT);
        break;
    case FST_DO_SUSPEND:
        ask_engine(tui, request, FST_TUI_SUSPEND);
        break;
    case FST_DO_WRITE:
        ask_engine(tui, request, FST_TUI_WRITE_SELECTED);
        break;
    case FST_DO_BACK:
        fst_tui_turn(tui, &fst_view_list);
        break;
    case FST_DO_HELP:
        fst_tui_turn(tui, &fst_view_help);
        break;
    case FST_DO_FILTER:
        fst_prompt_open(&tui->prompt, tui->where_text);
        break;
    case FST_DO_CLEAR:
        tui->choice.findings_only = false;
        fst_tui_filter(tui, "");
        fst_tui_list(tui);
        break;
    case FST_DO_PAUSE:
        toggle_pause(tui);
        break;
    case FST_DO_COPY:
        copy_filter(tui);
        break;
    case FST_DO_REDRAW:
        fst_screen_redraw(tui->screen);
        break;
    default:
        tui->view->act(tui, action);
    }
}

static void take_key(struct fst_tui *tui, uint32_t key, struct fst_tui_request *request)
{
    if (key == FST_KEY_GONE) {
        ask_engine(tui, request, FST_TUI_QUIT);
        return;
    }
    if (key == FST_KEY_RESIZE)
        return;
    tui->message[0] = '\0';
    if (tui->prompt.open)
        type(tui, key);
    else
        act(tui, fst_key_action(tui->view->number, key), request);
}

void fst_tui_input(struct fst_tui *tui, struct fst_tui_request *request)
{
    uint32_t key = FST_KEY_NONE;
    bool any = false;

    *request = (struct fst_tui_request){FST_TUI_NOTHING, 0};
    while (request->action == FST_TUI_NOTHING &&
           (key = fst_screen_key(tui->screen)) != FST_KEY_NONE) {
        take_key(tui, key, request);
        any = true;
    }
    if (any && key != FST_KEY_GONE)
        fst_tui_draw(tui);
}
