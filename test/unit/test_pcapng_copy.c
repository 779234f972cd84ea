/* SPDX-License-Identifier: MIT
 *
 * Captures copied as pcapng: what may change and, above all, what may not.
 */
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "flowstate/flowstate.h"
#include "support/builder.h"
#include "support/capture_file.h"

#define US 1700000000000000u

/* What a copy gave. */
struct copied {
    uint8_t *octets;
    size_t len;
};

static void take(void *context, const uint8_t *octets, size_t len)
{
    struct copied *copied = context;

    copied->octets = realloc(copied->octets, copied->len + len);
    assert_non_null(copied->octets);
    memcpy(copied->octets + copied->len, octets, len);
    copied->len += len;
}

/** Copy what was built; packet `commented` gets `comment`. Returns the error that ended the
 * reading.
 */
static int copy_built(struct copied *copied, struct builder *builder, const char *section,
                      uint64_t commented, const char *comment)
{
    struct fst_capture *capture;
    struct fst_packet packet;
    struct fst_copy *copy;
    size_t count;
    int error;

    *copied = (struct copied){NULL, 0};
    assert_int_equal(fst_capture_open(&capture, temporary_file(builder->data, builder->len), NULL),
                     0);
    assert_int_equal(fst_copy_new(&copy, capture, section, take, copied), 0);
    while ((error = fst_capture_read(capture, &packet, 1, &count, NULL)) == 0 && count == 1)
        assert_int_equal(
            fst_copy_packet(copy, &packet, packet.number == commented ? comment : NULL), 0);
    fst_copy_free(copy);
    fst_capture_close(capture);
    return error;
}

static void build_note(struct builder *builder)
{
    build_block_begin(builder, 0x0bad); /* a type nobody knows */
    build_bytes(builder, "whatever", 8);
    build_block_end(builder);
}

static void build_pcapng(struct builder *builder, bool big_endian)
{
    build_section(builder, big_endian);
    build_interface(builder, 1, 0);
    build_enhanced(builder, 0, US, 61, 0x11);
    build_note(builder);
    build_enhanced(builder, 0, US + 1, 64, 0x22);
}

/* Without comments a pcapng comes out as it went in, blocks of unknown types included. */
static void keeps_every_octet(void **state)
{
    (void)state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct builder builder = {0};
        struct copied copied;

        build_pcapng(&builder, big_endian);
        assert_int_equal(copy_built(&copied, &builder, NULL, 0, NULL), 0);
        assert_int_equal(copied.len, builder.len);
        assert_memory_equal(copied.octets, builder.data, builder.len);
        free(copied.octets);
        build_free(&builder);
    }
}

static uint32_t u32(const uint8_t *at, bool big_endian)
{
    return big_endian ? fst_be32(at) : fst_le32(at);
}

/** Where the block with that number begins. */
static const uint8_t *block_at(const struct copied *copied, size_t index, bool big_endian)
{
    size_t at = 0;

    for (; index > 0; index--)
        at += u32(copied->octets + at + 4, big_endian);
    assert_true(at + 12 <= copied->len);
    return copied->octets + at;
}

static void build_option_list(struct builder *builder, const char *comment)
{
    build_option(builder, 1, comment, (uint16_t)strlen(comment));
    build_option(builder, 0, "", 0);
}

static void build_simple_packet(struct builder *builder)
{
    build_block_begin(builder, 3);
    build_u32(builder, 8);
    build_bytes(builder, "abcdefgh", 8);
    build_block_end(builder);
}

/* A comment joins the options that are there; data, times and the next blocks stay. */
static void adds_a_comment(void **state)
{
    (void)state;
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct builder builder = {0}, want = {0};
        struct copied copied;
        const uint8_t *packet;

        build_section(&builder, big_endian);
        build_interface(&builder, 1, 0);
        build_enhanced(&builder, 0, US, 5, 0x11);
        build_note(&builder);
        assert_int_equal(copy_built(&copied, &builder, NULL, 1, "seen"), 0);
        packet = block_at(&copied, 2, big_endian);
        want.big_endian = big_endian;
        build_option_list(&want, "seen");
        assert_int_equal(u32(packet + 4, big_endian), 32 + 8 + want.len);
        assert_memory_equal(packet + 8, builder.data + (packet - copied.octets) + 8, 20 + 8);
        assert_memory_equal(packet + 28 + 8, want.data, want.len);
        assert_int_equal(u32(packet + 28 + 8 + want.len, big_endian), 32 + 8 + want.len);
        assert_memory_equal(block_at(&copied, 3, big_endian), builder.data + builder.len - 20, 20);
        free(copied.octets);
        build_free(&builder);
        build_free(&want);
    }
}

