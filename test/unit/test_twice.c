/* SPDX-License-Identifier: MIT
 *
 * Packets captured twice, by what an analyzer says of them. A capture is written as letters: S and
 * T are SYN and SYN-ACK, A the ACK, B to D text of the client, X to Z text of the server. A letter
 * again is the same packet, in lower case it is the same segment with another IP identification; a
 * digit after it is the interface, and "+20" lets 20 microseconds pass beside the one of each
 * packet.
 */
#include "flowstate/flowstate.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_are_told_from_retransmissions),
        cmocka_unit_test(identical_acks_are_no_copies),
        cmocka_unit_test(late_copies_come_to_the_next_connection),
        cmocka_unit_test(memory_of_copies_is_bounded),
        cmocka_unit_test(memory_of_copies_is_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
