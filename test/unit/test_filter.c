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

/* An IPv4 header without options, and the first 4 octets of TCP: ports 1000 and 80. */
#define IP4_TO_PORT_80                                                                             \
    "\x45\0\0\x28\0\0\0\0\x40\x06\0\0\x0a\0\0\x01\x0a\0\0\x02\x03\xe8\0\x50\0\0\0\0\0\0\0\0\x50"   \
    "\x02\0"                                                                                       \
    "\0\0\0\0\0"
#define IP4_LEN 40

/* The same behind the link headers of Ethernet, raw IP, BSD loopback and Linux cooked. */
static const struct link {
    uint16_t link_type;
    const char *header;
    size_t len;
} links[] = {
    {1, "\0\0\0\0\0\1\0\0\0\0\0\2\x08\0", 14},
    {101, "", 0},
    {0, "\2\0\0\0", 4},
    {113, "\0\0\0\1\0\6\0\0\0\0\0\2\0\0\x08\0", 16},
};

static void assert_says(const struct outcome *outcome, const char *what)
{
    if (!strstr(outcome->diag.message, what))
        fail_msg("\"%s\" does not say \"%s\"", outcome->diag.message, what);
}

/* A packet to `port` on the section's interface number `interface`, of `link`'s type. */
static void build_packet(struct builder *builder, const struct link *link, uint32_t interface,
                         uint16_t port)
{
    build_block_begin(builder, 6);
    build_u32(builder, interface);
    build_u64(builder, 0);
    build_u32(builder, (uint32_t)link->len + IP4_LEN);
    build_u32(builder, 1500);
    build_bytes(builder, link->header, link->len);
    build_bytes(builder, IP4_TO_PORT_80, IP4_LEN);
    builder->data[builder->len - IP4_LEN + 22] = (uint8_t)(port >> 8);
    builder->data[builder->len - IP4_LEN + 23] = (uint8_t)port;
    build_block_end(builder);
}

/* Two packets of every link type, to port 80 and 443, in one pcapng. */
static const char *all_links(void)
{
    struct builder builder = {0};
    const char *path;

    build_section(&builder, false);
    for (uint32_t i = 0; i < 4; i++) {
        build_interface(&builder, links[i].link_type, 0);
        build_packet(&builder, &links[i], i, 80);
        build_packet(&builder, &links[i], i, 443);
    }
    path = temporary_file(builder.data, builder.len);
    build_free(&builder);
    return path;
}

static void each_link_type_has_its_program(void **state)
{
    static const struct {
        const char *expression;
        size_t count;
        uint64_t first, second; /* numbers */
    } cases[] = {
        {"tcp port 80", 4, 1, 3},  {"tcp dst port 443", 4, 2, 4}, {"udp", 0, 0, 0}, {"", 8, 1, 2},
        {"greater 1500", 8, 1, 2}, {"less 1499", 0, 0, 0},
    };
    static const size_t batches[] = {1, 3, 64};

    (void)state;
    for (size_t i = 0; i < 3 * sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome outcome;

        read_capture(&outcome, all_links(), cases[i / 3].expression, batches[i % 3]);
        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.count, cases[i / 3].count);
        assert_int_equal(outcome.info.packets, 8);
        assert_int_equal(outcome.info.filtered_out, 8 - cases[i / 3].count);
        assert_int_equal(outcome.kept[0].packet.number, cases[i / 3].first);
        assert_int_equal(outcome.kept[1].packet.number, cases[i / 3].second);
    }
}

