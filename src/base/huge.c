/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise */ // NOLINT(bugprone-reserved-identifier)
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"

#define PAGE      (4u << 10)
#define HUGE_PAGE (2u << 20)

#ifndef MADV_COLLAPSE /* Linux 6.1; others refuse it */
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_POPULATE_WRITE /* Linux 5.14 */
#define MADV_POPULATE_WRITE 23
#endif

/* The kernel may back it with large pages: fewer faults when it is touched first, and fewer walks
 * through page tables. It is free not to, so the answers do not matter. */
static void advise(void *memory, size_t size, size_t page, int advice)
{
    uintptr_t first = ((uintptr_t)memory + page - 1) & ~(uintptr_t)(page - 1);
    uintptr_t end = ((uintptr_t)memory + size) & ~(uintptr_t)(page - 1);

    if (first < end)
        (void)madvise((void *)first, end - first, advice);
}

/* What has moved has small pages. */
void *fst_resize_huge(const struct fst_allocator *allocator, void *old, size_t old_size,
                      size_t new_size)
{
    void *memory = fst_resize(allocator, old, old_size, new_size);

    if (memory) {
        advise(memory, new_size, HUGE_PAGE, MADV_HUGEPAGE);
        advise(memory, new_size, HUGE_PAGE, MADV_COLLAPSE);
    }
    return memory;
}

void fst_touch(void *memory, size_t size)
{
    advise(memory, size, PAGE, MADV_POPULATE_WRITE);
}

static size_t alignment_of(size_t size)
{
    return size < HUGE_PAGE ? FST_LINE : HUGE_PAGE;
}

/* Before what is given away stands how far it is to what the allocator gave. */
void *fst_alloc_lines(const struct fst_allocator *allocator, size_t size)
{
    size_t alignment = alignment_of(size);
    uint8_t *memory = fst_resize(allocator, NULL, 0, size + alignment);
    uint32_t skipped;

    if (!memory)
        return NULL;
    skipped = (uint32_t)(alignment - ((uintptr_t)memory & (alignment - 1)));
    memory += skipped;
    memcpy(memory - sizeof(skipped), &skipped, sizeof(skipped));
    advise(memory, size, HUGE_PAGE, MADV_HUGEPAGE);
    return memory;
}

void fst_release_lines(const struct fst_allocator *allocator, void *memory, size_t size)
{
    uint8_t *octets = memory;
    uint32_t skipped;

    if (!octets)
        return;
    memcpy(&skipped, octets - sizeof(skipped), sizeof(skipped));
    fst_release(allocator, octets - skipped, size + alignment_of(size));
}
