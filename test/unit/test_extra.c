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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_has_its_own),
        cmocka_unit_test(short_of_memory_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
