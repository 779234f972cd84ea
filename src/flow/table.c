/* SPDX-License-Identifier: MIT */
#include "flow/table.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "flow/pack.h"
#include "flow/path_log.h"

#define BLOCK_SHIFT 12
#define BLOCK       (1u << BLOCK_SHIFT)

/* A limit of one is exceeded by one when a connection takes another's place. */
#define IDS_ROOM(table) ((size_t)(table)->limit + 1)

/* Observations in side storage take 2 KiB each, and who sends can make any connection need one. */
#define DETAILS_MOST 65536u

bool fst_table_init(struct fst_table *table, const struct fst_allocator *allocator, uint32_t limit,
                    const uint8_t secret[16])
{
    memset(table, 0, sizeof(*table));
    table->allocator = allocator;
    table->limit = limit;
    table->free_record = FST_NO_INDEX;
    table->secret.low = (uint64_t)fst_le32(secret + 4) << 32 | fst_le32(secret);
    table->secret.high = (uint64_t)fst_le32(secret + 12) << 32 | fst_le32(secret + 8);
    fst_index_init(&table->index, allocator);
    fst_domains_init(&table->domains, allocator, table->secret.low ^ table->secret.high);
    fst_findings_init(&table->findings, allocator);
    fst_trie_init(&table->paths, allocator);
    fst_trie_init(&table->histories, allocator);
    fst_tallies_init(&table->tallies, allocator);
    return fst_index_reserve(&table->index);
}

void fst_table_fini(struct fst_table *table)
{
    uint32_t i;

    for (i = 0; i < table->blocks; i++) {
        fst_release(table->allocator, table->records[i], BLOCK * sizeof(struct fst_record));
        fst_release(table->allocator, table->stories[i], BLOCK * sizeof(struct fst_story));
    }
    fst_release(table->allocator, table->records, table->record_room * sizeof(table->records[0]));
    fst_release(table->allocator, table->stories, table->story_room * sizeof(table->stories[0]));
    fst_shed_fini(&table->shed, table->allocator);
    fst_release(table->allocator, table->ids, IDS_ROOM(table) * sizeof(table->ids[0]));
    fst_order_fini(&table->order, table->allocator);
    for (i = 0; i < table->detail_count; i++)
        fst_release(table->allocator, table->details[i], sizeof(struct fst_detail));
    fst_release(table->allocator, table->details, table->detail_room * sizeof(table->details[0]));
    fst_release(table->allocator, table->free_details,
                table->free_detail_room * sizeof(table->free_details[0]));
    fst_path_log_free(table->logs);
    fst_trie_fini(&table->paths);
    fst_trie_fini(&table->histories);
    fst_tallies_fini(&table->tallies);
    fst_findings_fini(&table->findings);
    fst_domains_fini(&table->domains);
    fst_index_fini(&table->index);
}

struct fst_record *fst_table_record(const struct fst_table *table, uint32_t number)
{
    return &table->records[number >> BLOCK_SHIFT][number & (BLOCK - 1)];
}

struct fst_story *fst_table_story(const struct fst_table *table, uint32_t number)
{
    return &table->stories[number >> BLOCK_SHIFT][number & (BLOCK - 1)];
}

uint32_t fst_table_id(const struct fst_table *table, uint32_t number)
{
    return table->ids ? table->ids[number] : number + 1;
}

uint32_t fst_table_at_least(const struct fst_table *table, uint32_t id)
{
    const struct fst_order *order = &table->order;
    uint32_t at;

    if (id == 0)
        id = 1;
    if (!table->ids)
        return id <= table->count ? id - 1 : FST_NO_INDEX;
    for (at = fst_order_at_least(order, id); at < order->count; at++)
        if (table->ids[order->entries[at].number] == order->entries[at].id)
            return order->entries[at].number;
    return FST_NO_INDEX;
}

uint32_t fst_table_number(const struct fst_table *table, uint32_t id)
{
    const struct fst_order *order = &table->order;
    uint32_t at;

    if (!table->ids)
        return id - 1 < table->count ? id - 1 : FST_NO_INDEX;
    at = fst_order_at_least(order, id);
    if (at == order->count || order->entries[at].id != id ||
        table->ids[order->entries[at].number] != id)
        return FST_NO_INDEX;
    return order->entries[at].number;
}

