/* SPDX-License-Identifier: MIT
 *
 * The TCP header.
 */
#ifndef FST_DECODE_TCP_HEADER_H
#define FST_DECODE_TCP_HEADER_H

#include "decode/decoding.h"

/**
 * Fill the segment from the TCP header; the addresses are there already. Always ends: with
 * FST_DECODED_TCP, FST_DECODED_CUT if the fixed part of the header was not captured, or
 * FST_DECODED_MALFORMED if IP leaves no room for it.
 *
 * Source: RFC 9293 section 3.1.
 */
fst_next fst_tcp_header_decode(struct fst_decoding *decoding);

#endif
