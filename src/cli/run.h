/* SPDX-License-Identifier: MIT
 *
 * One pass over a capture: read, analyse, hand to every writer the user asked for.
 */
#ifndef FST_CLI_RUN_H
#define FST_CLI_RUN_H

#include "cli/options.h"

/** Runs `flows` or `trace`. @return exit status, after a message if it is not 0 or 1. */
int fst_run(const struct fst_arguments *arguments);

#endif
