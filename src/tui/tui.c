/* SPDX-License-Identifier: MIT */
#include "tui/tui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "tui/view.h"
#include "tui/words.h"

/** A rate is taken over so long at least, so that it can be read. */
#define RATE_NS FST_SECOND

bool fst_tui_available(void)
{
    return fst_screen_available();
}

/* ----------------------------------------------------------------------------- open and close --
 */

static bool copy_options(struct fst_tui *tui, const struct fst_tui_options *options)
{
    tui->options = *options;
    tui->source = strdup(strcmp(options->source, "-") == 0 ? "standard input" : options->source);
    tui->filter = options->filter ? strdup(options->filter) : NULL;
    tui->local = calloc(options->local_count + 1, sizeof(*tui->local));
    tui->journal = fst_journal_new();
    if (!tui->source || !tui->local || !tui->journal || (options->filter && !tui->filter))
        return false;
    if (options->local_count > 0)
        memcpy(tui->local, options->local, options->local_count * sizeof(*tui->local));
    tui->choice.local = tui->local;
    tui->choice.local_count = options->local_count;
    tui->choice.findings_only = options->findings_only;
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
    tui->view = &fst_view_list;
    if (options->where)
        fst_tui_filter(tui, options->where);
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
    fst_model_free(&tui->held);
    fst_journal_free(tui->journal);
    fst_list_free(&tui->list);
    fst_pager_free(&tui->pager);
    fst_where_free(tui->where);
    free(tui->where_text);
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
    const struct fst_tui_row *row = fst_model_segment(&tui->live, analyzer, event);

    if (row)
        fst_journal_add(tui->journal, event, row->flipped);
}

void fst_tui_ended(struct fst_tui *tui, struct fst_analyzer *analyzer, uint32_t id)
{
    fst_model_ended(&tui->live, analyzer, id);
}

/* --------------------------------------------------------------------- what the views work with --
 */

const struct fst_tui_model *fst_tui_shown(const struct fst_tui *tui)
{
    return tui->paused ? &tui->held : &tui->live;
}

const struct fst_tui_row *fst_tui_selected(const struct fst_tui *tui)
{
    return fst_model_find(fst_tui_shown(tui), tui->selected);
}

/** The place of the selected connection in the list; its end if it is not there. */
static size_t place_of_selected(const struct fst_tui *tui)
{
    const struct fst_tui_model *model = fst_tui_shown(tui);
    size_t place = 0;

    while (place < tui->list.count && model->rows[tui->list.rows[place]].id != tui->selected)
        place++;
    return place;
}

/** The cursor stays on its connection, and that stays where it is on the screen; one that was never
 *  moved stays at the top. A page of one connection keeps to it. */
static void place_cursor(struct fst_tui *tui)
{
    bool pinned = tui->pinned || tui->view != &fst_view_list;
    size_t place = pinned ? place_of_selected(tui) : 0;
    size_t above = tui->cursor - tui->top;

    if (place < tui->list.count) {
        tui->top = place > above ? place - above : 0;
        tui->cursor = place;
    } else if (tui->cursor >= tui->list.count) {
        tui->cursor = tui->list.count > 0 ? tui->list.count - 1 : 0;
    }
    if (tui->view != &fst_view_list)
        return;
    tui->selected =
        tui->list.count > 0 ? fst_tui_shown(tui)->rows[tui->list.rows[tui->cursor]].id : 0;
}

void fst_tui_list(struct fst_tui *tui)
{
    if (!fst_list_make(&tui->list, fst_tui_shown(tui), &tui->choice, tui->now_ns))
        tui->failed = true;
    place_cursor(tui);
}

void fst_tui_turn(struct fst_tui *tui, const struct fst_view *view)
{
    tui->view = view;
    tui->pager.top = tui->pager.left = 0;
    tui->pager.follow = view == &fst_view_ladder;
    fst_strbuf_clear(&tui->pager.text);
    fst_pager_set(&tui->pager);
    if (view->update)
        view->update(tui, tui->analyzer);
}

