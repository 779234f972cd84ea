/* SPDX-License-Identifier: MIT
 *
 * All an analyzer says, line by line: two that agree in it agree in everything.
 */
#ifndef FST_TEST_SUPPORT_ACCOUNT_H
#define FST_TEST_SUPPORT_ACCOUNT_H

#include "flowstate/flowstate.h"

struct account {
    struct fst_analyzer *analyzer;
    char *text;
    size_t len, room;
    size_t ended_count;
    uint32_t ended[64];
};

/** Make an analyzer that is listened to; events in `options` are ours. With `only_ends` it tells of
 *  connections when they end, and else of all. */
void account_open(struct account *account, struct fst_options options, bool only_ends);

/** The same, told only of connections that have ended. */
void account_open_unseen(struct account *account, struct fst_options options);

/** All that can be asked of the connections in the table, and what was counted. */
void account_walk(struct account *account);

/** The end of the capture. */
void account_finish(struct account *account);

void account_close(struct account *account);

/** Fails the test where the two part. */
void account_assert_same(const struct account *one, const struct account *other);

#endif
