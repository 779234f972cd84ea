/* SPDX-License-Identifier: MIT
 *
 * Classic pcap files, and what opening any file can say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture/capture.h"
#include "support/builder.h"
#include "support/capture_file.h"

#define S 1700000000u

static void assert_says(const struct outcome *outcome, const char *what)
{
    if (!strstr(outcome->diag.message, what))
        fail_msg("\"%s\" does not say \"%s\"", outcome->diag.message, what);
}

/* Three packets of 3, 0 and 5 octets. `ends` receives where each record ends. */
static void build_three(struct builder *builder, size_t ends[4])
{
    build_pcap_header(builder, PCAP_MICROSECONDS, 65535, 1);
    ends[0] = builder->len;
    build_pcap_record(builder, S, 1, 3, 3, 0xaa);
    ends[1] = builder->len;
    build_pcap_record(builder, S, 2, 0, 60, 0);
    ends[2] = builder->len;
    build_pcap_record(builder, S, 3, 5, 5, 0xbb);
    ends[3] = builder->len;
}

static void reads_every_variant(void **state)
{
    static const struct {
        uint32_t magic;
        const char *format;
        int64_t fraction_ns;
        size_t more; /* octets of a record header beyond 16 */
    } cases[] = {
        {PCAP_MICROSECONDS, "pcap", 123456000, 0},
        {PCAP_NANOSECONDS, "pcap-nsec", 123456, 0},
        {PCAP_MODIFIED, "pcap-modified", 123456000, 8},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct builder builder = {.big_endian = i % 2};
        struct outcome outcome;

        build_pcap_header(&builder, cases[i / 2].magic, 65535, 113);
        build_pcap_record(&builder, S, 123456, 0, 70, 0);
        build_patch(&builder, 24 + 8, 2);
        build_bytes(&builder, "\0\0\0\0\0\0\0", cases[i / 2].more);
        build_bytes(&builder, "\x45\x00", 2);
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.count, 1);
        assert_string_equal(outcome.info.format, cases[i / 2].format);
        assert_int_equal(outcome.info.big_endian, builder.big_endian);
        assert_int_equal(outcome.kept[0].packet.number, 1);
        assert_int_equal(outcome.kept[0].packet.time_ns,
                         S * INT64_C(1000000000) + cases[i / 2].fraction_ns);
        assert_int_equal(outcome.kept[0].packet.captured_len, 2);
        assert_int_equal(outcome.kept[0].packet.original_len, 70);
        assert_int_equal(outcome.kept[0].packet.link_type, 113);
        assert_int_equal(outcome.kept[0].packet.interface, 0);
        assert_int_equal(outcome.kept[0].first, 0x45);
        assert_int_equal(outcome.info.bytes, builder.len);
        assert_int_equal(outcome.interface_count, 1);
        assert_int_equal(outcome.interfaces[0].snap_len, 65535);
        assert_null(outcome.interfaces[0].name);
        assert_int_equal(outcome.interfaces[0].dropped, UINT64_MAX);
        build_free(&builder);
    }
}

static void link_type_is_the_lower_half(void **state)
{
    static const struct {
        uint32_t field;
        uint16_t link_type;
    } cases[] = {{1, 1},
                 {0x24000001, 1}, /* a frame check sequence of 2 words follows each packet */
                 {0xf3ff0071, 113},
                 {276, 276},
                 {12, 101}, /* raw IP as BSD numbers it */
                 {14, 101}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_pcap_header(&builder, PCAP_MICROSECONDS, 0, cases[i].field);
        build_pcap_record(&builder, 0, 0, 1, 1, 0);
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.kept[0].packet.link_type, cases[i].link_type);
        assert_int_equal(outcome.interfaces[0].link_type, cases[i].link_type);
        build_free(&builder);
    }
}

static void odd_numbers_are_tamed(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_pcap_header(&builder, PCAP_MICROSECONDS, 4, 1);
    build_pcap_record(&builder, UINT32_MAX, UINT32_MAX, 9, 2, 0);
    read_octets(&outcome, builder.data, builder.len);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.kept[0].packet.original_len, 9);
    assert_int_equal(outcome.kept[0].packet.time_ns,
                     UINT32_MAX * INT64_C(1000000000) + UINT32_MAX * INT64_C(1000));
    build_free(&builder);
}

static void header_without_packets_is_a_capture(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_pcap_header(&builder, PCAP_MICROSECONDS, 65535, 1);
    read_octets(&outcome, builder.data, builder.len);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 0);
    assert_false(outcome.info.truncated);
    build_free(&builder);
}

