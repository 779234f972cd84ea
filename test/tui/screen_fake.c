/* SPDX-License-Identifier: MIT */
#include "tui/screen_fake.h"

#include <stdlib.h>
#include <string.h>

#include "tui/screen.h"

struct fst_screen {
    int columns, lines;
    const char *keys;
    char clipboard[512];
    const struct fst_canvas *page; /* put last */
    unsigned pages;
};

static struct fst_screen the;

void fake_size(int columns, int lines)
{
    the.columns = columns;
    the.lines = lines;
}

void fake_keys(const char *keys)
{
    the.keys = keys;
}

const char *fake_clipboard(void)
{
    return the.clipboard;
}

unsigned fake_pages(void)
{
    return the.pages;
}

/* ------------------------------------------------------------------------------------ printing --
 */

static char look_letter(fst_look look)
{
    static const char colors[] = " gyrc"; /* plain, green, yellow, red, cyan */
    char letter = colors[look & FST_COLORS];

    if (look & FST_REVERSE)
        return '#';
    if (look & FST_BOLD)
        return letter == ' ' ? 'B' : (char)(letter - 'a' + 'A');
    if (look & FST_DIM)
        return '.';
    return letter;
}

static void print_looks(FILE *to, const struct fst_canvas *page, int line)
{
    int keep = page->columns;

    while (keep > 0 && look_letter(page->cells[line * page->columns + keep - 1].look) == ' ')
        keep--;
    for (int column = 0; column < keep; column++)
        fputc(look_letter(page->cells[line * page->columns + column].look), to);
    fputc('\n', to);
}

void fake_print(FILE *to, bool looks)
{
    const struct fst_canvas *page = the.page;
    char *text = malloc(4 * (size_t)page->columns + 1);

    for (int line = 0; text && line < page->lines; line++) {
        fst_canvas_line(page, line, text);
        fprintf(to, "%s\n", text);
        if (looks)
            print_looks(to, page, line);
    }
    free(text);
}

/* ---------------------------------------------------------------------------- in place of curses
 * --
 */

bool fst_screen_available(void)
{
    return true;
}

int fst_screen_open(struct fst_screen **out, bool color, bool utf8, struct fst_diag *diag)
{
    (void)color;
    (void)utf8;
    (void)diag;
    *out = &the;
    return 0;
}

void fst_screen_close(struct fst_screen *screen)
{
    (void)screen;
}

void fst_screen_pause(struct fst_screen *screen)
{
    (void)screen;
}

int fst_screen_input_fd(const struct fst_screen *screen)
{
    (void)screen;
    return -1;
}

void fst_screen_size(struct fst_screen *screen, int *columns, int *lines)
{
    *columns = screen->columns;
    *lines = screen->lines;
}

void fst_screen_put(struct fst_screen *screen, const struct fst_canvas *canvas)
{
    screen->page = canvas;
    screen->pages++;
}

void fst_screen_redraw(struct fst_screen *screen)
{
    (void)screen;
}

void fst_screen_copy(struct fst_screen *screen, const char *text)
{
    snprintf(screen->clipboard, sizeof(screen->clipboard), "%s", text);
}

static const struct {
    const char *name;
    uint32_t key;
} names[] = {{"<Enter>", FST_KEY_ENTER},
             {"<Esc>", FST_KEY_ESCAPE},
             {"<Up>", FST_KEY_UP},
             {"<Down>", FST_KEY_DOWN},
             {"<Left>", FST_KEY_LEFT},
             {"<Right>", FST_KEY_RIGHT},
             {"<PgUp>", FST_KEY_PAGE_UP},
             {"<PgDn>", FST_KEY_PAGE_DOWN},
             {"<Home>", FST_KEY_HOME},
             {"<End>", FST_KEY_END},
             {"<Erase>", FST_KEY_ERASE},
             {"<Gone>", FST_KEY_GONE},
             {"<Resize>", FST_KEY_RESIZE},
             {"<Other>", FST_KEY_OTHER},
             {"<C-u>", 0x15},
             {"<C-w>", 0x17},
             {"<C-z>", 0x1a},
             {"<C-l>", 0x0c}};

uint32_t fst_screen_key(struct fst_screen *screen)
{
    if (!screen->keys || *screen->keys == '\0')
        return FST_KEY_NONE;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = strlen(names[i].name);

        if (strncmp(screen->keys, names[i].name, len) == 0) {
            screen->keys += len;
            return names[i].key;
        }
    }
    return (unsigned char)*screen->keys++;
}
