/* SPDX-License-Identifier: MIT
 *
 * What all formats of `explain` share: they collect the ladder of the connection that was asked for
 * and differ only in how they draw it in the end.
 */
#ifndef FST_REPORT_LADDER_WRITER_H
#define FST_REPORT_LADDER_WRITER_H

#include "report/ladder_layout.h"
#include "report/writer.h"

/** The state of such a format. */
struct fst_ladder_sheet {
    struct fst_ladder ladder;
    bool complete; /* the connection was found and its ladder is finished */
    int64_t end_ns;
};

void fst_ladder_sheet_begin(struct fst_writer *writer);
void fst_ladder_sheet_segment(struct fst_writer *writer, const struct fst_segment_event *event);
void fst_ladder_sheet_ended(struct fst_writer *writer, const struct fst_connection_view *view);
void fst_ladder_sheet_release(struct fst_writer *writer);

#define FST_LADDER_FORMAT(name_, finish_)                                                          \
    {                                                                                              \
        .name = (name_), .state_size = sizeof(struct fst_ladder_sheet),                            \
        .begin = fst_ladder_sheet_begin, .segment = fst_ladder_sheet_segment,                      \
        .ended = fst_ladder_sheet_ended, .finish = (finish_), .release = fst_ladder_sheet_release  \
    }

#endif
