/* SPDX-License-Identifier: MIT
 *
 * States that last, where a scenario cannot show it: told while a capture goes on, once; on the
 * short way through the table; by the time of the capture, whatever one stamp says.
 */
#include "flow/dwell.h"
#include "flowstate/flowstate.h"

#include <string.h>

#include "support/memory.h"
#include "support/unit.h"
#include "support/wire.h"

#define ACK    FST_TCP_ACK
#define FIN    FST_TCP_FIN
#define SYN    FST_TCP_SYN

#define SECOND INT64_C(1000000000)

static const struct fst_ages ages = {
    .over_ns = 3600 * SECOND, .opening_ns = 3600 * SECOND, .idle_ns = 3600 * SECOND};

/* How often each of the rules was told, and of which connection last. */
struct told {
    struct fst_analyzer *analyzer;
    struct memory memory;
    unsigned close_wait, fin_wait_2, half_open, unfinished, changed;
    struct fst_finding last;
};

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct told *told = context;
    const char *slug = finding->rule->slug;

    told->close_wait += strcmp(slug, "close-wait-lasts") == 0;
    told->fin_wait_2 += strcmp(slug, "fin-wait-2-lasts") == 0;
    told->half_open += strcmp(slug, "half-open-lasts") == 0;
    told->unfinished += strcmp(slug, "unfinished") == 0;
    if (strstr(slug, "-lasts"))
        told->last = *finding;
}

static void on_changed(void *context, uint32_t id)
{
    struct told *told = context;

    (void)id;
    told->changed++;
}

static void told_open(struct told *told, const struct wire *wire, uint32_t max_flows)
{
    struct fst_options options = {
        .max_flows = max_flows,
        .allocator = &told->memory.allocator,
        .events = {.context = told, .finding = on_finding, .changed = on_changed}};

    memset(told, 0, sizeof(*told));
    memory_init(&told->memory);
    assert_int_equal(fst_analyzer_new(&told->analyzer, &options), 0);
    assert_int_equal(fst_analyzer_feed(told->analyzer, wire->packets, wire->count), 0);
}

/* All of the capture, to its end. */
static void told_at_end(struct told *told, const struct wire *wire, uint32_t max_flows)
{
    told_open(told, wire, max_flows);
    assert_int_equal(fst_analyzer_finish(told->analyzer), 0);
}

static void told_close(struct told *told, struct wire *wire)
{
    fst_analyzer_free(told->analyzer);
    CHECK("leaks", told->memory.blocks, 0);
    wire_free(wire);
}

/* The packets from `first` on come so much later. */
static void later(struct wire *wire, size_t first, int64_t ns)
{
    for (size_t i = first; i < wire->count; i++)
        wire->packets[i].time_ns += ns;
}

/* The client has closed, and the server knows. */
static void wire_half_closed(struct wire *wire, uint16_t port)
{
    wire_handshake(wire, port);
    wire_client(wire, port, FIN | ACK, 1, 1, 0);
    wire_server(wire, port, ACK, 1, 2, 0);
}

static void wire_closed_by_server(struct wire *wire, uint16_t port)
{
    wire_server(wire, port, FIN | ACK, 1, 2, 0);
    wire_client(wire, port, ACK, 2, 2, 0);
}

static void is_told_while_the_capture_goes_on(void **state)
{
    struct wire wire = {0};
    struct told told;
    int64_t since;
    unsigned changed;

    (void)state;
    wire_half_closed(&wire, 40001);
    since = wire.packets[4].time_ns;
    told_open(&told, &wire, 0);
    changed = told.changed;
    (void)fst_analyzer_expire(told.analyzer, &ages, since + 60 * SECOND - 1, 10);
    CHECK("too early", told.close_wait, 0);
    CHECK("nothing has changed", told.changed, changed);
    (void)fst_analyzer_expire(told.analyzer, &ages, since + 60 * SECOND, 10);
    CHECK("in time", told.close_wait, 1);
    CHECK("changed", told.changed, changed + 1);
    CHECK("packet", told.last.packet, 5);
    CHECK("because", told.last.because_packet, 4);
    CHECK("by", told.last.by, FST_BY_SERVER);
    CHECK("class", told.last.class_, FST_ANOMALY);
    CHECK("time", told.last.time_ns, since + 60 * SECOND);
    (void)fst_analyzer_expire(told.analyzer, &ages, since + 600 * SECOND, 10);
    CHECK("once", told.close_wait, 1);
    assert_int_equal(fst_analyzer_finish(told.analyzer), 0);
    CHECK("not at the end as well", told.close_wait, 1);
    CHECK("one finding for one fact", told.unfinished, 0);
    told_close(&told, &wire);
}

