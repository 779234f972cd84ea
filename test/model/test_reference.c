/* SPDX-License-Identifier: MIT
 *
 * The reference endpoints against the figures of RFC 9293 and against properties that hold for any
 * conforming pair: the model is the judge of the observer, so it must itself be in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "explain.h"

enum { A, B };

struct bench {
    struct world world;
    struct settings settings;
    struct oracle oracle;
};

static void bench_init(struct bench *bench, unsigned sends, unsigned text, unsigned lives)
{
    memset(bench, 0, sizeof *bench);
    settings_init(&bench->settings);
    bench->settings.sends = sends;
    bench->settings.text = text;
    bench->settings.lives = lives;
    bench->settings.any_order = false;
    bench->settings.events = EVENTS_ALL;
    bench->oracle.open = 0; /* RFC 9293's main line */
    world_init(&bench->world, &bench->settings);
}

static void act(struct bench *bench, unsigned side, enum event_kind kind)
{
    struct event event = {.kind = (uint8_t)kind, .side = (uint8_t)side};

    oracle_begin(&bench->oracle, NULL);
    if (!world_step(&bench->world, &bench->settings, &event, false, &bench->oracle))
        fail_msg("%c: %s is not possible", "AB"[side], event_name(kind));
}

/* As act(), with the first free decisions given. */
static void act_with(struct bench *bench, unsigned side, enum event_kind kind, uint32_t open,
                     uint8_t digit)
{
    struct event event = {.kind = (uint8_t)kind, .side = (uint8_t)side};
    struct tape tape = {.count = 1, .digit = {digit}};

    bench->oracle.open = open;
    oracle_begin(&bench->oracle, &tape);
    assert_true(world_step(&bench->world, &bench->settings, &event, false, &bench->oracle));
    bench->oracle.open = 0;
}

/* Let the oldest segment of `side` cross the whole network; return it. */
static struct model_segment cross(struct bench *bench, unsigned side)
{
    struct model_segment segment;

    assert_true(bench->world.bag[side][BEFORE_TAP].count > 0);
    segment = bench->world.bag[side][BEFORE_TAP].item[0];
    act(bench, side, EVENT_TAP);
    act(bench, side, EVENT_DELIVER);
    return segment;
}

static void expect_states(const struct bench *bench, enum fst_state a, enum fst_state b)
{
    assert_int_equal(bench->world.host[A].endpoint.state, a);
    assert_int_equal(bench->world.host[B].endpoint.state, b);
}

/* Numbers relative to the first ISN of each side. */
static void expect_segment(const struct bench *bench, unsigned side, struct model_segment segment,
                           unsigned control, uint32_t seq, uint32_t ack, unsigned len)
{
    assert_int_equal(segment.control, control);
    assert_int_equal(segment.seq - bench->settings.base_isn[side], seq);
    if (control & CTL_ACK)
        assert_int_equal(segment.ack - bench->settings.base_isn[!side], ack);
    assert_int_equal(segment.len, len);
}

static void establish(struct bench *bench)
{
    act(bench, B, EVENT_LISTEN);
    act(bench, A, EVENT_CONNECT);
    cross(bench, A);
    cross(bench, B);
    cross(bench, A);
    expect_states(bench, FST_ESTABLISHED, FST_ESTABLISHED);
}

static void figure_6_handshake(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 1, 1);
    act(&bench, B, EVENT_LISTEN);
    act(&bench, A, EVENT_CONNECT);
    expect_states(&bench, FST_SYN_SENT, FST_LISTEN);
    expect_segment(&bench, A, cross(&bench, A), CTL_SYN, 0, 0, 0);
    expect_states(&bench, FST_SYN_SENT, FST_SYN_RECEIVED);
    expect_segment(&bench, B, cross(&bench, B), CTL_SYN | CTL_ACK, 0, 1, 0);
    expect_states(&bench, FST_ESTABLISHED, FST_SYN_RECEIVED);
    expect_segment(&bench, A, cross(&bench, A), CTL_ACK, 1, 1, 0);
    expect_states(&bench, FST_ESTABLISHED, FST_ESTABLISHED);
    act(&bench, A, EVENT_SEND);
    expect_segment(&bench, A, cross(&bench, A), CTL_ACK, 1, 1, 1);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 2, 0);
    assert_true(world_is_quiet(&bench.world));
}

