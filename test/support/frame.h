/* SPDX-License-Identifier: MIT
 *
 * Packets of a scenario: Ethernet or raw IP, IPv4 or IPv6, TCP, with right checksums and rising IP
 * ids unless the scenario says otherwise. The same scenario always gives the same octets.
 */
#ifndef FST_TEST_FRAME_H
#define FST_TEST_FRAME_H

#include "flowstate/flowstate.h"
#include "scenario.h"

/* What may differ between two runs of one scenario without changing what it means. */
struct scn_world {
    bool swapped;    /* A has the address that is otherwise B's */
    uint32_t iss[2]; /* by enum scn_side */
};

/** The world in which a scenario is shown: its own ISS, or the default ones. */
struct scn_world scn_usual_world(const struct scenario *scenario);

/** The address of a side; `port` may be NULL. */
struct fst_address scn_address(const struct scenario *scenario, const struct scn_world *world,
                               enum scn_side side, uint16_t *port);

struct scn_packets {
    size_t count; /* one packet a segment, in order, numbered from 1 */
    struct fst_packet *packets;
};

/** Builds all packets; 0 or FST_ENOMEM. Free them with scn_packets_free(). */
int scn_packets_build(struct scn_packets *out, const struct scenario *scenario,
                      const struct scn_world *world);

/** Of packets zeroed or built. */
void scn_packets_free(struct scn_packets *packets);

#endif
