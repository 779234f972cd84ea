/* SPDX-License-Identifier: MIT
 *
 * A TCP segment as decoded from one packet: what the connection table and the observer work on.
 * All integers in host order. Field names follow RFC 9293 section 3.10.
 */
#ifndef FST_DECODE_SEGMENT_H
#define FST_DECODE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

enum fst_checksum {
    FST_CHECKSUM_UNKNOWN, /* not all octets were captured, or a fragment */
    FST_CHECKSUM_GOOD,
    FST_CHECKSUM_OFFLOADED, /* holds only the pseudo-header's sum: left to the network card */
    FST_CHECKSUM_BAD
};

/* Why a header contradicts itself; FST_HEADER_OK otherwise. */
enum fst_header_fault {
    FST_HEADER_OK,
    FST_HEADER_OFFSET_SHORT,  /* data offset below 5 */
    FST_HEADER_OFFSET_LONG,   /* data offset past the segment */
    FST_HEADER_OPTION_LENGTH, /* option length below 2 or past the header */
    FST_HEADER_OPTION_SIZE    /* a known option with a length of its own that is wrong */
};

#define FST_COMPLETED_MAX 2 /* fragments of fragments; what is deeper does not tell */

/* What nearly every segment is asked for comes first. Fields that lie side by side in a header do
 * so here, the last first, which makes them one word for most hosts. */
struct fst_segment {
    uint64_t packet;
    int64_t time_ns;
    uint32_t interface;
    uint32_t payload_len; /* octets of text on the wire, whatever was captured */
    uint32_t ack, seq;
    uint16_t wnd_raw;
    uint16_t flags;
    uint32_t header_hash; /* of direction, ip_id, seq, ack, flags, wnd, lengths: for duplicates */
    uint16_t ip_id;       /* IPv4 identification, 0 for IPv6 */
    uint8_t ttl;          /* or hop limit */
    bool ipv6;
    /* Cleared by fst_segment_begin(), up to the SACK blocks. */
    uint8_t tag_count;
    uint8_t completed_count;
    bool captured_before; /* this is another copy of a packet: the table knows, the decoder does not
                           */
    bool options_cut;     /* snap length hides part of the options */
    uint8_t fault;        /* enum fst_header_fault; fields past the fault are not to be used */
    uint8_t checksum;     /* enum fst_checksum */
    bool text_is_zero;    /* payload_len is 1 to 6, all captured and all zero octets */
    bool minimum_frame;   /* and in an Ethernet frame of the minimum length: padding is possible */
    bool odd;             /* any of: a fault, options cut, text of zeros, a bad checksum */
    struct fst_tcp_options options;
    uint8_t src[16], dst[16]; /* IPv4 in the first 4 octets, the others 0 */
    uint16_t dst_port, src_port;
    uint32_t tags[FST_TAGS_MAX]; /* outermost first; equal for all packets of a connection */
    /* Fragments: the datagram that this one waits for, and those it made whole, outermost first. By
     * number in the store. */
    uint64_t waits_for;
    uint64_t completed[FST_COMPLETED_MAX];
};

#endif
