/* SPDX-License-Identifier: MIT
 *
 * Items by number: zeroed, apart from each other, used again, and no more than may be.
 */
#include "flow/pool.h"

#include <string.h>

#include "support/memory.h"
#include "support/unit.h"

#define SIZE 24u
#define MOST 100u /* is no power of two */

/* Every octet of an item says whose it is. */
static void mark(const struct fst_pool *pool, uint32_t number, uint8_t whose)
{
    memset(fst_pool_at(pool, number), whose, SIZE);
}

static void check_mark(const struct fst_pool *pool, uint32_t number, uint8_t whose)
{
    const uint8_t *octets = fst_pool_at(pool, number);

    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(octets[i], whose);
}

static void items_are_zeroed_and_apart(void **state)
{
    struct memory memory;
    struct fst_pool pool;
    uint32_t number[MOST], i, k;

    (void)state;
    memory_init(&memory);
    fst_pool_init(&pool, &memory.allocator, SIZE, MOST);
    for (i = 0; i < MOST; i++) {
        number[i] = fst_pool_take(&pool);
        assert_int_not_equal(number[i], FST_NO_INDEX);
        check_mark(&pool, number[i], 0);
        mark(&pool, number[i], (uint8_t)(i + 1));
        for (k = 0; k <= i; k++)
            check_mark(&pool, number[k], (uint8_t)(k + 1));
    }
    assert_int_equal(fst_pool_take(&pool), FST_NO_INDEX);
    assert_true(fst_pool_is_full(&pool));
    assert_in_range(memory.octets, MOST * SIZE, MOST * SIZE);
    fst_pool_fini(&pool);
    assert_int_equal(memory.blocks, 0);
}

static void what_is_given_back_is_used_again(void **state)
{
    struct memory memory;
    struct fst_pool pool;
    uint32_t i;

    (void)state;
    memory_init(&memory);
    fst_pool_init(&pool, &memory.allocator, SIZE, MOST);
    for (i = 0; i < MOST; i++)
        mark(&pool, fst_pool_take(&pool), 0xff);
    fst_pool_give_back(&pool, 7);
    fst_pool_give_back(&pool, 99);
    assert_int_equal(fst_pool_take(&pool), 99);
    check_mark(&pool, 99, 0);
    assert_int_equal(fst_pool_take(&pool), 7);
    check_mark(&pool, 7, 0);
    check_mark(&pool, 8, 0xff);
    assert_int_equal(fst_pool_take(&pool), FST_NO_INDEX);
    fst_pool_fini(&pool);
}

static void without_memory_none_is_lost(void **state)
{
    struct memory memory;
    struct fst_pool pool;
    uint32_t taken = 0, number;

    (void)state;
    memory_init(&memory);
    fst_pool_init(&pool, &memory.allocator, SIZE, MOST);
    number = fst_pool_take(&pool);
    mark(&pool, number, 3);
    memory_exhaust(&memory);
    while (fst_pool_take(&pool) != FST_NO_INDEX)
        taken++;
    assert_true(taken < MOST - 1);
    assert_false(fst_pool_is_full(&pool)); /* there was no memory */
    check_mark(&pool, number, 3);
    memory_replenish(&memory);
    assert_int_equal(fst_pool_take(&pool), taken + 1);
    fst_pool_fini(&pool);
    assert_int_equal(memory.blocks, 0);
}

/* So many are taken and marked; every third is given back. */
static void fill(struct fst_pool *pool, uint32_t count, uint8_t whose)
{
    for (uint32_t i = 0; i < count; i++)
        mark(pool, fst_pool_take(pool), whose);
    for (uint32_t i = 0; i < count; i += 3)
        fst_pool_give_back(pool, i);
}

static void check_filled(const struct fst_pool *pool, uint32_t first, uint32_t count, uint8_t whose)
{
    for (uint32_t i = 0; i < count; i++)
        if (i % 3 != 0)
            check_mark(pool, first + i, whose);
}

static void another_pool_is_taken_over(void **state)
{
    static const uint32_t counts[][2] = {{20, 30}, {0, 30}, {20, 0}, {0, 0}, {1, 1}, {48, 52}};

    (void)state;
    for (size_t n = 0; n < COUNT(counts); n++) {
        uint32_t ours = counts[n][0], theirs = counts[n][1],
                 free = (ours + 2) / 3 + (theirs + 2) / 3;
        struct memory memory;
        struct fst_pool pool, other;
        bool seen[MOST] = {false};

        memory_init(&memory);
        fst_pool_init(&pool, &memory.allocator, SIZE, MOST);
        fst_pool_init(&other, &memory.allocator, SIZE, MOST);
        fill(&pool, ours, 1);
        fill(&other, theirs, 2);
        assert_true(fst_pool_make_room(&pool, theirs));
        memory_exhaust(&memory);
        CHECK("numbers grow", fst_pool_absorb(&pool, &other), ours);
        fst_pool_fini(&other);
        check_filled(&pool, 0, ours, 1);
        check_filled(&pool, ours, theirs, 2);
        for (uint32_t i = 0; i < free; i++) { /* all that was given back, and each once */
            uint32_t number = fst_pool_take(&pool);

            assert_true(number < ours + theirs && !seen[number]);
            CHECK("given back", number < ours ? number % 3 : (number - ours) % 3, 0);
            check_mark(&pool, number, 0);
            seen[number] = true;
        }
        memory_replenish(&memory);
        CHECK("then a new one", fst_pool_take(&pool),
              ours + theirs < MOST ? ours + theirs : FST_NO_INDEX);
        check_filled(&pool, 0, ours, 1);
        fst_pool_fini(&pool);
        CHECK("leaks", memory.blocks, 0);
    }
}

static void there_is_room_or_nothing_happens(void **state)
{
    struct memory memory;
    struct fst_pool pool;

    (void)state;
    memory_init(&memory);
    fst_pool_init(&pool, &memory.allocator, SIZE, MOST);
    fill(&pool, 10, 1);
    assert_false(fst_pool_make_room(&pool, MOST - 9)); /* more than may be */
    memory_exhaust(&memory);
    assert_true(fst_pool_make_room(&pool, 6)); /* is there */
    assert_false(fst_pool_make_room(&pool, 7));
    memory_replenish(&memory);
    check_filled(&pool, 0, 10, 1);
    assert_true(fst_pool_make_room(&pool, MOST - 10));
    check_filled(&pool, 0, 10, 1);
    fst_pool_fini(&pool);
    CHECK("leaks", memory.blocks, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_zeroed_and_apart),
        cmocka_unit_test(what_is_given_back_is_used_again),
        cmocka_unit_test(without_memory_none_is_lost),
        cmocka_unit_test(another_pool_is_taken_over),
        cmocka_unit_test(there_is_room_or_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
