/* SPDX-License-Identifier: MIT
 *
 * The expectation language: every kind of mistake is told with its line, what is read has one
 * canonical spelling, and the list of incidental rules holds names of the catalogue.
 */
#include "expect/expectation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect/seen.h"
#include "support/unit.h"

#define HEAD  "flowstate-expect 1\n"
#define BELOW HEAD "# ====\nflow a#1 client *:* server *:*\n"

static void mistakes_name_their_line(void **state)
{
    static const struct {
        const char *text;
        unsigned line;
        const char *says;
    } cases[] = {
        {"", 1, "the file is empty"},
        {"\n# only a comment\n", 2, "the file is empty"},
        {"assert flows = 1\n", 1, "must begin with"},
        {"flowstate-expect 2\n", 1, "version 1"},
        {"flowstate-expect\n", 1, "a number is expected"},
        {HEAD "capture a\n", 2, "expects nothing"},
        {HEAD "\ncapture a\ncapture b\n", 4, "a second \"capture\""},
        {HEAD "capture\n", 2, "nothing follows"},
        {HEAD "only\n", 2, "nothing follows"},
        {HEAD "captrue a\n", 2, "did you mean \"capture\""},
        {HEAD "lossless maybe\n", 2, "yes or no"},
        {HEAD "lossless yes\nlossless yes\n", 3, "a second"},
        {HEAD "allow damage\n", 2, "did you mean \"damaged\""},
        {HEAD "allow keepalive\nallow keepalive\n", 3, "allowed twice"},
        {HEAD "allow damaged\nallow damaged\n", 3, "allowed twice"},
        {HEAD "assert\n", 2, "missing at the end"},
        {HEAD "assert flow = 1\n", 2, "did you mean \"flows\""},
        {HEAD "assert flows 1\n", 2, "one of ="},
        {HEAD "assert flows = x\n", 2, "a number is expected"},
        {HEAD "assert flows = 1 2\n", 2, "\"2\" is too much"},
        {HEAD "assert flows = 9999999999999999\n", 2, "a number is expected"},
        {HEAD "assert flows = 1\nassert  flows  = 1\n", 3, "stands in line 2"},
        {HEAD "assert every ended closed\n", 2, "\"ended\" where \"flow:\" is expected"},
        {HEAD "assert every flow ended closed\n", 2, "did you mean \"flow:\""},
        {HEAD "assert every\n", 2, "\"flow:\" is missing"},
        {HEAD "assert flows >= 0\n", 2, "\">= 0\" holds always"},
        {HEAD "assert flows < 0\n", 2, "\"< 0\" holds never"},
        {HEAD "assert no flow: client sends >= 0 bytes\n", 2, "tests nothing"},
        {HEAD "assert every flow: client sends bytes\n", 2, "a number is expected"},
        {HEAD "assert every flow: client sends\n", 2, "missing at the end"},
        {HEAD "assert every flow: client sends 3 bites\n", 2, "did you mean \"bytes\""},
        {HEAD "assert every flow: established withn 50 ms\n", 2, "did you mean \"within\""},
        {HEAD "assert every flow: established in time\n", 2, "\"within TIME\" is expected"},
        {HEAD "assert every flow: server in CLOSED logner than 1 s\n", 2,
         "did you mean \"longer\""},
        {HEAD "assert every flow: ended closd\n", 2, "did you mean \"closed\""},
        {HEAD "assert every flow: ended closed by cleint\n", 2, "did you mean \"client\""},
        {HEAD "assert every flow: reset\n", 2, "by client"},
        {HEAD "assert every flow: established within 50\n", 2, "a unit of time"},
        {HEAD "assert every flow: established within 50 sm\n", 2, "a unit of time"},
        {HEAD "assert every flow: established within fast\n", 2, "a time such as"},
        {HEAD "assert every flow: established within 1. s\n", 2, "a time such as"},
        {HEAD "assert every flow: established within 99999999 h\n", 2, "longer than a year"},
        {HEAD "assert no flow: server in CLOSEWAIT\n", 2, "did you mean \"CLOSE-WAIT\""},
        {HEAD "assert no flow: server in CLOSE-WAIT longer 2 s\n", 2, "\"than TIME\" is expected"},
        {HEAD "assert no flow: server is CLOSED\n", 2, "did you mean \"in\""},
        {HEAD "assert no flow: client sends 3\n", 2, "\"bytes\" is missing"},
        {HEAD "assert no flow: rule data-after-fni\n", 2, "did you mean \"data-after-fin\""},
        {HEAD "assert no illegl\n", 2, "did you mean \"illegal\""},
        {HEAD "flow a#1 client *:* server *:*\n", 2, "move it below"},
        {BELOW "assert flows = 1\n", 4, "move it above"},
        {BELOW "# ====\n", 4, "a second line"},
        {HEAD "# ====\n client CLOSED\n", 3, "before the first \"flow\""},
        {HEAD "# ====\nflow a client *:* server *:*\n", 3, "a flow's name"},
        {HEAD "# ====\nflow a#0 client *:* server *:*\n", 3, "a flow's name"},
        {HEAD "# ====\nflow #1 client *:* server *:*\n", 3, "a flow's name"},
        {HEAD "# ====\nflow a#1 server *:* client *:*\n", 3, "\"client ADDRESS:PORT\""},
        {HEAD "# ====\nflow a#1 clinet *:* server *:*\n", 3, "did you mean \"client\""},
        {HEAD "# ====\nflow a#1 client *:*\n", 3, "\"server ADDRESS:PORT\" is missing"},
        {HEAD "# ====\nflow a#1 client 1.2.3:4 server *:*\n", 3, "an endpoint is expected"},
        {HEAD "# ====\nflow a#1 client *:* server [::1:5\n", 3, "an endpoint is expected"},
        {HEAD "# ====\nflow a#1 client *:* server *:65536\n", 3, "an endpoint is expected"},
        {BELOW "flow b#1 client *:* server *:*\n", 4, "so is a#1 in line 3"},
        {BELOW " client\n", 4, "a state is missing"},
        {BELOW " client LISTEN ESTABLISHED\n", 4, "nothing leads from LISTEN to ESTABLISHED"},
        {BELOW " client CLOSED |\n", 4, "a state is missing"},
        {BELOW " client CLOSED\n client CLOSED\n", 5, "write \"or client\""},
        {BELOW " or client CLOSED\n", 4, "without a \"client\" line"},
        {BELOW " or packet\n", 4, "no alternatives"},
        {BELOW " findings\n", 4, "a rule is missing"},
        {BELOW " findings keepalive,\n", 4, "a rule is missing"},
        {BELOW " findings keepalive by nobody\n", 4, "client or server"},
        {BELOW " findings keepalive, keepalive\n", 4, "named twice"},
        {BELOW " segments >SIN\n", 4, "did you mean \">SYN\""},
        {BELOW " packet > S seq 1\n", 4, "\"ack\" is missing"},
        {BELOW " packet > X seq 1\n", 4, "flags"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_expectation expectation;
        struct fst_expect_error error;

        if (fst_expectation_parse(&expectation, cases[i].text, strlen(cases[i].text), &error))
            fail_msg("accepted: %s", cases[i].text);
        CHECK(cases[i].text, error.line, cases[i].line);
        if (!strstr(error.message, cases[i].says))
            fail_msg("%s\nsays \"%s\", not \"%s\"", cases[i].text, error.message, cases[i].says);
    }
}

static void long_words_are_refused(void **state)
{
    char text[1024] = HEAD "assert ";
    struct fst_expectation expectation;
    struct fst_expect_error error;

    (void)state;
    memset(text + strlen(text), 'x', 300);
    assert_false(fst_expectation_parse(&expectation, text, strlen(text), &error));
    assert_int_equal(error.line, 2);
    assert_string_equal(error.message, "a word of 300 letters is too long");
}

static void aspects_have_one_spelling(void **state)
{
    static const char text[] =
        BELOW "\tclient\tCLOSED   SYN-SENT | TIME-WAIT ... # long\r\n"
              " or client LISTEN\n"
              " findings  keepalive by server, data-after-fin by client, fin-moved\n"
              " ended closed by nobody\n"
              " segments >SYN  <RST\n"
              " packet > S seq 0 ack 0 len 0 win 1 opt none client SYN-SENT server LISTEN\n"
              " packet < R. seq 0 ack 1 len 0 win 0 opt none client CLOSED server CLOSED";
    struct fst_expectation expectation;
    struct fst_expect_error error;
    const struct fst_expected_flow *flow;

    (void)state;
    assert_true(fst_expectation_parse(&expectation, text, strlen(text), &error));
    flow = &expectation.flows[0];
    assert_int_equal(flow->aspect[FST_ASPECT_CLIENT].count, 2);
    assert_string_equal(flow->aspect[FST_ASPECT_CLIENT].any[0].text,
                        "CLOSED SYN-SENT | TIME-WAIT ...");
    assert_int_equal(flow->aspect[FST_ASPECT_CLIENT].any[1].line, 5);
    assert_string_equal(flow->aspect[FST_ASPECT_FINDINGS].any[0].text,
                        "data-after-fin by client, fin-moved, keepalive by server");
    assert_string_equal(flow->aspect[FST_ASPECT_ENDED].any[0].text, "closed");
    assert_string_equal(flow->aspect[FST_ASPECT_SEGMENTS].any[0].text, ">SYN <RST");
    assert_int_equal(flow->aspect[FST_ASPECT_PACKET].any[0].line, 9);
    assert_int_equal(expectation.level, FST_LEVEL_EXACT);
    assert_int_equal(expectation.recorded_offset, strlen(HEAD));
    fst_expectation_free(&expectation);
}

static void times(void **state)
{
    static const struct {
        const char *text;
        int64_t ns;
    } cases[] = {{"50 ms", 50000000},   {"50ms", 50000000}, {"1.5 s", 1500000000},
                 {"0.25us", 250},       {"7 ns", 7},        {"2 min", 120000000000},
                 {"1 h", 3600000000000}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_expectation expectation;
        struct fst_expect_error error;
        char text[128];

        snprintf(text, sizeof(text), HEAD "assert every flow: established within %s",
                 cases[i].text);
        assert_true(fst_expectation_parse(&expectation, text, strlen(text), &error));
        CHECK(cases[i].text, expectation.asserts[0].time_ns, cases[i].ns);
        fst_expectation_free(&expectation);
    }
}

static void endpoints(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"10.0.0.9:443", true}, {"*:*", true},          {"[::1]:*", true},
                 {"*:0", true},          {"10.0.0.9", false},    {"10.0.0.9:", false},
                 {":443", false},        {"::1:443", false},     {"[10.0.0.9]:1", false},
                 {"[]:1", false},        {"10.0.0.9:+1", false}, {"localhost:1", false}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_pattern pattern;

        CHECK(cases[i].text, fst_pattern_parse(&pattern, cases[i].text), cases[i].good);
    }
}

static void incidental_rules_exist(void **state)
{
    static const char *const slugs[] = {
#define INCIDENTAL(slug) slug,
#include "expect/incidental.def"
#undef INCIDENTAL
    };

    (void)state;
    for (size_t i = 0; i < COUNT(slugs); i++) {
        if (!fst_rule_find(slugs[i]))
            fail_msg("no rule \"%s\"", slugs[i]);
        assert_true(fst_rule_is_incidental(fst_rule_find(slugs[i])));
    }
    assert_false(fst_rule_is_incidental(fst_rule_find("data-after-fin")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(long_words_are_refused),
        cmocka_unit_test(aspects_have_one_spelling),
        cmocka_unit_test(times),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(incidental_rules_exist),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
