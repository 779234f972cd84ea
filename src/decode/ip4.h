/* SPDX-License-Identifier: MIT
 *
 * The IPv4 header: addresses, lengths, fragments. Its checksum is not looked at: a wrong one is a
 * network card's work far more often than damage.
 */
#ifndef FST_DECODE_IP4_H
#define FST_DECODE_IP4_H

#include "decode/decoding.h"

/** Take an IPv4 header with its options off; what is left is then as long as IP says. RFC 791. */
fst_next fst_ip4_decode(struct fst_decoding *decoding);

#endif
