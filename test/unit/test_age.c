/* SPDX-License-Identifier: MIT
 *
 * Captures without an end: connections leave by their age, others take their places, ids stay; what
 * changed is told; connections in brief.
 */
#include "flowstate/flowstate.h"

#include <string.h>

#include "support/memory.h"
#include "support/unit.h"
#include "support/wire.h"

#define ACK    FST_TCP_ACK
#define FIN    FST_TCP_FIN

#define SECOND INT64_C(1000000000)
#define MOST   64

static const struct fst_ages ages = {
    .over_ns = SECOND, .opening_ns = 10 * SECOND, .idle_ns = 100 * SECOND};

struct watch {
    struct fst_analyzer *analyzer;
    struct memory memory;
    uint32_t ended[MOST], changed[MOST];
    size_t ended_count, changed_count, expired_count;
};

static void on_ended(void *context, uint32_t id)
{
    struct watch *watch = context;
    struct fst_connection_view view;

    assert_int_equal(fst_analyzer_connection(watch->analyzer, id, &view), 0);
    assert_int_equal(view.id, id);
    assert_false(view.evicted);
    assert_true(watch->ended_count < MOST);
    watch->ended[watch->ended_count++] = id;
    watch->expired_count += view.expired;
}

static void on_changed(void *context, uint32_t id)
{
    struct watch *watch = context;
    struct fst_connection_brief brief;

    assert_int_equal(fst_analyzer_brief(watch->analyzer, id, &brief), 0);
    assert_true(watch->changed_count < MOST);
    watch->changed[watch->changed_count++] = id;
}

static void watch_open(struct watch *watch, const struct wire *wire)
{
    struct fst_options options = {
        .path_packets = true,
        .allocator = &watch->memory.allocator,
        .events = {.context = watch, .ended = on_ended, .changed = on_changed}};

    memset(watch, 0, sizeof(*watch));
    memory_init(&watch->memory);
    assert_int_equal(fst_analyzer_new(&watch->analyzer, &options), 0);
    assert_int_equal(fst_analyzer_feed(watch->analyzer, wire->packets, wire->count), 0);
}

static void watch_close(struct watch *watch)
{
    fst_analyzer_free(watch->analyzer);
    CHECK("leaks", watch->memory.blocks, 0);
}

static int64_t last_time(const struct wire *wire)
{
    return wire->packets[wire->count - 1].time_ns;
}

/* One that is over, one that opens, one that is established, one half closed. */
static void wire_four(struct wire *wire)
{
    wire_handshake(wire, 40001);
    wire_close(wire, 40001);
    wire_syn(wire, 40002);
    wire_handshake(wire, 40003);
    wire_handshake(wire, 40004);
    wire_client(wire, 40004, FIN | ACK, 1, 1, 0);
}

static void each_leaves_when_its_time_has_come(void **state)
{
    static const struct {
        const char *what;
        int64_t after;
        size_t gone;
    } cases[] = {{"at once none", 0, 0},
                 {"then what is over", 2 * SECOND, 1},
                 {"then what did not open", 11 * SECOND, 2},
                 {"then the idle", 101 * SECOND, 4}};
    struct wire wire = {0};
    struct watch watch;
    size_t i, dropped = 0;

    (void)state;
    wire_four(&wire);
    watch_open(&watch, &wire);
    CHECK("places", fst_analyzer_places(watch.analyzer), 4);
    for (i = 0; i < COUNT(cases); i++) {
        dropped +=
            fst_analyzer_expire(watch.analyzer, &ages, last_time(&wire) + cases[i].after, 100);
        CHECK(cases[i].what, dropped, cases[i].gone);
        CHECK(cases[i].what, watch.ended_count, cases[i].gone);
        CHECK(cases[i].what, watch.expired_count, cases[i].gone);
        CHECK(cases[i].what, fst_analyzer_alive(watch.analyzer), 4 - cases[i].gone);
        CHECK(cases[i].what, fst_analyzer_stats(watch.analyzer)->expired, cases[i].gone);
        CHECK(cases[i].what, fst_analyzer_next(watch.analyzer, 1),
              cases[i].gone < 4 ? cases[i].gone + 1 : 0);
    }
    for (i = 0; i < 4; i++)
        CHECK("in the order of the table", watch.ended[i], i + 1);
    CHECK("not evicted", fst_analyzer_stats(watch.analyzer)->evicted, 0);
    watch_close(&watch);
    wire_free(&wire);
}

