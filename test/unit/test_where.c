/* SPDX-License-Identifier: MIT
 *
 * Expressions that choose connections: what holds, what is no expression, what is said of it.
 */
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

#include "where/where.h"

#define SECOND INT64_C(1000000000)

/* 10.1.2.3:51546 closed first and waits; 192.0.2.9:5432 owes its FIN for a minute and a half. */
static struct fst_where_flow half_closed(void)
{
    struct fst_where_flow flow = {
        .side = {{.address = {.octets = {10, 1, 2, 3}},
                  .port = 51546,
                  .state = FST_FIN_WAIT_2,
                  .heard = true,
                  .since_ns = 10 * SECOND,
                  .packets = 5,
                  .payload_bytes = 310},
                 {.address = {.octets = {192, 0, 2, 9}},
                  .port = 5432,
                  .state = FST_CLOSE_WAIT,
                  .heard = true,
                  .since_ns = 10 * SECOND,
                  .packets = 3,
                  .payload_bytes = 1204,
                  .retransmits = 1}},
        .ts_first = 5 * SECOND,
        .ts_last = 10 * SECOND,
        .now_ns = 100 * SECOND,
        .end_kind = FST_END_HALF_CLOSED,
        .end_by = FST_BY_CLIENT,
        .handshake_ns = 455000,
        .view = "complete",
        .classes = 1u << FST_ANOMALY,
    };

    fst_rule_set_add(&flow.rules[FST_BY_SERVER], fst_rule_find("fin-retransmit"));
    return flow;
}

static bool holds(const char *expression, const struct fst_where_flow *flow)
{
    char message[FST_WHERE_MESSAGE_MAX] = "";
    struct fst_where *where;
    bool result;

    if (fst_where_parse(&where, expression, message) != 0)
        fail_msg("%s: %s", expression, message);
    result = fst_where_holds(where, flow);
    fst_where_free(where);
    return result;
}

static void says_what_holds(void **state)
{
    static const struct {
        const char *expression;
        bool holds;
    } cases[] = {
        {"server in CLOSE-WAIT", true},
        {"server in close-wait and age > 60s", true},
        {"server in CLOSE-WAIT and age > 2 min", false},
        {"client in CLOSE-WAIT", false},
        {"in CLOSE-WAIT", true},
        {"in ESTABLISHED", false},
        {"server in CLOSE-WAIT longer than 89 s", true},
        {"server in CLOSE-WAIT longer than 90 s", false},
        {"age>94s", true},
        {"age = 95 s", true},
        {"age==95s", true},
        {"age != 95s", false},
        {"idle >= 90s and idle <= 90s", true},
        {"idle < 90s", false},
        {"handshake < 1 ms", true},
        {"handshake > 455 us", false},
        {"packets = 8", true},
        {"bytes > 1513", true},
        {"bytes > 1514", false},
        {"retransmits = 1", true},
        {"client sends = 310", true},
        {"server sends < 1204 bytes", false},
        {"net 10.0.0.0/8", true},
        {"net 10.1.2.0/23", true},
        {"net 10.1.0.0/23", false},
        {"server net 10.0.0.0/8", false},
        {"client host 10.1.2.3", true},
        {"host 192.0.2.9", true},
        {"host 192.0.2.8", false},
        {"net 0.0.0.0/0", true},
        {"net ::/0", false},
        {"port 5432", true},
        {"client port 5432", false},
        {"server port 5432", true},
        {"ended", false},
        {"not ended", true},
        {"ended half-closed", true},
        {"ended half-closed by client", true},
        {"ended half-closed by server", false},
        {"ended reset by server", false},
        {"rule fin-retransmit", true},
        {"rule fin-retransmit by server", true},
        {"rule fin-retransmit by client", false},
        {"rule data-after-fin", false},
        {"findings", true},
        {"anomaly", true},
        {"illegal", false},
        {"illegal or anomaly", true},
        {"view complete", true},
        {"view midstream", false},
        /* "and" binds closer than "or", "not" closest; brackets decide */
        {"port 1 and port 2 or port 5432", true},
        {"port 5432 or port 1 and port 2", true},
        {"(port 5432 or port 1) and port 2", false},
        {"not port 1 and not port 2", true},
        {"not (port 1 or port 5432)", false},
        {"not not port 5432", true},
        {"((port 5432))", true},
    };
    struct fst_where_flow flow = half_closed();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(cases[i].expression, holds(cases[i].expression, &flow), cases[i].holds);
}

static void knows_what_is_over(void **state)
{
    struct fst_where_flow flow = half_closed();

    (void)state;
    flow.over = true;
    flow.end_kind = FST_END_RESET;
    flow.end_by = FST_BY_SERVER;
    CHECK("over", holds("ended", &flow), true);
    CHECK("over", holds("ended by server", &flow), true);
    CHECK("over", holds("ended by client", &flow), false);
    CHECK("over", holds("ended and port 5432", &flow), true);
    CHECK("over", holds("(ended)", &flow), true);
    CHECK("over", holds("ended reset by server", &flow), true);
    CHECK("what is over grows no older", holds("age = 5 s", &flow), true);
}

