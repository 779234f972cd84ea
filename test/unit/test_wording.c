/* SPDX-License-Identifier: MIT
 *
 * How a connection ended, in words; what a view is called; which row a terminal keeps.
 */
#include "report/wording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/text_rows.h"

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))
#define SECOND       INT64_C(1000000000)

static void endings(void **state)
{
    static const struct {
        struct fst_ending ending;
        const char *text;
    } cases[] = {
        {{FST_END_CLOSED, FST_BY_CLIENT, false, 9, 0, 1200000000, 0},
         "closed, client first, 1.2 s"},
        {{FST_END_CLOSED, FST_BY_NOBODY, false, 9, 0, 1200000000, 0},
         "closed, both at once, 1.2 s"},
        {{FST_END_RESET, FST_BY_SERVER, false, 9, 412, 0, 0}, "reset by SERVER after 412 B"},
        {{FST_END_RESET, FST_BY_NOBODY, false, 9, 412, 0, 0}, "reset after 412 B"},
        {{FST_END_NO_ANSWER, FST_BY_NOBODY, false, 4, 0, 7 * SECOND, 0},
         "no answer to 4 SYNs in 7.0 s"},
        {{FST_END_NO_ANSWER, FST_BY_NOBODY, false, 1, 0, 0, 0}, "no answer to 1 SYN"},
        {{FST_END_REFUSED, FST_BY_SERVER, false, 1, 0, 0, 0}, "refused by SERVER"},
        {{FST_END_HALF_CLOSED, FST_BY_CLIENT, false, 4, 0, 0, 58100000000},
         "open: SERVER owes a FIN, idle 58.1 s"},
        {{FST_END_HALF_CLOSED, FST_BY_SERVER, false, 4, 0, 0, SECOND},
         "open: CLIENT owes a FIN, idle 1.0 s"},
        {{FST_END_OPEN, FST_BY_NOBODY, false, 4, 0, 0, SECOND}, "open, idle 1.0 s"},
        {{FST_END_OPEN, FST_BY_NOBODY, false, 4, 0, 0, 0}, "open"},
        {{FST_END_OPEN, FST_BY_NOBODY, true, 4, 0, 0, SECOND}, "open, then dropped (table full)"},
        {{FST_END_OPENING, FST_BY_NOBODY, false, 4, 0, 0, SECOND},
         "open: handshake unfinished, idle 1.0 s"},
        {{FST_END_UNKNOWN, FST_BY_NOBODY, false, 4, 0, 0, SECOND}, "too little captured to tell"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[FST_ENDING_MAX];

        assert_string_equal(fst_ending_text(&cases[i].ending, text), cases[i].text);
    }
}

static const struct fst_rule unseen = {
    .slug = "ack-of-unseen-data", .class_ = FST_CAPTURE, .source = "RFC 9293 3.10.7.4"};
static const struct fst_rule other = {.slug = "keepalive", .source = "tcpdump"};
static const struct fst_rule worse = {.slug = "data-after-fin", .source = "RFC 9293 3.10.2"};

static void findings_are_summed_up(void **state)
{
    struct fst_finding findings[] = {{.rule = &other, .class_ = FST_ANOMALY},
                                     {.rule = &unseen, .class_ = FST_CAPTURE, .repeats = 2}};
    struct fst_connection_view view = {.findings = findings, .finding_count = 2};

    (void)state;
    assert_int_equal(fst_rule_count_in(&view, "ack-of-unseen-data"), 3);
    assert_int_equal(fst_worst_class(&view), FST_ANOMALY);
    view.finding_count = 0;
    assert_int_equal(fst_worst_class(&view), FST_CLASS_COUNT);
}

static void a_state_at_rest_looks_so_everywhere(void **state)
{
    static const struct {
        enum fst_state state;
        const char *phase;
    } cases[] = {
        {FST_CLOSED, "rest"},        {FST_LISTEN, "rest"},          {FST_TIME_WAIT, "rest"},
        {FST_SYN_SENT, "opening"},   {FST_SYN_RECEIVED, "opening"}, {FST_ESTABLISHED, "data"},
        {FST_FIN_WAIT_1, "closing"}, {FST_FIN_WAIT_2, "closing"},   {FST_CLOSE_WAIT, "closing"},
        {FST_CLOSING, "closing"},    {FST_LAST_ACK, "closing"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(fst_phase_name(cases[i].state), cases[i].phase);
}

static void sources_without_the_word_rfc(void **state)
{
    (void)state;
    assert_string_equal(fst_rfc_section(&worse), "9293 3.10.2");
    assert_string_equal(fst_rfc_section(&other), "tcpdump");
}

static void rules_of_a_row_are_worst_first(void **state)
{
    static const struct fst_rule more[] = {{.slug = "a"}, {.slug = "b"}};
    struct fst_finding findings[] = {
        {.rule = &unseen, .class_ = FST_CAPTURE}, {.rule = &other, .class_ = FST_ANOMALY},
        {.rule = &other, .class_ = FST_ANOMALY},  {.rule = &more[0], .class_ = FST_ANOMALY},
        {.rule = &worse, .class_ = FST_ILLEGAL},  {.rule = &more[1], .class_ = FST_CAPTURE}};
    struct fst_connection_view view = {.findings = findings, .finding_count = COUNT(findings)};
    struct fst_row row;

    (void)state;
    fst_row_fill(&row, &view, 0);
    assert_int_equal(row.rule_count, 5);
    assert_ptr_equal(row.rules[0], &worse);
    assert_ptr_equal(row.rules[1], &other);
    assert_ptr_equal(row.rules[2], &more[0]);
    assert_int_equal(row.worst, FST_ILLEGAL);
}

static void a_terminal_keeps_the_worst(void **state)
{
    static const enum fst_class classes[] = {FST_CLASS_COUNT, FST_ANOMALY, FST_CLASS_COUNT,
                                             FST_ILLEGAL, FST_ANOMALY};
    static const uint32_t kept[] = {4, 2, 5};
    struct fst_rows rows = {.keep = 3};

    (void)state;
    for (uint32_t i = 0; i < COUNT(classes); i++) {
        struct fst_row row = {.id = i + 1, .worst = classes[i]};

        assert_true(fst_rows_add(&rows, &row));
    }
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < COUNT(kept); i++)
        assert_int_equal(rows.row[i].id, kept[i]);
    fst_rows_sort(&rows);
    assert_int_equal(rows.row[0].id, 2);
    fst_rows_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endings),
        cmocka_unit_test(findings_are_summed_up),
        cmocka_unit_test(a_state_at_rest_looks_so_everywhere),
        cmocka_unit_test(sources_without_the_word_rfc),
        cmocka_unit_test(rules_of_a_row_are_worst_first),
        cmocka_unit_test(a_terminal_keeps_the_worst),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
