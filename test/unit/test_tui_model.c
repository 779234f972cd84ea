/* SPDX-License-Identifier: MIT
 *
 * The rows of the live screen: when they come, what they count as, when they go; which are listed.
 */
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

#include "support/conversation.h"
#include "tui/journal.h"
#include "tui/list.h"

#define OPEN "> S 0 - 0; < S. 0 1 0; > . 1 1 0; "
#define TALK OPEN "> P. 1 1 10; < . 1 11 0; "
#define DONE TALK "> F. 11 1 0; < F. 1 12 0; > . 12 2 0; "

struct watch {
    struct fst_analyzer *analyzer;
    struct fst_tui_model model;
    struct fst_journal *journal;
    int64_t last_ns; /* time of the last segment */
};

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct watch *watch = context;
    const struct fst_tui_row *row = fst_model_segment(&watch->model, watch->analyzer, event);

    assert_non_null(row);
    fst_journal_add(watch->journal, event, row->flipped);
    watch->last_ns = event->time_ns;
}

static void on_ended(void *context, uint32_t id)
{
    struct watch *watch = context;

    fst_model_ended(&watch->model, watch->analyzer, id);
}

static void begin(struct watch *watch, uint32_t max_flows)
{
    struct fst_options options = {.path_packets = true,
                                  .max_flows = max_flows,
                                  .events = {watch, .segment = on_segment, .ended = on_ended}};

    memset(watch, 0, sizeof(*watch));
    watch->journal = fst_journal_new();
    assert_non_null(watch->journal);
    assert_int_equal(fst_analyzer_new(&watch->analyzer, &options), 0);
}

static void end(struct watch *watch)
{
    fst_analyzer_free(watch->analyzer);
    fst_model_free(&watch->model);
    fst_journal_free(watch->journal);
}

/** The state of affairs so many seconds after the last segment. */
static void after(struct watch *watch, double seconds)
{
    fst_model_update(&watch->model, watch->analyzer,
                     watch->last_ns + (int64_t)(seconds * (double)FST_SECOND));
}

static struct fst_tui_counts counts_after(struct watch *watch, double seconds)
{
    after(watch, seconds);
    return fst_model_counts(&watch->model,
                            watch->last_ns + (int64_t)(seconds * (double)FST_SECOND));
}

static void counts_by_phase(void **state)
{
    static const struct {
        const char *segments;
        struct fst_tui_counts counts;
    } cases[] = {
        {"> S 0 - 0", {.opening = 1}},
        {"> S 0 - 0; < S. 0 1 0", {.opening = 1}},
        {OPEN, {.established = 1}},
        {TALK, {.established = 1}},
        {TALK "> F. 11 1 0; < . 1 12 0", {.client_closing = 1}},
        {TALK "< F. 1 11 0; > . 11 2 0", {.server_closing = 1}},
        {TALK "> F. 11 1 0; < F. 1 12 0", {.time_wait = 1}},
        {DONE, {.time_wait = 1}},
        {TALK "> R. 11 1 0", {0}},
        {"> S 0 - 0; < R. 0 1 0", {0}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct watch watch;
        struct fst_tui_counts counts;

        begin(&watch, 0);
        converse(watch.analyzer, 40000, 80, cases[i].segments);
        counts = counts_after(&watch, 0);
        if (memcmp(&counts, &cases[i].counts, sizeof(counts)) != 0)
            fail_msg("%s: %u established, %u opening, %u and %u closing, %u waiting, %u other",
                     cases[i].segments, counts.established, counts.opening, counts.client_closing,
                     counts.server_closing, counts.time_wait, counts.other);
        end(&watch);
    }
}

/** What is over is listed for 5 seconds, waits unseen for a minute, and is in the totals then. */
static void folds_what_is_over(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, DONE);
    after(&watch, 4.9);
    assert_true(fst_row_lingers(&watch.model.rows[0], watch.last_ns + 5 * FST_SECOND - 1));
    assert_false(fst_row_lingers(&watch.model.rows[0], watch.last_ns + 5 * FST_SECOND));
    CHECK("waits", counts_after(&watch, 59).time_wait, 1);
    CHECK("not folded yet", watch.model.totals.ended[FST_END_CLOSED], 0);
    CHECK("gone", counts_after(&watch, 61).time_wait, 0);
    CHECK("rows", watch.model.count, 0);
    CHECK("folded", watch.model.totals.ended[FST_END_CLOSED], 1);
    end(&watch);
}

