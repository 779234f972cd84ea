/* SPDX-License-Identifier: MIT
 *
 * The parser of scenarios: every mistake is named with its line, and what is right comes out as
 * written. The frames: octets at the places where RFC 791, 8200 and 9293 put them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/frame.h"
#include "support/scenario.h"

static struct scenario *parsed(const char *text)
{
    struct scenario *scenario;
    struct fst_diag diag;

    if (scenario_parse(&scenario, "t.scn", text, &diag) != 0)
        fail_msg("%s", diag.message);
    return scenario;
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *text;
        const char *message; /* after "t.scn:" */
    } cases[] = {
        {"", "1: no segment"},
        {"\n# only a comment\n", "3: no segment"},
        {"C > S 0:0(0)\n", "1: A > or B > expected"},
        {"A < S 0:0(0)\n", "1: A > or B > expected"},
        {"A > X 0:0(0)\n", "1: flags are of SFRPUEW and '.', or '-' for none, not 'X'"},
        {"A > S 0:1(0)\n", "1: END is not SEQ + LEN"},
        {"A > R =0:0(0)\n", "1: END is not SEQ + LEN"},
        {"A > S 0-1(0)\n", "1: ':' expected in SEQ:END(LEN), not '-1(0)'"},
        {"A > S 0:70000(70000)\n", "1: length: above 65000"},
        {"A > S 4294967296:0(0)\n", "1: sequence number: above 4294967295"},
        {"A > . 0:0(0)\n", "1: flag '.' without ack"},
        {"A > S 0:0(0) win 65536\n", "1: win: above 65535"},
        {"A > S 0:0(0) wine 1\n", "1: unknown word 'wine'"},
        {"A > S 0:0(0) <mss>\n", "1: mss: a number expected, not '>'"},
        {"A > S 0:0(0) <mss 1460\n", "1: ',' expected in the options, not ''"},
        {"A > S 0:0(0) <mtu 1460>\n", "1: unknown option 'mtu'"},
        {"A > S 0:0(0) <TS 1 2>\n", "1: TS val N ecr N expected"},
        {"A > S 0:0(0) <raw 0>\n", "1: an odd number of hex digits"},
        {"A > S 0:0(0) <sack 1:2 3:4 5:6 7:8,mss 1460>\n", NULL},
        {"A > S 0:0(0) <sack 1:2 3:4 5:6 7:8 9:10>\n", "1: more than 8 edges of SACK blocks"},
        {"A > S 0:0(0) <sack 1:2 3:4 5:6 7:8,TS val 1 ecr 2>\n",
         "1: more than 40 octets of options"},
        {"A > S 0:0(0) dup-frame\n", "1: dup-frame differs from the segment before"},
        {"A > S 0:0(0)\nB > S 0:0(0) dup-frame\n", "2: dup-frame differs from the segment before"},
        {"A > S 0:0(0)\nA > S 1:1(0) dup-frame\n", "2: dup-frame differs from the segment before"},
        {"A > S 0:0(0) offset 16\n", "1: offset: above 15"},
        {"+0.02x A > S 0:0(0)\n", "1: a time in seconds expected, as +0.020"},
        {"? A CLOSED\nA > S 0:0(0)\n", "1: an assertion before the first segment"},
        {"A > S 0:0(0)\n? A SYN-SEND\n", "2: 'SYN-SEND' is no state"},
        {"A > S 0:0(0)\n?\n", "2: A STATE or B STATE expected"},
        {"A > S 0:0(0)\n? A CLOSED A CLOSED\n", "2: the states of a side are asserted twice"},
        {"A > S 0:0(0)\n? A CLOSED|LISTEN\n",
         "2: one likely state expected; others follow `maybe`"},
        {"A > S 0:0(0)\n? A CLOSED not CLOSED\n", "2: a state cannot be both possible and not"},
        {"A > S 0:0(0)\nend: ? A CLOSED\n",
         "2: end: goes with findings; states are asserted after a segment"},
        {"A > S 0:0(0)\n! anomaly x\n", "2: A, B or - expected after '!'"},
        {"A > S 0:0(0)\n! A odd x\n", "2: 'odd' is no class of finding"},
        {"A > S 0:0(0)\n! A capture/odd x\n", "2: 'odd' is no class of finding"},
        {"A > S 0:0(0)\n! A anomaly\n", "2: the name of a rule expected"},
        {"A > S 0:0(0)\n! A anomaly x y\n", "2: nothing expected after the rule, not 'y'"},
        {"A > S 0:0(0)\nlossless: A CLOSED\n", "2: '?' or '!' expected"},
        {"iss C 1\n", "1: iss A N or iss B N expected"},
        {"A > S 0:0(0)\nipv6\n", "2: a directive of the file must stand before its first segment"},
        {"ipv6 please\n", "1: nothing expected after the directive, not 'please'"},
        {"vlan 5000\n", "1: vlan: above 4094"},
        {"listen\n", "1: neither a segment, an assertion nor a directive: 'listen'"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scenario *scenario;
        struct fst_diag diag;
        int error = scenario_parse(&scenario, "t.scn", cases[i].text, &diag);

        print_message("%s", cases[i].text);
        if (!cases[i].message) {
            assert_int_equal(error, 0);
            scenario_free(scenario);
            continue;
        }
        assert_int_equal(error, FST_EFORMAT);
        assert_null(scenario);
        assert_memory_equal(diag.message, "t.scn:", 6);
        assert_string_equal(diag.message + 6, cases[i].message);
    }
}

