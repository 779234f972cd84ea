/* SPDX-License-Identifier: MIT
 *
 * The page of one connection: the ladder that `flowstate explain` prints, growing.
 */
#include "tui/view.h"

#include <stdlib.h>

#include "report/ladder_writer.h"
#include "tui/view_pager.h"

static void print_ladder(struct fst_tui *tui, const struct fst_connection_view *view,
                         struct fst_ladder_sheet *sheet, struct fst_out *out)
{
    struct fst_writer writer = {.format = &fst_explain_text, .out = out, .state = sheet};
    const struct fst_tui_row *row = fst_model_find(&tui->live, view->id);
    uint64_t packets = view->side[0].packets + view->side[1].packets, kept;

    fst_ladder_init(&sheet->ladder);
    sheet->ladder.packets = tui->segments;
    sheet->ladder.ongoing = !tui->counters.ended;
    kept = fst_journal_replay(tui->journal, view->id, row && row->flipped, &sheet->ladder);
    fst_ladder_finish(&sheet->ladder, view, tui->now_ns);
    sheet->end_ns = tui->now_ns;
    sheet->complete = !sheet->ladder.failed && sheet->ladder.row_count > 1;
    writer.style.color = true; /* attributes are looks here, colours or not */
    writer.style.utf8 = tui->options.utf8;
    writer.style.verbose = tui->why;
    writer.style.columns = (unsigned)tui->canvas.columns;
    fst_explain_text.finish(&writer);
    if (kept < packets)
        fst_out_print(out, "%s%llu of its %llu segments went by too long ago to be shown\n",
                      sheet->complete ? "\n" : "", (unsigned long long)(packets - kept),
                      (unsigned long long)packets);
    tui->failed |= sheet->ladder.failed;
    fst_ladder_free(&sheet->ladder);
}

/** What the connection is like now; once it has left the analyzer the last picture stays. */
static void update(struct fst_tui *tui, struct fst_analyzer *analyzer)
{
    struct fst_connection_view view;
    struct fst_ladder_sheet *sheet;
    struct fst_out *out;

    if (!analyzer || fst_analyzer_connection(analyzer, tui->selected, &view) != 0)
        return;
    sheet = calloc(1, sizeof(*sheet));
    out = malloc(sizeof(*out));
    if (sheet && out) {
        fst_strbuf_clear(&tui->pager.text);
        fst_out_init_text(out, &tui->pager.text);
        print_ladder(tui, &view, sheet, out);
        fst_out_flush(out);
        fst_pager_set(&tui->pager);
    }
    tui->failed |= !sheet || !out || tui->pager.text.failed;
    free(sheet);
    free(out);
}

static void act(struct fst_tui *tui, enum fst_do action)
{
    switch (action) {
    case FST_DO_WHY:
        tui->why = !tui->why;
        update(tui, tui->analyzer);
        break;
    case FST_DO_PACKETS:
        tui->segments = !tui->segments;
        update(tui, tui->analyzer);
        break;
    default:
        fst_pager_act(tui, action);
    }
}

const struct fst_view fst_view_ladder = {
    .number = FST_VIEW_NUMBER_LADDER, .update = update, .draw = fst_pager_show, .act = act};
