/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/suggest.h"
#include "report/escape.h"

#define MESSAGE_MAX 1024

void fst_complain(const char *format, ...)
{
    char message[MESSAGE_MAX], safe[2 * MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    fst_escape_text(message, safe, sizeof(safe));
    fprintf(stderr, "flowstate: %s\n", safe);
}

void fst_complain_unknown(const char *what, const char *word,
                          const char *(*name_at)(const void *context, size_t index),
                          const void *context)
{
    const char *nearest = fst_suggest(word, name_at, context);

    if (nearest)
        fst_complain("unknown %s \"%s\"; did you mean \"%s\"?", what, word, nearest);
    else
        fst_complain("unknown %s \"%s\"", what, word);
}
