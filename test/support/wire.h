/* SPDX-License-Identifier: MIT
 *
 * Packets for tests that need many connections: raw IPv4 and TCP, with right checksums; and the
 * packets of a recorded classic pcap file. No code of the library is used.
 */
#ifndef FST_TEST_SUPPORT_WIRE_H
#define FST_TEST_SUPPORT_WIRE_H

#include "flowstate/flowstate.h"

#define WIRE_RAW_IP 101 /* LINKTYPE_RAW */

/* A growing list of packets, numbered from 1 and 1 ms apart. */
struct wire {
    size_t count, room;
    struct fst_packet *packets;
};

void wire_free(struct wire *wire);

/** A packet of any octets. */
struct fst_packet *wire_octets(struct wire *wire, uint16_t link_type, const void *octets,
                               size_t len);

/* A segment from 10.0.0.`src` to 10.0.0.`dst`. Text of 'x', no options but the timestamp at
 * `stamp`, if that is not NULL, and the window at `window`, 65535 if that is. */
struct wire_segment {
    uint8_t src, dst;
    uint16_t src_port, dst_port;
    unsigned flags;
    uint32_t seq, ack, len;
    const uint32_t *stamp;
    const uint16_t *window;
};

struct fst_packet *wire_segment(struct wire *wire, const struct wire_segment *segment);

/* Whole pieces of a connection between 10.0.0.1:`port` and 10.0.0.2:80 with ISNs 1000 and 5000. */
void wire_syn(struct wire *wire, uint16_t port);
void wire_handshake(struct wire *wire, uint16_t port);
void wire_refused(struct wire *wire, uint16_t port);
void wire_client(struct wire *wire, uint16_t port, unsigned flags, uint32_t seq, uint32_t ack,
                 uint32_t len);
void wire_server(struct wire *wire, uint16_t port, unsigned flags, uint32_t seq, uint32_t ack,
                 uint32_t len);
/** Client first, from 1 and 1 relative. */
void wire_close(struct wire *wire, uint16_t port);

/** All packets of a little-endian classic pcap file. */
void wire_pcap(struct wire *wire, const char *path);

#endif
