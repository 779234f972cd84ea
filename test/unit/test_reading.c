/* SPDX-License-Identifier: MIT
 *
 * A capture read by several threads gives what it gives when it is read by one. Here the second one
 * starts at once, however small the capture is, and reads ahead; test_abreast.c is about the other
 * way.
 */
#include "reading/reading.h"

#include <glob.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/supply.h"
#include "reading/cores.h"
#include "support/capture_file.h"
#include "support/memory.h"
#include "support/two_ways.h"
#include "support/unit.h"

#define MIXED FST_SOURCE_DIR "/pcaps/mixed.pcap"

/* -------------------------------------------------------------------------------- the cases -- */

static void find_captures(glob_t *found)
{
    assert_int_equal(glob(FST_SOURCE_DIR "/pcaps/*.pcap", 0, NULL, found), 0);
    assert_int_equal(glob(FST_SOURCE_DIR "/pcaps/scenarios/*.pcap", GLOB_APPEND, NULL, found), 0);
    assert_true(found->gl_pathc > 50);
}

static void every_capture(void **state)
{
    glob_t found;

    (void)state;
    find_captures(&found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct pass pass = {.paths = &found.gl_pathv[i], .path_count = 1};

        assert_same(&pass);
        pass.options.lossless = pass.options.path_packets = true;
        pass.options.max_flows = 1;
        assert_same(&pass);
    }
    globfree(&found);
}

#define TIMES 4

/* More blocks than the ring has, connections evicted, files that sleep until their turn comes. */
static void all_captures_as_one(void **state)
{
    struct pass pass = {.options = {.max_flows = 5, .path_packets = true}};
    glob_t found;
    char **paths;

    (void)state;
    find_captures(&found);
    pass.path_count = TIMES * found.gl_pathc;
    pass.paths = paths = calloc(pass.path_count, sizeof(*paths));
    assert_non_null(paths);
    for (size_t i = 0; i < pass.path_count; i++)
        paths[i] = found.gl_pathv[i % found.gl_pathc];
    assert_same(&pass);
    pass.filter = "tcp port 80";
    assert_same(&pass);
    free(paths);
    globfree(&found);
}

static void up_to_a_count(void **state)
{
    char *paths[] = {(char[]){MIXED}};
    struct pass pass = {.paths = paths, .path_count = 1}, whole = pass;

    (void)state;
    read_all(&whole, 1);
    assert_true(whole.packets > 32); /* of a batch */
    for (uint64_t count = 1; count <= whole.packets + 2; count++) {
        pass.reading.max_packets = count;
        assert_same(&pass);
    }
    account_close(&whole.account);
}

static bool stop_after(void *context, uint64_t file_bytes)
{
    unsigned *left = context;

    (void)file_bytes;
    return (*left)-- > 0;
}

/* What was read is taken as well: nothing is told of packets that nobody looked at. */
static void stopped(void **state)
{
    glob_t found;

    (void)state;
    find_captures(&found);
    for (unsigned calls = 0; calls < 6; calls++) {
        struct pass pass = {.paths = found.gl_pathv, .path_count = found.gl_pathc};
        unsigned left = calls;

        pass.reading.go_on = stop_after;
        pass.reading.context = &left;
        read_all(&pass, 2);
        assert_int_equal(pass.error, 0);
        assert_int_equal(fst_analyzer_stats(pass.account.analyzer)->packets, pass.packets);
        account_close(&pass.account);
    }
    globfree(&found);
}

static size_t load(const char *path, uint8_t *octets, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    assert_non_null(file);
    len = fread(octets, 1, size, file);
    assert_true(len > 0 && len < size);
    assert_int_equal(fclose(file), 0);
    return len;
}

static void damaged(void **state)
{
    static uint8_t octets[1 << 20];
    size_t len = load(MIXED, octets, sizeof(octets));

    (void)state;
    for (size_t cut = 24; cut < len; cut += 97) {
        char path[200];
        char *paths[] = {path};
        struct pass pass = {.paths = paths, .path_count = 1};

        snprintf(path, sizeof(path), "%s", temporary_file(octets, cut));
        assert_same(&pass);
    }
}

static void no_thread_to_be_had(void **state)
{
    char *paths[] = {(char[]){MIXED}};
    struct pass pass = {.paths = paths, .path_count = 1};

    (void)state;
    no_threads = true;
    assert_same(&pass);
    no_threads = false;
}

/* Read in slices while the nth call for memory fails, of those once the analyzer is made. Returns
 * what the reading did. */
