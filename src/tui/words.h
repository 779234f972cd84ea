/* SPDX-License-Identifier: MIT
 *
 * Numbers, times and remarks in the few columns a cell has. Each writes a NUL-terminated text and
 * returns it.
 */
#ifndef FST_TUI_WORDS_H
#define FST_TUI_WORDS_H

#include "tui/canvas.h"
#include "tui/model.h"

#define FST_CELL_MAX 80

/** "0:04", "58:10", "3:12:05", "2d 07h": a clock that runs. */
const char *fst_age_text(int64_t ns, char text[FST_CELL_MAX]);
/** "0.1s", "58.1s", "3:12": short while it is short. */
const char *fst_idle_text(int64_t ns, char text[FST_CELL_MAX]);
/** "85us", "0.4ms", "123ms", "1.2s". */
const char *fst_rtt_text(int64_t ns, char text[FST_CELL_MAX]);
/** "999", "12.3k", "4.5M": at most 5 columns. */
const char *fst_short_count(uint64_t number, char text[FST_CELL_MAX]);

/** What is worth saying of a connection, in a few words: "server owes FIN", "reset by client", the
 *  worst finding. `look` receives how. */
const char *fst_note_text(const struct fst_tui_row *row, int64_t now_ns, fst_look *look,
                          char text[FST_CELL_MAX]);

/** The state of a side, "–" if it was never heard of; `look` receives how it looks. */
const char *fst_state_cell(const struct fst_tui_row *row, unsigned side, fst_look *look);

/** How severe the note is, for sorting: lower is worse. */
unsigned fst_note_rank(const struct fst_tui_row *row);

/** An expression of pcap-filter(7) that matches the connection's packets. */
#define FST_BPF_MAX 320
const char *fst_bpf_text(const struct fst_tui_row *row, char text[FST_BPF_MAX]);

#endif
