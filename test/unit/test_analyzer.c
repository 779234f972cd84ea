/* SPDX-License-Identifier: MIT
 *
 * The analyzer through its public side only.
 */
#include "flowstate/flowstate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/account.h"
#include "support/memory.h"
#include "support/unit.h"
#include "support/wire.h"

#define ACK FST_TCP_ACK
#define FIN FST_TCP_FIN
#define RST FST_TCP_RST
#define SYN FST_TCP_SYN

/* ------------------------------------------------------------------- what is fed -- */

static void account_feed(struct account *account, const struct wire *wire, size_t step)
{
    size_t at;

    for (at = 0; at < wire->count; at += step)
        assert_int_equal(fst_analyzer_feed(account->analyzer, wire->packets + at,
                                           wire->count - at < step ? wire->count - at : step),
                         0);
}

static struct fst_analyzer *analyzer_of(const struct wire *wire, struct fst_options options)
{
    struct fst_analyzer *analyzer;

    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    assert_int_equal(fst_analyzer_feed(analyzer, wire->packets, wire->count), 0);
    return analyzer;
}

/* ----------------------------------------------------------------------- connections by id -- */

static void ids_ascend_and_each_ends_once(void **state)
{
    struct wire wire = {0};
    struct account account;
    struct fst_connection_view view;
    uint16_t port;
    uint32_t id;

    (void)state;
    for (port = 40000; port < 40020; port++) /* not in the order of their ports */
        wire_syn(&wire, (uint16_t)(port ^ 5));
    account_open(&account, (struct fst_options){0}, false);
    account_feed(&account, &wire, 7);
    for (id = 1; id <= 20; id++) {
        assert_int_equal(fst_analyzer_next(account.analyzer, id), id);
        assert_int_equal(fst_analyzer_connection(account.analyzer, id, &view), 0);
        assert_int_equal(view.id, id);
        assert_int_equal(view.first_packet, id);
        assert_int_equal(view.side[FST_CLIENT].port, (40000 + id - 1) ^ 5);
    }
    assert_int_equal(fst_analyzer_next(account.analyzer, 0), 1);
    assert_int_equal(fst_analyzer_next(account.analyzer, 21), 0);
    assert_int_equal(fst_analyzer_next(account.analyzer, UINT32_MAX), 0);
    assert_int_equal(fst_analyzer_connection(account.analyzer, 0, &view), FST_EINVAL);
    assert_int_equal(fst_analyzer_connection(account.analyzer, 21, &view), FST_EINVAL);
    assert_int_equal(account.ended_count, 0);
    account_finish(&account);
    assert_int_equal(account.ended_count, 20);
    for (id = 1; id <= 20; id++)
        assert_int_equal(account.ended[id - 1], id);
    account_close(&account);
    wire_free(&wire);
}

static void nothing_goes_in_once_it_is_finished(void **state)
{
    struct wire wire = {0};
    struct account account;
    struct fst_connection_view view;

    (void)state;
    wire_handshake(&wire, 40000);
    account_open(&account, (struct fst_options){0}, false);
    account_feed(&account, &wire, 1);
    account_finish(&account);
    assert_int_equal(fst_analyzer_feed(account.analyzer, wire.packets, 1), FST_EINVAL);
    assert_int_equal(fst_analyzer_feed(account.analyzer, NULL, 0), FST_EINVAL);
    assert_int_equal(fst_analyzer_finish(account.analyzer), FST_EINVAL);
    assert_int_equal(fst_analyzer_stats(account.analyzer)->packets, 3);
    assert_int_equal(fst_analyzer_connection(account.analyzer, 1, &view), 0); /* still to be read */
    assert_int_equal(account.ended_count, 1);
    account_close(&account);
    wire_free(&wire);
}

static void nothing_fed_is_nothing_found(void **state)
{
    struct account account;

    (void)state;
    account_open(&account, (struct fst_options){0}, false);
    assert_int_equal(fst_analyzer_feed(account.analyzer, NULL, 0), 0);
    assert_int_equal(fst_analyzer_next(account.analyzer, 1), 0);
    account_finish(&account);
    assert_int_equal(account.ended_count, 0);
    assert_int_equal(fst_analyzer_stats(account.analyzer)->ts_first, 0);
    assert_int_equal(fst_analyzer_rule_hits(account.analyzer, SIZE_MAX), 0);
    account_close(&account);
    fst_analyzer_free(NULL);
}

/* -------------------------------------------------------------------------------- shedding -- */

/* The least valuable first: over, then opening, then closing, then established; the oldest of
 * equals. */
