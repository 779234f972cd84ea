/* SPDX-License-Identifier: MIT
 *
 * Tales by number: each once, found again, bounded.
 */
#include "flow/tale.h"

#include "support/memory.h"
#include "support/unit.h"

#define TALES_MOST (1u << 20)

static struct fst_tale tale(uint32_t one, uint32_t other, uint32_t history)
{
    return (struct fst_tale){{one, other}, history};
}

static uint32_t number_of(struct fst_tales *tales, struct fst_tale told)
{
    uint32_t number = UINT32_MAX;

    assert_true(fst_tale_number(tales, &told, &number));
    return number;
}

static void each_tale_has_its_number(void **state)
{
    struct memory memory;
    struct fst_tales tales;
    uint32_t a, b, c, numbers[4][4][4];

    (void)state;
    memory_init(&memory);
    fst_tales_init(&tales, &memory.allocator);
    for (a = 0; a < 4; a++)
        for (b = 0; b < 4; b++)
            for (c = 0; c < 4; c++)
                numbers[a][b][c] = number_of(&tales, tale(a, b, c));
    CHECK("nothing yet", numbers[0][0][0], FST_NO_TALE);
    CHECK("all differ", tales.count, 4 * 4 * 4);
    for (a = 0; a < 4; a++)
        for (b = 0; b < 4; b++)
            for (c = 0; c < 4; c++) {
                struct fst_tale told = fst_tale_of(&tales, numbers[a][b][c]);

                CHECK("again", number_of(&tales, tale(a, b, c)), numbers[a][b][c]);
                CHECK("path", told.path[0], a);
                CHECK("path", told.path[1], b);
                CHECK("history", told.history, c);
            }
    fst_tales_fini(&tales);
    CHECK("leaks", memory.blocks, 0);
}

static void there_are_only_so_many(void **state)
{
    struct memory memory;
    struct fst_tales tales;
    struct fst_tale told = tale(0, 1, 0);
    uint32_t number = 7, i;

    (void)state;
    memory_init(&memory);
    fst_tales_init(&tales, &memory.allocator);
    for (i = 1; i < TALES_MOST; i++)
        CHECK("in the order they come", number_of(&tales, tale(i, 1, 2)), i);
    assert_false(fst_tale_number(&tales, &told, &number));
    CHECK("as it was", number, 7);
    CHECK("a known one is found", number_of(&tales, tale(5, 1, 2)), 5);
    fst_tales_fini(&tales);
    CHECK("leaks", memory.blocks, 0);
}

/* Each of its two allocations may fail, at the start and later. */
static void short_of_memory_none_is_added(void **state)
{
    struct memory memory;
    struct fst_tales tales;
    uint32_t nth, i;

    (void)state;
    for (nth = 1; nth <= 2; nth++) {
        struct fst_tale first = tale(1, 1, 1), another;
        uint32_t number = 7;

        memory_init(&memory);
        fst_tales_init(&tales, &memory.allocator);
        memory_fail(&memory, nth);
        assert_false(fst_tale_number(&tales, &first, &number));
        CHECK("as it was", number, 7);
        for (i = 1; i == 1 || tales.count < tales.room; i++)
            CHECK("number", number_of(&tales, tale(i, i, i)), i);
        another = tale(i, i, i);
        memory_fail(&memory, nth);
        assert_false(fst_tale_number(&tales, &another, &number));
        CHECK("a known one is found", number_of(&tales, first), 1);
        memory_replenish(&memory);
        CHECK("then it is added", number_of(&tales, another), i);
        fst_tales_fini(&tales);
        CHECK("leaks", memory.blocks, 0);
    }
}

static void room_is_made_within_the_bound(void **state)
{
    struct memory memory;
    struct fst_tales tales;

    (void)state;
    memory_init(&memory);
    fst_tales_init(&tales, &memory.allocator);
    CHECK("number", number_of(&tales, tale(1, 2, 3)), 1);
    memory_exhaust(&memory);
    assert_true(fst_tales_make_room(&tales, 62)); /* of 64; none has number 0 */
    assert_false(fst_tales_make_room(&tales, 63));
    memory_replenish(&memory);
    assert_true(fst_tales_make_room(&tales, 1000));
    memory_exhaust(&memory);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK("fits", number_of(&tales, tale(i, i + 10, 1)), i + 2);
    CHECK("still there", number_of(&tales, tale(1, 2, 3)), 1);
    memory_replenish(&memory);
    assert_false(fst_tales_make_room(&tales, TALES_MOST - tales.count + 1));
    fst_tales_fini(&tales);
    CHECK("leaks", memory.blocks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_tale_has_its_number),
        cmocka_unit_test(there_are_only_so_many),
        cmocka_unit_test(short_of_memory_none_is_added),
        cmocka_unit_test(room_is_made_within_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
