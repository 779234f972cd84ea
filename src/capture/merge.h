/* SPDX-License-Identifier: MIT
 *
 * Several files read as one capture, packet by packet in the order of their times.
 */
#ifndef FST_CAPTURE_MERGE_H
#define FST_CAPTURE_MERGE_H

#include "capture/capture.h"

struct fst_merge;

/** Add a file to a capture that has one already. Returns 0, FST_EOPEN, FST_ENOMEM. */
int fst_merge_add(struct fst_capture *capture, const char *path, struct fst_diag *diag);

/** Read the head of every file. Returns 0, FST_EOPEN, FST_EFORMAT, FST_ENOMEM. */
int fst_merge_begin(struct fst_capture *whole, struct fst_diag *diag);

/**
 * Hand out the next packets; as a reader's walk(), but refills buffers itself.
 *
 * @return whether more may come. If not, `diag` has what was wrong with the files, if anything: the
 *         others were read to their end all the same.
 */
bool fst_merge_walk(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag);

/** Whether one of the files that have not ended is a pipe. */
bool fst_merge_has_pipe(const struct fst_merge *merge);

/** NULL is fine. */
void fst_merge_free(struct fst_merge *merge);

#endif
