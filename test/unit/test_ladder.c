/* SPDX-License-Identifier: MIT
 *
 * Segments become the rows of a ladder: what is folded, what is not, where states, silences and
 * findings go, and what the rows say.
 */
#include "support/unit.h"

#include <string.h>

#include "report/ladder_layout.h"
#include "report/ladder_words.h"

#define SECOND INT64_C(1000000000)

static const struct fst_rule rule = {.slug = "zero-window", .source = "RFC 9293 3.8.6.1"};

/* A connection as its test goes along. */
struct talk {
    struct fst_ladder ladder;
    struct fst_segment_event event;
    struct fst_connection_view view;
};

static void begin(struct talk *talk)
{
    memset(talk, 0, sizeof(*talk));
    fst_ladder_init(&talk->ladder);
    talk->view.oriented_by = FST_ORIENTED_BY_SYN;
    talk->view.end_kind = FST_END_CLOSED;
    for (unsigned side = 0; side < 2; side++) {
        talk->event.after[side].state = FST_ESTABLISHED;
        talk->view.side[side].state = FST_ESTABLISHED;
    }
    talk->event.flags = FST_TCP_ACK;
}

/** A segment a millisecond after the one before. */
static void send(struct talk *talk, enum fst_side from, uint32_t payload_len)
{
    talk->event.packet++;
    talk->event.time_ns += SECOND / 1000;
    talk->event.from = from;
    talk->event.payload_len = payload_len;
    fst_ladder_add(&talk->ladder, &talk->event);
    talk->event.change_count = 0;
    talk->event.finding_count = 0;
    talk->event.findings = NULL;
    talk->event.flags = FST_TCP_ACK;
}

static void change(struct talk *talk, enum fst_side side, enum fst_state to)
{
    talk->event.changes[talk->event.change_count++] =
        (struct fst_change){side, talk->event.after[side].state, to, false, "said so", "3.10.4"};
    talk->event.after[side].state = to;
}

static void finish(struct talk *talk)
{
    talk->view.ts_last = talk->event.time_ns;
    fst_ladder_finish(&talk->ladder, &talk->view, talk->event.time_ns + 7 * SECOND);
}

static const struct fst_ladder_row *row_at(const struct talk *talk, size_t index)
{
    assert_true(index < talk->ladder.row_count);
    return &talk->ladder.rows[index];
}

static void check_row(const struct talk *talk, size_t index, enum fst_ladder_kind kind,
                      const char *first_word)
{
    const struct fst_ladder_row *row = row_at(talk, index);
    struct fst_ladder_words words;

    assert_int_equal(row->kind, kind);
    fst_ladder_words(row, &words);
    if (first_word)
        assert_string_equal(words.part[0], first_word);
    else
        assert_int_equal(words.count, 0);
}

/* Data of one side and its ACKs are one row, however much it is. */
static void folds_data(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    for (int i = 0; i < 1000; i++) {
        send(&talk, FST_CLIENT, 1000);
        if (i % 2)
            send(&talk, FST_SERVER, 0);
    }
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 2);
    check_row(&talk, 0, FST_LADDER_START, NULL);
    check_row(&talk, 1, FST_LADDER_DATA, "1.0 MB in 1,000 segments");
    assert_int_equal(row_at(&talk, 1)->packet, 1);
    assert_int_equal(row_at(&talk, 1)->last_packet, 1500);
    assert_int_equal(row_at(&talk, 1)->sent[FST_SERVER].acks, 500);
    fst_ladder_free(&talk.ladder);
}

/* The first turns of talk are shown, the others become one row. */
static void folds_turns(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    for (int i = 0; i < 50; i++) {
        send(&talk, FST_CLIENT, 10);
        send(&talk, FST_SERVER, 20);
    }
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 6);
    for (size_t i = 1; i < 5; i++)
        check_row(&talk, i, FST_LADDER_DATA, i % 2 ? "10 B" : "20 B");
    check_row(&talk, 5, FST_LADDER_EXCHANGE, "client 480 B, server 960 B");
    fst_ladder_free(&talk.ladder);
}

