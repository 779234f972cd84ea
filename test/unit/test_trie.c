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

/* Symbols are small: a letter stands for its place in the alphabet. */
#define SYMBOL(letter) ((uint8_t)((letter)&31))

static uint32_t put(struct fst_trie *trie, const char *text)
{
    uint32_t node = FST_TRIE_EMPTY;

    while (*text)
        node = fst_trie_append(trie, node, SYMBOL(*text++));
    return node;
}

static void check_text(const struct fst_trie *trie, uint32_t node, const char *want)
{
    uint8_t text[LENGTH_MOST];
    uint32_t symbols = 0;
    size_t i;

    CHECK(want, fst_trie_length(trie, node), strlen(want));
    CHECK(want, fst_trie_read(trie, node, text, sizeof(text)), strlen(want));
    for (i = 0; want[i]; i++) {
        CHECK(want, text[i], SYMBOL(want[i]));
        symbols |= UINT32_C(1) << SYMBOL(want[i]);
    }
    CHECK(want, fst_trie_symbols(trie, node), symbols);
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
    CHECK("symbol", fst_trie_symbol(&trie, nodes[2]), SYMBOL('c'));
    CHECK("parent", fst_trie_parent(&trie, nodes[2]), nodes[1]);
    CHECK("parent of one", fst_trie_parent(&trie, nodes[0]), FST_TRIE_EMPTY);
    fst_trie_fini(&trie);
    CHECK("leaks", memory.blocks, 0);
}

static void reading_stops_at_the_room_given(void **state)
{
    static const uint8_t want[4] = {SYMBOL('a'), SYMBOL('b'), SYMBOL('c'), 99};
    uint8_t text[4] = {99, 99, 99, 99};
    struct memory memory;
    struct fst_trie trie;
    uint32_t node;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    node = put(&trie, "abcdef");
    CHECK("all there are", fst_trie_read(&trie, node, text, 3), 6);
    assert_memory_equal(text, want, 4);
    CHECK("no room", fst_trie_read(&trie, node, text, 0), 6);
    assert_memory_equal(text, want, 4);
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
        uint32_t longer = fst_trie_append(&trie, node, (uint8_t)(i % 32));

        CHECK("grew", longer != node, i < LENGTH_MOST);
        node = longer;
    }
    CHECK("length", fst_trie_length(&trie, node), LENGTH_MOST);
    fst_trie_fini(&trie);
}

/* Every string of five symbols would take 34 million nodes. */
static void nodes_stop_at_their_bound(void **state)
{
    struct memory memory;
    struct fst_trie trie;
    uint32_t i, last = FST_TRIE_EMPTY;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    for (i = 0; trie.count < NODES_MOST; i++) {
        uint32_t node = FST_TRIE_EMPTY;
        unsigned digit;

        for (digit = 0; digit < 5; digit++)
            node = fst_trie_append(&trie, node, (uint8_t)(i >> 5 * digit & 31));
        last = node;
    }
    CHECK("known ones are found",
          fst_trie_length(&trie, fst_trie_append(&trie, FST_TRIE_EMPTY, 31)), 1);
    CHECK("a new one is not taken", fst_trie_append(&trie, last, 31), last);
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
    for (count = 0; trie.count < trie.room; count++)
        put(&trie, (const char[]){(char)(1 + count % 31), (char)(1 + count / 31 % 31),
                                  (char)(1 + count / 961 % 31), 0});
    CHECK("full", fst_trie_append(&trie, node, SYMBOL('c')), node);
    CHECK("known all the same", put(&trie, "ab"), node);
    memory_replenish(&memory);
    node = fst_trie_append(&trie, node, SYMBOL('c'));
    check_text(&trie, node, "abc");
    fst_trie_fini(&trie);
    CHECK("leaks", memory.blocks, 0);
}

static void strings_of_another_are_taken_over(void **state)
{
    static const char *const ours[] = {"a", "abc", "abd", "b", "xyz"};
    static const char *const theirs[] = {"abc", "ac", "zyx", "xyzz", "b", "abdabd", ""};
    struct memory memory;
    struct fst_trie trie, other;
    uint32_t nodes[COUNT(ours)], others[COUNT(theirs)], map[64], count;

    (void)state;
    memory_init(&memory);
    for (int empty = 0; empty < 3; empty++) { /* neither, ours, theirs */
        fst_trie_init(&trie, &memory.allocator);
        fst_trie_init(&other, &memory.allocator);
        for (size_t i = 0; i < COUNT(ours) && empty != 1; i++)
            nodes[i] = put(&trie, ours[i]);
        for (size_t i = 0; i < COUNT(theirs) && empty != 2; i++)
            others[i] = put(&other, theirs[i]);
        assert_true(fst_trie_make_room(&trie, other.count));
        memory_exhaust(&memory);
        fst_trie_absorb(&trie, &other, map);
        count = trie.count;
        for (size_t i = 0; i < COUNT(ours) && empty != 1; i++)
            check_text(&trie, nodes[i], ours[i]);
        for (size_t i = 0; i < COUNT(theirs) && empty != 2; i++) {
            check_text(&trie, map[others[i]], theirs[i]);
            CHECK("the same as made here", put(&trie, theirs[i]), map[others[i]]);
        }
        CHECK("all are there", trie.count, count);
        CHECK("common ones are one", count, empty == 2 ? 9 : 17);
        CHECK("the empty one", map[FST_TRIE_EMPTY], FST_TRIE_EMPTY);
        memory_replenish(&memory);
        fst_trie_fini(&other);
        fst_trie_fini(&trie);
    }
    CHECK("leaks", memory.blocks, 0);
}

static void room_is_made_within_the_bound(void **state)
{
    struct memory memory;
    struct fst_trie trie;
    uint32_t node;

    (void)state;
    memory_init(&memory);
    fst_trie_init(&trie, &memory.allocator);
    assert_true(fst_trie_make_room(&trie, 0));
    node = put(&trie, "abc");
    memory_exhaust(&memory);
    assert_true(fst_trie_make_room(&trie, 200));
    assert_false(fst_trie_make_room(&trie, 300));
    memory_replenish(&memory);
    assert_true(fst_trie_make_room(&trie, 300));
    assert_true(trie.room - trie.count >= 300);
    assert_true(fst_trie_make_room(&trie, NODES_MOST - trie.count));
    assert_false(fst_trie_make_room(&trie, NODES_MOST - trie.count + 1));
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
        cmocka_unit_test(strings_of_another_are_taken_over),
        cmocka_unit_test(room_is_made_within_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
