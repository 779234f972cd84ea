/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stddef.h>
#include <string.h>

#define ARENA_OCTETS ((size_t)96 << 20)
#define UNITS_MAX    (ARENA_OCTETS / sizeof(max_align_t))

static struct {
    size_t used;
    max_align_t room[UNITS_MAX];
} arena;

static void *resize(void *context, void *old, size_t old_size, size_t new_size)
{
    size_t units = (new_size + sizeof(max_align_t) - 1) / sizeof(max_align_t);
    void *memory = arena.room + arena.used;

    (void)context;
    if (new_size == 0 || units > UNITS_MAX - arena.used)
        return NULL;
    arena.used += units;
    if (old)
        memcpy(memory, old, old_size < new_size ? old_size : new_size);
    return memory;
}

const struct fst_allocator *arena_begin(void)
{
    static const struct fst_allocator allocator = {resize, NULL};

    arena.used = 0;
    return &allocator;
}