static void shows_packets_when_asked(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    talk.ladder.packets = true;
    for (int i = 0; i < 10; i++)
        send(&talk, FST_CLIENT, 10);
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 11);
    check_row(&talk, 10, FST_LADDER_SEGMENT, "ACK");
    fst_ladder_free(&talk.ladder);
}

/* What changes a state stands by itself, with the change; the label says so once. */
static void shows_changes(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    send(&talk, FST_CLIENT, 10);
    change(&talk, FST_CLIENT, FST_FIN_WAIT_1);
    talk.event.flags = FST_TCP_FIN | FST_TCP_ACK;
    send(&talk, FST_CLIENT, 0);
    send(&talk, FST_CLIENT, 10);
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 4);
    check_row(&talk, 2, FST_LADDER_SEGMENT, "FIN ACK");
    assert_int_equal(row_at(&talk, 2)->change_count, 1);
    assert_int_equal(talk.ladder.changes[row_at(&talk, 2)->change_first].packet, 2);
    assert_true(row_at(&talk, 2)->lane[FST_CLIENT].news);
    assert_false(row_at(&talk, 2)->lane[FST_SERVER].news);
    assert_false(row_at(&talk, 3)->lane[FST_CLIENT].news);
    assert_int_equal(row_at(&talk, 3)->lane[FST_CLIENT].state, FST_FIN_WAIT_1);
    assert_true(fst_ladder_visited(&talk.ladder, FST_CLIENT, FST_FIN_WAIT_1));
    assert_false(fst_ladder_visited(&talk.ladder, FST_SERVER, FST_FIN_WAIT_1));
    fst_ladder_free(&talk.ladder);
}

/* A state that is proved later is news again. */
static void shows_when_a_state_is_proved(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    talk.event.after[FST_SERVER].inferred = true;
    send(&talk, FST_CLIENT, 10);
    talk.event.after[FST_SERVER].inferred = false;
    send(&talk, FST_SERVER, 10);
    finish(&talk);
    assert_true(row_at(&talk, 1)->lane[FST_SERVER].inferred);
    assert_true(row_at(&talk, 2)->lane[FST_SERVER].news);
    assert_false(row_at(&talk, 2)->lane[FST_SERVER].inferred);
    fst_ladder_free(&talk.ladder);
}

static void shortens_silence(void **state)
{
    struct talk talk;
    char text[FST_LADDER_LINE_MAX];

    (void)state;
    begin(&talk);
    talk.view.end_kind = FST_END_OPEN;
    send(&talk, FST_CLIENT, 10);
    talk.event.time_ns += 60 * SECOND;
    send(&talk, FST_CLIENT, 10);
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 6);
    check_row(&talk, 2, FST_LADDER_GAP, NULL);
    assert_string_equal(fst_ladder_pause_text(&talk.ladder, 2, text), "silence for 60.0 s");
    check_row(&talk, 4, FST_LADDER_GAP, NULL);
    assert_string_equal(fst_ladder_pause_text(&talk.ladder, 4, text), "nothing more for 7.0 s");
    assert_string_equal(fst_ladder_pause_text(&talk.ladder, 5, text), "end of capture");
    fst_ladder_free(&talk.ladder);
}

/* A finding stands at its packet, also one that was held back, and also one inside folded data. */
static void places_findings(void **state)
{
    struct fst_finding found[3] = {
        {.rule = &rule, .packet = 2}, {.rule = &rule, .packet = 4}, {.rule = &rule, .packet = 4}};
    struct talk talk;

    (void)state;
    begin(&talk);
    send(&talk, FST_CLIENT, 10);
    send(&talk, FST_CLIENT, 10);
    send(&talk, FST_CLIENT, 10);
    talk.event.finding_count = 1;
    talk.event.findings = &found[1];
    send(&talk, FST_CLIENT, 10);
    send(&talk, FST_CLIENT, 10);
    talk.view.findings = found;
    talk.view.finding_count = 3;
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 4);
    check_row(&talk, 1, FST_LADDER_DATA, "30 B in 3 segments");
    assert_int_equal(row_at(&talk, 1)->finding_count, 1);
    check_row(&talk, 2, FST_LADDER_SEGMENT, "ACK");
    assert_int_equal(row_at(&talk, 2)->finding_count, 2);
    assert_int_equal(row_at(&talk, 2)->finding_first, 1);
    assert_int_equal(row_at(&talk, 3)->finding_count, 0);
    fst_ladder_free(&talk.ladder);
}

