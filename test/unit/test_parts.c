/* SPDX-License-Identifier: MIT
 *
 * Connections followed in parts beside the same ones followed whole: whenever the parts become one,
 * nothing that users see may differ. One thread does it all here. On every capture and scenario of
 * the project, by itself and all together, some of it disturbed; with room for all connections and
 * for few.
 */
#include "flow/parts.h"

#include "support/account.h"
#include "support/crowd.h"
#include "support/memory.h"
#include "support/unit.h"

#define SECOND INT64_C(1000000000)

/* -------------------------------------------------------------------------- following -- */

static const struct fst_ages ages = {
    .over_ns = 10 * SECOND, .opening_ns = 20 * SECOND, .idle_ns = 30 * SECOND};

/* How it is followed. */
struct way {
    struct fst_options options;
    unsigned parts; /* 1: whole */
    size_t divided; /* packets until the parts are made one */
    size_t at_once; /* as many packets are fed at a time */
    size_t aged;    /* packets after which all are asked for their ages, 0: never */
    size_t watched; /* packets after which all are looked at, 0: never */
};

static void look_on(struct account *account, const struct way *way, const struct fst_packet *next,
                    size_t before)
{
    if (before == way->aged && before > 0) {
        size_t places = fst_analyzer_places(account->analyzer);

        (void)fst_analyzer_expire(account->analyzer, &ages, next->time_ns, places / 3);
        account_walk(account);
        (void)fst_analyzer_expire(account->analyzer, &ages, next->time_ns, places / 3);
        account_walk(account);
    }
    if (before == way->watched && before > 0)
        account_walk(account);
}

static size_t next_stop(const struct way *way, size_t at, size_t count)
{
    const size_t stops[] = {way->divided, way->aged, way->watched};
    size_t next = at + way->at_once < count ? at + way->at_once : count;

    for (size_t i = 0; i < COUNT(stops); i++)
        if (stops[i] > at && stops[i] < next)
            next = stops[i];
    return next;
}

static void follow(struct account *account, const struct way *way, const struct fst_packet *packets,
                   size_t count)
{
    account_open_unseen(account, way->options);
    if (way->parts > 1)
        assert_true(fst_parts_begin(account->analyzer, way->parts));
    for (size_t at = 0, next; at < count; at = next) {
        if (at >= way->divided)
            assert_int_equal(fst_parts_end(account->analyzer), 0);
        look_on(account, way, &packets[at], at);
        next = next_stop(way, at, count);
        assert_int_equal(fst_analyzer_feed(account->analyzer, packets + at, next - at), 0);
    }
    assert_int_equal(fst_parts_end(account->analyzer), 0);
    account_walk(account);
    account_finish(account);
    account_walk(account);
}

/* In two parts and in four, ended after as many packets. */
static void assert_same_ended(const struct account *whole, struct way way,
                              const struct fst_packet *packets, size_t count)
{
    for (way.parts = 2; way.parts <= 4; way.parts += 2) {
        struct account divided;

        way.options.hash_key[0] = (uint8_t)(way.options.hash_key[0] + 1); /* other parts */
        follow(&divided, &way, packets, count);
        account_assert_same(whole, &divided);
        account_close(&divided);
    }
}

static void assert_same(struct way way, const struct fst_packet *packets, size_t count,
                        const size_t *ends, size_t end_count)
{
    struct account whole;

    way.parts = 1;
    follow(&whole, &way, packets, count);
    for (size_t i = 0; i < end_count; i++) {
        way.divided = ends[i];
        assert_same_ended(&whole, way, packets, count);
    }
    account_close(&whole);
}

/* -------------------------------------------------------------------------------- tests -- */

static const struct fst_options kept[] = {
    {.no_paths = false}, {.no_paths = true}, {.lossless = true}};

static void compare_trace(void *context, const char *path, const struct fst_packet *packets,
                          size_t count)
{
    const size_t ends[] = {count, count / 2};
    unsigned *traces = context;

    (void)path;
    assert_same(
        (struct way){.options = kept[*traces % COUNT(kept)], .at_once = *traces % 2 ? 1 : 1000},
        packets, count, ends, COUNT(ends));
    ++*traces;
}

static void each_trace_by_itself(void **state)
{
    unsigned traces = 0;

    (void)state;
    traces_use(compare_trace, &traces);
}

