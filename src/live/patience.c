/* SPDX-License-Identifier: MIT */
#include "live/patience.h"

#define NS_PER_S INT64_C(1000000000)
#define MOST_S   3600

/* Handshakes are waited for as long as this: what is open is waited for no less. */
#define LEAST_S 120

/* So many connections are few: some 20 MB. */
#define FEW 32768.0

int64_t fst_patience_ns(size_t alive)
{
    double share = alive > FEW ? FEW / (double)alive : 1;
    double patience_s = MOST_S * share * share;

    return (int64_t)((patience_s > LEAST_S ? patience_s : LEAST_S) * (double)NS_PER_S);
}
