/* SPDX-License-Identifier: MIT
 *
 * Tunnels that are IP protocols of their own, and what all tunnels share.
 */
#ifndef FST_DECODE_TUNNEL_H
#define FST_DECODE_TUNNEL_H

#include "decode/decoding.h"

/** Tunnels inside tunnels beyond this are not looked into: nobody builds them but to waste time. */
#define FST_TUNNELS_MAX 8

/** Go into a tunnel: tag the packet with `number` and go on with `next`, or end if too deep. */
fst_next fst_tunnel_enter(struct fst_decoding *decoding, uint32_t number, fst_next next);

/** A number for the pair of outer addresses, the same for either direction. */
uint32_t fst_tunnel_endpoints(const struct fst_segment *segment);

/** RFC 2003, and IPv4 in IPv6: RFC 2473. */
fst_next fst_ip4_in_ip_decode(struct fst_decoding *decoding);
/** RFC 4213, and IPv6 in IPv6: RFC 2473. */
fst_next fst_ip6_in_ip_decode(struct fst_decoding *decoding);
/** RFC 2784 with RFC 2890, what they are used for (NVGRE, ERSPAN), and RFC 2637. */
fst_next fst_gre_decode(struct fst_decoding *decoding);

#endif
