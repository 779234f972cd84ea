/* SPDX-License-Identifier: MIT */
#include "expect/expectation.h"

#include <stdlib.h>
#include <string.h>

const char *fst_aspect_name(enum fst_aspect aspect)
{
    static const char *const names[] = {
#define FST_X(name, word) [FST_ASPECT_##name] = word,
        FST_ASPECT_MAP(FST_X)
#undef FST_X
    };

    return names[aspect];
}

const char *fst_side_word(unsigned side)
{
    return side == FST_CLIENT ? "client" : "server";
}

const char *fst_aspect_separator(enum fst_aspect aspect)
{
    switch (aspect) {
    case FST_ASPECT_FINDINGS:
        return ", ";
    case FST_ASPECT_PACKET:
        return "\n";
    default:
        return " ";
    }
}

const char *fst_level_name(enum fst_level level)
{
    static const char *const names[] = {"states", "segments", "exact"};

    return names[level];
}

bool fst_level_has(enum fst_level level, enum fst_aspect aspect)
{
    switch (aspect) {
    case FST_ASPECT_SEGMENTS:
        return level == FST_LEVEL_SEGMENTS; /* exact says more */
    case FST_ASPECT_PACKET:
        return level == FST_LEVEL_EXACT;
    default:
        return true;
    }
}

bool fst_move_exists(enum fst_state from, enum fst_state to, struct fst_transition *out)
{
    for (size_t i = 0; fst_transition_at(i, out); i++)
        if (out->from == from && out->to == to)
            return true;
    return false;
}

bool fst_pattern_matches(const struct fst_pattern *pattern, const struct fst_address *address,
                         uint16_t port)
{
    size_t len = address->ipv6 ? 16 : 4;

    if (!pattern->any_port && pattern->port != port)
        return false;
    return pattern->any_address || (pattern->address.ipv6 == address->ipv6 &&
                                    memcmp(pattern->address.octets, address->octets, len) == 0);
}

bool fst_compare_holds(enum fst_compare compare, uint64_t left, uint64_t right)
{
    switch (compare) {
    case FST_EQ:
        return left == right;
    case FST_NE:
        return left != right;
    case FST_LT:
        return left < right;
    case FST_LE:
        return left <= right;
    case FST_GT:
        return left > right;
    default:
        return left >= right;
    }
}

bool fst_expected_flow_accept(struct fst_expected_flow *flow, enum fst_aspect aspect, char *text,
                              unsigned line)
{
    size_t count = flow->aspect[aspect].count;
    struct fst_alternative *any = NULL;

    if (text)
        any = realloc(flow->aspect[aspect].any, (count + 1) * sizeof(*any));
    if (!any) {
        free(text);
        return false;
    }
    any[count] = (struct fst_alternative){line, text};
    flow->aspect[aspect].any = any;
    flow->aspect[aspect].count++;
    return true;
}

void fst_expected_flow_free(struct fst_expected_flow *flow)
{
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++) {
        for (size_t i = 0; i < flow->aspect[a].count; i++)
            free(flow->aspect[a].any[i].text);
        free(flow->aspect[a].any);
    }
    free(flow->side[FST_CLIENT].text);
    free(flow->side[FST_SERVER].text);
    free(flow->name);
}

void fst_expectation_free(struct fst_expectation *expectation)
{
    for (size_t i = 0; i < expectation->assert_count; i++)
        free(expectation->asserts[i].text);
    for (size_t i = 0; i < expectation->flow_count; i++)
        fst_expected_flow_free(&expectation->flows[i]);
    free(expectation->asserts);
    free(expectation->flows);
    free(expectation->allow);
    free(expectation->capture);
    free(expectation->only);
    memset(expectation, 0, sizeof(*expectation));
}
