/* SPDX-License-Identifier: MIT
 *
 * One pass over a capture: read, analyse, hand to every writer the user asked for.
 */
#ifndef FST_CLI_RUN_H
#define FST_CLI_RUN_H

#include "cli/options.h"

/** Runs `flows` or `trace`. @return exit status, after a message if it is not 0 or 1. */
int fst_run(const struct fst_arguments *arguments);

/** What an error of the library means for the exit status, while opening or while reading. */
int fst_exit_status_of(int error, bool reading);

/** A secret for the hash table; without one results are the same, only slower under attack. */
void fst_fill_key(uint8_t key[16]);

#endif
