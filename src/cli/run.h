/* SPDX-License-Identifier: MIT
 *
 * One pass over a capture: read, analyse, hand to every writer the user asked for.
 */
#ifndef FST_CLI_RUN_H
#define FST_CLI_RUN_H

#include "cli/options.h"

/** The exit status for an error of the library; `reading` once the input was open. */
int fst_exit_of(int error, bool reading);

/** A secret for the hash table; without one results are the same, only slower under attack. */
void fst_fill_key(uint8_t key[16]);

/** Settles which file, connection and filter a command is about, then runs it. */
int fst_run_command(const struct fst_arguments *given);

/** Runs `flows`, `trace`, `explain` or `report`. @return exit status, after a message if it is not
 * 0 or 1. */
int fst_run(const struct fst_arguments *arguments);

/** Runs `annotate`. @return exit status, after a message if it is not 0. */
int fst_annotate(const struct fst_arguments *arguments);

/** Runs `split`. @return exit status, after a message if it is not 0. */
int fst_split_captures(const struct fst_arguments *arguments);

#endif
