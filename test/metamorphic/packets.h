/* SPDX-License-Identifier: MIT
 *
 * A capture in memory, and changes of it after which what is said of it must be the same.
 */
#ifndef METAMORPHIC_PACKETS_H
#define METAMORPHIC_PACKETS_H

#include "decode/segment.h"
#include "flowstate/flowstate.h"

/** A packet and what of it can be changed. */
struct subject_packet {
    struct fst_packet packet; /* its octets are owned by the capture */
    struct fst_segment segment;
    bool is_tcp;
    unsigned side;       /* 0 or 1: which of the two endpoints sent it, by their addresses */
    uint32_t connection; /* packets between the same endpoints have the same, from 0 */
    uint32_t tcp_at;     /* offsets in the packet: of the TCP header */
    uint32_t address_at; /* of the source address, which the destination's follows */
};

struct subject {
    const char *path;
    size_t count;
    struct subject_packet *packets;
    uint32_t connections;
    bool changeable; /* every TCP header was found whole in one packet */
};

/** Reads a capture; what is damaged in it is left out. False if it cannot be opened or is too long.
 */
bool subject_read(struct subject *subject, const char *path);
void subject_free(struct subject *subject);

/** A copy of the capture, whose packets may be changed. */
void subject_copy(struct subject *copy, const struct subject *subject);

/** Both directions trade addresses and ports. */
void subject_rename(struct subject *subject);

/** All numbers of each side move by a constant, so that they wrap at the `part`-th of `parts`
 * places in its segments. */
void subject_shift(struct subject *subject, unsigned part, unsigned parts);

#endif