static void every_prefix_gives_its_whole_records(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;
    size_t ends[4];

    (void)state;
    build_three(&builder, ends);
    for (size_t len = 0; len <= builder.len; len++) {
        size_t whole = 0;

        read_octets(&outcome, builder.data, len);
        if (len < ends[0]) {
            assert_int_equal(outcome.error, FST_EFORMAT);
            assert_says(&outcome, len == 0  ? "at byte 0: the input is empty"
                                  : len < 4 ? "neither pcap nor pcapng, it begins with d4"
                                            : "ends inside its header of 24 bytes");
            continue;
        }
        while (whole < 3 && ends[whole + 1] <= len)
            whole++;
        assert_int_equal(outcome.count, whole);
        assert_int_equal(outcome.info.packets, whole);
        assert_int_equal(outcome.error, ends[whole] == len ? 0 : FST_EDAMAGED);
        assert_int_equal(outcome.info.truncated, ends[whole] != len);
        assert_int_equal(outcome.info.bytes, ends[whole]);
    }
    build_free(&builder);
}

static void a_cut_names_packet_and_part(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;
    size_t ends[4];

    (void)state;
    build_three(&builder, ends);
    read_octets(&outcome, builder.data, ends[2] + 7);
    assert_says(&outcome, "at byte 59: packet 3 is cut off, 7 of 16 bytes of its header are there");
    read_octets(&outcome, builder.data, ends[3] - 1);
    assert_says(&outcome, "at byte 59: packet 3 is cut off, 4 of 5 bytes of its data are there");
    build_free(&builder);
}

static void every_changed_octet_is_survived(void **state)
{
    struct builder builder = {0};
    size_t ends[4];

    (void)state;
    build_three(&builder, ends);
    for (size_t at = 0; at < builder.len; at++) {
        static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x7f};

        for (size_t i = 0; i < sizeof(changes); i++) {
            struct outcome outcome;

            builder.data[at] ^= changes[i];
            read_octets(&outcome, builder.data, builder.len);
            assert_true(outcome.count <= 3);
            builder.data[at] ^= changes[i];
        }
    }
    build_free(&builder);
}

static void absurd_lengths_are_damage(void **state)
{
    static const struct {
        uint32_t snap_len;
        uint32_t most; /* captured length that is still believed */
    } cases[] = {{96, 327680},
                 {262144, 327680},
                 {1048576, 1114112},
                 {0x7fffffff, 64 * 1024 * 1024},
                 {UINT32_MAX, 64 * 1024 * 1024}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_pcap_header(&builder, PCAP_MICROSECONDS, cases[i].snap_len, 1);
        build_pcap_record(&builder, S, 0, 1, 1, 0);
        build_pcap_record(&builder, S, 0, 1, 1, 0);
        build_patch(&builder, 24 + 17 + 8, cases[i].most + 1);
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_int_equal(outcome.count, 1);
        assert_true(outcome.info.truncated);
        assert_says(&outcome, "at byte 41: packet 2 claims");

        build_patch(&builder, 24 + 17 + 8, cases[i].most);
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_says(&outcome, "is cut off, 1 of");
        build_free(&builder);
    }
}

static void other_versions_are_refused(void **state)
{
    static const uint8_t versions[][2] = {{1, 4}, {3, 0}, {2, 2}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_pcap_header(&builder, PCAP_MICROSECONDS, 65535, 1);
        builder.data[4] = versions[i][0];
        builder.data[6] = versions[i][1];
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.error, FST_EFORMAT);
        assert_says(&outcome, "at byte 4: pcap version");
        build_free(&builder);
    }
}

/* More than two buffers of packets whose lengths share no factor with anything, one of them larger
 * than the buffer. Packets must be right when their batch is looked at, whatever its size. */
static void packets_survive_refills(void **state)
{
    struct builder builder = {0};
    size_t batches[] = {1, 7, 64};

    (void)state;
    build_pcap_header(&builder, PCAP_MICROSECONDS, 500000, 1);
    for (uint32_t i = 1; i <= 2000; i++)
        build_pcap_record(&builder, S, i, i == 1000 ? 400000 : i * 37 % 701, 0, (uint8_t)i);
    for (size_t k = 0; k < 3; k++) {
        struct fst_capture *capture;
        struct fst_packet packets[64];
        size_t count, total = 0;
        const char *path = temporary_file(builder.data, builder.len);

        assert_int_equal(fst_capture_open(&capture, path, NULL), 0);
        while (fst_capture_read(capture, packets, batches[k], &count, NULL) == 0 && count > 0) {
            assert_true(count <= batches[k]);
            for (size_t i = 0; i < count; i++, total++) {
                uint32_t len = packets[i].captured_len;

                assert_int_equal(packets[i].number, total + 1);
                assert_int_equal(packets[i].time_ns % 1000000000, (total + 1) * 1000);
                assert_int_equal(len, total == 999 ? 400000 : (total + 1) * 37 % 701);
                if (len > 0) {
                    assert_int_equal(packets[i].data[0], (uint8_t)(total + 1));
                    assert_int_equal(packets[i].data[len - 1], (uint8_t)(total + 1));
                }
            }
        }
        assert_int_equal(total, 2000);
        assert_int_equal(fst_capture_info(capture)->bytes, builder.len);
        fst_capture_close(capture);
    }
    build_free(&builder);
}

