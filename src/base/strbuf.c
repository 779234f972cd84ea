/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

/** Make room for `len` octets more and a NUL. */
static bool reserve(struct fst_strbuf *buffer, size_t len)
{
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;
    char *text;

    if (buffer->failed)
        return false;
    while (room - buffer->len <= len)
        room *= 2;
    if (room == buffer->room)
        return true;
    text = realloc(buffer->text, room);
    if (!text) {
        buffer->failed = true;
        return false;
    }
    buffer->text = text;
    buffer->room = room;
    return true;
}

void fst_strbuf_add_octets(struct fst_strbuf *buffer, const char *octets, size_t len)
{
    if (!reserve(buffer, len))
        return;
    memcpy(buffer->text + buffer->len, octets, len);
    buffer->len += len;
    buffer->text[buffer->len] = '\0';
}

void fst_strbuf_add(struct fst_strbuf *buffer, const char *text)
{
    fst_strbuf_add_octets(buffer, text, strlen(text));
}

void fst_strbuf_print(struct fst_strbuf *buffer, const char *format, ...)
{
    va_list arguments, again;
    int len;

    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len > 0 && reserve(buffer, (size_t)len)) {
        vsnprintf(buffer->text + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void fst_strbuf_join(struct fst_strbuf *buffer, const char *separator, const char *text)
{
    if (buffer->len > 0)
        fst_strbuf_add(buffer, separator);
    fst_strbuf_add(buffer, text);
}

void fst_strbuf_clear(struct fst_strbuf *buffer)
{
    buffer->len = 0;
    if (buffer->text)
        buffer->text[0] = '\0';
}

char *fst_strbuf_take(struct fst_strbuf *buffer)
{
    char *text;

    fst_strbuf_add(buffer, "");
    text = buffer->text;
    if (buffer->failed) {
        free(text);
        text = NULL;
    }
    memset(buffer, 0, sizeof(*buffer));
    return text;
}

void fst_strbuf_free(struct fst_strbuf *buffer)
{
    free(buffer->text);
    memset(buffer, 0, sizeof(*buffer));
}
