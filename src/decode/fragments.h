/* SPDX-License-Identifier: MIT
 *
 * Putting fragmented IP datagrams together again. Only datagrams that may lead to TCP are kept. The
 * store itself is declared in packet.h, because its owner is who calls fst_packet_decode().
 */
#ifndef FST_DECODE_FRAGMENTS_H
#define FST_DECODE_FRAGMENTS_H

#include "decode/decoding.h"

/* Incomplete datagrams kept at most, and for how long: RFC 8200 4.5 says a minute. */
#define FST_DATAGRAMS_MAX    256
#define FST_DATAGRAM_LIFE_NS (60 * (int64_t)1000000000)

/** What IP says of a fragment; its octets are what is left to decode. */
struct fst_fragment {
    uint32_t id;
    uint32_t offset;      /* in octets */
    uint8_t key_protocol; /* 0 for IPv6, where it is no part of the datagram's key */
    uint8_t protocol;     /* what the datagram holds, as far as this fragment tells */
    bool more;
};

/**
 * Keep a fragment. Ends with FST_DECODED_FRAGMENT until the datagram is whole; then `decoding` is
 * set on its octets, valid until the next datagram is whole, and what is in it is the answer.
 * Octets that come twice count as they came first in IPv4; in IPv6 they spoil the datagram for good
 * (RFC 5722), unless the fragment is an exact copy. A fragment that was not captured whole cannot
 * be kept.
 *
 * Source: RFC 791 section 3.2, RFC 8200 section 4.5.
 */
fst_next fst_fragment_decode(struct fst_decoding *decoding, const struct fst_fragment *piece);

#endif
