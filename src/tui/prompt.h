/* SPDX-License-Identifier: MIT
 *
 * A line that is typed: the filter. ASCII, as everything that can be filtered for.
 */
#ifndef FST_TUI_PROMPT_H
#define FST_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "where/where.h"

#define FST_PROMPT_MAX 200

struct fst_prompt {
    bool open;
    size_t len;
    char text[FST_PROMPT_MAX];
    char before[FST_PROMPT_MAX];       /* what it was when it was opened */
    char error[FST_WHERE_MESSAGE_MAX]; /* what is wrong with it so far, "" if nothing */
};

enum fst_prompt_event { FST_PROMPT_IDLE, FST_PROMPT_EDITED, FST_PROMPT_DONE, FST_PROMPT_CANCELLED };

/** Begin with a text, which may be NULL. */
void fst_prompt_open(struct fst_prompt *prompt, const char *text);
/** What a key does to it. */
enum fst_prompt_event fst_prompt_key(struct fst_prompt *prompt, uint32_t key);

#endif
