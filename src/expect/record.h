/* SPDX-License-Identifier: MIT
 *
 * Expectation files written from what was seen: a new one, or the recorded part of an old one anew.
 */
#ifndef FST_EXPECT_RECORD_H
#define FST_EXPECT_RECORD_H

#include "expect/seen.h"

/** What stands in the head of a new file. */
struct fst_record_head {
    const char *capture; /* as the file shall name it, NULL if it shall not */
    const char *only;    /* NULL for none */
    bool lossless, damaged;
};

/** A whole new file, to be freed; NULL when memory is short. */
char *fst_record_new(const struct fst_record_head *head, const struct fst_seen *seen);

struct fst_record_again {
    const char *text; /* the whole old file */
    size_t len;
    const struct fst_expectation *expectation; /* parsed from it */
    const size_t *pairs;                       /* from fst_compare() */
    bool merge; /* accept what was seen besides what is there, not instead */
};

/**
 * The file with a new recorded part, to be freed; octets before the double line are kept. Flows
 * keep their names, and their addresses and lines where these still hold.
 *
 * @param changed  Receives whether anything but the double line is another than before.
 * @return NULL when memory is short.
 */
char *fst_record_again(const struct fst_record_again *again, const struct fst_seen *seen,
                       bool *changed);

#endif
