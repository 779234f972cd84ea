/* SPDX-License-Identifier: MIT
 *
 * An observation in a record's endpoints.
 */
#ifndef FST_FLOW_PACK_H
#define FST_FLOW_PACK_H

#include "decode/segment.h"
#include "flow/record.h"
#include "tcp/observation.h"

/**
 * Write what users are shown, and as much else as fits, into the endpoints, and the packet of each
 * side's FIN, 0 if there is none, into `fin_packet`.
 * @return whether fst_unpack() gives back the whole observation (apart from what only labels need);
 *         otherwise the observation must be kept.
 */
bool fst_pack(struct fst_record *record, uint32_t fin_packet[2],
              const struct fst_observation *observation);

/** The observation of a record that fst_pack() took whole. Sets only what `observation`, zeroed or
 *  unpacked before, does not have. */
void fst_unpack(struct fst_observation *observation, const struct fst_record *record,
                uint32_t first_packet, const uint32_t fin_packet[2]);

/* Flags of a packed end, by their bit. */
enum fst_end_bit {
    FST_END_HEARD,
    FST_END_ACTIVE,
    FST_END_SYNACK,
    FST_END_ACKED,
    FST_END_FIN,
    FST_END_RST,
    FST_END_RST_FINAL,
    FST_END_ABORTED,
    FST_END_TIED,
    FST_END_WSCALE,
    FST_END_SACK,
    FST_END_TS,
    FST_END_EDGE,
    FST_END_ZERO_WINDOW,
    FST_END_INFERRED,
    FST_END_RST_EXACT,
    FST_END_MIDSTREAM,
    FST_END_GOOD_CHECKSUM
};

#define FST_END_WSCALE_SHIFT 46
#define FST_END_SCALE_CUT    15 /* with none offered: options of its SYN were cut off */

/* What the packed form says to those who only want to look. */
static inline bool fst_end_is(const struct fst_endpoint *end, enum fst_end_bit bit)
{
    return (end->packed >> bit & 1) != 0;
}

/** Whether options of its SYN were cut off, so that nobody knows by how much its windows or those
 * of its peer are shifted. */
static inline bool fst_end_scale_is_cut(const struct fst_endpoint *end)
{
    const uint64_t all = (uint64_t)FST_END_SCALE_CUT << FST_END_WSCALE_SHIFT;

    return (end->packed & (all | (uint64_t)1 << FST_END_WSCALE)) == all;
}

/** The shift of the window this end offers. */
static inline unsigned fst_end_scale(const struct fst_endpoint *end,
                                     const struct fst_endpoint *peer)
{
    bool both = (end->packed & peer->packed & (uint64_t)1 << FST_END_WSCALE) != 0;

    return both ? (unsigned)(end->packed >> FST_END_WSCALE_SHIFT & 15) : 0;
}

/** The segment may bring its receiver back from a SYN cookie, or show that its sender is back: only
 *  the observer knows what follows (rebirth.c). */
bool fst_ends_recall(const struct fst_endpoint *from, const struct fst_endpoint *to,
                     const struct fst_segment *segment);

/** Whether another segment between ends that stand so could, if it acknowledges all or not as this
 *  one does. */
bool fst_ends_may_recall(const struct fst_endpoint *from, const struct fst_endpoint *to,
                         const struct fst_segment *segment);

enum fst_state fst_end_state(const struct fst_endpoint *end);
fst_state_set fst_end_possible(const struct fst_endpoint *end);

/** Let the packed form say where the endpoint stands; what else it holds stays. */
void fst_end_show(struct fst_endpoint *end, enum fst_state state, fst_state_set possible,
                  bool inferred);

#endif
