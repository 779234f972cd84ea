/* SPDX-License-Identifier: MIT
 *
 * What is known of the terminal before it is taken over. Apart from screen_curses.c because the
 * header behind it makes macros of many words that are good names.
 */
#ifndef FST_TUI_TERMINFO_H
#define FST_TUI_TERMINFO_H

#include <stdbool.h>

/** Whether ncurses knows the terminal that TERM names. Asked first, because newterm() loses memory
 *  over one that it does not know. */
bool fst_terminfo_is_known(int fd);

#endif
