/* SPDX-License-Identifier: MIT
 *
 * Whether an assert holds of what was seen, and if not, which flows are to blame.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/result.h"

/* Culprits that a message names; the others are counted. */
#define NAMED_MAX 3

/** "58.106 s", "50.031 ms": precise enough to see on which side of a bound it is. */
static void add_time(struct fst_strbuf *text, int64_t ns)
{
    static const struct {
        int64_t ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
    size_t unit = ns >= 1000000000 ? 0 : ns >= 1000000 ? 1 : 2;

    fst_strbuf_print(text, "%lld.%03lld %s", (long long)(ns / units[unit].ns),
                     (long long)(ns % units[unit].ns * 1000 / units[unit].ns), units[unit].name);
}

/* ------------------------------------------------------- each condition: does it hold, and why --
 */

static bool ended_holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                        struct fst_strbuf *why)
{
    fst_strbuf_add(why, flow->text[FST_ASPECT_ENDED]);
    return flow->end_kind == assert_->end_kind &&
           (assert_->by == FST_BY_ANYBODY || (unsigned)flow->end_by == assert_->by);
}

static bool established_holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                              struct fst_strbuf *why)
{
    bool open = flow->side[FST_CLIENT].was_open && flow->side[FST_SERVER].was_open;

    if (!open) {
        fst_strbuf_print(why, "client %s, server %s", fst_state_name(flow->side[FST_CLIENT].state),
                         fst_state_name(flow->side[FST_SERVER].state));
        return false;
    }
    if (assert_->time_ns < 0) {
        fst_strbuf_add(why, "established");
        return true;
    }
    if (flow->handshake_ns < 0) {
        fst_strbuf_add(why, "the handshake was not captured");
        return false;
    }
    add_time(why, flow->handshake_ns);
    return flow->handshake_ns <= assert_->time_ns;
}

static bool in_state_holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                           struct fst_strbuf *why)
{
    const struct fst_seen_side *side = &flow->side[assert_->side];
    int64_t longest = side->longest_ns[assert_->state];

    if (assert_->time_ns < 0) {
        fst_strbuf_print(why, "%s in %s", fst_side_word(assert_->side),
                         fst_state_name(side->state));
        return side->state == assert_->state;
    }
    if (longest < 0)
        fst_strbuf_print(why, "%s never in %s", fst_side_word(assert_->side),
                         fst_state_name(assert_->state));
    else
        add_time(why, longest);
    return longest > assert_->time_ns;
}

static bool rule_matches(const struct fst_assert *assert_, const struct fst_finding *finding)
{
    return finding->rule == assert_->rule &&
           (assert_->by == FST_BY_ANYBODY || (unsigned)finding->by == assert_->by);
}

static bool rule_holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                       struct fst_strbuf *why)
{
    for (size_t i = 0; i < flow->finding_count; i++) {
        if (!rule_matches(assert_, &flow->findings[i]))
            continue;
        fst_strbuf_print(why, "#%llu", (unsigned long long)flow->findings[i].packet);
        return true;
    }
    fst_strbuf_add(why, "not found");
    return false;
}

static bool sends_holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                        struct fst_strbuf *why)
{
    uint64_t octets = flow->side[assert_->side].octets_sent;

    fst_strbuf_print(why, "%llu bytes", (unsigned long long)octets);
    return fst_compare_holds(assert_->compare, octets, assert_->number);
}

static bool holds(const struct fst_assert *assert_, const struct fst_seen_flow *flow,
                  struct fst_strbuf *why)
{
    static bool (*const conditions[])(const struct fst_assert *, const struct fst_seen_flow *,
                                      struct fst_strbuf *) = {[FST_IF_ENDED] = ended_holds,
                                                              [FST_IF_ESTABLISHED] =
                                                                  established_holds,
                                                              [FST_IF_IN_STATE] = in_state_holds,
                                                              [FST_IF_RULE] = rule_holds,
                                                              [FST_IF_SENDS] = sends_holds};

    return conditions[assert_->condition](assert_, flow, why);
}

/* --------------------------------------------------------------------------------- the verdict --
 */

struct verdict {
    struct fst_comparison *comparison;
    struct fst_check_item *item;
    const struct fst_assert *assert_;
    const struct fst_expectation *expectation;
    const struct fst_seen *seen;
    const size_t *pairs;
};

/** The assert does not hold; takes `got`. */
static struct fst_difference *fail(struct verdict *verdict, char *got, uint64_t packet)
{
    struct fst_difference *difference = fst_item_add(verdict->comparison, verdict->item,
                                                     FST_DIFFERS_ASSERT, verdict->assert_->line);

    if (!difference) {
        free(got);
        return NULL;
    }
    difference->expected = strdup(verdict->assert_->text + strlen("assert "));
    difference->got = got;
    difference->packet = packet;
    verdict->comparison->out_of_memory |= !got || !difference->expected;
    return difference;
}

