/* SPDX-License-Identifier: MIT
 *
 * Observations in and out of the table: unpacked from a record, or in side storage as they are.
 */
#include <string.h>

#include "flow/analyzer.h"
#include "flow/pack.h"
#include "tcp/observer.h"

struct fst_detail *fst_detail_of(const struct fst_table *table, const struct fst_record *record)
{
    return record->detail == FST_NO_INDEX ? NULL : table->details[record->detail];
}

struct fst_observation *fst_observation_of(struct fst_analyzer *a, uint32_t number)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_detail *detail = fst_detail_of(&a->table, record);
    const struct fst_story *story = fst_table_story(&a->table, number);
    unsigned side;

    if (detail)
        return &detail->observation;
    if (record->end[0].packets + record->end[1].packets == 0) {
        fst_observation_init(&a->scratch);
        return &a->scratch;
    }
    fst_unpack(&a->scratch, record, story);
    if (story->findings != FST_NO_INDEX)
        for (side = 0; side < 2; side++) {
            struct fst_life *life = &a->scratch.side[side].lives[0];

            fst_findings_reported(&a->table.findings, story->findings, side, life->reported);
            if (life->flags & FST_LIFE_RST)
                life->rst_packet =
                    fst_findings_reset_packet(&a->table.findings, story->findings, side);
        }
    return &a->scratch;
}

void fst_observation_clean(struct fst_analyzer *a)
{
    memset(&a->scratch, 0, sizeof(a->scratch));
}

/* Short of memory it is packed all the same: what does not fit
 * is forgotten, and the record says so by having no detail. */
bool fst_observation_keep(struct fst_analyzer *a, uint32_t number, struct fst_observation *o)
{
    struct fst_table *table = &a->table;
    struct fst_record *record = fst_table_record(table, number);
    struct fst_detail *detail;
    bool whole = fst_pack(record, fst_table_story(table, number), o);

    if (whole && record->detail != FST_NO_INDEX) {
        fst_table_free_detail(table, record->detail);
        record->detail = FST_NO_INDEX;
    }
    if (whole || record->detail != FST_NO_INDEX)
        return whole;
    record->detail = fst_table_add_detail(table);
    detail = fst_detail_of(table, record);
    if (detail) {
        memset(detail->incarnation, 0, sizeof(detail->incarnation));
        detail->observation = *o;
        detail->incarnation[0] = o->incarnation;
        detail->record[0] = number;
    }
    return false;
}
