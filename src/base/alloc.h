/* SPDX-License-Identifier: MIT
 *
 * The allocator a caller hands in, with the C library's as the default. Nothing in the core calls
 * malloc itself.
 */
#ifndef FST_BASE_ALLOC_H
#define FST_BASE_ALLOC_H

#include <stddef.h>

#include "flowstate/flowstate.h"

/** The allocator to use for a caller's choice; NULL means the C library's. Never returns NULL. */
const struct fst_allocator *fst_allocator_or_default(const struct fst_allocator *allocator);

/** Zeroed memory, or NULL. */
void *fst_alloc(const struct fst_allocator *allocator, size_t size);

/** For large memory all of which is used, at random; as fst_resize(). */
void *fst_resize_huge(const struct fst_allocator *allocator, void *old, size_t old_size,
                      size_t new_size);

/* Octets of a cache line. */
#define FST_LINE 64

/** Memory, not cleared, for things as large as a cache line or two: it begins with a line. What is
 *  not touched costs nothing. To be given back by fst_release_lines(), with the same size; NULL is
 *  fine there. */
void *fst_alloc_lines(const struct fst_allocator *allocator, size_t size);
void fst_release_lines(const struct fst_allocator *allocator, void *memory, size_t size);

/** Have the kernel give pages to memory that will be written soon, so that who writes it need not
 *  wait for that; what is written there meanwhile stays. Any thread may. */
void fst_touch(void *memory, size_t size);

/** As realloc: NULL leaves `old` as it was. New octets are not cleared. */
void *fst_resize(const struct fst_allocator *allocator, void *old, size_t old_size,
                 size_t new_size);

/** Frees; NULL is fine. */
void fst_release(const struct fst_allocator *allocator, void *memory, size_t size);

#endif
