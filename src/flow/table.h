/* SPDX-License-Identifier: MIT
 *
 * The table of connections: dense records in the order of first packets, in blocks that never move,
 * with their colder parts beside them.
 */
#ifndef FST_FLOW_TABLE_H
#define FST_FLOW_TABLE_H

#include "flow/dwell.h"
#include "flow/extra.h"
#include "flow/findings.h"
#include "flow/index.h"
#include "flow/key.h"
#include "flow/order.h"
#include "flow/pool.h"
#include "flow/record.h"
#include "flow/runs.h"
#include "flow/shed.h"
#include "flow/tale.h"
#include "flow/tally.h"
#include "flow/trie.h"
#include "tcp/observation.h"

#define FST_RECENT_MAX 4

/* Observations in side storage take 2 KiB each, and who sends can make any connection need one. */
#define FST_DETAILS_MOST 65536u

/* The whole observation of a 4-tuple that does not fit its record, and the connections it spans. */
struct fst_detail {
    struct fst_observation observation;
    uint16_t incarnation[FST_RECENT_MAX]; /* newest first; 0 is none */
    uint32_t record[FST_RECENT_MAX];
};

struct fst_path_log;

/* Memory for some blocks of records and their stories. */
struct fst_chunk {
    struct fst_record *records;
    struct fst_story *stories;
    uint32_t blocks;
};

#define FST_BLOCK_SHIFT 12
#define FST_BLOCK       (1u << FST_BLOCK_SHIFT) /* records */

struct fst_table {
    const struct fst_allocator *allocator;
    struct fst_key_secret secret;
    struct fst_index index[FST_PARTS_MOST]; /* by the part of the hash */
    uint32_t parts;                         /* of the index; a power of two */
    struct fst_findings findings;
    struct fst_trie paths, histories;
    struct fst_tales tales;
    struct fst_pool tallies; /* of struct fst_tally */
    struct fst_extras extras;
    struct fst_pool dwells; /* of struct fst_dwell */
    struct fst_chunk *chunks;
    struct fst_record **records; /* by block */
    struct fst_story **stories;
    struct fst_path_log *logs;  /* packets of paths, if they are kept; see path_log.h */
    struct fst_tenant *tenants; /* by record; only once records were used again */
    uint32_t count, limit, blocks, block_room, chunk_count;
    uint32_t holes;                   /* records among `count` that nobody ever was in */
    struct fst_runs runs;             /* places until ids are kept */
    uint32_t promised;                /* records that fst_table_promise() told of */
    uint32_t opened;                  /* connections ever: the newest id */
    struct fst_order order;           /* records by id; only once records were used again */
    uint32_t free_record, free_count; /* records without a connection, chained by `extra` */
    struct fst_shed shed;
    struct fst_detail **details;
    uint32_t detail_count, detail_room;
    uint32_t *free_details;
    uint32_t free_detail_count, free_detail_room;
};

bool fst_table_init(struct fst_table *table, const struct fst_allocator *allocator, uint32_t limit,
                    const struct fst_siphash_key *seed);
void fst_table_fini(struct fst_table *table);

static inline struct fst_record *fst_table_record(const struct fst_table *table, uint32_t number)
{
    return &table->records[number >> FST_BLOCK_SHIFT][number & (FST_BLOCK - 1)];
}

static inline struct fst_story *fst_table_story(const struct fst_table *table, uint32_t number)
{
    return &table->stories[number >> FST_BLOCK_SHIFT][number & (FST_BLOCK - 1)];
}

/** What few need of a record, to read. */
static inline const struct fst_extra *fst_table_extra(const struct fst_table *table,
                                                      const struct fst_record *record)
{
    return fst_extra_of(&table->extras, record);
}

static inline const struct fst_index *fst_table_index(const struct fst_table *table, uint32_t hash)
{
    return &table->index[hash & (table->parts - 1)];
}

uint32_t fst_table_id(struct fst_table *table, uint32_t number);

/** Connections have places in the order of their ids, without gaps until ids are kept. */
uint32_t fst_table_places(const struct fst_table *table);

/** The id of a place, and the record that had it: FST_NO_INDEX if another one has that now; or
 *  whoever has it, and whether that is still the same. */
