/* SPDX-License-Identifier: MIT */
#include "report/html/book.h"

#include <stdlib.h>
#include <string.h>

#include "report/wording.h"

/* About how many octets of the page a drawn connection takes: at least, and for each row of its
 * ladder, change of a state, finding. */
#define DRAWN_OCTETS   2600
#define ROW_OCTETS     200
#define CHANGE_OCTETS  330
#define FINDING_OCTETS 250

void fst_book_open(struct fst_book *book)
{
    book->limit = FST_BOOK_ROWS;
    book->rule_count = fst_rule_count();
    book->rules = calloc(book->rule_count + 1, sizeof(*book->rules));
    book->ladders = calloc(FST_BOOK_LADDERS, sizeof(*book->ladders));
    book->failed = !book->rules || !book->ladders;
    for (size_t i = 0; book->rules && i < book->rule_count; i++) {
        book->rules[i].rule = fst_rule_at(i);
        book->rules[i].class_ = FST_CLASS_COUNT;
    }
}

/* --------------------------------------------------------------------------------- ladders -- */

static struct fst_book_ladder *ladder_of(const struct fst_book *book, uint32_t id)
{
    size_t low = 0, high = book->ladder_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (book->ladders[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < book->ladder_count && book->ladders[low].id == id ? &book->ladders[low] : NULL;
}

static void free_ladder(struct fst_book_ladder *kept)
{
    fst_ladder_free(kept->ladder);
    free(kept->ladder);
    kept->ladder = NULL;
}

static bool is_closed(const struct fst_ladder *ladder)
{
    const struct fst_ladder_lane *now = ladder->now;

    return (now[0].state == FST_CLOSED || now[0].state == FST_TIME_WAIT) &&
           (now[1].state == FST_CLOSED || now[1].state == FST_TIME_WAIT);
}

/* What is given up, in this order, when there are too many ladders. */
enum spare { SPARE_CLOSED, SPARE_UNREMARKABLE, SPARE_LEGAL, SPARE_COUNT };

static bool is_spare(const struct fst_book_ladder *kept, unsigned spare)
{
    if (kept->id <= FST_BOOK_FIRST)
        return false;
    if (spare == SPARE_LEGAL)
        return kept->worst > FST_SUSPECT;
    return kept->worst > FST_ANOMALY &&
           (spare == SPARE_UNREMARKABLE || kept->over || is_closed(kept->ladder));
}

static void drop_spare(struct fst_book *book, unsigned spare)
{
    size_t left = 0;

    for (size_t i = 0; i < book->ladder_count; i++) {
        if (is_spare(&book->ladders[i], spare))
            free_ladder(&book->ladders[i]);
        else
            book->ladders[left++] = book->ladders[i];
    }
    book->ladder_count = left;
}

/** Make room when there is none, until half is free. When that frees little it is not tried again,
 * lest every further connection cost a sweep. */
static bool has_room(struct fst_book *book)
{
    if (book->ladder_count < FST_BOOK_LADDERS || book->full)
        return !book->full;
    for (unsigned spare = 0; spare < SPARE_COUNT; spare++)
        if (book->ladder_count > FST_BOOK_LADDERS / 2)
            drop_spare(book, spare);
    book->full = book->ladder_count > FST_BOOK_LADDERS / 8 * 7;
    return !book->full;
}

static struct fst_book_ladder *begin_ladder(struct fst_book *book, uint32_t id)
{
    struct fst_book_ladder *kept;
    struct fst_ladder *ladder;

    if (!has_room(book))
        return NULL;
    ladder = malloc(sizeof(*ladder));
    book->failed |= !ladder;
    if (!ladder)
        return NULL;
    fst_ladder_init(ladder);
    ladder->rows_max = FST_BOOK_LADDER_ROWS;
    kept = &book->ladders[book->ladder_count++];
    *kept = (struct fst_book_ladder){id, FST_CLASS_COUNT, false, ladder};
    return kept;
}

static bool same_client(const struct fst_connection_view *a, const struct fst_connection_view *b)
{
    return a->side[FST_CLIENT].port == b->side[FST_CLIENT].port &&
           memcmp(&a->side[FST_CLIENT].address, &b->side[FST_CLIENT].address,
                  sizeof(struct fst_address)) == 0;
}

/** A SYN can show that the client was mistaken for the server until now. */
static void orient(struct fst_ladder *ladder, struct fst_analyzer *analyzer,
                   const struct fst_segment_event *event)
{
    struct fst_connection_view view;

    if ((ladder->row_count > 0 && !(event->flags & FST_TCP_SYN)) ||
        fst_analyzer_connection(analyzer, event->connection, &view) != 0)
        return;
    if (ladder->row_count > 0 && !same_client(&view, &ladder->view))
        fst_ladder_flip(ladder);
    ladder->view = view;
}

void fst_book_segment(struct fst_book *book, struct fst_analyzer *analyzer,
                      const struct fst_segment_event *event)
{
    bool first = event->connection > book->last_id;
    struct fst_book_ladder *kept;

    if (book->failed)
        return;
    kept = first ? begin_ladder(book, event->connection) : ladder_of(book, event->connection);
    if (first)
        book->last_id = event->connection;
    if (!kept)
        return;
    orient(kept->ladder, analyzer, event);
    fst_ladder_add(kept->ladder, event);
    /* A finding of a connection's first segment is told before there is a ladder to mark. */
    for (size_t i = 0; i < event->finding_count; i++)
        if (event->findings[i].class_ < kept->worst)
            kept->worst = event->findings[i].class_;
    book->failed |= kept->ladder->failed;
}

void fst_book_finding(struct fst_book *book, const struct fst_finding *finding)
{
    struct fst_book_ladder *kept = book->failed ? NULL : ladder_of(book, finding->connection);

    if (kept && finding->class_ < kept->worst)
        kept->worst = finding->class_;
}

/* --------------------------------------------------------------------------------- findings -- */

static struct fst_book_rule *rule_of(struct fst_book *book, const struct fst_rule *rule)
{
    size_t i = 0;

    while (i + 1 < book->rule_count && book->rules[i].rule != rule)
        i++;
    return &book->rules[i];
}

static void note_finding(struct fst_book *book, const struct fst_connection_view *view,
                         size_t index)
{
    const struct fst_finding *finding = &view->findings[index];
    struct fst_book_rule *rule = rule_of(book, finding->rule);

    rule->times += 1 + (uint64_t)finding->repeats;
    if (finding->class_ < rule->class_)
        rule->class_ = finding->class_;
    if (fst_found_earlier(view, index))
        return;
    rule->connections++;
    if (rule->example_count < FST_BOOK_EXAMPLES)
        rule->example[rule->example_count++] = *finding;
}

/* ------------------------------------------------------------------------------------- rows -- */

static void free_findings(struct fst_book_row *row)
{
    /* The row made this copy itself; the view only borrows. */
    free((void *)(uintptr_t)row->view.findings);
}

/** Whether there is room for a row with such a worst finding, if need be at the cost of a lesser
 *  one. */
static bool make_row_room(struct fst_book *book, enum fst_class worst)
{
    unsigned least = FST_CLASS_COUNT;

    if (book->count < book->limit)
        return true;
    while (least > 0 && book->kind[least].count == 0)
        least--;
    if (least <= (unsigned)worst)
        return false;
    free_findings(&book->kind[least].row[--book->kind[least].count]);
    book->count--;
    return true;
}

static struct fst_book_row *append_row(struct fst_book *book, unsigned kind)
{
    if (book->kind[kind].count == book->kind[kind].room) {
        size_t room = book->kind[kind].room ? 2 * book->kind[kind].room : 64;
        struct fst_book_row *rows = realloc(book->kind[kind].row, room * sizeof(*rows));

        if (!rows)
            return NULL;
        book->kind[kind].row = rows;
        book->kind[kind].room = room;
    }
    book->count++;
    return &book->kind[kind].row[book->kind[kind].count++];
}

static struct fst_finding *copy_findings(const struct fst_connection_view *view)
{
    struct fst_finding *copy = malloc((view->finding_count + 1) * sizeof(*copy));

    if (copy && view->finding_count > 0)
        memcpy(copy, view->findings, view->finding_count * sizeof(*copy));
    return copy;
}

static void add_row(struct fst_book *book, const struct fst_connection_view *view)
{
    enum fst_class worst = fst_worst_class(view);
    struct fst_finding *findings;
    struct fst_book_row *row;

    if (!make_row_room(book, worst))
        return;
    findings = copy_findings(view);
    row = findings ? append_row(book, worst) : NULL;
    if (!row) {
        free(findings);
        book->failed = true;
        return;
    }
    *row = (struct fst_book_row){*view, worst, NULL, false};
    row->view.findings = findings;
}

void fst_book_ended(struct fst_book *book, const struct fst_connection_view *view, int64_t end_ns)
{
    struct fst_book_ladder *kept = book->failed ? NULL : ladder_of(book, view->id);

    if (book->failed)
        return;
    for (size_t i = 0; i < view->finding_count; i++)
        note_finding(book, view, i);
    add_row(book, view);
    if (!kept)
        return;
    fst_ladder_finish(kept->ladder, view, end_ns);
    kept->over = true;
    kept->worst = fst_worst_class(view);
}

/* ---------------------------------------------------------------------------------- closing -- */

static int by_id(const void *a, const void *b)
{
    uint32_t one = ((const struct fst_book_row *)a)->view.id;
    uint32_t two = ((const struct fst_book_row *)b)->view.id;

    return (one > two) - (one < two);
}

/** Worst class first, then what most connections show, then as in the catalogue. */
static int by_weight(const void *a, const void *b)
{
    const struct fst_book_rule *one = a, *two = b;

    if (one->class_ != two->class_)
        return one->class_ < two->class_ ? -1 : 1;
    if (one->connections != two->connections)
        return one->connections > two->connections ? -1 : 1;
    return (one->rule > two->rule) - (one->rule < two->rule);
}

/** Put all rows into the first list. */
static void join_rows(struct fst_book *book)
{
    size_t count = 0;
    struct fst_book_row *rows = malloc((book->count + 1) * sizeof(*rows));

    if (!rows) {
        book->failed = true;
        return;
    }
    for (unsigned kind = 0; kind <= FST_CLASS_COUNT; kind++) {
        for (size_t i = 0; i < book->kind[kind].count; i++)
            rows[count++] = book->kind[kind].row[i];
        free(book->kind[kind].row);
        memset(&book->kind[kind], 0, sizeof(book->kind[kind]));
    }
    qsort(rows, count, sizeof(*rows), by_id);
    book->kind[0].row = rows;
    book->kind[0].count = book->kind[0].room = count;
}

/** In which turn a ladder is drawn; those of the last turn are not. */
static unsigned turn_of(const struct fst_book_row *row)
{
    if (row->worst <= FST_SUSPECT)
        return (unsigned)row->worst;
    if (row->view.id <= FST_BOOK_FIRST)
        return 2;
    return row->worst == FST_ANOMALY ? 3 : 4;
}

static size_t cost_of(const struct fst_book_row *row)
{
    return DRAWN_OCTETS + ROW_OCTETS * row->ladder->row_count +
           CHANGE_OCTETS * row->ladder->change_count + FINDING_OCTETS * row->view.finding_count;
}

static void choose_ladders(struct fst_book *book, size_t budget)
{
    for (unsigned turn = 0; turn < 4; turn++)
        for (size_t i = 0; i < book->kind[0].count; i++) {
            struct fst_book_row *row = &book->kind[0].row[i];

            if (!row->ladder || row->drawn || turn_of(row) != turn || cost_of(row) > budget)
                continue;
            budget -= cost_of(row);
            row->drawn = true;
        }
}

void fst_book_close(struct fst_book *book, size_t budget)
{
    if (book->failed)
        return;
    qsort(book->rules, book->rule_count, sizeof(*book->rules), by_weight);
    join_rows(book);
    for (size_t i = 0; i < book->kind[0].count; i++) {
        struct fst_book_ladder *kept = ladder_of(book, book->kind[0].row[i].view.id);

        if (kept && kept->over && kept->ladder->row_count > 1)
            book->kind[0].row[i].ladder = kept->ladder;
    }
    choose_ladders(book, budget);
}

const struct fst_book_row *fst_book_row(const struct fst_book *book, uint32_t id)
{
    struct fst_book_row key = {0};

    if (book->kind[0].count == 0)
        return NULL;
    key.view.id = id;
    return bsearch(&key, book->kind[0].row, book->kind[0].count, sizeof(key), by_id);
}

void fst_book_free(struct fst_book *book)
{
    for (unsigned kind = 0; kind <= FST_CLASS_COUNT; kind++) {
        for (size_t i = 0; i < book->kind[kind].count; i++)
            free_findings(&book->kind[kind].row[i]);
        free(book->kind[kind].row);
    }
    for (size_t i = 0; i < book->ladder_count; i++)
        free_ladder(&book->ladders[i]);
    free(book->ladders);
    free(book->rules);
    memset(book, 0, sizeof(*book));
}
