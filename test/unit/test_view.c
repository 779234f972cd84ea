/* SPDX-License-Identifier: MIT
 *
 * How a connection ended, and by whom; how much of it was captured; which are kept.
 */
#include <stdio.h>

#include "support/conversation.h"
#include "support/unit.h"

#define OPEN "> S 0 - 0; < S. 0 1 0; > . 1 1 0; "
#define TALK OPEN "> P. 1 1 10; < . 1 11 0; < P. 1 11 20; > . 11 21 0; "

static const struct {
    const char *what, *segments;
    enum fst_end_kind kind;
    enum fst_blame by;
} endings[] = {
    {"no answer", "> S 0 - 0; > S 0 - 0", FST_END_NO_ANSWER, FST_BY_NOBODY},
    {"refused", "> S 0 - 0; < R. 0 1 0", FST_END_REFUSED, FST_BY_SERVER},
    {"answered", "> S 0 - 0; < S. 0 1 0", FST_END_OPENING, FST_BY_NOBODY},
    {"open", TALK, FST_END_OPEN, FST_BY_NOBODY},
    {"client closed", TALK "> F. 11 21 0; < . 21 12 0", FST_END_HALF_CLOSED, FST_BY_CLIENT},
    {"server closed", TALK "< F. 21 11 0; > . 11 22 0", FST_END_HALF_CLOSED, FST_BY_SERVER},
    {"last ACK missing", TALK "< F. 21 11 0; > F. 11 22 0", FST_END_CLOSING, FST_BY_SERVER},
    {"client first", TALK "> F. 11 21 0; < F. 21 12 0; > . 12 22 0", FST_END_CLOSED, FST_BY_CLIENT},
    {"server first", TALK "< F. 21 11 0; > F. 11 22 0; < . 22 12 0", FST_END_CLOSED, FST_BY_SERVER},
    {"both at once", TALK "< F. 21 11 0; > F. 11 21 0; < . 22 12 0; > . 12 22 0", FST_END_CLOSED,
     FST_BY_SERVER},
    {"server first, captured the wrong way round", TALK "> F. 11 22 0; < F. 21 11 0; < . 22 12 0",
     FST_END_CLOSED, FST_BY_SERVER},
    {"client aborts", TALK "> R. 11 21 0", FST_END_RESET, FST_BY_CLIENT},
    {"server aborts", TALK "< R. 21 11 0", FST_END_RESET, FST_BY_SERVER},
    {"answered by another RST", TALK "> R. 11 21 0; < R 21 - 0", FST_END_RESET, FST_BY_CLIENT},
    {"server resets what the client closed", TALK "> F. 11 21 0; < R. 21 12 0", FST_END_RESET,
     FST_BY_SERVER},
    {"the last FIN answered by a reset", TALK "> F. 11 21 0; < F. 21 12 0; > R 12 - 0",
     FST_END_RESET, FST_BY_CLIENT},
    {"reset after both FINs were acknowledged",
     TALK "> F. 11 21 0; < F. 21 12 0; > . 12 22 0; > R 12 - 0", FST_END_CLOSED, FST_BY_CLIENT},
};

static void test_endings(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(endings); i++) {
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;
        struct fst_outcome outcome;

        assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
        converse(analyzer, 40000, 80, endings[i].segments);
        assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
        CHECK(endings[i].what, view.end_kind, endings[i].kind);
        CHECK(endings[i].what, view.end_by, endings[i].by);
        assert_int_equal(fst_analyzer_outcome(analyzer, 1, &outcome), 0);
        CHECK(endings[i].what, outcome.end_kind, endings[i].kind);
        CHECK(endings[i].what, outcome.end_by, endings[i].by);
        fst_analyzer_free(analyzer);
    }
}

static void note_who_ended(void *context, uint32_t id)
{
    struct fst_outcome outcome;
    struct fst_analyzer **analyzer = context;

    assert_int_equal(fst_analyzer_outcome(*analyzer, id, &outcome), 0);
    CHECK("both at once", outcome.end_kind, FST_END_CLOSED);
    CHECK("first FIN", outcome.end_by, id % 2 ? FST_BY_SERVER : FST_BY_CLIENT);
}