static bool same_key(const struct fst_record *record, const struct fst_key *key)
{
    return ((record->kind ^ key->kind) & FST_KIND_KEY) == 0 && record->port[0] == key->port[0] &&
           record->port[1] == key->port[1] &&
           memcmp(record->address, key->address, sizeof(key->address)) == 0;
}

uint32_t fst_table_find(const struct fst_table *table, const struct fst_key *key, uint64_t hash)
{
    const struct fst_index *index = &table->index;
    uint32_t at = fst_index_home(index, hash);
    uint64_t slot;

    for (; (slot = index->slots[at]) != 0; at = (at + 1) & index->mask) {
        uint32_t number = (uint32_t)slot - 1;

        if (slot >> 32 == hash >> 32 && same_key(fst_table_record(table, number), key))
            return number;
    }
    return FST_NO_INDEX;
}

void fst_table_prefetch_slot(const struct fst_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->index.slots[fst_index_home(&table->index, hash)]);
}

void fst_table_prefetch_record(const struct fst_table *table, uint64_t hash)
{
    uint64_t slot = table->index.slots[fst_index_home(&table->index, hash)];

    if (slot >> 32 == hash >> 32 && slot != 0) {
        const struct fst_record *record = fst_table_record(table, (uint32_t)slot - 1);

        __builtin_prefetch(record);
        __builtin_prefetch(record->end);
    }
}

/* ------------------------------------------------------------------------------ leaving -- */

static void forget_in_detail(struct fst_table *table, uint32_t number)
{
    struct fst_record *record = fst_table_record(table, number);
    struct fst_detail *detail;
    bool needed = false;
    unsigned i;

    if (record->detail == FST_NO_INDEX)
        return;
    detail = table->details[record->detail];
    for (i = 0; i < FST_RECENT_MAX; i++) {
        if (detail->incarnation[i] != 0 && detail->record[i] == number)
            detail->incarnation[i] = 0;
        needed = needed || detail->incarnation[i] != 0;
    }
    if (needed && !(record->kind & FST_KIND_OLD)) {
        /* The newest goes: its predecessors keep what they show. */
        for (i = 0; i < FST_RECENT_MAX; i++)
            if (detail->incarnation[i] != 0)
                fst_table_record(table, detail->record[i])->detail = FST_NO_INDEX;
        needed = false;
    }
    if (!needed)
        fst_table_free_detail(table, record->detail);
    record->detail = FST_NO_INDEX;
}

static void key_of_record(struct fst_key *key, const struct fst_record *record)
{
    memcpy(key->address, record->address, sizeof(key->address));
    key->port[0] = record->port[0];
    key->port[1] = record->port[1];
    key->kind = record->kind & FST_KIND_KEY;
}

void fst_table_drop(struct fst_table *table, uint32_t number)
{
    struct fst_record *record = fst_table_record(table, number);
    struct fst_key key;

    forget_in_detail(table, number);
    fst_findings_drop(&table->findings, &fst_table_story(table, number)->findings);
    fst_tally_drop(&table->tallies, &fst_table_story(table, number)->history);
    if (table->logs)
        fst_path_log_clear(table->logs, number);
    if (!(record->kind & FST_KIND_OLD)) {
        key_of_record(&key, record);
        fst_index_remove(&table->index, fst_key_hash(&key, &table->secret), number);
    }
    record->kind = 0;
}

void fst_table_give_back(struct fst_table *table, uint32_t number)
{
    fst_table_drop(table, number);
    table->ids[number] = 0;
    fst_table_record(table, number)->detail = table->free_record; /* the chain of unused ones */
    table->free_record = number;
    table->free_count++;
}

/* ------------------------------------------------------------------------------ opening -- */