static void long_lines_are_refused(void **state)
{
    char text[1000];
    struct scenario *scenario;
    struct fst_diag diag;

    (void)state;
    memset(text, '#', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(scenario_parse(&scenario, "t.scn", text, &diag), FST_EFORMAT);
}

static void missing_file_is_an_error(void **state)
{
    struct scenario *scenario;
    struct fst_diag diag;

    (void)state;
    assert_int_equal(scenario_load(&scenario, "/nonexistent.scn", &diag), FST_EOPEN);
    assert_null(scenario);
}

static void segments_come_out_as_written(void **state)
{
    struct scenario *scenario = parsed("iss A 7 # ours\n"
                                       "+1.5  A > SEW 0:3(3)  win 8000 <mss 1460,nop,sackOK>\n"
                                       "-0.25 B > .   =9:=9(0) ack 4 urg 2 bad-checksum snap 60\n");
    const struct scn_segment *a = &scenario->segments[0];
    const struct scn_segment *b = &scenario->segments[1];

    (void)state;
    assert_int_equal(scenario->segment_count, 2);
    assert_true(scenario->iss_given[SCN_A] && !scenario->iss_given[SCN_B]);
    assert_int_equal(a->line, 2);
    assert_int_equal(a->sender, SCN_A);
    assert_int_equal(a->delta_ns, 1500000000);
    assert_int_equal(a->flags, FST_TCP_SYN | FST_TCP_ECE | FST_TCP_CWR);
    assert_int_equal(a->payload_len, 3);
    assert_int_equal(a->wnd_raw, 8000);
    assert_int_equal(a->option_len, 7);
    assert_memory_equal(a->options, "\x02\x04\x05\xb4\x01\x04\x02", 7);
    assert_int_equal(b->delta_ns, -250000000);
    assert_true(b->seq.absolute && !b->ack.absolute);
    assert_int_equal(b->ack.value, 4);
    assert_int_equal(b->urgent, 2);
    assert_int_equal(b->snap, 60);
    assert_true(b->bad_checksum);
    scenario_free(scenario);
}

static void assertions_come_out_as_written(void **state)
{
    struct scenario *scenario = parsed("A > S 0:0(0)\n"
                                       "? B LISTEN maybe CLOSED|SYN-RECEIVED not TIME-WAIT\n"
                                       "! A anomaly syn-retransmit\n"
                                       "lossless: ! B capture/illegal ack-of-unseen-data\n"
                                       "A > S 0:0(0)\n"
                                       "default: end: ! - anomaly unfinished\n");
    const struct scn_assertion *is = scenario->assertions;

    (void)state;
    assert_int_equal(scenario->assertion_count, 4);
    assert_int_equal(is[0].kind, SCN_STATES);
    assert_false(is[0].states[SCN_A].asserted);
    assert_int_equal(is[0].states[SCN_B].likely, FST_LISTEN);
    assert_int_equal(is[0].states[SCN_B].possible,
                     1 << FST_LISTEN | 1 << FST_CLOSED | 1 << FST_SYN_RECEIVED);
    assert_int_equal(is[0].states[SCN_B].impossible, 1 << FST_TIME_WAIT);
    assert_int_equal(is[1].side, SCN_A);
    assert_int_equal(is[1].modes, SCN_IN_DEFAULT | SCN_IN_LOSSLESS);
    assert_int_equal(is[1].class_[SCN_LOSSLESS], FST_ANOMALY);
    assert_int_equal(is[2].modes, SCN_IN_LOSSLESS);
    assert_int_equal(is[2].class_[SCN_DEFAULT], FST_CAPTURE);
    assert_int_equal(is[2].class_[SCN_LOSSLESS], FST_ILLEGAL);
    assert_string_equal(is[2].rule, "ack-of-unseen-data");
    assert_int_equal(is[2].segment, 0);
    assert_int_equal(is[3].segment, 1);
    assert_int_equal(is[3].side, SCN_NOBODY);
    assert_int_equal(is[3].modes, SCN_IN_DEFAULT);
    assert_true(is[3].at_end);
    scenario_free(scenario);
}

/* One's complement sum over octets: 0xffff over a header with its right checksum. */
static unsigned sum_of(const uint8_t *octets, size_t len, unsigned sum)
{
    size_t i;

    for (i = 0; i < len; i++)
        sum += i % 2 ? octets[i] : (unsigned)octets[i] << 8;
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static struct scn_packets built(const struct scenario *scenario, const struct scn_world *world)
{
    struct scn_packets packets;

    assert_int_equal(scn_packets_build(&packets, scenario, world), 0);
    assert_int_equal(packets.count, scenario->segment_count);
    return packets;
}

static void frames_have_their_octets(void **state)
{
    struct scenario *scenario =
        parsed("vlan 7\n"
               "A > S 0:3(3) win 8000 <mss 1460,sackOK,wscale 7>\n"
               "+0 A > S 0:3(3) win 8000 <mss 1460,sackOK,wscale 7> dup-frame\n"
               "vlan none\n"
               "B > . 1:1(0) ack 1 <sack 2:4> snap 60\n");
    struct scn_world world = {.iss = {0xfffffffe, 0x10}};
    struct scn_packets packets = built(scenario, &world);
    const struct fst_packet *a = &packets.packets[0];
    const struct fst_packet *b = &packets.packets[2];

    (void)state;
    assert_int_equal(a->captured_len, 18 + 20 + 32 + 3);
    assert_memory_equal(a->data + 12, "\x81\x00\x00\x07\x08\x00\x45", 7);
    assert_memory_equal(a->data + 18 + 12, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
    assert_int_equal(sum_of(a->data + 18, 20, 0), 0xffff);
    assert_int_equal(sum_of(a->data + 18 + 12, 8 + 32 + 3, 6 + 32 + 3), 0xffff);
    assert_memory_equal(a->data + 38, "\xc0\x00\x00\x50\xff\xff\xff\xfe\0\0\0\0\x80\x02\x1f\x40",
                        16);
    assert_memory_equal(a->data + 70, "abc", 3);
    assert_int_equal(packets.packets[1].captured_len, a->captured_len);
    assert_memory_equal(packets.packets[1].data, a->data, a->captured_len);
    assert_int_equal(packets.packets[1].time_ns, a->time_ns);
    assert_int_equal(b->captured_len, 60);
    assert_int_equal(b->original_len, 14 + 20 + 32);
    /* SACK edges are numbers of A: 2 and 4 beyond its ISS, wrapped. */
    assert_memory_equal(b->data + 14 + 40, "\x05\x0a\0\0\0\0", 6);
    assert_memory_equal(b->data + 14 + 20 + 8, "\xff\xff\xff\xff", 4);
    scn_packets_free(&packets);
    scenario_free(scenario);
}

static void swapping_exchanges_addresses_only(void **state)
{
    struct scenario *scenario = parsed("ipv6\nraw-ip\nA > R =0:=0(0) offset 4 bad-checksum\n");
    struct scn_world world = {.swapped = true, .iss = {100, 200}};
    struct scn_packets packets = built(scenario, &world);
    const struct fst_packet *a = &packets.packets[0];
    uint16_t port;

    (void)state;
    assert_int_equal(a->link_type, 101);
    assert_int_equal(a->captured_len, 40 + 20);
    assert_int_equal(a->data[8 + 15], 2);
    assert_int_equal(a->data[24 + 15], 1);
    assert_memory_equal(a->data + 40, "\xc0\x00\x00\x50\0\0\0\0\0\0\0\0\x40\x04", 14);
    assert_int_not_equal(sum_of(a->data + 8, 32 + 20, 6 + 20), 0xffff);
    assert_int_equal(scn_address(scenario, &world, SCN_A, &port).octets[15], 2);
    assert_int_equal(port, 49152);
    scn_packets_free(&packets);
    scenario_free(scenario);
}

/* Offloaded: the field holds the sum of the pseudo-header, so that of the whole segment is not
 * right. */
static void offloaded_checksum_sums_the_pseudo_header(void **state)
{
    struct scenario *scenario = parsed("A > S 0:0(0) offload-checksum\n");
    struct scn_world world = scn_usual_world(scenario);
    struct scn_packets packets = built(scenario, &world);
    const uint8_t *ip = packets.packets[0].data + 14;

    (void)state;
    assert_int_equal((unsigned)ip[36] << 8 | ip[37], sum_of(ip + 12, 8, 6 + 20));
    scn_packets_free(&packets);
    scenario_free(scenario);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(long_lines_are_refused),
        cmocka_unit_test(missing_file_is_an_error),
        cmocka_unit_test(segments_come_out_as_written),
        cmocka_unit_test(assertions_come_out_as_written),
        cmocka_unit_test(frames_have_their_octets),
        cmocka_unit_test(swapping_exchanges_addresses_only),
        cmocka_unit_test(offloaded_checksum_sums_the_pseudo_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
