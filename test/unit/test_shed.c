/* SPDX-License-Identifier: MIT
 *
 * A full table: what has to go for something new, and what a flood leaves untouched.
 */
#include "flowstate/flowstate.h"

#include <string.h>

#include "support/conversation.h"
#include "support/memory.h"
#include "support/unit.h"

#define MOST 64

struct watch {
    struct fst_analyzer *analyzer;
    uint32_t evicted[MOST]; /* client ports of the first ones evicted, in order */
    size_t evicted_count, kept_count, real_count;
};

#define REAL_PORT 443

static void on_ended(void *context, uint32_t id)
{
    struct watch *watch = context;
    struct fst_connection_view view;

    assert_int_equal(fst_analyzer_connection(watch->analyzer, id, &view), 0);
    if (view.evicted && watch->evicted_count < MOST)
        watch->evicted[watch->evicted_count] = view.side[FST_CLIENT].port;
    watch->evicted_count += view.evicted;
    watch->kept_count += !view.evicted;
    if (view.side[FST_SERVER].port != REAL_PORT)
        return;
    watch->real_count++;
    assert_false(view.evicted);
    assert_int_equal(view.side[FST_CLIENT].state, FST_TIME_WAIT);
    assert_int_equal(view.side[FST_SERVER].state, FST_CLOSED);
    assert_int_equal(view.side[FST_CLIENT].payload_bytes, 10);
    assert_int_equal(view.finding_count, 0);
}

static void watch_open(struct watch *watch, uint32_t limit)
{
    struct fst_options options = {.max_flows = limit,
                                  .events = {.context = watch, .ended = on_ended}};

    memset(watch, 0, sizeof(*watch));
    assert_int_equal(fst_analyzer_new(&watch->analyzer, &options), 0);
}

static void watch_close(struct watch *watch)
{
    fst_analyzer_free(watch->analyzer);
}

static void what_is_over_goes_first_then_the_oldest_opening(void **state)
{
    static const char syn[] = "> S 0 - 0";
    static const char open[] = "> S 0 - 0; < S. 0 1 0; > . 1 1 0";
    static const char refused[] = "> S 0 - 0; < R. 0 1 0";
    static const uint32_t order[] = {4, 6, 2, 3, 7, 8};
    struct watch watch;
    size_t i;

    (void)state;
    watch_open(&watch, 6);
    converse(watch.analyzer, 1, 80, open);
    converse(watch.analyzer, 2, 80, syn);
    converse(watch.analyzer, 3, 80, syn);
    converse(watch.analyzer, 4, 80, refused); /* the first that is over */
    converse(watch.analyzer, 5, 80, open);
    converse(watch.analyzer, 6, 80, refused);
    for (i = 7; i < 7 + COUNT(order); i++) /* 4 goes, 6 goes, 2, 3, then those of this loop */
        converse(watch.analyzer, (uint16_t)i, 80, syn);
    CHECK("evicted", watch.evicted_count, COUNT(order));
    for (i = 0; i < COUNT(order); i++)
        CHECK("order", watch.evicted[i], order[i]);
    CHECK("counted", fst_analyzer_stats(watch.analyzer)->evicted, COUNT(order));
    watch_close(&watch);
}

static void of_established_ones_the_silent_go(void **state)
{
    static const char open[] = "> S 0 - 0; < S. 0 1 0; > . 1 1 0";
    struct watch watch;

    (void)state;
    watch_open(&watch, 3);
    converse(watch.analyzer, 1, 80, open);
    converse(watch.analyzer, 2, 80, open);
    converse(watch.analyzer, 3, 80, open);
    converse(watch.analyzer, 1, 80, "> P. 1 1 10; < . 1 11 0");
    converse(watch.analyzer, 4, 80, open);
    CHECK("evicted", watch.evicted_count, 1);
    CHECK("silent longest", watch.evicted[0], 2);
    watch_close(&watch);
}

