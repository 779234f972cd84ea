/* SPDX-License-Identifier: MIT */
#include "flow/table.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "flow/pack.h"
#include "flow/path_log.h"
#include "flow/telling.h"

/* Chunks grow with the table up to so many blocks: 16 MiB of records. */
#define CHUNK_BLOCKS_MOST 32u

/* As many records are promised ahead of their use: 4 MiB. */
#define PROMISE (8u * FST_BLOCK)

/* A limit of one is exceeded by one when a connection takes another's place. */
#define TENANTS_ROOM(table) ((size_t)(table)->limit + (table)->holes + 1)

bool fst_table_init(struct fst_table *table, const struct fst_allocator *allocator, uint32_t limit,
                    const struct fst_siphash_key *seed)
{
    memset(table, 0, sizeof(*table));
    table->allocator = allocator;
    table->limit = limit;
    table->free_record = FST_NO_INDEX;
    fst_key_secret_init(&table->secret, seed);
    table->parts = 1;
    fst_index_init(&table->index[0], allocator);
    fst_findings_init(&table->findings, allocator);
    fst_trie_init(&table->paths, allocator);
    fst_trie_init(&table->histories, allocator);
    fst_tales_init(&table->tales, allocator);
    fst_pool_init(&table->tallies, allocator, sizeof(struct fst_tally), FST_TALLIES_MOST);
    fst_pool_init(&table->dwells, allocator, sizeof(struct fst_dwell), FST_DWELLS_MOST);
    fst_extras_init(&table->extras, allocator);
    return fst_index_reserve(&table->index[0]);
}

static void free_chunk(struct fst_table *table, const struct fst_chunk *chunk)
{
    size_t records = (size_t)chunk->blocks << FST_BLOCK_SHIFT;

    fst_release_lines(table->allocator, chunk->records, records * sizeof(struct fst_record));
    fst_release_lines(table->allocator, chunk->stories, records * sizeof(struct fst_story));
}

void fst_table_fini(struct fst_table *table)
{
    uint32_t i;

    for (i = 0; i < table->chunk_count; i++)
        free_chunk(table, &table->chunks[i]);
    fst_release(table->allocator, table->chunks, table->block_room * sizeof(table->chunks[0]));
    fst_release(table->allocator, table->records, table->block_room * sizeof(table->records[0]));
    fst_release(table->allocator, table->stories, table->block_room * sizeof(table->stories[0]));
    fst_shed_fini(&table->shed, table->allocator);
    fst_release(table->allocator, table->tenants, TENANTS_ROOM(table) * sizeof(table->tenants[0]));
    fst_order_fini(&table->order, table->allocator);
    for (i = 0; i < table->detail_count; i++)
        fst_release(table->allocator, table->details[i], sizeof(struct fst_detail));
    fst_release(table->allocator, table->details, table->detail_room * sizeof(table->details[0]));
    fst_release(table->allocator, table->free_details,
                table->free_detail_room * sizeof(table->free_details[0]));
    fst_path_log_free(table->logs);
    fst_trie_fini(&table->paths);
    fst_trie_fini(&table->histories);
    fst_tales_fini(&table->tales);
    fst_pool_fini(&table->tallies);
    fst_pool_fini(&table->dwells);
    fst_extras_fini(&table->extras);
    fst_findings_fini(&table->findings);
    for (i = 0; i < table->parts; i++)
        fst_index_fini(&table->index[i]);
}

uint32_t fst_table_id(struct fst_table *table, uint32_t number)
{
    if (table->tenants)
        return table->tenants[number].id;
    return (table->runs.count > 0 ? fst_runs_place(table, number) : number) + 1;
}

uint32_t fst_table_places(const struct fst_table *table)
{
    return table->tenants ? table->order.count : table->count - table->holes;
}

uint32_t fst_table_id_at(const struct fst_table *table, uint32_t place)
{
    return table->tenants ? table->order.entries[place].id : place + 1;
}

uint32_t fst_table_record_at(struct fst_table *table, uint32_t place)
{
    if (table->tenants)
        return table->order.entries[place].number;
    return table->runs.count > 0 ? fst_runs_number(table, place) : place;
}

