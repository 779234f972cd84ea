/* SPDX-License-Identifier: MIT
 *
 * What the header decoders share: the part of the packet not decoded yet, and what comes next in
 * it. A decoder takes its header off the front, fills its fields of the segment and says what
 * follows; packet.c runs one after the other. Private to this folder.
 */
#ifndef FST_DECODE_DECODING_H
#define FST_DECODE_DECODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "decode/packet.h"
#include "decode/segment.h"

struct fst_decoding {
    const uint8_t *at; /* the first octet not decoded */
    uint32_t captured; /* octets present from `at` on; at most `wire` */
    uint32_t wire;     /* octets there were on the wire; within IP, as IP says */
    bool zero_length;  /* the IPv6 payload length is 0: `wire` is what the frame holds */
    uint8_t tunnels;   /* gone into */
    bool reassembled;  /* `at` points into a datagram that the fragment store put together */
    struct fst_fragments *fragments; /* may be NULL */
    struct fst_segment *segment;
};

/* What follows: an EtherType, an IP protocol number, or the end with an enum fst_decoded. */
typedef uint32_t fst_next;

#define FST_NEXT_IS_IP        0x10000u
#define FST_NEXT_IS_THE_END   0x20000u
#define FST_NEXT_IP(number)   (FST_NEXT_IS_IP | (fst_next)(number))
#define FST_NEXT_END(result)  (FST_NEXT_IS_THE_END | (fst_next)(result))

#define FST_ETHERTYPE_IP4     0x0800u
#define FST_ETHERTYPE_IP6     0x86ddu
#define FST_ETHERTYPE_VLAN    0x8100u
#define FST_ETHERTYPE_BRIDGED 0x6558u /* an Ethernet frame */
#define FST_ETHERTYPE_PPP     0x880bu

#define FST_VLAN_ID           0x0fffu /* bits of an 802.1Q tag */

#define FST_IP_HOP_BY_HOP     0
#define FST_IP_IP4            4
#define FST_IP_TCP            6
#define FST_IP_UDP            17
#define FST_IP_IP6            41
#define FST_IP_ROUTING        43
#define FST_IP_FRAGMENT       44
#define FST_IP_GRE            47
#define FST_IP_AUTHENTICATION 51
#define FST_IP_DESTINATION    60
#define FST_IP_MOBILITY       135
#define FST_IP_HIP            139
#define FST_IP_SHIM6          140

/** One header: takes at least one octet off the front, or ends. */
typedef fst_next fst_step(struct fst_decoding *decoding);

/** The next `len` octets, or NULL when fewer were captured. */
static inline const uint8_t *fst_decoding_take(struct fst_decoding *decoding, uint32_t len)
{
    const uint8_t *at = decoding->at;

    if (decoding->captured < len)
        return NULL;
    decoding->at += len;
    decoding->captured -= len;
    decoding->wire -= len;
    return at;
}

/** A header of `len` octets is not there: the snap length hides it, or the packet is too short. */
static inline fst_next fst_decoding_short(const struct fst_decoding *decoding, uint32_t len)
{
    return FST_NEXT_END(decoding->wire < len ? FST_DECODED_MALFORMED : FST_DECODED_NOT_TCP);
}

/** As fst_decoding_short() once the addresses are known and the packet holds TCP if `tcp` is set.
 */
static inline fst_next fst_decoding_cut(const struct fst_decoding *decoding, uint32_t len, bool tcp)
{
    return tcp && decoding->wire >= len ? FST_NEXT_END(FST_DECODED_CUT)
                                        : fst_decoding_short(decoding, len);
}

/** What is left was `len` octets on the wire; more is padding, less was cut by the snap length. */
static inline void fst_decoding_set_length(struct fst_decoding *decoding, uint32_t len)
{
    decoding->wire = len;
    if (decoding->captured > len)
        decoding->captured = len;
}

/** Note what carries the packet. Tags beyond the last slot are mixed into it, none gets lost. */
static inline void fst_decoding_tag(struct fst_decoding *decoding, uint32_t kind, uint32_t value)
{
    struct fst_segment *segment = decoding->segment;
    uint32_t *last = &segment->tags[FST_TAGS_MAX - 1];

    if (segment->tag_count < FST_TAGS_MAX)
        segment->tags[segment->tag_count++] = kind | (value & FST_TAG_VALUE);
    else
        *last = (*last & ~FST_TAG_VALUE) | ((*last * 31 + kind + value) & FST_TAG_VALUE);
}

#endif
