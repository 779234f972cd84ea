/* SPDX-License-Identifier: MIT
 *
 * A segment as an Ethernet frame of IPv4: what the table is fed.
 */
#ifndef MODEL_SHOT_H
#define MODEL_SHOT_H

#include "endpoint.h"
#include "flowstate/flowstate.h"

#define SHOT_OCTETS_MAX 1600

enum shot_checksum {
    SHOT_GOOD,
    SHOT_BAD,
    SHOT_LEFT_TO_CARD,
    SHOT_TEXT_CUT,   /* no text is captured */
    SHOT_OPTIONS_CUT /* nor any options */
};
#define SHOT_CHECKSUMS (SHOT_OPTIONS_CUT + 1)

struct shot {
    uint8_t side;     /* 0: from 10.0.0.1 and the port, 1: from 10.0.0.2:80 */
    uint8_t checksum; /* enum shot_checksum */
    uint8_t ttl;
    uint8_t options; /* enum segment_option */
    uint8_t shift;
    uint8_t offset; /* data offset, in words; 0: as it should be */
    bool zero;      /* text of zero octets, as padding has */
    uint16_t flags; /* FST_TCP_ */
    uint16_t wnd;
    uint16_t mss; /* 0: no option */
    uint32_t seq, ack, len, ts_val;
    uint32_t sack_low, sack_high;
};

/** The packet, without its number and time; it borrows `octets`, past which nothing is captured. */
struct fst_packet shot_packet(const struct shot *shot, uint16_t port, uint16_t ip_id,
                              uint8_t octets[SHOT_OCTETS_MAX]);

#endif
