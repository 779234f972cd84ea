/* SPDX-License-Identifier: MIT */
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"

#define GAP    2

#define LIST   FST_VIEW_LIST
#define LADDER FST_VIEW_LADDER
#define HELP   FST_VIEW_HELP

static const struct fst_key_row keys[FST_DO_COUNT] = {
#define KEY(action, views, key, other, name, label, help) {views, key, other, name, label, help},
#include "tui/keys.def"
#undef KEY
};

const struct fst_key_row *fst_key_at(size_t index)
{
    return index < FST_DO_COUNT ? &keys[index] : NULL;
}

enum fst_do fst_key_action(unsigned view, uint32_t key)
{
    for (size_t i = 0; i < FST_DO_COUNT; i++)
        if ((keys[i].views >> view & 1) && (keys[i].key == key || keys[i].other == key) && key != 0)
            return (enum fst_do)i;
    return FST_DO_NOTHING;
}

static bool in_foot(const struct fst_key_row *key, unsigned view)
{
    return (key->views >> view & 1) && *key->label != '\0';
}

static int columns_of(const struct fst_key_row *key)
{
    return (int)(strlen(key->name) + 1 + strlen(key->label)) + GAP;
}

/** Help and the way out are what must not be missing. */
static bool is_vital(size_t index)
{
    return index == FST_DO_HELP || index == FST_DO_BACK || index == FST_DO_QUIT;
}

void fst_foot_draw(struct fst_canvas *canvas, int line, unsigned view)
{
    int room = canvas->columns - 2, column = 1;

    for (size_t i = 0; i < FST_DO_COUNT; i++)
        if (in_foot(&keys[i], view) && is_vital(i))
            room -= columns_of(&keys[i]);
    for (size_t i = 0; i < FST_DO_COUNT; i++) {
        if (!in_foot(&keys[i], view))
            continue;
        if (!is_vital(i)) {
            if (columns_of(&keys[i]) > room)
                continue;
            room -= columns_of(&keys[i]);
        }
        column = fst_canvas_text(canvas, line, column, canvas->columns, FST_BOLD, keys[i].name);
        column = fst_canvas_text(canvas, line, column + 1, canvas->columns, FST_DIM, keys[i].label);
        column += GAP;
    }
}
