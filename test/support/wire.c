/* SPDX-License-Identifier: MIT */
#include "support/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/octets.h"

#define CLIENT_ISS 1000
#define SERVER_ISS 5000
#define START_NS   INT64_C(1700000000000000000)
#define ACK        FST_TCP_ACK

void wire_free(struct wire *wire)
{
    size_t i;

    for (i = 0; i < wire->count; i++) {
        union {
            const uint8_t *borrowed;
            uint8_t *own;
        } data = {wire->packets[i].data};

        free(data.own);
    }
    free(wire->packets);
    memset(wire, 0, sizeof(*wire));
}

struct fst_packet *wire_octets(struct wire *wire, uint16_t link_type, const void *octets,
                               size_t len)
{
    struct fst_packet *packet;
    uint8_t *copy = malloc(len ? len : 1);

    if (wire->count == wire->room) {
        wire->room = wire->room ? 2 * wire->room : 64;
        wire->packets = realloc(wire->packets, wire->room * sizeof(*wire->packets));
    }
    if (!copy || !wire->packets)
        abort();
    memcpy(copy, octets, len);
    packet = &wire->packets[wire->count++];
    *packet = (struct fst_packet){.number = wire->count,
                                  .time_ns = START_NS + (int64_t)wire->count * 1000000,
                                  .data = copy,
                                  .captured_len = (uint32_t)len,
                                  .original_len = (uint32_t)len,
                                  .link_type = link_type};
    return packet;
}

struct fst_packet *wire_segment(struct wire *wire, const struct wire_segment *segment)
{
    static const uint8_t timestamps[] = {1, 1, 8, 10}; /* two NOPs before them */
    uint8_t octets[40 + 1500] = {0x45};
    uint8_t *tcp = octets + 20;
    size_t header = segment->stamp ? 32 : 20, len = 20 + header + segment->len;

    if (len > sizeof(octets))
        abort();
    put16(octets + 2, (unsigned)len);
    put16(octets + 4, (unsigned)(wire->count + 1) & 0xffff);
    octets[8] = 64;
    octets[9] = 6;
    put32(octets + 12, 0x0a000000u | segment->src);
    put32(octets + 16, 0x0a000000u | segment->dst);
    put16(octets + 10, ~sum16(octets, 20, 0) & 0xffff);
    put16(tcp, segment->src_port);
    put16(tcp + 2, segment->dst_port);
    put32(tcp + 4, segment->seq);
    put32(tcp + 8, segment->ack);
    tcp[12] = (uint8_t)(header << 2);
    tcp[13] = (uint8_t)segment->flags;
    put16(tcp + 14, segment->window ? *segment->window : 65535);
    if (segment->stamp) {
        memcpy(tcp + 20, timestamps, sizeof(timestamps));
        put32(tcp + 24, *segment->stamp);
    }
    memset(tcp + header, 'x', segment->len);
    put16(tcp + 16, ~sum16(octets + 12, len - 12, (unsigned)len - 20 + 6) & 0xffff);
    return wire_octets(wire, WIRE_RAW_IP, octets, len);
}

void wire_client(struct wire *wire, uint16_t port, unsigned flags, uint32_t seq, uint32_t ack,
                 uint32_t len)
{
    (void)wire_segment(wire, &(struct wire_segment){1, 2, port, 80, flags, CLIENT_ISS + seq,
                                                    flags & ACK ? SERVER_ISS + ack : 0, len});
}

void wire_server(struct wire *wire, uint16_t port, unsigned flags, uint32_t seq, uint32_t ack,
                 uint32_t len)
{
    (void)wire_segment(wire, &(struct wire_segment){2, 1, 80, port, flags, SERVER_ISS + seq,
                                                    flags & ACK ? CLIENT_ISS + ack : 0, len});
}

void wire_syn(struct wire *wire, uint16_t port)
{
    wire_client(wire, port, FST_TCP_SYN, 0, 0, 0);
}

void wire_handshake(struct wire *wire, uint16_t port)
{
    wire_syn(wire, port);
    wire_server(wire, port, FST_TCP_SYN | ACK, 0, 1, 0);
    wire_client(wire, port, ACK, 1, 1, 0);
}

void wire_refused(struct wire *wire, uint16_t port)
{
    wire_syn(wire, port);
    (void)wire_segment(
        wire, &(struct wire_segment){2, 1, 80, port, FST_TCP_RST | ACK, 0, CLIENT_ISS + 1, 0});
}

void wire_close(struct wire *wire, uint16_t port)
{
    wire_client(wire, port, FST_TCP_FIN | ACK, 1, 1, 0);
    wire_server(wire, port, FST_TCP_FIN | ACK, 1, 2, 0);
    wire_client(wire, port, ACK, 2, 2, 0);
}

static uint32_t get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void wire_pcap(struct wire *wire, const char *path)
{
    static uint8_t octets[1 << 18];
    FILE *file = fopen(path, "rb");
    uint8_t head[24];
    uint32_t magic, link_type;

    if (!file || fread(head, 1, 24, file) != 24) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        abort();
    }
    magic = get32(head);
    link_type = get32(head + 20);
    if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
        abort();
    while (fread(head, 1, 16, file) == 16) {
        uint32_t len = get32(head + 8);
        struct fst_packet *packet;

        if (len > sizeof(octets) || fread(octets, 1, len, file) != len)
            abort();
        packet = wire_octets(wire, (uint16_t)link_type, octets, len);
        packet->original_len = get32(head + 12);
        packet->time_ns = (int64_t)get32(head) * 1000000000 +
                          (int64_t)get32(head + 4) * (magic == 0xa1b23c4d ? 1 : 1000);
    }
    (void)fclose(file);
}
