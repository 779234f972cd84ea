/* SPDX-License-Identifier: MIT
 *
 * Packed captures: what is known to this build is read, all else is refused with a remedy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/capture_file.h"
#include "support/pack.h"

/* The packings of this build, and one empty row so that the table is never empty. */
static const struct packing {
    const char *name;
    pack_function *pack;
} packings[] = {
#if FST_HAVE_GZIP
    {"gzip", pack_gzip},
#endif
#if FST_HAVE_ZSTD
    {"zstd", pack_zstd},
#endif
#if FST_HAVE_LZ4
    {"lz4", pack_lz4},
#endif
    {NULL, NULL},
};

static void assert_says(const struct outcome *outcome, const char *what)
{
    if (!strstr(outcome->diag.message, what))
        fail_msg("\"%s\" does not say \"%s\"", outcome->diag.message, what);
}

/* `count` packets that hardly pack, so that a cut hits them. */
static void build_capture(struct builder *builder, uint32_t count, uint32_t len)
{
    uint32_t noise = 1;

    build_pcap_header(builder, PCAP_MICROSECONDS, 65535, 1);
    for (uint32_t i = 0; i < count; i++) {
        build_pcap_record(builder, 1700000000, i, len, len, 0);
        for (uint32_t k = 1; k <= len; k++) {
            noise = noise * 1664525 + 1013904223;
            builder->data[builder->len - k] = (uint8_t)(noise >> 24);
        }
    }
}

static void packed_captures_are_read(void **state)
{
    static const uint32_t sizes[][2] = {{0, 0}, {3, 10}, {2000, 700}};

    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        for (size_t i = 0; i < 3; i++) {
            struct builder plain = {0}, packed = {0};
            struct outcome outcome;

            build_capture(&plain, sizes[i][0], sizes[i][1]);
            packing->pack(&packed, plain.data, plain.len);
            read_octets(&outcome, packed.data, packed.len);
            assert_int_equal(outcome.error, 0);
            assert_string_equal(outcome.info.compression, packing->name);
            assert_string_equal(outcome.info.format, "pcap");
            assert_int_equal(outcome.count, sizes[i][0]);
            assert_int_equal(outcome.info.bytes, plain.len);
            build_free(&plain);
            build_free(&packed);
        }
    }
}

/* Members or frames cut the capture at any octet; empty ones stand between. */
static void frames_join(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0};

        build_capture(&plain, 3, 10);
        for (size_t at = 1; at < plain.len; at++) {
            struct builder packed = {0};
            struct outcome outcome;

            packing->pack(&packed, plain.data, at);
            packing->pack(&packed, "", 0);
            packing->pack(&packed, plain.data + at, plain.len - at);
            read_octets(&outcome, packed.data, packed.len);
            assert_int_equal(outcome.error, 0);
            assert_int_equal(outcome.count, 3);
            build_free(&packed);
        }
        build_free(&plain);
    }
}

static void every_prefix_gives_results_or_one_error(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0}, packed = {0};
        struct outcome outcome;
        size_t before = 0;

        build_capture(&plain, 5, 40);
        packing->pack(&packed, plain.data, plain.len);
        for (size_t len = 0; len < packed.len; len++) {
            read_octets(&outcome, packed.data, len);
            assert_int_equal(outcome.error, outcome.opened ? FST_EDAMAGED : FST_EFORMAT);
            assert_true(outcome.count >= before);
            before = outcome.count;
            if (len >= 4)
                assert_says(&outcome, "the packed data ends early; nothing behind it can be read");
        }
        assert_true(before <= 5);
        build_free(&plain);
        build_free(&packed);
    }
}

static void every_changed_octet_gives_results_or_one_error(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0}, packed = {0};
        struct outcome outcome;

        build_capture(&plain, 3, 20);
        packing->pack(&packed, plain.data, plain.len);
        for (size_t at = 0; at < packed.len; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                packed.data[at] ^= (uint8_t)(1u << bit);
                read_octets(&outcome, packed.data, packed.len);
                packed.data[at] ^= (uint8_t)(1u << bit);
            }
        }
        build_free(&plain);
        build_free(&packed);
    }
}

/* The fault is named by its place in the packed file; packets before it were read. */
static void a_wrong_check_sum_is_damage(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0}, packed = {0};
        struct outcome outcome;
        char place[40];

        build_capture(&plain, 3, 20);
        packing->pack(&packed, plain.data, plain.len);
        packed.data[packed.len - (strcmp(packing->name, "gzip") == 0 ? 5 : 1)] ^= 1;
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_int_equal(outcome.count, 3);
        assert_true(outcome.info.truncated);
        (void)snprintf(place, sizeof(place), " of the %s file: ", packing->name);
        assert_says(&outcome, "at byte ");
        assert_says(&outcome, place);
        build_free(&plain);
        build_free(&packed);
    }
}

