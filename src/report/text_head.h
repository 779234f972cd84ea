/* SPDX-License-Identifier: MIT
 *
 * The first lines of the summary: what was read, and what limits the view it gives.
 */
#ifndef FST_REPORT_TEXT_HEAD_H
#define FST_REPORT_TEXT_HEAD_H

#include "report/writer.h"

/** Connections by how much of them the capture shows. */
struct fst_view_counts {
    uint64_t connections, gaps, midstream, one_sided;
};

void fst_text_head(struct fst_writer *writer, const struct fst_view_counts *views);

#endif
