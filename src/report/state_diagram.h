/* SPDX-License-Identifier: MIT
 *
 * The eleven states and the moves between them, drawn: with letters for a terminal, and as SVG.
 * Source: RFC 9293 Figure 5 and its notes; the layout is our own.
 */
#ifndef FST_REPORT_STATE_DIAGRAM_H
#define FST_REPORT_STATE_DIAGRAM_H

#include <stdbool.h>

#include "flowstate/flowstate.h"
#include "report/ladder_layout.h"
#include "report/out.h"

/** With box-drawing characters, or in plain ASCII. */
void fst_state_diagram_text(struct fst_out *out, bool utf8);

/** A self-contained SVG document; the `marked` state has a thicker frame, FST_STATE_COUNT marks
 * none. */
void fst_state_diagram_svg(struct fst_out *out, enum fst_state marked);

/** The same with the ways that both endpoints of a connection took, and their steps numbered; a
 *  finished ladder. */
void fst_state_diagram_path_svg(struct fst_out *out, const struct fst_ladder *ladder);

/** The same for a page with many of them: what they share, once, inside an svg element, and then
 * one figure each. The page's style sheet has the looks, below the class `fsm`. */
void fst_state_diagram_shared(struct fst_out *out);
void fst_state_diagram_path_figure(struct fst_out *out, const struct fst_ladder *ladder);

#endif
