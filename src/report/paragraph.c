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
    fst_out_paragraph_in(out, label, indent, FST_PAGE_COLUMNS, text);
}

void fst_out_paragraph_in(struct fst_out *out, const char *label, unsigned indent, unsigned columns,
                          const char *text)
{
    fst_out_print(out, "%-*s", (int)indent, label);
    for (;;) {
        size_t len = fst_wrap(text, columns > indent ? columns - indent : 1);

        fst_out_bytes(out, text, len);
        fst_out_char(out, '\n');
        text += len;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        fst_out_fill(out, ' ', indent);
    }
}

#define FOLD_INDENT 2
#define FOLD_LEAST  20 /* columns for words, however deep the indentation */

/** One line without its end; `out` may be NULL to count only. @return lines. */
static size_t fold_line(struct fst_out *out, const char *line, size_t len, size_t columns)
{
    size_t indent = strspn(line, " "), lines = 1, room;

    if (columns > 0 && columns < indent + FOLD_INDENT + FOLD_LEAST)
        columns = indent + FOLD_INDENT + FOLD_LEAST;
    if (columns == 0)
        columns = len;
    for (room = columns - (indent < columns ? indent : 0), line += indent, len -= indent;;) {
        size_t some = len > room ? fst_wrap(line, room) : len;

        if (out) {
            fst_out_fill(out, ' ', indent);
            fst_out_bytes(out, line, some);
            fst_out_char(out, '\n');
        }
        line += some;
        len -= some;
        for (; len > 0 && *line == ' '; line++)
            len--;
        if (len == 0)
            return lines;
        if (lines++ == 1) {
            indent += FOLD_INDENT;
            room -= FOLD_INDENT;
        }
    }
}

static size_t fold(struct fst_out *out, const char *text, size_t columns)
{
    size_t lines = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        lines += fold_line(out, text, len, columns);
        text += len + (text[len] == '\n');
    }
    return lines;
}

void fst_out_folded(struct fst_out *out, const char *text, size_t columns)
{
    fold(out, text, columns);
}

size_t fst_folded_lines(const char *text, size_t columns)
{
    return fold(NULL, text, columns);
}