static void folds_resets_at_once(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, TALK "> R. 11 1 0");
    after(&watch, 0);
    CHECK("recent", fst_model_recent_resets(&watch.model, watch.last_ns), 1);
    CHECK("recent", fst_model_recent_resets(&watch.model, watch.last_ns + 9 * FST_SECOND), 1);
    CHECK("not recent", fst_model_recent_resets(&watch.model, watch.last_ns + 11 * FST_SECOND), 0);
    after(&watch, 4.9);
    CHECK("rows", watch.model.count, 1);
    after(&watch, 5);
    CHECK("rows", watch.model.count, 0);
    CHECK("folded", watch.model.totals.ended[FST_END_RESET], 1);
    end(&watch);
}

/** A segment of a connection that was folded away brings it back; it is not counted again. */
static void counts_nothing_twice(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, DONE);
    after(&watch, 61);
    CHECK("rows", watch.model.count, 0);
    converse(watch.analyzer, 40000, 80, "< F. 1 12 0; > . 12 2 0");
    after(&watch, 0);
    CHECK("back", watch.model.count, 1);
    assert_true(watch.model.rows[0].back);
    after(&watch, 130);
    CHECK("rows", watch.model.count, 0);
    CHECK("once", watch.model.totals.ended[FST_END_CLOSED], 1);
    end(&watch);
}

static void waits_long_for_an_answer(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, "> S 0 - 0");
    after(&watch, 63);
    CHECK("rows", watch.model.count, 1);
    after(&watch, 65);
    CHECK("rows", watch.model.count, 0);
    CHECK("folded", watch.model.totals.ended[FST_END_NO_ANSWER], 1);
    end(&watch);
}

/** Only what is idle stays, whatever its age. */
static void keeps_what_goes_on(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, TALK);
    after(&watch, 100000);
    CHECK("rows", watch.model.count, 1);
    CHECK("not over", watch.model.rows[0].over_ns, 0);
    end(&watch);
}

static void remembers_what_left_the_analyzer(void **state)
{
    struct watch watch;
    const struct fst_tui_row *row;

    (void)state;
    begin(&watch, 1);
    converse(watch.analyzer, 40000, 80, TALK);
    converse(watch.analyzer, 40001, 80, OPEN);
    after(&watch, 0);
    row = fst_model_find(&watch.model, 1);
    assert_non_null(row);
    assert_true(row->gone);
    CHECK("packets", row->flow.side[FST_CLIENT].packets, 3);
    after(&watch, 10);
    assert_null(fst_model_find(&watch.model, 1));
    CHECK("folded", watch.model.totals.ended[FST_END_OPEN], 1);
    end(&watch);
}

static uint64_t ladder_rows(struct watch *watch, bool flipped, enum fst_side first_from)
{
    const struct fst_tui_row *row = fst_model_find(&watch->model, 1);
    struct fst_ladder ladder;
    uint64_t segments;

    assert_non_null(row);
    assert_int_equal(row->flipped, flipped);
    fst_ladder_init(&ladder);
    segments = fst_journal_replay(watch->journal, 1, row->flipped, &ladder);
    assert_true(ladder.row_count > 1);
    assert_int_equal(ladder.rows[1].from, first_from);
    fst_ladder_free(&ladder);
    return segments;
}

/** The low port sends first and is taken for the server, until its SYN turns up. */
static void turns_round_with_the_connection(void **state)
{
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 80, 40000, "> . 1 1 0");
    after(&watch, 0);
    CHECK("guess", watch.model.rows[0].flow.side[FST_SERVER].port, 80);
    CHECK("journal", ladder_rows(&watch, false, FST_SERVER), 1);
    converse(watch.analyzer, 80, 40000, "> S 0 - 0; < S. 0 1 0");
    after(&watch, 0);
    CHECK("known", watch.model.rows[0].flow.side[FST_CLIENT].port, 80);
    CHECK("journal", ladder_rows(&watch, true, FST_CLIENT), 3);
    end(&watch);
}

static void holds_so_many_rows(void **state)
{
    struct fst_tui_model model = {.count = 0};
    struct fst_segment_event event = {.flags = FST_TCP_SYN, .time_ns = 1};

    (void)state;
    for (uint32_t id = 1; id <= FST_ROWS_MAX + 5; id++) {
        event.connection = id;
        assert_int_equal(fst_model_segment(&model, NULL, &event) != NULL, id <= FST_ROWS_MAX);
    }
    CHECK("rows", model.count, FST_ROWS_MAX);
    CHECK("others", model.totals.not_shown, 5);
    for (uint32_t id = 1; id <= FST_ROWS_MAX; id += 997)
        CHECK("found", fst_model_find(&model, id)->id, id);
    assert_null(fst_model_find(&model, FST_ROWS_MAX + 1));
    fst_model_free(&model);
}

