/* SPDX-License-Identifier: MIT
 *
 * Which rows of the model are listed, and in which order.
 */
#ifndef FST_TUI_LIST_H
#define FST_TUI_LIST_H

#include "tui/model.h"

/* What rows can be ordered by, in the order of the columns, and what is first. */
#define FST_SORT_MAP(X)                                                                            \
    X(AGE, "age, the youngest first")                                                              \
    X(LEFT, "left address")                                                                        \
    X(RIGHT, "right address")                                                                      \
    X(LEFT_STATE, "left state")                                                                    \
    X(RIGHT_STATE, "right state")                                                                  \
    X(IDLE, "idle time, the longest first")                                                        \
    X(PACKETS, "packets, the most first")                                                          \
    X(BYTES, "bytes, the most first")                                                              \
    X(RTT, "RTT, the longest first")                                                               \
    X(NOTE, "note, what is worst first")

enum fst_sort {
#define FST_X(name, text) FST_SORT_##name,
    FST_SORT_MAP(FST_X)
#undef FST_X
        FST_SORT_COUNT
};

const char *fst_sort_name(enum fst_sort sort);

/** What the user asked to see. */
struct fst_choice {
    enum fst_sort sort;
    bool reverse;
    bool findings_only;
    bool all;                      /* also what has been over for long, as far as it is kept */
    const char *text;              /* a piece of what a row says, or NULL */
    const struct fst_where *where; /* or NULL */
    const struct fst_address *local;
    size_t local_count;
};

struct fst_list {
    uint32_t *rows; /* indices into the model's */
    size_t count, room;
};

/** Which side of a row stands left: the client, unless only the server is local. */
unsigned fst_left_side(const struct fst_choice *choice, const struct fst_tui_row *row);

/** Choose and order. @return false when memory is short: then the list is empty. */
bool fst_list_make(struct fst_list *list, const struct fst_tui_model *model,
                   const struct fst_choice *choice, int64_t now_ns);
void fst_list_free(struct fst_list *list);

#endif
