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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_zeroed_and_apart),
        cmocka_unit_test(what_is_given_back_is_used_again),
        cmocka_unit_test(without_memory_none_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
