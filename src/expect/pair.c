/* SPDX-License-Identifier: MIT
 *
 * Which connection an expected flow is about. Flows are numbered in order of opening among the
 * connections to one server. Connections that were opened in another order than at the recording,
 * and show all that was expected, are taken for one another: the order is left to chance.
 */
#include <stdlib.h>
#include <string.h>

#include "expect/result.h"

#define NOBODY SIZE_MAX

struct pairing {
    const struct fst_expectation *expectation;
    const struct fst_seen *seen;
    size_t *pairs;
    bool *taken; /* by seen flow */
};

static bool is_server_of(const struct fst_expected_flow *expected, const struct fst_seen_flow *flow)
{
    return fst_pattern_matches(&expected->side[FST_SERVER], &flow->side[FST_SERVER].address,
                               flow->side[FST_SERVER].port);
}

static void take(const struct pairing *pairing, size_t expected, size_t seen)
{
    pairing->pairs[expected] = seen;
    pairing->taken[seen] = true;
}

/* The connections to one server, and the flows expected there. */
struct group {
    size_t expected_count, seen_count;
    size_t *expected, *seen;
};

/** Each flow by its number, where that shows what is expected. */
static void pair_by_number(const struct pairing *pairing, const struct group *group)
{
    for (size_t i = 0; i < group->expected_count; i++) {
        const struct fst_expected_flow *flow = &pairing->expectation->flows[group->expected[i]];
        size_t seen = flow->number <= group->seen_count ? group->seen[flow->number - 1] : NOBODY;

        if (seen != NOBODY && !pairing->taken[seen] &&
            fst_flow_as_expected(flow, &pairing->seen->flows[seen]))
            take(pairing, group->expected[i], seen);
    }
}

/** What is left, by what it shows. */
static void pair_by_meaning(const struct pairing *pairing, const struct group *group)
{
    for (size_t i = 0; i < group->expected_count; i++) {
        const struct fst_expected_flow *flow = &pairing->expectation->flows[group->expected[i]];

        for (size_t k = 0; k < group->seen_count; k++) {
            if (pairing->pairs[group->expected[i]] != NOBODY)
                break;
            if (!pairing->taken[group->seen[k]] &&
                fst_flow_as_expected(flow, &pairing->seen->flows[group->seen[k]]))
                take(pairing, group->expected[i], group->seen[k]);
        }
    }
}

/** What is left then, in order: these differ. */
static void pair_rest(const struct pairing *pairing, const struct group *group)
{
    size_t next = 0;

    for (size_t i = 0; i < group->expected_count; i++) {
        if (pairing->pairs[group->expected[i]] != NOBODY)
            continue;
        while (next < group->seen_count && pairing->taken[group->seen[next]])
            next++;
        if (next == group->seen_count)
            return;
        take(pairing, group->expected[i], group->seen[next]);
    }
}

/** The flows that name the same server as flow `first`, by number; and its connections. */
static void gather(const struct pairing *pairing, size_t first, struct group *group, bool *done)
{
    const struct fst_expected_flow *flows = pairing->expectation->flows;
    const char *server = flows[first].side[FST_SERVER].text;

    group->expected_count = group->seen_count = 0;
    for (size_t i = first; i < pairing->expectation->flow_count; i++) {
        if (done[i] || strcmp(flows[i].side[FST_SERVER].text, server) != 0)
            continue;
        done[i] = true;
        group->expected[group->expected_count++] = i;
    }
    for (size_t i = 0; i < pairing->seen->flow_count; i++)
        if (is_server_of(&flows[first], &pairing->seen->flows[i]))
            group->seen[group->seen_count++] = i;
}

bool fst_pair_flows(const struct fst_expectation *expectation, const struct fst_seen *seen,
                    size_t *pairs)
{
    struct pairing pairing = {expectation, seen, pairs, calloc(seen->flow_count + 1, sizeof(bool))};
    struct group group = {.expected = calloc(expectation->flow_count + 1, sizeof(size_t)),
                          .seen = calloc(seen->flow_count + 1, sizeof(size_t))};
    bool *done = calloc(expectation->flow_count + 1, sizeof(*done));
    bool good = pairing.taken && group.expected && group.seen && done;

    for (size_t i = 0; i < expectation->flow_count; i++)
        pairs[i] = NOBODY;
    for (size_t i = 0; good && i < expectation->flow_count; i++) {
        if (done[i])
            continue;
        gather(&pairing, i, &group, done);
        pair_by_number(&pairing, &group);
        pair_by_meaning(&pairing, &group);
        pair_rest(&pairing, &group);
    }
    free(pairing.taken);
    free(group.expected);
    free(group.seen);
    free(done);
    return good;
}
