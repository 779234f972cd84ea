/* SPDX-License-Identifier: MIT
 *
 * Messages for people: one line of what went wrong and what to do about it. File names and the
 * words of libraries are hostile until escaped, so no message can move the cursor of a terminal.
 */
#ifndef FST_CAPTURE_DIAG_H
#define FST_CAPTURE_DIAG_H

#include "flowstate/flowstate.h"

/**
 * Fill `diag`: "PATH: " and the formatted text, everything unprintable escaped as \xNN. A long path
 * keeps its end, so that the cause always fits.
 *
 * @param diag  May be NULL.
 * @return `error`, so that a failing function can end with this call.
 */
int fst_diag_set(struct fst_diag *diag, int error, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
