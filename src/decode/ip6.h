/* SPDX-License-Identifier: MIT
 *
 * The IPv6 header and its extension headers.
 */
#ifndef FST_DECODE_IP6_H
#define FST_DECODE_IP6_H

#include <string.h>

#include "decode/decoding.h"

#define FST_IP6_HEADER_LEN 40u

/** The fields of the header that a segment has. */
static inline void fst_ip6_fill(struct fst_segment *segment, const uint8_t *header)
{
    segment->ipv6 = true;
    memcpy(segment->src, header + 8, sizeof(segment->src));
    memcpy(segment->dst, header + 24, sizeof(segment->dst));
    segment->ip_id = 0;
    segment->ttl = header[7];
}

/** Take the fixed header off; what is left is then as long as IP says. RFC 8200 section 3. */
fst_next fst_ip6_decode(struct fst_decoding *decoding);

/* Extension headers, RFC 8200 section 4. Jumbograms (RFC 2675) are announced in the first kind. */
fst_next fst_ip6_hop_by_hop_decode(struct fst_decoding *decoding);
fst_next fst_ip6_routing_decode(struct fst_decoding *decoding);
fst_next fst_ip6_fragment_decode(struct fst_decoding *decoding);
/** Destination options and other headers of the same shape (RFC 6564): stepped over. */
fst_next fst_ip6_extension_decode(struct fst_decoding *decoding);

/** RFC 4302 section 2, for IPv4 too: authenticates what follows and leaves it readable. */
fst_next fst_ip_authentication_decode(struct fst_decoding *decoding);

#endif