static void room_for_nothing_is_an_error(void **state)
{
    struct builder builder = {0};
    struct fst_capture *capture;
    struct fst_diag diag = {0};
    struct fst_packet packet;
    size_t ends[4], count = 9;

    (void)state;
    build_three(&builder, ends);
    assert_int_equal(fst_capture_open(&capture, temporary_file(builder.data, builder.len), NULL),
                     0);
    assert_int_equal(fst_capture_read(capture, &packet, 0, &count, &diag), FST_EINVAL);
    assert_int_equal(count, 0);
    assert_int_equal(diag.error, FST_EINVAL);
    assert_int_equal(fst_capture_read(capture, &packet, 1, &count, &diag), 0);
    assert_int_equal(count, 1);
    fst_capture_close(capture);
    fst_capture_close(NULL);
    build_free(&builder);
}

static void what_cannot_be_opened_says_why(void **state)
{
    struct outcome outcome;

    (void)state;
    read_capture(&outcome, "/nonexistent/x.pcap", NULL, 1);
    assert_int_equal(outcome.error, FST_EOPEN);
    assert_string_equal(outcome.diag.message,
                        "/nonexistent/x.pcap: cannot be opened: No such file or directory");
    read_capture(&outcome, "/tmp", NULL, 1);
    assert_int_equal(outcome.error, FST_EOPEN);
    assert_says(&outcome, "/tmp: is a directory");
    read_octets(&outcome,
                "\x7f"
                "ELF\2\1\1\0\0\0",
                10);
    assert_int_equal(outcome.error, FST_EFORMAT);
    assert_says(&outcome,
                "at byte 0: neither pcap nor pcapng, it begins with 7f 45 4c 46 02 01 01 00;");
}

/* A descriptor open for writing only stands for a device whose reads fail. */
static void failing_reads_are_reported(void **state)
{
    struct builder builder = {0};
    struct fst_capture *capture;
    struct fst_packet packets[64];
    struct fst_diag diag = {0};
    size_t count, total = 0;
    int broken = open("/dev/null", O_WRONLY);
    int error;

    (void)state;
    build_pcap_header(&builder, PCAP_MICROSECONDS, 65535, 1);
    for (uint32_t i = 0; i < 1000; i++)
        build_pcap_record(&builder, S, i, 1000, 1000, 0);
    assert_int_equal(fst_capture_open(&capture, temporary_file(builder.data, builder.len), NULL),
                     0);
    assert_int_equal(dup2(broken, capture->input.fd), capture->input.fd);
    while ((error = fst_capture_read(capture, packets, 64, &count, &diag)) == 0 && count > 0)
        total += count;
    assert_int_equal(error, FST_EOPEN);
    assert_int_equal(total, (256 * 1024 - 24) / 1016);
    assert_non_null(strstr(diag.message, "cannot be read: Bad file descriptor"));
    fst_capture_close(capture);
    (void)close(broken);
    build_free(&builder);
}

static void a_first_read_that_fails_is_reported(void **state)
{
    struct fst_capture *capture;
    struct fst_diag diag = {0};
    int broken = open("/dev/null", O_WRONLY);
    int saved = dup(STDIN_FILENO);

    (void)state;
    assert_int_equal(dup2(broken, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(fst_capture_open(&capture, "-", &diag), FST_EOPEN);
    assert_int_equal(diag.error, FST_EOPEN);
    assert_string_equal(diag.message, "standard input: cannot be read: Bad file descriptor");
    (void)dup2(saved, STDIN_FILENO);
    (void)close(saved);
    (void)close(broken);
}

/* A pipe that brings one octet at a time. */
static void trickle(int to, const struct builder *builder)
{
    for (size_t i = 0; i < builder->len; i++) {
        if (write(to, builder->data + i, 1) != 1)
            _exit(1);
    }
    _exit(0);
}

static void standard_input_may_trickle(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;
    size_t ends[4];
    int ways[2], status = 1;
    int saved = dup(STDIN_FILENO);
    pid_t child;

    (void)state;
    build_three(&builder, ends);
    assert_int_equal(pipe(ways), 0);
    child = fork();
    if (child == 0)
        trickle(ways[1], &builder);
    (void)close(ways[1]);
    assert_int_equal(dup2(ways[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(ways[0]);
    read_capture(&outcome, "-", NULL, 64);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 3);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    (void)close(saved);
    build_free(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_variant),
        cmocka_unit_test(link_type_is_the_lower_half),
        cmocka_unit_test(odd_numbers_are_tamed),
        cmocka_unit_test(header_without_packets_is_a_capture),
        cmocka_unit_test(every_prefix_gives_its_whole_records),
        cmocka_unit_test(a_cut_names_packet_and_part),
        cmocka_unit_test(every_changed_octet_is_survived),
        cmocka_unit_test(absurd_lengths_are_damage),
        cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(packets_survive_refills),
        cmocka_unit_test(room_for_nothing_is_an_error),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(failing_reads_are_reported),
        cmocka_unit_test(a_first_read_that_fails_is_reported),
        cmocka_unit_test(standard_input_may_trickle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
