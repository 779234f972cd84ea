/* SPDX-License-Identifier: MIT
 *
 * The map of ids against a plain array, for ids as they come and go: one after the other, in gaps.
 */
#include "live/ids.h"

#include "support/unit.h"

#define MOST 5000

static void an_empty_one_has_nothing(void **state)
{
    struct fst_ids ids = {0};

    (void)state;
    CHECK("find", fst_ids_find(&ids, 1), FST_IDS_NONE);
    fst_ids_remove(&ids, 1);
    fst_ids_fini(&ids);
}

static void what_was_added_is_found_until_it_is_removed(void **state)
{
    static uint32_t there[MOST + 1]; /* number + 1, 0 is none */
    struct fst_ids ids = {0};
    uint32_t round, id, seed = 1;

    (void)state;
    for (round = 0; round < 20000; round++) {
        seed = seed * 1103515245u + 12345u;
        id = (seed >> 8) % MOST + 1;
        if (there[id]) {
            fst_ids_remove(&ids, id);
            there[id] = 0;
        } else {
            assert_true(fst_ids_add(&ids, id, round));
            there[id] = round + 1;
        }
        CHECK("the one at hand", fst_ids_find(&ids, id), there[id] ? round : FST_IDS_NONE);
        if (round % 1000 == 0)
            for (id = 1; id <= MOST; id++)
                CHECK("each", fst_ids_find(&ids, id), there[id] ? there[id] - 1 : FST_IDS_NONE);
    }
    for (id = 1; id <= MOST; id++)
        fst_ids_remove(&ids, id);
    CHECK("none left", ids.count, 0);
    fst_ids_fini(&ids);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_has_nothing),
        cmocka_unit_test(what_was_added_is_found_until_it_is_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
