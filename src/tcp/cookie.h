/* SPDX-License-Identifier: MIT
 *
 * Which numbers pass for a SYN cookie brought back (RFC 4987 3.6); rebirth.c says what for.
 */
#ifndef FST_TCP_COOKIE_H
#define FST_TCP_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

/* The cookie also holds which of four sizes the client's SYN offered, as the lowest bits of a sum
 * that the difference of ACK and SEQ goes into: another of the four will do. */
#define FST_COOKIE_SLACK 3

/** The client acknowledges `acked` octets of the server, its SYN one of them, and sent `sent`
 *  before. */
static inline bool fst_passes_for_cookie(uint32_t acked, uint32_t sent)
{
    return acked - sent + FST_COOKIE_SLACK <= 2 * FST_COOKIE_SLACK;
}

#endif