static void asks_nothing_of_the_unknown(void **state)
{
    struct fst_where_flow flow = half_closed();

    (void)state;
    flow.side[FST_SERVER].heard = false;
    flow.side[FST_CLIENT].since_ns = 0;
    flow.handshake_ns = -1;
    CHECK("never heard", holds("server in CLOSE-WAIT", &flow), false);
    CHECK("no time", holds("client in FIN-WAIT-2 longer than 1 s", &flow), false);
    CHECK("no handshake", holds("handshake < 1 h", &flow), false);
    flow.ts_last = flow.now_ns + SECOND;
    CHECK("a clock that stepped back", holds("idle = 0 s", &flow), true);
}

static void knows_ipv6(void **state)
{
    struct fst_where_flow flow = half_closed();

    (void)state;
    flow.side[FST_SERVER].address =
        (struct fst_address){.ipv6 = true, .octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};
    CHECK("prefix", holds("net 2001:db8::/32", &flow), true);
    CHECK("other prefix", holds("net 2001:db9::/32", &flow), false);
    CHECK("address", holds("server host 2001:db8::2", &flow), true);
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *expression, *message;
    } cases[] = {
        {"", "a condition is missing at the end of the line"},
        {"serverin CLOSE-WAIT",
         "\"serverin\" where a condition is expected; did you mean \"server\"?"},
        {"server in CLOSEWAIT", "\"CLOSEWAIT\" where a state of RFC 9293 is expected; did you "
                                "mean \"CLOSE-WAIT\"?"},
        {"server in", "a state of RFC 9293 is missing at the end of the line"},
        {"server", "one of in net host port sends is missing at the end of the line"},
        {"server in CLOSE-WAIT longer 5 s", "\"than\" is missing after \"longer\""},
        {"port http", "\"http\" where a number is expected"},
        {"port 65536", "there is no port 65536"},
        {"net 10.0.0/8", "\"10.0.0/8\" where an address such as 10.0.0.0/8 is expected"},
        {"net 10.0.0.0/33", "\"10.0.0.0/33\" where an address such as 10.0.0.0/8 is expected"},
        {"net", "an address is missing at the end"},
        {"age 5s", "\"5s\" where one of = != < <= > >= is expected"},
        {"age > 5", "a unit of time (ns us ms s min h) is missing at the end of the line"},
        {"rule data-after-fim",
         "\"data-after-fim\" where a rule is expected; did you mean \"data-after-fin\"?"},
        {"ended reseted", "\"reseted\" where a way to end is expected; did you mean \"reset\"?"},
        {"ended by me", "\"me\" where client, server or nobody is expected"},
        {"(port 1", "a \")\" is missing"},
        {"port 1)", "\")\" is too much here"},
        {"port 1 port 2", "\"port\" is too much here"},
        {"port 1 #2", "\"#\" means nothing here"},
        {"port 1 and", "a condition is missing at the end of the line"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char message[FST_WHERE_MESSAGE_MAX] = "";
        struct fst_where *where;

        CHECK(cases[i].expression, fst_where_parse(&where, cases[i].expression, message),
              FST_EINVAL);
        assert_string_equal(message, cases[i].message);
        assert_null(where);
    }
}

/** "(((...port 1...)))", `depth` deep. */
static void nest(char *text, size_t size, unsigned depth)
{
    int len = snprintf(text, size, "%.*s", (int)depth,
                       "((((((((((((((((((((((((((((((((((((((((((((((((((");

    len += snprintf(text + len, size - (size_t)len, "port 1");
    snprintf(text + len, size - (size_t)len, "%.*s", (int)depth,
             "))))))))))))))))))))))))))))))))))))))))))))))))))");
}

static void is_bounded(void **state)
{
    char message[FST_WHERE_MESSAGE_MAX], text[2048];
    struct fst_where *where;
    size_t len = 0;

    (void)state;
    nest(text, sizeof(text), 31);
    CHECK("deep", fst_where_parse(&where, text, message), 0);
    fst_where_free(where);
    nest(text, sizeof(text), 50);
    CHECK("too deep", fst_where_parse(&where, text, message), FST_EINVAL);
    assert_string_equal(message, "too many \"(\" and \"not\" in one another");
    for (int i = 0; i < 40; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "port %d or ", i);
    snprintf(text + len, sizeof(text) - len, "port 1");
    CHECK("too many", fst_where_parse(&where, text, message), FST_EINVAL);
    assert_string_equal(message, "more than 32 conditions");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CHECK("too long", fst_where_parse(&where, text, message), FST_EINVAL);
}

static void tells_an_expression_from_a_text(void **state)
{
    static const struct {
        const char *text;
        bool begins;
    } cases[] = {{"server in", true},   {"server", true}, {"(", true}, {"not x", true},
                 {"age>5", true},       {"serve", false}, {"", false}, {"10.0.0.9", false},
                 {"CLOSE-WAIT", false}, {"8080", false}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        CHECK(cases[i].text, fst_where_begins(cases[i].text), cases[i].begins);
}

/** Every rule has its place in a set. */
static void sets_hold_all_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < fst_rule_count(); i++) {
        struct fst_rule_set set = {{0}};

        fst_rule_set_add(&set, fst_rule_at(i));
        for (size_t k = 0; k < fst_rule_count(); k++)
            CHECK(fst_rule_at(i)->slug, fst_rule_set_has(&set, fst_rule_at(k)), i == k);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_holds),
        cmocka_unit_test(knows_what_is_over),
        cmocka_unit_test(asks_nothing_of_the_unknown),
        cmocka_unit_test(knows_ipv6),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(is_bounded),
        cmocka_unit_test(tells_an_expression_from_a_text),
        cmocka_unit_test(sets_hold_all_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