/* Many ends are told without a look at each connection: what only the packets tell, too. */
static void test_ends_alike(void **state)
{
    struct fst_analyzer *analyzer;
    struct fst_options options = {.events = {.context = &analyzer, .ended = note_who_ended}};
    uint16_t port;

    (void)state;
    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    for (port = 40000; port < 40004; port++)
        converse(analyzer, port, 80,
                 port % 2 ? TALK "> F. 11 21 0; < F. 21 11 0; < . 22 12 0; > . 12 22 0"
                          : TALK "< F. 21 11 0; > F. 11 21 0; < . 22 12 0; > . 12 22 0");
    assert_int_equal(fst_analyzer_finish(analyzer), 0);
    CHECK("all told", fst_analyzer_stats(analyzer)->connections, 4);
    fst_analyzer_free(analyzer);
}

static const struct {
    const char *what, *segments;
    enum fst_coverage coverage;
} coverages[] = {
    {"from its SYN", TALK, FST_COVERAGE_COMPLETE},
    {"text that was acknowledged is missing", TALK "< . 21 111 0; > . 111 21 0", FST_COVERAGE_GAPS},
    {"from the middle", "> P. 1 1 10; < . 1 11 0", FST_COVERAGE_MIDSTREAM},
    {"a lone RST", "> R 11 - 0", FST_COVERAGE_MIDSTREAM},
    {"of one side", "> S 0 - 0; > . 1 1 0; > P. 1 1 10; > P. 11 21 10; > . 21 41 0; > . 21 61 0",
     FST_COVERAGE_ONE_SIDED},
};

static void test_coverage(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(coverages); i++) {
        struct fst_connection_view view;
        struct fst_analyzer *analyzer;
        struct fst_outcome outcome;

        assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
        converse(analyzer, 40000, 80, coverages[i].segments);
        assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
        assert_int_equal(fst_analyzer_outcome(analyzer, 1, &outcome), 0);
        CHECK(coverages[i].what, view.coverage, coverages[i].coverage);
        CHECK(coverages[i].what, outcome.coverage, coverages[i].coverage);
        fst_analyzer_free(analyzer);
    }
}

/* The client's host forgot the connection: its new SYN is not taken before it has reset the old
 * one, whose end that is (RFC 9293 3.5.1). */
static void test_reset_by_newcomer(void **state)
{
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;

    (void)state;
    assert_int_equal(fst_analyzer_new(&analyzer, NULL), 0);
    converse(analyzer, 40000, 80, TALK "> S 90000 - 0; < . 21 11 0; > R 11 - 0; ");
    assert_int_equal(fst_analyzer_connection(analyzer, 1, &view), 0);
    CHECK("old", view.end_kind, FST_END_RESET);
    CHECK("old", view.end_by, FST_BY_CLIENT);
    CHECK("old server", view.side[FST_SERVER].state, FST_CLOSED);
    CHECK("end of its path", view.side[FST_SERVER].path[view.side[FST_SERVER].path_count - 1].state,
          FST_CLOSED);
    assert_true(view.side[FST_SERVER].possible >> FST_CLOSED & 1);
    assert_int_equal(fst_analyzer_connection(analyzer, 2, &view), 0);
    CHECK("new client", view.side[FST_CLIENT].state, FST_SYN_SENT);
    fst_analyzer_free(analyzer);
}

/* However often the same ports are used again, one connection too many is kept at most. */
static void test_limit_of_one(void **state)
{
    const struct fst_options options = {.max_flows = 1};
    struct fst_connection_view view;
    struct fst_analyzer *analyzer;
    char segments[160];
    uint32_t id, last = 0;
    unsigned i, kept = 0;

    (void)state;
    assert_int_equal(fst_analyzer_new(&analyzer, &options), 0);
    for (i = 0; i < 20; i++) {
        snprintf(segments, sizeof(segments), "> S %u - 0; < S. %u %u 0; > . %u %u 0; > R. %u %u 0",
                 i * 9000, i * 9000, i * 9000 + 1, i * 9000 + 1, i * 9000 + 1, i * 9000 + 1,
                 i * 9000 + 1);
        converse(analyzer, 40000, 80, segments);
    }
    converse(analyzer, 40001, 80, "> S 0 - 0");
    for (id = fst_analyzer_next(analyzer, 1); id != 0; id = fst_analyzer_next(analyzer, id + 1)) {
        assert_int_equal(fst_analyzer_connection(analyzer, id, &view), 0);
        last = id;
        kept++;
    }
    CHECK("newest", last, 21);
    CHECK("kept", kept, 2);
    CHECK("shed", fst_analyzer_stats(analyzer)->evicted, 19);
    fst_analyzer_free(analyzer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endings),      cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_ends_alike),   cmocka_unit_test(test_reset_by_newcomer),
        cmocka_unit_test(test_limit_of_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
