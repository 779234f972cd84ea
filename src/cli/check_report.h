/* SPDX-License-Identifier: MIT
 *
 * From what came of each file to output and exit status; GitHub's own places among the outputs.
 */
#ifndef FST_CLI_CHECK_REPORT_H
#define FST_CLI_CHECK_REPORT_H

#include "cli/outputs.h"
#include "report/check_writer.h"

/** Print it in every format asked for. @return exit status of the whole. */
int fst_check_tell(const struct fst_arguments *arguments, const struct fst_checked *checked,
                   size_t count, int64_t elapsed_ns);

/** Enter the sandbox before what may be hostile is read: files can still be read, and made where
 *  outputs, the files of `beside` and what is recorded go. `live`: see struct fst_sandbox.
 *  @return exit status, after a message. */
int fst_check_give_up_rights(const struct fst_arguments *arguments, const struct fst_files *beside,
                             bool live);

#endif
