/* SPDX-License-Identifier: MIT
 *
 * A file read by several threads, each of which follows a part of the connections, beside the same
 * file read by one. Slices are small here, so that threads wait for one another at many places.
 */
#include "reading/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flow/analyzer.h"
#include "support/account.h"
#include "support/crowd.h"
#include "support/unit.h"

static char path[] = "/tmp/flowstate-divided-XXXXXX";

static void put32_host(FILE *file, uint32_t value)
{
    const uint8_t octets[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                               (uint8_t)(value >> 24)};

    assert_int_equal(fwrite(octets, 1, 4, file), 4);
}

/* Little-endian, nanoseconds. */
static int write_capture(void **state)
{
    static const uint32_t head[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, WIRE_ETHERNET};
    struct wire wire = crowd_make(1, WIRE_ETHERNET);
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");

    (void)state;
    assert_non_null(file);
    for (size_t i = 0; i < COUNT(head); i++)
        put32_host(file, head[i]);
    for (size_t i = 0; i < wire.count; i++) {
        const struct fst_packet *packet = &wire.packets[i];

        put32_host(file, (uint32_t)(packet->time_ns / 1000000000));
        put32_host(file, (uint32_t)(packet->time_ns % 1000000000));
        put32_host(file, packet->captured_len);
        put32_host(file, packet->original_len);
        assert_int_equal(fwrite(packet->data, 1, packet->captured_len, file), packet->captured_len);
    }
    assert_int_equal(fclose(file), 0);
    wire_free(&wire);
    return 0;
}

static int remove_capture(void **state)
{
    (void)state;
    return unlink(path);
}

static bool count_questions(void *context, uint64_t file_bytes)
{
    uint64_t *left = context;

    (void)file_bytes;
    return *left == 0 || --*left > 0;
}

/* Read as far as is asked for, and fed on; `until` is how often it is asked whether to go on. */
static void read_by(struct account *account, unsigned threads, struct fst_options options,
                    const struct fst_reading_sizes *sizes, uint64_t max_packets, uint64_t until)
{
    const struct fst_reading reading = {.threads = threads,
                                        .max_packets = max_packets,
                                        .go_on = until > 0 ? count_questions : NULL,
                                        .context = &until};
    struct fst_capture *capture;

    options.hash_key[3] = (uint8_t)threads; /* nothing depends on it */
    assert_int_equal(fst_capture_open(&capture, path, NULL), 0);
    account_open_unseen(account, options);
    assert_int_equal(fst_reading_run(account->analyzer, capture, &reading, sizes, NULL), 0);
    account_walk(account);
    account_finish(account);
    account_walk(account);
    fst_capture_close(capture);
}

static void assert_same(struct fst_options options, const struct fst_reading_sizes *sizes,
                        uint64_t max_packets)
{
    struct account alone;

    read_by(&alone, 1, options, sizes, max_packets, 0);
    for (unsigned threads = 2; threads <= 5; threads++) {
        struct account together;

        read_by(&together, threads, options, sizes, max_packets, 0);
        account_assert_same(&alone, &together);
        account_close(&together);
    }
    account_close(&alone);
}

static void all_threads_together_see_what_one_sees(void **state)
{
    static const struct fst_reading_sizes sizes[] = {{1000, 5000}, {40000, 16384}, {5000, 100000}};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_same((struct fst_options){.no_paths = i == 1}, &sizes[i], 0);
        assert_same((struct fst_options){.lossless = true}, &sizes[i], 3000 + i);
    }
}

/* The parts become one when there is hardly any room left, somewhere in the file. */
static void with_room_for_few(void **state)
{
    static const struct fst_reading_sizes sizes = {1000, 5000};

    (void)state;
    for (uint32_t max_flows = 100; max_flows < 30000; max_flows = max_flows * 3 / 2)
        assert_same((struct fst_options){.max_flows = max_flows}, &sizes, 0);
}

