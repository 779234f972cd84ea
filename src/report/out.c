/* SPDX-License-Identifier: MIT */
#include "report/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void fst_out_init(struct fst_out *out, int fd, bool close_it)
{
    out->fd = fd;
    out->text = NULL;
    out->error = 0;
    out->broken = false;
    out->closing = close_it;
    out->whole_lines = false;
    out->used = 0;
}

void fst_out_init_text(struct fst_out *out, struct fst_strbuf *text)
{
    fst_out_init(out, -1, false);
    out->text = text;
}

static void write_failed(struct fst_out *out)
{
    if (errno == EPIPE)
        out->broken = true;
    else
        out->error = errno;
}

static void hand_over(struct fst_out *out, size_t len)
{
    size_t at = 0;

    if (out->text) {
        fst_strbuf_add_octets(out->text, out->buffer, len);
        return;
    }
    while (at < len && !out->error && !out->broken) {
        ssize_t wrote = write(out->fd, out->buffer + at, len - at);

        if (wrote >= 0)
            at += (size_t)wrote;
        else if (errno != EINTR)
            write_failed(out);
    }
}

void fst_out_flush(struct fst_out *out)
{
    hand_over(out, out->used);
    out->used = 0;
}

/** Octets up to the last end of a line; all if there is none, as of a line that fills the buffer.
 */
static size_t whole_lines(const struct fst_out *out)
{
    size_t len = out->used;

    while (len > 0 && out->buffer[len - 1] != '\n')
        len--;
    return len > 0 ? len : out->used;
}

void fst_out_spill(struct fst_out *out)
{
    while (out->used >= FST_OUT_BUFFER) { /* again if a line is left that is as long as that */
        size_t len = out->whole_lines ? whole_lines(out) : out->used;

        hand_over(out, len);
        out->used -= len;
        memmove(out->buffer, out->buffer + len, out->used);
    }
}

int fst_out_close(struct fst_out *out)
{
    fst_out_flush(out);
    /* Some file systems tell only now that the disk is full. */
    if (out->closing && close(out->fd) != 0 && !out->error)
        out->error = errno;
    return out->error;
}

void fst_out_long(struct fst_out *out, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t part = len < FST_OUT_AT_ONCE ? len : FST_OUT_AT_ONCE;

        memcpy(fst_out_room(out), bytes, part);
        out->used += part;
        bytes += part;
        len -= part;
    }
}

void fst_out_fill(struct fst_out *out, char c, size_t count)
{
    while (count > 0) {
        size_t part = count < FST_OUT_AT_ONCE ? count : FST_OUT_AT_ONCE;

        memset(fst_out_room(out), c, part);
        out->used += part;
        count -= part;
    }
}

void fst_out_print(struct fst_out *out, const char *format, ...)
{
    const size_t most = 1024;
    char *to = fst_out_room(out);
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(to, most, format, arguments);
    va_end(arguments);
    if (len > 0)
        out->used += (size_t)len < most ? (size_t)len : most - 1;
}