static void judge_count(struct verdict *verdict)
{
    const struct fst_assert *assert_ = verdict->assert_;
    size_t count = verdict->seen->flow_count;
    struct fst_strbuf got = {0};

    if (fst_compare_holds(assert_->compare, count, assert_->number))
        return;
    fst_strbuf_print(&got, "%zu flow%s", count, count == 1 ? "" : "s");
    fail(verdict, fst_strbuf_take(&got), 0);
}

struct culprits {
    struct fst_strbuf text;
    size_t count;
    uint64_t packet;
    uint32_t connection;
};

static void name_culprit(struct culprits *culprits, const char *name, const char *why)
{
    if (culprits->count++ >= NAMED_MAX)
        return;
    fst_strbuf_join(&culprits->text, "; ", name);
    fst_strbuf_print(&culprits->text, ": %s", why);
}

/** The assert does not hold if there is a culprit. */
static void blame(struct verdict *verdict, struct culprits *culprits)
{
    if (culprits->count == 0)
        return;
    if (culprits->count > NAMED_MAX)
        fst_strbuf_print(&culprits->text, "; and %zu more", culprits->count - NAMED_MAX);
    verdict->item->connection = culprits->connection;
    fail(verdict, fst_strbuf_take(&culprits->text), culprits->packet);
}

static void judge_class(struct verdict *verdict)
{
    const struct fst_seen *seen = verdict->seen;
    struct culprits culprits = {0};

    for (size_t i = 0; i < seen->flow_count; i++) {
        char *name = NULL;

        for (size_t f = 0; f < seen->flows[i].finding_count; f++) {
            const struct fst_finding *finding = &seen->flows[i].findings[f];
            char why[160];

            if (finding->class_ != verdict->assert_->class_)
                continue;
            if (!name && culprits.count < NAMED_MAX)
                name = fst_seen_flow_name(verdict->expectation, seen, verdict->pairs, i);
            snprintf(why, sizeof(why), "%s #%llu", finding->rule->slug,
                     (unsigned long long)finding->packet);
            if (culprits.count == 0) {
                culprits.packet = finding->packet;
                culprits.connection = seen->flows[i].id;
            }
            name_culprit(&culprits, name ? name : "", why);
        }
        free(name);
    }
    for (size_t f = 0; f < seen->stray_count; f++)
        if (seen->strays[f].class_ == verdict->assert_->class_)
            name_culprit(&culprits, "no flow", seen->strays[f].rule->slug);
    blame(verdict, &culprits);
}

/** Every flow has to hold, or none: name those that break it. */
static void judge_all(struct verdict *verdict, bool wanted)
{
    const struct fst_seen *seen = verdict->seen;
    struct culprits culprits = {0};

    for (size_t i = 0; i < seen->flow_count; i++) {
        struct fst_strbuf why = {0};
        char *name;

        if (holds(verdict->assert_, &seen->flows[i], &why) == wanted) {
            fst_strbuf_free(&why);
            continue;
        }
        if (culprits.count == 0) {
            culprits.connection = seen->flows[i].id;
            culprits.packet = seen->flows[i].last_packet;
        }
        name = culprits.count < NAMED_MAX
                   ? fst_seen_flow_name(verdict->expectation, seen, verdict->pairs, i)
                   : NULL;
        name_culprit(&culprits, name ? name : "", why.text ? why.text : "");
        free(name);
        fst_strbuf_free(&why);
    }
    blame(verdict, &culprits);
}

static void judge_some(struct verdict *verdict)
{
    struct fst_strbuf got = {0};

    for (size_t i = 0; i < verdict->seen->flow_count; i++) {
        struct fst_strbuf why = {0};
        bool good = holds(verdict->assert_, &verdict->seen->flows[i], &why);

        fst_strbuf_free(&why);
        if (good)
            return;
    }
    fst_strbuf_print(&got, "none of %zu flow%s", verdict->seen->flow_count,
                     verdict->seen->flow_count == 1 ? "" : "s");
    fail(verdict, fst_strbuf_take(&got), 0);
}

void fst_compare_assert(struct fst_comparison *comparison,
                        const struct fst_expectation *expectation, const struct fst_assert *assert_,
                        const struct fst_seen *seen, const size_t *pairs)
{
    struct verdict verdict = {
        comparison,
        fst_comparison_add(comparison, FST_ITEM_ASSERT, assert_->line, strdup(assert_->text)),
        assert_,
        expectation,
        seen,
        pairs};

    if (!verdict.item)
        return;
    switch (assert_->quantity) {
    case FST_FLOW_COUNT:
        judge_count(&verdict);
        break;
    case FST_NO_CLASS:
        judge_class(&verdict);
        break;
    case FST_SOME_FLOW:
        judge_some(&verdict);
        break;
    default:
        judge_all(&verdict, assert_->quantity == FST_EVERY_FLOW);
        break;
    }
}
