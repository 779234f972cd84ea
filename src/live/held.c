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
    uint32_t comment_size;    /* with the NUL; 0 is none */
    struct fst_packet packet; /* its data follows, and the comment */
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
    fst_held_taker *squeezed;
    void *context;
};

struct fst_held *fst_held_new(size_t octets, fst_held_taker *squeezed, void *context)
{
    struct fst_held *held = calloc(1, sizeof(*held));

    if (!held)
        return NULL;
    held->squeezed = squeezed;
    held->context = context;
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

/** Hand out the packet at a place, whose record was loaded. */
static void hand_out(const struct fst_held *held, uint64_t place, struct record *record,
                     fst_held_taker *taker, void *context)
{
    const uint8_t *data = at(held, place) + sizeof(*record);

    record->packet.data = data;
    taker(context, record->connection, &record->packet,
          record->comment_size ? (const char *)data + record->packet.captured_len : NULL);
}

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
        if (record.next == NOWHERE) {
            if (held->squeezed)
                hand_out(held, held->begin, &record, held->squeezed, held->context);
            fst_held_forget(held, record.connection);
        }
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

/** Hang the record that is about to be stored at the end of its connection's chain. */
static bool append(struct fst_held *held, uint32_t connection)
{
    struct chain *chain = chain_of(held, connection);
    struct record before;

    if (!chain)
        chain = new_chain(held, connection);
    if (!chain)
        return false;
    if (chain->last == NOWHERE) {
        chain->first = held->end;
    } else {
        load(held, chain->last, &before);
        before.next = held->end;
        store(held, chain->last, &before);
    }
    chain->last = held->end;
    return true;
}

bool fst_held_add(struct fst_held *held, uint32_t connection, const struct fst_packet *packet,
                  const char *comment)
{
    size_t len = comment ? strlen(comment) + 1 : 0;
    size_t whole = sizeof(struct record) + packet->captured_len + len;
    struct record record = {.next = NOWHERE,
                            .connection = connection,
                            .comment_size = (uint32_t)len,
                            .packet = *packet};

    if (whole > held->size / 2) {
        fst_held_forget(held, connection);
        return false;
    }
    record.size = (uint32_t)((whole + UNIT - 1) / UNIT * UNIT);
    make_room(held, record.size);
    if (!append(held, connection))
        return false;
    store(held, held->end, &record);
    memcpy(at(held, held->end) + sizeof(record), packet->data, packet->captured_len);
    if (comment)
        memcpy(at(held, held->end) + sizeof(record) + packet->captured_len, comment, len);
    held->end += record.size;
    return true;
}

void fst_held_walk(const struct fst_held *held, uint32_t connection, fst_held_taker *taker,
                   void *context)
{
    const struct chain *chain = chain_of(held, connection);
    struct record record;

    for (uint64_t place = chain ? chain->first : NOWHERE; place != NOWHERE; place = record.next) {
        load(held, place, &record);
        hand_out(held, place, &record, taker, context);
    }
}

bool fst_held_newest(const struct fst_held *held, uint32_t connection, fst_held_taker *taker,
                     void *context)
{
    const struct chain *chain = chain_of(held, connection);
    struct record record;

    if (!chain || chain->last == NOWHERE)
        return false;
    load(held, chain->last, &record);
    hand_out(held, chain->last, &record, taker, context);
    return true;
}
