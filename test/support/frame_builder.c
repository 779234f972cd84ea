/* SPDX-License-Identifier: MIT */
#include "support/frame_builder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void frame_octets(struct frame *frame, const void *octets, size_t len)
{
    if (len == 0)
        return;
    if (len > sizeof(frame->octets) - frame->len)
        abort();
    memcpy(frame->octets + frame->len, octets, len);
    frame->len += len;
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

void frame_hex(struct frame *frame, const char *hex)
{
    uint8_t octet;

    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        octet = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        frame_octets(frame, &octet, 1);
        hex++;
    }
}

void frame_set16(struct frame *frame, size_t at, uint16_t value)
{
    frame->octets[at] = (uint8_t)(value >> 8);
    frame->octets[at + 1] = (uint8_t)value;
}

size_t frame_ip4(struct frame *frame, uint8_t protocol)
{
    size_t ip = frame->len;

    frame_hex(frame, "45000000 beef0000 3d000000 0a000001 0a000002");
    frame->octets[ip + 9] = protocol;
    return ip;
}

size_t frame_ip6(struct frame *frame, uint8_t next_header)
{
    size_t ip = frame->len;

    frame_hex(frame, "60000000 0000003d 20010db8000000000000000000000001"
                     "20010db8000000000000000000000002");
    frame->octets[ip + 6] = next_header;
    return ip;
}

size_t frame_tcp(struct frame *frame, const char *options, size_t payload_len)
{
    size_t tcp = frame->len;

    frame_hex(frame, "12340050 01020304 0a0b0c0d 00107210 00000000");
    frame_hex(frame, options);
    frame->octets[tcp + 12] = (uint8_t)((frame->len - tcp) / 4 << 4);
    while (payload_len-- > 0)
        frame_octets(frame, "x", 1);
    return tcp;
}

static int is_ip6(const struct frame *frame, size_t ip)
{
    return frame->octets[ip] >> 4 == 6;
}

void frame_end_ip(struct frame *frame, size_t ip)
{
    if (is_ip6(frame, ip))
        frame_set16(frame, ip + 4, (uint16_t)(frame->len - ip - 40));
    else
        frame_set16(frame, ip + 2, (uint16_t)(frame->len - ip));
}

static uint32_t add(uint32_t sum, uint32_t word)
{
    sum += word;
    return (sum & 0xffff) + (sum >> 16);
}

static uint16_t sum_of(const uint8_t *octets, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum = add(sum, (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0));
    return (uint16_t)sum;
}

uint16_t frame_pseudo_sum(const struct frame *frame, size_t ip, size_t tcp, int with_len)
{
    const uint8_t *addresses = frame->octets + ip + (is_ip6(frame, ip) ? 8 : 12);
    uint32_t sum = add(sum_of(addresses, is_ip6(frame, ip) ? 32 : 8), 6);

    return (uint16_t)(with_len ? add(sum, (uint32_t)(frame->len - tcp)) : sum);
}

void frame_checksum(struct frame *frame, size_t ip, size_t tcp)
{
    frame_set16(frame, tcp + 16, 0);
    frame_set16(frame, tcp + 16,
                (uint16_t)~add(frame_pseudo_sum(frame, ip, tcp, 1),
                               sum_of(frame->octets + tcp, frame->len - tcp)));
}

void frame_build(struct frame *frame, const char *link, int version, const char *options,
                 size_t payload_len)
{
    size_t ip, tcp;

    frame->len = 0;
    frame_hex(frame, link);
    ip = version == 6 ? frame_ip6(frame, 6) : frame_ip4(frame, 6);
    tcp = frame_tcp(frame, options, payload_len);
    frame_end_ip(frame, ip);
    frame_checksum(frame, ip, tcp);
}

struct fst_packet frame_packet(const struct frame *frame, uint16_t link_type)
{
    return (struct fst_packet){
        .number = 7,
        .time_ns = 1234567890,
        .data = frame->octets,
        .captured_len = (uint32_t)frame->len,
        .original_len = (uint32_t)frame->len,
        .link_type = link_type,
    };
}

enum fst_decoded frame_decode(const struct fst_packet *packet, struct fst_fragments *fragments,
                              struct fst_segment *segment, bool *reassembled)
{
    struct fst_packet copy = *packet;
    uint8_t *octets = malloc(packet->captured_len);
    enum fst_decoded decoded;

    if (!octets && packet->captured_len > 0)
        abort();
    if (packet->captured_len > 0)
        memcpy(octets, packet->data, packet->captured_len);
    copy.data = octets;
    memset(segment, 0xa5, sizeof(*segment)); /* what the decoder leaves out must not look right */
    decoded = fst_packet_decode(&copy, fragments, segment, reassembled);
    free(octets);
    return decoded;
}

enum fst_decoded frame_decode_simple(const struct frame *frame, uint16_t link_type,
                                     struct fst_segment *segment)
{
    struct fst_packet packet = frame_packet(frame, link_type);
    bool reassembled;

    return frame_decode(&packet, NULL, segment, &reassembled);
}
