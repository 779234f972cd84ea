/* SPDX-License-Identifier: MIT
 *
 * Packets for tests of the decoder, built header by header from the outermost one. Lengths and
 * checksums are worked out the plain way, sharing no code with the decoder.
 */
#ifndef FST_TEST_FRAME_BUILDER_H
#define FST_TEST_FRAME_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "decode/packet.h"

#define FRAME_OCTETS_MAX 4096

struct frame {
    size_t len;
    uint8_t octets[FRAME_OCTETS_MAX];
};

/* What every built TCP header says. */
#define FRAME_SRC_PORT     0x1234
#define FRAME_DST_PORT     0x0050
#define FRAME_SEQ          0x01020304u
#define FRAME_ACK          0x0a0b0c0du
#define FRAME_WND          0x7210
#define FRAME_IP_ID        0xbeef
#define FRAME_TTL          61

#define FRAME_ETHERNET_IP4 "020000000002 020000000001 0800"
#define FRAME_ETHERNET_IP6 "020000000002 020000000001 86dd"

/** Append octets given as hexadecimal digits; blanks are for the reader. */
void frame_hex(struct frame *frame, const char *hex);
void frame_octets(struct frame *frame, const void *octets, size_t len);

/* Append an IP header without its length; returns where it begins. From 10.0.0.1 or 2001:db8::1 to
 * the address that ends in 2. */
size_t frame_ip4(struct frame *frame, uint8_t protocol);
size_t frame_ip6(struct frame *frame, uint8_t next_header);

/** Append a TCP header (ACK set) with options in hex, padded by nothing, and a text of 'x'. */
size_t frame_tcp(struct frame *frame, const char *options, size_t payload_len);

/** Set the length of the IP header at `ip`: it ends where the frame does now. */
void frame_end_ip(struct frame *frame, size_t ip);

/** Set the checksum of the TCP header at `tcp`, carried by the IP header at `ip`, up to the end. */
void frame_checksum(struct frame *frame, size_t ip, size_t tcp);
/** The folded sum of its pseudo-header, as left to a network card; `with_len` or without length. */
uint16_t frame_pseudo_sum(const struct frame *frame, size_t ip, size_t tcp, int with_len);

void frame_set16(struct frame *frame, size_t at, uint16_t value);

/** All of it: link header in hex, IP of that version (4 or 6), TCP. The frame was empty before. */
void frame_build(struct frame *frame, const char *link, int version, const char *options,
                 size_t payload_len);

/** The frame as packet 7 of a capture, all captured. */
struct fst_packet frame_packet(const struct frame *frame, uint16_t link_type);

/** Decode from memory of exactly the captured length, so that a sanitizer sees a read past it. */
enum fst_decoded frame_decode(const struct fst_packet *packet, struct fst_fragments *fragments,
                              struct fst_segment *segment, bool *reassembled);

/** The frame decoded as Ethernet or another link type, without a store for fragments. */
enum fst_decoded frame_decode_simple(const struct frame *frame, uint16_t link_type,
                                     struct fst_segment *segment);

#endif