/* By the letter the crossing SYN-ACKs are unacceptable and answered by ACKs, which establish. */
static void figure_7_simultaneous_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 1);
    act(&bench, A, EVENT_CONNECT);
    act(&bench, B, EVENT_CONNECT);
    cross(&bench, B);
    expect_states(&bench, FST_SYN_RECEIVED, FST_SYN_SENT);
    cross(&bench, A);
    expect_states(&bench, FST_SYN_RECEIVED, FST_SYN_RECEIVED);
    expect_segment(&bench, A, cross(&bench, A), CTL_SYN | CTL_ACK, 0, 1, 0);
    expect_segment(&bench, B, cross(&bench, B), CTL_SYN | CTL_ACK, 0, 1, 0);
    expect_states(&bench, FST_SYN_RECEIVED, FST_SYN_RECEIVED);
    cross(&bench, A);
    cross(&bench, B);
    expect_states(&bench, FST_ESTABLISHED, FST_ESTABLISHED);
}

static void figure_7_crossing_syn_ack_taken(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 1);
    act(&bench, A, EVENT_CONNECT);
    act(&bench, B, EVENT_CONNECT);
    cross(&bench, B);
    cross(&bench, A);
    act(&bench, A, EVENT_TAP);
    act_with(&bench, A, EVENT_DELIVER, 1u << CHOICE_CROSSING, 1);
    expect_states(&bench, FST_SYN_RECEIVED, FST_ESTABLISHED);
}

/* An old SYN reaches B first; A resets what it opened, B listens again. */
static void figure_8_old_duplicate_syn(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 2);
    act(&bench, B, EVENT_LISTEN);
    act(&bench, A, EVENT_CONNECT);
    act(&bench, A, EVENT_GIVE_UP);
    act(&bench, A, EVENT_CONNECT);
    cross(&bench, A);
    expect_states(&bench, FST_SYN_SENT, FST_SYN_RECEIVED);
    act(&bench, B, EVENT_TAP);
    act(&bench, A, EVENT_TAP); /* the new SYN */
    act(&bench, B, EVENT_DELIVER);
    expect_states(&bench, FST_SYN_SENT, FST_SYN_RECEIVED);
    act(&bench, A, EVENT_DELIVER);                                 /* new SYN at B: ACK */
    expect_segment(&bench, A, cross(&bench, A), CTL_RST, 1, 0, 0); /* SEQ = SEG.ACK */
    expect_states(&bench, FST_SYN_SENT, FST_LISTEN);
    bench.world.bag[B][BEFORE_TAP].count = 0;
    act(&bench, A, EVENT_RETRANSMIT);
    cross(&bench, A);
    cross(&bench, B);
    cross(&bench, A);
    expect_states(&bench, FST_ESTABLISHED, FST_ESTABLISHED);
}

/* A has crashed and opens again; B's ACK draws a RST, the next SYN finds B ready. */
static void figure_9_half_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 2);
    establish(&bench);
    act(&bench, A, EVENT_VANISH);
    assert_int_equal(host_truth(&bench.world.host[A]), 0);
    act(&bench, A, EVENT_CONNECT);
    cross(&bench, A);
    expect_states(&bench, FST_SYN_SENT, FST_ESTABLISHED);
    assert_int_equal(host_truth(&bench.world.host[A]), 1u << FST_SYN_SENT);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 1, 0);
    expect_segment(&bench, A, cross(&bench, A), CTL_RST, 1, 0, 0);
    expect_states(&bench, FST_SYN_SENT, FST_CLOSED);
    act(&bench, B, EVENT_LISTEN);
    act(&bench, A, EVENT_RETRANSMIT);
    cross(&bench, A);
    cross(&bench, B);
    cross(&bench, A);
    expect_states(&bench, FST_ESTABLISHED, FST_ESTABLISHED);
}

static void figure_10_data_finds_half_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 3, 1);
    establish(&bench);
    act(&bench, A, EVENT_VANISH);
    act(&bench, B, EVENT_SEND);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 1, 1);
    expect_segment(&bench, A, cross(&bench, A), CTL_RST, 1, 0, 0);
    expect_states(&bench, FST_CLOSED, FST_CLOSED);
}

/* An old SYN between two listeners. */
static void figure_11_two_listeners(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 2);
    act(&bench, A, EVENT_CONNECT);
    act(&bench, A, EVENT_GIVE_UP);
    act(&bench, A, EVENT_LISTEN);
    act(&bench, B, EVENT_LISTEN);
    cross(&bench, A);
    expect_states(&bench, FST_LISTEN, FST_SYN_RECEIVED);
    cross(&bench, B);
    expect_segment(&bench, A, cross(&bench, A), CTL_RST, 1, 0, 0);
    expect_states(&bench, FST_LISTEN, FST_LISTEN);
}

