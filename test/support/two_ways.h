/* SPDX-License-Identifier: MIT
 *
 * A capture read by one thread and again by two: what comes of it has to be the same. The program
 * is linked with --wrap=pthread_create.
 */
#ifndef FST_TEST_SUPPORT_TWO_WAYS_H
#define FST_TEST_SUPPORT_TWO_WAYS_H

#include "reading/reading.h"
#include "support/account.h"

/** No thread can be started. */
extern bool no_threads;
extern unsigned threads_started;

/** What to read, and what came of it. */
struct pass {
    char *const *paths;
    size_t path_count;
    const char *filter;
    struct fst_options options;
    struct fst_reading reading;
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

/** The same pass by one thread and by two. */
void assert_same(const struct pass *pass);

#endif
