/* SPDX-License-Identifier: MIT
 *
 * Growable text. It remembers that memory was short, so that a text is put together without
 * checking and asked about once, when it is taken.
 */
#ifndef FST_BASE_STRBUF_H
#define FST_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct fst_strbuf {
    char *text; /* NUL-terminated once something was added, else NULL */
    size_t len, room;
    bool failed; /* memory was short: what was to be added since is missing */
};

void fst_strbuf_add(struct fst_strbuf *buffer, const char *text);
void fst_strbuf_add_octets(struct fst_strbuf *buffer, const char *octets, size_t len);
/** As printf, of any length. */
void fst_strbuf_print(struct fst_strbuf *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Add `text`, and `separator` before it unless the buffer is empty. */
void fst_strbuf_join(struct fst_strbuf *buffer, const char *separator, const char *text);

/** Empty it, keeping its memory. */
void fst_strbuf_clear(struct fst_strbuf *buffer);

/** The text, to be freed, "" if nothing was added; NULL when memory was short. Empties the buffer.
 */
char *fst_strbuf_take(struct fst_strbuf *buffer);
void fst_strbuf_free(struct fst_strbuf *buffer);

#endif
