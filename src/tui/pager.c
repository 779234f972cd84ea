/* SPDX-License-Identifier: MIT */
#include "tui/pager.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

#define LEFT_MOST 512

void fst_pager_set(struct fst_pager *pager)
{
    pager->lines = 0;
    for (const char *at = pager->text.text; at && *at != '\0'; pager->lines++) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
}

void fst_pager_free(struct fst_pager *pager)
{
    fst_strbuf_free(&pager->text);
}

/* ----------------------------------------------------------------------------- ANSI attributes --
 */

static fst_look with_code(fst_look look, unsigned long code)
{
    switch (code) {
    case 0:
        return FST_PLAIN;
    case 1:
        return look | FST_BOLD;
    case 2:
        return look | FST_DIM;
    case 31:
        return (fst_look)((look & ~FST_COLORS) | FST_BAD);
    case 32:
        return (fst_look)((look & ~FST_COLORS) | FST_GOOD);
    case 33:
        return (fst_look)((look & ~FST_COLORS) | FST_WARN);
    case 36:
        return (fst_look)((look & ~FST_COLORS) | FST_HINT);
    default:
        return look;
    }
}

/** Take an attribute "ESC [ 1 ; 31 m"; other control characters are no business of ours.
 *  @return octets taken, 0 if there is none. */
static size_t take_attribute(const char *text, fst_look *look)
{
    size_t len;

    if (text[0] != '\033' || text[1] != '[')
        return 0;
    len = 2 + strspn(text + 2, "0123456789;");
    if (text[len] != 'm')
        return 0;
    for (size_t at = 1; at < len; at += 1 + strcspn(text + at + 1, ";m"))
        *look = with_code(*look, strtoul(text + at + 1, NULL, 10));
    return len + 1;
}

/** A line of the text, from column `left` on. */
static void draw_line(struct fst_canvas *canvas, int line, int left, const char *text)
{
    fst_look look = FST_PLAIN;
    int column = -left;

    while (*text != '\0' && *text != '\n') {
        size_t len = take_attribute(text, &look);
        char character[5] = "";
        uint32_t code;

        if (len == 0) {
            len = fst_utf8_next(text, &code);
            memcpy(character, text, len);
            fst_canvas_text(canvas, line, column++, 1, look, character);
        }
        text += len;
    }
}

/* ----------------------------------------------------------------------------------- the page --
 */

static int top_most(const struct fst_pager *pager)
{
    return pager->lines > pager->height ? pager->lines - pager->height : 0;
}

static void settle(struct fst_pager *pager)
{
    if (pager->top < 0)
        pager->top = 0;
    if (pager->top > top_most(pager) || pager->follow)
        pager->top = top_most(pager);
}

void fst_pager_scroll(struct fst_pager *pager, int lines)
{
    int64_t top = (int64_t)pager->top + lines;

    pager->top = top < 0 ? 0 : top > top_most(pager) ? top_most(pager) : (int)top;
    pager->follow = pager->follow ? lines >= 0 : lines > 0 && pager->top == top_most(pager);
    settle(pager);
}

void fst_pager_shift(struct fst_pager *pager, int columns)
{
    pager->left += columns;
    if (pager->left < 0)
        pager->left = 0;
    if (pager->left > LEFT_MOST)
        pager->left = LEFT_MOST;
}

void fst_pager_draw(struct fst_pager *pager, struct fst_canvas *canvas, int top, int bottom)
{
    const char *at = pager->text.text ? pager->text.text : "";

    pager->height = bottom > top ? bottom - top : 0;
    settle(pager);
    for (int line = 0; *at != '\0' && line < pager->top + pager->height; line++) {
        if (line >= pager->top)
            draw_line(canvas, top + line - pager->top, pager->left, at);
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
}
