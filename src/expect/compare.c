/* SPDX-License-Identifier: MIT
 *
 * A capture against an expectation: the asserts, the flows, and what nobody expected.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/result.h"

/* Unexpected connections and findings that get an item each; a wrong capture may have thousands. */
#define UNEXPECTED_MAX 50

bool fst_expects_nothing(const struct fst_expectation *expectation)
{
    for (size_t i = 0; i < expectation->assert_count; i++) {
        const struct fst_assert *assert_ = &expectation->asserts[i];

        if (assert_->quantity == FST_FLOW_COUNT &&
            fst_compare_holds(assert_->compare, 0, assert_->number) &&
            !fst_compare_holds(assert_->compare, 1, assert_->number))
            return true;
    }
    return false;
}

/** The expected flow that was compared with seen flow `index`, or NULL. */
static const struct fst_expected_flow *partner(const struct fst_expectation *expectation,
                                               const size_t *pairs, size_t index)
{
    for (size_t i = 0; i < expectation->flow_count; i++)
        if (pairs[i] == index)
            return &expectation->flows[i];
    return NULL;
}

char *fst_seen_flow_name(const struct fst_expectation *expectation, const struct fst_seen *seen,
                         const size_t *pairs, size_t index)
{
    const struct fst_expected_flow *expected = partner(expectation, pairs, index);
    const struct fst_seen_side *server = &seen->flows[index].side[FST_SERVER];
    char text[FST_SEEN_ENDPOINT_MAX];
    struct fst_strbuf name = {0};
    size_t number = 1;

    if (expected)
        return strdup(expected->name);
    for (size_t i = 0; i < index; i++)
        number += fst_seen_compare_endpoints(&seen->flows[i].side[FST_SERVER], server) == 0;
    fst_seen_endpoint_text(server, false, text);
    fst_strbuf_print(&name, "%s#%zu", text, number);
    return fst_strbuf_take(&name);
}

/* ------------------------------------------------------------------------------------- flows -- */

static char *flow_title(const char *word, const char *name)
{
    struct fst_strbuf title = {0};

    fst_strbuf_print(&title, "%s %s", word, name);
    return fst_strbuf_take(&title);
}

static void compare_flow(struct fst_comparison *comparison,
                         const struct fst_expected_flow *expected, const struct fst_seen *seen,
                         size_t index)
{
    struct fst_check_item *item = fst_comparison_add(comparison, FST_ITEM_FLOW, expected->line,
                                                     flow_title("flow", expected->name));
    struct fst_difference *difference;
    struct fst_strbuf wanted = {0};

    if (!item)
        return;
    if (index != SIZE_MAX) {
        item->connection = seen->flows[index].id;
        fst_flow_differences(comparison, item, expected, seen, &seen->flows[index]);
        return;
    }
    difference = fst_item_add(comparison, item, FST_DIFFERS_MISSING, expected->line);
    if (!difference)
        return;
    fst_strbuf_print(&wanted, "connection %u from %s to %s", expected->number,
                     expected->side[FST_CLIENT].text, expected->side[FST_SERVER].text);
    difference->expected = fst_strbuf_take(&wanted);
    difference->got = strdup("no such connection");
    comparison->out_of_memory |= !difference->expected || !difference->got;
}

static void report_unexpected(struct fst_comparison *comparison,
                              const struct fst_expectation *expectation,
                              const struct fst_seen *seen, const size_t *pairs, size_t index)
{
    const struct fst_seen_flow *flow = &seen->flows[index];
    char *name = fst_seen_flow_name(expectation, seen, pairs, index);
    struct fst_check_item *item =
        fst_comparison_add(comparison, FST_ITEM_UNEXPECTED, expectation->recorded_line,
                           name ? flow_title("unexpected flow", name) : NULL);
    struct fst_difference *difference =
        item ? fst_item_add(comparison, item, FST_DIFFERS_UNEXPECTED, expectation->recorded_line)
             : NULL;
    char client[FST_SEEN_ENDPOINT_MAX];
    struct fst_strbuf got = {0};

    free(name);
    if (!difference)
        return;
    item->connection = flow->id;
    fst_seen_endpoint_text(&flow->side[FST_CLIENT], false, client);
    fst_strbuf_print(&got, "from %s, %s, first segment #%llu", client, flow->text[FST_ASPECT_ENDED],
                     (unsigned long long)flow->first_packet);
    difference->got = fst_strbuf_take(&got);
    difference->expected = strdup("no such connection");
    difference->packet = flow->first_packet;
    comparison->out_of_memory |= !difference->expected || !difference->got;
}

static void report_more(struct fst_comparison *comparison, enum fst_item_kind kind, unsigned line,
                        size_t count, const char *what)
{
    struct fst_strbuf title = {0};
    struct fst_check_item *item;
    struct fst_difference *difference;

    fst_strbuf_print(&title, "and %zu more %s", count, what);
    item = fst_comparison_add(comparison, kind, line, fst_strbuf_take(&title));
    difference =
        item ? fst_item_add(comparison, item,
                            kind == FST_ITEM_FINDING ? FST_DIFFERS_FINDING : FST_DIFFERS_UNEXPECTED,
                            line)
             : NULL;
    if (!difference)
        return;
    difference->expected = strdup("none");
    difference->got = strdup(item->title + strlen("and "));
    comparison->out_of_memory |= !difference->expected || !difference->got;
}

