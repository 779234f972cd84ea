/* SPDX-License-Identifier: MIT
 *
 * UDP, for the tunnels it carries.
 */
#ifndef FST_DECODE_UDP_H
#define FST_DECODE_UDP_H

#include "decode/decoding.h"

/** Look for a tunnel by the ports. Ends with FST_DECODED_NOT_TCP for everything else. */
fst_next fst_udp_decode(struct fst_decoding *decoding);

/** Whether the datagram that begins here goes to or comes from the port of a tunnel. */
bool fst_udp_may_tunnel(const struct fst_decoding *decoding);

#endif