static void all_traces_together(void **state)
{
    struct wire all = crowd_make(1, 0);
    const size_t ends[] = {all.count, 1, all.count / 7, all.count / 2, all.count - 1};

    (void)state;
    for (size_t i = 0; i < COUNT(kept); i++)
        assert_same((struct way){.options = kept[i], .at_once = 1000}, all.packets, all.count, ends,
                    COUNT(ends));
    wire_free(&all);
}

/* From when they are one: those that are over, those that open, the least of a sample. */
static void connections_are_given_up(void **state)
{
    struct wire all = crowd_make(3, 0);
    const size_t ends[] = {all.count, 100, all.count / 5, all.count / 2};

    (void)state;
    for (uint32_t max_flows = 1; max_flows < 600; max_flows = 2 * max_flows + 19)
        assert_same((struct way){.options = {.max_flows = max_flows}, .at_once = 320}, all.packets,
                    all.count, ends, COUNT(ends));
    wire_free(&all);
}

static void connections_leave_by_their_age(void **state)
{
    struct wire all = crowd_make(3, 0);
    const size_t ends[] = {all.count / 8, all.count / 2, 0};

    (void)state;
    for (uint32_t max_flows = 0; max_flows < 600; max_flows = 3 * max_flows + 40)
        assert_same((struct way){.options = {.max_flows = max_flows},
                                 .at_once = 320,
                                 .aged = all.count / 2 + all.count / 4,
                                 .watched = all.count / 2 + all.count / 8},
                    all.packets, all.count, ends, COUNT(ends));
    wire_free(&all);
}

/* The packet so many before the next once more, within a millisecond. */
static void put_copy(struct wire *wire, size_t back)
{
    struct fst_packet packet = wire->packets[wire->count - back];
    struct fst_packet *copy = wire_octets(wire, packet.link_type, packet.data, packet.captured_len);

    copy->time_ns = packet.time_ns + 1000;
}

/* Two packets, and both again: only who looks for copies tells them from retransmissions. */
static void put_texts(struct wire *wire, uint16_t port, uint32_t seq)
{
    wire_client(wire, port, FST_TCP_ACK, seq, 1, 10);
    wire_client(wire, port, FST_TCP_ACK, seq + 10, 1, 10);
    put_copy(wire, 2);
    put_copy(wire, 2);
}

#define WATCHED 80

/* There is room to look for copies in 64 connections, and who has none any more depends on who
 * began first. */
static void copies_are_looked_for_in_the_newest(void **state)
{
    struct wire wire = {0};
    size_t ends[] = {40, 80, 150, 0};

    (void)state;
    for (uint16_t n = 0; n < WATCHED; n++) {
        wire_syn(&wire, (uint16_t)(40000 + n));
        put_copy(&wire, 1);
        if (n % 8 == 7)
            put_texts(&wire, (uint16_t)(40000 + n - 7), 1);
    }
    for (uint16_t n = 0; n < WATCHED; n++)
        put_texts(&wire, (uint16_t)(40000 + n), 21);
    ends[3] = wire.count;
    assert_same((struct way){.options = {.max_flows = 1000}, .at_once = 32}, wire.packets,
                wire.count, ends, COUNT(ends));
    wire_free(&wire);
}

/* ----------------------------------------------------------------------- short of memory -- */

/* Parts whose memory can be made short. */
static void divide(struct account *account, struct memory *memory, unsigned parts)
{
    struct fst_options options = {.allocator = &memory->allocator};

    memory_init(memory);
    account_open_unseen(account, options);
    account->analyzer->last_packet = 99;
    assert_true(fst_parts_begin(account->analyzer, parts));
    assert_int_equal(account->analyzer->last_packet, 0);
}

static void undivide(struct account *account, struct memory *memory)
{
    account_close(account);
    assert_int_equal(memory->blocks, 0);
}

/* What each part knows, one after the other. */
static void walk_parts(struct account *account)
{
    struct fst_analyzer *first = account->analyzer;

    account_walk(account);
    for (unsigned i = 1; i < first->parts; i++) {
        account->analyzer = first->others[i - 1];
        account_walk(account);
    }
    account->analyzer = first;
}

static bool absorb(struct fst_analyzer *analyzer)
{
    struct fst_table *others[FST_PARTS_MOST];

    for (unsigned i = 1; i < analyzer->parts; i++)
        others[i - 1] = &analyzer->others[i - 1]->table;
    return fst_table_absorb(&analyzer->table, others, analyzer->parts - 1);
}

static void feed(struct account *account, const struct wire *wire, size_t from, size_t to)
{
    assert_int_equal(fst_analyzer_feed(account->analyzer, wire->packets + from, to - from), 0);
}

