/* SPDX-License-Identifier: MIT
 *
 * A capture read by one thread and again by several: what comes of it has to be the same. The
 * program is linked with --wrap=pthread_create.
 */
#ifndef FST_TEST_SUPPORT_TWO_WAYS_H
#define FST_TEST_SUPPORT_TWO_WAYS_H

#include "reading/reading.h"
#include "support/account.h"
#include "support/memory.h"

/** No thread can be started, or none but so many. */
extern bool no_threads;
extern unsigned threads_most;
extern unsigned threads_started;

/** What to read, and what came of it. */
struct pass {
    char *const *paths;
    size_t path_count;
    const char *filter;
    struct fst_options options;
    struct fst_reading reading;
    bool only_ends;        /* see account.h */
    struct memory *memory; /* of the analyzer, which gives none from this call on while reading */
    uint64_t fail_from;    /* 0: it always gives some */
    struct fst_reading_sizes sizes; /* 0 where two threads are to read in order */
    /* filled: */
    int error;
    struct fst_diag diag;
    struct account account;
    uint64_t packets, bytes, file_bytes, filtered_out;
    size_t interfaces;
    bool truncated;
};

/** Read it. The account is to be closed. */
void read_all(struct pass *pass, unsigned threads);

/** The same pass by one thread and by several: with all told as it comes, by two of which one
 *  analyses; with nothing told but ends, by two to four in turn, each of which analyses. */
void assert_same(const struct pass *pass);

#endif
