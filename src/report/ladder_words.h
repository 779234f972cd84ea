/* SPDX-License-Identifier: MIT
 *
 * What the rows of a ladder say, in the words that its text and its pictures share. ASCII only.
 */
#ifndef FST_REPORT_LADDER_WORDS_H
#define FST_REPORT_LADDER_WORDS_H

#include "report/ladder_layout.h"

#define FST_LADDER_PARTS    10
#define FST_LADDER_PART_MAX 64

/** The label of an arrow: parts in the order of reading, of which the last matter least. */
struct fst_ladder_words {
    size_t count;
    char part[FST_LADDER_PARTS][FST_LADDER_PART_MAX];
};

/** Of a row that has an arrow; others get none. */
void fst_ladder_words(const struct fst_ladder_row *row, struct fst_ladder_words *words);

#define FST_LADDER_LINE_MAX 160

/** "#104" or "#104-105"; `dash` is what stands between. */
const char *fst_ladder_packets_text(const struct fst_ladder_row *row, const char *dash,
                                    char text[FST_LADDER_LINE_MAX]);

/** Seconds since the connection's first segment, "4.120331". */
const char *fst_ladder_time_text(const struct fst_ladder *ladder, const struct fst_ladder_row *row,
                                 char text[FST_LADDER_LINE_MAX]);

/** What a row without an arrow says: how long a silence was, why the ladder ends. */
const char *fst_ladder_pause_text(const struct fst_ladder *ladder, size_t row,
                                  char text[FST_LADDER_LINE_MAX]);

#define FST_LADDER_WHY_MAX 256

/** "client ESTABLISHED > FIN-WAIT-1: closed and sent its FIN (RFC 9293 3.10.4)", with ~ where the
 *  new state is inferred. */
const char *fst_ladder_why_text(const struct fst_change *change, char text[FST_LADDER_WHY_MAX]);

/** "11 packets, view complete, closed, client first, 527.7 ms". */
const char *fst_ladder_summary_text(const struct fst_ladder *ladder, int64_t end_ns,
                                    char text[FST_LADDER_WHY_MAX]);

#endif
