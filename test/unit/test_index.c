/* SPDX-License-Identifier: MIT
 *
 * The index against a plain list, with hashes made to collide.
 */
#include "flow/index.h"

#include "support/memory.h"
#include "support/unit.h"

#define RECORDS 1500

static bool has(const struct fst_index *index, uint64_t hash, uint32_t record)
{
    uint32_t at = fst_index_home(index, hash), probes;

    for (probes = 0; index->slots[at] != 0; probes++, at = (at + 1) & index->mask) {
        if (probes > index->mask)
            fail_msg("no free slot is left");
        if (index->slots[at] == fst_index_slot(hash, record))
            return true;
    }
    return false;
}

static uint32_t slots_used(const struct fst_index *index)
{
    uint32_t used = 0, at;

    for (at = 0; at <= index->mask; at++)
        used += index->slots[at] != 0;
    return used;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* How hashes lie: all in one place, in a few that run into each other, at the end of the slots so
 * that probing wraps, with equal tags, or anywhere. */
static uint64_t hash_like(unsigned kind, uint32_t *seed)
{
    switch (kind) {
    case 0:
        return UINT64_C(7) << 32;
    case 1:
        return (uint64_t)(next_random(seed) % 16 * 4) << 32;
    case 2:
        return (UINT64_C(0xffffffff) - next_random(seed) % 8) << 32;
    case 3:
        return (uint64_t)(next_random(seed) % 8) << 32 | next_random(seed);
    default:
        return (uint64_t)next_random(seed) << 32 | next_random(seed);
    }
}

static void check_all(const struct fst_index *index, const uint64_t *hashes, const bool *there)
{
    uint32_t record, count = 0;

    for (record = 0; record < RECORDS; record++) {
        CHECK("there", has(index, hashes[record], record), there[record]);
        count += there[record];
    }
    CHECK("used", index->used, count);
    CHECK("slots", slots_used(index), count);
}

static void add(struct fst_index *index, uint64_t hash, uint32_t record)
{
    assert_true(fst_index_reserve(index));
    fst_index_add(index, hash, record);
}

static void behaves_as_a_list(void **state)
{
    static uint64_t hashes[RECORDS];
    static bool there[RECORDS];
    unsigned kind, round;

    (void)state;
    for (kind = 0; kind < 5; kind++) {
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
            uint32_t other;

            record = next_random(&seed) % reach;
            other = next_random(&seed) % reach;
            if (!there[record]) {
                add(&index, hashes[record], record);
                there[record] = true;
            } else if (next_random(&seed) % 3 || there[other]) {
                fst_index_remove(&index, hashes[record], record);
                there[record] = false;
            } else { /* the newcomer takes over hash and place */
                fst_index_replace(&index, hashes[record], record, other);
                hashes[other] = hashes[record];
                there[other] = true;
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
    uint64_t hash = UINT64_C(5) << 32;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    add(&index, hash, 1);
    add(&index, hash, 2);
    fst_index_remove(&index, hash, 3);
    fst_index_remove(&index, hash + (UINT64_C(1) << 32), 1);
    fst_index_replace(&index, hash, 3, 4);
    assert_true(has(&index, hash, 1) && has(&index, hash, 2) && !has(&index, hash, 4));
    CHECK("used", index.used, 2);
    fst_index_fini(&index);
}

/* A quarter stays free, and growth loses nothing. */
static void grows_by_doubling(void **state)
{
    static uint64_t hashes[RECORDS];
    static bool there[RECORDS];
    struct memory memory;
    struct fst_index index;
    uint32_t record, seed = 77;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    for (record = 0; record < RECORDS; record++) {
        hashes[record] = hash_like(4, &seed);
        add(&index, hashes[record], record);
        there[record] = true;
        assert_true(index.used * 4 <= (index.mask + 1) * 3);
        CHECK("a power of two", index.mask & (index.mask + 1), 0);
    }
    CHECK("slots", index.mask, 2047);
    check_all(&index, hashes, there);
    fst_index_fini(&index);
    CHECK("leaks", memory.blocks, 0);
}

static void short_of_memory_it_stays_as_it_was(void **state)
{
    struct memory memory;
    struct fst_index index;
    uint32_t record = 0;

    (void)state;
    memory_init(&memory);
    fst_index_init(&index, &memory.allocator);
    memory_exhaust(&memory);
    assert_false(fst_index_reserve(&index));
    memory_replenish(&memory);
    assert_true(fst_index_reserve(&index));
    memory_exhaust(&memory);
    while (fst_index_reserve(&index)) {
        fst_index_add(&index, (uint64_t)record << 32, record);
        record++;
    }
    CHECK("three quarters", record, 768);
    memory_replenish(&memory);
    add(&index, (uint64_t)record << 32, record);
    for (; record > 0; record--)
        assert_true(has(&index, (uint64_t)record << 32, record));
    fst_index_fini(&index);
    CHECK("leaks", memory.blocks, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(behaves_as_a_list),
        cmocka_unit_test(what_is_not_there_is_left_alone),
        cmocka_unit_test(grows_by_doubling),
        cmocka_unit_test(short_of_memory_it_stays_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
