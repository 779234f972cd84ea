/* SPDX-License-Identifier: MIT */
#include "flow/path_log.h"

#include <string.h>

#include "base/alloc.h"

/* So many steps together, since they are read together: most paths are no longer. */
#define STEPS 6

struct steps {
    struct fst_path_mark marks[STEPS];
    uint32_t older; /* number + 1 of those before, 0 ends; of unused ones the next */
};

struct head {
    uint32_t newest; /* number + 1 of its last steps */
    uint32_t count;  /* steps of the path */
};

struct fst_path_log {
    const struct fst_allocator *allocator;
    struct head (*heads)[2]; /* by record */
    struct steps *steps;
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
    fst_release(log->allocator, log->steps, log->room * sizeof(log->steps[0]));
    fst_release(log->allocator, log, sizeof(*log));
}

static bool reach(struct fst_path_log *log, uint32_t record)
{
    uint32_t room = log->head_room ? log->head_room : 64;
    struct head(*heads)[2];

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
    uint32_t room = log->room ? log->room * 2 : 64, number = log->free;
    struct steps *steps;

    if (number != 0) {
        log->free = log->steps[number - 1].older;
        return number;
    }
    if (log->used == log->room) {
        steps = fst_resize(log->allocator, log->steps, log->room * sizeof(steps[0]),
                           room * sizeof(steps[0]));
        if (!steps)
            return 0;
        log->steps = steps;
        log->room = room;
    }
    return ++log->used;
}

static uint32_t pieces(uint32_t count)
{
    return (count + STEPS - 1) / STEPS;
}

/* Drop all steps but the first `count`. */
static void cut(struct fst_path_log *log, struct head *head, uint32_t count)
{
    uint32_t piece;

    for (piece = pieces(head->count); piece > pieces(count); piece--) {
        struct steps *steps = &log->steps[head->newest - 1];
        uint32_t older = steps->older;

        steps->older = log->free;
        log->free = head->newest;
        head->newest = older;
    }
    if (head->count > count)
        head->count = count;
}

/* One more step. */
static bool add(struct fst_path_log *log, struct head *head, struct fst_path_mark mark)
{
    if (head->count % STEPS == 0) {
        uint32_t number = take(log);

        if (number == 0)
            return false;
        log->steps[number - 1].older = head->newest;
        head->newest = number;
    }
    log->steps[head->newest - 1].marks[head->count++ % STEPS] = mark;
    return true;
}

void fst_path_log_set(struct fst_path_log *log, uint32_t record, unsigned side, unsigned length,
                      struct fst_path_mark mark)
{
    static const struct fst_path_mark unknown;
    struct head *head;

    if (length == 0 || !reach(log, record))
        return;
    head = &log->heads[record][side];
    cut(log, head, length - 1);
    while (head->count + 1 < length)
        if (!add(log, head, unknown))
            return;
    (void)add(log, head, mark);
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
    uint32_t number, at;

    memset(marks, 0, count * sizeof(marks[0]));
    if (record >= log->head_room)
        return;
    number = log->heads[record][side].newest;
    for (at = log->heads[record][side].count; at > 0; at--) {
        if (at - 1 < count)
            marks[at - 1] = log->steps[number - 1].marks[(at - 1) % STEPS];
        if ((at - 1) % STEPS == 0)
            number = log->steps[number - 1].older;
    }
}

struct fst_path_mark fst_path_log_last(const struct fst_path_log *log, uint32_t record,
                                       unsigned side)
{
    static const struct fst_path_mark none;
    const struct head *head;

    if (record >= log->head_room || log->heads[record][side].count == 0)
        return none;
    head = &log->heads[record][side];
    return log->steps[head->newest - 1].marks[(head->count - 1) % STEPS];
}
