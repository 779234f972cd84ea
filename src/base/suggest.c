/* SPDX-License-Identifier: MIT */
#include "base/suggest.h"

#include <string.h>

#define WORD_MAX 40

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Letters to add, drop, replace or swap with the neighbour to turn `a` into `b`. */
static size_t distance(const char *a, const char *b)
{
    size_t row[3][WORD_MAX + 1]; /* this row and the two before */
    size_t a_len = strlen(a), b_len = strlen(b);

    for (size_t j = 0; j <= b_len; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = lower(a[i - 1]) != lower(b[j - 1]);

            now[j] = least(least(now[j - 1], before[j]) + 1, before[j - 1] + change);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return row[a_len % 3][b_len];
}

const char *fst_suggest(const char *word, const char *(*name_at)(const void *context, size_t index),
                        const void *context)
{
    size_t best = strlen(word) / 3 + 2; /* one more than what is near enough */
    const char *nearest = NULL, *name;

    if (strlen(word) > WORD_MAX)
        return NULL;
    for (size_t i = 0; (name = name_at(context, i)) != NULL; i++) {
        size_t away = strlen(name) > WORD_MAX ? best : distance(word, name);

        if (away < best) {
            best = away;
            nearest = name;
        }
    }
    return nearest;
}
