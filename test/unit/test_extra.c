/* SPDX-License-Identifier: MIT
 *
 * What few records need: made when it is written, given back, made again.
 */
#include "flow/extra.h"

#include "support/memory.h"
#include "support/unit.h"

#define COUNT_MANY 3000

static void check_nothing(const struct fst_extra *extra)
{
    CHECK("findings", extra->findings, FST_NO_INDEX);
    CHECK("detail", extra->detail, FST_NO_INDEX);
    CHECK("incarnation", extra->incarnation, 1);
    CHECK("FIN", extra->fin_packet[0] | extra->fin_packet[1], 0);
    CHECK("octets", extra->payload_high[0] | extra->payload_high[1], 0);
}

static void each_record_has_its_own(void **state)
{
    static struct fst_record records[COUNT_MANY];
    struct memory memory;
    struct fst_extras extras;
    uint32_t i;

    (void)state;
    memory_init(&memory);
    fst_extras_init(&extras, &memory.allocator);
    for (i = 0; i < COUNT_MANY; i++) {
        records[i].extra = FST_NO_INDEX;
        check_nothing(fst_extra_of(&extras, &records[i]));
        check_nothing(fst_extra_add(&extras, &records[i]));
        fst_extra_add(&extras, &records[i])->fin_packet[1] = i;
    }
    for (i = 0; i < COUNT_MANY; i++)
        CHECK("kept", fst_extra_of(&extras, &records[i])->fin_packet[1], i);
    for (i = 0; i < COUNT_MANY; i += 2) {
        fst_extra_drop(&extras, &records[i]);
        CHECK("has none", records[i].extra, FST_NO_INDEX);
    }
    for (i = 0; i < COUNT_MANY; i += 2)
        check_nothing(fst_extra_add(&extras, &records[i]));
    CHECK("places are used again", extras.unused, COUNT_MANY);
    for (i = 1; i < COUNT_MANY; i += 2)
        CHECK("the others stay", fst_extra_of(&extras, &records[i])->fin_packet[1], i);
    fst_extras_fini(&extras);
    CHECK("leaks", memory.blocks, 0);
}

/* Each of its two allocations may fail. */
static void short_of_memory_there_is_none(void **state)
{
    struct memory memory;
    struct fst_extras extras;
    uint32_t nth;

    (void)state;
    for (nth = 1; nth <= 2; nth++) {
        struct fst_record record = {.extra = FST_NO_INDEX};

        memory_init(&memory);
        fst_extras_init(&extras, &memory.allocator);
        memory_fail(&memory, nth);
        assert_null(fst_extra_add(&extras, &record));
        CHECK("has none", record.extra, FST_NO_INDEX);
        check_nothing(fst_extra_of(&extras, &record));
        assert_true(fst_extras_reserve(&extras));
        memory_fail(&memory, 1);
        assert_non_null(fst_extra_add(&extras, &record));
        fst_extras_fini(&extras);
        CHECK("leaks", memory.blocks, 0);
    }
}

/* So many records have one each, which says which; every third gives it back. */
static void fill(struct fst_extras *extras, struct fst_record *records, uint32_t count,
                 uint32_t from)
{
    for (uint32_t i = 0; i < count; i++) {
        records[i].extra = FST_NO_INDEX;
        fst_extra_add(extras, &records[i])->fin_packet[0] = from + i;
    }
    for (uint32_t i = 0; i < count; i += 3)
        fst_extra_drop(extras, &records[i]);
}

/* Those that were given back are made again, after the others were taken over. */
static void check_filled(struct fst_extras *extras, struct fst_record *records, uint32_t count,
                         uint32_t from)
{
    for (uint32_t i = 0; i < count; i++)
        if (i % 3 != 0)
            CHECK("kept", fst_extra_of(extras, &records[i])->fin_packet[0], from + i);
}

static void add_again(struct fst_extras *extras, struct fst_record *records, uint32_t count,
                      uint32_t from)
{
    for (uint32_t i = 0; i < count; i += 3) {
        check_nothing(fst_extra_add(extras, &records[i]));
        fst_extra_add(extras, &records[i])->fin_packet[0] = from + i;
    }
    for (uint32_t i = 0; i < count; i++)
        CHECK("each its own", fst_extra_of(extras, &records[i])->fin_packet[0], from + i);
}

/* Whole blocks change hands, used in part or not at all; nothing is left unused. */
static void others_are_taken_over(void **state)
{
    static const uint32_t counts[][2] = {{5, 7},    {0, 7},       {5, 0},       {0, 0},
                                         {1024, 1}, {2500, 1025}, {1023, 2048}, {3000, 3000}};
    static struct fst_record ours[COUNT_MANY], theirs[COUNT_MANY];
    static struct fst_record more[2 * 1024];

    (void)state;
    for (size_t n = 0; n < COUNT(counts); n++) {
        uint32_t blocks = (counts[n][0] + 1023) / 1024, base;
        struct fst_extras extras, other;
        struct memory memory;

        memory_init(&memory);
        fst_extras_init(&extras, &memory.allocator);
        fst_extras_init(&other, &memory.allocator);
        fill(&extras, ours, counts[n][0], 0);
        fill(&other, theirs, counts[n][1], 10000);
        assert_true(fst_extras_make_room(&extras, other.block_count));
        memory_exhaust(&memory);
        base = fst_extras_absorb(&extras, &other);
        CHECK("numbers grow", base, blocks * 1024);
        fst_extras_fini(&other);
        for (uint32_t i = 0; i < counts[n][1]; i++)
            if (i % 3 != 0)
                theirs[i].extra += base;
        check_filled(&extras, ours, counts[n][0], 0);
        check_filled(&extras, theirs, counts[n][1], 10000);
        add_again(&extras, ours, counts[n][0], 0);
        add_again(&extras, theirs, counts[n][1], 10000);
        for (uint32_t i = 0; i < extras.block_count * 1024 - counts[n][0] - counts[n][1]; i++) {
            more[i].extra = FST_NO_INDEX;
            check_nothing(fst_extra_add(&extras, &more[i]));
        }
        assert_false(fst_extras_reserve(&extras));
        check_filled(&extras, theirs, counts[n][1], 10000);
        memory_replenish(&memory);
        assert_true(fst_extras_reserve(&extras));
        fst_extras_fini(&extras);
        CHECK("leaks", memory.blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_has_its_own),
        cmocka_unit_test(short_of_memory_there_is_none),
        cmocka_unit_test(others_are_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
