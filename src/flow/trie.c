/* SPDX-License-Identifier: MIT */
#include "flow/trie.h"

#include <string.h>

#include "base/alloc.h"

struct fst_trie_node {
    uint32_t parent;
    uint32_t child;   /* first */
    uint32_t sibling; /* next of the same parent */
    uint32_t symbols; /* all in the string, as bits */
    uint8_t symbol;
    uint8_t length;
};

#define ROOM_FIRST  256u
#define LENGTH_MOST 250

void fst_trie_init(struct fst_trie *trie, const struct fst_allocator *allocator)
{
    memset(trie, 0, sizeof(*trie));
    trie->allocator = allocator;
}

void fst_trie_fini(struct fst_trie *trie)
{
    fst_release(trie->allocator, trie->nodes, trie->room * sizeof(trie->nodes[0]));
    memset(trie, 0, sizeof(*trie));
}

static bool grow(struct fst_trie *trie)
{
    uint32_t room = trie->room ? trie->room * 2 : ROOM_FIRST;
    struct fst_trie_node *nodes;

    if (room > FST_TRIE_MOST)
        return false;
    nodes = fst_resize(trie->allocator, trie->nodes, trie->room * sizeof(nodes[0]),
                       room * sizeof(nodes[0]));
    if (!nodes)
        return false;
    if (trie->count == 0) { /* node 0 is the empty string */
        memset(&nodes[0], 0, sizeof(nodes[0]));
        trie->count = 1;
    }
    trie->nodes = nodes;
    trie->room = room;
    return true;
}

uint32_t fst_trie_append(struct fst_trie *trie, uint32_t node, uint8_t symbol)
{
    struct fst_trie_node *nodes;
    uint32_t child;

    if (trie->count == 0 && !grow(trie))
        return node;
    for (child = trie->nodes[node].child; child; child = trie->nodes[child].sibling)
        if (trie->nodes[child].symbol == symbol) /* at most 32 siblings */
            return child;
    if (trie->nodes[node].length >= LENGTH_MOST || (trie->count == trie->room && !grow(trie)))
        return node;
    nodes = trie->nodes;
    child = trie->count++;
    nodes[child] = (struct fst_trie_node){.parent = node,
                                          .sibling = nodes[node].child,
                                          .symbols = nodes[node].symbols | UINT32_C(1) << symbol,
                                          .symbol = symbol,
                                          .length = (uint8_t)(nodes[node].length + 1)};
    nodes[node].child = child;
    return child;
}

uint8_t fst_trie_symbol(const struct fst_trie *trie, uint32_t node)
{
    return trie->nodes[node].symbol;
}

uint32_t fst_trie_parent(const struct fst_trie *trie, uint32_t node)
{
    return trie->nodes[node].parent;
}

uint32_t fst_trie_symbols(const struct fst_trie *trie, uint32_t node)
{
    return node == FST_TRIE_EMPTY ? 0 : trie->nodes[node].symbols;
}

unsigned fst_trie_length(const struct fst_trie *trie, uint32_t node)
{
    return node == FST_TRIE_EMPTY ? 0 : trie->nodes[node].length;
}

size_t fst_trie_read(const struct fst_trie *trie, uint32_t node, uint8_t *symbols, size_t max)
{
    size_t length = fst_trie_length(trie, node), at = length;

    for (; node != FST_TRIE_EMPTY; node = trie->nodes[node].parent)
        if (--at < max)
            symbols[at] = trie->nodes[node].symbol;
    return length;
}

bool fst_trie_make_room(struct fst_trie *trie, uint32_t more)
{
    while (trie->room - trie->count < more)
        if (!grow(trie))
            return false;
    return true;
}

/* Parents come before their children. */
void fst_trie_absorb(struct fst_trie *trie, const struct fst_trie *other, uint32_t *map)
{
    map[FST_TRIE_EMPTY] = FST_TRIE_EMPTY;
    for (uint32_t i = 1; i < other->count; i++)
        map[i] = fst_trie_append(trie, map[other->nodes[i].parent], other->nodes[i].symbol);
}
