/* SPDX-License-Identifier: MIT
 *
 * Numbers in network byte order, and their sum, for tests that write packets. Not the program's
 * own, which read.
 */
#ifndef FST_TEST_SUPPORT_OCTETS_H
#define FST_TEST_SUPPORT_OCTETS_H

#include <stddef.h>
#include <stdint.h>

static inline void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/** The sum of RFC 1071, not complemented, added to `start`. */
static inline uint32_t sum16(const uint8_t *octets, size_t len, uint32_t start)
{
    for (size_t i = 0; i < len; i++)
        start += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
    while (start > 0xffff)
        start = (start & 0xffff) + (start >> 16);
    return start;
}

#endif
