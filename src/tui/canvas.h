/* SPDX-License-Identifier: MIT
 *
 * A page of character cells, drawn by the views and put on the terminal by screen_curses.c. Every
 * cell holds one printable character one column wide: whatever a text contains, no control
 * character, no mark that turns the direction of writing and nothing of another width gets here.
 */
#ifndef FST_TUI_CANVAS_H
#define FST_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a cell looks: one colour and any of the flags. Without colours the flags remain, and nothing
 * is told by colour alone. */
#define FST_PLAIN   0x00u
#define FST_GOOD    0x01u /* green */
#define FST_WARN    0x02u /* yellow */
#define FST_BAD     0x03u /* red */
#define FST_HINT    0x04u /* cyan */
#define FST_COLORS  0x0fu
#define FST_BOLD    0x10u
#define FST_DIM     0x20u
#define FST_REVERSE 0x40u

typedef uint8_t fst_look;

struct fst_cell {
    uint32_t code; /* code point */
    fst_look look;
};

struct fst_canvas {
    int columns, lines;
    bool utf8; /* else characters beyond ASCII are replaced by ones that look alike */
    int cursor_line, cursor_column; /* of the text cursor, -1 for none */
    struct fst_cell *cells;         /* lines * columns of them */
};

/** Blank, of that size, which is at least 1x1; keeps memory. @return false when it is short: then
 *  the canvas is as it was, or has no size at all. */
bool fst_canvas_begin(struct fst_canvas *canvas, int columns, int lines);
void fst_canvas_free(struct fst_canvas *canvas);

/** Put a text (UTF-8, possibly broken) at a place, at most `width` columns of it; what is beyond an
 *  edge is left out. @return the column after its last character. */
int fst_canvas_text(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                    const char *text);
/** The same; what does not fit ends with "…". */
int fst_canvas_cut(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                   const char *text);
/** The same, against the right edge of `width` columns. */
void fst_canvas_right(struct fst_canvas *canvas, int line, int column, int width, fst_look look,
                      const char *text);
/** `count` times one character. */
void fst_canvas_fill(struct fst_canvas *canvas, int line, int column, int count, fst_look look,
                     const char *character);
/** Add looks to what stands in a line. */
void fst_canvas_mark(struct fst_canvas *canvas, int line, int column, int count, fst_look look);

/** The line as UTF-8 without blanks at its end; `text` holds 4 octets a column and a NUL. */
void fst_canvas_line(const struct fst_canvas *canvas, int line, char *text);

#endif