static void assert_walks_same(struct account *account, size_t before)
{
    size_t middle = account->len;

    walk_parts(account);
    assert_int_equal(account->len - middle, middle - before);
    assert_memory_equal(account->text + before, account->text + middle, middle - before);
    account->len = before;
    account->text[before] = 0;
}

/* With one allocation failing: no part has changed, and they can be made one later. False if none
 * failed. */
static bool absorb_without(uint64_t nth, unsigned parts, const struct wire *wire,
                           const struct account *whole)
{
    struct account divided;
    struct memory memory;
    size_t before;
    bool good;

    divide(&divided, &memory, parts);
    feed(&divided, wire, 0, wire->count);
    before = divided.len;
    walk_parts(&divided);
    memory_fail(&memory, nth);
    good = absorb(divided.analyzer);
    memory_replenish(&memory);
    if (!good) {
        divided.analyzer->shortages = 0;
        assert_walks_same(&divided, before);
        assert_int_equal(fst_parts_end(divided.analyzer), 0);
        account_walk(&divided);
        account_finish(&divided);
        account_assert_same(whole, &divided);
    }
    undivide(&divided, &memory);
    return !good;
}

static void short_of_memory_parts_stay_as_they_were(void **state)
{
    struct wire wire = crowd_make(9, 0);
    struct account whole;

    (void)state;
    account_open_unseen(&whole, (struct fst_options){.no_paths = false});
    feed(&whole, &wire, 0, wire.count);
    account_walk(&whole);
    account_finish(&whole);
    for (unsigned parts = 2; parts <= 4; parts += 2) {
        uint64_t nth = 1;

        while (absorb_without(nth, parts, &wire, &whole))
            nth++;
        assert_true(nth > 5);
    }
    account_close(&whole);
    wire_free(&wire);
}

/* What only others knew is lost, and it goes on. */
static bool end_without(uint64_t nth, const struct wire *wire)
{
    struct account divided;
    struct memory memory;
    int error;

    divide(&divided, &memory, 4);
    feed(&divided, wire, 0, wire->count / 2);
    memory_fail(&memory, nth);
    error = fst_parts_end(divided.analyzer);
    memory_replenish(&memory);
    assert_true(error == 0 || error == FST_ENOMEM);
    assert_int_equal(fst_analyzer_short_of_memory(divided.analyzer), error != 0);
    assert_int_equal(fst_parts_end(divided.analyzer), 0);
    feed(&divided, wire, wire->count / 2, wire->count);
    account_walk(&divided);
    account_finish(&divided);
    undivide(&divided, &memory);
    return error != 0;
}

static void short_of_memory_at_the_end_it_goes_on(void **state)
{
    struct wire wire = crowd_make(15, 0);
    uint64_t nth = 1;

    (void)state;
    while (end_without(nth, &wire))
        nth++;
    assert_true(nth > 5);
    wire_free(&wire);
}

static void feed_without(uint64_t nth, bool ever, const struct wire *wire)
{
    struct account divided;
    struct memory memory;

    divide(&divided, &memory, 2);
    if (ever)
        memory_fail(&memory, nth);
    else
        memory.fail_from = memory.calls + nth;
    for (size_t i = 0; i < wire->count; i++) {
        (void)fst_analyzer_feed(divided.analyzer, &wire->packets[i], 1);
        if (i == wire->count / 2)
            (void)fst_parts_end(divided.analyzer);
    }
    account_walk(&divided);
    (void)fst_analyzer_finish(divided.analyzer);
    undivide(&divided, &memory);
}

/* Nothing is promised but that it stays sound. */
static void short_of_memory_while_divided(void **state)
{
    struct wire wire = crowd_make(15, 0);

    (void)state;
    for (uint64_t nth = 1; nth < 80; nth++) {
        feed_without(nth, true, &wire);
        feed_without(nth, false, &wire);
    }
    wire_free(&wire);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_trace_by_itself),
        cmocka_unit_test(all_traces_together),
        cmocka_unit_test(connections_are_given_up),
        cmocka_unit_test(connections_leave_by_their_age),
        cmocka_unit_test(copies_are_looked_for_in_the_newest),
        cmocka_unit_test(short_of_memory_parts_stay_as_they_were),
        cmocka_unit_test(short_of_memory_at_the_end_it_goes_on),
        cmocka_unit_test(short_of_memory_while_divided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