bool fst_table_is_at(const struct fst_table *table, uint32_t place, uint32_t number)
{
    return !table->tenants || table->tenants[number].id == table->order.entries[place].id;
}

uint32_t fst_table_at(struct fst_table *table, uint32_t place)
{
    uint32_t number = fst_table_record_at(table, place);

    return fst_table_is_at(table, place, number) ? number : FST_NO_INDEX;
}

uint32_t fst_table_place(const struct fst_table *table, uint32_t id)
{
    if (table->tenants)
        return fst_order_at_least(&table->order, id);
    return id == 0 ? 0 : id - 1;
}

uint32_t fst_table_at_least(struct fst_table *table, uint32_t id)
{
    uint32_t place = fst_table_place(table, id);

    for (; place < fst_table_places(table); place++)
        if (fst_table_at(table, place) != FST_NO_INDEX)
            return fst_table_at(table, place);
    return FST_NO_INDEX;
}

uint32_t fst_table_number(struct fst_table *table, uint32_t id)
{
    const struct fst_order *order = &table->order;
    uint32_t at;

    if (!table->tenants)
        return id - 1 < fst_table_places(table) ? fst_table_record_at(table, id - 1) : FST_NO_INDEX;
    at = fst_order_at_least(order, id);
    if (at == order->count || order->entries[at].id != id ||
        table->tenants[order->entries[at].number].id != id)
        return FST_NO_INDEX;
    return order->entries[at].number;
}

