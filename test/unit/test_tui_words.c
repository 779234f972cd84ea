/* SPDX-License-Identifier: MIT
 *
 * What cells of the live screen say.
 */
#include "support/unit.h"

#include "tui/words.h"

#define MS INT64_C(1000000)

static void writes_times_short(void **state)
{
    static const struct {
        int64_t ns;
        const char *age, *idle;
    } cases[] = {{-5, "0:00", "0.0s"},
                 {0, "0:00", "0.0s"},
                 {4 * FST_SECOND + 999 * MS, "0:04", "4.9s"},
                 {58 * FST_SECOND + 100 * MS, "0:58", "58.1s"},
                 {60 * FST_SECOND, "1:00", "1:00"},
                 {3599 * FST_SECOND, "59:59", "59:59"},
                 {3600 * FST_SECOND, "1:00:00", "1:00:00"},
                 {86399 * FST_SECOND, "23:59:59", "23:59:59"},
                 {(86400 * 2 + 7 * 3600) * FST_SECOND, "2d 07h", "2d 07h"}};
    char text[FST_CELL_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(fst_age_text(cases[i].ns, text), cases[i].age);
        assert_string_equal(fst_idle_text(cases[i].ns, text), cases[i].idle);
    }
}

static void writes_round_trips(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "0us"},          {85000, "85us"},      {99999, "99us"},   {100000, "0.1ms"},
                 {455000, "0.4ms"},   {9999999, "9.9ms"},   {10 * MS, "10ms"}, {999 * MS, "999ms"},
                 {1000 * MS, "1.0s"}, {12345 * MS, "12.3s"}};
    char text[FST_CELL_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(fst_rtt_text(cases[i].ns, text), cases[i].text);
}

static void writes_counts_in_five_columns(void **state)
{
    static const struct {
        uint64_t count;
        const char *text;
    } cases[] = {{0, "0"},          {9999, "9999"},      {10000, "10.0k"},
                 {99949, "99.9k"},  {100000, "100k"},    {999999, "999k"},
                 {1000000, "1.0M"}, {12345678, "12.3M"}, {UINT64_MAX, "18.4E"}};
    char text[FST_CELL_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(fst_short_count(cases[i].count, text), cases[i].text);
}

static struct fst_tui_row a_row(enum fst_end_kind kind, enum fst_blame by, const char *rule,
                                enum fst_class worst)
{
    struct fst_tui_row row = {.worst = worst, .worst_rule = rule ? fst_rule_find(rule) : NULL};

    row.flow.end_kind = kind;
    row.flow.end_by = by;
    row.flow.view = "complete";
    return row;
}

static void notes_what_is_worth_saying(void **state)
{
    static const struct {
        enum fst_end_kind kind;
        enum fst_blame by;
        const char *rule;
        enum fst_class worst;
        const char *text;
    } cases[] = {
        {FST_END_OPEN, FST_BY_NOBODY, NULL, FST_CLASS_COUNT, ""},
        {FST_END_HALF_CLOSED, FST_BY_CLIENT, NULL, FST_CLASS_COUNT, "server owes FIN"},
        {FST_END_HALF_CLOSED, FST_BY_SERVER, NULL, FST_CLASS_COUNT, "client owes FIN"},
        {FST_END_HALF_CLOSED, FST_BY_NOBODY, NULL, FST_CLASS_COUNT, "one side owes FIN"},
        {FST_END_NO_ANSWER, FST_BY_NOBODY, "syn-retransmit", FST_ANOMALY,
         "no answer · syn-retransmit"},
        {FST_END_REFUSED, FST_BY_SERVER, "connection-refused", FST_ANOMALY, "refused"},
        {FST_END_RESET, FST_BY_CLIENT, "rst-abort", FST_ANOMALY, "reset by client"},
        {FST_END_RESET, FST_BY_NOBODY, NULL, FST_CLASS_COUNT, "reset"},
        {FST_END_CLOSED, FST_BY_SERVER, NULL, FST_CLASS_COUNT, "closed by server"},
        {FST_END_CLOSING, FST_BY_SERVER, NULL, FST_CLASS_COUNT, "last ACK missing"},
        {FST_END_OPENING, FST_BY_NOBODY, NULL, FST_CLASS_COUNT, "handshake unfinished"},
        {FST_END_OPEN, FST_BY_NOBODY, "data-after-fin", FST_ILLEGAL, "data-after-fin"},
        {FST_END_CLOSED, FST_BY_CLIENT, "syn-new-isn", FST_SUSPECT,
         "syn-new-isn · closed by client"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_tui_row row = a_row(cases[i].kind, cases[i].by, cases[i].rule, cases[i].worst);
        char text[FST_CELL_MAX];
        fst_look look;

        assert_string_equal(fst_note_text(&row, 5 * FST_SECOND, &look, text), cases[i].text);
    }
}

/** A handshake of a moment ago is no news. */
static void gives_a_handshake_a_second(void **state)
{
    struct fst_tui_row row = a_row(FST_END_OPENING, FST_BY_NOBODY, NULL, FST_CLASS_COUNT);
    char text[FST_CELL_MAX];
    fst_look look;

    (void)state;
    assert_string_equal(fst_note_text(&row, FST_SECOND, &look, text), "");
    assert_string_equal(fst_note_text(&row, FST_SECOND + 1, &look, text), "handshake unfinished");
}

static void tells_what_was_dropped(void **state)
{
    struct fst_tui_row row = a_row(FST_END_OPEN, FST_BY_NOBODY, NULL, FST_CLASS_COUNT);
    char text[FST_CELL_MAX];
    fst_look look;

    (void)state;
    row.gone = true;
    row.over_ns = 1;
    assert_string_equal(fst_note_text(&row, 1, &look, text), "dropped");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_times_short),
        cmocka_unit_test(writes_round_trips),
        cmocka_unit_test(writes_counts_in_five_columns),
        cmocka_unit_test(notes_what_is_worth_saying),
        cmocka_unit_test(gives_a_handshake_a_second),
        cmocka_unit_test(tells_what_was_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
