/* SPDX-License-Identifier: MIT
 *
 * Prose on a terminal: a label and a text wrapped beside it.
 */
#ifndef FST_REPORT_PARAGRAPH_H
#define FST_REPORT_PARAGRAPH_H

#include "report/out.h"

#define FST_PAGE_COLUMNS 96

/** Print `label` in a column of `indent` octets and `text` beside it, wrapped at blanks. */
void fst_out_paragraph(struct fst_out *out, const char *label, unsigned indent, const char *text);

#endif
