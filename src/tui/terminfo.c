/* SPDX-License-Identifier: MIT */
#include "tui/terminfo.h"

#include <curses.h>
#include <term.h>

bool fst_terminfo_is_known(int fd)
{
    int error = 0;

    if (setupterm(NULL, fd, &error) != OK)
        return false;
    del_curterm(cur_term);
    return true;
}
