/* SPDX-License-Identifier: MIT
 *
 * Numbers as text without printf, for what is written once for each of a million connections. Each
 * returns the place behind what it wrote; none writes a NUL.
 */
#ifndef FST_BASE_DIGITS_H
#define FST_BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

/** Two decimal digits of a number below 100. */
static inline char *fst_put_two_digits(char *to, unsigned number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";

    memcpy(to, pairs + (size_t)2 * number, 2);
    return to + 2;
}

/** Just `count` decimal digits, with leading zeros. */
static inline char *fst_put_digits(char *to, unsigned count, uint64_t number)
{
    unsigned left = count;

    for (; left >= 2; number /= 100)
        (void)fst_put_two_digits(to + (left -= 2), number % 100);
    if (left > 0)
        *to = (char)('0' + number % 10);
    return to + count;
}

#define FST_DIGITS_MAX 20 /* of 64 bits */

/** As few decimal digits as it takes. */
static inline char *fst_put_number(char *to, uint64_t number)
{
    unsigned count = 1;

    for (uint64_t least = 10; count < FST_DIGITS_MAX && number >= least; least *= 10)
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
