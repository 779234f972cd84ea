/* SPDX-License-Identifier: MIT
 *
 * A run of the model as a list of events: replayed, shrunk while its offence stays, and printed in
 * the notation of the scenario tests, with what the tap cannot see as comments.
 */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include "watch.h"

#define TRACE_MAX 4096

struct trace {
    unsigned count;
    struct event event[TRACE_MAX];
};

/** Play the trace from the start; events that are not possible are left out of it. Stops at the
 *  first offence, which ends the trace. */
void trace_replay(struct trace *trace, const struct settings *settings,
                  const struct watch_settings *watching, struct offence *offence);

/** Remove what the offence does not need. */
void trace_shrink(struct trace *trace, const struct settings *settings,
                  const struct watch_settings *watching, const struct offence *offence);

void trace_print(const struct trace *trace, const struct settings *settings,
                 const struct watch_settings *watching);

/** One captured segment in scenario notation, without a line end. */
void segment_print(const struct settings *settings, const struct model_segment *segment,
                   unsigned side);

#endif
