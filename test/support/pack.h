/* SPDX-License-Identifier: MIT
 *
 * Packs octets as gzip, zstd or lz4, with the libraries of this build.
 */
#ifndef FST_TEST_SUPPORT_PACK_H
#define FST_TEST_SUPPORT_PACK_H

#include "support/builder.h"

/** Append the packed form of `data` to `out`: one member or frame, with a check sum. */
typedef void pack_function(struct builder *out, const void *data, size_t len);

pack_function pack_gzip, pack_zstd, pack_lz4;

#endif
