/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/builder.h"
#include "support/capture_file.h"

#define US 1700000000000000u /* a time in microseconds */

static void assert_says(const struct outcome *outcome, const char *what)
{
    if (!strstr(outcome->diag.message, what))
        fail_msg("\"%s\" does not say \"%s\"", outcome->diag.message, what);
}

static void read_built(struct outcome *outcome, struct builder *builder)
{
    read_octets(outcome, builder->data, builder->len);
    build_free(builder);
}

/* A simple packet block with room for `len` octets. */
static void build_simple(struct builder *builder, uint32_t original_len, uint32_t len)
{
    build_block_begin(builder, 3);
    build_u32(builder, original_len);
    for (uint32_t i = 0; i < len; i++)
        build_bytes(builder, "\x11", 1);
    build_block_end(builder);
}

static void build_obsolete(struct builder *builder, uint16_t interface, uint64_t ticks)
{
    build_block_begin(builder, 2);
    build_u16(builder, interface);
    build_u16(builder, 0xffff); /* drops: unknown */
    build_u32(builder, (uint32_t)(ticks >> 32));
    build_u32(builder, (uint32_t)ticks);
    build_u32(builder, 1);
    build_u32(builder, 60);
    build_bytes(builder, "\x22\0\0\0", 4);
    build_option(builder, 1, "note", 4);
    build_block_end(builder);
}

static void reads_the_three_packet_blocks(void **state)
{
    (void)state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_section(&builder, big_endian);
        build_interface(&builder, 1, 2);
        build_interface(&builder, 101, 0);
        build_enhanced(&builder, 1, US + 1, 5, 0x33);
        build_simple(&builder, 60, 2);
        build_obsolete(&builder, 1, US + 2);
        read_built(&outcome, &builder);

        assert_int_equal(outcome.error, 0);
        assert_string_equal(outcome.info.format, "pcapng");
        assert_int_equal(outcome.info.big_endian, big_endian);
        assert_int_equal(outcome.count, 3);
        assert_int_equal(outcome.kept[0].packet.time_ns, (US + 1) * 1000);
        assert_int_equal(outcome.kept[0].packet.link_type, 101);
        assert_int_equal(outcome.kept[0].packet.captured_len, 5);
        assert_int_equal(outcome.kept[0].packet.interface, 1);
        assert_int_equal(outcome.kept[0].first, 0x33);
        /* Cut at the first interface's snap length; the time of the packet before. */
        assert_int_equal(outcome.kept[1].packet.captured_len, 2);
        assert_int_equal(outcome.kept[1].packet.original_len, 60);
        assert_int_equal(outcome.kept[1].packet.link_type, 1);
        assert_int_equal(outcome.kept[1].packet.time_ns, (US + 1) * 1000);
        assert_int_equal(outcome.kept[1].first, 0x11);
        assert_int_equal(outcome.kept[2].packet.interface, 1);
        assert_int_equal(outcome.kept[2].packet.time_ns, (US + 2) * 1000);
        assert_int_equal(outcome.kept[2].packet.captured_len, 1);
        assert_int_equal(outcome.kept[2].packet.original_len, 60);
        assert_int_equal(outcome.kept[2].packet.number, 3);
        assert_int_equal(outcome.kept[2].first, 0x22);
        assert_int_equal(outcome.info.comments, 1);
        assert_int_equal(outcome.interfaces[0].snap_len, 2);
    }
}

/* Every section has its own byte order and interfaces; these count on over the file. */
static void sections_change_everything(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_enhanced(&builder, 0, US, 1, 1);
    build_section(&builder, true);
    build_interface(&builder, 113, 0);
    build_interface(&builder, 276, 0);
    build_enhanced(&builder, 1, US, 1, 2);
    build_section(&builder, false);
    build_interface(&builder, 101, 0);
    build_enhanced(&builder, 0, US, 1, 3);
    read_built(&outcome, &builder);

    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 3);
    assert_int_equal(outcome.interface_count, 4);
    assert_false(outcome.info.big_endian);
    for (int i = 0; i < 3; i++) {
        static const uint16_t link_types[] = {1, 276, 101};
        static const uint32_t interfaces[] = {0, 2, 3};

        assert_int_equal(outcome.kept[i].packet.link_type, link_types[i]);
        assert_int_equal(outcome.kept[i].packet.interface, interfaces[i]);
        assert_int_equal(outcome.kept[i].packet.time_ns, US * 1000);
        assert_int_equal(outcome.kept[i].first, i + 1);
    }
}

