/* SPDX-License-Identifier: MIT */
#include "flow/path_log.h"

#include <string.h>

#include "base/alloc.h"

struct node {
    struct fst_path_mark mark;
    uint32_t older; /* node number + 1, 0 ends */
    uint32_t step;
};

struct fst_path_log {
    const struct fst_allocator *allocator;
    uint32_t (*heads)[2]; /* by record: node number + 1 */
    struct node *nodes;
    uint32_t head_room, room, used, free;
};

struct fst_path_log *fst_path_log_new(const struct fst_allocator *allocator)
{
    struct fst_path_log *log = fst_alloc(allocator, sizeof(*log));

    if (log)
        log->allocator = allocator;
    return log;
}

void fst_path_log_free(struct fst_path_log *log)
{
    if (!log)
        return;
    fst_release(log->allocator, log->heads, log->head_room * sizeof(log->heads[0]));
    fst_release(log->allocator, log->nodes, log->room * sizeof(log->nodes[0]));
    fst_release(log->allocator, log, sizeof(*log));
}

static bool reach(struct fst_path_log *log, uint32_t record)
{
    uint32_t room = log->head_room ? log->head_room : 64;
    uint32_t(*heads)[2];

    if (record < log->head_room)
        return true;
    while (room <= record)
        room *= 2;
    heads = fst_resize(log->allocator, log->heads, log->head_room * sizeof(heads[0]),
                       room * sizeof(heads[0]));
    if (!heads)
        return false;
    memset(heads + log->head_room, 0, (room - log->head_room) * sizeof(heads[0]));
    log->heads = heads;
    log->head_room = room;
    return true;
}

static uint32_t take(struct fst_path_log *log)
{
    uint32_t room = log->room ? log->room * 2 : 256, number = log->free;
    struct node *nodes;

    if (number != 0) {
        log->free = log->nodes[number - 1].older;
        return number;
    }
    if (log->used == log->room) {
        nodes = fst_resize(log->allocator, log->nodes, log->room * sizeof(nodes[0]),
                           room * sizeof(nodes[0]));
        if (!nodes)
            return 0;
        log->nodes = nodes;
        log->room = room;
    }
    return ++log->used;
}

/* Drop the steps from `step` on. */
static void cut(struct fst_path_log *log, uint32_t *head, uint32_t step)
{
    while (*head != 0 && log->nodes[*head - 1].step >= step) {
        uint32_t older = log->nodes[*head - 1].older;

        log->nodes[*head - 1].older = log->free;
        log->free = *head;
        *head = older;
    }
}

void fst_path_log_set(struct fst_path_log *log, uint32_t record, unsigned side, unsigned length,
                      struct fst_path_mark mark)
{
    uint32_t number, *head;

    if (length == 0 || !reach(log, record))
        return;
    head = &log->heads[record][side];
    cut(log, head, length - 1);
    number = take(log);
    if (number == 0)
        return;
    log->nodes[number - 1] = (struct node){mark, *head, length - 1};
    *head = number;
}

void fst_path_log_clear(struct fst_path_log *log, uint32_t record)
{
    if (record >= log->head_room)
        return;
    cut(log, &log->heads[record][0], 0);
    cut(log, &log->heads[record][1], 0);
}

void fst_path_log_read(const struct fst_path_log *log, uint32_t record, unsigned side,
                       struct fst_path_mark *marks, size_t count)
{
    uint32_t number;

    memset(marks, 0, count * sizeof(marks[0]));
    if (record >= log->head_room)
        return;
    for (number = log->heads[record][side]; number != 0; number = log->nodes[number - 1].older)
        if (log->nodes[number - 1].step < count)
            marks[log->nodes[number - 1].step] = log->nodes[number - 1].mark;
}

struct fst_path_mark fst_path_log_last(const struct fst_path_log *log, uint32_t record,
                                       unsigned side)
{
    static const struct fst_path_mark none;
    uint32_t number = record < log->head_room ? log->heads[record][side] : 0;

    return number == 0 ? none : log->nodes[number - 1].mark;
}
