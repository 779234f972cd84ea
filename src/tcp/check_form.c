/* SPDX-License-Identifier: MIT
 *
 * What one segment shows by itself: flags and options. No state, life or other packet is asked, so
 * nothing the network or the capture lost can excuse a hit.
 */
#include "tcp/checks.h"
#include "tcp/lives.h"
#include "tcp/marks.h"

static bool any(const struct fst_context *c, unsigned flags)
{
    return (c->seg->flags & flags) != 0;
}

static bool all(const struct fst_context *c, unsigned flags)
{
    return (c->seg->flags & flags) == flags;
}

/* Not at its SYN, nor at that of another: a later one may lie anywhere (RFC 6191). */
static bool inside_a_life(const struct fst_context *c)
{
    unsigned i;

    if (fst_life_with_iss(c->o, c->x, c->seg->seq) != FST_NO_LIFE)
        return false;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *life = &c->sender->lives[i];

        if ((life->flags & FST_LIFE_ISS) && fst_life_in_run(life, c->seg->seq))
            return true;
    }
    return false;
}

static bool trip(struct fst_context *c, enum fst_rule_id rule)
{
    fst_report(c, rule, c->seg->fault, 0, 0);
    return true;
}

bool fst_check_form(struct fst_context *c)
{
    if (c->seg->fault != FST_HEADER_OK) /* 3.1: no sender contradicts its own header */
        return trip(c, FST_RULE_MALFORMED_HEADER);
    if (all(c, FST_TCP_SYN | FST_TCP_RST)) /* 3.5.2 lists every form of a reset; none has SYN */
        return trip(c, FST_RULE_FLAGS_SYN_RST);
    if (all(c, FST_TCP_FIN | FST_TCP_RST)) /* likewise none has FIN */
        return trip(c, FST_RULE_FLAGS_FIN_RST);
    /* SYN, ACK and FIN may be merged when sent again, at the ISS. Elsewhere in a life there is no
     * SYN. */
    if (all(c, FST_TCP_SYN | FST_TCP_FIN) && inside_a_life(c))
        return trip(c, FST_RULE_FLAGS_SYN_FIN);
    if (any(c, FST_TCP_ACK | FST_TCP_RST))
        return false;
    if (all(c, FST_TCP_SYN | FST_TCP_FIN)) {
        if (c->seg->options.present & FST_OPT_CC) /* T/TCP, RFC 1644 */
            return false;
        /* A SYN without ACK comes from SYN-SENT, where CLOSE sends no FIN: 3.10.4. */
        return trip(c, FST_RULE_FLAGS_SYN_FIN);
    }
    if (any(c, FST_TCP_SYN))
        return false;
    if (any(c, FST_TCP_FIN)) /* FIN is sent once the peer's SYN is in, and from then on ACK is
                                set: 3.1 */
        return trip(c, FST_RULE_FIN_WITHOUT_ACK);
    return trip(
        c, FST_RULE_NO_CONTROL_FLAG); /* same reason: nothing but SYN and RST goes without ACK */
}

void fst_check_options(struct fst_context *c)
{
    const unsigned syn_only = FST_OPT_MSS | FST_OPT_WSCALE | FST_OPT_SACK_PERMITTED;

    if (c->seg->options.present & syn_only) /* MUST-65; RFC 2018 2; RFC 7323 2.1 */
        fst_report(c, FST_RULE_SYN_OPTION_OUTSIDE_SYN, 0, 0, 0);
}
