/* SPDX-License-Identifier: MIT
 *
 * Which packet led to each step of a path.
 */
#include "flow/path_log.h"

#include "support/memory.h"
#include "support/unit.h"

struct log {
    struct memory memory;
    struct fst_path_log *log;
};

static void log_open(struct log *log)
{
    memory_init(&log->memory);
    log->log = fst_path_log_new(&log->memory.allocator);
    assert_non_null(log->log);
}

static void log_close(struct log *log)
{
    fst_path_log_free(log->log);
    CHECK("leaks", log->memory.blocks, 0);
}

static void set(struct log *log, uint32_t record, unsigned side, unsigned length, uint64_t packet)
{
    fst_path_log_set(log->log, record, side, length,
                     (struct fst_path_mark){packet, (int64_t)packet * 10});
}

static void check(const struct log *log, const char *what, uint32_t record, unsigned side,
                  const uint64_t *want, size_t count)
{
    struct fst_path_mark marks[8] = {{0, 0}};
    size_t i;

    marks[count].packet = 77;
    fst_path_log_read(log->log, record, side, marks, count);
    for (i = 0; i < count; i++) {
        CHECK(what, marks[i].packet, want[i]);
        CHECK(what, marks[i].time_ns, want[i] * 10);
    }
    CHECK(what, marks[count].packet, 77);
}

static void steps_are_kept_by_record_and_side(void **state)
{
    struct log log;

    (void)state;
    log_open(&log);
    check(&log, "nothing", 0, 0, (const uint64_t[]){0, 0}, 2);
    set(&log, 3, 0, 2, 11);
    set(&log, 3, 0, 3, 12);
    set(&log, 3, 1, 2, 13);
    set(&log, 700, 0, 1, UINT64_C(1) << 40);
    check(&log, "3, 0", 3, 0, (const uint64_t[]){0, 11, 12, 0}, 4);
    check(&log, "cut", 3, 0, (const uint64_t[]){0, 11}, 2);
    check(&log, "3, 1", 3, 1, (const uint64_t[]){0, 13, 0}, 3);
    check(&log, "700", 700, 0, (const uint64_t[]){UINT64_C(1) << 40}, 1);
    check(&log, "between", 4, 0, (const uint64_t[]){0}, 1);
    check(&log, "beyond", 100000, 0, (const uint64_t[]){0}, 1);
    CHECK("the last one", fst_path_log_last(log.log, 3, 0).packet, 12);
    CHECK("its time", fst_path_log_last(log.log, 3, 0).time_ns, 120);
    CHECK("none", fst_path_log_last(log.log, 4, 0).packet, 0);
    CHECK("beyond", fst_path_log_last(log.log, 100000, 0).packet, 0);
    log_close(&log);
}

static void steps_taken_back_are_dropped(void **state)
{
    struct log log;

    (void)state;
    log_open(&log);
    set(&log, 0, 0, 1, 1);
    set(&log, 0, 0, 2, 2);
    set(&log, 0, 0, 3, 3);
    set(&log, 0, 0, 4, 4);
    set(&log, 0, 0, 2, 9); /* three steps were an error: another second one */
    check(&log, "second anew", 0, 0, (const uint64_t[]){1, 9, 0, 0}, 4);
    set(&log, 0, 0, 0, 5);
    check(&log, "no step is not one", 0, 0, (const uint64_t[]){1, 9}, 2);
    log_close(&log);
}

static void cleared_records_start_anew(void **state)
{
    struct log log;

    (void)state;
    log_open(&log);
    fst_path_log_clear(log.log, 5);
    set(&log, 5, 0, 1, 1);
    set(&log, 5, 1, 1, 2);
    set(&log, 6, 0, 1, 3);
    fst_path_log_clear(log.log, 5);
    check(&log, "0", 5, 0, (const uint64_t[]){0}, 1);
    check(&log, "1", 5, 1, (const uint64_t[]){0}, 1);
    check(&log, "another", 6, 0, (const uint64_t[]){3}, 1);
    log_close(&log);
}

/* Nodes are used again: clearing and setting takes no more memory. */
static void room_is_used_again(void **state)
{
    struct log log;
    size_t octets = 0;
    uint64_t i;

    (void)state;
    log_open(&log);
    for (i = 1; i < 20000; i++) {
        set(&log, 1, i % 2, (unsigned)(i % 40), i);
        if (i % 97 == 0)
            fst_path_log_clear(log.log, 1);
        if (i == 1000)
            octets = log.memory.octets;
    }
    CHECK("octets", log.memory.octets, octets);
    log_close(&log);
}

static void short_of_memory_packets_are_not_known(void **state)
{
    struct log log;
    struct fst_path_mark marks[400];
    unsigned nth, i;

    (void)state;
    memory_init(&log.memory);
    memory_exhaust(&log.memory);
    assert_null(fst_path_log_new(&log.memory.allocator));
    for (nth = 1; nth <= 2; nth++) {
        log_open(&log);
        memory_fail(&log.memory, nth);
        set(&log, 2, 0, 1, 4);
        check(&log, "not kept", 2, 0, (const uint64_t[]){0}, 1);
        set(&log, 2, 0, 2, 5);
        check(&log, "kept", 2, 0, (const uint64_t[]){0, 5}, 2);
        memory_exhaust(&log.memory);
        for (i = 1; i <= 400; i++)
            set(&log, 3, 0, i, i);
        set(&log, 5000, 0, 1, 1); /* no room for so many records */
        memory_replenish(&log.memory);
        fst_path_log_read(log.log, 3, 0, marks, 400);
        for (i = 0; i < 400 && marks[i].packet != 0; i++)
            CHECK("while there was room", marks[i].packet, i + 1);
        assert_true(i > 250 && i < 400);
        for (; i < 400; i++)
            CHECK("then not", marks[i].packet, 0);
        check(&log, "not kept", 5000, 0, (const uint64_t[]){0}, 1);
        log_close(&log);
    }
    fst_path_log_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_kept_by_record_and_side),
        cmocka_unit_test(steps_taken_back_are_dropped),
        cmocka_unit_test(cleared_records_start_anew),
        cmocka_unit_test(room_is_used_again),
        cmocka_unit_test(short_of_memory_packets_are_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