static void interfaces_have_clocks_and_names(void **state)
{
    (void)state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct builder builder = {0}, offset = {.big_endian = big_endian};
        struct outcome outcome;
        char long_name[300];

        memset(long_name, 'n', sizeof(long_name));
        build_u64(&offset, (uint64_t)-5);
        build_section(&builder, big_endian);
        build_block_begin(&builder, 1);
        build_u16(&builder, 1);
        build_u16(&builder, 0);
        build_u32(&builder, 96);
        build_option(&builder, 2, "eth0", 4);
        build_option(&builder, 9, "\x9e", 1); /* 2^-30 seconds */
        build_option(&builder, 14, offset.data, 8);
        build_option(&builder, 0, NULL, 0);
        build_option(&builder, 2, "not read", 8);
        build_block_end(&builder);
        build_block_begin(&builder, 1);
        build_u64(&builder, 0);
        build_option(&builder, 2, long_name, sizeof(long_name));
        build_block_end(&builder);
        build_enhanced(&builder, 0, UINT64_C(6) << 30, 1, 1);
        read_built(&outcome, &builder);

        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.kept[0].packet.time_ns, 1000000000);
        assert_string_equal(outcome.names[0], "eth0");
        assert_int_equal(strlen(outcome.names[1]), 63);
        build_free(&offset);
    }
}

static void statistics_are_kept(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    for (uint32_t interface = 0; interface < 2; interface++) {
        build_block_begin(&builder, 5);
        build_u32(&builder, interface); /* 1 does not exist: of no interest */
        build_u64(&builder, 0);
        build_option(&builder, 4, "\1\1\0\0\0\0\0\0", 8);
        build_option(&builder, 5, "\2\0\0\0\0\0\0\0", 8);
        build_option(&builder, 7, "\3\0", 2); /* the wrong length */
        build_block_end(&builder);
    }
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.interfaces[0].received, UINT64_MAX);
    assert_int_equal(outcome.interfaces[1].received, 257);
    assert_int_equal(outcome.interfaces[1].dropped, 2);
    assert_int_equal(outcome.interfaces[1].os_dropped, UINT64_MAX);
}

static void comments_are_counted(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_block_begin(&builder, 0x0a0d0d0a);
    build_u32(&builder, 0x1a2b3c4d);
    build_u16(&builder, 1);
    build_u16(&builder, 2);
    build_u64(&builder, UINT64_MAX);
    build_option(&builder, 3, "os", 2);
    build_option(&builder, 1, "one", 3);
    build_block_end(&builder);
    build_interface(&builder, 1, 0);
    build_block_begin(&builder, 6);
    build_u32(&builder, 0);
    build_u64(&builder, 0);
    build_u32(&builder, 3);
    build_u32(&builder, 3);
    build_bytes(&builder, "abc\0", 4);
    build_option(&builder, 1, "two", 3);
    build_option(&builder, 1, "", 0);
    build_u16(&builder, 1);
    build_u16(&builder, 999); /* reaches out of the block: not counted, no harm */
    build_block_end(&builder);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 1);
    assert_int_equal(outcome.info.comments, 3);
}

/* Unknown blocks of no size, some, and more than the buffer holds. */
static void unknown_blocks_are_skipped(void **state)
{
    static const size_t sizes[] = {0, 4, 300, 262144 - 12, 262144, 1000000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_section(&builder, i % 2);
        build_interface(&builder, 1, 0);
        build_enhanced(&builder, 0, US, 1, 1);
        build_block_begin(&builder, i % 2 ? 0xbad : 0x40000bad);
        for (size_t k = 0; k < sizes[i]; k++)
            build_bytes(&builder, "\xee", 1);
        build_block_end(&builder);
        build_enhanced(&builder, 0, US, 1, 2);
        read_octets(&outcome, builder.data, builder.len);
        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.count, 2);
        assert_int_equal(outcome.kept[1].first, 2);
        assert_int_equal(outcome.info.bytes, builder.len);

        /* Cut inside the unknown block. */
        read_octets(&outcome, builder.data, builder.len - 36 - 2);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_int_equal(outcome.count, 1);
        assert_says(&outcome, sizes[i] > 0 ? "at byte 84: the last block is cut off"
                                           : "at byte 84: the file ends inside the head");
        build_free(&builder);
    }
}

