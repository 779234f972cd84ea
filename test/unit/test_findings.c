/* SPDX-License-Identifier: MIT
 *
 * The pool of findings: bounds, counting what is too much, order.
 */
#include "flow/findings.h"

#include "flow/record.h"
#include "support/memory.h"
#include "support/unit.h"

struct pool {
    struct memory memory;
    struct fst_findings findings;
    uint32_t repeats; /* of what was added last */
};

static void pool_open(struct pool *pool)
{
    memory_init(&pool->memory);
    fst_findings_init(&pool->findings, &pool->memory.allocator);
}

static void pool_close(struct pool *pool)
{
    fst_findings_fini(&pool->findings);
    CHECK("leaks", pool->memory.blocks, 0);
}

static bool add(struct pool *pool, uint32_t *head, unsigned rule, unsigned side, uint64_t packet)
{
    struct fst_step_finding finding = {.rule = (uint8_t)rule,
                                       .class_ = FST_ANOMALY,
                                       .side = (uint8_t)side,
                                       .states = 0x10,
                                       .number = {3, 4},
                                       .packet = packet,
                                       .because_packet = packet - 1,
                                       .time_ns = 77};

    return fst_findings_add(&pool->findings, head, &finding, &pool->repeats);
}

static void a_finding_comes_out_as_it_went_in(void **state)
{
    static const struct {
        unsigned side, client;
        enum fst_blame by;
    } cases[] = {{0, 0, FST_BY_CLIENT},
                 {0, 1, FST_BY_SERVER},
                 {1, 1, FST_BY_CLIENT},
                 {1, 0, FST_BY_SERVER},
                 {FST_NO_SIDE, 0, FST_BY_NOBODY}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        const struct fst_finding *shown;
        uint32_t head = FST_NO_INDEX;
        struct pool pool;

        pool_open(&pool);
        assert_true(add(&pool, &head, FST_RULE_RST_ABORT, cases[i].side, 9));
        CHECK("count", fst_findings_show(&pool.findings, head, NULL, cases[i].client, 42, &shown),
              1);
        assert_ptr_equal(shown->rule, fst_rule_at(FST_RULE_RST_ABORT));
        CHECK("class", shown->class_, FST_ANOMALY);
        CHECK("by", shown->by, cases[i].by);
        CHECK("connection", shown->connection, 42);
        CHECK("packet", shown->packet, 9);
        CHECK("because", shown->because_packet, 8);
        CHECK("time", shown->time_ns, 77);
        CHECK("states", shown->states, 0x10);
        CHECK("first number", shown->number[0], 3);
        CHECK("second number", shown->number[1], 4);
        CHECK("repeats", shown->repeats, 0);
        pool_close(&pool);
    }
}

static void what_is_too_much_of_one_kind_is_counted(void **state)
{
    const struct fst_finding *shown;
    uint32_t head = FST_NO_INDEX;
    struct pool pool;
    unsigned i;

    (void)state;
    pool_open(&pool);
    for (i = 1; i <= 20; i++) {
        assert_true(add(&pool, &head, FST_RULE_RETRANSMISSION, 0, i));
        CHECK("said of it", pool.repeats, i <= FST_FINDINGS_SAME ? 0 : i - FST_FINDINGS_SAME);
    }
    assert_true(add(&pool, &head, FST_RULE_RETRANSMISSION, 1, 21)); /* the other side's own eight */
    CHECK("kept", fst_findings_show(&pool.findings, head, NULL, 0, 1, &shown),
          FST_FINDINGS_SAME + 1);
    for (i = 0; i < FST_FINDINGS_SAME; i++) {
        CHECK("the first ones", shown[i].packet, i + 1);
        CHECK("repeats", shown[i].repeats, i + 1 == FST_FINDINGS_SAME ? 20 - FST_FINDINGS_SAME : 0);
    }
    CHECK("other side", shown[FST_FINDINGS_SAME].by, FST_BY_SERVER);
    CHECK("other side's", shown[FST_FINDINGS_SAME].repeats, 0);
    pool_close(&pool);
}

static void a_connection_keeps_so_many(void **state)
{
    const struct fst_finding *shown;
    uint32_t head = FST_NO_INDEX;
    struct pool pool;
    unsigned rule;

    (void)state;
    pool_open(&pool);
    assert_true(FST_RULE_COUNT > FST_FINDINGS_MOST);
    for (rule = 0; rule < FST_RULE_COUNT; rule++)
        assert_true(add(&pool, &head, rule, 0, rule + 1));
    CHECK("kept", fst_findings_show(&pool.findings, head, NULL, 0, 1, &shown), FST_FINDINGS_MOST);
    CHECK("the first", shown[0].packet, 1);
    CHECK("the last", shown[FST_FINDINGS_MOST - 1].packet, FST_FINDINGS_MOST);
    assert_true(add(&pool, &head, 0, 0, 100)); /* one more of a kind that is there */
    (void)fst_findings_show(&pool.findings, head, NULL, 0, 1, &shown);
    CHECK("counted", shown[0].repeats, 1);
    pool_close(&pool);
}

