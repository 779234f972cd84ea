/* SPDX-License-Identifier: MIT */
#include "report/escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NOT_UTF8    UINT32_MAX
#define REPLACEMENT "\xef\xbf\xbd"

/** How many octets follow the lead octet; 4 if it leads nothing. */
static size_t utf8_tail(unsigned char lead)
{
    if (lead < 0x80)
        return 0;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if (lead >= 0xe0 && lead <= 0xef)
        return 2;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 3;
    return 4;
}

/** Overlong forms, surrogates and what lies beyond Unicode: RFC 3629 section 4. */
static bool utf8_value_ok(uint32_t code, size_t tail)
{
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};

    return code >= least[tail] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

size_t fst_utf8_next(const char *text, uint32_t *code)
{
    unsigned char lead = (unsigned char)text[0];
    size_t tail = utf8_tail(lead);
    uint32_t value = tail == 0 ? lead : lead & (0x3fu >> tail);

    *code = NOT_UTF8;
    if (tail > 3)
        return 1;
    for (size_t i = 1; i <= tail; i++) { /* the NUL is no continuation, so this stays inside */
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | ((unsigned char)text[i] & 0x3f);
    }
    if (!utf8_value_ok(value, tail))
        return 1;
    *code = value;
    return tail + 1;
}

/** Control characters (C0, DEL, C1), line separators, and marks that turn the writing direction. */
static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x061c ||
           (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

size_t fst_text_columns(const char *text)
{
    size_t columns = 0;
    uint32_t code;

    for (; *text != '\0'; text += fst_utf8_next(text, &code))
        columns++;
    return columns;
}

void fst_escape_text(const char *from, char *to, size_t size)
{
    size_t at = 0;

    while (*from != '\0' && at + 12 < size) {
        uint32_t code;
        size_t len = fst_utf8_next(from, &code);

        if (code == NOT_UTF8 || code < 0x20 || code == 0x7f)
            at += (size_t)snprintf(to + at, size - at, "\\x%02x", (unsigned char)*from);
        else if (is_unsafe(code))
            at += (size_t)snprintf(to + at, size - at, "\\u%04x", (unsigned)code);
        else {
            memcpy(to + at, from, len);
            at += len;
        }
        from += len;
    }
    to[at] = '\0';
}

size_t fst_json_plain(const char *text)
{
    const char *at = text;

    while (*at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
        at++;
    return (size_t)(at - text);
}

void fst_out_json_chars(struct fst_out *out, const char *text)
{
    for (;;) {
        size_t len = fst_json_plain(text); /* nearly always all */
        uint32_t code;

        fst_out_bytes(out, text, len);
        text += len;
        if (*text == '\0')
            return;
        len = fst_utf8_next(text, &code);
        if (code == NOT_UTF8)
            fst_out_text(out, REPLACEMENT);
        else if (code == '"' || code == '\\')
            fst_out_print(out, "\\%c", (int)code);
        else if (is_unsafe(code))
            fst_out_print(out, "\\u%04x", (unsigned)code);
        else
            fst_out_bytes(out, text, len);
        text += len;
    }
}

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return code == NOT_UTF8 || is_unsafe(code) ? REPLACEMENT : NULL;
    }
}

void fst_out_markup(struct fst_out *out, const char *text)
{
    while (*text != '\0') {
        uint32_t code;
        size_t len = fst_utf8_next(text, &code);
        const char *entity = entity_of(code);

        if (entity)
            fst_out_text(out, entity);
        else
            fst_out_bytes(out, text, len);
        text += len;
    }
}

bool fst_shell_word(const char *word, char text[FST_SHELL_WORD_MAX])
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+,";
    char shown[512];

    fst_escape_text(word, shown, sizeof(shown));
    if (strcmp(shown, word) != 0 || strchr(word, '\''))
        return false;
    if (*word != '\0' && word[strspn(word, plain)] == '\0')
        snprintf(text, FST_SHELL_WORD_MAX, "%s", word);
    else
        snprintf(text, FST_SHELL_WORD_MAX, "'%s'", word);
    return true;
}

bool fst_out_shell_word(struct fst_out *out, const char *word)
{
    char text[FST_SHELL_WORD_MAX];

    if (!fst_shell_word(word, text))
        return false;
    fst_out_text(out, text);
    return true;
}
