/* SPDX-License-Identifier: MIT
 *
 * Base64 with padding: RFC 4648 section 4.
 */
#ifndef FST_BASE_BASE64_H
#define FST_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/** The four letters of up to three octets; `len` is at least 1, and more than 3 count as 3. */
static inline void fst_base64_four(const uint8_t *octets, size_t len, char four[4])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t three = (uint32_t)octets[0] << 16;

    three |= len > 1 ? (uint32_t)octets[1] << 8 : 0;
    three |= len > 2 ? octets[2] : 0;
    four[0] = letters[three >> 18];
    four[1] = letters[three >> 12 & 63];
    four[2] = len > 1 ? letters[three >> 6 & 63] : '=';
    four[3] = len > 2 ? letters[three & 63] : '=';
}

#endif
