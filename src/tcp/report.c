/* SPDX-License-Identifier: MIT
 *
 * Raising findings.
 */
#include "base/seq.h"
#include "tcp/context.h"
#include "tcp/states.h"

uint32_t fst_relative(const struct fst_life *life, uint32_t seq)
{
    return life->flags & FST_LIFE_ISS ? seq - life->origin : seq;
}

/* Rules that accuse, and those that hold for a whole life, are said once a life. */
static bool said_once(enum fst_rule_id rule)
{
    const struct fst_rule *r = fst_rule_at(rule);

    return r->class_lossless == FST_ILLEGAL || rule == FST_RULE_HALF_CLOSE_DATA ||
           rule == FST_RULE_OVERSIZED_SEGMENT || rule == FST_RULE_HEADER_UNAVAILABLE;
}

static void raise_finding(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                          unsigned side, uint32_t first, uint32_t second, uint64_t because_packet)
{
    struct fst_step *step = c->step;
    uint64_t *reported = &c->life->reported[rule / 64], bit = (uint64_t)1 << rule % 64;

    if (said_once(rule) && (*reported & bit)) {
        step->said_before = true;
        return;
    }
    *reported |= bit;
    if (class_ == FST_ILLEGAL && c->weak)
        class_ = FST_SUSPECT;
    if (step->finding_count == FST_STEP_FINDINGS_MAX)
        return;
    step->findings[step->finding_count++] = (struct fst_step_finding){(uint8_t)rule,
                                                                      (uint8_t)class_,
                                                                      (uint8_t)side,
                                                                      c->life->incarnation,
                                                                      fst_set_shown(c->life->wide),
                                                                      {first, second},
                                                                      c->seg->packet,
                                                                      because_packet,
                                                                      c->seg->time_ns};
}

void fst_report_as(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                   uint32_t first, uint32_t second, uint64_t because_packet)
{
    raise_finding(c, rule, class_, c->x, first, second, because_packet);
}

void fst_report_of_either(struct fst_context *c, enum fst_rule_id rule, enum fst_class class_,
                          uint32_t first, uint32_t second, uint64_t because_packet)
{
    raise_finding(c, rule, class_, FST_NO_SIDE, first, second, because_packet);
}

void fst_report(struct fst_context *c, enum fst_rule_id rule, uint32_t first, uint32_t second,
                uint64_t because_packet)
{
    const struct fst_rule *r = fst_rule_at(rule);
    /* What was forgotten could be the excuse of a rule that needs the whole picture. */
    bool conditional = r->class_ != r->class_lossless && c->sender->evicted;

    fst_report_as(c, rule, c->lossless && !conditional ? r->class_lossless : r->class_, first,
                  second, because_packet);
}
