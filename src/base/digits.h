/* SPDX-License-Identifier: MIT
 *
 * Numbers as text without printf, for what is written once for each of a million connections. Each
 * returns the place behind what it wrote; none writes a NUL.
 */
#ifndef FST_BASE_DIGITS_H
#define FST_BASE_DIGITS_H

#include <stdint.h>

/** Just `count` decimal digits, with leading zeros. */
static inline char *fst_put_digits(char *to, unsigned count, uint64_t number)
{
    for (unsigned i = count; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + count;
}

/** As few decimal digits as it takes. */
static inline char *fst_put_number(char *to, uint32_t number)
{
    unsigned count = 1;

    for (uint32_t rest = number / 10; rest > 0; rest /= 10)
        count++;
    return fst_put_digits(to, count, number);
}

/** As few lower-case hexadecimal digits as it takes. */
static inline char *fst_put_hex(char *to, uint16_t number)
{
    int shift = number >= 0x1000 ? 12 : number >= 0x100 ? 8 : number >= 0x10 ? 4 : 0;

    for (; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[number >> shift & 15];
    return to;
}

#endif
