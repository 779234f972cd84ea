/* SPDX-License-Identifier: MIT
 *
 * The TCP header.
 */
#ifndef FST_DECODE_TCP_HEADER_H
#define FST_DECODE_TCP_HEADER_H

#include "decode/packet.h"
#include "decode/segment.h"

/**
 * Fill the segment from a TCP header; the addresses are there already.
 *
 * @param header    The first octet of the header.
 * @param captured  Octets of header and text that were captured; at most `wire`.
 * @param wire      Octets of header and text, as IP says.
 * @return FST_DECODED_TCP; FST_DECODED_CUT if the fixed part of the header was not captured;
 *         FST_DECODED_MALFORMED if IP leaves no room for it.
 *
 * Source: RFC 9293 section 3.1.
 */
enum fst_decoded fst_tcp_header_decode(struct fst_segment *segment, const uint8_t *header,
                                       uint32_t captured, uint32_t wire);

#endif
