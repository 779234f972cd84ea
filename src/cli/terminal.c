/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *value)
{
    return value && *value != '\0';
}

bool fst_is_set(const char *name)
{
    return is_set(getenv(name));
}

bool fst_locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        const char *charset = is_set(value) ? strchr(value, '.') : NULL;

        if (is_set(value)) /* the first that is set decides: locale(7) */
            return charset && (strncasecmp(charset, ".utf-8", 6) == 0 ||
                               strncasecmp(charset, ".utf8", 5) == 0);
    }
    return false;
}

bool fst_wants_color(enum fst_color color, int fd)
{
    const char *term = getenv("TERM");

    if (color != FST_COLOR_AUTO)
        return color == FST_COLOR_ALWAYS;
    return isatty(fd) && !fst_is_set("NO_COLOR") && !(term && strcmp(term, "dumb") == 0);
}

void fst_terminal_size(int fd, unsigned *columns, unsigned *lines)
{
    struct winsize size;

    *columns = *lines = 0;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0)
        return;
    *columns = size.ws_col;
    *lines = size.ws_row;
}
