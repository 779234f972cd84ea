/* SPDX-License-Identifier: MIT
 *
 * Whether an expression holds of a connection.
 */
#include "where/where.h"

#include <stdlib.h>
#include <string.h>

#include "report/wording.h"
#include "where/where_tree.h"

static size_t rule_index(const struct fst_rule *rule)
{
    return (size_t)(rule - fst_rule_at(0));
}

void fst_rule_set_add(struct fst_rule_set *set, const struct fst_rule *rule)
{
    size_t index = rule_index(rule);

    if (index < 64 * FST_RULE_WORDS)
        set->word[index / 64] |= UINT64_C(1) << index % 64;
}

bool fst_rule_set_has(const struct fst_rule_set *set, const struct fst_rule *rule)
{
    size_t index = rule_index(rule);

    return index < 64 * FST_RULE_WORDS && (set->word[index / 64] >> index % 64 & 1);
}

/** Closed, reset or refused: what else it may be, more can come of it. */
static bool is_over(const struct fst_connection_view *view)
{
    return view->end_kind == FST_END_CLOSED || view->end_kind == FST_END_RESET ||
           view->end_kind == FST_END_REFUSED;
}

void fst_where_flow_of(struct fst_where_flow *flow, const struct fst_connection_view *view,
                       int64_t now_ns)
{
    memset(flow, 0, sizeof(*flow));
    for (unsigned side = 0; side < 2; side++) {
        const struct fst_endpoint_view *end = &view->side[side];

        flow->side[side].address = end->address;
        flow->side[side].port = end->port;
        flow->side[side].state = end->state;
        flow->side[side].heard = end->heard;
        flow->side[side].since_ns = end->path_count ? end->path[end->path_count - 1].time_ns : 0;
        flow->side[side].packets = end->packets;
        flow->side[side].payload_bytes = end->payload_bytes;
        flow->side[side].retransmits = end->retransmits;
    }
    flow->ts_first = view->ts_first;
    flow->ts_last = view->ts_last;
    flow->now_ns = now_ns;
    flow->over = is_over(view);
    flow->end_kind = view->end_kind;
    flow->end_by = view->end_by;
    flow->handshake_ns = view->handshake_ns;
    flow->view = fst_coverage_name(view->coverage);
    for (size_t i = 0; i < view->finding_count; i++) {
        fst_rule_set_add(&flow->rules[view->findings[i].by], view->findings[i].rule);
        flow->classes |= 1u << view->findings[i].class_;
    }
}

/* --------------------------------------------------------------------------------- conditions --
 */

/** Time it goes on, or went on: what is over grows no older. */
static int64_t age_ns(const struct fst_where_flow *flow)
{
    return (flow->over ? flow->ts_last : flow->now_ns) - flow->ts_first;
}

static bool state_holds(const struct fst_where_node *node, const struct fst_where_flow *flow,
                        unsigned side)
{
    if (!flow->side[side].heard || flow->side[side].state != node->state)
        return false;
    return node->time_ns < 0 || (flow->side[side].since_ns != 0 &&
                                 flow->now_ns - flow->side[side].since_ns > node->time_ns);
}

static bool net_holds(const struct fst_where_node *node, const struct fst_where_flow *flow,
                      unsigned side)
{
    const struct fst_address *address = &flow->side[side].address;
    unsigned whole = node->prefix / 8, rest = node->prefix % 8;

    if (address->ipv6 != node->address.ipv6 ||
        memcmp(address->octets, node->address.octets, whole) != 0)
        return false;
    return rest == 0 || (address->octets[whole] ^ node->address.octets[whole]) >> (8 - rest) == 0;
}

static bool side_holds(const struct fst_where_node *node, const struct fst_where_flow *flow,
                       unsigned side)
{
    switch (node->kind) {
    case FST_WHERE_STATE:
        return state_holds(node, flow, side);
    case FST_WHERE_NET:
        return net_holds(node, flow, side);
    case FST_WHERE_PORT:
        return flow->side[side].port == node->port;
    default: /* SENDS */
        return fst_compare_holds(node->compare, flow->side[side].payload_bytes, node->number);
    }
}

static bool sides_hold(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    if (node->side != FST_ANY_SIDE)
        return side_holds(node, flow, node->side);
    return side_holds(node, flow, FST_CLIENT) || side_holds(node, flow, FST_SERVER);
}

static bool ended_holds(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    bool kind = node->end_kind == FST_ANY_END ? flow->over : flow->end_kind == node->end_kind;

    return kind && (node->by == FST_BY_ANYBODY || (unsigned)flow->end_by == node->by);
}

static bool rule_holds(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    for (unsigned by = 0; by < 3; by++)
        if ((node->by == FST_BY_ANYBODY || node->by == by) &&
            fst_rule_set_has(&flow->rules[by], node->rule))
            return true;
    return false;
}

static bool time_holds(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    int64_t time_ns = node->quantity == FST_WHERE_AGE    ? age_ns(flow)
                      : node->quantity == FST_WHERE_IDLE ? flow->now_ns - flow->ts_last
                                                         : flow->handshake_ns;

    if (node->quantity == FST_WHERE_HANDSHAKE && time_ns < 0)
        return false;
    if (time_ns < 0) /* clocks step back */
        time_ns = 0;
    return fst_compare_holds(node->compare, (uint64_t)time_ns, (uint64_t)node->time_ns);
}

static bool count_holds(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    uint64_t count = 0;

    for (unsigned side = 0; side < 2; side++)
        count += node->quantity == FST_WHERE_PACKETS ? flow->side[side].packets
                 : node->quantity == FST_WHERE_BYTES ? flow->side[side].payload_bytes
                                                     : flow->side[side].retransmits;
    return fst_compare_holds(node->compare, count, node->number);
}

static bool node_holds(const struct fst_where_node *node, const struct fst_where_flow *flow)
{
    switch (node->kind) {
    case FST_WHERE_ENDED:
        return ended_holds(node, flow);
    case FST_WHERE_RULE:
        return rule_holds(node, flow);
    case FST_WHERE_CLASS:
        return (flow->classes & node->classes) != 0;
    case FST_WHERE_TIME:
        return time_holds(node, flow);
    case FST_WHERE_COUNT:
        return count_holds(node, flow);
    case FST_WHERE_VIEW:
        return strcmp(flow->view, node->view) == 0;
    default:
        return sides_hold(node, flow);
    }
}

bool fst_where_holds(const struct fst_where *where, const struct fst_where_flow *flow)
{
    bool holds[FST_WHERE_NODES];

    for (unsigned i = 0; i < where->count; i++) { /* children come before their parent */
        const struct fst_where_node *node = &where->nodes[i];

        if (node->kind == FST_WHERE_AND)
            holds[i] = holds[node->left] && holds[node->right];
        else if (node->kind == FST_WHERE_OR)
            holds[i] = holds[node->left] || holds[node->right];
        else if (node->kind == FST_WHERE_NOT)
            holds[i] = !holds[node->left];
        else
            holds[i] = node_holds(node, flow);
    }
    return where->count == 0 || holds[where->count - 1];
}

void fst_where_free(struct fst_where *where)
{
    free(where);
}
