/* SPDX-License-Identifier: MIT
 *
 * Conversations of two ordinary hosts, with texts, windows and options of all sizes: what the model
 * has not, whose texts are a few octets long.
 */
#ifndef MODEL_TALK_H
#define MODEL_TALK_H

#include "shot.h"

#define SHOTS_MAX 512 /* segments of one connection */

/** The segments of one connection, in the order they are sent. */
struct shots {
    unsigned count;
    struct shot shot[SHOTS_MAX];
};

/** A sequence number or timestamp to begin with; often one that wraps soon. */
uint32_t talk_number(uint64_t *random);
uint16_t talk_window(uint64_t *random);
uint32_t talk_length(uint64_t *random);

/** Any conversation. */
void talk_any(struct shots *shots, uint64_t *random);

/** One of the everyday conversations, by number, with other numbers each time: nothing is lost and
 *  all is in order. False past the last. */
bool talk_everyday(struct shots *shots, unsigned number, uint64_t *random);

#endif
