/* SPDX-License-Identifier: MIT
 *
 * Packets captured twice that do not follow one another: seen at two points of their way, they come
 * in bursts (A1 A2 A1 A2), or on another interface of the capture.
 *
 * The observer knows by itself the copy that comes right after its packet. What more it takes is
 * kept only of connections that showed a copy, or a direction of which changed its interface: where
 * a capture has one interface and no copies, nothing is. It never depends on other connections,
 * but for a bound on memory.
 */
#ifndef FST_FLOW_TWICE_H
#define FST_FLOW_TWICE_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"
#include "flow/record.h"

struct fst_sightings;

struct fst_twice {
    const struct fst_allocator *allocator;
    uint32_t *notes; /* by record, made for the first that needs one */
    uint32_t note_room;
    struct fst_sightings **rings;
    uint32_t ring_count, ring_room, ring_limit;
    uint32_t free; /* heads the chain of rings in no use, by number and 1 more */
    uint32_t next; /* to be taken from its connection when there are no more */
};

/** For at most `flows` connections. */
void fst_twice_init(struct fst_twice *twice, const struct fst_allocator *allocator, uint32_t flows);
void fst_twice_fini(struct fst_twice *twice);

/** Whether fst_twice_look() and fst_twice_forget() have anything to do. */
static inline bool fst_twice_watches(const struct fst_twice *twice,
                                     const struct fst_segment *segment)
{
    return twice->notes || segment->interface != 0;
}

/** Whether the segment was captured a moment ago. `record` is as its connection's newest segment
 *  left it, or NULL when this is the first. */
bool fst_twice_look(struct fst_twice *twice, uint32_t number, const struct fst_record *record,
                    const struct fst_segment *segment, unsigned side);

/** The observer has seen a copy in this connection: more may come. */
void fst_twice_expect(struct fst_twice *twice, uint32_t number, const struct fst_segment *segment);

/** A later connection of the 4-tuple has begun, and late copies come to it. */
void fst_twice_move(struct fst_twice *twice, uint32_t from, uint32_t to);

/** The connection has ended. */
void fst_twice_forget(struct fst_twice *twice, uint32_t number);

/** Make sure that what another one has can be taken over, with records from `base` on; false when
 *  memory is short. */
bool fst_twice_make_room(struct fst_twice *twice, const struct fst_twice *other, uint32_t base);

/** Take it over; `other` has nothing then. */
void fst_twice_absorb(struct fst_twice *twice, struct fst_twice *other, uint32_t base);

#endif
