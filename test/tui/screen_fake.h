/* SPDX-License-Identifier: MIT
 *
 * A terminal made of memory: takes the place of screen_curses.c, gets its keys from a text and
 * prints the page as lines when asked.
 */
#ifndef FST_TEST_SCREEN_FAKE_H
#define FST_TEST_SCREEN_FAKE_H

#include <stdbool.h>
#include <stdio.h>

void fake_size(int columns, int lines);
/** Keys to come: characters, and names in <>: "j<Enter><Esc>". */
void fake_keys(const char *keys);
/** The page as text; with `looks`, another line below each that has any, a letter a cell. */
void fake_print(FILE *to, bool looks);
/** What was put into the clipboard last. */
const char *fake_clipboard(void);
/** How many pages were put. */
unsigned fake_pages(void);

#endif
