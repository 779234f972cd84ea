/* SPDX-License-Identifier: MIT
 *
 * What the HTML report keeps of a capture until its end, within bounds: the connections that get a
 * row, the ladders of those that may be drawn, examples of every finding.
 */
#ifndef FST_REPORT_HTML_BOOK_H
#define FST_REPORT_HTML_BOOK_H

#include "flowstate/flowstate.h"
#include "report/ladder_layout.h"

/** Connections that get a row: those with the worst findings, of equals the first. */
#define FST_BOOK_ROWS 5000

/** The first connections have a ladder whatever was found. */
#define FST_BOOK_FIRST 200

/** Ladders kept at a time, and rows of each. */
#define FST_BOOK_LADDERS     2000
#define FST_BOOK_LADDER_ROWS 60

/** Examples of a rule. */
#define FST_BOOK_EXAMPLES 4

struct fst_book_row {
    struct fst_connection_view view; /* with findings of its own */
    enum fst_class worst;            /* FST_CLASS_COUNT if nothing was found */
    const struct fst_ladder *ladder; /* NULL if its segments were not kept */
    bool drawn;                      /* its ladder is on the page */
};

struct fst_book_ladder {
    uint32_t id;
    enum fst_class worst; /* so far */
    bool over;            /* finished */
    struct fst_ladder *ladder;
};

struct fst_book_rule {
    const struct fst_rule *rule;
    enum fst_class class_; /* the worst it counted as */
    uint64_t times, connections;
    size_t example_count;
    struct fst_finding example[FST_BOOK_EXAMPLES]; /* of different connections */
};

struct fst_book {
    bool failed;  /* memory was short */
    size_t limit; /* of rows */
    size_t count; /* of all kinds of rows */
    struct {
        struct fst_book_row *row;
        size_t count, room;
    } kind[FST_CLASS_COUNT + 1];     /* by the worst finding; one list after fst_book_close() */
    struct fst_book_ladder *ladders; /* by ascending id */
    size_t ladder_count;
    bool full; /* no further ladder is begun */
    uint32_t last_id;
    struct fst_book_rule *rules; /* as the catalogue has them; worst first after fst_book_close() */
    size_t rule_count;
};

void fst_book_open(struct fst_book *book);
void fst_book_segment(struct fst_book *book, struct fst_analyzer *analyzer,
                      const struct fst_segment_event *event);
void fst_book_finding(struct fst_book *book, const struct fst_finding *finding);
void fst_book_ended(struct fst_book *book, const struct fst_connection_view *view, int64_t end_ns);

/** All is in: sort, and choose the ladders to draw, about `budget` octets. The rows are in
 * kind[0] from now on, by id. */
void fst_book_close(struct fst_book *book, size_t budget);

/** The row of a connection after fst_book_close(), or NULL. */
const struct fst_book_row *fst_book_row(const struct fst_book *book, uint32_t id);

void fst_book_free(struct fst_book *book);

#endif
