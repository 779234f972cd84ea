/* SPDX-License-Identifier: MIT
 *
 * Packets captured twice, by what an analyzer says of them. A capture is written as letters: S and
 * T are SYN and SYN-ACK, A the ACK, B to D text of the client, X to Z text of the server. A letter
 * again is the same packet, in lower case it is the same segment with another IP identification; a
 * digit after it is the interface, and "+20" lets 20 microseconds pass beside the one of each
 * packet.
 */
#include "flow/twice.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/memory.h"
#include "support/unit.h"
#include "support/wire.h"

#define ACK      FST_TCP_ACK
#define SYN      FST_TCP_SYN
#define FIN      FST_TCP_FIN

#define PORT     40000
#define START_NS INT64_C(1700000000000000000)

struct capture {
    struct wire wire;
    int64_t now_us;
    uint16_t port;
    bool no_ids;
};

/* --------------------------------------------------------------------------- writing captures --
 */

static void put_segment(struct wire *wire, uint16_t port, char letter)
{
    unsigned place = (unsigned)(letter - (letter < 'X' ? 'B' : 'X'));

    if (letter == 'S')
        wire_syn(wire, port);
    else if (letter == 'T')
        wire_server(wire, port, SYN | ACK, 0, 1, 0);
    else if (letter == 'A')
        wire_client(wire, port, ACK, 1, 1, 0);
    else if (letter < 'X')
        wire_client(wire, port, ACK, 1 + 10 * place, 1, 10);
    else
        wire_server(wire, port, ACK, 1 + 10 * place, 1, 10);
}

static void put_letter(struct capture *capture, char letter, uint32_t interface)
{
    struct fst_packet *packet;
    uint8_t *octets;

    put_segment(&capture->wire, capture->port, (char)toupper((unsigned char)letter));
    capture->now_us++;
    packet = &capture->wire.packets[capture->wire.count - 1];
    packet->time_ns = START_NS + capture->now_us * 1000;
    packet->interface = interface;
    octets = (uint8_t *)(uintptr_t)packet->data;
    octets[4] = capture->no_ids ? 0 : (uint8_t)capture->port;
    octets[5] = capture->no_ids ? 0 : (uint8_t)letter;
}

static void put(struct capture *capture, const char *text)
{
    for (; *text; text++) {
        if (*text == '+')
            capture->now_us += strtol(text + 1, (char **)(uintptr_t)&text, 10);
        if (isalpha((unsigned char)*text))
            put_letter(capture, *text,
                       isdigit((unsigned char)text[1]) ? (uint32_t)text[1] - '0' : 0);
    }
}

/* ------------------------------------------------------------------------------------ reading --
 */

struct said {
    uint64_t copies, others; /* findings */
};

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct said *said = context;

    if (strcmp(finding->rule->slug, "duplicate-frame") == 0)
        said->copies++;
    else if (strcmp(finding->rule->slug, "unfinished") != 0)
        said->others++;
}

static void on_segment(void *context, const struct fst_segment_event *event)
{
    (void)context;
    (void)event;
}

static struct said read_capture(const struct wire *wire, bool segments, uint32_t max_flows)
{
    struct said said = {0};
    const struct fst_options options = {.max_flows = max_flows,
                                        .events = {.context = &said,
                                                   .segment = segments ? on_segment : NULL,
                                                   .finding = on_finding}};
    struct fst_analyzer *analyzer;

    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    assert_int_equal(fst_analyzer_feed(analyzer, wire->packets, wire->count), 0);
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    fst_analyzer_free(analyzer);
    return said;
}

/* ------------------------------------------------------------------------------------ captures --
 */