uint32_t fst_table_id_at(const struct fst_table *table, uint32_t place);
uint32_t fst_table_at(struct fst_table *table, uint32_t place);
uint32_t fst_table_record_at(struct fst_table *table, uint32_t place);
bool fst_table_is_at(const struct fst_table *table, uint32_t place, uint32_t number);

/** The place of the smallest id that is at least `id`. */
uint32_t fst_table_place(const struct fst_table *table, uint32_t id);

/** The record of the smallest id that is at least `id`; FST_NO_INDEX past the
 *  last. */
uint32_t fst_table_at_least(struct fst_table *table, uint32_t id);

/** The record of just this id, or FST_NO_INDEX. */
uint32_t fst_table_number(struct fst_table *table, uint32_t id);

/** Connections in the table. */
uint32_t fst_table_alive(const struct fst_table *table);

/** The newest connection of a key, or FST_NO_INDEX. */
uint32_t fst_table_find(const struct fst_table *table, const struct fst_key *key, uint32_t hash);

/** Ask for the index slot, then for the record it names, ahead of use. */
void fst_table_prefetch_slot(const struct fst_table *table, uint32_t hash);

/** The second returns that record's number, FST_NO_INDEX if there is none: a guess, for other
 *  connections may share the hash, and until it is used the table may change. */
uint32_t fst_table_prefetch_record(const struct fst_table *table, uint32_t hash);

/** Ask for a record and its story. */
void fst_table_prefetch(const struct fst_table *table, uint32_t number);

/** The same of one that may leave, and who is in it. */
void fst_table_prefetch_leaving(const struct fst_table *table, uint32_t number);

/** The record of a guess if it holds, else NULL. */
struct fst_record *fst_table_newest(const struct fst_table *table, uint32_t guess,
                                    const struct fst_key *key);

/** Take a connection out and keep its record number for the next one. Ids must be kept. */
void fst_table_drop(struct fst_table *table, uint32_t number);

/** Ids follow from record numbers until a record is used twice; from now on they are kept, with
 * what else is wanted of a connection that is given up. False when memory is short. */
bool fst_table_keep_ids(struct fst_table *table);

/** Take a connection out without another to take its place. */
void fst_table_give_back(struct fst_table *table, uint32_t number);

/** Make sure that fst_table_open() with this hash and `reuse` has what it needs; false when memory
 * is short. Before a connection is given up: nothing is lost then. */
bool fst_table_reserve(struct fst_table *table, uint32_t hash, uint32_t reuse);

/* Memory that is not in use yet. */
struct fst_span {
    void *memory;
    size_t size;
};

/** Where the next records will lie that nobody has used, and their stories: a thread that has time
 *  may touch it, with fst_touch(), as long as the table is there. Each is told once, and at most
 * some MiB ahead. */
void fst_table_promise(struct fst_table *table, struct fst_span spans[2]);

/** The index is to tell of it no more: another connection of its 4-tuple follows. */
void fst_table_unlist(struct fst_table *table, uint32_t hash, uint32_t number);

/** Open a connection: a zeroed record with its key, in the index. `reuse` is the number of a
 * dropped one, or FST_NO_INDEX. Room must have been reserved. */
uint32_t fst_table_open(struct fst_table *table, const struct fst_key *key, uint32_t hash,
                        uint32_t reuse);

/** Side storage for an observation; FST_NO_INDEX when memory is short or all are in use. Contents
 *  undefined. */
uint32_t fst_table_add_detail(struct fst_table *table);
bool fst_table_details_full(const struct fst_table *table);
void fst_table_free_detail(struct fst_table *table, uint32_t detail);

/** Let a record have this detail, or none with FST_NO_INDEX. False when memory is short. */
bool fst_table_set_detail(struct fst_table *table, struct fst_record *record, uint32_t detail);

/* ---------------------------------------------------------------------------- absorb.c -- */

/** Take over the connections of other tables, each of which, like this one, has those of one part
 *  of all hashes and has never lost one. Ids become the places in the order of first packets.
 *  `others` are empty then. False, with nothing changed, when memory is short. */
bool fst_table_absorb(struct fst_table *table, struct fst_table *const *others, unsigned count);

/** Make sure that so many blocks, or details, can be listed; false when memory is short. */
bool fst_table_grow_lists(struct fst_table *table, uint32_t blocks);
bool fst_table_grow_details(struct fst_table *table, uint32_t details);

#endif