static void one_that_ended_while_the_table_was_full_is_next(void **state)
{
    static const char open[] = "> S 0 - 0; < S. 0 1 0; > . 1 1 0";
    struct watch watch;

    (void)state;
    watch_open(&watch, 3);
    converse(watch.analyzer, 1, 80, open);
    converse(watch.analyzer, 2, 80, open);
    converse(watch.analyzer, 3, 80, "> S 0 - 0");
    converse(watch.analyzer, 4, 80, "> S 0 - 0"); /* in the place of 3: full from now on */
    converse(watch.analyzer, 2, 80, "> R. 1 1 0");
    converse(watch.analyzer, 5, 80, "> S 0 - 0");
    CHECK("evicted", watch.evicted_count, 2);
    CHECK("the reset one", watch.evicted[1], 2);
    watch_close(&watch);
}

static void a_flood_leaves_real_connections_alone(void **state)
{
    enum { LIMIT = 500, REAL = 100, FLOOD = 20 };
    struct watch watch;
    const struct fst_stats *stats;
    uint16_t port = 1, server = 1000;
    unsigned real, i, step;
    static const char *const steps[] = {"> S 0 - 0; < S. 0 1 0; > . 1 1 0", "> P. 1 1 10",
                                        "< . 1 11 0; > F. 11 1 0; < . 1 12 0",
                                        "< F. 1 12 0; > . 12 2 0"};

    (void)state;
    watch_open(&watch, LIMIT);
    for (step = 0; step < COUNT(steps); step++)
        for (real = 0; real < REAL; real++) {
            if (step < COUNT(steps) - 1) /* what is over may go, and be reported as evicted */
                for (i = 0; i < FLOOD && step > 0; i++, port++)
                    converse(watch.analyzer, port, server, "> S 0 - 0");
            server += port == 0;
            converse(watch.analyzer, (uint16_t)(1000 + real), REAL_PORT, steps[step]);
        }
    stats = fst_analyzer_stats(watch.analyzer);
    CHECK("opened", stats->connections, REAL + 2 * REAL * FLOOD);
    CHECK("evicted", stats->evicted, stats->connections - LIMIT);
    assert_int_equal(fst_analyzer_finish(watch.analyzer), 0);
    CHECK("told", watch.evicted_count, stats->evicted);
    CHECK("kept", watch.kept_count, LIMIT);
    CHECK("real ones", watch.real_count, REAL);
    watch_close(&watch);
}

/* What is given up leaves nothing behind, in the index neither. */
static void a_flood_takes_no_more_memory_the_longer_it_lasts(void **state)
{
    struct fst_options options = {.max_flows = 12};
    struct fst_analyzer *analyzer;
    struct memory memory;
    size_t before = 0;

    (void)state;
    memory_init(&memory);
    options.allocator = &memory.allocator;
    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    for (unsigned i = 0; i < 40000; i++) {
        converse(analyzer, (uint16_t)(i % 50000 + 1), 80, "> S 0 - 0");
        if (i == 10000)
            before = memory.octets;
    }
    CHECK("octets", memory.octets, before);
    fst_analyzer_free(analyzer);
    CHECK("leaks", memory.blocks, 0);
}

/* A hole makes a connection need side storage; each connection here has one. */
static void side_storage_is_capped(void **state)
{
    enum { MORE = 300, CAP = 65536 };
    struct watch watch;
    uint32_t i;

    (void)state;
    watch_open(&watch, 0);
    for (i = 0; i < CAP + MORE; i++)
        converse(watch.analyzer, (uint16_t)i, (uint16_t)(80 + (i >> 16)),
                 "> S 0 - 0; < S. 0 1 0; > . 1 1 0; > . 11 1 10");
    CHECK("evicted", fst_analyzer_stats(watch.analyzer)->evicted, MORE);
    CHECK("told", watch.evicted_count, MORE);
    CHECK("alive", fst_analyzer_alive(watch.analyzer), CAP);
    watch_close(&watch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_over_goes_first_then_the_oldest_opening),
        cmocka_unit_test(of_established_ones_the_silent_go),
        cmocka_unit_test(one_that_ended_while_the_table_was_full_is_next),
        cmocka_unit_test(a_flood_leaves_real_connections_alone),
        cmocka_unit_test(a_flood_takes_no_more_memory_the_longer_it_lasts),
        cmocka_unit_test(side_storage_is_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
