/* SPDX-License-Identifier: MIT
 *
 * What users of the catalogue rely on: slugs never change, and neither does a class without a word.
 */
#include "flowstate/flowstate.h"

#include <string.h>

#include "support/unit.h"

/* Each rule's class, by default and when nothing is missing from the capture. */
static const struct {
    const char *slug;
    enum fst_class class_, lossless;
} rules[] = {
    {"flags-syn-fin", FST_ILLEGAL, FST_ILLEGAL},
    {"flags-syn-rst", FST_ILLEGAL, FST_ILLEGAL},
    {"flags-fin-rst", FST_ILLEGAL, FST_ILLEGAL},
    {"fin-without-ack", FST_ILLEGAL, FST_ILLEGAL},
    {"no-control-flag", FST_ILLEGAL, FST_ILLEGAL},
    {"malformed-header", FST_ILLEGAL, FST_ILLEGAL},
    {"data-after-fin", FST_ILLEGAL, FST_ILLEGAL},
    {"fin-moved", FST_ILLEGAL, FST_ILLEGAL},
    {"ack-beyond-fin", FST_ILLEGAL, FST_ILLEGAL},
    {"data-after-rst", FST_ILLEGAL, FST_ILLEGAL},
    {"syn-option-outside-syn", FST_ILLEGAL, FST_ILLEGAL},
    {"wscale-too-large", FST_ILLEGAL, FST_ILLEGAL},
    {"ack-of-unseen-syn", FST_CAPTURE, FST_ILLEGAL},
    {"ack-of-unseen-data", FST_CAPTURE, FST_ILLEGAL},
    {"ack-of-unseen-fin", FST_CAPTURE, FST_ILLEGAL},
    {"synack-to-unseen-syn", FST_CAPTURE, FST_ILLEGAL},
    {"synack-bad-ack", FST_SUSPECT, FST_ILLEGAL},
    {"isn-moved", FST_SUSPECT, FST_ILLEGAL},
    {"data-in-syn-received", FST_SUSPECT, FST_ILLEGAL},
    {"no-legal-state", FST_SUSPECT, FST_ILLEGAL},
    {"window-overrun", FST_SUSPECT, FST_ILLEGAL},
    {"rst-beyond-window", FST_SUSPECT, FST_ILLEGAL},
    {"sack-of-unseen-data", FST_SUSPECT, FST_ILLEGAL},
    {"option-not-offered", FST_SUSPECT, FST_ILLEGAL},
    {"timestamp-missing", FST_SUSPECT, FST_ILLEGAL},
    {"segment-after-own-rst", FST_ANOMALY, FST_ILLEGAL},
    {"syn-retransmit", FST_ANOMALY, FST_ANOMALY},
    {"old-duplicate-syn", FST_ANOMALY, FST_ANOMALY},
    {"synack-retransmit", FST_ANOMALY, FST_ANOMALY},
    {"late-synack", FST_ANOMALY, FST_ANOMALY},
    {"syn-new-isn", FST_ANOMALY, FST_ANOMALY},
    {"synack-new-isn", FST_ANOMALY, FST_ANOMALY},
    {"simultaneous-open", FST_ANOMALY, FST_ANOMALY},
    {"syn-with-data", FST_ANOMALY, FST_ANOMALY},
    {"tfo-syn-data", FST_ANOMALY, FST_ANOMALY},
    {"tfo-data-refused", FST_ANOMALY, FST_ANOMALY},
    {"syn-ack-fin", FST_ANOMALY, FST_ANOMALY},
    {"connection-refused", FST_ANOMALY, FST_ANOMALY},
    {"handshake-reset", FST_ANOMALY, FST_ANOMALY},
    {"tuple-reuse", FST_ANOMALY, FST_ANOMALY},
    {"time-wait-reuse", FST_ANOMALY, FST_ANOMALY},
    {"isn-not-advanced", FST_ANOMALY, FST_ANOMALY},
    {"syn-in-synchronized", FST_ANOMALY, FST_ANOMALY},
    {"half-open-reply", FST_ANOMALY, FST_ANOMALY},
    {"half-open-reset", FST_ANOMALY, FST_ANOMALY},
    {"challenge-ack", FST_ANOMALY, FST_ANOMALY},
    {"rst-abort", FST_ANOMALY, FST_ANOMALY},
    {"rst-after-close", FST_ANOMALY, FST_ANOMALY},
    {"rst-without-state", FST_ANOMALY, FST_ANOMALY},
    {"rst-inexact", FST_ANOMALY, FST_ANOMALY},
    {"rst-out-of-window", FST_ANOMALY, FST_ANOMALY},
    {"rst-ignored", FST_ANOMALY, FST_ANOMALY},
    {"rst-with-data", FST_ANOMALY, FST_ANOMALY},
    {"simultaneous-close", FST_ANOMALY, FST_ANOMALY},
    {"half-close-data", FST_ANOMALY, FST_ANOMALY},
    {"fin-retransmit", FST_ANOMALY, FST_ANOMALY},
    {"retransmission", FST_ANOMALY, FST_ANOMALY},
    {"out-of-order", FST_ANOMALY, FST_ANOMALY},
    {"keepalive", FST_ANOMALY, FST_ANOMALY},
    {"zero-window", FST_ANOMALY, FST_ANOMALY},
    {"zero-window-probe", FST_ANOMALY, FST_ANOMALY},
    {"window-shrunk", FST_ANOMALY, FST_ANOMALY},
    {"timestamp-went-back", FST_ANOMALY, FST_ANOMALY},
    {"unfinished", FST_ANOMALY, FST_ANOMALY},
    {"close-wait-lasts", FST_ANOMALY, FST_ANOMALY},
    {"fin-wait-2-lasts", FST_ANOMALY, FST_ANOMALY},
    {"half-open-lasts", FST_ANOMALY, FST_ANOMALY},
    {"midstream-start", FST_CAPTURE, FST_CAPTURE},
    {"one-sided", FST_CAPTURE, FST_CAPTURE},
    {"duplicate-frame", FST_CAPTURE, FST_CAPTURE},
    {"reordered-capture", FST_CAPTURE, FST_CAPTURE},
    {"unseen-new-life", FST_CAPTURE, FST_CAPTURE},
    {"stray-segment", FST_CAPTURE, FST_CAPTURE},
    {"header-unavailable", FST_CAPTURE, FST_CAPTURE},
    {"oversized-segment", FST_CAPTURE, FST_CAPTURE},
    {"bad-checksum", FST_CAPTURE, FST_CAPTURE},
    {"padding-as-payload", FST_CAPTURE, FST_CAPTURE},
    {"capture-drops", FST_CAPTURE, FST_CAPTURE},
};

