/* SPDX-License-Identifier: MIT */
#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

#include "tui/screen.h"

#define CTRL_U 0x15
#define CTRL_W 0x17

void fst_prompt_open(struct fst_prompt *prompt, const char *text)
{
    prompt->open = true;
    prompt->error[0] = '\0';
    snprintf(prompt->text, sizeof(prompt->text), "%s", text ? text : "");
    memcpy(prompt->before, prompt->text, sizeof(prompt->before));
    prompt->len = strlen(prompt->text);
}

static void cut(struct fst_prompt *prompt, size_t len)
{
    prompt->len = len;
    prompt->text[len] = '\0';
}

/** Where the last word begins. */
static size_t word_start(const struct fst_prompt *prompt)
{
    size_t at = prompt->len;

    while (at > 0 && prompt->text[at - 1] == ' ')
        at--;
    while (at > 0 && prompt->text[at - 1] != ' ')
        at--;
    return at;
}

static enum fst_prompt_event type(struct fst_prompt *prompt, uint32_t key)
{
    if (key < 0x20 || key > 0x7e || prompt->len + 1 >= sizeof(prompt->text))
        return FST_PROMPT_IDLE;
    prompt->text[prompt->len++] = (char)key;
    prompt->text[prompt->len] = '\0';
    return FST_PROMPT_EDITED;
}

enum fst_prompt_event fst_prompt_key(struct fst_prompt *prompt, uint32_t key)
{
    switch (key) {
    case FST_KEY_ENTER:
        prompt->open = false;
        return FST_PROMPT_DONE;
    case FST_KEY_ESCAPE:
        prompt->open = false;
        return FST_PROMPT_CANCELLED;
    case FST_KEY_ERASE:
        if (prompt->len > 0)
            cut(prompt, prompt->len - 1);
        return FST_PROMPT_EDITED;
    case CTRL_U:
        cut(prompt, 0);
        return FST_PROMPT_EDITED;
    case CTRL_W:
        cut(prompt, word_start(prompt));
        return FST_PROMPT_EDITED;
    default:
        return type(prompt, key);
    }
}
