/* SPDX-License-Identifier: MIT */
#include "report/ladder_writer.h"

#include <string.h>

/** Number of the connection whose ladder is drawn. */
static uint32_t wanted(const struct fst_writer *writer)
{
    return writer->style.connection ? writer->style.connection : 1;
}

void fst_ladder_sheet_begin(struct fst_writer *writer)
{
    struct fst_ladder_sheet *sheet = writer->state;

    fst_ladder_init(&sheet->ladder);
    sheet->ladder.packets = writer->style.packets;
    sheet->ladder.absolute = writer->style.absolute;
}

static bool same_client(const struct fst_connection_view *a, const struct fst_connection_view *b)
{
    return a->side[FST_CLIENT].port == b->side[FST_CLIENT].port &&
           memcmp(&a->side[FST_CLIENT].address, &b->side[FST_CLIENT].address,
                  sizeof(struct fst_address)) == 0;
}

void fst_ladder_sheet_segment(struct fst_writer *writer, const struct fst_segment_event *event)
{
    struct fst_ladder_sheet *sheet = writer->state;
    struct fst_connection_view view;

    if (event->connection != wanted(writer) ||
        fst_analyzer_connection(writer->source->analyzer, event->connection, &view) != 0)
        return;
    /* A SYN that turns up late shows who the client is after all. */
    if (sheet->ladder.row_count > 0 && !same_client(&view, &sheet->ladder.view))
        fst_ladder_flip(&sheet->ladder);
    sheet->ladder.view = view;
    fst_ladder_add(&sheet->ladder, event);
}

void fst_ladder_sheet_ended(struct fst_writer *writer, const struct fst_connection_view *view)
{
    struct fst_ladder_sheet *sheet = writer->state;

    if (view->id != wanted(writer))
        return;
    sheet->end_ns = fst_analyzer_stats(writer->source->analyzer)->ts_last;
    fst_ladder_finish(&sheet->ladder, view, sheet->end_ns);
    sheet->complete = !sheet->ladder.failed;
    if (sheet->ladder.failed)
        writer->error = FST_ENOMEM;
}

void fst_ladder_sheet_release(struct fst_writer *writer)
{
    struct fst_ladder_sheet *sheet = writer->state;

    fst_ladder_free(&sheet->ladder);
}