static void compare_flows(struct fst_comparison *comparison,
                          const struct fst_expectation *expectation, const struct fst_seen *seen,
                          const size_t *pairs, const bool *taken)
{
    size_t unexpected = 0;

    for (size_t i = 0; i < expectation->flow_count; i++)
        compare_flow(comparison, &expectation->flows[i], seen, pairs[i]);
    for (size_t i = 0; expectation->recorded && i < seen->flow_count; i++)
        if (!taken[i] && unexpected++ < UNEXPECTED_MAX)
            report_unexpected(comparison, expectation, seen, pairs, i);
    if (unexpected > UNEXPECTED_MAX)
        report_more(comparison, FST_ITEM_UNEXPECTED, expectation->recorded_line,
                    unexpected - UNEXPECTED_MAX, "unexpected connections");
}

/* ---------------------------------------------------------------------------------- findings -- */

/** Whether the file itself speaks of the rule, so that finding it is no surprise. */
static bool is_allowed(const struct fst_expectation *expectation, const struct fst_rule *rule)
{
    for (size_t i = 0; i < expectation->allow_count; i++)
        if (expectation->allow[i] == rule)
            return true;
    for (size_t i = 0; i < expectation->assert_count; i++) {
        const struct fst_assert *assert_ = &expectation->asserts[i];

        if (assert_->condition == FST_IF_RULE && assert_->rule == rule &&
            (assert_->quantity == FST_SOME_FLOW || assert_->quantity == FST_EVERY_FLOW))
            return true;
    }
    return false;
}

/** Whether the recorded findings of a flow say all there is to say about the rule. */
static bool is_recorded(const struct fst_expectation *expectation,
                        const struct fst_expected_flow *expected, const struct fst_rule *rule)
{
    return expected && expected->aspect[FST_ASPECT_FINDINGS].count > 0 &&
           (expectation->level == FST_LEVEL_EXACT || !fst_rule_is_incidental(rule));
}

static void report_finding(struct fst_comparison *comparison, const struct fst_finding *finding,
                           const char *name, unsigned line)
{
    struct fst_strbuf title = {0}, got = {0};
    struct fst_check_item *item;
    struct fst_difference *difference;
    char message[512];

    fst_strbuf_print(&title, "%s %s in %s", fst_class_name(finding->class_), finding->rule->slug,
                     name);
    item = fst_comparison_add(comparison, FST_ITEM_FINDING, line, fst_strbuf_take(&title));
    difference = item ? fst_item_add(comparison, item, FST_DIFFERS_FINDING, line) : NULL;
    if (!difference)
        return;
    item->connection = finding->connection;
    fst_finding_message(finding, message, sizeof(message));
    fst_strbuf_print(&got, "%s%s (%s) in #%llu",
                     finding->by == FST_BY_CLIENT   ? "client: "
                     : finding->by == FST_BY_SERVER ? "server: "
                                                    : "",
                     message, finding->rule->source, (unsigned long long)finding->packet);
    difference->got = fst_strbuf_take(&got);
    difference->expected = strdup("no such finding");
    difference->packet = finding->packet;
    difference->rule = finding->rule;
    comparison->out_of_memory |= !difference->expected || !difference->got;
}

struct findings {
    struct fst_comparison *comparison;
    const struct fst_expectation *expectation;
    enum fst_class fail_on;
    size_t count;
};

static bool fails(const struct findings *findings, const struct fst_finding *finding)
{
    return finding->class_ <= findings->fail_on &&
           !is_allowed(findings->expectation, finding->rule);
}

static void judge_findings_of(struct findings *findings, const struct fst_seen *seen,
                              const size_t *pairs, size_t index)
{
    const struct fst_seen_flow *flow = &seen->flows[index];
    const struct fst_expected_flow *expected = NULL;

    for (size_t f = 0; f < flow->finding_count; f++) {
        char *name;

        if (!fails(findings, &flow->findings[f]))
            continue;
        if (!expected)
            expected = partner(findings->expectation, pairs, index);
        if (is_recorded(findings->expectation, expected, flow->findings[f].rule) ||
            findings->count++ >= UNEXPECTED_MAX)
            continue;
        name = fst_seen_flow_name(findings->expectation, seen, pairs, index);
        report_finding(findings->comparison, &flow->findings[f], name ? name : "",
                       expected ? expected->line : 0);
        findings->comparison->out_of_memory |= !name;
        free(name);
    }
}

static void judge_findings(struct findings *findings, const struct fst_seen *seen,
                           const size_t *pairs)
{
    for (size_t i = 0; i < seen->flow_count; i++)
        judge_findings_of(findings, seen, pairs, i);
    for (size_t i = 0; i < seen->stray_count; i++)
        if (fails(findings, &seen->strays[i]) && findings->count++ < UNEXPECTED_MAX)
            report_finding(findings->comparison, &seen->strays[i], "no connection", 0);
    if (findings->count > UNEXPECTED_MAX)
        report_more(findings->comparison, FST_ITEM_FINDING, 0, findings->count - UNEXPECTED_MAX,
                    "such findings");
}

/* ------------------------------------------------------------------------------------ the whole --
 */

void fst_compare(struct fst_comparison *comparison, const struct fst_expectation *expectation,
                 const struct fst_seen *seen, const struct fst_compare_options *options,
                 size_t *pairs)
{
    struct findings findings = {comparison, expectation, options->fail_on, 0};
    bool *taken = calloc(seen->flow_count + 1, sizeof(*taken));

    memset(comparison, 0, sizeof(*comparison));
    if (!taken || !fst_pair_flows(expectation, seen, pairs)) {
        comparison->out_of_memory = true;
        free(taken);
        return;
    }
    for (size_t i = 0; i < expectation->flow_count; i++)
        if (pairs[i] != SIZE_MAX)
            taken[pairs[i]] = true;
    for (size_t i = 0; i < expectation->assert_count; i++)
        fst_compare_assert(comparison, expectation, &expectation->asserts[i], seen, pairs);
    compare_flows(comparison, expectation, seen, pairs, taken);
    if (options->findings_fail)
        judge_findings(&findings, seen, pairs);
    free(taken);
}
