/* SPDX-License-Identifier: MIT
 *
 * Strings that come from elsewhere (file names, interface names, command line words) made safe to
 * print: no control characters, nothing that turns the direction of writing, valid UTF-8.
 */
#ifndef FST_REPORT_ESCAPE_H
#define FST_REPORT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/out.h"

/**
 * Take one character of possibly broken UTF-8.
 *
 * @param text  At least one octet before the NUL.
 * @param code  Receives the code point, or UINT32_MAX for an octet that is not UTF-8.
 * @return octets taken, 1 to 4.
 */
size_t fst_utf8_next(const char *text, uint32_t *code);

/** Columns a text takes on a terminal, one a character. */
size_t fst_text_columns(const char *text);

/** For people: `\x1b` for octets and `\u202e` for characters that must not reach a terminal. The
 *  result is cut to fit `size`, which is at least 16. */
void fst_escape_text(const char *from, char *to, size_t size);

/** Octets at the start of the text that stand for themselves in a JSON string. */
size_t fst_json_plain(const char *text);
/** The inside of a JSON string, without its quotes. Octets that are not UTF-8 become U+FFFD. */
void fst_out_json_chars(struct fst_out *out, const char *text);

/** Text inside SVG, HTML or XML, also inside a quoted attribute. Control characters, what turns the
 *  direction of writing and octets that are not UTF-8 become U+FFFD. */
void fst_out_markup(struct fst_out *out, const char *text);

#define FST_SHELL_WORD_MAX 520

/** A file name as a shell takes it. @return false when it has characters that no terminal must see,
 *  or is too long. */
bool fst_shell_word(const char *word, char text[FST_SHELL_WORD_MAX]);
/** The same, printed; nothing is when it returns false. */
bool fst_out_shell_word(struct fst_out *out, const char *word);

#endif
