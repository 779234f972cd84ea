/* SPDX-License-Identifier: MIT
 *
 * IPv4, RFC 791 section 3.1. Options are stepped over: none changes what the TCP segment says.
 */
#include "decode/ip4.h"

#include "decode/fragments.h"

static fst_next fragment(struct fst_decoding *decoding, uint16_t field, uint8_t protocol)
{
    struct fst_fragment piece = {
        .id = decoding->segment->ip_id,
        .key_protocol = protocol,
        .protocol = protocol,
        .offset = (uint32_t)(field & FST_IP4_OFFSET_MASK) * 8,
        .more = (field & FST_IP4_MORE_FRAGMENTS) != 0,
    };

    return fst_fragment_decode(decoding, &piece);
}

fst_next fst_ip4_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    uint32_t header_len, total_len;
    uint16_t fragment_field;

    if (decoding->captured < FST_IP4_HEADER_MIN)
        return fst_decoding_short(decoding, FST_IP4_HEADER_MIN);
    header_len = (header[0] & 0x0fu) * 4;
    total_len = fst_be16(header + 2);
    if (header[0] >> 4 != 4 || header_len < FST_IP4_HEADER_MIN)
        return FST_NEXT_END(FST_DECODED_MALFORMED);

    fst_ip4_fill(decoding->segment, header);
    /* Assumes: a length past the end of the frame is right and the frame was cut, even if the
     * capture does not say so. Captured before the network card cut a large segment into packets,
     * the length may be 0: then the segment is as long as the frame. */
    if (total_len == 0)
        total_len = decoding->wire;
    fst_decoding_set_length(decoding, total_len);

    if (!fst_decoding_take(decoding, header_len))
        return fst_decoding_cut(decoding, header_len, header[9] == FST_IP_TCP);
    fragment_field = fst_be16(header + 6);
    if ((fragment_field & (FST_IP4_MORE_FRAGMENTS | FST_IP4_OFFSET_MASK)) != 0)
        return fragment(decoding, fragment_field, header[9]);
    return FST_NEXT_IP(header[9]);
}
