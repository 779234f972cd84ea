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

/** Large memory that is used at random, not cleared; or NULL. */
void *fst_alloc_huge(const struct fst_allocator *allocator, size_t size);

/** The same, as realloc: NULL leaves `old` as it was. */
void *fst_resize_huge(const struct fst_allocator *allocator, void *old, size_t old_size,
                      size_t new_size);

/** As realloc: NULL leaves `old` as it was. New octets are not cleared. */
void *fst_resize(const struct fst_allocator *allocator, void *old, size_t old_size,
                 size_t new_size);

/** Frees; NULL is fine. */
void fst_release(const struct fst_allocator *allocator, void *memory, size_t size);

#endif