static int read_short(struct memory *memory, uint64_t nth, struct account *account, uint64_t *calls)
{
    const struct fst_reading_sizes sizes = {0, 500};
    struct fst_reading reading = {.threads = 2};
    struct fst_capture *capture;
    uint64_t before;
    int error;

    assert_int_equal(fst_capture_open(&capture, MIXED, NULL), 0);
    account_open(account, (struct fst_options){.allocator = &memory->allocator}, false);
    before = memory->calls;
    memory_fail(memory, nth);
    error = fst_reading_run(account->analyzer, capture, &reading, &sizes, NULL);
    memory_replenish(memory);
    *calls = memory->calls - before;
    fst_capture_close(capture);
    account_finish(account);
    return error;
}

/* Several threads can do without memory of their own, which is asked for first: for what holds it
 * all, the ring, and a store of fragments for each. What comes later may be a finding or a path,
 * which are left out then, but no packet is. */
#define CALLS_TO_BEGIN 4

static void memory_is_short(void **state)
{
    char *paths[] = {(char[]){MIXED}};
    struct pass alone = {.paths = paths, .path_count = 1};
    struct memory memory;
    uint64_t calls = 0, ignored;

    (void)state;
    read_all(&alone, 1);
    memory_init(&memory);
    for (uint64_t nth = 0; nth <= calls; nth++) { /* 0: undisturbed */
        struct account account;
        int error = read_short(&memory, nth, &account, nth == 0 ? &calls : &ignored);

        if (nth <= CALLS_TO_BEGIN) {
            assert_int_equal(error, 0);
            account_assert_same(&alone.account, &account);
        } else if (error != FST_ENOMEM) {
            assert_int_equal(error, 0);
            assert_int_equal(fst_analyzer_stats(account.analyzer)->packets, alone.packets);
        }
        account_close(&account);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(calls > CALLS_TO_BEGIN);
    account_close(&alone.account);
}

/* ------------------------------------------------------------------------------- from a pipe -- */

struct writer {
    int fd;
    const uint8_t *octets;
    size_t len;
    pthread_t caller;
    uint64_t told;
};

/* Writes the rest once the first segment is told of, and from the thread that waits for it. */
static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct writer *writer = context;

    (void)event;
    assert_true(pthread_equal(writer->caller, pthread_self()));
    if (writer->told++ > 0)
        return;
    assert_int_equal(write(writer->fd, writer->octets, writer->len), writer->len);
    assert_int_equal(close(writer->fd), 0);
}

static void a_slow_pipe(void **state)
{
    static uint8_t octets[1 << 20];
    size_t len = load(FST_SOURCE_DIR "/pcaps/normal.pcap", octets, sizeof(octets)), first;
    const struct fst_reading_sizes sizes = {0, 100};
    struct fst_reading reading = {.threads = 2};
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    struct writer writer = {.caller = pthread_self()};
    struct fst_options options = {.events = {.context = &writer, .segment = on_segment}};
    int ends[2];

    (void)state;
    first = 24 + 16 + (size_t)octets[24 + 8] + ((size_t)octets[24 + 9] << 8);
    writer.octets = octets + first;
    writer.len = len - first;
    assert_int_equal(pipe(ends), 0);
    writer.fd = ends[1];
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(write(ends[1], octets, first), first);
    assert_int_equal(fst_capture_open(&capture, "-", NULL), 0);
    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    alarm(60); /* it would wait for ever */
    assert_int_equal(fst_reading_run(analyzer, capture, &reading, &sizes, NULL), 0);
    alarm(0);
    assert_int_equal(fst_analyzer_stats(analyzer)->packets, fst_capture_info(capture)->packets);
    assert_true(writer.told > 5);
    fst_analyzer_free(analyzer);
    fst_capture_close(capture);
    close(STDIN_FILENO);
}

/* -------------------------------------------------------------------------- the public side -- */

/* A small capture is not worth a thread; nor is one that nobody may analyse any more. */
static void small_captures(void **state)
{
    const struct fst_reading reading = {.threads = 2};
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    struct fst_diag diag;

    (void)state;
    threads_started = 0;
    assert_int_equal(fst_capture_open(&capture, MIXED, NULL), 0);
    assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
    assert_int_equal(fst_analyzer_read(analyzer, capture, &reading, NULL), 0);
    assert_int_equal(fst_analyzer_read(analyzer, capture, NULL, NULL), 0); /* at its end */
    assert_int_equal(threads_started, 0);
    assert_int_equal(fst_analyzer_stats(analyzer)->packets, fst_capture_info(capture)->packets);
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    assert_int_equal(fst_analyzer_read(analyzer, capture, &reading, &diag), FST_EINVAL);
    assert_non_null(strstr(diag.message, "mixed.pcap: "));
    fst_analyzer_free(analyzer);
    fst_capture_close(capture);
}

