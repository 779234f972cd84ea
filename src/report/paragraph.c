/* SPDX-License-Identifier: MIT */
#include "report/paragraph.h"

#include <string.h>

size_t fst_wrap(const char *text, size_t columns)
{
    size_t len = strlen(text), at = columns;

    if (len <= columns)
        return len;
    while (at > 0 && text[at] != ' ')
        at--;
    return at > 0 ? at : columns;
}

void fst_out_paragraph(struct fst_out *out, const char *label, unsigned indent, const char *text)
{
    fst_out_print(out, "%-*s", (int)indent, label);
    for (;;) {
        size_t len = fst_wrap(text, FST_PAGE_COLUMNS - indent);

        fst_out_bytes(out, text, len);
        fst_out_char(out, '\n');
        text += len;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        fst_out_fill(out, ' ', indent);
    }
}