/* The first section only, and its length is unknown from now on. */
static void adds_a_section_comment(void **state)
{
    struct builder builder = {0}, want = {0};
    struct copied copied;

    (void)state;
    build_pcapng(&builder, false);
    build_pcapng(&builder, true);
    assert_int_equal(copy_built(&copied, &builder, "summary", 0, NULL), 0);
    build_option_list(&want, "summary");
    assert_int_equal(copied.len, builder.len + want.len);
    assert_memory_equal(copied.octets + 8, builder.data + 8, 8);
    assert_memory_equal(copied.octets + 16, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_memory_equal(copied.octets + 24, want.data, want.len);
    assert_memory_equal(copied.octets + 28 + want.len, builder.data + 28, builder.len - 28);
    free(copied.octets);
    build_free(&builder);
    build_free(&want);
}

/* A simple packet block has no room for options. */
static void turns_a_simple_packet_into_an_enhanced_one(void **state)
{
    struct builder builder = {0};
    struct copied copied;
    const uint8_t *packet;

    (void)state;
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_simple_packet(&builder);
    build_simple_packet(&builder);
    assert_int_equal(copy_built(&copied, &builder, NULL, 2, "note"), 0);
    assert_int_equal(fst_le32(block_at(&copied, 2, false)), 3);
    packet = block_at(&copied, 3, false);
    assert_int_equal(fst_le32(packet), 6);
    assert_int_equal(fst_le32(packet + 20), 8);
    assert_int_equal(fst_le32(packet + 24), 8);
    assert_memory_equal(packet + 28, "abcdefgh", 8);
    free(copied.octets);
    build_free(&builder);
}

/* Options that overrun their block: nothing can follow them, so the packet stays as it is. */
static void leaves_damaged_options_alone(void **state)
{
    struct builder builder = {0};
    struct copied copied;

    (void)state;
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_block_begin(&builder, 6);
    for (int i = 0; i < 5; i++)
        build_u32(&builder, 0);
    build_u16(&builder, 2);
    build_u16(&builder, 60000); /* the length of an option */
    build_block_end(&builder);
    assert_int_equal(copy_built(&copied, &builder, NULL, 1, "note"), 0);
    assert_int_equal(copied.len, builder.len);
    assert_memory_equal(copied.octets, builder.data, builder.len);
    free(copied.octets);
    build_free(&builder);
}

/* The longest that a block can say, and no part of a character. */
static void cuts_long_comments(void **state)
{
    struct builder builder = {0};
    struct copied copied;
    const uint8_t *packet;
    char *comment = malloc(70001);

    (void)state;
    assert_non_null(comment);
    for (size_t i = 0; i < 70000; i += 2)
        memcpy(comment + i, "\xc3\xa9", 2);
    comment[70000] = '\0';
    build_pcapng(&builder, false);
    assert_int_equal(copy_built(&copied, &builder, NULL, 1, comment), 0);
    packet = block_at(&copied, 2, false);
    assert_int_equal(fst_le16(packet + 28 + 64 + 2), 65534);
    free(comment);
    free(copied.octets);
    build_free(&builder);
}

/* What was cut off inside a block does not get into the copy. */
static void leaves_out_what_was_cut_off(void **state)
{
    struct builder builder = {0};
    struct copied copied;
    size_t whole;

    (void)state;
    build_pcapng(&builder, false);
    whole = builder.len;
    build_note(&builder);
    builder.len -= 6;
    assert_int_equal(copy_built(&copied, &builder, NULL, 0, NULL), FST_EDAMAGED);
    assert_int_equal(copied.len, whole);
    free(copied.octets);
    build_free(&builder);
}

/* Packets of a classic capture get an interface with its link type and its unit of time. */
static void turns_pcap_into_pcapng(void **state)
{
    static const struct {
        uint32_t magic;
        uint8_t digits;
    } cases[] = {{PCAP_MICROSECONDS, 6}, {PCAP_NANOSECONDS, 9}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct builder builder = {0};
        struct copied copied;
        struct outcome outcome;
        const uint8_t *interface;

        build_pcap_header(&builder, cases[i].magic, 65535, 113);
        build_pcap_record(&builder, 1700000000, 123456, 7, 99, 0x33);
        assert_int_equal(copy_built(&copied, &builder, "summary", 1, "note"), 0);
        interface = block_at(&copied, 1, false);
        assert_int_equal(fst_le16(interface + 8), 113);
        assert_int_equal(fst_le32(interface + 12), 65535);
        assert_int_equal(interface[20], cases[i].digits);
        read_octets(&outcome, copied.octets, copied.len);
        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.count, 1);
        assert_int_equal(outcome.info.comments, 2);
        assert_int_equal(outcome.kept[0].packet.time_ns,
                         1700000000000000000 + 123456 * (cases[i].digits == 9 ? 1 : 1000));
        assert_int_equal(outcome.kept[0].packet.captured_len, 7);
        assert_int_equal(outcome.kept[0].packet.original_len, 99);
        assert_int_equal(outcome.kept[0].first, 0x33);
        free(copied.octets);
        build_free(&builder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_octet),
        cmocka_unit_test(adds_a_comment),
        cmocka_unit_test(adds_a_section_comment),
        cmocka_unit_test(turns_a_simple_packet_into_an_enhanced_one),
        cmocka_unit_test(leaves_damaged_options_alone),
        cmocka_unit_test(cuts_long_comments),
        cmocka_unit_test(leaves_out_what_was_cut_off),
        cmocka_unit_test(turns_pcap_into_pcapng),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
