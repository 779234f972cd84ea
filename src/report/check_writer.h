/* SPDX-License-Identifier: MIT
 *
 * What a format of `check` prints: the outcome of each file, and what several formats say alike.
 */
#ifndef FST_REPORT_CHECK_WRITER_H
#define FST_REPORT_CHECK_WRITER_H

#include "expect/result.h"
#include "report/escape.h"
#include "report/writer.h"

/** What came of one expectation file, of a capture without one, or of two captures. */
struct fst_checked {
    const char *path;      /* the expectation file; the capture if there is none */
    const char *capture;   /* as it was opened; NULL if it never came to that */
    const char *other;     /* of `diff`, the second capture; else NULL */
    uint32_t first_look;   /* of `diff`, the first connection of `path` that is another there */
    bool has_file;         /* `path` is an expectation file */
    bool update_helps;     /* something recorded is not as expected, so --update would accept it */
    bool other_capture;    /* `capture` was given by -r, not by the file */
    int status;            /* exit status of this file alone: 0, 1, or why it could not run */
    const char *trouble;   /* why it could not run, else NULL */
    unsigned trouble_line; /* 0 if no line is to blame */
    const char *done;      /* "updated", "unchanged", or NULL */
    const char *written;   /* a file that was written beside it, or NULL */
    size_t flow_count, assert_count;
    int64_t ts_first; /* of the capture, 0 if unknown */
    struct fst_comparison comparison;
    uint32_t look;      /* the first connection that is not as expected, 0 if there is none */
    const char *filter; /* with which it has this number, NULL for none */
};

struct fst_check_report {
    size_t count;
    const struct fst_checked *files;
    size_t passed, failed, not_run;
    int64_t elapsed_ns; /* shown to people only */
    const char *version;
};

/** Whether the file was compared at all. */
bool fst_checked_ran(const struct fst_checked *file);

/** "client path", "ended": what a difference is about; its side is part of it. */
const char *fst_difference_label(const struct fst_difference *difference);

/** One sentence for where only one fits: "ends in CLOSE-WAIT, expected CLOSED (...)". Cut to fit.
 */
void fst_difference_sentence(const struct fst_difference *difference, char *text, size_t size);

#define FST_LOOK_MAX (2 * FST_SHELL_WORD_MAX + 64)

/** The command that shows a connection of a capture: "flowstate explain -r a.pcap 3". */
void fst_look_command(const char *capture, uint32_t connection, const char *filter,
                      char text[FST_LOOK_MAX]);

/** The file's name with dots for slashes and without its ending: JUnit's classname. */
void fst_checked_class(const struct fst_checked *file, char *text, size_t size);

/** "flow db#1: server path", "assert flows = 1": the thing, and what of it; cut to fit. The same as
 * long as the expectation is: a fingerprint. */
void fst_difference_title(const struct fst_check_item *item,
                          const struct fst_difference *difference, char *text, size_t size);

#endif
