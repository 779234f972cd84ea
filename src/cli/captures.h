/* SPDX-License-Identifier: MIT
 *
 * The captures a command reads: one, or several as one stream.
 */
#ifndef FST_CLI_CAPTURES_H
#define FST_CLI_CAPTURES_H

#include <stdbool.h>

#include "cli/files.h"
#include "flowstate/flowstate.h"

/** Add a capture. A name that no file has, and that is a pattern, stands for the files it matches,
 *  in the order of their names. @return exit status, after a message. */
int fst_captures_add(struct fst_files *captures, const char *word);

/** Whether the word is a file, or a pattern that matches one, rather than part of a filter: words
 *  of letters alone may be either and are taken for a filter's, and numbers for a connection's. */
bool fst_captures_are_meant(const char *word);

/** Open all of them; nothing is read yet. @return 0 or an error, with `diag` filled. */
int fst_captures_open(struct fst_capture **out, const struct fst_files *captures,
                      struct fst_diag *diag);

/** Descriptors that a run needs in any case; more files may need more than a process has unasked.
 */
#define FST_FILES_FEW 64

/** Ask for as many descriptors as the system gives at most. */
void fst_allow_many_files(void);

/** Octets of all of them together, 0 if one of them is no regular file. */
uint64_t fst_captures_size(const struct fst_files *captures);

#endif
