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

#include "base/strbuf.h"

#define FST_OUT_BUFFER 65536

struct fst_out {
    int fd;
    struct fst_strbuf *text; /* takes the octets instead of a descriptor, unless NULL */
    int error;               /* errno of the first write that failed, 0 so far */
    bool broken;             /* the reader of the pipe went away: nobody to complain to */
    bool closing;            /* the descriptor is ours to close */
    bool whole_lines;        /* a line is handed over in one piece: nobody ever reads half of one */
    size_t used;
    char buffer[FST_OUT_BUFFER];
};

void fst_out_init(struct fst_out *out, int fd, bool close_it);
/** Into memory, which fst_out_flush() brings up to date; short memory is told by `text`. */
void fst_out_init_text(struct fst_out *out, struct fst_strbuf *text);

void fst_out_bytes(struct fst_out *out, const char *bytes, size_t len);
void fst_out_text(struct fst_out *out, const char *text);
static inline void fst_out_char(struct fst_out *out, char c);
/** `count` times the same octet. */
void fst_out_fill(struct fst_out *out, char c, size_t count);
/** As printf, up to 1023 octets a call. */
void fst_out_print(struct fst_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** A decimal number, without printf. */
void fst_out_number(struct fst_out *out, uint64_t number);

/** Make room in a full buffer. */
void fst_out_spill(struct fst_out *out);

/** Where the next `len` octets go, to be filled and then added to `used`; NULL if the buffer does
 * not have room for them: then they are to be written by the functions above. */
static inline char *fst_out_room(struct fst_out *out, size_t len)
{
    return sizeof(out->buffer) - out->used > len ? out->buffer + out->used : NULL;
}

/** Hand everything to the system. */
void fst_out_flush(struct fst_out *out);
/** Flush, close if it is ours, and tell: 0, or the errno of the first failure. A broken pipe is 0.
 */
int fst_out_close(struct fst_out *out);

static inline void fst_out_char(struct fst_out *out, char c)
{
    out->buffer[out->used++] = c; /* never full between calls */
    if (out->used == sizeof(out->buffer))
        fst_out_spill(out);
}

#endif