static void copies_are_told_from_retransmissions(void **state)
{
    static const struct {
        const char *text;
        bool no_ids;
        uint64_t copies, others;
    } cases[] = {
        /* One interface: the IP identification tells. */
        {"SSTTAA BB XX", false, 5, 0},
        {"SSTTAA BCBC XYXY BCDXYZBCDXYZ", false, 3 + 2 + 2 + 4 + 6, 0},
        {"SSTA BCDBCD XYZXYZ", false, 1 + 3 + 3, 0},
        {"STA BCBC", false, 0, 2},        /* nothing has shown yet that copies are to be expected */
        {"STA BCBC CD DCD", false, 4, 2}, /* ... until one follows its packet */
        {"SSTA BCbc", false, 1, 2},
        {"SSTA BC+1100BC", false, 1, 2},
        {"SSTA", true, 1, 0}, /* a SYN is not sent again so soon */
        {"SSTA BCBC", true, 1, 2},
        /* Two: equal headers are enough. */
        {"S0S1T0T1A0A1 B0C0D0B1C1D1 X0Y0X1Y1", false, 3 + 3 + 2, 0},
        {"S0S1T0T1A0A1 B0C0D0B1C1D1 X0Y0X1Y1", true, 3 + 3 + 2, 0},
        {"S1S0T1T0A1A0 B1C1B0C0", true, 3 + 2, 0},
        {"S0S1T0T1A0A1 B0+50000B1", true, 3 + 1, 0},
        {"S0S1T0T1A0A1 B0+150000B1", true, 3, 1},
        {"S0S1T0T1A0A1 B0B1B0B1", true, 3 + 2, 1}, /* sent twice */
        {"S0S1T0T1A0A1 b0c0B1C1", false, 3, 2},
        /* The interfaces are read in turns: times go back. */
        {"S0T0A0B0 +-4 S1T1A1B1 +10 C0X0 +-2 C1X1", true, 2, 5}, /* from then on */
        /* One direction each: no copies. */
        {"S0T1A0B0X1C0Y1", true, 0, 0},
        {"S0T1A0B0X1B0X1", true, 0, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int segments = 0; segments < 2; segments++) {
            struct capture capture = {.port = PORT, .no_ids = cases[i].no_ids};
            struct said said;

            put(&capture, cases[i].text);
            said = read_capture(&capture.wire, segments, 0);
            CHECK(cases[i].text, said.copies, cases[i].copies);
            CHECK(cases[i].text, said.others, cases[i].others);
            wire_free(&capture.wire);
        }
    }
}

static void identical_acks_are_no_copies(void **state)
{
    struct capture capture = {.port = PORT, .no_ids = true};

    (void)state;
    put(&capture, "S0S1T0T1A0A1 A0A0A1A1");
    assert_int_equal(read_capture(&capture.wire, false, 0).copies, 3 + 2);
    wire_free(&capture.wire);
}

static void late_copies_come_to_the_next_connection(void **state)
{
    struct capture capture = {.port = PORT};

    (void)state;
    put(&capture, "SSTTAA");
    wire_close(&capture.wire, PORT);
    for (unsigned i = 0; i < 3; i++)
        capture.wire.packets[6 + i].time_ns = START_NS + 1000000 + 1000 * i;
    wire_client(&capture.wire, PORT, SYN, 2000000, 0, 0);
    wire_client(&capture.wire, PORT, SYN, 2000000, 0, 0);
    wire_client(&capture.wire, PORT, SYN, 2000001, 0, 0);
    for (unsigned i = 9; i < 12; i++) {
        capture.wire.packets[i].time_ns = START_NS + 2000000 + 1000 * i;
        ((uint8_t *)(uintptr_t)capture.wire.packets[i].data)[5] = i == 11 ? 1 : 2;
    }
    /* SYN, another, and the first again. */
    put_segment(&capture.wire, PORT, 'S');
    assert_int_equal(read_capture(&capture.wire, false, 0).copies, 3 + 1);
    wire_free(&capture.wire);
}

/* There is room for what 64 connections showed; the newest keep it. */
static void memory_of_copies_is_bounded(void **state)
{
    struct capture capture = {{0}};
    uint16_t n;

    (void)state;
    for (n = 0; n < 100; n++) {
        capture.port = (uint16_t)(PORT + n);
        put(&capture, "SSTA");
    }
    for (n = 0; n < 100; n++) {
        capture.port = (uint16_t)(PORT + n);
        put(&capture, "BCBC");
    }
    assert_int_equal(read_capture(&capture.wire, false, 1000).copies, 100 + 64 * 2);
    wire_free(&capture.wire);
}

