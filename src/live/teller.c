/* SPDX-License-Identifier: MIT */
#include "live/teller.h"

#include <stdlib.h>

#include "live/ids.h"

#define NONE UINT32_MAX

struct entry {
    uint32_t id;          /* 0: a free one, and `first` is the next of these */
    uint32_t seq;         /* of the last record told, 0 for none */
    uint32_t first, last; /* findings to tell */
    int64_t told_ns;      /* the connection's last packet then */
    bool changed;         /* it is in the list of those to tell of */
};

struct pending {
    struct fst_finding finding;
    uint32_t next;
};

struct fst_teller {
    int64_t interval_ns;
    struct fst_ids ids; /* to entries */
    struct entry *entries;
    uint32_t count, room, free;
    uint32_t hand; /* where the next sweep begins */
    uint32_t *changed;
    size_t changed_count, changed_room;
    struct pending *pending;
    size_t pending_count, pending_room;
    struct fst_connection_view view;
    bool failed;
};

struct fst_teller *fst_teller_new(int64_t interval_ns)
{
    struct fst_teller *teller = calloc(1, sizeof(*teller));

    if (!teller)
        return NULL;
    teller->interval_ns = interval_ns;
    teller->free = NONE;
    return teller;
}

void fst_teller_free(struct fst_teller *teller)
{
    if (!teller)
        return;
    fst_ids_fini(&teller->ids);
    free(teller->entries);
    free(teller->changed);
    free(teller->pending);
    free(teller);
}

/** Room for one more element. @return false, remembered, when memory is short. */
static bool reserve(struct fst_teller *teller, void **list, size_t *room, size_t count, size_t size)
{
    size_t more = *room ? *room * 2 : 64;
    void *grown;

    if (count < *room)
        return true;
    grown = realloc(*list, more * size);
    teller->failed |= !grown;
    if (!grown)
        return false;
    *list = grown;
    *room = more;
    return true;
}

/* ------------------------------------------------------------------------------------- entries --
 */

static struct entry *find(const struct fst_teller *teller, uint32_t id)
{
    uint32_t number = fst_ids_find(&teller->ids, id);

    return number == FST_IDS_NONE ? NULL : &teller->entries[number];
}

static bool reserve_entry(struct fst_teller *teller)
{
    void *list = teller->entries;
    size_t room = teller->room;
    bool good = reserve(teller, &list, &room, teller->count, sizeof(*teller->entries));

    teller->entries = list;
    teller->room = (uint32_t)room;
    return good;
}

static struct entry *add(struct fst_teller *teller, uint32_t id)
{
    uint32_t number = teller->free;

    if (number == NONE && !reserve_entry(teller))
        return NULL;
    if (number == NONE)
        number = teller->count;
    if (!fst_ids_add(&teller->ids, id, number)) {
        teller->failed = true;
        return NULL;
    }
    if (number == teller->count)
        teller->count++;
    else
        teller->free = teller->entries[number].first;
    teller->entries[number] = (struct entry){.id = id, .first = NONE, .last = NONE};
    return &teller->entries[number];
}

static void drop(struct fst_teller *teller, uint32_t id)
{
    uint32_t number = fst_ids_find(&teller->ids, id);

    if (number == FST_IDS_NONE)
        return;
    fst_ids_remove(&teller->ids, id);
    teller->entries[number] = (struct entry){.first = teller->free, .last = NONE};
    teller->free = number;
}

static void list_changed(struct fst_teller *teller, struct entry *entry)
{
    void *list = teller->changed;

    if (entry->changed || !reserve(teller, &list, &teller->changed_room, teller->changed_count,
                                   sizeof(*teller->changed)))
        return;
    teller->changed = list;
    teller->changed[teller->changed_count++] = entry->id;
    entry->changed = true;
}

/* -------------------------------------------------------------------------------------- booking --
 */

static struct entry *find_or_add(struct fst_teller *teller, uint32_t id)
{
    struct entry *entry = find(teller, id);

    return entry ? entry : add(teller, id);
}

void fst_teller_changed(struct fst_teller *teller, uint32_t id)
{
    struct entry *entry = find_or_add(teller, id);

    if (entry)
        list_changed(teller, entry);
}

void fst_teller_finding(struct fst_teller *teller, const struct fst_finding *finding)
{
    struct entry *entry;
    void *list = teller->pending;
    uint32_t number = (uint32_t)teller->pending_count;

    if (finding->repeats > 0) /* only counted by the analyzer as well */
        return;
    entry = find_or_add(teller, finding->connection);
    if (!entry || !reserve(teller, &list, &teller->pending_room, teller->pending_count,
                           sizeof(*teller->pending)))
        return;
    teller->pending = list;
    teller->pending[teller->pending_count++] = (struct pending){*finding, NONE};
    if (entry->last == NONE)
        entry->first = number;
    else
        teller->pending[entry->last].next = number;
    entry->last = number;
}

/* ------------------------------------------------------------------------------------- telling --
 */

static void tell(struct fst_teller *teller, struct entry *entry, enum fst_flow_event event,
                 const struct fst_connection_view *view, const struct fst_teller_reader *reader)
{
    entry->told_ns = view->ts_last;
    reader->flow(reader->context, event, view, ++entry->seq);
    for (uint32_t i = entry->first; i != NONE; i = teller->pending[i].next)
        reader->finding(reader->context, view, &teller->pending[i].finding);
    entry->first = entry->last = NONE;
}

void fst_teller_flush(struct fst_teller *teller, struct fst_analyzer *analyzer,
                      const struct fst_teller_reader *reader)
{
    for (size_t i = 0; i < teller->changed_count; i++) {
        struct entry *entry = find(teller, teller->changed[i]);

        if (!entry) /* it has left since */
            continue;
        entry->changed = false;
        if (fst_analyzer_connection(analyzer, entry->id, &teller->view) == 0)
            tell(teller, entry, entry->seq == 0 ? FST_FLOW_START : FST_FLOW_UPDATE, &teller->view,
                 reader);
    }
    teller->changed_count = 0;
    teller->pending_count = 0;
}

void fst_teller_ended(struct fst_teller *teller, const struct fst_connection_view *view,
                      const struct fst_teller_reader *reader)
{
    struct entry *entry = find_or_add(teller, view->id);

    if (!entry)
        return;
    if (entry->seq == 0 || entry->first != NONE)
        tell(teller, entry, entry->seq == 0 ? FST_FLOW_START : FST_FLOW_UPDATE, view, reader);
    tell(teller, entry, FST_FLOW_END, view, reader);
    drop(teller, view->id);
}

void fst_teller_sweep(struct fst_teller *teller, struct fst_analyzer *analyzer, uint32_t parts)
{
    for (uint32_t left = teller->count / parts + 1; left > 0 && teller->count > 0; left--) {
        struct fst_connection_brief brief;
        struct entry *entry;

        teller->hand = teller->hand < teller->count ? teller->hand : 0;
        entry = &teller->entries[teller->hand++];
        if (entry->id != 0 && fst_analyzer_brief(analyzer, entry->id, &brief) == 0 &&
            brief.ts_last - entry->told_ns >= teller->interval_ns)
            list_changed(teller, entry);
    }
}

size_t fst_teller_waiting(const struct fst_teller *teller)
{
    return teller->pending_count;
}

bool fst_teller_failed(const struct fst_teller *teller)
{
    return teller->failed;
}
