/* SPDX-License-Identifier: MIT
 *
 * The terminal by ncursesw; only terminfo.c knows of it too. The library takes its character set
 * from the locale of the thread, which is therefore another one inside each call and the caller's
 * again after it: nothing else of the program depends on a locale.
 */
#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/base64.h"
#include "tui/terminfo.h"

#define ESCAPE_DELAY_MS 25
#define RUN_MAX         256

struct fst_screen {
    SCREEN *terminal;
    FILE *in;  /* NULL: standard input */
    FILE *out; /* NULL: standard output */
    locale_t locale;
    bool color;
};

bool fst_screen_available(void)
{
    return true;
}

/* ----------------------------------------------------------------------------- open and close --
 */

/** A locale whose characters are UTF-8, or plain ASCII. */
static locale_t locale_for(bool utf8)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, utf8 ? "C.UTF-8" : "C", (locale_t)0);

    return locale || !utf8 ? locale : newlocale(LC_CTYPE_MASK, "", (locale_t)0);
}

static int fail(struct fst_screen *screen, struct fst_diag *diag, int error, const char *message)
{
    if (diag) {
        diag->error = error;
        snprintf(diag->message, sizeof(diag->message), "%s", message);
    }
    fst_screen_close(screen);
    return error;
}

static FILE *input_of(struct fst_screen *screen)
{
    return screen->in ? screen->in : stdin;
}

static void set_colors(struct fst_screen *screen, bool wanted)
{
    static const short pairs[][2] = {{FST_GOOD, COLOR_GREEN},
                                     {FST_WARN, COLOR_YELLOW},
                                     {FST_BAD, COLOR_RED},
                                     {FST_HINT, COLOR_CYAN}};

    screen->color = wanted && has_colors() && start_color() == OK;
    if (!screen->color)
        return;
    use_default_colors();
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        init_pair(pairs[i][0], pairs[i][1], -1);
}

/** Keys come one by one and are not echoed. Ctrl-C stays a signal, so that it works whatever the
 *  program is busy with; Ctrl-Z becomes a key, since the terminal has to be given back first. */
static void set_keys(struct fst_screen *screen)
{
    struct termios mode;
    int fd = fileno(input_of(screen));

    cbreak();
    noecho();
    nonl();
    if (tcgetattr(fd, &mode) == 0) {
        mode.c_cc[VSUSP] = (cc_t)fpathconf(fd, _PC_VDISABLE);
        tcsetattr(fd, TCSANOW, &mode);
        def_prog_mode();
    }
    set_escdelay(ESCAPE_DELAY_MS);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    curs_set(0);
}

static const char *start(struct fst_screen *screen, bool color)
{
    locale_t before;

    if (!isatty(STDOUT_FILENO))
        return "standard output is no terminal";
    if (!isatty(STDIN_FILENO)) /* a capture may come in there: keys come from the terminal */
        screen->in = fopen("/dev/tty", "re");
    if (!isatty(STDIN_FILENO) && !screen->in)
        return "there is no terminal to read keys from";
    if (!fst_terminfo_is_known(STDOUT_FILENO))
        return "the terminal (TERM) is not known to ncurses";
    before = uselocale(screen->locale);
    screen->terminal = newterm(NULL, stdout, input_of(screen));
    if (screen->terminal) {
        set_colors(screen, color);
        set_keys(screen);
    }
    uselocale(before);
    return screen->terminal ? NULL : "the terminal cannot be used";
}

int fst_screen_open(struct fst_screen **out, bool color, bool utf8, struct fst_diag *diag)
{
    struct fst_screen *screen = calloc(1, sizeof(*screen));
    const char *failure;

    *out = NULL;
    if (!screen)
        return fail(screen, diag, FST_ENOMEM, fst_error_text(FST_ENOMEM));
    screen->locale = locale_for(utf8);
    if (!screen->locale)
        return fail(screen, diag, FST_ENOMEM, fst_error_text(FST_ENOMEM));
    failure = start(screen, color);
    if (failure)
        return fail(screen, diag, FST_EOPEN, failure);
    *out = screen;
    return 0;
}

void fst_screen_close(struct fst_screen *screen)
{
    if (!screen)
        return;
    if (screen->terminal) {
        endwin();
        delscreen(screen->terminal);
    }
    if (screen->in)
        (void)fclose(screen->in);
    if (screen->locale)
        freelocale(screen->locale);
    free(screen);
}

void fst_screen_pause(struct fst_screen *screen)
{
    (void)screen;
    endwin();
}

/* ------------------------------------------------------------------------------------ the page --
 */

