/* SPDX-License-Identifier: MIT
 *
 * Where a writer's octets go: a buffered file descriptor that remembers its first failure, so that
 * writers print without checking and the program asks once at the end. Or a text in memory, for a
 * screen that shows a part of it. Independent of the locale.
 */
#ifndef FST_REPORT_OUT_H
#define FST_REPORT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/digits.h"
#include "base/strbuf.h"

#define FST_OUT_BUFFER  65536
#define FST_OUT_AT_ONCE 4096 /* there is always room for so many octets more */

struct fst_out {
    int fd;
    struct fst_strbuf *text; /* takes the octets instead of a descriptor, unless NULL */
    int error;               /* errno of the first write that failed, 0 so far */
    bool broken;             /* the reader of the pipe went away: nobody to complain to */
    bool closing;            /* the descriptor is ours to close */
    bool whole_lines;        /* a line is handed over in one piece: nobody ever reads half of one */
    size_t used;
    char buffer[FST_OUT_BUFFER + FST_OUT_AT_ONCE];
};

void fst_out_init(struct fst_out *out, int fd, bool close_it);
/** Into memory, which fst_out_flush() brings up to date; short memory is told by `text`. */
void fst_out_init_text(struct fst_out *out, struct fst_strbuf *text);

/** Hand a buffer over that is full. */
void fst_out_spill(struct fst_out *out);
/** Octets of any number. */
void fst_out_long(struct fst_out *out, const char *bytes, size_t len);

/** Where the next octets go, up to FST_OUT_AT_ONCE of them, which fst_out_advance() then counts. */
static inline char *fst_out_room(struct fst_out *out)
{
    if (out->used >= FST_OUT_BUFFER)
        fst_out_spill(out);
    return out->buffer + out->used;
}

/** What was written to the room ends here. */
static inline void fst_out_advance(struct fst_out *out, const char *end)
{
    out->used = (size_t)(end - out->buffer);
}

static inline void fst_out_bytes(struct fst_out *out, const char *bytes, size_t len)
{
    char *to = fst_out_room(out);

    if (len > FST_OUT_AT_ONCE) {
        fst_out_long(out, bytes, len);
        return;
    }
    memcpy(to, bytes, len);
    out->used += len;
}

static inline void fst_out_text(struct fst_out *out, const char *text)
{
    fst_out_bytes(out, text, strlen(text));
}

static inline void fst_out_char(struct fst_out *out, char c)
{
    *fst_out_room(out) = c;
    out->used++;
}

/** A decimal number, without printf. */
static inline void fst_out_number(struct fst_out *out, uint64_t number)
{
    char *to = fst_out_room(out);

    fst_out_advance(out, fst_put_number(to, number));
}

/** `count` times the same octet. */
void fst_out_fill(struct fst_out *out, char c, size_t count);
/** As printf, up to 1023 octets a call. */
void fst_out_print(struct fst_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Hand everything to the system. */
void fst_out_flush(struct fst_out *out);
/** Flush, close if it is ours, and tell: 0, or the errno of the first failure. A broken pipe is 0.
 */
int fst_out_close(struct fst_out *out);

#endif
