/* SPDX-License-Identifier: MIT */
#include "report/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX 1024

void fst_strbuf_add(struct fst_strbuf *buffer, const char *format, ...)
{
    char part[PART_MAX];
    va_list arguments;
    size_t len;

    va_start(arguments, format);
    vsnprintf(part, sizeof(part), format, arguments);
    va_end(arguments);
    len = strlen(part);
    if (buffer->len + len + 1 > buffer->room) {
        size_t room = 2 * buffer->room + len + 1;
        char *text = realloc(buffer->text, room);

        buffer->failed |= !text;
        if (!text)
            return;
        buffer->text = text;
        buffer->room = room;
    }
    memcpy(buffer->text + buffer->len, part, len + 1);
    buffer->len += len;
}

void fst_strbuf_clear(struct fst_strbuf *buffer)
{
    buffer->len = 0;
    if (buffer->text)
        buffer->text[0] = '\0';
}
