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

void fst_view_counts_add(struct fst_view_counts *counts, enum fst_coverage coverage);

/** Takes one item of the view line, such as "complete". */
typedef void fst_put_item(void *context, const char *text);

/** Hand over, one by one, what is to be said of the view. */
void fst_view_items(const struct fst_source *source, const struct fst_view_counts *views,
                    fst_put_item *put, void *context);

/** Print them. @return lines. */
size_t fst_text_head(struct fst_writer *writer, const struct fst_view_counts *views);

#endif
