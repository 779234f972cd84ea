/* SPDX-License-Identifier: MIT */
#include "flow/findings.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "flow/record.h"

struct fst_finding_node {
    struct fst_step_finding finding;
    uint32_t repeats;
    uint32_t older;
};

/* 4 million nodes are 320 MB: beyond that findings are only counted. */
#define NODES_MOST (4u << 20)

void fst_findings_init(struct fst_findings *findings, const struct fst_allocator *allocator)
{
    memset(findings, 0, sizeof(*findings));
    fst_pool_init(&findings->nodes, allocator, sizeof(struct fst_finding_node), NODES_MOST);
}

void fst_findings_fini(struct fst_findings *findings)
{
    fst_pool_fini(&findings->nodes);
}

static struct fst_finding_node *node_at(const struct fst_findings *findings, uint32_t number)
{
    return fst_pool_at(&findings->nodes, number);
}

bool fst_findings_add(struct fst_findings *findings, uint32_t *head,
                      const struct fst_step_finding *finding, uint32_t *repeats)
{
    struct fst_finding_node *newest_same = NULL;
    unsigned same = 0, all = 0;
    uint32_t i;

    *repeats = 0;
    for (i = *head; i != FST_NO_INDEX; i = node_at(findings, i)->older, all++) {
        struct fst_finding_node *node = node_at(findings, i);

        if (node->finding.rule != finding->rule || node->finding.side != finding->side)
            continue;
        if (same++ == 0)
            newest_same = node;
    }
    if (same < FST_FINDINGS_SAME && all < FST_FINDINGS_MOST) {
        i = fst_pool_take(&findings->nodes);
        if (i != FST_NO_INDEX) {
            *node_at(findings, i) = (struct fst_finding_node){*finding, 0, *head};
            *head = i;
            return true;
        }
    }
    if (newest_same)
        *repeats = ++newest_same->repeats;
    return fst_pool_is_full(&findings->nodes) || same >= FST_FINDINGS_SAME ||
           all >= FST_FINDINGS_MOST;
}

void fst_findings_drop(struct fst_findings *findings, uint32_t *head)
{
    while (*head != FST_NO_INDEX) {
        uint32_t older = node_at(findings, *head)->older;

        fst_pool_give_back(&findings->nodes, *head);
        *head = older;
    }
}

void fst_finding_from_step(struct fst_finding *out, const struct fst_step_finding *in,
                           unsigned client, uint32_t connection)
{
    *out = (struct fst_finding){
        .rule = fst_rule_at(in->rule),
        .class_ = (enum fst_class)in->class_,
        .by = in->side == FST_NO_SIDE ? FST_BY_NOBODY
              : in->side == client    ? FST_BY_CLIENT
                                      : FST_BY_SERVER,
        .connection = connection,
        .packet = in->packet,
        .because_packet = in->because_packet,
        .time_ns = in->time_ns,
        .states = in->states,
        .number = {in->number[0], in->number[1]},
    };
}

size_t fst_findings_show(struct fst_findings *findings, uint32_t head,
                         const struct fst_step_finding *last, unsigned client, uint32_t connection,
                         const struct fst_finding **out)
{
    size_t count = 0, at;
    uint32_t i;

    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older)
        count++; /* at most FST_FINDINGS_MOST */
    at = count;
    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older) {
        fst_finding_from_step(&findings->shown[--at], &node_at(findings, i)->finding, client,
                              connection);
        findings->shown[at].repeats = node_at(findings, i)->repeats;
    }
    if (last)
        fst_finding_from_step(&findings->shown[count++], last, client, connection);
    for (at = 1; at < count; at++) { /* one that was held back names an earlier packet */
        struct fst_finding late = findings->shown[at];
        size_t to = at;

        for (; to > 0 && findings->shown[to - 1].packet > late.packet; to--)
            findings->shown[to] = findings->shown[to - 1];
        findings->shown[to] = late;
    }
    *out = findings->shown;
    return count;
}

void fst_findings_reported(const struct fst_findings *findings, uint32_t head, unsigned side,
                           uint64_t reported[2])
{
    uint32_t i;

    reported[0] = reported[1] = 0;
    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older)
        if (node_at(findings, i)->finding.side == side)
            reported[node_at(findings, i)->finding.rule / 64] |=
                (uint64_t)1 << node_at(findings, i)->finding.rule % 64;
}

bool fst_findings_have(const struct fst_findings *findings, uint32_t head, enum fst_rule_id rule)
{
    uint32_t i;

    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older)
        if (node_at(findings, i)->finding.rule == rule)
            return true;
    return false;
}

static bool tells_of_reset(unsigned rule)
{
    return rule == FST_RULE_CONNECTION_REFUSED || rule == FST_RULE_HANDSHAKE_RESET ||
           rule == FST_RULE_RST_ABORT || rule == FST_RULE_RST_AFTER_CLOSE ||
           rule == FST_RULE_HALF_OPEN_RESET || rule == FST_RULE_RST_WITHOUT_STATE;
}

struct fst_found fst_findings_sum(const struct fst_findings *findings, uint32_t head)
{
    struct fst_found found = {.worst = FST_CLASS_COUNT, .reset_by = FST_NO_SIDE};
    uint32_t i;

    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older) {
        const struct fst_step_finding *finding = &node_at(findings, i)->finding;

        found.rules[finding->rule / 64] |= (uint64_t)1 << finding->rule % 64;
        if (finding->class_ < found.worst)
            found.worst = (enum fst_class)finding->class_;
        if (tells_of_reset(finding->rule))
            found.reset_by = finding->side;
    }
    return found;
}

uint64_t fst_findings_reset_packet(const struct fst_findings *findings, uint32_t head,
                                   unsigned side)
{
    uint32_t i;

    for (i = head; i != FST_NO_INDEX; i = node_at(findings, i)->older)
        if (node_at(findings, i)->finding.side == side &&
            tells_of_reset(node_at(findings, i)->finding.rule))
            return node_at(findings, i)->finding.packet;
    return 0;
}

uint32_t fst_findings_absorb(struct fst_findings *findings, const struct fst_findings *other)
{
    uint32_t base = fst_pool_absorb(&findings->nodes, &other->nodes);

    /* Of those in no use it means nothing: their chain goes through what they begin with. */
    static_assert(offsetof(struct fst_finding_node, older) >= sizeof(uint32_t), "not the chain");
    for (uint32_t i = base; i < findings->nodes.unused; i++)
        if (node_at(findings, i)->older != FST_NO_INDEX)
            node_at(findings, i)->older += base;
    return base;
}
