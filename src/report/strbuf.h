/* SPDX-License-Identifier: MIT
 *
 * Text that grows as it is added to.
 */
#ifndef FST_REPORT_STRBUF_H
#define FST_REPORT_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/** All zero is an empty one; free `text` when done. */
struct fst_strbuf {
    char *text; /* NUL-terminated; NULL before the first octet */
    size_t len, room;
    bool failed; /* memory was short: parts are missing */
};

/** As printf, up to 1023 octets a call. */
void fst_strbuf_add(struct fst_strbuf *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Empty it, keeping its memory. */
void fst_strbuf_clear(struct fst_strbuf *buffer);

#endif
