/* SPDX-License-Identifier: MIT */
#include "tui/tui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/wording.h"
#include "tui/state.h"

bool fst_tui_available(void)
{
    return fst_screen_available();
}

/* ----------------------------------------------------------------------------- open and close --
 */

static bool copy_options(struct fst_tui *tui, const struct fst_tui_options *options)
{
    tui->options = *options;
    tui->source = strdup(options->source ? options->source : "");
    tui->filter = options->filter ? strdup(options->filter) : NULL;
    tui->local = calloc(options->local_count + 1, sizeof(*tui->local));
    if (!tui->source || !tui->local || (options->filter && !tui->filter))
        return false;
    if (options->local_count > 0)
        memcpy(tui->local, options->local, options->local_count * sizeof(*tui->local));
    return true;
}

int fst_tui_open(struct fst_tui **out, const struct fst_tui_options *options, struct fst_diag *diag)
{
    struct fst_tui *tui = calloc(1, sizeof(*tui));
    int error = FST_ENOMEM;

    *out = NULL;
    if (tui && copy_options(tui, options))
        error = fst_screen_open(&tui->screen, options->color, options->utf8, diag);
    if (error) {
        fst_tui_close(tui);
        return error;
    }
    tui->canvas.utf8 = options->utf8;
    *out = tui;
    return 0;
}

void fst_tui_close(struct fst_tui *tui)
{
    if (!tui)
        return;
    fst_screen_close(tui->screen);
    fst_canvas_free(&tui->canvas);
    fst_model_free(&tui->live);
    free(tui->source);
    free(tui->filter);
    free(tui->local);
    free(tui);
}

int fst_tui_input_fd(const struct fst_tui *tui)
{
    return fst_screen_input_fd(tui->screen);
}

/* ------------------------------------------------------------------------------------- events --
 */

void fst_tui_segment(struct fst_tui *tui, struct fst_analyzer *analyzer,
                     const struct fst_segment_event *event)
{
    fst_model_segment(&tui->live, analyzer, event);
}

void fst_tui_ended(struct fst_tui *tui, struct fst_analyzer *analyzer, uint32_t id)
{
    fst_model_ended(&tui->live, analyzer, id);
}

/* ------------------------------------------------------------------------------------ drawing --
 */

static void draw_rows(struct fst_tui *tui)
{
    int line = 2;
    char text[FST_ENDPOINT_MAX];

    for (size_t i = tui->live.count; i > 0 && line < tui->canvas.lines - 1; i--) {
        const struct fst_tui_row *row = &tui->live.rows[i - 1];

        if (!fst_row_lingers(row, tui->now_ns))
            continue;
        for (unsigned side = 0; side < 2; side++) {
            fst_endpoint_text(&row->side[side].address, row->side[side].port, text);
            fst_canvas_cut(&tui->canvas, line, 1 + 23 * (int)side, 22, FST_PLAIN, text);
            fst_canvas_cut(&tui->canvas, line, 47 + 13 * (int)side, 12, FST_PLAIN,
                           row->side[side].heard ? fst_state_name(row->side[side].state) : "–");
        }
        line++;
    }
}

static void draw(struct fst_tui *tui)
{
    int columns, lines;
    char text[512];

    fst_screen_size(tui->screen, &columns, &lines);
    if (!fst_canvas_begin(&tui->canvas, columns, lines)) {
        tui->failed = true;
        return;
    }
    fst_escape_text(tui->source, text, sizeof(text));
    fst_canvas_cut(&tui->canvas, 0, 0, columns, FST_BOLD, text);
    draw_rows(tui);
    fst_canvas_cut(&tui->canvas, lines - 1, 0, columns, FST_PLAIN, tui->message);
    fst_screen_put(tui->screen, &tui->canvas);
}

int fst_tui_update(struct fst_tui *tui, struct fst_analyzer *analyzer,
                   const struct fst_tui_counters *counters, int64_t now_ns)
{
    tui->counters = *counters;
    tui->now_ns = now_ns;
    if (tui->start_ns == 0)
        tui->start_ns = now_ns;
    fst_model_update(&tui->live, analyzer, now_ns);
    draw(tui);
    return tui->failed || tui->live.failed ? FST_ENOMEM : 0;
}

/* -------------------------------------------------------------------------------------- input --
 */

void fst_tui_input(struct fst_tui *tui, struct fst_tui_request *request)
{
    uint32_t key = fst_screen_key(tui->screen);

    *request = (struct fst_tui_request){FST_TUI_NOTHING, 0};
    if (key == 'q' || key == FST_KEY_GONE)
        request->action = FST_TUI_QUIT;
}

void fst_tui_message(struct fst_tui *tui, const char *text)
{
    fst_escape_text(text, tui->message, sizeof(tui->message));
}

void fst_tui_pause(struct fst_tui *tui)
{
    fst_screen_pause(tui->screen);
}

void fst_tui_resume(struct fst_tui *tui)
{
    draw(tui);
}
