/* SPDX-License-Identifier: MIT */
#include "capture/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Octets of a message that the path may fill, escapes included. */
#define PATH_TEXT_MAX 200

/* Length of the UTF-8 character at `text` and its number, or 0 if it is no well-formed one. */
static size_t utf8_character(const unsigned char *text, uint32_t *number)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : 4;

    if (text[0] >= 0xe0 && text[0] < 0xf0)
        len = 3;
    if (len == 0 || text[0] > 0xf4)
        return 0;
    *number = len == 1 ? text[0] : text[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *number = *number << 6 | (text[i] & 0x3f);
    }
    if (*number < smallest[len] || *number > 0x10ffff || *number - 0xd800 < 0x800)
        return 0;
    return len;
}

/* Control characters, line separators, and what turns the direction of writing round. */
static bool is_unprintable(uint32_t number)
{
    return number < 0x20 || number - 0x7f < 0x21 || number - 0x2028 < 7 || number - 0x2066 < 4;
}

/* Write the first character of `text`, escaped if need be, to `piece`; returns the octets read. */
static size_t next_piece(const char *text, char piece[5])
{
    const unsigned char *octets = (const unsigned char *)text;
    uint32_t number = 0;
    size_t len = utf8_character(octets, &number);

    if (len == 0 || is_unprintable(number)) {
        (void)snprintf(piece, 5, "\\x%02x", octets[0]);
        return 1;
    }
    memcpy(piece, text, len);
    piece[len] = '\0';
    return len;
}

static size_t escaped_len(const char *text)
{
    char piece[5];
    size_t total = 0;

    while (*text) {
        text += next_piece(text, piece);
        total += strlen(piece);
    }
    return total;
}

/* Append `text` to the string in `out`, escaped, as far as whole pieces fit. */
static void append(char *out, size_t size, const char *text)
{
    char piece[5];
    size_t used = strlen(out);

    while (*text) {
        size_t len;

        text += next_piece(text, piece);
        len = strlen(piece);
        if (used + len >= size)
            return;
        memcpy(out + used, piece, len + 1);
        used += len;
    }
}

static void append_path(char *out, size_t size, const char *path)
{
    char piece[5];
    size_t len = escaped_len(path);

    if (strcmp(path, "-") == 0)
        path = "standard input";
    if (len > PATH_TEXT_MAX)
        append(out, size, "...");
    while (len > PATH_TEXT_MAX) {
        path += next_piece(path, piece);
        len -= strlen(piece);
    }
    append(out, size, path);
}

int fst_diag_set(struct fst_diag *diag, int error, const char *path, const char *format, ...)
{
    char text[sizeof(diag->message)];
    va_list arguments;

    if (!diag)
        return error;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);

    diag->error = error;
    diag->message[0] = '\0';
    append_path(diag->message, sizeof(diag->message), path);
    append(diag->message, sizeof(diag->message), ": ");
    append(diag->message, sizeof(diag->message), text);
    return error;
}
