/* SPDX-License-Identifier: MIT */
#include "flow/key.h"

void fst_key_secret_init(struct fst_key_secret *secret, const struct fst_siphash_key *seed)
{
    uint64_t count = 0;

    for (size_t i = 0; i < FST_KEY_PAIRS; i++)
        for (size_t j = 0; j < 2; j++, count++)
            secret->pairs[i][j] = fst_siphash(seed, &count, 1);
    secret->last = fst_siphash(seed, &count, 1);
}
