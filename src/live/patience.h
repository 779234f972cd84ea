/* SPDX-License-Identifier: MIT
 *
 * How long a silent connection is waited for, where the user does not say: the longer the fewer
 * there are.
 */
#ifndef FST_LIVE_PATIENCE_H
#define FST_LIVE_PATIENCE_H

#include <stddef.h>
#include <stdint.h>

/**
 * An hour while few connections are kept, and less the more there are: at a steady rate of
 * connections that are left open their number, and so the memory, comes to rest, far below what an
 * hour's worth of them would take.
 *
 * @param alive  Connections that are kept.
 */
int64_t fst_patience_ns(size_t alive);

#endif
