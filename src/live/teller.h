/* SPDX-License-Identifier: MIT
 *
 * What a stream of connections has told already and has to tell next: which connections are new,
 * which changed since they were told last, and what was found in them. Several changes between two
 * flushes are told once.
 */
#ifndef FST_LIVE_TELLER_H
#define FST_LIVE_TELLER_H

#include <stdbool.h>
#include <stdint.h>

#include "report/writer.h"

/** Who is told. A connection is told of before what was found in it. */
struct fst_teller_reader {
    void (*flow)(void *context, enum fst_flow_event event, const struct fst_connection_view *view,
                 uint32_t seq);
    void (*finding)(void *context, const struct fst_connection_view *view,
                    const struct fst_finding *finding);
    void *context;
};

struct fst_teller;

/** @param interval_ns  A connection that goes on unchanged is told of so often. NULL when memory is
 *  short. */
struct fst_teller *fst_teller_new(int64_t interval_ns);
void fst_teller_free(struct fst_teller *teller);

/* To be called from the analyzer's events of these names: */
void fst_teller_changed(struct fst_teller *teller, uint32_t id);
void fst_teller_finding(struct fst_teller *teller, const struct fst_finding *finding);
void fst_teller_ended(struct fst_teller *teller, const struct fst_connection_view *view,
                      const struct fst_teller_reader *reader);

/** Tell what there is to tell. */
void fst_teller_flush(struct fst_teller *teller, struct fst_analyzer *analyzer,
                      const struct fst_teller_reader *reader);

/** Look at a part of the connections, one in `parts`, for those to be told of again; the next call
 *  looks at the next part. */
void fst_teller_sweep(struct fst_teller *teller, struct fst_analyzer *analyzer, uint32_t parts);

/** Findings that wait to be told. */
size_t fst_teller_waiting(const struct fst_teller *teller);

/** Whether memory was short: not everything is told. */
bool fst_teller_failed(const struct fst_teller *teller);

#endif
