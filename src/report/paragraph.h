/* SPDX-License-Identifier: MIT
 *
 * Prose on a terminal: a label and a text wrapped beside it.
 */
#ifndef FST_REPORT_PARAGRAPH_H
#define FST_REPORT_PARAGRAPH_H

#include <stddef.h>

#include "report/out.h"

#define FST_PAGE_COLUMNS 96

/** How many octets of `text` go on a line of that many columns: up to a blank, or `columns` if a
 *  word is longer. At least 1 unless the text is empty; ASCII only. */
size_t fst_wrap(const char *text, size_t columns);

/** Print `label` in a column of `indent` octets and `text` beside it, wrapped at blanks. */
void fst_out_paragraph(struct fst_out *out, const char *label, unsigned indent, const char *text);
/** The same, `columns` wide. */
void fst_out_paragraph_in(struct fst_out *out, const char *label, unsigned indent, unsigned columns,
                          const char *text);

/** Print lines, each ended by '\n', folded at blanks to `columns` (0: as they are). What is folded
 *  is indented a little more than its line. */
void fst_out_folded(struct fst_out *out, const char *text, size_t columns);
/** How many lines that prints. */
size_t fst_folded_lines(const char *text, size_t columns);

#endif
