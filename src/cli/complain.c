/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "report/escape.h"

#define MESSAGE_MAX 1024
#define LIST_MAX    200

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool complained;

bool fst_has_complained(void)
{
    return complained;
}

void fst_complain(const char *format, ...)
{
    char message[MESSAGE_MAX], safe[2 * MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    fst_escape_text(message, safe, sizeof(safe));
    fprintf(stderr, "flowstate: %s\n", safe);
    complained = true;
}

/** "; there are: CLOSED, LISTEN, ...", or nothing if they are too many for a line. */
static const char *list_text(const char *(*name_at)(const void *context, size_t index),
                             const void *context, char text[LIST_MAX])
{
    size_t len = 0;
    const char *name;

    for (size_t i = 0; (name = name_at(context, i)) != NULL; i++) {
        if (len + strlen(name) + 20 > LIST_MAX)
            return "";
        len +=
            (size_t)snprintf(text + len, LIST_MAX - len, "%s%s", i ? ", " : "; there are: ", name);
    }
    return len > 0 ? text : "";
}

bool fst_same_word(const char *a, const char *b)
{
    for (; *a != '\0' && lower(*a) == lower(*b); a++)
        b++;
    return *a == *b;
}

void fst_complain_unknown(const char *what, const char *word,
                          const char *(*name_at)(const void *context, size_t index),
                          const void *context)
{
    const char *nearest = fst_suggest(word, name_at, context);
    char names[LIST_MAX];

    if (nearest)
        fst_complain("unknown %s \"%s\"; did you mean \"%s\"?", what, word, nearest);
    else
        fst_complain("unknown %s \"%s\"%s", what, word, list_text(name_at, context, names));
}
