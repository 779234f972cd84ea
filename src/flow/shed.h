/* SPDX-License-Identifier: MIT
 *
 * Which connection to give up when there is no room for another one: those that are over, then
 * those that are opening, the oldest first, then others.
 */
#ifndef FST_FLOW_SHED_H
#define FST_FLOW_SHED_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/pack.h"
#include "flow/record.h"
#include "tcp/states.h"

/* What a connection is worth, the least first. */
enum fst_value { FST_VALUE_OVER, FST_VALUE_OPENING, FST_VALUE_CLOSING, FST_VALUE_ESTABLISHED };

static inline unsigned fst_record_value(const struct fst_record *record)
{
    enum fst_state one = fst_end_state(&record->end[0]), two = fst_end_state(&record->end[1]);
    fst_state_set both = (fst_state_set)(FST_SET(one) | FST_SET(two));

    if (record->kind & FST_KIND_OLD)
        return FST_VALUE_OVER;
    if ((both & ~(FST_SET_GONE | FST_SET(FST_TIME_WAIT))) == 0)
        return FST_VALUE_OVER;
    if (both & (FST_SET_NO_SYN | FST_SET(FST_SYN_RECEIVED)))
        return FST_VALUE_OPENING;
    return fst_set_has(both, FST_ESTABLISHED) ? FST_VALUE_ESTABLISHED : FST_VALUE_CLOSING;
}

struct fst_table;

struct fst_shed {
    uint32_t *over;      /* ring of records in the order in which they became over */
    uint32_t room;       /* of the ring; a power of two, 0 until the table was full once */
    uint32_t head, tail; /* counted on, not wrapped */
    uint32_t oldest;     /* place in the order of ids before which nothing is opening */
    uint32_t hand;       /* the id with which the search among all others goes on */
};

void fst_shed_fini(struct fst_shed *shed, const struct fst_allocator *allocator);

/** Say that a segment may have ended the connection in this record. Costs nothing while the table
 *  was never full. */
void fst_shed_note(struct fst_table *table, uint32_t number);

/** Which record to give up for a new one, but not `keep` (FST_NO_INDEX: any will do); FST_NO_INDEX
 *  while there is room, or if there is only `keep`. False when memory is too short to tell. */
bool fst_table_victim(struct fst_table *table, uint32_t keep, uint32_t *victim);

#endif
