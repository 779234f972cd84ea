/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *context, void *old, size_t old_size, size_t new_size)
{
    (void)context;
    (void)old_size;
    if (new_size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, new_size);
}

const struct fst_allocator *fst_allocator_or_default(const struct fst_allocator *allocator)
{
    static const struct fst_allocator libc = {libc_resize, NULL};

    return allocator ? allocator : &libc;
}

void *fst_alloc(const struct fst_allocator *allocator, size_t size)
{
    void *memory = allocator->resize(allocator->context, NULL, 0, size);

    if (memory)
        memset(memory, 0, size);
    return memory;
}

void *fst_resize(const struct fst_allocator *allocator, void *old, size_t old_size, size_t new_size)
{
    return allocator->resize(allocator->context, old, old_size, new_size);
}

void fst_release(const struct fst_allocator *allocator, void *memory, size_t size)
{
    if (memory)
        (void)allocator->resize(allocator->context, memory, size, 0);
}
