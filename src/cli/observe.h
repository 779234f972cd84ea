/* SPDX-License-Identifier: MIT
 *
 * A capture read to its end and described for comparison: what `check` and `diff` share.
 */
#ifndef FST_CLI_OBSERVE_H
#define FST_CLI_OBSERVE_H

#include "cli/options.h"
#include "expect/seen.h"

struct fst_observation {
    const char *path;
    const struct fst_files *captures; /* NULL: `path` is the only one */
    const char *filter;               /* NULL for none */
    bool lossless;
    uint32_t max_flows;
    enum fst_level level;
    /* The outcome: */
    struct fst_diag diag; /* why the status is not 0 */
    bool bad_filter;      /* the filter is what is wrong */
    struct fst_seen seen; /* filled when the status is 0 or FST_EXIT_DAMAGED; to be freed */
};

/** @return exit status, with a message in `diag` unless it is 0. */
int fst_observe_capture(struct fst_observation *observation);

#endif
