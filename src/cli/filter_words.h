/* SPDX-License-Identifier: MIT
 *
 * A filter as the last words of the command line, as tcpdump takes it.
 */
#ifndef FST_CLI_FILTER_WORDS_H
#define FST_CLI_FILTER_WORDS_H

#include "cli/options.h"

/** Run with the words that are left as the filter, unless -f gave one. @return exit status. */
int fst_run_filtered(const struct fst_arguments *given,
                     int (*run)(const struct fst_arguments *arguments));

#endif
