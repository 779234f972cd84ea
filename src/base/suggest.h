/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the name nearest to a mistyped word.
 */
#ifndef FST_BASE_SUGGEST_H
#define FST_BASE_SUGGEST_H

#include <stddef.h>

/** The nearest of the names `name_at` gives (by index, NULL past the last), or NULL when none is
 *  near: at most a third of the word may differ. Case does not count. */
const char *fst_suggest(const char *word, const char *(*name_at)(const void *context, size_t index),
                        const void *context);

#endif
