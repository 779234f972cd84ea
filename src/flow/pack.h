/* SPDX-License-Identifier: MIT
 *
 * An observation in a record's endpoints.
 */
#ifndef FST_FLOW_PACK_H
#define FST_FLOW_PACK_H

#include "flow/record.h"
#include "tcp/observation.h"

/**
 * Write what users are shown, and as much else as fits, into the endpoints.
 * @return whether fst_unpack() gives back the whole observation (apart from what only labels need);
 *         otherwise the observation must be kept.
 */
bool fst_pack(struct fst_record *record, struct fst_story *story,
              const struct fst_observation *observation);

/** The observation of a record that fst_pack() took whole. Sets only what `observation`, zeroed or
 *  unpacked before, does not have. */
void fst_unpack(struct fst_observation *observation, const struct fst_record *record,
                const struct fst_story *story);

/* What the packed form says to those who only want to look. */
enum fst_state fst_end_state(const struct fst_endpoint *end);
fst_state_set fst_end_possible(const struct fst_endpoint *end);
bool fst_end_uses_timestamps(const struct fst_endpoint *end);
/** The shift of the window this end offers. */
unsigned fst_end_scale(const struct fst_endpoint *end, const struct fst_endpoint *peer);
bool fst_end_has(const struct fst_endpoint *end, uint32_t life_flag);

/** Let the packed form say where the endpoint stands; what else it holds stays. */
void fst_end_show(struct fst_endpoint *end, enum fst_state state, fst_state_set possible,
                  bool inferred);

#endif
