/* SPDX-License-Identifier: MIT
 *
 * What the table says of records nobody has used yet.
 */
#include "flow/table.h"

#include "base/alloc.h"
#include "support/memory.h"
#include "support/unit.h"

#define LIMIT 100000u

static const struct fst_siphash_key seed = {1, 2};

/* So that each is another connection. */
static void open_record(struct fst_table *table, uint32_t n)
{
    struct fst_key key = {.port = {1, 2}};

    key.address[0][0] = (uint8_t)n;
    key.address[0][1] = (uint8_t)(n >> 8);
    key.address[0][2] = (uint8_t)(n >> 16);
    assert_true(fst_table_reserve(table, 0, FST_NO_INDEX));
    assert_int_equal(
        fst_table_open(table, &key, (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15), FST_NO_INDEX), n);
}

/* Whether it is all of the records from `next` on, and their stories; how many. */
static uint32_t records_of(const struct fst_table *table, const struct fst_span spans[2],
                           uint32_t next)
{
    uint32_t records = (uint32_t)(spans[0].size / sizeof(struct fst_record));

    if (records == 0)
        return 0;
    assert_ptr_equal(spans[0].memory, fst_table_record(table, next));
    assert_ptr_equal(spans[1].memory, fst_table_story(table, next));
    assert_int_equal(spans[1].size, records * sizeof(struct fst_story));
    assert_ptr_equal(fst_table_record(table, next + records - 1),
                     (struct fst_record *)spans[0].memory + records - 1);
    return records;
}

/* None that is in use, none twice, none left out but those that were used first, few at a time, and
 * as good as none that the limit would leave unused. What is promised may be touched. */
static void records_are_promised_in_order(void **state)
{
    struct memory memory;
    struct fst_table table;
    uint32_t next = 0, used, most = 0, all = 0;

    (void)state;
    memory_init(&memory);
    assert_true(fst_table_init(&table, &memory.allocator, LIMIT, &seed));
    for (used = 0; used < LIMIT; used++) {
        struct fst_span spans[2];
        uint32_t records;

        fst_table_promise(&table, spans);
        next = next < used ? used : next;
        records = records_of(&table, spans, next);
        for (unsigned i = 0; i < 2; i++)
            fst_touch(spans[i].memory, spans[i].size);
        next += records;
        all += records;
        most = next - used > most ? next - used : most;
        open_record(&table, used);
    }
    assert_true(all >= LIMIT - 1);
    assert_true(next >= LIMIT && next - LIMIT < FST_BLOCK);
    assert_in_range(most, 4 * FST_BLOCK, 16 * FST_BLOCK);
    fst_table_fini(&table);
    assert_int_equal(memory.blocks, 0);
}

static void without_memory_nothing_is_promised(void **state)
{
    struct memory memory;
    struct fst_table table;
    struct fst_span spans[2];

    (void)state;
    memory_init(&memory);
    assert_true(fst_table_init(&table, &memory.allocator, LIMIT, &seed));
    memory_exhaust(&memory);
    fst_table_promise(&table, spans);
    for (unsigned i = 0; i < 2; i++) {
        assert_null(spans[i].memory);
        assert_int_equal(spans[i].size, 0);
    }
    fst_table_fini(&table);
    assert_int_equal(memory.blocks, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_promised_in_order),
        cmocka_unit_test(without_memory_nothing_is_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
