/* SPDX-License-Identifier: MIT
 *
 * What calls.c and arrives.c share; nobody else needs it.
 */
#ifndef MODEL_ENDPOINT_PARTS_H
#define MODEL_ENDPOINT_PARTS_H

#include "endpoint.h"

#define IN(state) (1u << FST_##state)

/** The state is one of a set of IN() bits. */
bool state_in(const struct endpoint *endpoint, unsigned states);
bool syn_acked(const struct endpoint *endpoint);
bool fin_acked(const struct endpoint *endpoint);
/** Both SYNs carried the enum segment_option. */
bool agreed(const struct endpoint *endpoint, unsigned option);

/** Serial arithmetic: a lies before b or is b. */
bool not_after(uint32_t a, uint32_t b);
/** SEG.LEN. */
unsigned octets_of(const struct model_segment *segment);
/** RCV.WND. */
uint16_t offered_window(const struct endpoint *endpoint, const struct surroundings *around);

/** Put a segment on its way; false if the budget is used up. */
bool emit(const struct endpoint *endpoint, struct surroundings *around, unsigned control,
          uint32_t seq, uint32_t ack, unsigned len);
bool emit_ack(const struct endpoint *endpoint, struct surroundings *around);
bool emit_syn_ack(const struct endpoint *endpoint, struct surroundings *around);
void emit_abort(const struct endpoint *endpoint, struct surroundings *around);

/** Whether an owed reply is sent now. */
bool replies(struct surroundings *around);
void reply_ack(const struct endpoint *endpoint, struct surroundings *around);
void reply_reset(const struct endpoint *endpoint, struct surroundings *around, uint32_t seq);

/** Begin a life: choose its ISS and book the number. */
void choose_iss(struct endpoint *endpoint, struct surroundings *around);
/** Book the numbers used up to SND.NXT. */
void mark_used(struct isn_source *isns, uint32_t snd_nxt);

void delete_tcb(struct endpoint *endpoint);
/** The TCB is about to go without the peer having been told for certain. */
void leave_silently(struct endpoint *endpoint, struct surroundings *around);

#endif