/* So many places a call: a round is spread over several. */
static void a_round_can_be_spread(void **state)
{
    struct wire wire = {0};
    struct watch watch;
    uint16_t port;
    size_t call;

    (void)state;
    for (port = 40000; port < 40010; port++)
        wire_refused(&wire, port);
    watch_open(&watch, &wire);
    for (call = 1; call <= 4; call++) {
        (void)fst_analyzer_expire(watch.analyzer, &ages, last_time(&wire) + 5 * SECOND, 3);
        CHECK("gone", watch.ended_count, call < 4 ? 3 * call : 10);
    }
    CHECK("nothing to look at", fst_analyzer_expire(watch.analyzer, &ages, INT64_MAX, 0), 0);
    watch_close(&watch);
    wire_free(&wire);
}

/* A clock that stands behind the packets, and one as far as can be, are no reason to drop nothing
 * or to fail. */
static void any_clock_will_do(void **state)
{
    struct wire wire = {0};
    struct watch watch;

    (void)state;
    wire_refused(&wire, 40000);
    wire.packets[0].time_ns = wire.packets[1].time_ns = INT64_MIN;
    watch_open(&watch, &wire);
    CHECK("behind", fst_analyzer_expire(watch.analyzer, &ages, INT64_MIN, 9), 0);
    CHECK("far ahead", fst_analyzer_expire(watch.analyzer, &ages, INT64_MAX, 9), 1);
    watch_close(&watch);
    wire_free(&wire);
}

static void ports_of(struct watch *watch, uint16_t *ports, size_t *count)
{
    struct fst_connection_brief brief;
    uint32_t id;

    *count = 0;
    for (id = fst_analyzer_next(watch->analyzer, 1); id != 0;
         id = fst_analyzer_next(watch->analyzer, id + 1)) {
        assert_int_equal(fst_analyzer_brief(watch->analyzer, id, &brief), 0);
        assert_int_equal(brief.id, id);
        ports[(*count)++] = brief.side[FST_CLIENT].port;
    }
}

/* Places are taken again; ids go on, are walked in their order and never come back. */
static void places_are_taken_again(void **state)
{
    static const uint16_t want[] = {40003, 40004, 40011, 40012, 40013};
    struct wire wire = {0}, more = {0};
    struct fst_connection_view view;
    struct watch watch;
    uint16_t ports[MOST];
    size_t count, i;

    (void)state;
    wire_four(&wire);
    watch_open(&watch, &wire);
    (void)fst_analyzer_expire(watch.analyzer, &ages, last_time(&wire) + 11 * SECOND, 100);
    wire_handshake(&more, 40011);
    wire_handshake(&more, 40012);
    wire_handshake(&more, 40013);
    assert_int_equal(fst_analyzer_feed(watch.analyzer, more.packets, more.count), 0);
    CHECK("places", fst_analyzer_places(watch.analyzer), 5);
    ports_of(&watch, ports, &count);
    CHECK("alive", count, COUNT(want));
    for (i = 0; i < count; i++)
        CHECK("in order", ports[i], want[i]);
    CHECK("gone", fst_analyzer_connection(watch.analyzer, 1, &view), FST_EINVAL);
    CHECK("the newest", fst_analyzer_connection(watch.analyzer, 7, &view), 0);
    CHECK("not known yet", fst_analyzer_connection(watch.analyzer, 8, &view), FST_EINVAL);
    assert_int_equal(fst_analyzer_finish(watch.analyzer), 0);
    CHECK("each ended once", watch.ended_count, 7);
    CHECK("by their age", watch.expired_count, 2);
    watch_close(&watch);
    wire_free(&wire);
    wire_free(&more);
}

/* The same 4-tuple after its connection has left is another connection, whatever it shows. */
static void a_4_tuple_can_come_again(void **state)
{
    struct wire wire = {0}, more = {0};
    struct fst_connection_view view;
    struct watch watch;

    (void)state;
    wire_handshake(&wire, 40000);
    wire_close(&wire, 40000);
    wire_client(&wire, 40000, FST_TCP_SYN, 1000000, 0, 0); /* at once: both are in the table */
    watch_open(&watch, &wire);
    CHECK("the same 4-tuple", fst_analyzer_alive(watch.analyzer), 2);
    CHECK("the earlier one",
          fst_analyzer_expire(watch.analyzer, &ages, last_time(&wire) + 5 * SECOND, 100), 1);
    wire_client(&more, 40000, ACK, 1000001, 1, 10);
    assert_int_equal(fst_analyzer_feed(watch.analyzer, more.packets, more.count), 0);
    CHECK("the later one goes on", fst_analyzer_connection(watch.analyzer, 2, &view), 0);
    CHECK("second use", view.incarnation, 2);
    CHECK("its packets", view.side[FST_CLIENT].packets, 2);
    (void)fst_analyzer_expire(watch.analyzer, &ages, last_time(&wire) + 500 * SECOND, 100);
    CHECK("none", fst_analyzer_alive(watch.analyzer), 0);
    assert_int_equal(fst_analyzer_feed(watch.analyzer, more.packets, more.count), 0);
    CHECK("another one", fst_analyzer_connection(watch.analyzer, 3, &view), 0);
    CHECK("first use", view.incarnation, 1);
    watch_close(&watch);
    wire_free(&wire);
    wire_free(&more);
}

