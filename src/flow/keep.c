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
    return record->kind & FST_KIND_DETAIL ? table->details[fst_table_extra(table, record)->detail]
                                          : NULL;
}

struct fst_observation *fst_observation_of(struct fst_analyzer *a, uint32_t number)
{
    struct fst_record *record = fst_table_record(&a->table, number);
    struct fst_detail *detail = fst_detail_of(&a->table, record);
    const struct fst_extra *extra = fst_table_extra(&a->table, record);
    unsigned side;

    if (detail)
        return &detail->observation;
    if (record->end[0].packets + record->end[1].packets == 0) {
        fst_observation_init(&a->scratch);
        return &a->scratch;
    }
    fst_unpack(&a->scratch, record, fst_table_story(&a->table, number)->first_packet,
               extra->fin_packet);
    if (extra->findings != FST_NO_INDEX)
        for (side = 0; side < 2; side++) {
            struct fst_life *life = &a->scratch.side[side].lives[0];

            fst_findings_reported(&a->table.findings, extra->findings, side, life->reported);
            if (life->flags & FST_LIFE_RST)
                life->rst_packet =
                    fst_findings_reset_packet(&a->table.findings, extra->findings, side);
        }
    return &a->scratch;
}

void fst_observation_clean(struct fst_analyzer *a)
{
    memset(&a->scratch, 0, sizeof(a->scratch));
}

/* Its FINs are at packets for which there is no room in the record. */
static void keep_fins(struct fst_table *table, struct fst_record *record,
                      const uint32_t fin_packet[2])
{
    const struct fst_extra *known = fst_table_extra(table, record);
    struct fst_extra *extra;

    if (known->fin_packet[0] == fin_packet[0] && known->fin_packet[1] == fin_packet[1])
        return;
    extra = fst_extra_add(&table->extras, record);
    if (extra)
        memcpy(extra->fin_packet, fin_packet, sizeof(extra->fin_packet));
}

/* Short of memory it is packed all the same: what does not fit is forgotten, and the record says so
 * by having no detail. */
bool fst_observation_keep(struct fst_analyzer *a, uint32_t number, struct fst_observation *o)
{
    struct fst_table *table = &a->table;
    struct fst_record *record = fst_table_record(table, number);
    struct fst_detail *detail;
    uint32_t fin_packet[2], index;
    bool whole = fst_pack(record, fin_packet, o);

    keep_fins(table, record, fin_packet);
    if (whole && (record->kind & FST_KIND_DETAIL)) {
        fst_table_free_detail(table, fst_table_extra(table, record)->detail);
        (void)fst_table_set_detail(table, record, FST_NO_INDEX);
    }
    if (whole || (record->kind & FST_KIND_DETAIL))
        return whole;
    index = fst_table_add_detail(table);
    if (index == FST_NO_INDEX)
        return false;
    if (!fst_table_set_detail(table, record, index)) {
        fst_table_free_detail(table, index);
        return false;
    }
    detail = table->details[index];
    memset(detail->incarnation, 0, sizeof(detail->incarnation));
    detail->observation = *o;
    detail->incarnation[0] = o->incarnation;
    detail->record[0] = number;
    return false;
}
