/* SPDX-License-Identifier: MIT */
#include "report/check_writer.h"

#include <stdio.h>
#include <string.h>

bool fst_checked_ran(const struct fst_checked *file)
{
    return file->trouble == NULL;
}

const char *fst_difference_label(const struct fst_difference *difference)
{
    static const char *const paths[] = {"client path", "server path"};

    if (difference->kind == FST_DIFFERS_PATH && difference->side < 2)
        return paths[difference->side];
    return fst_difference_name(difference->kind);
}

/** The last word of a text. */
static const char *last_word(const char *text)
{
    const char *blank = strrchr(text, ' ');

    return blank ? blank + 1 : text;
}

static void path_sentence(const struct fst_difference *difference, char *text, size_t size)
{
    const char *expected = last_word(difference->expected), *got = last_word(difference->got);

    if (strcmp(expected, got) != 0)
        snprintf(text, size, "ends in %s, expected %s", got, expected);
    else
        snprintf(text, size, "went another way to %s, expected %s", got, difference->expected);
}

void fst_difference_sentence(const struct fst_difference *difference, char *text, size_t size)
{
    size_t len;

    if (difference->kind == FST_DIFFERS_PATH)
        path_sentence(difference, text, size);
    else if (difference->kind == FST_DIFFERS_ASSERT || difference->kind == FST_DIFFERS_FINDING)
        snprintf(text, size, "%s", difference->got);
    else
        snprintf(text, size, "%s, expected %s", difference->got, difference->expected);
    len = strlen(text);
    if (difference->note && len < size)
        snprintf(text + len, size - len, " (%s)", difference->note);
}

static void add_word(char *text, size_t size, const char *word, const char *instead)
{
    char shown[FST_SHELL_WORD_MAX];
    size_t len = strlen(text);

    snprintf(text + len, size - len, " %s", fst_shell_word(word, shown) ? shown : instead);
}

void fst_look_command(const char *capture, uint32_t connection, const char *filter,
                      char text[FST_LOOK_MAX])
{
    size_t len;

    snprintf(text, FST_LOOK_MAX, "flowstate explain -r");
    add_word(text, FST_LOOK_MAX, capture, "FILE");
    len = strlen(text);
    snprintf(text + len, FST_LOOK_MAX - len, " %u", connection);
    if (filter)
        add_word(text, FST_LOOK_MAX, filter, "FILTER");
}

void fst_checked_class(const struct fst_checked *file, char *text, size_t size)
{
    const char *path = file->path;
    size_t len;

    while (strncmp(path, "./", 2) == 0 || strncmp(path, "/", 1) == 0)
        path += *path == '/' ? 1 : 2;
    len = strlen(path);
    if (len > strlen(".expect") && strcmp(path + len - strlen(".expect"), ".expect") == 0)
        len -= strlen(".expect");
    snprintf(text, size, "%.*s", (int)(len < size ? len : size), path);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '/')
            *at = '.';
}

void fst_difference_title(const struct fst_check_item *item,
                          const struct fst_difference *difference, char *text, size_t size)
{
    if (item->kind == FST_ITEM_FLOW)
        snprintf(text, size, "%s: %s", item->title, fst_difference_label(difference));
    else
        snprintf(text, size, "%s", item->title);
}
