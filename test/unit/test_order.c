/* SPDX-License-Identifier: MIT
 *
 * The order of ids: found among gaps, room used again, short of memory.
 */
#include "flow/order.h"

#include <string.h>

#include "support/memory.h"
#include "support/unit.h"

#define RECORDS 5000

struct list {
    struct memory memory;
    struct fst_order order;
    struct fst_tenant tenants[RECORDS];
    uint32_t alive;
    uint32_t place; /* in the order, remembered by somebody */
};

static void list_open(struct list *list)
{
    memset(list, 0, sizeof(*list));
    memory_init(&list->memory);
}

static void list_close(struct list *list)
{
    fst_order_fini(&list->order, &list->memory.allocator);
    CHECK("leaks", list->memory.blocks, 0);
}

static void add(struct list *list, uint32_t id, uint32_t number)
{
    assert_true(fst_order_reserve(&list->order, &list->memory.allocator, list->tenants, list->alive,
                                  &list->place));
    fst_order_append(&list->order, id, number);
    list->tenants[number].id = id;
    list->alive++;
}

static void drop(struct list *list, uint32_t number)
{
    list->tenants[number].id = 0;
    list->alive--;
}

static void an_id_or_the_next_is_found(void **state)
{
    static const uint32_t ids[] = {1, 2, 7, 9, 4000000000u};
    static const struct {
        const char *what;
        uint32_t id, at;
    } cases[] = {{"before all", 0, 0}, {"the first", 1, 0},          {"a gap", 3, 2},
                 {"just it", 9, 3},    {"the last", 4000000000u, 4}, {"past all", 4000000001u, 5}};
    struct list list;
    size_t i;

    (void)state;
    list_open(&list);
    CHECK("of nothing", fst_order_at_least(&list.order, 1), 0);
    for (i = 0; i < COUNT(ids); i++)
        add(&list, ids[i], (uint32_t)(COUNT(ids) - i));
    for (i = 0; i < COUNT(cases); i++)
        CHECK(cases[i].what, fst_order_at_least(&list.order, cases[i].id), cases[i].at);
    list_close(&list);
}

/* A hundred connections at a time, a hundred thousand in all: no more room than for a few times
 * as many, and each is found while it is there. */
static void room_is_used_again(void **state)
{
    struct list list;
    uint32_t id;

    (void)state;
    list_open(&list);
    for (id = 1; id <= 100000; id++) {
        uint32_t at;

        if (id > 100)
            drop(&list, id % 100);
        add(&list, id, id % 100);
        at = fst_order_at_least(&list.order, id < 100 ? 1 : id - 99);
        CHECK("the oldest", list.order.entries[at].id, id < 100 ? 1 : id - 99);
    }
    CHECK("blocks", list.memory.blocks, 1);
    assert_true(list.memory.octets <= 1024 * sizeof(struct fst_order_entry));
    list_close(&list);
}

static void it_grows_with_those_alive(void **state)
{
    struct list list;
    uint32_t id;

    (void)state;
    list_open(&list);
    for (id = 1; id <= RECORDS; id++)
        add(&list, id, id - 1);
    CHECK("all", list.order.count, RECORDS);
    assert_true(list.memory.octets <= RECORDS * 3 / 2 * sizeof(struct fst_order_entry));
    for (id = 1; id <= RECORDS; id++)
        CHECK("found", list.order.entries[fst_order_at_least(&list.order, id)].number, id - 1);
    list_close(&list);
}

static void short_of_memory_it_stays_as_it_was(void **state)
{
    struct list list;
    uint32_t id;

    (void)state;
    list_open(&list);
    memory_exhaust(&list.memory);
    assert_false(
        fst_order_reserve(&list.order, &list.memory.allocator, list.tenants, 0, &list.place));
    memory_replenish(&list.memory);
    for (id = 1; id <= 1024; id++)
        add(&list, id, id - 1);
    memory_exhaust(&list.memory);
    assert_false(
        fst_order_reserve(&list.order, &list.memory.allocator, list.tenants, 1024, &list.place));
    CHECK("kept", list.order.count, 1024);
    CHECK("kept", list.order.entries[1023].id, 1024);
    list_close(&list);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_or_the_next_is_found),
        cmocka_unit_test(room_is_used_again),
        cmocka_unit_test(it_grows_with_those_alive),
        cmocka_unit_test(short_of_memory_it_stays_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