/* A finding that was held back names an earlier packet than one said before it. */
static void they_are_shown_in_capture_order(void **state)
{
    static const uint64_t packets[] = {5, 3, 9, 3, 1};
    static const uint64_t want[] = {1, 3, 3, 5, 9};
    static const unsigned rules[] = {4, 1, 3, 0, 2}; /* of equal packets, the one said first */
    const struct fst_finding *shown;
    uint32_t head = FST_NO_INDEX;
    struct pool pool;
    size_t i;

    (void)state;
    pool_open(&pool);
    for (i = 0; i < COUNT(packets); i++)
        assert_true(add(&pool, &head, rules[i], 0, packets[i]));
    CHECK("count", fst_findings_show(&pool.findings, head, NULL, 0, 1, &shown), COUNT(packets));
    for (i = 0; i < COUNT(packets); i++)
        CHECK("order", shown[i].packet, want[i]);
    assert_ptr_equal(shown[1].rule, fst_rule_at(1));
    assert_ptr_equal(shown[2].rule, fst_rule_at(0));
    pool_close(&pool);
}

static void questions_are_answered_from_the_chain(void **state)
{
    uint64_t reported[2] = {1, 1};
    uint32_t head = FST_NO_INDEX, empty = FST_NO_INDEX;
    struct fst_found found;
    struct pool pool;

    (void)state;
    pool_open(&pool);
    assert_true(add(&pool, &head, FST_RULE_RETRANSMISSION, 1, 1));
    assert_true(add(&pool, &head, FST_RULE_RST_ABORT, 1, 2));
    assert_true(add(&pool, &head, FST_RULE_RST_AFTER_CLOSE, 0, 3));
    assert_true(add(&pool, &head, FST_RULE_COUNT - 1, 0, 4));
    assert_true(fst_findings_have(&pool.findings, head, FST_RULE_RST_ABORT));
    assert_true(fst_findings_have(&pool.findings, head, FST_RULE_RETRANSMISSION));
    assert_false(fst_findings_have(&pool.findings, head, FST_RULE_KEEPALIVE));
    assert_false(fst_findings_have(&pool.findings, empty, FST_RULE_RST_ABORT));
    found = fst_findings_sum(&pool.findings, head);
    CHECK("first reset", found.reset_by, 1);
    CHECK("worst", found.worst, FST_ANOMALY);
    assert_true(fst_found_has(&found, FST_RULE_RST_ABORT));
    assert_true(fst_found_has(&found, FST_RULE_COUNT - 1));
    assert_false(fst_found_has(&found, FST_RULE_KEEPALIVE));
    found = fst_findings_sum(&pool.findings, empty);
    CHECK("no reset", found.reset_by, FST_NO_SIDE);
    CHECK("nothing", found.worst, FST_CLASS_COUNT);
    CHECK("no rule", found.rules[0] | found.rules[1], 0);
    fst_findings_reported(&pool.findings, head, 1, reported);
    CHECK("retransmission",
          reported[FST_RULE_RETRANSMISSION / 64] >> FST_RULE_RETRANSMISSION % 64 & 1, 1);
    CHECK("abort", reported[FST_RULE_RST_ABORT / 64] >> FST_RULE_RST_ABORT % 64 & 1, 1);
    CHECK("not by it", reported[FST_RULE_RST_AFTER_CLOSE / 64] >> FST_RULE_RST_AFTER_CLOSE % 64 & 1,
          0);
    fst_findings_reported(&pool.findings, head, 0, reported);
    CHECK("the last rule", reported[(FST_RULE_COUNT - 1) / 64] >> (FST_RULE_COUNT - 1) % 64 & 1, 1);
    fst_findings_reported(&pool.findings, empty, 0, reported);
    CHECK("none", reported[0] | reported[1], 0);
    pool_close(&pool);
}

static void every_reset_counts_as_one(void **state)
{
    static const unsigned resets[] = {FST_RULE_CONNECTION_REFUSED, FST_RULE_HANDSHAKE_RESET,
                                      FST_RULE_RST_ABORT,          FST_RULE_RST_AFTER_CLOSE,
                                      FST_RULE_HALF_OPEN_RESET,    FST_RULE_RST_WITHOUT_STATE};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(resets); i++) {
        uint32_t head = FST_NO_INDEX;
        struct pool pool;

        pool_open(&pool);
        assert_true(add(&pool, &head, resets[i], 0, 1));
        CHECK(fst_rule_at(resets[i])->slug, fst_findings_sum(&pool.findings, head).reset_by, 0);
        pool_close(&pool);
    }
}