void fst_tui_say(struct fst_tui *tui, const char *format, ...)
{
    char text[sizeof(tui->message)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fst_escape_text(text, tui->message, sizeof(tui->message));
}

void fst_tui_message(struct fst_tui *tui, const char *text)
{
    fst_tui_say(tui, "%s", text);
}

/* ------------------------------------------------------------------------------------ drawing --
 */

static void draw_last_line(struct fst_tui *tui, struct fst_canvas *canvas)
{
    int line = canvas->lines - 1, column, room;

    if (!tui->prompt.open && tui->message[0] == '\0') {
        fst_foot_draw(canvas, line, tui->view->number);
        return;
    }
    if (!tui->prompt.open) {
        fst_canvas_cut(canvas, line, 1, canvas->columns - 2, FST_BOLD, tui->message);
        return;
    }
    room = canvas->columns - 3;
    column = fst_canvas_text(canvas, line, 1, 1, FST_BOLD, "/");
    column = fst_canvas_text(canvas, line, column, room, FST_PLAIN,
                             tui->prompt.len > (size_t)room && room > 0
                                 ? tui->prompt.text + tui->prompt.len - (size_t)room
                                 : tui->prompt.text);
    canvas->cursor_line = line;
    canvas->cursor_column = column;
    fst_canvas_cut(canvas, line, column + 2, canvas->columns - column - 3, FST_BAD,
                   tui->prompt.error);
}

void fst_tui_draw(struct fst_tui *tui)
{
    struct fst_canvas *canvas = &tui->canvas;
    int columns, lines, top;

    fst_screen_size(tui->screen, &columns, &lines);
    if (columns < 1 || lines < 1)
        return;
    if (!fst_canvas_begin(canvas, columns, lines)) {
        tui->failed = true;
        return;
    }
    top = fst_head_draw(tui, canvas);
    tui->view->draw(tui, canvas, top, lines - 1);
    if (lines > 1)
        draw_last_line(tui, canvas);
    fst_screen_put(tui->screen, canvas);
}

/* ------------------------------------------------------------------------------------- update --
 */

static void take_rate(struct fst_tui *tui)
{
    int64_t passed = tui->clock_ns - tui->rate.time_ns;

    if (tui->rate.time_ns != 0 && passed >= 0 && passed < RATE_NS)
        return;
    if (tui->rate.time_ns != 0 && passed > 0)
        tui->rate.per_second = (double)(tui->counters.packets - tui->rate.packets) *
                               (double)FST_SECOND / (double)passed;
    tui->rate.time_ns = tui->clock_ns;
    tui->rate.packets = tui->counters.packets;
}

static void take_stats(struct fst_tui *tui, const struct fst_analyzer *analyzer)
{
    const struct fst_stats *stats = fst_analyzer_stats(analyzer);

    memcpy(tui->found, stats->findings, sizeof(tui->found));
    tui->alive = fst_analyzer_alive(analyzer);
}

int fst_tui_update(struct fst_tui *tui, struct fst_analyzer *analyzer,
                   const struct fst_tui_counters *counters, int64_t now_ns)
{
    tui->analyzer = analyzer;
    tui->counters = *counters;
    tui->clock_ns = now_ns;
    if (tui->start_ns == 0)
        tui->start_ns = now_ns;
    take_rate(tui);
    take_stats(tui, analyzer);
    fst_model_update(&tui->live, analyzer, now_ns);
    tui->failed |= tui->live.failed;
    if (!tui->paused) {
        tui->now_ns = now_ns;
        fst_tui_list(tui);
        if (tui->view->update)
            tui->view->update(tui, analyzer);
    }
    fst_tui_draw(tui);
    return tui->failed ? FST_ENOMEM : 0;
}

/* ------------------------------------------------------------------------------ given and taken --
 */

void fst_tui_pause(struct fst_tui *tui)
{
    fst_screen_pause(tui->screen);
}

void fst_tui_resume(struct fst_tui *tui)
{
    fst_screen_redraw(tui->screen);
    fst_tui_draw(tui);
}
