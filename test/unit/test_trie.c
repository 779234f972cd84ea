/* SPDX-License-Identifier: MIT
 *
 * Strings kept once, in bounded room.
 */
#include "flow/trie.h"

#include <string.h>

#include "support/memory.h"
#include "support/unit.h"

#define NODES_MOST  (1u << 20)
#define LENGTH_MOST 250

static uint32_t put(struct fst_trie *trie, const char *text)
{
    uint32_t node = FST_TRIE_EMPTY;

    while (*text)
        node = fst_trie_append(trie, node, (uint8_t)*text++);
    return node;
}

static void check_text(const struct fst_trie *trie, uint32_t node, const char *want)
{
    uint8_t text[LENGTH_MOST];

    CHECK(want, fst_trie_length(trie, node), strlen(want));
    CHECK(want, fst_trie_read(trie, node, text, sizeof(text)), strlen(want));
    assert_memory_equal(text, want, strlen(want));
}

static void equal_strings_are_one_node(void **state)
{
    static const char *const texts[] = {"a", "ab", "abc", "abd", "b", "ba", "", "aa", "aaa"};
    struct memory memory;
    struct fst_trie trie;
    uint32_t nodes[COUNT(texts)];
    size_t i, j;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    for (i = 0; i < COUNT(texts); i++)
        nodes[i] = put(&trie, texts[i]);
    for (i = 0; i < COUNT(texts); i++) {
        check_text(&trie, nodes[i], texts[i]);
        CHECK(texts[i], put(&trie, texts[i]), nodes[i]);
        for (j = 0; j < i; j++)
            assert_int_not_equal(nodes[i], nodes[j]);
    }
    CHECK("empty", nodes[6], FST_TRIE_EMPTY);
    CHECK("symbol", fst_trie_symbol(&trie, nodes[2]), 'c');
    CHECK("parent", fst_trie_parent(&trie, nodes[2]), nodes[1]);
    CHECK("parent of one", fst_trie_parent(&trie, nodes[0]), FST_TRIE_EMPTY);
    fst_trie_fini(&trie);
    CHECK("leaks", memory.blocks, 0);
}

static void reading_stops_at_the_room_given(void **state)
{
    uint8_t text[4] = "....";
    struct memory memory;
    struct fst_trie trie;
    uint32_t node;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    node = put(&trie, "abcdef");
    CHECK("all there are", fst_trie_read(&trie, node, text, 3), 6);
    assert_memory_equal(text, "abc.", 4);
    CHECK("no room", fst_trie_read(&trie, node, text, 0), 6);
    assert_memory_equal(text, "abc.", 4);
    CHECK("nothing to read", fst_trie_read(&trie, FST_TRIE_EMPTY, text, 4), 0);
    fst_trie_fini(&trie);
}

static void strings_stop_growing_at_their_bound(void **state)
{
    struct memory memory;
    struct fst_trie trie;
    uint32_t node = FST_TRIE_EMPTY;
    unsigned i;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    for (i = 0; i < 1000; i++) {
        uint32_t longer = fst_trie_append(&trie, node, (uint8_t)i);

        CHECK("grew", longer != node, i < LENGTH_MOST);
        node = longer;
    }
    CHECK("length", fst_trie_length(&trie, node), LENGTH_MOST);
    fst_trie_fini(&trie);
}

/* Every string of three octets would take 16 million nodes. */
static void nodes_stop_at_their_bound(void **state)
{
    struct memory memory;
    struct fst_trie trie;
    uint32_t pairs[64], full, i;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    for (i = 0; i < COUNT(pairs); i++)
        pairs[i] = fst_trie_append(&trie, FST_TRIE_EMPTY, (uint8_t)i);
    for (i = 0; trie.count < NODES_MOST; i++) {
        uint32_t node = pairs[i / 256 % 64];

        /* A chain for each number: few siblings, so that finding them stays quick. */
        node = fst_trie_append(&trie, node, (uint8_t)(i & 255));
        node = fst_trie_append(&trie, node, (uint8_t)(i >> 8));
        node = fst_trie_append(&trie, node, (uint8_t)(i >> 16));
        while (fst_trie_length(&trie, node) < 200 && trie.count < NODES_MOST)
            node = fst_trie_append(&trie, node, 1);
    }
    full = fst_trie_append(&trie, pairs[0], 0);
    CHECK("known ones are found", fst_trie_length(&trie, full), 2);
    CHECK("a new one is not taken", fst_trie_append(&trie, FST_TRIE_EMPTY, 255), FST_TRIE_EMPTY);
    CHECK("nor at another node", fst_trie_append(&trie, pairs[63], 255), pairs[63]);
    CHECK("room", trie.room, NODES_MOST);
    fst_trie_fini(&trie);
    CHECK("leaks", memory.blocks, 0);
}

static void short_of_memory_the_string_stays(void **state)
{
    struct memory memory;
    struct fst_trie trie;
    uint32_t node, count;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    memory_exhaust(&memory);
    CHECK("none yet", put(&trie, "ab"), FST_TRIE_EMPTY);
    CHECK("length", fst_trie_length(&trie, FST_TRIE_EMPTY), 0);
    memory_replenish(&memory);
    node = put(&trie, "ab");
    check_text(&trie, node, "ab");
    memory_exhaust(&memory);
    count = 0;
    while (trie.count < trie.room)
        put(&trie, (const char[]){(char)(1 + count % 200), (char)(1 + count / 200), 0}), count++;
    CHECK("full", fst_trie_append(&trie, node, 'c'), node);
    CHECK("known all the same", put(&trie, "ab"), node);
    memory_replenish(&memory);
    node = fst_trie_append(&trie, node, 'c');
    check_text(&trie, node, "abc");
    fst_trie_fini(&trie);
    CHECK("leaks", memory.blocks, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_strings_are_one_node),
        cmocka_unit_test(reading_stops_at_the_room_given),
        cmocka_unit_test(strings_stop_growing_at_their_bound),
        cmocka_unit_test(nodes_stop_at_their_bound),
        cmocka_unit_test(short_of_memory_the_string_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