/* Room goes back with its connection: as many at a time as the table holds, but many in all. */
static void memory_of_copies_is_used_again(void **state)
{
    struct capture capture = {{0}};
    uint16_t n;

    (void)state;
    for (n = 0; n < 1000; n++) {
        capture.port = (uint16_t)(PORT + n);
        put(&capture, "S1S2T1A1 B1C1B2C2");
    }
    assert_int_equal(read_capture(&capture.wire, false, 10).copies, 1000 * 3);
    wire_free(&capture.wire);
}

/* ------------------------------------------------------------------------------ taken over --
 */

static struct fst_segment segment_of(uint64_t packet, uint32_t hash, uint32_t interface)
{
    return (struct fst_segment){.packet = packet,
                                .time_ns = START_NS + (int64_t)packet,
                                .header_hash = hash,
                                .interface = interface,
                                .ip_id = 1};
}

/* The packet, unlike all others, showed a copy in that connection. */
static void expect(struct fst_twice *twice, uint32_t number, uint64_t packet)
{
    const struct fst_segment segment = segment_of(packet, (uint32_t)packet, 0);

    fst_twice_expect(twice, number, &segment);
}

/* Whether it is known there. */
static bool knows(struct fst_twice *twice, uint32_t number, uint64_t packet)
{
    const struct fst_segment segment = segment_of(packet, (uint32_t)packet, 0);
    const struct fst_record record = {.end = {{.packets = 1}, {.packets = 1}}};

    return fst_twice_look(twice, number, &record, &segment, 0);
}

struct two {
    struct memory memory;
    struct fst_twice one, other;
};

#define BASE 100 /* the other's records begin here */

static void two_open(struct two *two)
{
    memory_init(&two->memory);
    fst_twice_init(&two->one, &two->memory.allocator, 1000);
    fst_twice_init(&two->other, &two->memory.allocator, 1000);
}

/* From then on there is no memory. */
static void two_join(struct two *two)
{
    assert_true(fst_twice_make_room(&two->one, &two->other, BASE));
    memory_exhaust(&two->memory);
    fst_twice_absorb(&two->one, &two->other, BASE);
    fst_twice_fini(&two->other);
}

static void two_close(struct two *two)
{
    fst_twice_fini(&two->one);
    assert_int_equal(two->memory.blocks, 0);
}

static void what_another_knows_is_taken_over(void **state)
{
    struct two two;

    (void)state;
    two_open(&two);
    for (uint32_t n = 0; n < 30; n++) {
        expect(&two.one, n, 1000 + n);
        expect(&two.other, 2 * n, 2000 + n);
    }
    two_join(&two);
    for (uint32_t n = 0; n < 30; n++) {
        assert_true(knows(&two.one, n, 1000 + n));
        assert_true(knows(&two.one, BASE + 2 * n, 2000 + n));
        assert_false(knows(&two.one, BASE + 2 * n + 1, 2000 + n));
    }
    assert_int_equal(two.one.ring_count, 60);
    two_close(&two);
}

/* With nothing in one of them, or in both. */
static void nothing_is_taken_over(void **state)
{
    struct two two;

    (void)state;
    for (unsigned which = 0; which < 3; which++) {
        two_open(&two);
        if (which == 1)
            expect(&two.one, 3, 1);
        if (which == 2)
            expect(&two.other, 3, 1);
        two_join(&two);
        assert_int_equal(two.one.ring_count, which != 0);
        if (which != 0)
            assert_true(knows(&two.one, which == 1 ? 3 : BASE + 3, 1));
        two_close(&two);
    }
}

