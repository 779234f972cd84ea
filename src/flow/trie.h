/* SPDX-License-Identifier: MIT
 *
 * Short strings that many connections share, kept once: the path of states an endpoint took, the
 * history of segment kinds. A string is a node; its prefix is the node's parent. Bounded: when
 * full, strings stop growing and say so.
 */
#ifndef FST_FLOW_TRIE_H
#define FST_FLOW_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* So many nodes at most. */
#define FST_TRIE_MOST  (1u << 20)

#define FST_TRIE_EMPTY 0 /* the empty string */

struct fst_trie {
    const struct fst_allocator *allocator;
    struct fst_trie_node *nodes;
    uint32_t count, room;
};

void fst_trie_init(struct fst_trie *trie, const struct fst_allocator *allocator);
void fst_trie_fini(struct fst_trie *trie);

/** The string of `node` with `symbol`, below 32, appended; `node` itself when the trie is full or
 * memory short. */
uint32_t fst_trie_append(struct fst_trie *trie, uint32_t node, uint8_t symbol);

/** Last symbol, and the string without it. Not for the empty string. */
uint8_t fst_trie_symbol(const struct fst_trie *trie, uint32_t node);
uint32_t fst_trie_parent(const struct fst_trie *trie, uint32_t node);

/** The symbols in the string, as bits. */
uint32_t fst_trie_symbols(const struct fst_trie *trie, uint32_t node);

/** Number of symbols. */
unsigned fst_trie_length(const struct fst_trie *trie, uint32_t node);

/** Copy the first `max` symbols; returns how many there are in all. */
size_t fst_trie_read(const struct fst_trie *trie, uint32_t node, uint8_t *symbols, size_t max);

/** Make sure that so many more nodes fit; false when memory is short or that is more than may be.
 */
bool fst_trie_make_room(struct fst_trie *trie, uint32_t more);

/** Have all strings of another one, for whose nodes room was made: map[i] is what its node `i` is
 *  here. */
void fst_trie_absorb(struct fst_trie *trie, const struct fst_trie *other, uint32_t *map);

#endif
