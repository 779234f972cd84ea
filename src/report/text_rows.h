/* SPDX-License-Identifier: MIT
 *
 * The table of the summary: what is kept of a connection until its row is printed, which rows a
 * terminal shows, and how columns are fitted to their content.
 */
#ifndef FST_REPORT_TEXT_ROWS_H
#define FST_REPORT_TEXT_ROWS_H

#include "report/wording.h"
#include "report/writer.h"

#define FST_ROW_RULES 3

struct fst_row {
    uint32_t id;
    bool incomplete; /* the capture does not show all of it */
    bool heard[2];
    uint16_t port[2];
    enum fst_state state[2];
    struct fst_address address[2];
    int64_t ts_first;
    struct fst_ending ending;
    enum fst_class worst;
    uint32_t rule_count; /* different rules found, worst first */
    const struct fst_rule *rules[FST_ROW_RULES];
    enum fst_class classes[FST_ROW_RULES];
    bool tagged;  /* in a VLAN or a tunnel */
    char *detail; /* further lines for -v, owned, or NULL */
};

/** What a record becomes as a row; `end_ns` is the last time of the capture. */
void fst_row_fill(struct fst_row *row, const struct fst_connection_view *view, int64_t end_ns);

/** Rows waiting to be printed. With `keep` above 0 only so many stay: those with the worst
 * findings, of equals the first opened. */
struct fst_rows {
    struct fst_row *row;
    size_t count, room;
    size_t keep;
};

/** From now on keep only so many; above 0. */
void fst_rows_keep(struct fst_rows *rows, size_t keep);
/** Whether a row of this connection would be kept. */
bool fst_rows_want(const struct fst_rows *rows, uint32_t id, enum fst_class worst);
/** Take a row with its detail. @return false when memory is short; the row is lost then. */
bool fst_rows_add(struct fst_rows *rows, const struct fst_row *row);
/** Into the order of opening. */
void fst_rows_sort(struct fst_rows *rows);
/** Drop the last ones, so that `count` stay. */
void fst_rows_cut(struct fst_rows *rows, size_t count);
void fst_rows_clear(struct fst_rows *rows);

struct fst_columns {
    int id, opened, endpoint[2], state[2], ended, findings; /* `opened` 0: left out */
    int limit;      /* columns of the terminal, 0 for as wide as it gets */
    bool dates;     /* the capture spans days */
    bool seconds;   /* the time of opening without its fraction */
    bool counted;   /* how many findings instead of their names */
    bool two_lines; /* endpoints on one line, states and end on the next */
};

/** Widths that fit the headings and these rows. On a terminal too narrow for that, columns give way
 * in this order: times lose their fraction, then go, ends and IPv6 addresses are cut; when that is
 * not enough a row takes two lines, with times, and with a number for findings if need be. */
void fst_columns_fit(struct fst_columns *columns, const struct fst_rows *rows,
                     const struct fst_style *style);
void fst_columns_print_heading(const struct fst_columns *columns, struct fst_writer *writer);
/** Lines a row takes, its detail included. */
size_t fst_row_lines(const struct fst_row *row, const struct fst_columns *columns);
void fst_row_print(const struct fst_row *row, const struct fst_columns *columns,
                   struct fst_writer *writer);

/** Switch an ANSI attribute on ("1", "31") or off ("0"), if colours are wanted. */
void fst_out_color(struct fst_writer *writer, const char *code);
/** The attribute for a class of finding. */
const char *fst_class_color(enum fst_class class_);

#endif