/* The one longest in use goes first, whosever it was. */
static void the_oldest_goes_first(void **state)
{
    static const uint32_t order[] = {2, BASE + 7, BASE + 1, 5, 0, BASE + 0};
    struct two two;

    (void)state;
    two_open(&two);
    for (uint32_t i = 0; i < COUNT(order); i++)
        expect(order[i] < BASE ? &two.one : &two.other, order[i] % BASE, 10 + i);
    two_join(&two);
    two.one.ring_limit = COUNT(order);
    for (uint32_t i = 0; i < COUNT(order); i++) {
        for (uint32_t k = i; k < COUNT(order); k++)
            assert_true(knows(&two.one, order[k], 10 + k));
        expect(&two.one, 50 + i, 90 + i);
        assert_true(knows(&two.one, 50 + i, 90 + i));
        assert_false(knows(&two.one, order[i], 10 + i));
    }
    two_close(&two);
}

/* Those that went back are used again, without memory. */
static void rings_in_no_use_are_taken_over(void **state)
{
    struct two two;

    (void)state;
    two_open(&two);
    for (uint32_t n = 0; n < 6; n++) {
        expect(&two.one, n, 10 + 2 * n);
        expect(&two.other, n, 11 + 2 * n);
    }
    for (uint32_t n = 0; n < 6; n += 2) {
        fst_twice_forget(&two.one, n);
        fst_twice_forget(&two.other, n + 1);
    }
    two_join(&two);
    for (uint32_t n = 0; n < 6; n++)
        expect(&two.one, 20 + n, 50 + n);
    expect(&two.one, 30, 99); /* all are in use again */
    for (uint32_t n = 0; n < 6; n++) {
        assert_true(knows(&two.one, 20 + n, 50 + n));
        assert_int_equal(knows(&two.one, n, 10 + 2 * n), n % 2 == 1);
        assert_int_equal(knows(&two.one, BASE + n, 11 + 2 * n), n % 2 == 0);
    }
    assert_false(knows(&two.one, 30, 99));
    two_close(&two);
}

/* A direction whose interface changes shows that copies may come. */
static void interfaces_are_taken_over(void **state)
{
    const struct fst_record record = {
        .ts_last = START_NS + 5, .last_hash = 77, .end = {{.packets = 1}, {.packets = 1}}};
    const struct fst_segment before = segment_of(5, 77, 3), after = segment_of(6, 77, 4);
    struct two two;

    (void)state;
    two_open(&two);
    assert_false(fst_twice_look(&two.other, 9, NULL, &before, 1));
    assert_true(fst_twice_make_room(&two.one, &two.other, BASE));
    fst_twice_absorb(&two.one, &two.other, BASE);
    fst_twice_fini(&two.other);
    assert_false(fst_twice_look(&two.one, BASE + 9, &record, &before, 1)); /* the same one */
    assert_true(fst_twice_look(&two.one, BASE + 9, &record, &after, 1));
    two_close(&two);
}

static void short_of_memory_both_stay_as_they_were(void **state)
{
    struct two two;

    (void)state;
    for (uint64_t nth = 1; nth <= 2; nth++) {
        two_open(&two);
        for (uint32_t n = 0; n < 16; n++) {
            expect(&two.one, n, 10 + n);
            expect(&two.other, n, 50 + n);
        }
        memory_fail(&two.memory, nth);
        assert_false(fst_twice_make_room(&two.one, &two.other, BASE));
        for (uint32_t n = 0; n < 16; n++) {
            assert_true(knows(&two.one, n, 10 + n));
            assert_true(knows(&two.other, n, 50 + n));
        }
        memory_replenish(&two.memory);
        two_join(&two);
        assert_true(knows(&two.one, BASE + 15, 65));
        two_close(&two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_told_from_retransmissions),
        cmocka_unit_test(identical_acks_are_no_copies),
        cmocka_unit_test(late_copies_come_to_the_next_connection),
        cmocka_unit_test(memory_of_copies_is_bounded),
        cmocka_unit_test(memory_of_copies_is_used_again),
        cmocka_unit_test(what_another_knows_is_taken_over),
        cmocka_unit_test(nothing_is_taken_over),
        cmocka_unit_test(the_oldest_goes_first),
        cmocka_unit_test(rings_in_no_use_are_taken_over),
        cmocka_unit_test(interfaces_are_taken_over),
        cmocka_unit_test(short_of_memory_both_stay_as_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
