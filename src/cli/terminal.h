/* SPDX-License-Identifier: MIT
 *
 * What the terminal can show: colours, characters beyond ASCII.
 */
#ifndef FST_CLI_TERMINAL_H
#define FST_CLI_TERMINAL_H

#include <stdbool.h>

#include "cli/options.h"

/** Whether the environment's locale says UTF-8. The C library's locale is never set, so nothing
 * else depends on it. */
bool fst_locale_is_utf8(void);

/** Whether a variable of the environment is there and not empty. */
bool fst_is_set(const char *name);

/** Whether output to the descriptor is coloured. */
bool fst_wants_color(enum fst_color color, int fd);

/** Columns and lines of the terminal that the descriptor is; 0 if it is none or does not say. */
void fst_terminal_size(int fd, unsigned *columns, unsigned *lines);

#endif