static void figure_12_normal_close(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 1);
    establish(&bench);
    act(&bench, A, EVENT_CLOSE);
    expect_segment(&bench, A, cross(&bench, A), CTL_FIN | CTL_ACK, 1, 1, 0);
    expect_states(&bench, FST_FIN_WAIT_1, FST_CLOSE_WAIT);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 2, 0);
    expect_states(&bench, FST_FIN_WAIT_2, FST_CLOSE_WAIT);
    act(&bench, B, EVENT_CLOSE);
    expect_segment(&bench, B, cross(&bench, B), CTL_FIN | CTL_ACK, 1, 2, 0);
    expect_states(&bench, FST_TIME_WAIT, FST_LAST_ACK);
    expect_segment(&bench, A, cross(&bench, A), CTL_ACK, 2, 2, 0);
    expect_states(&bench, FST_TIME_WAIT, FST_CLOSED);
    act(&bench, A, EVENT_TIME_WAIT_OVER);
    expect_states(&bench, FST_CLOSED, FST_CLOSED);
}

static void figure_13_simultaneous_close(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 1);
    establish(&bench);
    act(&bench, A, EVENT_CLOSE);
    act(&bench, B, EVENT_CLOSE);
    cross(&bench, A);
    cross(&bench, B);
    expect_states(&bench, FST_CLOSING, FST_CLOSING);
    cross(&bench, A);
    expect_states(&bench, FST_CLOSING, FST_TIME_WAIT);
    cross(&bench, B);
    expect_states(&bench, FST_TIME_WAIT, FST_TIME_WAIT);
}

/* The FIN arrives before the text it follows and waits: 3.10.7.4 first, SHLD-31. */
static void fin_waits_behind_a_hole(void **state)
{
    struct bench bench;
    struct event fin = {.kind = EVENT_TAP, .side = A, .index = 1};

    (void)state;
    bench_init(&bench, 9, 1, 1);
    bench.settings.any_order = true;
    establish(&bench);
    act(&bench, A, EVENT_SEND);
    act(&bench, A, EVENT_CLOSE);
    assert_true(world_step(&bench.world, &bench.settings, &fin, false, &bench.oracle));
    act(&bench, A, EVENT_DELIVER);
    expect_states(&bench, FST_FIN_WAIT_1, FST_ESTABLISHED);
    cross(&bench, A);
    expect_states(&bench, FST_FIN_WAIT_1, FST_CLOSE_WAIT);
    assert_int_equal(bench.world.host[B].endpoint.rcv_nxt - bench.settings.base_isn[A], 3);
}

/* CLOSE in SYN-RECEIVED; the FIN also acknowledges the SYN, so the peer goes on to CLOSE-WAIT. */
static void close_in_syn_received(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 1);
    act(&bench, B, EVENT_LISTEN);
    act(&bench, A, EVENT_CONNECT);
    cross(&bench, A);
    act(&bench, B, EVENT_CLOSE);
    expect_states(&bench, FST_SYN_SENT, FST_FIN_WAIT_1);
    assert_int_equal(host_truth(&bench.world.host[B]),
                     1u << FST_FIN_WAIT_1 | 1u << FST_SYN_RECEIVED);
    cross(&bench, B);
    cross(&bench, B);
    expect_states(&bench, FST_CLOSE_WAIT, FST_FIN_WAIT_1);
    cross(&bench, A);
    cross(&bench, A);
    expect_states(&bench, FST_CLOSE_WAIT, FST_FIN_WAIT_2);
}

/* RFC 5961 by default, RFC 793 by choice. */
static void inexact_reset(void **state)
{
    struct bench bench;
    struct model_segment reset = {.control = CTL_RST};

    (void)state;
    for (uint8_t rule = 0; rule < 2; rule++) {
        bench_init(&bench, 9, 0, 1);
        establish(&bench);
        reset.seq = bench.world.host[A].endpoint.snd_nxt + 7;
        bench.world.bag[A][BEHIND_TAP].item[0] = reset;
        bench.world.bag[A][BEHIND_TAP].count = 1;
        act_with(&bench, A, EVENT_DELIVER, 1u << CHOICE_RST_RULE, rule);
        expect_states(&bench, FST_ESTABLISHED, rule ? FST_CLOSED : FST_ESTABLISHED);
        assert_int_equal(bench.world.bag[B][BEFORE_TAP].count, !rule);
    }
}