static void a_skipped_block_must_end_as_it_began(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_block_begin(&builder, 0xbad);
    build_u32(&builder, 0);
    build_block_end(&builder);
    build_patch(&builder, builder.len - 4, 20);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, FST_EDAMAGED);
    assert_says(&outcome, "at byte 28: a block has the length 16 in front but 20 behind");
}

/* A capture of two packets; the second block, at byte 84, is changed. */
static void damage_ends_the_reading(void **state)
{
    static const struct {
        size_t at; /* in the block */
        uint32_t value;
        const char *says;
    } cases[] = {
        {4, 37, "at byte 84: a block of type 6 has the length 37, which is no multiple of 4"},
        {4, 8, "too short for its type"},
        {4, 28, "too short for its type"},
        {4, 0xfffffffc, "more than any packet takes"},
        {4, 40, "cut off, 36 of its 40 bytes"},
        {4, 32, "has the length 32 in front but"},
        {32, 40, "at byte 84: a block has the length 36 in front but 40 behind"},
        {8, 1, "names interface 1, but its section has described 1 so far"},
        {8, UINT32_MAX, "names interface 4294967295"},
        {20, 5, "claims 5 captured bytes, but its block has room for 4"},
        {20, UINT32_MAX, "claims 4294967295 captured bytes"},
        {0, 0x0a0d0d0a, "a section header without the byte-order magic"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int big_endian = 0; big_endian < 2; big_endian++) {
            struct builder builder = {0};
            struct outcome outcome;

            build_section(&builder, big_endian);
            build_interface(&builder, 1, 0);
            build_enhanced(&builder, 0, US, 1, 1);
            build_enhanced(&builder, 0, US, 4, 2);
            build_patch(&builder, 84 + cases[i].at, cases[i].value);
            read_built(&outcome, &builder);
            assert_true(outcome.opened);
            assert_int_equal(outcome.error, FST_EDAMAGED);
            assert_int_equal(outcome.count, 1);
            assert_true(outcome.info.truncated);
            assert_int_equal(outcome.info.bytes, 84);
            assert_says(&outcome, cases[i].says);
        }
    }
}

static void a_packet_without_interface_is_damage(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_simple(&builder, 4, 4);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, FST_EDAMAGED);
    assert_says(&outcome,
                "at byte 28: a packet names interface 0, but its section has described 0");

    /* Interfaces of an earlier section are out of reach. */
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_section(&builder, false);
    build_enhanced(&builder, 0, US, 1, 1);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, FST_EDAMAGED);
}

static void a_simple_packet_must_fit_its_block(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_simple(&builder, 60, 8);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, FST_EDAMAGED);
    assert_says(&outcome, "claims 60 captured bytes, but its block has room for 8");
}

/* A lost unit would move every packet in time. */
static void damaged_interface_options_are_damage(void **state)
{
    static const struct {
        uint16_t code, len;
    } cases[] = {{9, 2}, {14, 4}, {2, 400}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct builder builder = {0};
        struct outcome outcome;

        build_section(&builder, false);
        build_block_begin(&builder, 1);
        build_u64(&builder, 1);
        build_u16(&builder, cases[i].code);
        build_u16(&builder, cases[i].len);
        build_u32(&builder, 0);
        build_block_end(&builder);
        read_built(&outcome, &builder);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_says(&outcome, "at byte 28: the options of interface 0 are damaged");
    }
}