/* Append records of `size` octets, headers included, until `len` octets are there. */
static size_t fill(uint8_t *octets, size_t at, size_t len, size_t size)
{
    for (; at + size <= len; at += size) {
        memset(octets + at, 0, size);
        octets[at + 8] = octets[at + 12] = (uint8_t)(size - 16);
        octets[at + 9] = octets[at + 13] = (uint8_t)((size - 16) >> 8);
    }
    return at;
}

/* All threads read it abreast, but for slices of more packets than a block has room for: the more
 * of them come, the longer it is read in order. */
static void large_captures(void **state)
{
    static const uint8_t header[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [18] = 1, [20] = 101};
    static uint8_t octets[33u << 20];
    static const struct {
        size_t len, record;
        unsigned threads;
    } cases[] = {
        {3u << 20, 1000, 0}, {31u << 20, 1000, 0}, {33u << 20, 1000, 1},
        {33u << 20, 70, 1},  {33u << 20, 56, 1}, /* an ACK in bare IPv4 */
        {33u << 20, 55, 6},  {33u << 20, 16, 6},
    };

    (void)state;
    memcpy(octets, header, sizeof(header));
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t len = fill(octets, sizeof(header), cases[i].len, cases[i].record);
        const struct fst_reading reading = {.threads = 2};
        struct fst_analyzer *analyzer;
        struct fst_capture *capture;

        assert_int_equal(fst_capture_open(&capture, temporary_file(octets, len), NULL), 0);
        assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
        threads_started = 0;
        assert_int_equal(fst_analyzer_read(analyzer, capture, &reading, NULL), 0);
        assert_int_equal(threads_started, cases[i].threads);
        assert_int_equal(fst_capture_info(capture)->bytes, len);
        assert_int_equal(fst_capture_info(capture)->packets, (len - 24) / cases[i].record);
        assert_int_equal(fst_analyzer_stats(analyzer)->packets, fst_capture_info(capture)->packets);
        fst_analyzer_free(analyzer);
        fst_capture_close(capture);
    }
}

static void what_cannot_end(void **state)
{
    const struct fst_live_options options = {.interface = "lo"};
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;

    (void)state;
    if (fst_capture_open_live(&capture, &options, NULL) != 0)
        skip(); /* no right to capture */
    assert_int_equal(fst_capture_supply(capture), FST_SUPPLY_LIVE);
    assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
    assert_int_equal(fst_analyzer_read(analyzer, capture, NULL, NULL), FST_EINVAL);
    fst_analyzer_free(analyzer);
    fst_capture_close(capture);
}

static enum fst_supply supply_of(const char *one, const char *other)
{
    struct fst_capture *capture;
    enum fst_supply supply;

    assert_int_equal(fst_capture_new(&capture, NULL), 0);
    assert_int_equal(fst_capture_add(capture, one, NULL), 0);
    if (other)
        assert_int_equal(fst_capture_add(capture, other, NULL), 0);
    supply = fst_capture_supply(capture);
    fst_capture_close(capture);
    return supply;
}

static void pipes_are_known(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(supply_of("-", NULL), FST_SUPPLY_PIPE);
    assert_int_equal(supply_of(MIXED, "-"), FST_SUPPLY_PIPE);
    assert_int_equal(supply_of(MIXED, NULL), FST_SUPPLY_FILE);
    assert_int_equal(supply_of(MIXED, MIXED), FST_SUPPLY_FILE);
    close(STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
}

static void cores(void **state)
{
    (void)state;
    assert_true(fst_cores() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capture),   cmocka_unit_test(all_captures_as_one),
        cmocka_unit_test(up_to_a_count),   cmocka_unit_test(stopped),
        cmocka_unit_test(damaged),         cmocka_unit_test(no_thread_to_be_had),
        cmocka_unit_test(memory_is_short), cmocka_unit_test(a_slow_pipe),
        cmocka_unit_test(small_captures),  cmocka_unit_test(large_captures),
        cmocka_unit_test(what_cannot_end), cmocka_unit_test(pipes_are_known),
        cmocka_unit_test(cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
