/* SPDX-License-Identifier: MIT
 *
 * TCP, RFC 9293 section 3.1. Lengths are those of the wire: what a snap length cut off was sent all
 * the same.
 */
#include "decode/tcp_header.h"

enum fst_decoded fst_tcp_header_cut(struct fst_segment *segment, const uint8_t *header,
                                    uint32_t captured, uint32_t wire)
{
    if (wire < FST_TCP_HEADER_MIN)
        return FST_DECODED_MALFORMED;
    if (captured >= 4) {
        segment->src_port = fst_be16(header);
        segment->dst_port = fst_be16(header + 2);
    }
    return FST_DECODED_CUT;
}

/* Options and text, once the data offset is known to be possible. */
static void fill_variable_part(struct fst_segment *segment, const uint8_t *header,
                               uint32_t captured, uint32_t wire, uint32_t header_len)
{
    if (captured > header_len)
        captured = header_len;
    segment->payload_len = wire - header_len;
    fst_tcp_options_decode(segment, header + FST_TCP_HEADER_MIN, captured - FST_TCP_HEADER_MIN,
                           header_len - FST_TCP_HEADER_MIN);
}

static void fill_fault(struct fst_segment *segment, enum fst_header_fault fault)
{
    segment->payload_len = 0;
    fst_tcp_options_decode(segment, NULL, 0, 0);
    segment->fault = (uint8_t)fault;
}

static bool text_is_zero(const uint8_t *text, uint32_t payload_len)
{
    if (payload_len - 1 >= FST_PADDING_MAX) /* 0 is not below it either */
        return false;
    for (uint32_t i = 0; i < payload_len; i++)
        if (text[i] != 0)
            return false;
    return true;
}

void fst_tcp_whole_look(struct fst_segment *segment, const uint8_t *header, uint32_t wire)
{
    const uint8_t *text = header + (wire - segment->payload_len);

    segment->checksum = (uint8_t)fst_checksum_judge(segment, header, wire);
    segment->text_is_zero = text_is_zero(text, segment->payload_len);
    segment->odd |= segment->checksum == FST_CHECKSUM_BAD || segment->text_is_zero;
}

enum fst_decoded fst_tcp_rest_decode(struct fst_segment *segment, const uint8_t *header,
                                     uint32_t captured, uint32_t wire)
{
    uint32_t header_len = (header[12] >> 4) * 4u;

    if (header_len < FST_TCP_HEADER_MIN)
        fill_fault(segment, FST_HEADER_OFFSET_SHORT);
    else if (header_len > wire)
        fill_fault(segment, FST_HEADER_OFFSET_LONG);
    else
        fill_variable_part(segment, header, captured, wire, header_len);

    segment->odd = segment->fault != FST_HEADER_OK || segment->options_cut;
    if (captured == wire)
        fst_tcp_whole_look(segment, header, wire);
    return FST_DECODED_TCP;
}
