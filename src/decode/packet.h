/* SPDX-License-Identifier: MIT
 *
 * From a captured packet to a TCP segment: runs the header decoders in order. Knows link types, IP
 * and TCP; knows nothing of connections. Decoding copies no payload; only IP fragments are kept,
 * within a fixed bound.
 */
#ifndef FST_DECODE_PACKET_H
#define FST_DECODE_PACKET_H

#include "decode/segment.h"
#include "flowstate/flowstate.h"

enum fst_decoded {
    FST_DECODED_TCP,      /* `segment` is filled; see its `fault` */
    FST_DECODED_NOT_TCP,  /* another protocol, or nothing to say */
    FST_DECODED_FRAGMENT, /* of what may be TCP: held until the rest of the datagram arrives */
    FST_DECODED_CUT,      /* the snap length or a fragment hides the TCP header; TCP all the same */
    FST_DECODED_MALFORMED,   /* a link or IP header contradicts itself */
    FST_DECODED_UNSUPPORTED, /* link type not understood */
    FST_DECODED_NO_MEMORY
};

/* Incomplete IP datagrams: bounded in number and octets, oldest given up first. */
struct fst_fragments;

/** Empty store; NULL when memory is short. Incomplete datagrams take at most `max_octets`; the last
 *  one put together, at most 64 KiB, is kept besides. `allocator` may be NULL, see flowstate.h. */
struct fst_fragments *fst_fragments_new(const struct fst_allocator *allocator, uint32_t max_octets);
void fst_fragments_free(struct fst_fragments *fragments);

/** A store for packets that are decoded without those before them: it keeps nothing, and notes when
 *  `store`, which must not change meanwhile, would have been asked for more than whether it is
 *  empty. NULL when memory is short. */
struct fst_fragments *fst_fragments_new_beside(const struct fst_fragments *store,
                                               const struct fst_allocator *allocator);
bool fst_fragments_asked(const struct fst_fragments *fragments);

/**
 * Decode one packet.
 *
 * @param fragments    Where to keep IP fragments; NULL gives them up: FST_DECODED_CUT, as for
 *                     fragments that were not captured whole.
 * @param segment      Filled when FST_DECODED_TCP is returned; for FST_DECODED_CUT addresses and,
 * if present, ports are filled, else the ports are 0. Entries of `tags` and `options.sack` past
 * their count are left as they were.
 * @param reassembled  Set if the packet completed a fragmented datagram, which was then decoded,
 *                     with this packet's number and time; otherwise cleared.
 *
 * Source: RFC 9293 3.1, RFC 791, RFC 8200, tcpdump.org link types.
 */
enum fst_decoded fst_packet_decode(const struct fst_packet *packet, struct fst_fragments *fragments,
                                   struct fst_segment *segment, bool *reassembled);

#endif
