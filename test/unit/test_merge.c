/* SPDX-License-Identifier: MIT
 *
 * Several files as one capture: the order of packets, their numbers and interfaces, files that are
 * damaged, and more files than are kept awake.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowstate/flowstate.h"
#include "support/builder.h"
#include "support/unit.h"

#define FILES_MAX 40

static char directory[] = "/tmp/flowstate-merge-XXXXXX";
static char paths[FILES_MAX][64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    for (unsigned i = 0; i < FILES_MAX; i++)
        snprintf(paths[i], sizeof(paths[i]), "%s/%u", directory, i);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FILES_MAX; i++)
        unlink(paths[i]);
    return rmdir(directory);
}

static void write_file(unsigned number, struct builder *builder)
{
    FILE *file = fopen(paths[number], "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(builder->data, 1, builder->len, file), builder->len);
    assert_int_equal(fclose(file), 0);
    build_free(builder);
}

/* Packets at the seconds given, up to a 0; the first octet of each is the file's number. */
static void write_pcap(unsigned number, const uint32_t *seconds, size_t cut_off)
{
    struct builder builder = {0};

    build_pcap_header(&builder, PCAP_MICROSECONDS, 65535, 1);
    for (; *seconds; seconds++)
        build_pcap_record(&builder, *seconds, 0, 20, 20, (uint8_t)number);
    builder.len -= cut_off;
    write_file(number, &builder);
}

static struct fst_capture *open_files(unsigned count)
{
    struct fst_capture *capture;
    struct fst_diag diag;

    assert_int_equal(fst_capture_new(&capture, &diag), 0);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(fst_capture_add(capture, paths[i], &diag), 0);
    assert_int_equal(fst_capture_begin(capture, &diag), 0);
    return capture;
}

/* The files that the packets come from, in order, as letters; the seconds must not fall. */
static int read_all(struct fst_capture *capture, size_t batch, char *order, struct fst_diag *diag)
{
    const struct fst_capture_info *info = fst_capture_info(capture);
    struct fst_packet packets[64];
    uint64_t number = 0;
    size_t count;
    int error;

    do {
        error = fst_capture_read(capture, packets, batch, &count, diag);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(packets[i].number, ++number);
            assert_true(packets[i].interface < info->interface_count);
            assert_int_equal(info->interfaces[packets[i].interface].file, packets[i].data[0]);
            *order++ = (char)('a' + packets[i].data[0]);
        }
    } while (!error && count > 0);
    *order = '\0';
    assert_int_equal(info->packets, number);
    return error;
}

static void packets_come_by_time(void **state)
{
    static const uint32_t a[] = {1, 4, 4, 9, 0}, b[] = {2, 4, 5, 0}, c[] = {0};
    const struct fst_capture_info *info;
    struct fst_capture *capture;
    char order[32];

    (void)state;
    write_pcap(0, a, 0);
    write_pcap(1, b, 0);
    write_pcap(2, c, 0);
    for (size_t batch = 1; batch < 10; batch++) {
        capture = open_files(3);
        assert_int_equal(read_all(capture, batch, order, NULL), 0);
        assert_string_equal(order, "abaabba"); /* at 4 the file that was named first goes first */
        info = fst_capture_info(capture);
        assert_string_equal(info->format, "merged");
        assert_int_equal(info->file_count, 3);
        assert_int_equal(info->files[0].packets, 4);
        assert_int_equal(info->files[1].packets, 3);
        assert_int_equal(info->files[2].packets, 0);
        assert_string_equal(info->files[1].path, paths[1]);
        assert_string_equal(info->files[1].format, "pcap");
        assert_int_equal(info->file_bytes, 3 * 24 + 7 * 36);
        assert_false(info->truncated);
        fst_capture_close(capture);
    }
}

/* A file that steps back in time keeps its own order. */
static void order_within_a_file_stays(void **state)
{
    static const uint32_t a[] = {5, 1, 6, 0}, b[] = {2, 7, 0};
    struct fst_capture *capture;
    char order[32];

    (void)state;
    write_pcap(0, a, 0);
    write_pcap(1, b, 0);
    capture = open_files(2);
    assert_int_equal(read_all(capture, 8, order, NULL), 0);
    assert_string_equal(order, "baaab");
    fst_capture_close(capture);
}

static void a_damaged_file_does_not_stop_the_others(void **state)
{
    static const uint32_t a[] = {1, 3, 5, 0}, b[] = {2, 4, 0};
    struct fst_capture *capture;
    struct fst_diag diag = {0, ""};
    char order[32];

    (void)state;
    write_pcap(0, a, 7);
    write_pcap(1, b, 0);
    capture = open_files(2);
    assert_int_equal(read_all(capture, 2, order, &diag), FST_EDAMAGED);
    assert_string_equal(order, "abab");
    assert_non_null(strstr(diag.message, paths[0]));
    assert_null(strstr(diag.message, "more files"));
    assert_true(fst_capture_info(capture)->truncated);
    assert_true(fst_capture_info(capture)->files[0].truncated);
    assert_false(fst_capture_info(capture)->files[1].truncated);
    fst_capture_close(capture);

    write_pcap(1, b, 7);
    capture = open_files(2);
    assert_int_equal(read_all(capture, 2, order, &diag), FST_EDAMAGED);
    assert_string_equal(order, "aba");
    assert_non_null(strstr(diag.message, "(and faults in 1 more files)"));
    fst_capture_close(capture);
}

