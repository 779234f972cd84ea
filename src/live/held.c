/* SPDX-License-Identifier: MIT */
#include "live/held.h"

#include <stdlib.h>
#include <string.h>

#include "live/ids.h"

/* Places are counted on and on; where a place lies is its remainder. Nothing lies across the end of
 * the memory: what is left there is skipped by a record without a connection. */
#define NOWHERE UINT64_MAX

struct record {
    uint64_t next;            /* place of the connection's next packet, or NOWHERE */
    uint32_t size;            /* octets to the next record */
    uint32_t connection;      /* 0 is none */
    struct fst_packet packet; /* its data follows */
};

/* A whole number of the strictest alignment. */
#define UNIT 16u

struct chain {
    uint64_t first, last;
    uint32_t connection; /* or, of a free one, the next free one */
};

struct fst_held {
    uint8_t *octets;
    size_t size;
    uint64_t begin, end; /* places of the oldest record and of the next one */
    struct fst_ids ids;  /* to chains */
    struct chain *chains;
    uint32_t count, room, free;
};

struct fst_held *fst_held_new(size_t octets)
{
    struct fst_held *held = calloc(1, sizeof(*held));

    if (!held)
        return NULL;
    held->size = octets / UNIT * UNIT;
    held->octets = malloc(held->size);
    held->free = FST_IDS_NONE;
    if (!held->octets) {
        free(held);
        return NULL;
    }
    return held;
}

void fst_held_free(struct fst_held *held)
{
    if (!held)
        return;
    fst_ids_fini(&held->ids);
    free(held->chains);
    free(held->octets);
    free(held);
}

static uint8_t *at(const struct fst_held *held, uint64_t place)
{
    return held->octets + place % held->size;
}

/* Records are copied in and out: their places are aligned for nothing but octets. */
static void load(const struct fst_held *held, uint64_t place, struct record *record)
{
    memcpy(record, at(held, place), sizeof(*record));
}

static void store(struct fst_held *held, uint64_t place, const struct record *record)
{
    memcpy(at(held, place), record, sizeof(*record));
}

/* -------------------------------------------------------------------------------------- chains --
 */

static struct chain *chain_of(const struct fst_held *held, uint32_t connection)
{
    uint32_t number = fst_ids_find(&held->ids, connection);

    return number == FST_IDS_NONE ? NULL : &held->chains[number];
}

static bool grow_chains(struct fst_held *held)
{
    uint32_t room = held->room ? held->room * 2 : 256;
    struct chain *chains = realloc(held->chains, room * sizeof(*chains));

    if (!chains)
        return false;
    held->chains = chains;
    held->room = room;
    return true;
}

static struct chain *new_chain(struct fst_held *held, uint32_t connection)
{
    uint32_t number = held->free;

    if (number == FST_IDS_NONE && held->count == held->room && !grow_chains(held))
        return NULL;
    if (number == FST_IDS_NONE)
        number = held->count;
    if (!fst_ids_add(&held->ids, connection, number))
        return NULL;
    if (number == held->count)
        held->count++;
    else
        held->free = held->chains[number].connection;
    held->chains[number] = (struct chain){NOWHERE, NOWHERE, connection};
    return &held->chains[number];
}

void fst_held_forget(struct fst_held *held, uint32_t connection)
{
    uint32_t number = fst_ids_find(&held->ids, connection);

    if (number == FST_IDS_NONE)
        return;
    fst_ids_remove(&held->ids, connection); /* its records are skipped when their time comes */
    held->chains[number].connection = held->free;
    held->free = number;
}

/* ------------------------------------------------------------------------------------- packets --
 */

static void drop_oldest(struct fst_held *held)
{
    size_t to_end = held->size - held->begin % held->size;
    struct chain *chain;
    struct record record;

    if (to_end < sizeof(record)) { /* too little for a record: skipped */
        held->begin += to_end;
        return;
    }
    load(held, held->begin, &record);
    chain = record.connection ? chain_of(held, record.connection) : NULL;
    if (chain && chain->first == held->begin) {
        chain->first = record.next;
        if (record.next == NOWHERE)
            fst_held_forget(held, record.connection);
    }
    held->begin += record.size;
}

/** Make room for a record of so many octets in one piece. */
static void make_room(struct fst_held *held, uint32_t size)
{
    size_t to_end = held->size - held->end % held->size;

    if (to_end < size) {
        while (held->end + to_end - held->begin > held->size)
            drop_oldest(held);
        if (to_end >= sizeof(struct record))
            store(held, held->end, &(struct record){.size = (uint32_t)to_end});
        held->end += to_end;
    }
    while (held->end + size - held->begin > held->size)
        drop_oldest(held);
}

void fst_held_add(struct fst_held *held, uint32_t connection, const struct fst_packet *packet)
{
    size_t whole = sizeof(struct record) + packet->captured_len;
    struct record record = {.next = NOWHERE, .connection = connection, .packet = *packet};
    struct chain *chain;

    record.size = (uint32_t)((whole + UNIT - 1) / UNIT * UNIT);
    if (whole > held->size / 2)
        return;
    make_room(held, record.size);
    chain = chain_of(held, connection);
    if (!chain)
        chain = new_chain(held, connection);
    if (!chain)
        return;
    if (chain->last == NOWHERE) {
        chain->first = held->end;
    } else {
        struct record before;

        load(held, chain->last, &before);
        before.next = held->end;
        store(held, chain->last, &before);
    }
    chain->last = held->end;
    store(held, held->end, &record);
    memcpy(at(held, held->end) + sizeof(record), packet->data, packet->captured_len);
    held->end += record.size;
}

void fst_held_walk(const struct fst_held *held, uint32_t connection,
                   void (*each)(void *context, const struct fst_packet *packet), void *context)
{
    const struct chain *chain = chain_of(held, connection);
    struct record record;

    for (uint64_t place = chain ? chain->first : NOWHERE; place != NOWHERE; place = record.next) {
        load(held, place, &record);
        record.packet.data = at(held, place) + sizeof(record);
        each(context, &record.packet);
    }
}