/* Of a finding that comes again and again only the first have rows of their own. */
static void folds_what_is_found_too_often(void **state)
{
    struct fst_finding found = {.rule = &rule};
    struct talk talk;

    (void)state;
    begin(&talk);
    for (int i = 0; i < 100; i++) {
        found.packet = talk.event.packet + 1;
        talk.event.finding_count = 1;
        talk.event.findings = &found;
        send(&talk, FST_CLIENT, 10);
    }
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 5);
    check_row(&talk, 4, FST_LADDER_DATA, "970 B in 97 segments");
    fst_ladder_free(&talk.ladder);
}

static void stops_when_full(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    talk.ladder.packets = true;
    talk.ladder.rows_max = 10;
    for (int i = 0; i < 100; i++)
        send(&talk, FST_CLIENT, 10);
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 11);
    check_row(&talk, 10, FST_LADDER_REST, "91 segments not drawn");
    assert_int_equal(row_at(&talk, 10)->last_packet, 100);
    fst_ladder_free(&talk.ladder);
}

static void changes_sides(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    change(&talk, FST_CLIENT, FST_FIN_WAIT_1);
    send(&talk, FST_CLIENT, 10);
    fst_ladder_flip(&talk.ladder);
    finish(&talk);
    assert_int_equal(row_at(&talk, 1)->from, FST_SERVER);
    assert_int_equal(row_at(&talk, 1)->sent[FST_SERVER].octets, 10);
    assert_int_equal(row_at(&talk, 1)->lane[FST_SERVER].state, FST_FIN_WAIT_1);
    assert_int_equal(talk.ladder.changes[0].change.side, FST_SERVER);
    fst_ladder_free(&talk.ladder);
}

/* Before a capture that begins in the middle there is nothing to show. */
static void knows_no_start_without_a_syn(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    send(&talk, FST_CLIENT, 10);
    talk.view.oriented_by = FST_ORIENTED_BY_PORT;
    finish(&talk);
    assert_true(row_at(&talk, 0)->lane[FST_CLIENT].unknown);
    assert_false(row_at(&talk, 0)->lane[FST_CLIENT].news);
    fst_ladder_free(&talk.ladder);
}

static void is_empty_without_segments(void **state)
{
    struct talk talk;

    (void)state;
    begin(&talk);
    finish(&talk);
    assert_int_equal(talk.ladder.row_count, 0);
    fst_ladder_free(&talk.ladder);
}

static void says_why(void **state)
{
    static const struct fst_change own = {FST_CLIENT, FST_ESTABLISHED, FST_FIN_WAIT_1,
                                          false,      "sent its FIN",  "3.10.4"};
    static const struct fst_change other = {FST_SERVER, FST_ESTABLISHED, FST_CLOSED,
                                            true,       "was reset",     "RFC 5961 3.2"};
    char text[FST_LADDER_WHY_MAX];

    (void)state;
    assert_string_equal(fst_ladder_why_text(&own, text),
                        "client ESTABLISHED > FIN-WAIT-1: sent its FIN (RFC 9293 3.10.4)");
    assert_string_equal(fst_ladder_why_text(&other, text),
                        "server ESTABLISHED > CLOSED ~: was reset (RFC 5961 3.2)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_data),
        cmocka_unit_test(folds_turns),
        cmocka_unit_test(shows_packets_when_asked),
        cmocka_unit_test(shows_changes),
        cmocka_unit_test(shows_when_a_state_is_proved),
        cmocka_unit_test(shortens_silence),
        cmocka_unit_test(places_findings),
        cmocka_unit_test(folds_what_is_found_too_often),
        cmocka_unit_test(stops_when_full),
        cmocka_unit_test(changes_sides),
        cmocka_unit_test(knows_no_start_without_a_syn),
        cmocka_unit_test(is_empty_without_segments),
        cmocka_unit_test(says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