static void garbage_behind_the_last_frame_is_damage(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0}, packed = {0};
        struct outcome outcome;

        build_capture(&plain, 3, 20);
        packing->pack(&packed, plain.data, plain.len);
        build_bytes(&packed, "garbage", 7);
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_int_equal(outcome.count, 3);
        build_free(&plain);
        build_free(&packed);
    }
}

static void damage_in_the_capture_counts_unpacked_octets(void **state)
{
    (void)state;
    for (const struct packing *packing = packings; packing->name; packing++) {
        struct builder plain = {0}, packed = {0};
        struct outcome outcome;

        build_capture(&plain, 3, 20);
        packing->pack(&packed, plain.data, plain.len - 1);
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EDAMAGED);
        assert_says(&outcome, "at byte 96 of the unpacked data: packet 3 is cut off, 19 of 20");
        build_free(&packed);

        packing->pack(&packed, "no capture", 10);
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EFORMAT);
        assert_says(&outcome, "at byte 0 of the unpacked data: neither pcap nor pcapng, it begins "
                              "with 6e 6f 20 63 61 70 74 75");
        build_free(&packed);

        packing->pack(&packed, "", 0);
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EFORMAT);
        assert_says(&outcome, "at byte 0 of the unpacked data: the input is empty");
        build_free(&packed);

        packing->pack(&packed, plain.data, 10);
        read_octets(&outcome, packed.data, packed.len);
        assert_int_equal(outcome.error, FST_EFORMAT);
        assert_says(&outcome, "at byte 10 of the unpacked data: the file ends inside its header");
        build_free(&packed);
        build_free(&plain);
    }
}

#if FST_HAVE_GZIP
static void zeros_behind_gzip_are_padding(void **state)
{
    static const char zeros[1000];
    struct builder plain = {0}, packed = {0};
    struct outcome outcome;

    (void)state;
    build_capture(&plain, 3, 20);
    pack_gzip(&packed, plain.data, 50);
    build_bytes(&packed, zeros, 3);
    pack_gzip(&packed, plain.data + 50, plain.len - 50);
    build_bytes(&packed, zeros, sizeof(zeros));
    read_octets(&outcome, packed.data, packed.len);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 3);
    build_free(&plain);
    build_free(&packed);
}
#endif

#if FST_HAVE_ZSTD
static void skippable_zstd_frames_are_skipped(void **state)
{
    struct builder plain = {0}, packed = {0};
    struct outcome outcome;

    (void)state;
    build_capture(&plain, 3, 20);
    for (size_t i = 0; i < 2; i++) {
        build_bytes(&packed, "\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
        pack_zstd(&packed, plain.data + (i ? 50 : 0), i ? plain.len - 50 : 50);
    }
    build_bytes(&packed, "\x5f\x2a\x4d\x18\0\0\0\0", 8);
    read_octets(&outcome, packed.data, packed.len);
    assert_int_equal(outcome.error, 0);
    assert_int_equal(outcome.count, 3);
    assert_string_equal(outcome.info.compression, "zstd");
    build_free(&plain);
    build_free(&packed);
}
#endif

static void unknown_packings_name_a_remedy(void **state)
{
    static const struct {
        const char *octets;
        const char *says;
    } cases[] = {
        {"\xfd"
         "7zXZ",
         "at byte 0: xz data, which this build cannot unpack; pipe the output of "
         "\"xz -dc\" in and read \"-\""},
        {"BZh91AY", "\"bzip2 -dc\""},
        {"\x02\x21\x4c\x18", "\"lz4 -dc\""},
#if !FST_HAVE_GZIP
        {"\x1f\x8b\x08\x08", "\"gzip -dc\""},
#endif
#if !FST_HAVE_ZSTD
        {"\x28\xb5\x2f\xfd", "\"zstd -dc\""},
#endif
#if !FST_HAVE_LZ4
        {"\x04\x22\x4d\x18", "\"lz4 -dc\""},
#endif
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome outcome;

        read_octets(&outcome, cases[i].octets, strlen(cases[i].octets));
        assert_int_equal(outcome.error, FST_EFORMAT);
        assert_says(&outcome, cases[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_captures_are_read),
        cmocka_unit_test(frames_join),
        cmocka_unit_test(every_prefix_gives_results_or_one_error),
        cmocka_unit_test(every_changed_octet_gives_results_or_one_error),
        cmocka_unit_test(a_wrong_check_sum_is_damage),
        cmocka_unit_test(garbage_behind_the_last_frame_is_damage),
        cmocka_unit_test(damage_in_the_capture_counts_unpacked_octets),
#if FST_HAVE_GZIP
        cmocka_unit_test(zeros_behind_gzip_are_padding),
#endif
#if FST_HAVE_ZSTD
        cmocka_unit_test(skippable_zstd_frames_are_skipped),
#endif
        cmocka_unit_test(unknown_packings_name_a_remedy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
