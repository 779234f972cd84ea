/* SPDX-License-Identifier: MIT */
#include "tui/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

#define REPLACEMENT '?'

bool fst_canvas_begin(struct fst_canvas *canvas, int columns, int lines)
{
    size_t count = (size_t)columns * (size_t)lines;

    if (columns != canvas->columns || lines != canvas->lines) {
        struct fst_cell *cells = realloc(canvas->cells, count * sizeof(*cells));

        if (!cells)
            return false;
        canvas->cells = cells;
        canvas->columns = columns;
        canvas->lines = lines;
    }
    for (size_t i = 0; i < count; i++)
        canvas->cells[i] = (struct fst_cell){' ', FST_PLAIN};
    canvas->cursor_line = canvas->cursor_column = -1;
    return true;
}

void fst_canvas_free(struct fst_canvas *canvas)
{
    free(canvas->cells);
    memset(canvas, 0, sizeof(*canvas));
}

/* ------------------------------------------------------------------------------ characters -- */

/* Characters of the screen itself beyond ASCII, and what stands for them without UTF-8. */
static const struct {
    uint32_t code;
    char ascii;
} glyphs[] = {
    {0x00b7, '-'}, /* middle dot */ {0x2013, '-'},      /* en dash */
    {0x2026, '~'}, /* ellipsis */ {0x2190, '<'},        /* leftwards arrow */
    {0x2191, '^'}, /* upwards arrow */ {0x2192, '>'},   /* rightwards arrow */
    {0x2193, 'v'}, /* downwards arrow */ {0x2194, '-'}, /* left right arrow */
    {0x2500, '-'}, /* horizontal line */ {0x2502, '|'}, /* vertical line */
    {0x2503, '|'}, /* heavy vertical */ {0x250a, '.'},  /* dotted vertical */
    {0x2550, '='}, /* double line */ {0x2575, '\''},    /* upper half vertical */
    {0x25b2, '^'}, /* up triangle */ {0x25b6, '>'},     /* right triangle */
    {0x25bc, 'v'}, /* down triangle */ {0x25c0, '<'},   /* left triangle */
};

static char ascii_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++)
        if (glyphs[i].code == code)
            return glyphs[i].ascii;
    return REPLACEMENT;
}

/** Printable, one column wide on every terminal: ASCII, Latin and our own glyphs. Others are not
 *  worth a terminal's opinion on how wide they are. */
static bool is_safe(uint32_t code)
{
    if (code >= 0x20 && code <= 0x7e)
        return true;
    if (code >= 0xa1 && code <= 0x17f)
        return code != 0xad; /* the soft hyphen */
    return ascii_of(code) != REPLACEMENT;
}

static uint32_t shown(const struct fst_canvas *canvas, uint32_t code)
{
    if (!is_safe(code))
        return REPLACEMENT;
    return code < 0x7f || canvas->utf8 ? code : (uint32_t)ascii_of(code);
}

/* --------------------------------------------------------------------------------- drawing -- */

static struct fst_cell *cell_at(const struct fst_canvas *canvas, int line, int column)
{
    if (line < 0 || line >= canvas->lines || column < 0 || column >= canvas->columns)
        return NULL;
    return &canvas->cells[(size_t)line * (size_t)canvas->columns + (size_t)column];
}

static void put(struct fst_canvas *canvas, int line, int column, fst_look look, uint32_t code)
{
    struct fst_cell *cell = cell_at(canvas, line, column);

    if (cell)
        *cell = (struct fst_cell){shown(canvas, code), look};
}

int fst_canvas_text(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                    const char *text)
{
    int end = column + width;

    while (*text != '\0' && column < end) {
        uint32_t code;

        text += fst_utf8_next(text, &code);
        put(canvas, line, column++, look, code);
    }
    return column;
}

int fst_canvas_cut(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                   const char *text)
{
    int end = fst_canvas_text(canvas, line, column, width, look, text);

    if (width > 0 && fst_text_columns(text) > (size_t)width)
        put(canvas, line, column + width - 1, look, 0x2026);
    return end;
}

void fst_canvas_right(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                      const char *text)
{
    int columns = (int)fst_text_columns(text);
    int before = columns < width ? width - columns : 0;

    fst_canvas_cut(canvas, line, column + before, width - before, look, text);
}

void fst_canvas_fill(struct fst_canvas *canvas, int line, int column, int count, fst_look look,
                     const char *character)
{
    uint32_t code;

    fst_utf8_next(character, &code);
    for (int i = 0; i < count && column + i < canvas->columns; i++)
        put(canvas, line, column + i, look, code);
}

void fst_canvas_mark(struct fst_canvas *canvas, int line, int column, int count, fst_look look)
{
    for (int i = 0; i < count; i++) {
        struct fst_cell *cell = cell_at(canvas, line, column + i);

        if (cell)
            cell->look = (fst_look)(cell->look | look);
    }
}

/* ---------------------------------------------------------------------------------- as text -- */

static size_t utf8_put(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
}

void fst_canvas_line(const struct fst_canvas *canvas, int line, char *text)
{
    size_t len = 0, keep = 0;

    for (int column = 0; column < canvas->columns; column++) {
        uint32_t code = cell_at(canvas, line, column)->code;

        len += utf8_put(text + len, code);
        if (code != ' ')
            keep = len;
    }
    text[keep] = '\0';
}
