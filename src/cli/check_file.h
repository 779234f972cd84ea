/* SPDX-License-Identifier: MIT
 *
 * The check of one expectation file, or of one capture without any.
 */
#ifndef FST_CLI_CHECK_FILE_H
#define FST_CLI_CHECK_FILE_H

#include "cli/options.h"
#include "report/check_writer.h"

/** Check a file; fills `file`, which is to be freed. `capture` stands for the one the file names.
 */
void fst_check_file(struct fst_checked *file, const struct fst_arguments *arguments,
                    const char *path, const char *capture);

/** Check a capture for findings only. */
void fst_check_capture(struct fst_checked *file, const struct fst_arguments *arguments,
                       const char *capture);

/** Whether a file can be read and is an expectation file. @return exit status, after a message. */
int fst_check_readable(const char *path);

void fst_checked_free(struct fst_checked *file);

/** --record: write a new expectation file. @return exit status, after a message. */
int fst_check_record(const struct fst_arguments *arguments, const char *capture, const char *path);

/** Whether an automatic build runs us: files are for people to change. */
bool fst_in_ci(void);

#endif
