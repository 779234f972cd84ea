/* SPDX-License-Identifier: MIT */
#include "report/paragraph.h"

#include <string.h>

void fst_out_paragraph(struct fst_out *out, const char *label, unsigned indent, const char *text)
{
    size_t column = indent;

    fst_out_print(out, "%-*s", (int)indent, label);
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > indent && column + 1 + len > FST_PAGE_COLUMNS) {
            fst_out_char(out, '\n');
            fst_out_fill(out, ' ', indent);
            column = indent;
        } else if (column > indent) {
            fst_out_char(out, ' ');
            column++;
        }
        fst_out_bytes(out, text, len);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fst_out_char(out, '\n');
}