static bool add_block(struct fst_table *table)
{
    if (table->blocks == table->record_room) {
        uint32_t room = table->record_room ? table->record_room * 2 : 16;
        struct fst_record **records =
            fst_resize(table->allocator, table->records, table->record_room * sizeof(records[0]),
                       room * sizeof(records[0]));

        if (!records)
            return false;
        table->records = records;
        table->record_room = room;
    }
    if (table->blocks == table->story_room) {
        uint32_t room = table->story_room ? table->story_room * 2 : 16;
        struct fst_story **stories =
            fst_resize(table->allocator, table->stories, table->story_room * sizeof(stories[0]),
                       room * sizeof(stories[0]));

        if (!stories)
            return false;
        table->stories = stories;
        table->story_room = room;
    }
    table->records[table->blocks] = fst_alloc(table->allocator, BLOCK * sizeof(struct fst_record));
    table->stories[table->blocks] = fst_alloc(table->allocator, BLOCK * sizeof(struct fst_story));
    if (!table->records[table->blocks] || !table->stories[table->blocks]) {
        fst_release(table->allocator, table->records[table->blocks],
                    BLOCK * sizeof(struct fst_record));
        fst_release(table->allocator, table->stories[table->blocks],
                    BLOCK * sizeof(struct fst_story));
        return false;
    }
    table->blocks++;
    return true;
}

bool fst_table_keep_ids(struct fst_table *table)
{
    uint32_t *ids, i;

    if (table->ids)
        return true;
    ids = fst_alloc(table->allocator, IDS_ROOM(table) * sizeof(ids[0]));
    if (!ids)
        return false;
    if (!fst_order_reserve(&table->order, table->allocator, ids, table->count,
                           &table->shed.oldest)) {
        fst_release(table->allocator, ids, IDS_ROOM(table) * sizeof(ids[0]));
        return false;
    }
    table->ids = ids;
    for (i = 0; i < table->count; i++) {
        ids[i] = i + 1;
        fst_order_append(&table->order, i + 1, i);
    }
    return true;
}

static uint32_t alive(const struct fst_table *table)
{
    return table->count - table->free_count;
}

bool fst_table_reserve(struct fst_table *table, uint32_t reuse)
{
    if (!fst_index_reserve(&table->index) || (reuse != FST_NO_INDEX && !fst_table_keep_ids(table)))
        return false;
    if (table->ids && !fst_order_reserve(&table->order, table->allocator, table->ids, alive(table),
                                         &table->shed.oldest))
        return false;
    if (reuse != FST_NO_INDEX || table->free_record != FST_NO_INDEX)
        return true;
    return table->count < table->blocks << BLOCK_SHIFT || add_block(table);
}

static uint32_t unused_record(struct fst_table *table)
{
    uint32_t number = table->free_record;

    if (number == FST_NO_INDEX)
        return table->count++;
    table->free_record = fst_table_record(table, number)->detail;
    table->free_count--;
    return number;
}

uint32_t fst_table_open(struct fst_table *table, const struct fst_key *key, uint64_t hash,
                        uint32_t reuse)
{
    uint32_t number = reuse == FST_NO_INDEX ? unused_record(table) : reuse;
    struct fst_record *record;
    struct fst_story *story;

    table->opened++;
    if (table->ids) {
        table->ids[number] = table->opened;
        fst_order_append(&table->order, table->opened, number);
    }
    record = fst_table_record(table, number);
    story = fst_table_story(table, number);
    memset(record, 0, sizeof(*record));
    memset(story, 0, sizeof(*story));
    memcpy(record->address, key->address, sizeof(record->address));
    record->port[0] = key->port[0];
    record->port[1] = key->port[1];
    record->kind = key->kind | FST_KIND_USED;
    record->detail = FST_NO_INDEX;
    story->findings = FST_NO_INDEX;
    story->handshake_us = UINT32_MAX;
    fst_index_add(&table->index, hash, number);
    return number;
}

/* -------------------------------------------------------------------------- side storage -- */

static bool more_details(struct fst_table *table)
{
    uint32_t room = table->detail_room ? table->detail_room * 2 : 16;
    struct fst_detail **details;
    uint32_t *free_details;

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
    return table->free_detail_count == 0 && table->detail_count == DETAILS_MOST;
}

uint32_t fst_table_add_detail(struct fst_table *table)
{
    if (table->free_detail_count > 0)
        return table->free_details[--table->free_detail_count];
    if (table->detail_count == DETAILS_MOST ||
        (table->detail_count == table->detail_room && !more_details(table)))
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
