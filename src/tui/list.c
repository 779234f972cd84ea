/* SPDX-License-Identifier: MIT */
#include "tui/list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/wording.h"
#include "tui/words.h"

/* --------------------------------------------------------------------------------- left or right
 * --
 */

static bool is_local(const struct fst_choice *choice, const struct fst_address *address)
{
    for (size_t i = 0; i < choice->local_count; i++)
        if (choice->local[i].ipv6 == address->ipv6 &&
            memcmp(choice->local[i].octets, address->octets, address->ipv6 ? 16 : 4) == 0)
            return true;
    return false;
}

unsigned fst_left_side(const struct fst_choice *choice, const struct fst_tui_row *row)
{
    if (!is_local(choice, &row->flow.side[FST_CLIENT].address) &&
        is_local(choice, &row->flow.side[FST_SERVER].address))
        return FST_SERVER;
    return FST_CLIENT;
}

/* -------------------------------------------------------------------------------- what is shown --
 */

static bool contains(const char *text, const char *piece)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (piece[i] != '\0' &&
               tolower((unsigned char)text[i]) == tolower((unsigned char)piece[i]))
            i++;
        if (piece[i] == '\0')
            return true;
    }
    return *piece == '\0';
}

/** Whether something that a row says contains the piece, whatever the case. */
static bool row_says(const struct fst_tui_row *row, const char *piece, int64_t now_ns)
{
    char text[FST_ENDPOINT_MAX], note[FST_CELL_MAX];
    const struct fst_rule *rule;
    fst_look look;

    for (unsigned side = 0; side < 2; side++) {
        fst_endpoint_text(&row->flow.side[side].address, row->flow.side[side].port, text);
        if (contains(text, piece) || contains(fst_state_cell(row, side, &look), piece))
            return true;
    }
    if (contains(fst_note_text(row, now_ns, &look, note), piece))
        return true;
    for (size_t i = 0; (rule = fst_rule_at(i)) != NULL; i++)
        for (unsigned by = 0; by < 3; by++)
            if (fst_rule_set_has(&row->flow.rules[by], rule) && contains(rule->slug, piece))
                return true;
    return false;
}

static bool is_wanted(const struct fst_choice *choice, const struct fst_tui_row *row,
                      int64_t now_ns)
{
    struct fst_where_flow flow;

    if (!row->filled || (!choice->all && !fst_row_lingers(row, now_ns)))
        return false;
    if (choice->findings_only && row->worst == FST_CLASS_COUNT)
        return false;
    if (choice->text && !row_says(row, choice->text, now_ns))
        return false;
    if (!choice->where)
        return true;
    flow = row->flow;
    flow.now_ns = now_ns;
    return fst_where_holds(choice->where, &flow);
}

/* ------------------------------------------------------------------------------------- order -- */

const char *fst_sort_name(enum fst_sort sort)
{
    static const char *const names[FST_SORT_COUNT] = {
#define FST_X(name, text) text,
        FST_SORT_MAP(FST_X)
#undef FST_X
    };

    return names[sort];
}

/* A row's place: numbers first, then octets, then the younger connection first. */
struct key {
    uint64_t number;
    uint8_t octets[18];
    uint32_t id;
    uint32_t row;
};

static uint64_t both(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void address_key(struct key *key, const struct fst_tui_row *row, unsigned side)
{
    key->number = row->flow.side[side].address.ipv6;
    memcpy(key->octets, row->flow.side[side].address.octets, 16);
    key->octets[16] = (uint8_t)(row->flow.side[side].port >> 8);
    key->octets[17] = (uint8_t)row->flow.side[side].port;
}

/** Largest first is what one wants to see of amounts and times; so those are kept upside down. */
static void fill_key(struct key *key, const struct fst_choice *choice,
                     const struct fst_tui_row *row)
{
    unsigned left = fst_left_side(choice, row);

    switch (choice->sort) {
    case FST_SORT_LEFT:
        address_key(key, row, left);
        break;
    case FST_SORT_RIGHT:
        address_key(key, row, !left);
        break;
    case FST_SORT_LEFT_STATE:
        key->number = row->flow.side[left].state;
        break;
    case FST_SORT_RIGHT_STATE:
        key->number = row->flow.side[!left].state;
        break;
    case FST_SORT_IDLE:
        key->number = (uint64_t)row->flow.ts_last;
        break;
    case FST_SORT_PACKETS:
        key->number = UINT64_MAX - both(row->flow.side[0].packets, row->flow.side[1].packets);
        break;
    case FST_SORT_BYTES:
        key->number =
            UINT64_MAX - both(row->flow.side[0].payload_bytes, row->flow.side[1].payload_bytes);
        break;
    case FST_SORT_RTT:
        key->number = UINT64_MAX - (uint64_t)(row->flow.handshake_ns + 1);
        break;
    case FST_SORT_NOTE:
        key->number = fst_note_rank(row);
        break;
    default: /* AGE: the id tells */
        break;
    }
}

static int compare(const void *left, const void *right)
{
    const struct key *a = left, *b = right;
    int order;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    order = memcmp(a->octets, b->octets, sizeof(a->octets));
    if (order != 0)
        return order;
    return a->id > b->id ? -1 : a->id < b->id;
}

static bool make_room(struct fst_list *list, size_t count)
{
    uint32_t *rows;

    if (count <= list->room)
        return true;
    rows = realloc(list->rows, count * sizeof(*rows));
    if (!rows)
        return false;
    list->rows = rows;
    list->room = count;
    return true;
}

bool fst_list_make(struct fst_list *list, const struct fst_tui_model *model,
                   const struct fst_choice *choice, int64_t now_ns)
{
    struct key *keys = calloc(model->count + 1, sizeof(*keys));
    size_t count = 0;

    list->count = 0;
    if (!keys || !make_room(list, model->count)) {
        free(keys);
        return false;
    }
    for (size_t i = 0; i < model->count; i++) {
        if (!is_wanted(choice, &model->rows[i], now_ns))
            continue;
        keys[count].id = model->rows[i].id;
        keys[count].row = (uint32_t)i;
        fill_key(&keys[count++], choice, &model->rows[i]);
    }
    qsort(keys, count, sizeof(*keys), compare);
    for (size_t i = 0; i < count; i++)
        list->rows[choice->reverse ? count - 1 - i : i] = keys[i].row;
    list->count = count;
    free(keys);
    return true;
}

void fst_list_free(struct fst_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = list->room = 0;
}
