/* SPDX-License-Identifier: MIT */
#include "report/state_text.h"

#include "report/paragraph.h"

#define LABEL_COLUMNS 11

void fst_out_state(struct fst_out *out, const struct fst_state_info *info, unsigned columns)
{
    fst_out_paragraph_in(out, "means", LABEL_COLUMNS, columns, info->meaning);
    fst_out_paragraph_in(out, "entered", LABEL_COLUMNS, columns, info->entered);
    fst_out_paragraph_in(out, "left", LABEL_COLUMNS, columns, info->left);
    fst_out_paragraph_in(out, "staying", LABEL_COLUMNS, columns, info->lingering);
}
