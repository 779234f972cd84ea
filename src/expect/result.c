/* SPDX-License-Identifier: MIT */
#include "expect/result.h"

#include <stdlib.h>
#include <string.h>

const char *fst_difference_name(enum fst_difference_kind kind)
{
    static const char *const names[] = {
#define FST_X(name, word, meaning) [FST_DIFFERS_##name] = word,
        FST_DIFFERENCE_MAP(FST_X)
#undef FST_X
    };

    return names[kind];
}

const char *fst_difference_meaning(enum fst_difference_kind kind)
{
    static const char *const meanings[] = {
#define FST_X(name, word, meaning) [FST_DIFFERS_##name] = meaning,
        FST_DIFFERENCE_MAP(FST_X)
#undef FST_X
    };

    return meanings[kind];
}

const char *fst_item_kind_name(enum fst_item_kind kind)
{
    static const char *const names[] = {"assert", "flow", "unexpected-flow", "finding"};

    return names[kind];
}

struct fst_check_item *fst_comparison_add(struct fst_comparison *comparison,
                                          enum fst_item_kind kind, unsigned line, char *title)
{
    struct fst_check_item *items = NULL;

    if (title)
        items = realloc(comparison->items, (comparison->item_count + 1) * sizeof(*items));
    if (!items) {
        free(title);
        comparison->out_of_memory = true;
        return NULL;
    }
    comparison->items = items;
    items += comparison->item_count++;
    memset(items, 0, sizeof(*items));
    items->kind = kind;
    items->line = line;
    items->title = title;
    return items;
}

struct fst_difference *fst_item_add(struct fst_comparison *comparison, struct fst_check_item *item,
                                    enum fst_difference_kind kind, unsigned line)
{
    struct fst_difference *differences =
        realloc(item->differences, (item->difference_count + 1) * sizeof(*differences));

    if (!differences) {
        comparison->out_of_memory = true;
        return NULL;
    }
    item->differences = differences;
    if (item->difference_count == 0)
        comparison->failed++;
    differences += item->difference_count++;
    memset(differences, 0, sizeof(*differences));
    differences->kind = kind;
    differences->line = line;
    differences->side = FST_BY_NOBODY;
    differences->caret = FST_NO_CARET;
    return differences;
}

void fst_comparison_free(struct fst_comparison *comparison)
{
    for (size_t i = 0; i < comparison->item_count; i++) {
        struct fst_check_item *item = &comparison->items[i];

        for (size_t d = 0; d < item->difference_count; d++) {
            free(item->differences[d].expected);
            free(item->differences[d].got);
            free(item->differences[d].note);
        }
        free(item->differences);
        free(item->title);
    }
    free(comparison->items);
    memset(comparison, 0, sizeof(*comparison));
}