static void the_least_valuable_is_shed(void **state)
{
    static const uint32_t order[] = {4, 3, 2, 1, 5};
    struct wire wire = {0};
    struct account account;
    struct fst_connection_view view;
    uint32_t id;
    size_t i;

    (void)state;
    wire_handshake(&wire, 40001);
    wire_handshake(&wire, 40002);
    wire_client(&wire, 40002, FIN | ACK, 1, 1, 0);
    wire_syn(&wire, 40003);
    wire_refused(&wire, 40004);
    wire_handshake(&wire, 40005); /* 4 goes: it is over */
    wire_handshake(&wire, 40006); /* 3: opening */
    wire_handshake(&wire, 40007); /* 2: closing */
    wire_handshake(&wire, 40008); /* 1: of the established ones, the one not heard of longest */
    wire_client(&wire, 40006, ACK, 1, 1, 10);
    wire_handshake(&wire, 40009); /* 5 */
    account_open(&account, (struct fst_options){.max_flows = 4}, false);
    account_feed(&account, &wire, 3);
    assert_int_equal(account.ended_count, COUNT(order));
    for (i = 0; i < COUNT(order); i++) {
        assert_int_equal(account.ended[i], order[i]);
        assert_int_equal(fst_analyzer_connection(account.analyzer, order[i], &view), FST_EINVAL);
    }
    assert_int_equal(fst_analyzer_stats(account.analyzer)->evicted, COUNT(order));
    assert_int_equal(fst_analyzer_stats(account.analyzer)->connections, 9);
    assert_non_null(strstr(account.text, "ended connection 4.1"));
    id = 0;
    for (i = 6; i <= 9; i++) {
        id = fst_analyzer_next(account.analyzer, id + 1);
        assert_int_equal(id, i);
        assert_int_equal(fst_analyzer_connection(account.analyzer, id, &view), 0);
        assert_int_equal(view.side[FST_CLIENT].port, 40000 + i);
        assert_false(view.evicted);
    }
    assert_int_equal(fst_analyzer_next(account.analyzer, id + 1), 0);
    account_finish(&account);
    assert_int_equal(account.ended_count, 9);
    for (i = 6; i <= 9; i++)
        assert_int_equal(account.ended[i - 1], i);
    account_close(&account);
    wire_free(&wire);
}

static void on_shed(void *context, uint32_t id)
{
    struct account *account = context;
    struct fst_connection_view view;

    assert_int_equal(fst_analyzer_connection(account->analyzer, id, &view), 0);
    account->ended_count += view.evicted;
}

/* However small the table: every connection is opened, ends once, and the newest are kept. */
static void tables_of_any_size_hold_up(void **state)
{
    uint32_t limit;

    (void)state;
    for (limit = 1; limit <= 9; limit++) {
        struct wire wire = {0};
        struct account account = {0};
        struct fst_options options = {.max_flows = limit,
                                      .path_packets = limit % 2,
                                      .events = {.context = &account, .ended = on_shed}};
        uint16_t i;
        uint32_t id, kept = 0;

        for (i = 0; i < 60; i++) {
            uint16_t port = (uint16_t)(40000 + i % 7 + (i > 40 ? i : 0));
            uint32_t at = i * 100000;

            wire_client(&wire, port, SYN, at, 0, 0);
            wire_server(&wire, port, SYN | ACK, at, at + 1, 0);
            wire_client(&wire, port, ACK, at + 1, at + 1, 0);
            wire_client(&wire, port, FIN | ACK, at + 1, at + 1, 0);
            wire_server(&wire, port, FIN | ACK, at + 1, at + 2, 0);
            wire_client(&wire, port, ACK, at + 2, at + 2, 0);
        }
        assert_int_equal(fst_analyzer_new(&account.analyzer, &options), 0);
        for (i = 0; i < wire.count; i++)
            assert_int_equal(fst_analyzer_feed(account.analyzer, &wire.packets[i], 1), 0);
        assert_int_equal(fst_analyzer_stats(account.analyzer)->connections, 60);
        assert_int_equal(fst_analyzer_stats(account.analyzer)->evicted, account.ended_count);
        for (id = fst_analyzer_next(account.analyzer, 1); id != 0;
             id = fst_analyzer_next(account.analyzer, id + 1))
            kept++;
        assert_int_equal(kept + account.ended_count, 60);
        assert_true(kept == limit || kept == limit + 1);
        assert_int_equal(fst_analyzer_finish(account.analyzer), 0);
        fst_analyzer_free(account.analyzer);
        wire_free(&wire);
    }
}

/* --------------------------------------------------------------- incarnations of a 4-tuple -- */

