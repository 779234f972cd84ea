/* SPDX-License-Identifier: MIT
 *
 * How far the reading of a long file has come, on one line of standard error that is wiped away
 * again. Only a terminal sees it.
 */
#ifndef FST_CLI_PROGRESS_H
#define FST_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/files.h"

struct fst_progress {
    bool on;
    bool shown;
    uint64_t total; /* octets of the file, 0 if unknown */
    int64_t begin_ns, next_ns;
};

#define FST_PROGRESS_MAX 200

/** For the file, "-" is standard input; off unless standard error is a terminal. */
void fst_progress_begin(struct fst_progress *progress, const struct fst_files *captures);
/** So many octets of the file have been read. Cheap; draws a few times a second. */
void fst_progress_update(struct fst_progress *progress, uint64_t done);
/** Wipe the line away. */
void fst_progress_end(struct fst_progress *progress);

/** "43%  1.2 GB of 2.8 GB  310.0 MB/s  5.0 s left"; without a total what is known. */
const char *fst_progress_text(uint64_t done, uint64_t total, int64_t elapsed_ns,
                              char text[FST_PROGRESS_MAX]);

#endif
