/* SPDX-License-Identifier: MIT */
#include "cli/filter_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The words as one filter, as tcpdump joins them; to be freed. */
static char *join(char *const *words, size_t count)
{
    size_t size = 1, len = 0;
    char *text;

    for (size_t i = 0; i < count; i++)
        size += strlen(words[i]) + 1;
    text = calloc(1, size);
    for (size_t i = 0; text && i < count; i++)
        len += (size_t)snprintf(text + len, size - len, "%s%s", i > 0 ? " " : "", words[i]);
    return text;
}

int fst_run_filtered(const struct fst_arguments *given,
                     int (*run)(const struct fst_arguments *arguments))
{
    struct fst_arguments arguments = *given;
    char *filter;
    int status;

    if (arguments.word_count == 0)
        return run(&arguments);
    if (arguments.filter) {
        fst_complain("a filter both after -f and as last words (\"%s\"); give one",
                     arguments.words[0]);
        return FST_EXIT_USAGE;
    }
    filter = join(arguments.words, arguments.word_count);
    if (!filter) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    arguments.filter = filter;
    status = run(&arguments);
    free(filter);
    return status;
}
