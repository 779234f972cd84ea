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

void *fst_alloc_huge(const struct fst_allocator *allocator, size_t size)
{
    return fst_resize_huge(allocator, NULL, 0, size);
}