static void dropped_chains_are_used_again(void **state)
{
    uint32_t one = FST_NO_INDEX, two = FST_NO_INDEX, room, i;
    const struct fst_finding *shown;
    struct pool pool;

    (void)state;
    pool_open(&pool);
    for (i = 0; i < 30; i++) {
        assert_true(add(&pool, &one, i, 0, i + 1));
        assert_true(add(&pool, &two, i, 1, i + 1));
    }
    room = pool.findings.nodes.room;
    fst_findings_drop(&pool.findings, &one);
    CHECK("empty", one, FST_NO_INDEX);
    fst_findings_drop(&pool.findings, &one); /* nothing to drop */
    for (i = 0; i < 30; i++)
        assert_true(add(&pool, &one, i, 0, 100 + i));
    CHECK("no more room taken", pool.findings.nodes.room, room);
    CHECK("one", fst_findings_show(&pool.findings, one, NULL, 0, 1, &shown), 30);
    CHECK("new", shown[29].packet, 129);
    CHECK("two", fst_findings_show(&pool.findings, two, NULL, 0, 1, &shown), 30);
    CHECK("untouched", shown[29].packet, 30);
    pool_close(&pool);
}

static void short_of_memory_it_says_so(void **state)
{
    const struct fst_finding *shown;
    uint32_t head = FST_NO_INDEX, i;
    struct pool pool;

    (void)state;
    pool_open(&pool);
    memory_exhaust(&pool.memory);
    assert_false(add(&pool, &head, 0, 0, 1));
    CHECK("nothing kept", head, FST_NO_INDEX);
    memory_replenish(&pool.memory);
    for (i = 0; i < 64; i++)
        assert_true(add(&pool, &head, i, 0, i + 1));
    memory_exhaust(&pool.memory);
    fst_findings_drop(&pool.findings, &head);
    assert_true(add(&pool, &head, 1, 0, 1)); /* from what was dropped */
    CHECK("kept", fst_findings_show(&pool.findings, head, NULL, 0, 1, &shown), 1);
    pool_close(&pool);
}

/* So many chains of three findings at the packets from `packet` on; every second is dropped. */
static void fill(struct pool *pool, uint32_t *heads, uint32_t count, uint64_t packet)
{
    for (uint32_t i = 0; i < count; i++) {
        heads[i] = FST_NO_INDEX;
        for (unsigned rule = 0; rule < 3; rule++)
            assert_true(add(pool, &heads[i], rule, 0, packet + 10 * i + rule));
    }
    for (uint32_t i = 1; i < count; i += 2)
        fst_findings_drop(&pool->findings, &heads[i]);
}

static void check_filled(struct pool *pool, const uint32_t *heads, uint32_t count, uint32_t more,
                         uint64_t packet)
{
    const struct fst_finding *shown;

    for (uint32_t i = 0; i < count; i += 2) {
        CHECK("count", fst_findings_show(&pool->findings, heads[i] + more, NULL, 0, 1, &shown), 3);
        for (unsigned rule = 0; rule < 3; rule++) {
            CHECK("packet", shown[rule].packet, packet + 10 * i + rule);
            assert_ptr_equal(shown[rule].rule, fst_rule_at(rule));
        }
    }
}

static void chains_of_another_are_taken_over(void **state)
{
    static const uint32_t counts[][2] = {{6, 9}, {0, 9}, {6, 0}, {1, 1}, {50, 51}};

    (void)state;
    for (size_t n = 0; n < COUNT(counts); n++) {
        uint32_t ours[60], theirs[60], more, head = FST_NO_INDEX;
        struct pool pool, other;
        unsigned rule;

        pool_open(&pool);
        pool_open(&other);
        fill(&pool, ours, counts[n][0], 1000);
        fill(&other, theirs, counts[n][1], 5000);
        assert_true(fst_pool_make_room(&pool.findings.nodes, other.findings.nodes.unused));
        memory_exhaust(&pool.memory);
        more = fst_findings_absorb(&pool.findings, &other.findings);
        CHECK("numbers grow", more, 3 * counts[n][0]);
        pool_close(&other);
        check_filled(&pool, ours, counts[n][0], 0, 1000);
        check_filled(&pool, theirs, counts[n][1], more, 5000);
        /* What either dropped is used again. */
        for (rule = 0; rule < 3 * (counts[n][0] / 2 + counts[n][1] / 2) && rule < 30; rule++)
            assert_true(add(&pool, &head, rule, 0, rule + 1));
        check_filled(&pool, ours, counts[n][0], 0, 1000);
        check_filled(&pool, theirs, counts[n][1], more, 5000);
        pool_close(&pool);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_comes_out_as_it_went_in),
        cmocka_unit_test(what_is_too_much_of_one_kind_is_counted),
        cmocka_unit_test(a_connection_keeps_so_many),
        cmocka_unit_test(they_are_shown_in_capture_order),
        cmocka_unit_test(questions_are_answered_from_the_chain),
        cmocka_unit_test(every_reset_counts_as_one),
        cmocka_unit_test(dropped_chains_are_used_again),
        cmocka_unit_test(short_of_memory_it_says_so),
        cmocka_unit_test(chains_of_another_are_taken_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