static void rules_keep_their_slugs_and_classes(void **state)
{
    size_t i;

    (void)state;
    CHECK("rules", fst_rule_count(), COUNT(rules));
    for (i = 0; i < COUNT(rules); i++) {
        const struct fst_rule *rule = fst_rule_find(rules[i].slug);

        if (!rule)
            fail_msg("there is no rule %s", rules[i].slug);
        CHECK(rules[i].slug, rule->class_, rules[i].class_);
        CHECK(rules[i].slug, rule->class_lossless, rules[i].lossless);
    }
    assert_null(fst_rule_find("no-such-rule"));
    assert_null(fst_rule_at(COUNT(rules)));
}

/* What vouching for the capture excuses less never counts for less. */
static void lossless_is_never_milder(void **state)
{
    const struct fst_rule *rule;
    size_t i;

    (void)state;
    for (i = 0; (rule = fst_rule_at(i)) != NULL; i++)
        CHECK(rule->slug, rule->class_lossless <= rule->class_, true);
}

static void every_rule_says_what_it_is(void **state)
{
    const struct fst_rule *rule;
    size_t i;

    (void)state;
    for (i = 0; (rule = fst_rule_at(i)) != NULL; i++) {
        const struct fst_finding finding = {.rule = rule, .states = 1u << FST_LISTEN};
        char text[400], cut[10];
        int len = fst_finding_message(&finding, text, sizeof(text));

        CHECK(rule->slug, len > 0 && (size_t)len == strlen(text), true);
        CHECK(rule->slug, strchr(text, '{') == NULL, true);
        CHECK(rule->slug, fst_finding_message(&finding, cut, sizeof(cut)), len);
        CHECK(rule->slug, strlen(cut), sizeof(cut) - 1);
        CHECK(rule->slug, fst_finding_message(&finding, NULL, 0), len);
        CHECK(rule->slug, rule->meaning[0] && rule->excuse && rule->example[0], true);
        CHECK(rule->slug,
              strstr(rule->source, "RFC") != NULL || rule->class_ == FST_CAPTURE ||
                  rule->class_ == FST_ANOMALY,
              true);
        CHECK(rule->slug, rule->aliases != NULL, true);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_keep_their_slugs_and_classes),
        cmocka_unit_test(lossless_is_never_milder),
        cmocka_unit_test(every_rule_says_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
