/* SPDX-License-Identifier: MIT
 *
 * The records of ndjson.c, for the stream of a live capture, which has the same and more.
 */
#ifndef FST_REPORT_NDJSON_H
#define FST_REPORT_NDJSON_H

#include "report/json_out.h"
#include "report/writer.h"

/** A record's first keys, then its end with the end of the line. */
void fst_ndjson_begin(struct fst_json *json, const char *event);
void fst_ndjson_end(struct fst_json *json);

void fst_ndjson_meta(struct fst_writer *writer);
void fst_ndjson_flow(struct fst_writer *writer, enum fst_flow_event event,
                     const struct fst_connection_view *view, uint32_t seq);

/** All of the summary but its end. */
void fst_ndjson_summary(struct fst_json *json, const struct fst_writer *writer);

#endif
