/* SPDX-License-Identifier: MIT
 *
 * Link headers: from the first octet of a captured packet to its IP header.
 */
#ifndef FST_DECODE_LINK_H
#define FST_DECODE_LINK_H

#include "decode/decoding.h"

/** Take the link header of a LINKTYPE_ value off. Source: tcpdump.org/linktypes.html. */
fst_next fst_link_decode(uint16_t link_type, struct fst_decoding *decoding);

/**
 * Take off what an EtherType other than IP announces: VLAN tags, MPLS labels, PPPoE, another
 * Ethernet frame. Ends with FST_DECODED_NOT_TCP for types that carry no IP.
 */
fst_next fst_ethertype_decode(uint16_t type, struct fst_decoding *decoding);

/** IEEE 802.2 LLC: IP by its own service access point (RFC 948) or by SNAP (RFC 1042). */
fst_next fst_llc_decode(struct fst_decoding *decoding);

#endif
