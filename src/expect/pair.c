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
    bool *taken;                 /* by seen flow */
    struct by_server *servers;   /* of the seen flows, sorted */
    struct by_pattern *expected; /* the expected flows, sorted */
};

/* A scan shows as many servers as there are ports, so neither side is searched from its start. */
struct by_server {
    const struct fst_seen_side *server;
    size_t flow;
};

struct by_pattern {
    bool any; /* it may mean several servers: those named exactly get theirs first */
    const char *server;
    size_t flow;
};

static int by_server(const void *left, const void *right)
{
    const struct by_server *a = left, *b = right;
    int order = fst_seen_compare_endpoints(a->server, b->server);

    return order ? order : (a->flow > b->flow) - (a->flow < b->flow);
}

static int by_pattern(const void *left, const void *right)
{
    const struct by_pattern *a = left, *b = right;
    int order = (int)a->any - (int)b->any;

    if (order == 0)
        order = strcmp(a->server, b->server);
    return order ? order : (a->flow > b->flow) - (a->flow < b->flow);
}

static bool is_server_of(const struct fst_expected_flow *expected, const struct fst_seen_flow *flow)
{
    return fst_pattern_matches(&expected->side[FST_SERVER], &flow->side[FST_SERVER].address,
                               flow->side[FST_SERVER].port);
}

static bool is_any(const struct fst_pattern *pattern)
{
    return pattern->any_address || pattern->any_port;
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

/** Where the connections to this one server begin in the sorted list. */
static size_t first_of_server(const struct pairing *pairing, const struct fst_seen_side *server)
{
    size_t low = 0, high = pairing->seen->flow_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (fst_seen_compare_endpoints(pairing->servers[middle].server, server) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/** The connections that a pattern of the server means, in order of opening. */
static void gather_seen(const struct pairing *pairing, const struct fst_expected_flow *flow,
                        struct group *group)
{
    const struct fst_pattern *pattern = &flow->side[FST_SERVER];
    const struct fst_seen_side server = {.address = pattern->address, .port = pattern->port};
    bool any = is_any(pattern);

    group->seen_count = 0;
    for (size_t i = 0; any && i < pairing->seen->flow_count; i++)
        if (is_server_of(flow, &pairing->seen->flows[i]))
            group->seen[group->seen_count++] = i;
    for (size_t i = any ? pairing->seen->flow_count : first_of_server(pairing, &server);
         i < pairing->seen->flow_count &&
         fst_seen_compare_endpoints(pairing->servers[i].server, &server) == 0;
         i++)
        group->seen[group->seen_count++] = pairing->servers[i].flow;
}

/** The flows that name the same server as the one at `begin` of the sorted list. @return the end.
 */
static size_t gather_expected(const struct pairing *pairing, size_t begin, struct group *group)
{
    size_t end = begin;

    group->expected_count = 0;
    do
        group->expected[group->expected_count++] = pairing->expected[end++].flow;
    while (end < pairing->expectation->flow_count &&
           strcmp(pairing->expected[end].server, pairing->expected[begin].server) == 0);
    return end;
}

static void sort(const struct pairing *pairing)
{
    const struct fst_expected_flow *flows = pairing->expectation->flows;

    for (size_t i = 0; i < pairing->seen->flow_count; i++)
        pairing->servers[i] = (struct by_server){&pairing->seen->flows[i].side[FST_SERVER], i};
    qsort(pairing->servers, pairing->seen->flow_count, sizeof(*pairing->servers), by_server);
    for (size_t i = 0; i < pairing->expectation->flow_count; i++)
        pairing->expected[i] = (struct by_pattern){is_any(&flows[i].side[FST_SERVER]),
                                                   flows[i].side[FST_SERVER].text, i};
    qsort(pairing->expected, pairing->expectation->flow_count, sizeof(*pairing->expected),
          by_pattern);
}

static void pair_groups(const struct pairing *pairing, struct group *group)
{
    sort(pairing);
    for (size_t i = 0; i < pairing->expectation->flow_count;) {
        i = gather_expected(pairing, i, group);
        gather_seen(pairing, &pairing->expectation->flows[group->expected[0]], group);
        pair_by_number(pairing, group);
        pair_by_meaning(pairing, group);
        pair_rest(pairing, group);
    }
}

bool fst_pair_flows(const struct fst_expectation *expectation, const struct fst_seen *seen,
                    size_t *pairs)
{
    size_t expected_room = expectation->flow_count + 1, seen_room = seen->flow_count + 1;
    struct pairing pairing = {.expectation = expectation,
                              .seen = seen,
                              .pairs = pairs,
                              .taken = calloc(seen_room, sizeof(bool)),
                              .servers = calloc(seen_room, sizeof(struct by_server)),
                              .expected = calloc(expected_room, sizeof(struct by_pattern))};
    struct group group = {.expected = calloc(expected_room, sizeof(size_t)),
                          .seen = calloc(seen_room, sizeof(size_t))};
    bool good =
        pairing.taken && pairing.servers && pairing.expected && group.expected && group.seen;

    for (size_t i = 0; i < expectation->flow_count; i++)
        pairs[i] = NOBODY;
    if (good)
        pair_groups(&pairing, &group);
    free(pairing.taken);
    free(pairing.servers);
    free(pairing.expected);
    free(group.expected);
    free(group.seen);
    return good;
}