static void a_reused_tuple_is_another_connection(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;

    (void)state;
    wire_handshake(&wire, 40000);
    wire_client(&wire, 40000, ACK, 1, 1, 10);
    wire_server(&wire, 40000, FIN | ACK, 1, 11, 0);
    wire_client(&wire, 40000, FIN | ACK, 11, 2, 0);
    wire_server(&wire, 40000, ACK, 2, 12, 0);
    wire_syn(&wire, 40001);
    wire_client(&wire, 40000, SYN, 1000000, 0, 0); /* again */
    wire_client(&wire, 40000, SYN, 1000000, 0, 0); /* sent again: no third one */
    wire_server(&wire, 40000, SYN | ACK, 1000000, 1000001, 0);
    wire_client(&wire, 40000, ACK, 1000001, 1000001, 0);
    wire_client(&wire, 40000, ACK, 1000001, 1000001, 100);
    wire_client(&wire, 40000, FIN | ACK, 11, 2, 0); /* late, of the first */
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    assert_int_equal(fst_analyzer_stats(analyzer)->connections, 3);
    assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
    assert_int_equal(view.incarnation, 1);
    assert_int_equal(view.side[FST_CLIENT].payload_bytes, 10);
    assert_int_equal(view.side[FST_CLIENT].packets, 5);
    assert_int_equal(view.end_kind, FST_END_CLOSED);
    assert_int_equal(fst_analyzer_connection(analyzer, 3, &view), 0);
    assert_int_equal(view.incarnation, 2);
    assert_int_equal(view.first_packet, 9);
    assert_int_equal(view.side[FST_CLIENT].port, 40000);
    assert_int_equal(view.side[FST_CLIENT].payload_bytes, 100);
    assert_int_equal(view.side[FST_CLIENT].packets, 4);
    assert_int_equal(view.end_kind, FST_END_OPEN);
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* A packet of a connection behind which 60,000 octets of text were not captured. */
static void feed_cut(struct fst_analyzer *analyzer, bool client, unsigned flags, uint32_t seq,
                     uint32_t ack, uint32_t len, uint64_t number)
{
    struct wire wire = {0};
    uint8_t octets[40];
    struct fst_packet packet;

    if (client)
        wire_client(&wire, 40000, flags, seq, ack, 0);
    else
        wire_server(&wire, 40000, flags, seq, ack, 0);
    packet = wire.packets[0];
    assert_int_equal(packet.captured_len, sizeof(octets));
    memcpy(octets, packet.data, sizeof(octets));
    octets[2] = (uint8_t)((sizeof(octets) + len) >> 8);
    octets[3] = (uint8_t)(sizeof(octets) + len);
    packet.data = octets;
    packet.original_len += len;
    packet.number = number;
    packet.time_ns = (int64_t)number * 1000;
    assert_int_equal(fst_analyzer_feed(analyzer, &packet, 1), 0);
    wire_free(&wire);
}

/* Text of more than twice round the circle of sequence numbers, both ways or one: RFC 9293 3.4. */
static void a_long_transfer_is_one_connection(void **state)
{
    const uint32_t len = 60000, segments = 150000;
    struct fst_options options = {.lossless = true};
    unsigned kind;

    (void)state;
    for (kind = 0; kind < 3; kind++) {
        bool whole = kind > 0, answers = kind > 1;
        uint32_t seq = 1, ack = 1, i;
        uint64_t number = 0;
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;

        options.lossless = whole;
        assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
        if (whole) {
            feed_cut(analyzer, true, SYN, 0, 0, 0, ++number);
            feed_cut(analyzer, false, SYN | ACK, 0, 1, 0, ++number);
            feed_cut(analyzer, true, ACK, 1, 1, 0, ++number);
        }
        for (i = 0; i < segments; i++) {
            feed_cut(analyzer, true, ACK, seq, ack, len, ++number);
            seq += len;
            feed_cut(analyzer, false, ACK, ack, seq, answers ? len : 0, ++number);
            ack += answers ? len : 0;
        }
        feed_cut(analyzer, true, FIN | ACK, seq, ack, 0, ++number);
        feed_cut(analyzer, false, FIN | ACK, ack, seq + 1, 0, ++number);
        feed_cut(analyzer, true, ACK, seq + 1, ack + 1, 0, ++number);
        assert_int_equal(fst_analyzer_stats(analyzer)->connections, 1);
        assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
        CHECK("incarnation", view.incarnation, 1);
        CHECK("client", view.side[FST_CLIENT].state, FST_TIME_WAIT);
        CHECK("server", view.side[FST_SERVER].state, FST_CLOSED);
        CHECK("octets", view.side[FST_CLIENT].payload_bytes, (uint64_t)len * segments);
        CHECK("illegal", fst_analyzer_stats(analyzer)->findings[FST_ILLEGAL], 0);
        CHECK("suspect", fst_analyzer_stats(analyzer)->findings[FST_SUSPECT], 0);
        fst_analyzer_free(analyzer);
    }
}

/* ... also when room for it must be made: nothing of what is shed gets into it. */
static void a_reused_tuple_sheds_another(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;

    (void)state;
    wire_handshake(&wire, 40000);
    wire_close(&wire, 40000);
    wire_syn(&wire, 40001); /* unfinished: a finding when it goes */
    wire_client(&wire, 40000, SYN, 1000000, 0, 0);
    analyzer = analyzer_of(&wire, (struct fst_options){.max_flows = 2});
    assert_int_equal(fst_analyzer_stats(analyzer)->evicted, 1);
    assert_int_equal(fst_analyzer_connection(analyzer, 2, &view), FST_EINVAL);
    assert_int_equal(fst_analyzer_connection(analyzer, 3, &view), 0);
    assert_int_equal(view.incarnation, 2);
    assert_int_equal(view.side[FST_CLIENT].state, FST_SYN_SENT);
    assert_int_equal(view.side[FST_CLIENT].path_count, 2);
    assert_int_equal(view.side[FST_CLIENT].path[1].state, FST_SYN_SENT);
    assert_int_equal(view.finding_count, 1);
    assert_string_equal(view.findings[0].rule->slug, "time-wait-reuse");
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* ----------------------------------------------------------------------------- orientation -- */

static const struct {
    const char *what;
    struct wire_segment segments[2];
    enum fst_orientation by;
    uint8_t client; /* last octet of its address */
} orientations[] = {
    {"a SYN", {{9, 2, 50000, 60000, SYN, 5, 0, 0}}, FST_ORIENTED_BY_SYN, 9},
    {"a SYN to a higher port", {{9, 2, 80, 60000, SYN, 5, 0, 0}}, FST_ORIENTED_BY_SYN, 9},
    {"a SYN-ACK", {{9, 2, 50000, 60000, SYN | ACK, 5, 6, 0}}, FST_ORIENTED_BY_SYN_ACK, 2},
    {"a system port", {{9, 2, 80, 60000, ACK, 5, 6, 1}}, FST_ORIENTED_BY_PORT, 2},
    {"a system port, asked", {{9, 2, 60000, 443, ACK, 5, 6, 1}}, FST_ORIENTED_BY_PORT, 9},
    {"the last system port", {{9, 2, 1023, 1024, ACK, 5, 6, 1}}, FST_ORIENTED_BY_PORT, 2},
    {"two system ports", {{9, 2, 22, 80, ACK, 5, 6, 1}}, FST_ORIENTED_BY_FIRST, 9},
    {"two others", {{9, 2, 50000, 1024, ACK, 5, 6, 1}}, FST_ORIENTED_BY_FIRST, 9},
    {"one host", {{9, 9, 50000, 1024, ACK, 5, 6, 1}}, FST_ORIENTED_BY_FIRST, 9},
    {"a RST", {{9, 2, 50000, 60000, RST, 5, 0, 0}}, FST_ORIENTED_BY_FIRST, 9},
    {"a guess, then a SYN-ACK",
     {{9, 2, 50000, 60000, ACK, 5, 6, 1}, {9, 2, 50000, 60000, SYN | ACK, 4, 6, 0}},
     FST_ORIENTED_BY_SYN_ACK,
     2},
    {"a SYN-ACK, then the SYN",
     {{2, 9, 50000, 60000, SYN | ACK, 5, 6, 0}, {9, 2, 60000, 50000, SYN, 5, 0, 0}},
     FST_ORIENTED_BY_SYN,
     9},
    {"a SYN, then another from the other side",
     {{9, 2, 50000, 60000, SYN, 5, 0, 0}, {2, 9, 60000, 50000, SYN, 5, 0, 0}},
     FST_ORIENTED_BY_SYN,
     9},
};

static void the_client_is_known_or_guessed(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(orientations); i++) {
        struct wire wire = {0};
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;

        for (k = 0; k < 2 && orientations[i].segments[k].src; k++)
            (void)wire_segment(&wire, &orientations[i].segments[k]);
        analyzer = analyzer_of(&wire, (struct fst_options){0});
        assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
        CHECK(orientations[i].what, view.oriented_by, orientations[i].by);
        CHECK(orientations[i].what, view.side[FST_CLIENT].address.octets[3],
              orientations[i].client);
        fst_analyzer_free(analyzer);
        wire_free(&wire);
    }
}

/* ---------------------------------------------------------------------------------- counts -- */

/* One fragment of a datagram made of a segment's packet: octets `from` to `to` of its IP payload.
 */
static void fragment(struct wire *wire, const struct fst_packet *whole, unsigned from, unsigned to,
                     bool more)
{
    uint8_t octets[200];
    unsigned len = 20 + to - from;

    memcpy(octets, whole->data, 20);
    memcpy(octets + 20, whole->data + 20 + from, to - from);
    octets[2] = (uint8_t)(len >> 8);
    octets[3] = (uint8_t)len;
    octets[6] = more ? 0x20 : 0;
    octets[7] = (uint8_t)(from / 8);
    (void)wire_octets(wire, WIRE_RAW_IP, octets, len);
}

static void every_packet_is_counted_as_what_it_is(void **state)
{
    struct wire wire = {0}, made = {0};
    struct fst_packet *packet;
    const struct fst_stats *stats;
    struct fst_analyzer *analyzer;
    uint64_t found = 0, hits = 0;
    uint8_t octets[100];
    size_t i;

    (void)state;
    wire_handshake(&wire, 40000);
    wire.packets[2].time_ns = wire.packets[0].time_ns - 5; /* older than its predecessor */
    wire_client(&made, 40000, ACK, 1, 1, 0);
    memcpy(octets, made.packets[0].data, 40);
    octets[9] = 17; /* UDP */
    (void)wire_octets(&wire, WIRE_RAW_IP, octets, 40);
    (void)wire_octets(&wire, 999, octets, 40); /* no such link type */
    octets[9] = 6;
    octets[0] = 0x44; /* header shorter than a header */
    (void)wire_octets(&wire, WIRE_RAW_IP, octets, 40);
    octets[0] = 0x45;
    packet = wire_octets(&wire, WIRE_RAW_IP, octets, 26); /* snap length */
    packet->original_len = 40;
    wire_client(&made, 40000, ACK, 1, 1, 100);
    fragment(&wire, &made.packets[1], 0, 64, true);
    fragment(&wire, &made.packets[1], 64, 120, false);
    wire_client(&made, 40000, ACK, 101, 1, 8);
    memcpy(octets, made.packets[2].data, 48);
    octets[47] ^= 1;
    (void)wire_octets(&wire, WIRE_RAW_IP, octets, 48);
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    stats = fst_analyzer_stats(analyzer);
    assert_int_equal(stats->packets, wire.count);
    assert_int_equal(stats->tcp_segments, 5);
    assert_int_equal(stats->not_tcp, 2); /* UDP, the first fragment */
    assert_int_equal(stats->unsupported, 1);
    assert_int_equal(stats->malformed, 1);
    assert_int_equal(stats->headers_cut, 1);
    assert_int_equal(stats->fragments, 2);
    assert_int_equal(stats->reassembled, 1);
    assert_int_equal(stats->bad_checksums, 1);
    assert_int_equal(stats->offload_checksums, 0);
    assert_int_equal(stats->time_backwards, 1);
    assert_int_equal(stats->connections, 1);
    assert_int_equal(stats->ts_first, wire.packets[2].time_ns);
    assert_int_equal(stats->ts_last, wire.packets[wire.count - 1].time_ns);
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    for (i = 0; i < FST_CLASS_COUNT; i++)
        found += stats->findings[i];
    for (i = 0; i < fst_rule_count(); i++)
        hits += fst_analyzer_rule_hits(analyzer, i);
    assert_true(found > 0);
    assert_int_equal(found, hits);
    fst_analyzer_free(analyzer);
    wire_free(&wire);
    wire_free(&made);
}

static void checksums_left_to_the_card_are_counted(void **state)
{
    struct wire wire = {0};
    struct fst_analyzer *analyzer;
    uint8_t octets[40];
    unsigned sum = 0, i;

    (void)state;
    wire_syn(&wire, 40000);
    memcpy(octets, wire.packets[0].data, 40);
    for (i = 12; i < 20; i += 2)
        sum += (unsigned)octets[i] << 8 | octets[i + 1];
    sum += 6 + 20;
    sum = (sum & 0xffff) + (sum >> 16);
    octets[36] = (uint8_t)(sum >> 8);
    octets[37] = (uint8_t)sum;
    (void)wire_octets(&wire, WIRE_RAW_IP, octets, 40);
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    assert_int_equal(fst_analyzer_stats(analyzer)->offload_checksums, 1);
    assert_int_equal(fst_analyzer_stats(analyzer)->bad_checksums, 0);
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* Which packet led to each step is kept when asked for, and the same path either way. */
static void paths_name_their_packets_if_asked(void **state)
{
    static const enum fst_state client[] = {FST_CLOSED,     FST_SYN_SENT,   FST_ESTABLISHED,
                                            FST_FIN_WAIT_1, FST_FIN_WAIT_2, FST_TIME_WAIT};
    static const uint64_t packets[] = {0, 1, 2, 4, 5, 5};
    struct wire wire = {0};
    unsigned asked, i;

    (void)state;
    wire_handshake(&wire, 40000);
    wire_close(&wire, 40000);
    for (asked = 0; asked < 2; asked++) {
        struct fst_analyzer *analyzer =
            analyzer_of(&wire, (struct fst_options){.path_packets = asked});
        struct fst_connection_view view;

        assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
        assert_int_equal(view.side[FST_CLIENT].path_count, COUNT(client));
        for (i = 0; i < COUNT(client); i++) {
            assert_int_equal(view.side[FST_CLIENT].path[i].state, client[i]);
            assert_int_equal(view.side[FST_CLIENT].path[i].packet, asked ? packets[i] : 0);
        }
        assert_int_equal(view.end_kind, FST_END_CLOSED);
        assert_int_equal(view.end_by, FST_BY_CLIENT);
        assert_int_equal(view.handshake_ns, 2000000);
        fst_analyzer_free(analyzer);
    }
    wire_free(&wire);
}

/* ---------------------------------------------------------------------------- independence -- */

/* All kinds of connections, mixed: what the analyzer can meet. */
static void wire_everything(struct wire *wire)
{
    wire_pcap(wire, FST_SOURCE_DIR "/pcaps/mixed.pcap");
    wire_pcap(wire, FST_SOURCE_DIR "/pcaps/time-wait-reuse-by-client.pcap");
    wire_pcap(wire, FST_SOURCE_DIR "/pcaps/vlan.pcap");
    wire_pcap(wire, FST_SOURCE_DIR "/pcaps/data-lost.pcap");
    wire_pcap(wire, FST_SOURCE_DIR "/test/kernel/recorded/wild.pcap");
}

/* Who wants neither paths nor history gets all else as it is, also of what was learned by heart. */
static void the_rest_does_not_depend_on_paths(void **state)
{
    struct wire wire = {0};
    struct fst_analyzer *with, *without;
    uint32_t id, count = 0;

    (void)state;
    wire_everything(&wire);
    wire_everything(&wire);
    with = analyzer_of(&wire, (struct fst_options){0});
    without = analyzer_of(&wire, (struct fst_options){.no_paths = true, .path_packets = true});
    assert_int_equal(fst_analyzer_finish(with), 0);
    assert_int_equal(fst_analyzer_finish(without), 0);
    for (id = fst_analyzer_next(with, 1); id != 0; id = fst_analyzer_next(with, id + 1), count++) {
        struct fst_connection_view view, bare;

        assert_int_equal(fst_analyzer_connection(with, id, &view), 0);
        assert_int_equal(fst_analyzer_connection(without, id, &bare), 0);
        assert_string_equal(bare.history, "");
        assert_null(bare.conn_state);
        assert_int_equal(bare.findings ? bare.finding_count : 0, view.finding_count);
        for (size_t i = 0; i < view.finding_count; i++) {
            assert_ptr_equal(bare.findings[i].rule, view.findings[i].rule);
            assert_int_equal(bare.findings[i].packet, view.findings[i].packet);
        }
        assert_true(view.side[0].path_count > 0 && strlen(view.history) > 0);
        for (unsigned side = 0; side < 2; side++) {
            assert_int_equal(bare.side[side].path_count, 0);
            assert_false(bare.side[side].path_cut);
            view.side[side].path_count = 0;
            view.side[side].path_cut = false;
            assert_memory_equal(&bare.side[side], &view.side[side],
                                offsetof(struct fst_endpoint_view, path));
            assert_memory_equal(&bare.side[side].packets, &view.side[side].packets,
                                3 * sizeof(uint64_t));
        }
        assert_memory_equal(&bare, &view, offsetof(struct fst_connection_view, side));
        assert_int_equal(bare.end_kind, view.end_kind);
        assert_int_equal(bare.end_by, view.end_by);
        assert_int_equal(bare.coverage, view.coverage);
        assert_int_equal(bare.handshake_ns, view.handshake_ns);
    }
    assert_true(count > 50);
    fst_analyzer_free(with);
    fst_analyzer_free(without);
    wire_free(&wire);
}

static void results_do_not_depend_on_how_packets_come(void **state)
{
    static const size_t steps[] = {2, 31, 32, 33, 1000000};
    unsigned lossless;
    size_t i;

    (void)state;
    for (lossless = 0; lossless < 2; lossless++) {
        struct fst_options options = {.lossless = lossless, .path_packets = true};
        struct wire wire = {0};
        struct account base, other;

        wire_everything(&wire);
        account_open(&base, options, false);
        account_feed(&base, &wire, 1);
        account_finish(&base);
        assert_true(base.ended_count > 20);
        for (i = 0; i < COUNT(steps); i++) {
            memset(options.hash_key, (int)(17 * i + 3), sizeof(options.hash_key));
            options.hash_key[i] = 99;
            account_open(&other, options, false);
            account_feed(&other, &wire, steps[i]);
            account_finish(&other);
            account_assert_same(&base, &other);
            account_close(&other);
        }
        account_close(&base);
        wire_free(&wire);
    }
}

/* The table of a small analyzer sheds by age and value, never by where the hash puts a connection.
 */
static void what_is_shed_does_not_depend_on_the_hash(void **state)
{
    struct fst_options options = {.max_flows = 10};
    struct wire wire = {0};
    struct account base, other;

    (void)state;
    wire_everything(&wire);
    account_open(&base, options, false);
    account_feed(&base, &wire, 1);
    account_finish(&base);
    assert_true(fst_analyzer_stats(base.analyzer)->evicted > 10);
    memset(options.hash_key, 0xee, sizeof(options.hash_key));
    account_open(&other, options, false);
    account_feed(&other, &wire, 32);
    account_finish(&other);
    account_assert_same(&base, &other);
    account_close(&other);
    account_close(&base);
    wire_free(&wire);
}

static void two_analyzers_know_nothing_of_each_other(void **state)
{
    struct wire one = {0}, two = {0};
    struct account alone[2], together[2];
    size_t at;

    (void)state;
    wire_everything(&one);
    wire_pcap(&two, FST_SOURCE_DIR "/test/kernel/recorded/lossy.pcap");
    account_open(&alone[0], (struct fst_options){0}, false);
    account_feed(&alone[0], &one, 10);
    account_finish(&alone[0]);
    account_open(&alone[1], (struct fst_options){.lossless = true}, false);
    account_feed(&alone[1], &two, 10);
    account_finish(&alone[1]);
    account_open(&together[0], (struct fst_options){0}, false);
    account_open(&together[1], (struct fst_options){.lossless = true}, false);
    for (at = 0; at < one.count || at < two.count; at++) {
        if (at < one.count)
            assert_int_equal(fst_analyzer_feed(together[0].analyzer, &one.packets[at], 1), 0);
        if (at < two.count)
            assert_int_equal(fst_analyzer_feed(together[1].analyzer, &two.packets[at], 1), 0);
    }
    account_finish(&together[0]);
    account_finish(&together[1]);
    account_assert_same(&alone[0], &together[0]);
    account_assert_same(&alone[1], &together[1]);
    account_close(&alone[0]);
    account_close(&alone[1]);
    account_close(&together[0]);
    account_close(&together[1]);
    wire_free(&one);
    wire_free(&two);
}

/* ---------------------------------------------------------------------------------- memory -- */

/* What asks for memory: the table and its growth, side storage, findings, paths and their packets,
 * histories, tags, fragments, ids once connections were shed, the order to walk them in, and what
 * packets captured twice are known by. */
static void wire_hungry(struct wire *wire)
{
    struct wire made = {0};
    uint16_t port;

    for (port = 40000; port < 40030; port++) {
        wire_handshake(wire, port);
        wire_client(wire, port, ACK, 11, 1, 10); /* a hole */
        if (port % 3 == 0)
            wire_client(wire, port, SYN, 1000000, 0, 0);
        if (port % 5 == 0)
            wire_server(wire, port, RST | ACK, 1, 1, 0);
    }
    wire_pcap(wire, FST_SOURCE_DIR "/pcaps/vlan.pcap");
    wire_client(&made, 40000, ACK, 1, 1, 100);
    fragment(wire, &made.packets[0], 0, 64, true);
    fragment(wire, &made.packets[0], 64, 120, false);
    wire_free(&made);
    for (size_t i = 0; i < wire->count; i += 7)
        wire->packets[i].interface = 1;
}

/* Each connection ends once, whatever went wrong before. */
struct endings {
    uint32_t count[512];
};

static void on_end(void *context, uint32_t id)
{
    struct endings *endings = context;

    assert_true(id < COUNT(endings->count));
    assert_int_equal(endings->count[id]++, 0);
}

/* Feeds all there is, whatever fails. */
static void feed_on(struct fst_analyzer *analyzer, const struct wire *wire)
{
    size_t i;

    for (i = 0; i < wire->count; i++) {
        int error = fst_analyzer_feed(analyzer, &wire->packets[i], 1);

        assert_true(error == 0 || error == FST_ENOMEM);
    }
}

/* Whether it was short of memory at all. */
static bool survive(const struct wire *wire, uint32_t max_flows, uint64_t nth, bool for_good)
{
    struct memory memory;
    struct endings endings = {{0}};
    struct fst_options options = {.max_flows = max_flows,
                                  .path_packets = true,
                                  .allocator = &memory.allocator,
                                  .events = {.context = &endings, .ended = on_end}};
    struct fst_analyzer *analyzer;
    uint64_t evicted;
    uint32_t id, last = 0;
    int error;
    bool failed;

    memory_init(&memory);
    memory.fail_from = nth;
    memory.fail_to = for_good ? MEMORY_NEVER : nth;
    error = fst_analyzer_new(&analyzer, &options);
    if (error) {
        assert_int_equal(error, FST_ENOMEM);
        assert_null(analyzer);
        assert_int_equal(memory.blocks, 0);
        return true;
    }
    feed_on(analyzer, wire);
    for (id = fst_analyzer_next(analyzer, 1); id != 0; id = fst_analyzer_next(analyzer, id + 1)) {
        struct fst_connection_view view;

        assert_true(id > last);
        assert_int_equal(fst_analyzer_connection(analyzer, id, &view), 0);
        last = id;
    }
    error = fst_analyzer_finish(analyzer);
    assert_true(error == 0 || error == FST_ENOMEM);
    failed = memory.calls >= nth;
    assert_true(failed || !fst_analyzer_short_of_memory(analyzer));
    if (error) { /* nothing is lost: with memory again, it works */
        memory_replenish(&memory);
        assert_int_equal(fst_analyzer_finish(analyzer), 0);
    }
    evicted = fst_analyzer_stats(analyzer)->evicted;
    assert_true(evicted <= fst_analyzer_stats(analyzer)->connections);
    for (id = 1, last = 0; id < COUNT(endings.count); id++)
        last += endings.count[id];
    assert_int_equal(last, fst_analyzer_stats(analyzer)->connections);
    fst_analyzer_free(analyzer);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(memory.octets, 0);
    return failed;
}

static void short_of_memory_it_goes_on(void **state)
{
    static const uint32_t limits[] = {0, 1, 2, 8};
    struct wire wire = {0};
    uint64_t nth;
    size_t i;

    (void)state;
    wire_hungry(&wire);
    for (i = 0; i < COUNT(limits); i++) {
        for (nth = 1; survive(&wire, limits[i], nth, false); nth++)
            ;
        assert_true(nth > 10);
        for (nth = 1; survive(&wire, limits[i], nth, true); nth++)
            ;
    }
    wire_free(&wire);
}

/* What a connection lost for lack of memory is not taken for what others like it have been through.
 */
static void a_shortage_that_has_passed_is_forgotten(void **state)
{
    uint64_t nth;

    (void)state;
    for (nth = 1; nth < 60; nth++) {
        struct wire before = {0}, after = {0};
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;
        struct memory memory;
        uint16_t port;

        for (port = 40000; port < 40003; port++) {
            wire_handshake(&before, port);
            wire_close(&before, port);
        }
        wire_handshake(&after, 50000);
        wire_close(&after, 50000);
        memory_init(&memory);
        memory.fail_from = nth;
        memory.fail_to = MEMORY_NEVER;
        if (fst_analyzer_new(&analyzer, &(struct fst_options){.allocator = &memory.allocator}) ==
            0) {
            feed_on(analyzer, &before);
            memory_replenish(&memory);
            assert_int_equal(fst_analyzer_feed(analyzer, after.packets, after.count), 0);
            assert_int_equal(
                fst_analyzer_connection(analyzer,
                                        (uint32_t)fst_analyzer_stats(analyzer)->connections, &view),
                0);
            assert_int_equal(view.side[FST_CLIENT].port, 50000);
            assert_int_equal(view.side[FST_CLIENT].path_count, 6);
            assert_string_equal(view.history, "ShAFf");
            fst_analyzer_free(analyzer);
        }
        wire_free(&before);
        wire_free(&after);
    }
}

/* --------------------------------------------------------------------------- the short way -- */

/* The server's only timestamp is `server`; the client's segments have one but for the last. */
static void wire_stamp_left_out(struct wire *wire, uint16_t port, uint32_t server)
{
    const uint32_t client = 7;
    const struct wire_segment segments[] = {{1, 2, port, 80, SYN, 1000, 0, 0, &client},
                                            {2, 1, 80, port, SYN | ACK, 5000, 1001, 0, &server},
                                            {1, 2, port, 80, ACK, 1001, 5001, 0, &client},
                                            {1, 2, port, 80, ACK, 1001, 5001, 10, NULL}};
    size_t i;

    for (i = 0; i < COUNT(segments); i++)
        (void)wire_segment(wire, &segments[i]);
}

/* Once both SYNs had a timestamp every segment has one (RFC 7323 3.2), though hosts leave it out
 * while they have only 0 to echo. What was known of those is not held to be known of others. */
static void a_missing_timestamp_is_told_after_one_that_is_not(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;
    uint16_t i;

    (void)state;
    for (i = 0; i < 6; i++)
        wire_stamp_left_out(&wire, (uint16_t)(40000 + i), i % 3 == 1);
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    for (i = 0; i < 6; i++) {
        assert_int_equal(fst_analyzer_connection(analyzer, i + 1u, &view), 0);
        CHECK("findings", view.finding_count, i % 3 == 1);
        if (view.finding_count > 0)
            assert_string_equal(view.findings[0].rule->slug, "timestamp-missing");
    }
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* The server closes its window, takes the octet of a probe and opens it; then the client sends what
 * may be a longer probe that the octet overtook. */
static void wire_window_opened(struct wire *wire, uint16_t port, uint16_t to)
{
    const uint16_t narrow = 100, closed = 0;
    const struct wire_segment segments[] = {
        {1, 2, port, 80, SYN, 1000, 0, 0, NULL, NULL},
        {2, 1, 80, port, SYN | ACK, 5000, 1001, 0, NULL, &narrow},
        {1, 2, port, 80, ACK, 1001, 5001, 0, NULL, NULL},
        {1, 2, port, 80, ACK, 1001, 5001, 100, NULL, NULL},
        {2, 1, 80, port, ACK, 5001, 1101, 0, NULL, &closed},
        {1, 2, port, 80, ACK, 1101, 5001, 1, NULL, NULL},
        {2, 1, 80, port, ACK, 5001, 1102, 0, NULL, &to},
        {1, 2, port, 80, ACK, 1101, 5001, 200, NULL, NULL},
    };
    size_t i;

    for (i = 0; i < COUNT(segments); i++)
        (void)wire_segment(wire, &segments[i]);
}

/* A probe of a window that was closed may be longer than what is open since (RFC 9293 3.8.6.1).
 * That it was closed is not forgotten since other connections opened theirs so wide that it could
 * be. */
static void a_window_opened_a_little_may_be_probed(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;
    uint16_t i;
    size_t at;

    (void)state;
    for (i = 0; i < 8; i++)
        wire_window_opened(&wire, (uint16_t)(40000 + i), i % 4 == 3 ? 10 : 65535);
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    for (i = 0; i < 8; i++) {
        bool probed = false;

        assert_int_equal(fst_analyzer_connection(analyzer, i + 1u, &view), 0);
        for (at = 0; at < view.finding_count; at++) {
            assert_string_not_equal(view.findings[at].rule->slug, "window-overrun");
            probed = probed || view.findings[at].packet == 8 * (i + 1u);
        }
        CHECK("it is called a probe", probed, i % 4 == 3);
    }
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* -------------------------------------------------------------------------------- the end -- */

static void check_finding(const struct fst_connection_view *view, size_t at, const char *slug,
                          uint64_t packet)
{
    assert_true(at < view->finding_count);
    assert_string_equal(view->findings[at].rule->slug, slug);
    CHECK(slug, view->findings[at].packet, packet);
}

/* Nothing of the server was captured: whether that is one missed packet or its whole direction the
 * end decides, and it finds the client waiting for an answer to its FIN (RFC 9293 3.6) besides. */
static void the_end_may_show_more_than_one_thing(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;

    (void)state;
    wire_syn(&wire, 40000);
    wire_client(&wire, 40000, FIN | ACK, 1, 1, 0);
    analyzer = analyzer_of(&wire, (struct fst_options){0});
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
    CHECK("findings", view.finding_count, 2);
    check_finding(&view, 0, "ack-of-unseen-syn", 2);
    check_finding(&view, 1, "unfinished", 2);
    CHECK("coverage", view.coverage, FST_COVERAGE_GAPS);
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

/* Three segments one way and none the other. What was known besides found no room, so that only the
 * packet is known that last moved an endpoint: the client's ACK, which opened the connection. */
static void the_end_shows_one_direction_with_little_known(void **state)
{
    struct wire wire = {0};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;
    struct memory memory;

    (void)state;
    wire_syn(&wire, 40000);
    wire_client(&wire, 40000, ACK, 1, 1, 0);
    wire_client(&wire, 40000, ACK, 1, 1, 10);
    memory_init(&memory);
    assert_int_equal(
        fst_analyzer_new(&analyzer, &(struct fst_options){.allocator = &memory.allocator}), 0);
    assert_int_equal(fst_analyzer_feed(analyzer, wire.packets, 1), 0);
    memory_exhaust(&memory);
    assert_int_equal(fst_analyzer_feed(analyzer, wire.packets + 1, 2), 0);
    memory_replenish(&memory);
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
    CHECK("findings", view.finding_count, 1);
    check_finding(&view, 0, "one-sided", 2);
    CHECK("coverage", view.coverage, FST_COVERAGE_ONE_SIDED);
    fst_analyzer_free(analyzer);
    wire_free(&wire);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_ascend_and_each_ends_once),
        cmocka_unit_test(nothing_goes_in_once_it_is_finished),
        cmocka_unit_test(nothing_fed_is_nothing_found),
        cmocka_unit_test(the_least_valuable_is_shed),
        cmocka_unit_test(tables_of_any_size_hold_up),
        cmocka_unit_test(a_reused_tuple_is_another_connection),
        cmocka_unit_test(a_long_transfer_is_one_connection),
        cmocka_unit_test(a_reused_tuple_sheds_another),
        cmocka_unit_test(the_client_is_known_or_guessed),
        cmocka_unit_test(every_packet_is_counted_as_what_it_is),
        cmocka_unit_test(checksums_left_to_the_card_are_counted),
        cmocka_unit_test(paths_name_their_packets_if_asked),
        cmocka_unit_test(the_rest_does_not_depend_on_paths),
        cmocka_unit_test(results_do_not_depend_on_how_packets_come),
        cmocka_unit_test(what_is_shed_does_not_depend_on_the_hash),
        cmocka_unit_test(two_analyzers_know_nothing_of_each_other),
        cmocka_unit_test(short_of_memory_it_goes_on),
        cmocka_unit_test(a_shortage_that_has_passed_is_forgotten),
        cmocka_unit_test(a_missing_timestamp_is_told_after_one_that_is_not),
        cmocka_unit_test(a_window_opened_a_little_may_be_probed),
        cmocka_unit_test(the_end_may_show_more_than_one_thing),
        cmocka_unit_test(the_end_shows_one_direction_with_little_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
