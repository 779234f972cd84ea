/* SPDX-License-Identifier: MIT
 *
 * The index against a plain list, with hashes made to collide.
 */
#include "flow/index.h"

#include "support/memory.h"
#include "support/unit.h"

#define RECORDS 1500

static bool has(const struct fst_index *index, uint32_t hash, uint32_t record)
{
    for (size_t at = fst_index_first(index, hash); fst_index_is_match(index->slots[at], hash); at++)
        if (index->slots[at] == fst_index_slot(hash, record))
            return true;
    return false;
}

/* Each stands at its home, or behind it with no gap between; none before a smaller one; the last
 * slots are free. */
static uint32_t count_in_order(const struct fst_index *index)
{
    uint64_t before = 0;
    uint32_t used = 0;
    size_t at;

    for (at = 0; at < fst_index_slots(index); at++) {
        uint64_t slot = index->slots[at];

        if (slot == 0)
            continue;
        assert_true(slot > before);
        assert_true(fst_index_home_of(index, slot) <= at);
        if (fst_index_home_of(index, slot) < at)
            assert_true(index->slots[at - 1] != 0);
        before = slot;
        used++;
    }
    for (at -= FST_INDEX_STRIDE; at < fst_index_slots(index); at++)
        CHECK("the last", index->slots[at], 0);
    return used;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* How hashes lie: all in one place, in a few that run into each other, all at the end of the
 * homes, or anywhere. */
static uint32_t hash_like(unsigned kind, uint32_t *seed)
{
    switch (kind) {
    case 0:
        return 7;
    case 1:
        return next_random(seed) % 16 * 4;
    case 2:
        return UINT32_MAX - next_random(seed) % 8;
    default:
        return next_random(seed);
    }
}

static void check_all(const struct fst_index *index, const uint32_t *hashes, const bool *there)
{
    uint32_t record, count = 0;

    for (record = 0; record < RECORDS; record++) {
        CHECK("there", has(index, hashes[record], record), there[record]);
        count += there[record];
    }
    CHECK("used", index->used, count);
    CHECK("slots", count_in_order(index), count);
}

static void add(struct fst_index *index, uint32_t hash, uint32_t record)
{
    assert_true(fst_index_reserve(index));
    fst_index_add(index, hash, record);
}

static void behaves_as_a_list(void **state)
{
    static uint32_t hashes[RECORDS];
    static bool there[RECORDS];
    unsigned kind, round;

    (void)state;
    for (kind = 0; kind < 4; kind++) {
        uint32_t seed = 1 + kind, record, steps = kind == 0 ? 600 : 6000,
                 reach = kind ? RECORDS : 60;
        struct memory memory;
        struct fst_index index;

        memory_init(&memory);
        fst_index_init(&index, &memory.allocator);
        assert_true(fst_index_reserve(&index));
        for (record = 0; record < RECORDS; record++) {
            hashes[record] = hash_like(kind, &seed);
            there[record] = false;
        }
        for (round = 0; round < steps; round++) {
            record = next_random(&seed) % reach;
            if (!there[record]) {
                add(&index, hashes[record], record);
                there[record] = true;
            } else {
                fst_index_remove(&index, hashes[record], record);
                there[record] = false;
            }
            if (round % 500 == 0)
                check_all(&index, hashes, there);
        }
        check_all(&index, hashes, there);
        fst_index_fini(&index);
        CHECK("leaks", memory.blocks, 0);
    }
}

static void what_is_not_there_is_left_alone(void **state)
{
    struct memory memory;
    struct fst_index index;
    uint32_t hash = 5;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    add(&index, hash, 1);
    add(&index, hash, 2);
    fst_index_remove(&index, hash, 3);
    fst_index_remove(&index, hash + 1, 1);
    assert_true(has(&index, hash, 1) && has(&index, hash, 2) && !has(&index, hash, 3));
    CHECK("used", index.used, 2);
    fst_index_fini(&index);
}

/* A third of the homes stays free, and less than a half; growth loses nothing. */
static void grows_by_a_quarter(void **state)
{
    static uint32_t hashes[RECORDS];
    static bool there[RECORDS];
    struct memory memory;
    struct fst_index index;
    uint32_t record, seed = 77, homes = 1024;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    for (record = 0; record < RECORDS; record++) {
        hashes[record] = hash_like(3, &seed);
        add(&index, hashes[record], record);
        there[record] = true;
        if (index.homes != homes) {
            CHECK("by a quarter", index.homes, homes + homes / 4);
            assert_in_range(index.used * 100 / homes, 66, 67);
            homes = index.homes;
            check_all(&index, hashes, there);
        }
    }
    CHECK("homes", homes, 2500);
    CHECK("spare", index.spare, 256);
    check_all(&index, hashes, there);
    fst_index_fini(&index);
    CHECK("leaks", memory.blocks, 0);
}

/* Whatever the hashes are: those that belong at the end find room there, also after growth. */
static void the_end_is_extended(void **state)
{
    struct memory memory;
    struct fst_index index;
    uint32_t record;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    for (record = 0; record < RECORDS; record++) {
        add(&index, UINT32_MAX, record);
        assert_true(has(&index, UINT32_MAX, 0) && has(&index, UINT32_MAX, record));
    }
    CHECK("spare", index.spare, 2048);
    CHECK("used", count_in_order(&index), RECORDS);
    memory_exhaust(&memory);
    for (; fst_index_reserve(&index); record++)
        fst_index_add(&index, UINT32_MAX, record);
    CHECK("used", count_in_order(&index), record);
    fst_index_fini(&index);
    memory_replenish(&memory);
    CHECK("leaks", memory.blocks, 0);
}

static void short_of_memory_it_stays_as_it_was(void **state)
{
    struct memory memory;
    struct fst_index index;
    uint32_t record = 0, step = 0x3fffff;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    memory_exhaust(&memory);
    assert_false(fst_index_reserve(&index));
    memory_replenish(&memory);
    assert_true(fst_index_reserve(&index));
    memory_exhaust(&memory);
    while (fst_index_reserve(&index)) {
        fst_index_add(&index, record * step, record);
        record++;
    }
    CHECK("two thirds", record, 683);
    memory_replenish(&memory);
    add(&index, record * step, record);
    for (; record > 0; record--)
        assert_true(has(&index, record * step, record));
    fst_index_fini(&index);
    CHECK("leaks", memory.blocks, 0);
}

static void records_get_other_numbers(void **state)
{
    struct memory memory;
    struct fst_index index;
    uint32_t hashes[RECORDS];

    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        uint32_t seed = 5 + kind, count = kind == 0 ? 60 : RECORDS;

        memory_init(&memory);
        fst_index_init(&index, &memory.allocator);
        fst_index_renumber(&index, 7); /* there is none yet */
        for (uint32_t i = 0; i < count; i++) {
            hashes[i] = hash_like(kind, &seed);
            add(&index, hashes[i], i);
        }
        fst_index_renumber(&index, 4096);
        fst_index_renumber(&index, 0xfff00000); /* the hash has nothing of it */
        CHECK("slots", count_in_order(&index), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(has(&index, hashes[i], 0xfff00000 + 4096 + i));
            fst_index_remove(&index, hashes[i], 0xfff00000 + 4096 + i);
            assert_false(has(&index, hashes[i], 0xfff00000 + 4096 + i));
        }
        CHECK("none is left", count_in_order(&index), 0);
        fst_index_fini(&index);
        CHECK("leaks", memory.blocks, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(behaves_as_a_list),
        cmocka_unit_test(what_is_not_there_is_left_alone),
        cmocka_unit_test(grows_by_a_quarter),
        cmocka_unit_test(the_end_is_extended),
        cmocka_unit_test(short_of_memory_it_stays_as_it_was),
        cmocka_unit_test(records_get_other_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
