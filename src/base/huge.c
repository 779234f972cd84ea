/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise */ // NOLINT(bugprone-reserved-identifier)
#include <stdint.h>
#include <sys/mman.h>

#include "base/alloc.h"

#define HUGE_PAGE (2u << 20)

/* The kernel may back it with large pages: fewer faults when it is touched first. It is free not
 * to, so the answer does not matter. */
void *fst_resize_huge(const struct fst_allocator *allocator, void *old, size_t old_size,
                      size_t new_size)
{
    void *memory = fst_resize(allocator, old, old_size, new_size);
    uintptr_t first = ((uintptr_t)memory + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + new_size) & ~(uintptr_t)(HUGE_PAGE - 1);

    if (memory && first < end)
        (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
    return memory;
}

/* The octet before what is given away says how far it is to what the allocator gave. */
void *fst_alloc_lines(const struct fst_allocator *allocator, size_t size)
{
    uint8_t *memory = fst_resize_huge(allocator, NULL, 0, size + FST_LINE);
    size_t skipped;

    if (!memory)
        return NULL;
    skipped = FST_LINE - ((uintptr_t)memory & (FST_LINE - 1));
    memory[skipped - 1] = (uint8_t)skipped;
    return memory + skipped;
}

void fst_release_lines(const struct fst_allocator *allocator, void *memory, size_t size)
{
    uint8_t *octets = memory;

    if (octets)
        fst_release(allocator, octets - octets[-1], size + FST_LINE);
}