static void time_wait_takes_a_newer_syn(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 0, 2);
    establish(&bench);
    act(&bench, B, EVENT_CLOSE);
    cross(&bench, B);
    cross(&bench, A);
    act(&bench, A, EVENT_CLOSE);
    cross(&bench, A);
    cross(&bench, B);
    expect_states(&bench, FST_CLOSED, FST_TIME_WAIT);
    act(&bench, A, EVENT_CONNECT);
    act(&bench, A, EVENT_TAP);
    act_with(&bench, A, EVENT_DELIVER, 1u << CHOICE_TIME_WAIT_REUSE, 1);
    expect_states(&bench, FST_SYN_SENT, FST_SYN_RECEIVED);
    assert_int_equal(bench.world.host[B].endpoint.life, 2);
}

static void fast_open_server_talks_first(void **state)
{
    struct bench bench;
    struct event connect = {.kind = EVENT_CONNECT, .side = A};
    struct tape tape = {.count = 2, .digit = {2, 1}};

    (void)state;
    bench_init(&bench, 9, 2, 1);
    act(&bench, B, EVENT_LISTEN);
    bench.oracle.open = 1u << CHOICE_SYN_TEXT | 1u << CHOICE_FAST_OPEN;
    oracle_begin(&bench.oracle, &tape);
    assert_true(world_step(&bench.world, &bench.settings, &connect, false, &bench.oracle));
    bench.oracle.open = 0;
    act(&bench, A, EVENT_TAP);
    act_with(&bench, A, EVENT_DELIVER, 1u << CHOICE_FAST_OPEN, 1);
    act(&bench, B, EVENT_SEND);
    expect_states(&bench, FST_SYN_SENT, FST_SYN_RECEIVED);
    expect_segment(&bench, B, cross(&bench, B), CTL_SYN | CTL_ACK, 0, 3, 0);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 3, 1);
    expect_states(&bench, FST_ESTABLISHED, FST_SYN_RECEIVED);
}

static void zero_window_and_probe(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, 12, 3, 1);
    bench.settings.window = 1;
    bench.settings.flow_control = true;
    world_init(&bench.world, &bench.settings);
    establish(&bench);
    act(&bench, A, EVENT_SEND);
    cross(&bench, A);
    assert_int_equal(cross(&bench, B).wnd, 0);
    act(&bench, A, EVENT_PROBE);
    expect_segment(&bench, A, cross(&bench, A), CTL_ACK, 2, 1, 1);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 2, 0); /* not taken */
    act(&bench, B, EVENT_READ);
    assert_int_equal(cross(&bench, B).wnd, 1);
    act(&bench, A, EVENT_RETRANSMIT);
    cross(&bench, A);
    expect_segment(&bench, B, cross(&bench, B), CTL_ACK, 1, 3, 0);
}

/* What holds for every segment of a conforming endpoint, whatever the network does. */
static void check_emissions(const struct world *world, unsigned side)
{
    const struct endpoint *own = &world->host[side].endpoint;
    const struct endpoint *peer = &world->host[!side].endpoint;

    if (own->state >= FST_SYN_SENT) {
        assert_false(before(own->snd_nxt, own->snd_una));
        assert_false(before(own->snd_una, own->iss));
        assert_true(!own->fin_sent || own->state >= FST_FIN_WAIT_1);
    }
    if (own->state >= FST_ESTABLISHED && peer->state >= FST_ESTABLISHED && own->irs == peer->iss)
        assert_false(before(peer->snd_nxt, own->rcv_nxt));
}

/* Drawn rarely, or no connection gets old. */
#define ENDS                                                                                       \
    (1u << EVENT_VANISH | 1u << EVENT_ABORT | 1u << EVENT_GIVE_UP | 1u << EVENT_UNLISTEN |         \
     1u << EVENT_TIME_WAIT_OVER)

static void random_walks_keep_the_endpoints_in_order(void **state)
{
    uint64_t seed = 1;
    unsigned seen[2] = {0, 0};
    struct event events[EVENTS_MAX];
    struct bench bench;

    (void)state;
    for (unsigned run = 0; run < 3000; run++) {
        bench_init(&bench, 200, 30, 4);
        bench.settings.any_order = run & 1;
        bench.settings.duplicates = 50;
        bench.settings.isn_policies[A] = bench.settings.isn_policies[B] =
            ISN_FAR | ISN_ABOVE | ISN_BELOW;
        world_init(&bench.world, &bench.settings);
        bench.oracle.random = &seed;
        bench.oracle.open = CHOICES_ALL;
        for (unsigned step = 0; step < 150; step++) {
            unsigned count = world_events(&bench.world, &bench.settings, events);
            struct event event = events[random_below(&seed, count)];
            struct world next = bench.world;

            if ((1u << event.kind & ENDS) && random_below(&seed, 16))
                continue;
            oracle_begin(&bench.oracle, NULL);
            if (!world_step(&next, &bench.settings, &event, false, &bench.oracle))
                continue;
            bench.world = next;
            for (unsigned side = 0; side < 2; side++) {
                check_emissions(&bench.world, side);
                seen[side] |= 1u << bench.world.host[side].endpoint.state;
            }
        }
    }
    assert_int_equal(seen[A], (1u << FST_STATE_COUNT) - 1);
    assert_int_equal(seen[B], (1u << FST_STATE_COUNT) - 1);
}