/* Text begins the minute anew, whenever it is looked. */
static void text_begins_it_anew(void **state)
{
    struct wire wire = {0};
    struct told told;
    int64_t since;
    unsigned changed;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_server(&wire, 40001, ACK, 1, 2, 10);
    wire_client(&wire, 40001, ACK, 2, 11, 0);
    wire_server(&wire, 40001, ACK, 10, 2, 0); /* a keep-alive: something is booked */
    wire_server(&wire, 40001, ACK, 11, 2, 10);
    wire_client(&wire, 40001, ACK, 2, 21, 0);
    later(&wire, 5, 50 * SECOND);
    later(&wire, 7, 50 * SECOND);
    since = wire.packets[wire.count - 2].time_ns;
    told_open(&told, &wire, 0);
    changed = told.changed;
    (void)fst_analyzer_expire(told.analyzer, &ages, since + 60 * SECOND - 1, 10);
    CHECK("too early", told.close_wait, 0);
    CHECK("nothing has changed", told.changed, changed);
    (void)fst_analyzer_expire(told.analyzer, &ages, since + 60 * SECOND, 10);
    CHECK("in time", told.close_wait, 1);
    told_close(&told, &wire);
}

/* Connections that came before have taught how a segment is taken without the observer. */
static void the_short_way_sees_it_too(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    for (uint16_t port = 40001; port < 40004; port++) {
        wire_half_closed(&wire, port);
        wire_closed_by_server(&wire, port);
    }
    wire_half_closed(&wire, 40004);
    wire_closed_by_server(&wire, 40004);
    later(&wire, wire.count - 2, 61 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("the last of four", told.close_wait, 1);
    CHECK("connection", told.last.connection, 4);
    CHECK("nobody was shown to wait", told.fin_wait_2, 0);
    told_close(&told, &wire);
}

/* So it does where both are quiet but for keep-alives, whichever of them teaches the way. */
static void many_wait_in_the_same_way(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    for (uint16_t port = 40001; port < 40005; port++)
        wire_half_closed(&wire, port);
    for (uint16_t port = 40001; port < 40005; port++) {
        wire_server(&wire, port, ACK, 0, 2, 0);
        wire_client(&wire, port, ACK, 2, 1, 0);
    }
    later(&wire, 20, 30 * SECOND);
    for (uint16_t port = 40001; port < 40005; port++) {
        wire_server(&wire, port, ACK, 0, 2, 0);
        wire_client(&wire, port, ACK, 2, 1, 0);
    }
    later(&wire, 28, 61 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("do not close", told.close_wait, 4);
    CHECK("wait on", told.fin_wait_2, 4);
    told_close(&told, &wire);
}

/* A new connection takes the ports of one that was left half closed. */
static void the_next_connection_ends_it(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_segment(&wire, &(struct wire_segment){1, 2, 40001, 80, SYN, 900000, 0, 0});
    later(&wire, 5, 30 * SECOND);
    wire_syn(&wire, 40002);
    wire_syn(&wire, 40003);
    later(&wire, 6, 600 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("it did not last", told.close_wait, 0);
    told_close(&told, &wire);
}

static void one_stamp_is_no_time(void **state)
{
    struct wire wire = {0};
    struct told told;
    int64_t end;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_handshake(&wire, 40002);
    wire_client(&wire, 40002, ACK, 1, 1, 5);
    end = wire.packets[wire.count - 1].time_ns;
    wire.packets[wire.count - 1].time_ns += 86400 * SECOND;
    told_open(&told, &wire, 0);
    (void)fst_analyzer_expire(told.analyzer, &ages, end + 2 * SECOND, 10);
    CHECK("while it goes on", told.close_wait, 0);
    assert_int_equal(fst_analyzer_finish(told.analyzer), 0);
    CHECK("at the end", told.close_wait, 0);
    CHECK("it is left unfinished", told.unfinished, 1);
    told_close(&told, &wire);
}

/* Its last segment is stamped a day ahead, which no later one of it denies: the capture does. */
static void one_stamp_of_its_own_is_none(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_server(&wire, 40001, FIN | ACK, 1, 2, 0);
    wire.packets[5].time_ns += 86400 * SECOND;
    wire_handshake(&wire, 40002);
    later(&wire, 6, 100 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("at the end", told.close_wait, 0);
    told_close(&told, &wire);
}

/* One keep-alive is stamped a day ahead; what follows shows that no minute passed before the server
 * closed. */
static void a_later_stamp_denies_it(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_server(&wire, 40001, ACK, 0, 2, 0);
    wire.packets[5].time_ns += 86400 * SECOND;
    wire_client(&wire, 40001, ACK, 2, 1, 0);
    wire_closed_by_server(&wire, 40001);
    wire_handshake(&wire, 40002);
    later(&wire, 9, 2 * 86400 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("close-wait", told.close_wait, 0);
    CHECK("fin-wait-2", told.fin_wait_2, 0);
    told_close(&told, &wire);
}

static void what_gives_way_is_not_told_of(void **state)
{
    struct wire wire = {0};
    struct told told;

    (void)state;
    wire_half_closed(&wire, 40001);
    wire_handshake(&wire, 40002);
    wire_handshake(&wire, 40003);
    later(&wire, 5, 600 * SECOND);
    told_open(&told, &wire, 2);
    CHECK("for it", told.close_wait, 0);
    CHECK("but left unfinished", told.unfinished, 1);
    told_close(&told, &wire);
}

/* However many wait, what is kept of them is capped: the others are left unfinished. */
static void what_is_kept_is_capped(void **state)
{
    enum { MORE = 1000 };
    struct wire wire = {0};
    struct told told;
    size_t count;

    (void)state;
    for (unsigned i = 0; i < FST_DWELLS_MOST + MORE; i++)
        wire_half_closed(&wire, (uint16_t)(i + 1));
    count = wire.count;
    wire_handshake(&wire, 65535);
    later(&wire, count, 600 * SECOND);
    told_at_end(&told, &wire, 0);
    CHECK("told", told.close_wait, FST_DWELLS_MOST);
    CHECK("unfinished", told.unfinished, MORE);
    told_close(&told, &wire);
}

/* Each round of the table finds a connection whose client sends again, and is answered or not. */
static void an_answer_ends_what_seems_half_open(void **state)
{
    struct wire wire = {0};
    struct told told;
    size_t answer;
    int64_t end;

    (void)state;
    wire_handshake(&wire, 40001);
    wire_client(&wire, 40001, ACK, 1, 1, 10);
    for (int i = 0; i < 4; i++) {
        wire_client(&wire, 40001, ACK, 1, 1, 10);
        later(&wire, wire.count - 1, (1 + 30 * i) * SECOND);
    }
    answer = wire.count;
    wire_server(&wire, 40001, ACK, 1, 11, 0);
    later(&wire, answer, 200 * SECOND);
    end = wire.packets[answer].time_ns;
    wire.count = answer;
    told_open(&told, &wire, 0);
    wire.count++;
    (void)fst_analyzer_expire(told.analyzer, &ages, end, 10);
    CHECK("unanswered", told.half_open, 1);
    CHECK("by", told.last.by, FST_BY_CLIENT);
    fst_analyzer_free(told.analyzer);
    told_open(&told, &wire, 0);
    (void)fst_analyzer_expire(told.analyzer, &ages, end, 10);
    CHECK("answered", told.half_open, 0);
    told_close(&told, &wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_told_while_the_capture_goes_on),
        cmocka_unit_test(text_begins_it_anew),
        cmocka_unit_test(the_short_way_sees_it_too),
        cmocka_unit_test(many_wait_in_the_same_way),
        cmocka_unit_test(the_next_connection_ends_it),
        cmocka_unit_test(one_stamp_is_no_time),
        cmocka_unit_test(one_stamp_of_its_own_is_none),
        cmocka_unit_test(a_later_stamp_denies_it),
        cmocka_unit_test(what_gives_way_is_not_told_of),
        cmocka_unit_test(what_is_kept_is_capped),
        cmocka_unit_test(an_answer_ends_what_seems_half_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