static void wrong_expressions_fail_at_once(void **state)
{
    static const struct {
        const char *expression;
        const char *says;
    } cases[] = {
        {"tcp prot 80", "\"tcp prot 80\" for link type 1 (EN10MB): "},
        {"port 99999", "see pcap-filter(7)"},
        {"tcp\nand", "\"tcp\\x0aand\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct outcome outcome;

        read_capture(&outcome, all_links(), cases[i].expression, 64);
        assert_true(outcome.opened);
        assert_int_equal(outcome.error, FST_EFILTER);
        assert_says(&outcome, cases[i].says);
    }
}

/* "wlan type" suits radiotap, so it may be right; the first Ethernet packet shows that it is not.
 */
static void a_link_type_that_does_not_suit_fails_when_met(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    read_capture(&outcome, all_links(), "wlan type mgt", 64);
    assert_int_equal(outcome.error, FST_EFILTER);
    assert_int_equal(outcome.count, 0);
    assert_int_equal(outcome.info.packets, 0);
    assert_says(&outcome, "for link type 1 (EN10MB)");

    /* What came before it is handed out first. */
    build_section(&builder, false);
    build_interface(&builder, 1, 0);
    build_interface(&builder, 101, 0);
    build_packet(&builder, &links[0], 0, 80);
    build_packet(&builder, &links[1], 1, 80);
    build_packet(&builder, &links[0], 0, 80);
    read_capture(&outcome, temporary_file(builder.data, builder.len), "ether host 0:0:0:0:0:1", 64);
    assert_int_equal(outcome.error, FST_EFILTER);
    assert_int_equal(outcome.count, 1);
    assert_int_equal(outcome.info.packets, 1);
    assert_int_equal(outcome.info.filtered_out, 0);
    assert_says(&outcome, "for link type 101 (RAW)");
    build_free(&builder);
}

/* A classic file has one link type only, so there is nothing to wait for. */
static void classic_files_are_checked_at_once(void **state)
{
    struct builder builder = {0};
    struct outcome outcome;

    (void)state;
    build_pcap_header(&builder, PCAP_MICROSECONDS, 65535, 101);
    read_capture(&outcome, temporary_file(builder.data, builder.len), "wlan type mgt", 64);
    assert_int_equal(outcome.error, FST_EFILTER);
    assert_says(&outcome, "for link type 101 (RAW)");
    build_free(&builder);
}

/* BSD loopback has the address family in the writer's byte order, and IPv6 has three numbers. */
static void loopback_depends_on_the_writer(void **state)
{
    static const uint32_t families[] = {2, 24, 28, 30};

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        struct builder builder = {.big_endian = i % 2};
        struct outcome outcome;

        /* In a section of the other order first, so that each has its own program. */
        build_section(&builder, i % 2 == 0);
        build_interface(&builder, 0, 0);
        build_packet(&builder, &links[2], 0, 80);
        build_patch(&builder, builder.len - 4 - 44, 2);
        build_section(&builder, i % 2);
        build_interface(&builder, 0, 0);
        build_packet(&builder, &links[2], 0, 80);
        build_patch(&builder, builder.len - 4 - 44, families[i / 2]);
        read_capture(&outcome, temporary_file(builder.data, builder.len), i < 2 ? "ip" : "ip6", 64);
        assert_int_equal(outcome.error, 0);
        assert_int_equal(outcome.count, i < 2 ? 2 : 1);
        build_free(&builder);
    }
}

static void a_second_filter_replaces_the_first(void **state)
{
    struct fst_capture *capture;
    struct fst_packet packets[8];
    struct fst_diag diag;
    size_t count;

    (void)state;
    assert_int_equal(fst_capture_open(&capture, all_links(), &diag), 0);
    assert_int_equal(fst_capture_set_filter(capture, "udp", &diag), 0);
    assert_int_equal(fst_capture_set_filter(capture, "port 80", &diag), 0);
    assert_int_equal(fst_capture_set_filter(capture, "nonsense of a filter", NULL), FST_EFILTER);
    assert_int_equal(fst_capture_read(capture, packets, 8, &count, &diag), 0);
    assert_int_equal(count, 4);
    fst_capture_close(capture);
}

static void link_types_have_the_names_of_files(void **state)
{
    static const struct {
        uint16_t link_type;
        const char *name;
    } cases[] = {{0, "NULL"},        {1, "EN10MB"},   {9, "PPP"},          {100, "ATM_RFC1483"},
                 {101, "RAW"},       {104, "C_HDLC"}, {108, "LOOP"},       {109, "ENC"},
                 {113, "LINUX_SLL"}, {228, "IPV4"},   {276, "LINUX_SLL2"}, {246, "PFSYNC"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *name = fst_link_type_name(cases[i].link_type);

        assert_non_null(name);
        assert_string_equal(name, cases[i].name);
    }
    assert_null(fst_link_type_name(65535));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_link_type_has_its_program),
        cmocka_unit_test(wrong_expressions_fail_at_once),
        cmocka_unit_test(a_link_type_that_does_not_suit_fails_when_met),
        cmocka_unit_test(classic_files_are_checked_at_once),
        cmocka_unit_test(loopback_depends_on_the_writer),
        cmocka_unit_test(a_second_filter_replaces_the_first),
        cmocka_unit_test(link_types_have_the_names_of_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
