/* SPDX-License-Identifier: MIT
 *
 * Names for legal ways to close.
 */
#include "base/seq.h"
#include "tcp/checks.h"

void fst_label_close(struct fst_context *c)
{
    const struct fst_life *peer = c->peer;
    bool after_fin;

    if (!peer || !c->ack_known || !(peer->flags & FST_LIFE_FIN))
        return;
    after_fin = fst_seq_gt(c->seg->ack, peer->fin);
    if (c->news_fin && !after_fin && !(peer->flags & FST_LIFE_FIN_ADOPTED))
        fst_report(c, FST_RULE_SIMULTANEOUS_CLOSE, 0, 0, peer->fin_packet);
    if (c->news_text && after_fin)
        fst_report(c, FST_RULE_HALF_CLOSE_DATA, 0, 0, peer->fin_packet);
}