/* --------------------------------------------------------------------------------- what is listed
 * --
 */

static void list(struct watch *watch, const struct fst_choice *choice, const char *want)
{
    struct fst_list list = {.count = 0};
    char got[128] = "";

    assert_true(fst_list_make(&list, &watch->model, choice, watch->last_ns));
    for (size_t i = 0; i < list.count; i++)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i > 0 ? " " : "",
                 watch->model.rows[list.rows[i]].id);
    assert_string_equal(got, want);
    fst_list_free(&list);
}

static void lists_in_every_order(void **state)
{
    static const struct {
        enum fst_sort sort;
        const char *forward, *backward;
    } cases[] = {
        {FST_SORT_AGE, "4 3 2 1", "1 2 3 4"},
        {FST_SORT_LEFT, "3 1 4 2", "2 4 1 3"}, /* by port, of the same address */
        {FST_SORT_RIGHT, "2 1 4 3", "3 4 1 2"},
        {FST_SORT_LEFT_STATE, "3 4 1 2", "2 1 4 3"},
        {FST_SORT_PACKETS, "2 1 4 3", "3 4 1 2"},
        {FST_SORT_BYTES, "2 1 4 3", "3 4 1 2"},
        {FST_SORT_NOTE, "2 3 4 1", "1 4 3 2"},
    };
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40002, 81, TALK);
    converse(watch.analyzer, 40004, 80, TALK "> P. 11 1 5; > F. 16 1 0; < . 1 17 0");
    converse(watch.analyzer, 40001, 83, "> S 0 - 0");
    converse(watch.analyzer, 40003, 82, OPEN);
    after(&watch, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_choice choice = {.sort = cases[i].sort};

        list(&watch, &choice, cases[i].forward);
        choice.reverse = true;
        list(&watch, &choice, cases[i].backward);
    }
    end(&watch);
}

static void lists_what_is_wanted(void **state)
{
    static const struct {
        struct fst_choice choice;
        const char *want;
    } cases[] = {
        {{.text = ""}, "3 2 1"},           {{.text = "40001"}, "2"},
        {{.text = "10.0.0.2:8"}, "3 2 1"}, {{.text = "close-WAIT"}, "1"},
        {{.text = "owes"}, "1"},           {{.text = "refused"}, "2"},
        {{.text = "half-close"}, ""},      {{.text = "nothing like it"}, ""},
        {{.findings_only = true}, "2"},
    };
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, TALK "> F. 11 1 0; < . 1 12 0");
    converse(watch.analyzer, 40001, 81, "> S 0 - 0; < R. 0 1 0");
    converse(watch.analyzer, 40002, 82, TALK);
    after(&watch, 0);
    for (size_t i = 0; i < COUNT(cases); i++)
        list(&watch, &cases[i].choice, cases[i].want);
    end(&watch);
}

static void puts_local_addresses_left(void **state)
{
    static const struct fst_address client = {.octets = {10, 0, 0, 1}},
                                    server = {.octets = {10, 0, 0, 2}};
    const struct fst_address both[] = {client, server};
    struct fst_choice choice = {.local = NULL};
    struct watch watch;

    (void)state;
    begin(&watch, 0);
    converse(watch.analyzer, 40000, 80, OPEN);
    after(&watch, 0);
    CHECK("none is local", fst_left_side(&choice, &watch.model.rows[0]), FST_CLIENT);
    choice.local = &client;
    choice.local_count = 1;
    CHECK("the client", fst_left_side(&choice, &watch.model.rows[0]), FST_CLIENT);
    choice.local = &server;
    CHECK("the server", fst_left_side(&choice, &watch.model.rows[0]), FST_SERVER);
    choice.local = both;
    choice.local_count = 2;
    CHECK("both", fst_left_side(&choice, &watch.model.rows[0]), FST_CLIENT);
    end(&watch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_phase),
        cmocka_unit_test(folds_what_is_over),
        cmocka_unit_test(folds_resets_at_once),
        cmocka_unit_test(counts_nothing_twice),
        cmocka_unit_test(waits_long_for_an_answer),
        cmocka_unit_test(keeps_what_goes_on),
        cmocka_unit_test(remembers_what_left_the_analyzer),
        cmocka_unit_test(turns_round_with_the_connection),
        cmocka_unit_test(holds_so_many_rows),
        cmocka_unit_test(lists_in_every_order),
        cmocka_unit_test(lists_what_is_wanted),
        cmocka_unit_test(puts_local_addresses_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
