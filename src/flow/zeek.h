/* SPDX-License-Identifier: MIT
 *
 * Zeek's summary of a connection: `history`, a letter for each kind of segment, upper case from the
 * originator, and `conn_state`, a code for the whole. docs/ZEEK.md says where it differs from
 * Zeek's.
 */
#ifndef FST_FLOW_ZEEK_H
#define FST_FLOW_ZEEK_H

#include "decode/segment.h"
#include "flow/telling.h"

/** What a segment is against those before it; to be found out before it is observed. */
struct fst_zeek_glance {
    bool damaged; /* nobody takes it */
    bool again;   /* its octets end below one captured before */
    bool moved;   /* its SYN, FIN or RST has another number than its sender's last one */
    uint8_t gaps; /* stretches never captured that it newly acknowledges */
};

struct fst_zeek_glance fst_zeek_look(const struct fst_observation *observation,
                                     const struct fst_segment *segment, unsigned side);

/** Add what the segment adds to the history of a connection. */
void fst_zeek_note(struct fst_table *table, struct fst_telling *telling,
                   const struct fst_segment *segment, unsigned side,
                   const struct fst_zeek_glance *glance);

#define FST_ZEEK_SHOWN 64 /* a power of two */

/* What was shown of a history before: many connections have the same. */
struct fst_zeek_shown {
    uint32_t key; /* of the history, who is the client and whether there was text; 0: empty */
    const char *conn_state;
    char history[FST_HISTORY_MAX];
};

/** Fill `history` and `conn_state` of the view; its sides must be filled. */
void fst_zeek_show(const struct fst_table *table, struct fst_zeek_shown shown[FST_ZEEK_SHOWN],
                   uint32_t history, unsigned client, struct fst_connection_view *view);

#endif