static void what_changed_is_told(void **state)
{
    static const uint32_t want[] = {1, 1, 1, 2, 2, 1};
    struct wire wire = {0};
    struct watch watch;
    size_t i;

    (void)state;
    wire_handshake(&wire, 40001);             /* three packets, three changes */
    wire_client(&wire, 40001, ACK, 1, 1, 10); /* data is none */
    wire_server(&wire, 40001, ACK, 1, 11, 0);
    wire_refused(&wire, 40002);
    wire_client(&wire, 40001, ACK, 1, 1, 10); /* a finding: sent again */
    watch_open(&watch, &wire);
    CHECK("how often", watch.changed_count, COUNT(want));
    for (i = 0; i < COUNT(want); i++)
        CHECK("which", watch.changed[i], want[i]);
    watch_close(&watch);
    wire_free(&wire);
}

/* The brief says the same as the view. */
static void in_brief(void **state)
{
    struct wire wire = {0};
    struct watch watch;
    struct fst_connection_brief brief;
    struct fst_connection_view view;
    struct fst_outcome outcome;
    uint32_t id;
    unsigned s;

    (void)state;
    wire_four(&wire);
    wire_refused(&wire, 40005);
    watch_open(&watch, &wire);
    for (id = 1; id <= 5; id++) {
        assert_int_equal(fst_analyzer_brief(watch.analyzer, id, &brief), 0);
        assert_int_equal(fst_analyzer_connection(watch.analyzer, id, &view), 0);
        CHECK("first", brief.ts_first, view.ts_first);
        CHECK("last", brief.ts_last, view.ts_last);
        CHECK("handshake", brief.handshake_ns, view.handshake_ns);
        CHECK("worst", brief.worst, view.finding_count ? view.findings[0].class_ : FST_CLASS_COUNT);
        CHECK("over", brief.over, id == 1 || id == 5);
        assert_int_equal(fst_analyzer_outcome(watch.analyzer, id, &outcome), 0);
        CHECK("the same", outcome.worst, brief.worst);
        for (s = 0; s < 2; s++) {
            const struct fst_endpoint_view *end = &view.side[s];
            const struct fst_path_step *last = &end->path[end->path_count - 1];

            assert_memory_equal(&brief.side[s].address, &end->address, sizeof(end->address));
            CHECK("port", brief.side[s].port, end->port);
            CHECK("state", brief.side[s].state, end->state);
            CHECK("heard", brief.side[s].heard, end->heard);
            CHECK("inferred", brief.side[s].inferred, end->inferred);
            CHECK("packets", brief.side[s].packets, end->packets);
            CHECK("since", brief.side[s].since_ns, last->packet ? last->time_ns : view.ts_first);
        }
    }
    CHECK("none", fst_analyzer_brief(watch.analyzer, 6, &brief), FST_EINVAL);
    CHECK("nothing", fst_analyzer_outcome(watch.analyzer, 6, &outcome), FST_EINVAL);
    watch_close(&watch);
    wire_free(&wire);
}

/* Without memory for the ids nothing leaves; with it again, all does. */
static void short_of_memory_all_stay(void **state)
{
    struct wire wire = {0};
    struct watch watch;
    uint64_t nth;

    (void)state;
    wire_four(&wire);
    for (nth = 1; nth <= 2; nth++) {
        watch_open(&watch, &wire);
        memory_fail(&watch.memory, nth);
        CHECK("stay", fst_analyzer_expire(watch.analyzer, &ages, INT64_MAX, 100), 0);
        CHECK("alive", fst_analyzer_alive(watch.analyzer), 4);
        CHECK("go", fst_analyzer_expire(watch.analyzer, &ages, INT64_MAX, 100), 4);
        watch_close(&watch);
    }
    wire_free(&wire);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_leaves_when_its_time_has_come),
        cmocka_unit_test(a_round_can_be_spread),
        cmocka_unit_test(any_clock_will_do),
        cmocka_unit_test(places_are_taken_again),
        cmocka_unit_test(a_4_tuple_can_come_again),
        cmocka_unit_test(what_changed_is_told),
        cmocka_unit_test(in_brief),
        cmocka_unit_test(short_of_memory_all_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