void fst_screen_size(struct fst_screen *screen, int *columns, int *lines)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
        (size.ws_col != COLS || size.ws_row != LINES)) {
        locale_t before = uselocale(screen->locale);

        resizeterm(size.ws_row, size.ws_col);
        clearok(stdscr, TRUE);
        uselocale(before);
    }
    *columns = COLS;
    *lines = LINES;
}

static attr_t attributes_of(fst_look look)
{
    attr_t attributes = A_NORMAL;

    if (look & FST_BOLD)
        attributes |= A_BOLD;
    if (look & FST_DIM)
        attributes |= A_DIM;
    if (look & FST_REVERSE)
        attributes |= A_REVERSE;
    return attributes;
}

/** The cells from `column` on that look alike. @return how many. */
static int put_run(const struct fst_screen *screen, const struct fst_cell *cells, int line,
                   int column, int columns)
{
    wchar_t text[RUN_MAX];
    fst_look look = cells[column].look;
    int count = 0;

    while (column + count < columns && count < RUN_MAX && cells[column + count].look == look) {
        text[count] = (wchar_t)cells[column + count].code;
        count++;
    }
    attr_set(attributes_of(look), screen->color ? (short)(look & FST_COLORS) : 0, NULL);
    mvaddnwstr(line, column, text, count);
    return count;
}

void fst_screen_put(struct fst_screen *screen, const struct fst_canvas *canvas)
{
    locale_t before = uselocale(screen->locale);

    for (int line = 0; line < canvas->lines; line++) {
        const struct fst_cell *cells = canvas->cells + (size_t)line * (size_t)canvas->columns;

        for (int column = 0; column < canvas->columns;)
            column += put_run(screen, cells, line, column, canvas->columns);
    }
    curs_set(canvas->cursor_line >= 0);
    if (canvas->cursor_line >= 0)
        move(canvas->cursor_line, canvas->cursor_column);
    refresh();
    uselocale(before);
}

void fst_screen_redraw(struct fst_screen *screen)
{
    (void)screen;
    clearok(stdscr, TRUE);
}

void fst_screen_copy(struct fst_screen *screen, const char *text)
{
    size_t len = strlen(text);
    char four[4];

    (void)screen;
    fputs("\033]52;c;", stdout);
    for (size_t i = 0; i < len; i += 3) {
        fst_base64_four((const uint8_t *)text + i, len - i, four);
        fwrite(four, 1, sizeof(four), stdout);
    }
    fputs("\a", stdout);
    fflush(stdout);
}

/* ------------------------------------------------------------------------------------ the keys --
 */

int fst_screen_input_fd(const struct fst_screen *screen)
{
    return fileno(screen->in ? screen->in : stdin);
}

static uint32_t function_key(wint_t key)
{
    static const struct {
        wint_t curses;
        enum fst_key ours;
    } keys[] = {{KEY_UP, FST_KEY_UP},         {KEY_DOWN, FST_KEY_DOWN},
                {KEY_LEFT, FST_KEY_LEFT},     {KEY_RIGHT, FST_KEY_RIGHT},
                {KEY_PPAGE, FST_KEY_PAGE_UP}, {KEY_NPAGE, FST_KEY_PAGE_DOWN},
                {KEY_HOME, FST_KEY_HOME},     {KEY_END, FST_KEY_END},
                {KEY_ENTER, FST_KEY_ENTER},   {KEY_BACKSPACE, FST_KEY_ERASE},
                {KEY_DC, FST_KEY_ERASE},      {KEY_RESIZE, FST_KEY_RESIZE}};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].curses == key)
            return keys[i].ours;
    return FST_KEY_OTHER;
}

static uint32_t character_key(wint_t key)
{
    switch (key) {
    case '\r':
    case '\n':
        return FST_KEY_ENTER;
    case 0x1b:
        return FST_KEY_ESCAPE;
    case 0x08:
    case 0x7f:
        return FST_KEY_ERASE;
    default:
        return (uint32_t)key;
    }
}

/** Whether nothing can come any more: the terminal was closed. */
static bool is_gone(const struct fst_screen *screen)
{
    struct pollfd wait = {.fd = fst_screen_input_fd(screen), .events = POLLIN};
    int waiting = 0;

    if (poll(&wait, 1, 0) <= 0)
        return false;
    if (wait.revents & (POLLHUP | POLLERR | POLLNVAL))
        return true;
    return ioctl(wait.fd, FIONREAD, &waiting) == 0 && waiting == 0;
}

uint32_t fst_screen_key(struct fst_screen *screen)
{
    locale_t before = uselocale(screen->locale);
    wint_t key = 0;
    int kind = get_wch(&key);

    uselocale(before);
    if (kind == ERR)
        return is_gone(screen) ? FST_KEY_GONE : FST_KEY_NONE;
    return kind == KEY_CODE_YES ? function_key(key) : character_key(key);
}
