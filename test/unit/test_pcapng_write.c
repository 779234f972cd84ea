/* SPDX-License-Identifier: MIT
 *
 * What the pcapng writer writes, the reader reads: packets, times, interfaces, counters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowstate/flowstate.h"
#include "support/unit.h"

static char path[] = "/tmp/flowstate-test-XXXXXX";

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void written_is_read(void **state)
{
    static const uint8_t octets[5] = {1, 2, 3, 4, 5};
    const struct fst_interface eth = {1, 96, "eth0", 7, UINT64_MAX, 2, 0},
                               raw = {101, 0, NULL, 0, 0, 0, 0};
    struct fst_packet packets[4], packet = {.time_ns = 1772356442123456789,
                                            .data = octets,
                                            .captured_len = 5,
                                            .original_len = 1500,
                                            .link_type = 1};
    struct fst_dump *dump;
    struct fst_capture *capture;
    const struct fst_capture_info *info;
    uint32_t number;
    size_t count;

    (void)state;
    assert_int_equal(fst_dump_open(&dump, path, NULL), 0);
    assert_int_equal(fst_dump_packet(dump, &packet, NULL), FST_EINVAL);
    assert_int_equal(fst_dump_interface(dump, &eth, &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(fst_dump_interface(dump, &raw, &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(fst_dump_packet(dump, &packet, "what this is"), 0);
    packet.interface = 1;
    packet.captured_len = 4;
    packet.time_ns = -5;
    assert_int_equal(fst_dump_packet(dump, &packet, NULL), 0);
    assert_int_equal(fst_dump_statistics(dump, 0, &eth, 5000000000), 0);
    assert_int_equal(fst_dump_statistics(dump, 2, &eth, 0), FST_EINVAL);
    assert_int_equal(fst_dump_close(dump, NULL), 0);

    assert_int_equal(fst_capture_open(&capture, path, NULL), 0);
    assert_int_equal(fst_capture_read(capture, packets, 4, &count, NULL), 0);
    assert_int_equal(count, 2);
    assert_true(packets[0].time_ns == 1772356442123456789);
    assert_int_equal(packets[0].captured_len, 5);
    assert_int_equal(packets[0].original_len, 1500);
    assert_memory_equal(packets[0].data, octets, 5);
    assert_int_equal(packets[1].link_type, 101);
    assert_true(packets[1].time_ns == 0);
    assert_int_equal(fst_capture_read(capture, packets, 4, &count, NULL), 0);
    assert_int_equal(count, 0);
    info = fst_capture_info(capture);
    assert_int_equal(info->comments, 1);
    assert_int_equal(info->interface_count, 2);
    assert_string_equal(info->interfaces[0].name, "eth0");
    assert_int_equal(info->interfaces[0].snap_len, 96);
    assert_true(info->interfaces[0].received == 7);
    assert_true(info->interfaces[0].dropped == UINT64_MAX);
    assert_true(info->interfaces[0].os_dropped == 2);
    assert_true(info->until_ns == 5000000000);
    fst_capture_close(capture);
}

static void many_packets_of_all_lengths(void **state)
{
    static uint8_t octets[600];
    const struct fst_interface raw = {101, 0, NULL, 0, 0, 0, 0};
    struct fst_packet packets[64], packet = {.data = octets, .link_type = 101};
    struct fst_capture *capture;
    struct fst_dump *dump;
    uint32_t number, next = 0;
    size_t count;

    (void)state;
    assert_int_equal(fst_dump_open(&dump, path, NULL), 0);
    assert_int_equal(fst_dump_interface(dump, &raw, &number), 0);
    for (packet.captured_len = 0; packet.captured_len < 600; packet.captured_len++) {
        memset(octets, (int)packet.captured_len, sizeof(octets));
        assert_int_equal(fst_dump_packet(dump, &packet, NULL), 0);
    }
    assert_int_equal(fst_dump_close(dump, NULL), 0);
    assert_int_equal(fst_capture_open(&capture, path, NULL), 0);
    do {
        assert_int_equal(fst_capture_read(capture, packets, 64, &count, NULL), 0);
        for (size_t i = 0; i < count; i++, next++) {
            assert_int_equal(packets[i].captured_len, next);
            assert_true(next == 0 || packets[i].data[next - 1] == (uint8_t)next);
        }
    } while (count > 0);
    assert_int_equal(next, 600);
    fst_capture_close(capture);
}

static void failures_are_told(void **state)
{
    const struct fst_interface raw = {101, 0, NULL, 0, 0, 0, 0};
    struct fst_dump *dump;
    struct fst_diag diag = {0, ""};
    uint32_t number;

    (void)state;
    assert_int_equal(fst_dump_open(&dump, "/no/such/folder/x", &diag), FST_EWRITE);
    assert_null(dump);
    assert_non_null(strstr(diag.message, "cannot be written"));
    assert_int_equal(fst_dump_close(NULL, NULL), 0);
    if (access("/dev/full", W_OK) != 0)
        return;
    assert_int_equal(fst_dump_open(&dump, "/dev/full", &diag), 0);
    assert_int_equal(fst_dump_interface(dump, &raw, &number), 0);
    assert_int_equal(fst_dump_close(dump, &diag), FST_EWRITE);
    assert_non_null(strstr(diag.message, "/dev/full"));
}

static void no_such_interface(void **state)
{
    const struct fst_live_options options = {.interface = "nosuch0"};
    struct fst_capture *capture;
    struct fst_diag diag = {0, ""};

    (void)state;
    assert_int_equal(fst_capture_open_live(&capture, &options, &diag), FST_EOPEN);
    assert_null(capture);
    assert_non_null(strstr(diag.message, "nosuch0: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read),
        cmocka_unit_test(many_packets_of_all_lengths),
        cmocka_unit_test(failures_are_told),
        cmocka_unit_test(no_such_interface),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
