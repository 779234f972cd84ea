/* SPDX-License-Identifier: MIT
 *
 * A ladder as a picture.
 */
#ifndef FST_REPORT_LADDER_SVG_H
#define FST_REPORT_LADDER_SVG_H

#include "report/ladder_layout.h"
#include "report/out.h"

/** A self-contained SVG document of a finished ladder; with the reason of every change if
 *  `verbose`. `end_ns` is the last time of the capture. */
void fst_ladder_svg(struct fst_out *out, const struct fst_ladder *ladder, int64_t end_ns,
                    bool verbose);

#endif
