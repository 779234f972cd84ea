/* SPDX-License-Identifier: MIT
 *
 * Octets as a stream of segments between two endpoints. Eight octets make a segment: who sends it,
 * its flags, and its numbers relative to what both sides have sent before, so that small changes
 * of the octets keep most of a connection as it was.
 */
#ifndef FST_TEST_FUZZ_STREAM_H
#define FST_TEST_FUZZ_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/segment.h"

#define STREAM_OP       8  /* octets a segment */
#define STREAM_REMEMBER 16 /* newest segments, which may come again */

struct stream_side {
    uint32_t iss;
    uint32_t seq;  /* of its newest segment */
    uint32_t next; /* behind it */
    uint32_t ack;  /* of its newest segment */
    uint32_t ts;
};

struct stream {
    const uint8_t *at;
    size_t left;
    uint64_t packet;
    int64_t time_ns;
    struct stream_side side[2];
    struct fst_segment past[STREAM_REMEMBER]; /* ring, by packet number */
    uint8_t past_side[STREAM_REMEMBER];
};

void stream_init(struct stream *stream, const uint8_t *data, size_t size);

/** The next eight octets, or NULL when fewer are left. */
const uint8_t *stream_op(struct stream *stream);

/** Who sends the segment of that op. */
unsigned stream_sender(const uint8_t *op);

/** Fill a segment that anybody could send, and note it. */
void stream_any(struct stream *stream, const uint8_t *op, struct fst_segment *segment);

/** Note a segment that was made elsewhere; gives it its packet number, time and hash. */
void stream_note(struct stream *stream, unsigned sender, struct fst_segment *segment);

/** A segment between the two sides with nothing in it but addresses and ports. */
void stream_blank(unsigned sender, struct fst_segment *segment);

#endif
