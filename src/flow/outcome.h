/* SPDX-License-Identifier: MIT
 *
 * What came of a connection: how it ended or stands, by whom, how much of it was captured, and the
 * worst that was found. Read from its record.
 */
#ifndef FST_FLOW_OUTCOME_H
#define FST_FLOW_OUTCOME_H

#include "flow/extra.h"
#include "flow/findings.h"

struct fst_analyzer;

/** All but the worst; `found` is the sum of the connection's findings. */
void fst_outcome_fill(struct fst_outcome *outcome, const struct fst_record *record,
                      const struct fst_extra *extra, const struct fst_found *found);

/** Whether the FIN of side 1 was captured before that of side 0: all that the outcome depends on
 *  besides packed states, counts, findings, and whose the client is. */
bool fst_outcome_second_fin_first(const struct fst_extra *extra);

/** The worst of those, and of the finding that the end brings. */
enum fst_class fst_outcome_worst(struct fst_analyzer *analyzer, uint32_t number,
                                 const struct fst_found *found);

#endif
