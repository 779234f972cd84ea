/* SPDX-License-Identifier: MIT
 *
 * SHA-256, for the Content-Security-Policy of the HTML report, which names its script by digest.
 */
#ifndef FST_BASE_SHA256_H
#define FST_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define FST_SHA256_SIZE 32

/**
 * Digest of `len` octets.
 *
 * Source: FIPS 180-4, sections 5.1.1 and 6.2.2.
 */
void fst_sha256(const uint8_t *data, size_t len, uint8_t digest[FST_SHA256_SIZE]);

#endif