/* Interfaces are those of all files; a filter is compiled for each link type. */
static void interfaces_are_put_together(void **state)
{
    static const uint32_t a[] = {1, 3, 0};
    const struct fst_capture_info *info;
    struct builder builder = {0};
    struct fst_capture *capture;
    char order[32];

    (void)state;
    write_pcap(0, a, 0);
    build_section(&builder, true);
    build_interface(&builder, 101, 96);
    build_enhanced(&builder, 0, 2000000, 20, 1);
    build_interface(&builder, 1, 0);
    build_enhanced(&builder, 1, 4000000, 20, 1);
    write_file(1, &builder);
    capture = open_files(2);
    assert_int_equal(fst_capture_set_filter(capture, "len >= 20", NULL), 0);
    assert_int_equal(read_all(capture, 64, order, NULL), 0);
    assert_string_equal(order, "abab");
    info = fst_capture_info(capture);
    assert_int_equal(info->interface_count, 3);
    assert_int_equal(info->interfaces[1].link_type, 101);
    assert_int_equal(info->interfaces[1].snap_len, 96);
    assert_int_equal(info->interfaces[2].link_type, 1);
    assert_int_equal(info->interfaces[2].file, 1);
    fst_capture_close(capture);
}

/* More files than are kept awake, most of them one after the other in time, named backwards. */
static void a_ring_of_many_files(void **state)
{
    struct fst_capture *capture;
    char order[4 * FILES_MAX + 1], expected[4 * FILES_MAX + 1], *next = expected;

    (void)state;
    for (unsigned i = 0; i < FILES_MAX; i++) {
        uint32_t first = 10 * (FILES_MAX - i), seconds[] = {first, first + 1, first + 2, 0};

        write_pcap(i, seconds, 0);
        for (unsigned k = 0; k < 3; k++)
            expected[3 * (FILES_MAX - 1 - i) + k] = (char)('a' + i);
    }
    next[3 * FILES_MAX] = '\0';
    capture = open_files(FILES_MAX);
    assert_int_equal(read_all(capture, 64, order, NULL), 0);
    assert_string_equal(order, expected);
    assert_int_equal(fst_capture_info(capture)->file_bytes, FILES_MAX * (24 + 3 * 36));
    assert_int_equal(fst_capture_info(capture)->interface_count, FILES_MAX);
    fst_capture_close(capture);
}

/* Larger than what is taken from a file at a time, so that buffers are refilled in turn. */
static void long_files(void **state)
{
    static char order[2001], expected[2001];
    uint32_t seconds[2][1001];
    struct fst_capture *capture;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        seconds[0][i] = 2 * i + 1;
        seconds[1][i] = 2 * i + 2;
        expected[2 * i] = 'a';
        expected[2 * i + 1] = 'b';
    }
    seconds[0][1000] = seconds[1][1000] = 0;
    write_pcap(0, seconds[0], 0);
    write_pcap(1, seconds[1], 0);
    capture = open_files(2);
    assert_int_equal(read_all(capture, 64, order, NULL), 0);
    assert_string_equal(order, expected);
    fst_capture_close(capture);
}

static void what_cannot_be_opened(void **state)
{
    static const uint32_t a[] = {1, 0};
    struct builder nothing = {0};
    struct fst_capture *capture;
    struct fst_diag diag;

    (void)state;
    assert_int_equal(fst_capture_new(&capture, &diag), 0);
    assert_int_equal(fst_capture_begin(capture, &diag), FST_EINVAL);
    fst_capture_close(capture);

    write_pcap(0, a, 0);
    assert_int_equal(fst_capture_new(&capture, &diag), 0);
    assert_int_equal(fst_capture_add(capture, paths[0], &diag), 0);
    assert_int_equal(fst_capture_add(capture, "/nonexistent", &diag), FST_EOPEN);
    assert_non_null(strstr(diag.message, "/nonexistent"));
    fst_capture_close(capture);

    assert_int_equal(fst_capture_new(&capture, &diag), 0);
    assert_int_equal(fst_capture_add(capture, "-", &diag), 0);
    assert_int_equal(fst_capture_add(capture, "-", &diag), FST_EOPEN);
    fst_capture_close(capture);

    build_bytes(&nothing, "no capture", 10);
    write_file(1, &nothing);
    assert_int_equal(fst_capture_new(&capture, &diag), 0);
    assert_int_equal(fst_capture_add(capture, paths[0], &diag), 0);
    assert_int_equal(fst_capture_add(capture, paths[1], &diag), 0);
    assert_int_equal(fst_capture_begin(capture, &diag), FST_EFORMAT);
    assert_non_null(strstr(diag.message, paths[1]));
    fst_capture_close(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_by_time),
        cmocka_unit_test(order_within_a_file_stays),
        cmocka_unit_test(a_damaged_file_does_not_stop_the_others),
        cmocka_unit_test(interfaces_are_put_together),
        cmocka_unit_test(a_ring_of_many_files),
        cmocka_unit_test(long_files),
        cmocka_unit_test(what_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, set_up, clean_up);
}