static uint64_t word(const uint8_t *octets)
{
    uint64_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

static bool same_key(const struct fst_record *record, const struct fst_key *key)
{
    const uint8_t *one = record->address[0], *other = key->address[0];
    uint64_t differ = (word(one) ^ word(other)) | (word(one + 8) ^ word(other + 8)) |
                      (word(one + 16) ^ word(other + 16)) | (word(one + 24) ^ word(other + 24));

    differ |= (uint64_t)(record->port[0] ^ key->port[0]) | (record->port[1] ^ key->port[1]);
    return (differ | ((record->kind ^ key->kind) & FST_KIND_KEY)) == 0;
}

uint32_t fst_table_find(const struct fst_table *table, const struct fst_key *key, uint32_t hash)
{
    const struct fst_index *index = fst_table_index(table, hash);

    for (size_t at = fst_index_first(index, hash); fst_index_is_match(index->slots[at], hash);
         at++) {
        uint32_t number = (uint32_t)index->slots[at] - 1;

        if (same_key(fst_table_record(table, number), key))
            return number;
    }
    return FST_NO_INDEX;
}

void fst_table_prefetch_slot(const struct fst_table *table, uint32_t hash)
{
    const struct fst_index *index = fst_table_index(table, hash);
    const uint64_t *home = &index->slots[fst_index_home(index, hash)];

    __builtin_prefetch(home);
    __builtin_prefetch(home + 2 * FST_INDEX_STRIDE - 1); /* entering or taking out moves others */
}

void fst_table_prefetch(const struct fst_table *table, uint32_t number)
{
    const struct fst_record *record = fst_table_record(table, number);
    const struct fst_story *story = fst_table_story(table, number);

    __builtin_prefetch(record);
    __builtin_prefetch(record->end);
    __builtin_prefetch(story);
    __builtin_prefetch((const uint8_t *)(story + 1) - 1); /* it may lie in two lines */
}

void fst_table_prefetch_leaving(const struct fst_table *table, uint32_t number)
{
    fst_table_prefetch(table, number);
    if (table->tenants)
        __builtin_prefetch(&table->tenants[number]);
}

uint32_t fst_table_prefetch_record(const struct fst_table *table, uint32_t hash)
{
    const struct fst_index *index = fst_table_index(table, hash);
    uint64_t slot = index->slots[fst_index_first(index, hash)];

    if (!fst_index_is_match(slot, hash))
        return FST_NO_INDEX;
    fst_table_prefetch(table, (uint32_t)slot - 1);
    return (uint32_t)slot - 1;
}

struct fst_record *fst_table_newest(const struct fst_table *table, uint32_t guess,
                                    const struct fst_key *key)
{
    struct fst_record *record;

    if (guess >= table->count)
        return NULL;
    record = fst_table_record(table, guess);
    return (record->kind & (FST_KIND_USED | FST_KIND_OLD)) == FST_KIND_USED && same_key(record, key)
               ? record
               : NULL;
}

/* ------------------------------------------------------------------------------ leaving -- */

static void forget_in_detail(struct fst_table *table, uint32_t number)
{
    struct fst_record *record = fst_table_record(table, number);
    uint32_t index = fst_table_extra(table, record)->detail;
    struct fst_detail *detail;
    bool needed = false;
    unsigned i;

    if (index == FST_NO_INDEX)
        return;
    detail = table->details[index];
    for (i = 0; i < FST_RECENT_MAX; i++) {
        if (detail->incarnation[i] != 0 && detail->record[i] == number)
            detail->incarnation[i] = 0;
        needed = needed || detail->incarnation[i] != 0;
    }
    if (needed && !(record->kind & FST_KIND_OLD)) {
        /* The newest goes: its predecessors keep what they show. */
        for (i = 0; i < FST_RECENT_MAX; i++)
            if (detail->incarnation[i] != 0)
                (void)fst_table_set_detail(table, fst_table_record(table, detail->record[i]),
                                           FST_NO_INDEX);
        needed = false;
    }
    if (!needed)
        fst_table_free_detail(table, index);
    (void)fst_table_set_detail(table, record, FST_NO_INDEX);
}

/* What stands in side storage. */
static void forget_extra(struct fst_table *table, struct fst_record *record)
{
    struct fst_extra *extra = fst_extra_add(&table->extras, record);

    fst_findings_drop(&table->findings, &extra->findings);
    if (extra->dwell != FST_NO_INDEX)
        fst_pool_give_back(&table->dwells, extra->dwell);
    fst_extra_drop(&table->extras, record);
}

static struct fst_index *index_of(struct fst_table *table, uint32_t hash)
{
    return &table->index[hash & (table->parts - 1)];
}

void fst_table_unlist(struct fst_table *table, uint32_t hash, uint32_t number)
{
    fst_index_remove(index_of(table, hash), hash, number);
}

void fst_table_drop(struct fst_table *table, uint32_t number)
{
    struct fst_record *record = fst_table_record(table, number);

    if (record->extra != FST_NO_INDEX) {
        forget_in_detail(table, number);
        forget_extra(table, record);
    }
    fst_telling_drop(table, fst_table_story(table, number));
    if (table->logs)
        fst_path_log_clear(table->logs, number);
    if (!(record->kind & FST_KIND_OLD))
        fst_table_unlist(table, table->tenants[number].hash, number);
    record->kind = 0;
}

void fst_table_give_back(struct fst_table *table, uint32_t number)
{
    fst_table_drop(table, number);
    table->tenants[number].id = 0;
    fst_table_record(table, number)->extra = table->free_record; /* the chain of unused ones */
    table->free_record = number;
    table->free_count++;
}

/* ------------------------------------------------------------------------------ opening -- */

bool fst_table_grow_lists(struct fst_table *table, uint32_t needed)
{
    uint32_t old = table->block_room, room = old ? old : 16;
    struct fst_record **records;
    struct fst_story **stories;
    struct fst_chunk *chunks;

    if (needed <= old)
        return true;
    while (room < needed)
        room *= 2;
    records = fst_alloc(table->allocator, room * sizeof(records[0]));
    stories = fst_alloc(table->allocator, room * sizeof(stories[0]));
    chunks = fst_alloc(table->allocator, room * sizeof(chunks[0]));
    if (!records || !stories || !chunks) {
        fst_release(table->allocator, records, room * sizeof(records[0]));
        fst_release(table->allocator, stories, room * sizeof(stories[0]));
        fst_release(table->allocator, chunks, room * sizeof(chunks[0]));
        return false;
    }
    if (old > 0) {
        memcpy(records, table->records, old * sizeof(records[0]));
        memcpy(stories, table->stories, old * sizeof(stories[0]));
        memcpy(chunks, table->chunks, old * sizeof(chunks[0]));
    }
    fst_release(table->allocator, table->records, old * sizeof(records[0]));
    fst_release(table->allocator, table->stories, old * sizeof(stories[0]));
    fst_release(table->allocator, table->chunks, old * sizeof(chunks[0]));
    table->records = records;
    table->stories = stories;
    table->chunks = chunks;
    table->block_room = room;
    return true;
}

/* As many blocks as there are, up to a limit: memory that is not touched costs nothing. */
static uint32_t chunk_blocks(const struct fst_table *table)
{
    uint32_t most = (uint32_t)((TENANTS_ROOM(table) + FST_BLOCK - 1) >> FST_BLOCK_SHIFT);
    uint32_t blocks = table->blocks ? table->blocks : 1;

    if (blocks > CHUNK_BLOCKS_MOST)
        blocks = CHUNK_BLOCKS_MOST;
    if (table->blocks >= most) /* absorbed ones are enough */
        return 0;
    return most - table->blocks < blocks ? most - table->blocks : blocks;
}

static bool add_chunk(struct fst_table *table)
{
    struct fst_chunk chunk = {.blocks = chunk_blocks(table)};
    size_t records = (size_t)chunk.blocks << FST_BLOCK_SHIFT;
    uint32_t i;

    if (records == 0 || !fst_table_grow_lists(table, table->blocks + chunk.blocks))
        return false;
    chunk.records = fst_alloc_lines(table->allocator, records * sizeof(chunk.records[0]));
    chunk.stories = fst_alloc_lines(table->allocator, records * sizeof(chunk.stories[0]));
    if (!chunk.records || !chunk.stories) {
        free_chunk(table, &chunk);
        return false;
    }
    for (i = 0; i < chunk.blocks; i++, table->blocks++) {
        table->records[table->blocks] = chunk.records + ((size_t)i << FST_BLOCK_SHIFT);
        table->stories[table->blocks] = chunk.stories + ((size_t)i << FST_BLOCK_SHIFT);
    }
    table->chunks[table->chunk_count++] = chunk;
    return true;
}

void fst_table_promise(struct fst_table *table, struct fst_span spans[2])
{
    uint32_t first = table->promised > table->count ? table->promised : table->count, n;

    memset(spans, 0, 2 * sizeof(spans[0]));
    if (first - table->count >= PROMISE)
        return;
    /* Without memory for it nothing is promised, nor lost. */
    if (first == table->blocks << FST_BLOCK_SHIFT &&
        (first >= table->limit + table->holes || !add_chunk(table)))
        return;
    n = FST_BLOCK - (first & (FST_BLOCK - 1));
    spans[0] = (struct fst_span){fst_table_record(table, first), n * sizeof(struct fst_record)};
    spans[1] = (struct fst_span){fst_table_story(table, first), n * sizeof(struct fst_story)};
    table->promised = first + n;
}

uint32_t fst_table_alive(const struct fst_table *table)
{
    return table->count - table->holes - table->free_count;
}

/* Older connections of a 4-tuple are not in the index: nothing asks for their hashes. */
static void note_hashes(const struct fst_index *index, struct fst_tenant *tenants)
{
    for (size_t at = 0; at < fst_index_slots(index); at++)
        if (index->slots[at] != 0)
            tenants[(uint32_t)index->slots[at] - 1].hash = (uint32_t)(index->slots[at] >> 32);
}

bool fst_table_keep_ids(struct fst_table *table)
{
    struct fst_tenant *tenants;
    uint32_t i;

    if (table->tenants)
        return true;
    tenants = fst_alloc(table->allocator, TENANTS_ROOM(table) * sizeof(tenants[0]));
    if (!tenants)
        return false;
    if (!fst_order_reserve(&table->order, table->allocator, tenants, fst_table_places(table),
                           &table->shed.oldest)) {
        fst_release(table->allocator, tenants, TENANTS_ROOM(table) * sizeof(tenants[0]));
        return false;
    }
    for (i = 0; i < fst_table_places(table); i++) {
        uint32_t number = fst_table_record_at(table, i);

        tenants[number].id = i + 1;
        fst_order_append(&table->order, i + 1, number);
    }
    table->tenants = tenants;
    for (i = 0; i < table->parts; i++)
        note_hashes(&table->index[i], tenants);
    return true;
}

bool fst_table_reserve(struct fst_table *table, uint32_t hash, uint32_t reuse)
{
    if (!fst_index_reserve(index_of(table, hash)) ||
        (reuse != FST_NO_INDEX && !fst_table_keep_ids(table)))
        return false;
    if (table->tenants && !fst_order_reserve(&table->order, table->allocator, table->tenants,
                                             fst_table_alive(table), &table->shed.oldest))
        return false;
    if (reuse != FST_NO_INDEX || table->free_record != FST_NO_INDEX)
        return true;
    return table->count < table->blocks << FST_BLOCK_SHIFT || add_chunk(table);
}

static uint32_t unused_record(struct fst_table *table)
{
    uint32_t number = table->free_record;

    if (number == FST_NO_INDEX)
        return table->count++;
    table->free_record = fst_table_record(table, number)->extra;
    table->free_count--;
    return number;
}

/* In two parts: for a whole record compilers use an instruction that takes long to start. */
static void clear(struct fst_record *record)
{
    memset(record, 0, offsetof(struct fst_record, end));
    memset(record->end, 0, sizeof(record->end));
}

uint32_t fst_table_open(struct fst_table *table, const struct fst_key *key, uint32_t hash,
                        uint32_t reuse)
{
    uint32_t number = reuse == FST_NO_INDEX ? unused_record(table) : reuse;
    struct fst_record *record = fst_table_record(table, number);
    struct fst_story *story = fst_table_story(table, number);

    table->opened++;
    if (table->tenants) {
        table->tenants[number] = (struct fst_tenant){table->opened, hash};
        fst_order_append(&table->order, table->opened, number);
    }
    clear(record);
    memcpy(record->address, key->address, sizeof(record->address));
    record->port[0] = key->port[0];
    record->port[1] = key->port[1];
    record->kind = key->kind | FST_KIND_USED;
    record->extra = FST_NO_INDEX;
    *story = (struct fst_story){.handshake_us = UINT32_MAX};
    fst_index_add(index_of(table, hash), hash, number);
    return number;
}

/* -------------------------------------------------------------------------- side storage -- */

bool fst_table_grow_details(struct fst_table *table, uint32_t wanted)
{
    uint32_t room = table->detail_room ? table->detail_room : 16;
    struct fst_detail **details;
    uint32_t *free_details;

    if (wanted <= table->detail_room)
        return true;
    while (room < wanted)
        room *= 2;
    if (table->free_detail_room < room) { /* else there was no memory for the other one before */
        free_details = fst_resize(table->allocator, table->free_details,
                                  table->free_detail_room * sizeof(free_details[0]),
                                  room * sizeof(free_details[0]));
        if (!free_details)
            return false;
        table->free_details = free_details;
        table->free_detail_room = room;
    }
    details = fst_resize(table->allocator, table->details, table->detail_room * sizeof(details[0]),
                         room * sizeof(details[0]));
    if (!details)
        return false;
    table->details = details;
    table->detail_room = room;
    return true;
}

bool fst_table_details_full(const struct fst_table *table)
{
    return table->free_detail_count == 0 && table->detail_count == FST_DETAILS_MOST;
}

uint32_t fst_table_add_detail(struct fst_table *table)
{
    if (table->free_detail_count > 0)
        return table->free_details[--table->free_detail_count];
    if (table->detail_count == FST_DETAILS_MOST ||
        !fst_table_grow_details(table, table->detail_count + 1))
        return FST_NO_INDEX;
    table->details[table->detail_count] = fst_alloc(table->allocator, sizeof(struct fst_detail));
    if (!table->details[table->detail_count])
        return FST_NO_INDEX;
    return table->detail_count++;
}

void fst_table_free_detail(struct fst_table *table, uint32_t detail)
{
    table->free_details[table->free_detail_count++] = detail;
}

bool fst_table_set_detail(struct fst_table *table, struct fst_record *record, uint32_t detail)
{
    struct fst_extra *extra;

    if (detail == FST_NO_INDEX && !(record->kind & FST_KIND_DETAIL))
        return true;
    extra = fst_extra_add(&table->extras, record);
    if (!extra)
        return false;
    extra->detail = detail;
    if (detail == FST_NO_INDEX)
        record->kind &= ~FST_KIND_DETAIL;
    else
        record->kind |= FST_KIND_DETAIL;
    return true;
}
