/* SPDX-License-Identifier: MIT
 *
 * The segments that went by last, so that the ladder of a connection can be drawn when somebody
 * asks for it: a ring for those that have something to tell (SYN, FIN, RST, a change of state, a
 * finding) and one for the many that only bring data, which the others outlive.
 */
#ifndef FST_TUI_JOURNAL_H
#define FST_TUI_JOURNAL_H

#include "report/ladder_layout.h"

struct fst_journal;

/** @return NULL when memory is short. */
struct fst_journal *fst_journal_new(void);
void fst_journal_free(struct fst_journal *journal);

/** Keep a segment; `flipped` is the orientation of its connection now. */
void fst_journal_add(struct fst_journal *journal, const struct fst_segment_event *event,
                     bool flipped);

/** Add what is kept of a connection to a ladder, the client being who it is with `flipped`.
 *  @return how many segments that were. */
uint64_t fst_journal_replay(const struct fst_journal *journal, uint32_t connection, bool flipped,
                            struct fst_ladder *ladder);

#endif