/* How far they got is not told, but it is as if one had read so far. */
static void stopped_somewhere(void **state)
{
    static const struct fst_reading_sizes sizes = {1000, 5000};

    (void)state;
    for (unsigned threads = 2; threads <= 4; threads++)
        for (uint64_t until = 3; until < 30; until += 4) {
            struct account together, alone;
            uint64_t packets;

            read_by(&together, threads, (struct fst_options){0}, &sizes, 0, until);
            packets = fst_analyzer_stats(together.analyzer)->packets;
            assert_int_not_equal(packets, 0);
            read_by(&alone, 1, (struct fst_options){0}, &sizes, packets, 0);
            account_assert_same(&alone, &together);
            account_close(&together);
            account_close(&alone);
        }
}

static void ignore_segment(void *context, const struct fst_segment_event *event)
{
    (void)context;
    (void)event;
}

/* Of how many parts the table was made that came of it. */
static unsigned parts_of(unsigned threads, struct fst_options options)
{
    static const struct fst_reading_sizes sizes = {1000, 5000};
    const struct fst_reading reading = {.threads = threads};
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    unsigned parts;

    assert_int_equal(fst_capture_open(&capture, path, NULL), 0);
    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    assert_int_equal(fst_reading_run(analyzer, capture, &reading, &sizes, NULL), 0);
    parts = analyzer->table.runs.count;
    for (unsigned i = 0; i < parts; i++)
        assert_true(analyzer->table.runs.run[i].count > 10);
    fst_analyzer_free(analyzer);
    fst_capture_close(capture);
    return parts;
}

static void each_thread_has_a_part(void **state)
{
    static const unsigned parts[] = {0, 2, 2, 4, 4};

    (void)state;
    for (unsigned i = 0; i < COUNT(parts); i++)
        assert_int_equal(parts_of(i + 1, (struct fst_options){0}), parts[i]);
    assert_int_equal(parts_of(4, (struct fst_options){.path_packets = true}), 0);
    assert_int_equal(parts_of(4, (struct fst_options){.events.segment = ignore_segment}), 0);
}

/* As the parts of a capture have them that was split, one behind the other perhaps. */
static uint64_t number_of(size_t i, size_t count, unsigned kind)
{
    switch (kind) {
    case 0:
        return i + 1; /* for the rest of the test to mean something */
    case 1:
        return i % 100 == 99 ? i - 20 : i + 1; /* fragments */
    case 2:
        return i < count / 2 ? i + 1 : i - count / 2 + 1; /* begun again */
    case 3:
        return UINT32_MAX - count / 2 + i; /* more than a record has room for */
    default:
        return count - i;
    }
}

static void write_numbered(unsigned kind)
{
    const struct fst_interface interface = {.link_type = WIRE_ETHERNET, .snap_len = 262144};
    struct wire wire = crowd_make(3, WIRE_ETHERNET);
    int descriptor = mkstemp(path);
    struct fst_dump *dump;
    uint32_t number;

    assert_int_equal(fst_dump_open_numbered(&dump, descriptor, path, NULL), 0);
    assert_int_equal(fst_dump_interface(dump, &interface, &number), 0);
    for (size_t i = 0; i < wire.count; i++) {
        struct fst_packet packet = wire.packets[i];

        packet.number = number_of(i, wire.count, kind);
        packet.interface = number;
        assert_int_equal(fst_dump_packet(dump, &packet, NULL), 0);
    }
    assert_int_equal(fst_dump_close(dump, NULL), 0);
    wire_free(&wire);
}

/* Numbers of packets do not tell the order of connections then. */
static void packets_with_numbers_of_their_own(void **state)
{
    static const struct fst_reading_sizes sizes = {1000, 5000};
    char before[sizeof(path)];

    (void)state;
    memcpy(before, path, sizeof(path));
    for (unsigned kind = 0; kind < 5; kind++) {
        (void)snprintf(path, sizeof(path), "/tmp/flowstate-divided-XXXXXX");
        write_numbered(kind);
        assert_same((struct fst_options){0}, &sizes, 0);
        assert_int_equal(unlink(path), 0);
    }
    memcpy(path, before, sizeof(path));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thread_has_a_part),
        cmocka_unit_test(all_threads_together_see_what_one_sees),
        cmocka_unit_test(with_room_for_few),
        cmocka_unit_test(stopped_somewhere),
        cmocka_unit_test(packets_with_numbers_of_their_own),
    };

    return cmocka_run_group_tests(tests, write_capture, remove_capture);
}
