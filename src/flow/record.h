/* SPDX-License-Identifier: MIT
 *
 * A connection as the table keeps it: two cache lines that every packet touches, and a colder part
 * that only a change of state does.
 *
 * Sides are 0 and 1 in the order of the key, not client and server: who is the client may be
 * learned late. What one life an endpoint needs is packed into 32 octets; a connection that does
 * not fit that form (a second life, a hole, a Fast Open) has its whole observation in side storage.
 * That is 152 octets; the index takes 12 to 15 more, as full as it is.
 */
#ifndef FST_FLOW_RECORD_H
#define FST_FLOW_RECORD_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

#define FST_NO_INDEX UINT32_MAX

/* `kind`, low bits: part of the key. */
#define FST_KIND_DOMAIN 0x7fffu /* encapsulation, by number */
#define FST_KIND_IPV6   0x20000u
#define FST_KIND_KEY    (FST_KIND_DOMAIN | FST_KIND_IPV6)
/* The others describe the connection. */
#define FST_KIND_NARROW_SHIFT   15         /* two bits, one a side: FST_LIFE_NARROW */
#define FST_KIND_DETAIL         0x40000u   /* its whole observation is in side storage */
#define FST_KIND_STEADY         0x80000u   /* both ends established, nothing pending: steady.c */
#define FST_KIND_PURE_ACK_SHIFT 20         /* two bits, one a side: nothing but an ACK was noted */
#define FST_KIND_CLIENT_SHIFT   22         /* the client's side */
#define FST_KIND_ORIENTED_SHIFT 23         /* two bits: enum fst_orientation */
#define FST_KIND_OLD            0x2000000u /* a later connection has taken its place in the index */
#define FST_KIND_EVICTED        0x4000000u
#define FST_KIND_USED           0x8000000u
#define FST_KIND_MSS_SHIFT      28 /* two bits a side: mss_class */

struct fst_endpoint {
    uint32_t iss; /* or the lowest number known, if it began before the capture */
    uint32_t occ;
    uint32_t ack_top;
    uint32_t edge; /* before one is known, the window of its bare SYN */
    uint32_t ts_val;
    uint32_t packets;
    uint64_t packed; /* see pack.c */
};

struct fst_record {
    uint8_t address[2][16];
    uint16_t port[2];
    uint32_t kind;
    int64_t ts_last;
    uint32_t payload[2]; /* octets of text, modulo 2^32; the rest in fst_extra */
    uint32_t last_hash;
    uint32_t extra; /* what few need, or FST_NO_INDEX; see extra.h */
    struct fst_endpoint end[2];
};

static_assert(sizeof(struct fst_record) == 128, "two cache lines");

/** The client's side. */
static inline unsigned fst_record_client(const struct fst_record *record)
{
    return record->kind >> FST_KIND_CLIENT_SHIFT & 1;
}

struct fst_story {
    int64_t ts_first;
    uint32_t tale; /* paths of states and Zeek's history; see tale.h */
    uint32_t first_packet;
    uint32_t change_packet; /* that last moved an endpoint */
    uint32_t handshake_us;  /* UINT32_MAX: not known */
};

static_assert(sizeof(struct fst_story) == 24, "cold part");

#endif
