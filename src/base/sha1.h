/* SPDX-License-Identifier: MIT
 *
 * SHA-1, for the Community ID only: it names connections, it protects nothing.
 */
#ifndef FST_BASE_SHA1_H
#define FST_BASE_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define FST_SHA1_SIZE 20

/**
 * Digest of `len` octets.
 *
 * Source: FIPS 180-4, sections 5.1.1 and 6.1.2.
 */
void fst_sha1(const uint8_t *data, size_t len, uint8_t digest[FST_SHA1_SIZE]);

#endif
