/* SPDX-License-Identifier: MIT
 *
 * What a state means, in a few paragraphs.
 */
#ifndef FST_REPORT_STATE_TEXT_H
#define FST_REPORT_STATE_TEXT_H

#include "flowstate/flowstate.h"
#include "report/out.h"

/** Meaning, ways in and out, and what staying tells; `columns` wide. */
void fst_out_state(struct fst_out *out, const struct fst_state_info *info, unsigned columns);

#endif
