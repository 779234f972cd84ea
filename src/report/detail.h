/* SPDX-License-Identifier: MIT
 *
 * The further lines of a connection that -v asks for: the path of each endpoint and every finding.
 */
#ifndef FST_REPORT_DETAIL_H
#define FST_REPORT_DETAIL_H

#include "flowstate/flowstate.h"
#include "report/writer.h"

#define FST_MESSAGE_MAX 512

/** A finding as one line without indent: class, rule, packet, side, message, reason, section. */
void fst_finding_line(const struct fst_finding *finding, char *text, size_t size);

/** All lines, each with its line end, to be freed; NULL and *error FST_ENOMEM when memory is short.
 */
char *fst_detail_text(const struct fst_connection_view *view, int *error);

#endif