static void other_versions_and_marks_are_refused(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    build_patch(&builder, 12, 2);
    read_octets(&outcome, builder.data, builder.len);
    assert_int_equal(outcome.error, FST_EFORMAT);
    assert_says(&outcome, "at byte 12: pcapng version 2, but only 1 is read");
    build_patch(&builder, 8, 0x12345678);
    read_octets(&outcome, builder.data, builder.len);
    assert_int_equal(outcome.error, FST_EFORMAT);
    assert_says(&outcome, "at byte 8: neither pcap nor pcapng, the byte-order magic is missing");
    build_free(&builder);

    build_section(&builder, false);
    build_section(&builder, true);
    build_patch(&builder, 28 + 12, 0x00070000);
    read_built(&outcome, &builder);
    assert_true(outcome.opened);
    assert_int_equal(outcome.error, FST_EDAMAGED);
    assert_says(&outcome, "at byte 28: a section of pcapng version 7");
}

static void interfaces_are_bounded(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_section(&builder, false);
    for (int i = 0; i < 65536; i++)
        build_interface(&builder, 1, 0);
    read_octets(&outcome, builder.data, builder.len);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.interface_count, 65536);
    build_interface(&builder, 1, 0);
    read_built(&outcome, &builder);
    assert_int_equal(outcome.error, FST_EDAMAGED);
    assert_int_equal(outcome.interface_count, 65536);
    assert_says(&outcome, "more than 65536 interfaces");
}

/* One of everything, in both byte orders. */
static void build_all(struct builder *builder)
{
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        build_section(builder, big_endian);
        build_block_begin(builder, 1);
        build_u64(builder, 0);
        build_option(builder, 2, "lo", 2);
        build_option(builder, 9, "\x09", 1);
        build_block_end(builder);
        build_enhanced(builder, 0, US, 5, 1);
        build_obsolete(builder, 0, US);
        build_block_begin(builder, 0xbad);
        build_block_end(builder);
        build_simple(builder, 3, 3);
        build_block_begin(builder, 5);
        build_u32(builder, 0);
        build_u64(builder, 0);
        build_option(builder, 5, "\0\0\0\0\0\0\0\1", 8);
        build_block_end(builder);
    }
}

static void every_prefix_gives_its_whole_blocks(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;
    size_t clean = 0, packets = 0;

    (void)state;
    build_all(&builder);
    for (size_t len = 0; len <= builder.len; len++) {
        read_octets(&outcome, builder.data, len);
        clean += outcome.error == 0;
        if (len < 28) {
            assert_int_equal(outcome.error, FST_EFORMAT);
            continue;
        }
        assert_true(outcome.error == 0 || outcome.error == FST_EDAMAGED);
        assert_int_equal(outcome.info.truncated, outcome.error != 0);
        assert_true(outcome.count >= packets);
        packets = outcome.count;
    }
    assert_int_equal(packets, 6);
    assert_int_equal(clean, 14);
    build_free(&builder);
}

static void every_changed_octet_is_survived(void **state)
{
    static const uint8_t changes[] = {0x01, 0x04, 0x80, 0xff};
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_all(&builder);
    for (size_t at = 0; at < builder.len; at++) {
        for (size_t i = 0; i < sizeof(changes); i++) {
            builder.data[at] ^= changes[i];
            read_octets(&outcome, builder.data, builder.len);
            assert_true(outcome.count <= 6);
            builder.data[at] ^= changes[i];
        }
    }
    build_free(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_three_packet_blocks),
        cmocka_unit_test(sections_change_everything),
        cmocka_unit_test(interfaces_have_clocks_and_names),
        cmocka_unit_test(statistics_are_kept),
        cmocka_unit_test(comments_are_counted),
        cmocka_unit_test(unknown_blocks_are_skipped),
        cmocka_unit_test(a_skipped_block_must_end_as_it_began),
        cmocka_unit_test(damage_ends_the_reading),
        cmocka_unit_test(a_packet_without_interface_is_damage),
        cmocka_unit_test(a_simple_packet_must_fit_its_block),
        cmocka_unit_test(damaged_interface_options_are_damage),
        cmocka_unit_test(other_versions_and_marks_are_refused),
        cmocka_unit_test(interfaces_are_bounded),
        cmocka_unit_test(every_prefix_gives_its_whole_blocks),
        cmocka_unit_test(every_changed_octet_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