/* The search for an explanation finds one for whatever the model has done. */
static void conforming_captures_are_explained(void **state)
{
    static struct capture capture;
    uint64_t seed = 2;
    struct event events[EVENTS_MAX];
    struct bench bench;
    unsigned explained = 0;

    (void)state;
    for (unsigned run = 0; run < 300; run++) {
        bench_init(&bench, 30, 4, 2);
        bench.settings.any_order = run & 1;
        bench.settings.isn_policies[A] = bench.settings.isn_policies[B] = ISN_FAR | ISN_ABOVE;
        world_init(&bench.world, &bench.settings);
        bench.oracle.random = &seed;
        bench.oracle.open = CHOICES_ALL & ~(1u << CHOICE_SYN_TEXT);
        capture.count = 0;
        for (unsigned step = 0; step < 200 && capture.count < 16; step++) {
            unsigned count = world_events(&bench.world, &bench.settings, events);
            struct event event = events[random_below(&seed, count)];
            struct world next = bench.world;

            if ((1u << event.kind & ENDS) && random_below(&seed, 16))
                continue;
            oracle_begin(&bench.oracle, NULL);
            if (!world_step(&next, &bench.settings, &event, false, &bench.oracle))
                continue;
            bench.world = next;
            if (event_is_tap(&event)) {
                capture.side[capture.count] = event.side;
                capture.segment[capture.count++] = event.segment;
            }
        }
        switch (capture_explain(&capture, &bench.settings, 20000)) {
        case UNEXPLAINED:
            fail_msg("run %u has no explanation", run);
            break;
        case EXPLAINED:
            explained++;
            break;
        case UNDECIDED:
            break;
        }
    }
    assert_true(explained > 220);
}

/* ... and none for what cannot be. */
static void broken_captures_are_not_explained(void **state)
{
    static struct capture capture;
    struct bench bench;

    (void)state;
    bench_init(&bench, 9, 1, 1);
    act(&bench, B, EVENT_LISTEN);
    act(&bench, A, EVENT_CONNECT);
    capture.count = 2;
    capture.segment[0] = cross(&bench, A);
    capture.side[1] = B;
    capture.segment[1] = cross(&bench, B);
    assert_int_equal(capture_explain(&capture, &bench.settings, 20000), EXPLAINED);
    capture.segment[1].ack++;
    assert_int_equal(capture_explain(&capture, &bench.settings, 20000), UNEXPLAINED);
}

static void tape_counts_through_all_answers(void **state)
{
    struct oracle oracle = {.open = CHOICES_ALL};
    unsigned seen = 0, runs = 0;

    (void)state;
    oracle_begin(&oracle, NULL);
    do {
        unsigned first = choose(&oracle, CHOICE_SIZE, 2);
        unsigned second = first ? choose(&oracle, CHOICE_REPLY, 3) : 3;

        seen |= 1u << second;
        runs++;
    } while (oracle_next(&oracle));
    assert_int_equal(runs, 4);
    assert_int_equal(seen, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figure_6_handshake),
        cmocka_unit_test(figure_7_simultaneous_open),
        cmocka_unit_test(figure_7_crossing_syn_ack_taken),
        cmocka_unit_test(figure_8_old_duplicate_syn),
        cmocka_unit_test(figure_9_half_open),
        cmocka_unit_test(figure_10_data_finds_half_open),
        cmocka_unit_test(figure_11_two_listeners),
        cmocka_unit_test(figure_12_normal_close),
        cmocka_unit_test(figure_13_simultaneous_close),
        cmocka_unit_test(fin_waits_behind_a_hole),
        cmocka_unit_test(close_in_syn_received),
        cmocka_unit_test(inexact_reset),
        cmocka_unit_test(time_wait_takes_a_newer_syn),
        cmocka_unit_test(fast_open_server_talks_first),
        cmocka_unit_test(zero_window_and_probe),
        cmocka_unit_test(random_walks_keep_the_endpoints_in_order),
        cmocka_unit_test(conforming_captures_are_explained),
        cmocka_unit_test(broken_captures_are_not_explained),
        cmocka_unit_test(tape_counts_through_all_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
