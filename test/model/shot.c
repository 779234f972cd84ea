/* SPDX-License-Identifier: MIT */
#include "shot.h"

#include <string.h>

#include "support/octets.h"

#define ETHERNET  14
#define FRAME_MIN 60

/* Options as most stacks write them, each padded in front to a multiple of four octets. */
static size_t put_options(uint8_t *at, const struct shot *shot)
{
    uint8_t *start = at;

    if (shot->mss) {
        put16(at, 0x0204);
        put16(at + 2, shot->mss);
        at += 4;
    }
    if (shot->options & OPTION_SACK_OK) {
        put32(at, 0x01010402);
        at += 4;
    }
    if (shot->options & OPTION_WSCALE) {
        put32(at, 0x01030300u | shot->shift);
        at += 4;
    }
    if (shot->options & OPTION_TIMESTAMPS) {
        put32(at, 0x0101080a);
        put32(at + 4, shot->ts_val);
        put32(at + 8, 0);
        at += 12;
    }
    if (shot->options & OPTION_FAST_OPEN && at - start <= 20) {
        put32(at, 0x0101220a);
        memset(at + 4, 'c', 8);
        at += 12;
    }
    if (shot->options & OPTION_SACK && at - start <= 28) {
        put32(at, 0x0101050a);
        put32(at + 4, shot->sack_low);
        put32(at + 8, shot->sack_high);
        at += 12;
    }
    return (size_t)(at - start);
}

static void put_checksum(uint8_t *tcp, size_t len, const struct shot *shot,
                         const uint8_t *addresses)
{
    uint32_t pseudo = sum16(addresses, 8, (unsigned)len + 6);

    if (shot->checksum == SHOT_LEFT_TO_CARD)
        put16(tcp + 16, pseudo);
    else
        put16(tcp + 16, (~sum16(tcp, len, pseudo) ^ (shot->checksum == SHOT_BAD)) & 0xffff);
}

struct fst_packet shot_packet(const struct shot *shot, uint16_t port, uint16_t ip_id,
                              uint8_t octets[SHOT_OCTETS_MAX])
{
    uint8_t *ip = octets + ETHERNET, *tcp = ip + 20;
    size_t head, len, captured;

    memset(octets, shot->zero ? 0 : 'x', SHOT_OCTETS_MAX);
    memset(octets, 0, ETHERNET + 40);
    head = 20 + put_options(tcp + 20, shot);
    len = 20 + head + shot->len;
    put16(octets + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)len);
    put16(ip + 4, ip_id);
    ip[8] = shot->ttl;
    ip[9] = 6;
    put32(ip + 12, 0x0a000001u + shot->side);
    put32(ip + 16, 0x0a000002u - shot->side);
    put16(ip + 10, ~sum16(ip, 20, 0) & 0xffff);
    put16(tcp, shot->side ? 80 : port);
    put16(tcp + 2, shot->side ? port : 80);
    put32(tcp + 4, shot->seq);
    put32(tcp + 8, shot->ack);
    tcp[12] = (uint8_t)((shot->offset ? shot->offset : head / 4) << 4);
    tcp[13] = (uint8_t)shot->flags;
    put16(tcp + 14, shot->wnd);
    captured = ETHERNET + len;
    if (captured <= SHOT_OCTETS_MAX)
        put_checksum(tcp, len - 20, shot, ip + 12);
    if (shot->checksum == SHOT_TEXT_CUT)
        captured = ETHERNET + 20 + head;
    else if (shot->checksum == SHOT_OPTIONS_CUT)
        captured = ETHERNET + 40;
    else if (captured > SHOT_OCTETS_MAX)
        captured = SHOT_OCTETS_MAX;
    else if (captured < FRAME_MIN)
        memset(octets + captured, 0, FRAME_MIN - captured), captured = FRAME_MIN;
    return (struct fst_packet){
        .data = octets,
        .captured_len = (uint32_t)captured,
        .original_len = (uint32_t)(ETHERNET + len < FRAME_MIN ? FRAME_MIN : ETHERNET + len),
        .link_type = 1};
}
