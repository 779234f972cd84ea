/* SPDX-License-Identifier: MIT
 *
 * A segment meets its connection: the observer is run on the connection's observation, and what it
 * showed is booked: counts, paths, findings, callbacks.
 */
#include <string.h>

#include "flow/analyzer.h"
#include "flow/pack.h"
#include "flow/path_log.h"
#include "flow/precedent.h"
#include "flow/steady.h"
#include "flow/telling.h"
#include "flow/zeek.h"
#include "tcp/observer.h"

/* A segment of nothing but ACK has no other of these. */
#define PURE (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST | FST_TCP_ACK)

/* A symbol of a path: the state, and whether it rests on presumed delivery. */
#define PATH_INFERRED 0x10

/* ------------------------------------------------------------------------- orientation -- */

static void orient(struct fst_record *record, unsigned client, enum fst_orientation by)
{
    record->kind &=
        ~((UINT32_C(1) << FST_KIND_CLIENT_SHIFT) | (UINT32_C(3) << FST_KIND_ORIENTED_SHIFT));
    record->kind |= (uint32_t)client << FST_KIND_CLIENT_SHIFT | (uint32_t)by
                                                                    << FST_KIND_ORIENTED_SHIFT;
}

/* The first SYN tells. Without one, a SYN-ACK; else the server is taken to have the lower port when
 * that is a system port (RFC 6335 section 6) and the other is not; else who spoke first is the
 * client. */
static void orient_by_first(struct fst_record *record, const struct fst_segment *segment,
                            unsigned side)
{
    uint16_t own = record->port[side], other = record->port[!side];

    if ((segment->flags & (FST_TCP_SYN | FST_TCP_ACK)) == FST_TCP_SYN)
        orient(record, side, FST_ORIENTED_BY_SYN);
    else if (segment->flags & FST_TCP_SYN)
        orient(record, !side, FST_ORIENTED_BY_SYN_ACK);
    else if ((own < 1024) != (other < 1024))
        orient(record, own < 1024 ? !side : side, FST_ORIENTED_BY_PORT);
    else
        orient(record, side, FST_ORIENTED_BY_FIRST);
}

static void orient_again(struct fst_record *record, const struct fst_segment *segment,
                         unsigned side)
{
    unsigned by = record->kind >> FST_KIND_ORIENTED_SHIFT & 3;
    bool bare = (segment->flags & (FST_TCP_SYN | FST_TCP_ACK)) == FST_TCP_SYN;

    if (by == FST_ORIENTED_BY_SYN || !(segment->flags & FST_TCP_SYN))
        return;
    if (bare)
        orient(record, side, FST_ORIENTED_BY_SYN);
    else if (by != FST_ORIENTED_BY_SYN_ACK)
        orient(record, !side, FST_ORIENTED_BY_SYN_ACK);
}

/* -------------------------------------------------------------------------------- paths -- */

static uint32_t packet32(uint64_t packet)
{
    return packet <= UINT32_MAX ? (uint32_t)packet : 0;
}

/* An inference that its own segment refutes never happened: take it off the path again. */
static uint32_t take_back(const struct fst_trie *paths, uint32_t path, unsigned to)
{
    while (fst_trie_length(paths, path) > 1 && (fst_trie_symbol(paths, path) & PATH_INFERRED) &&
           (fst_trie_symbol(paths, path) & 15) != to)
        path = fst_trie_parent(paths, path);
    return path;
}

static void book_path(struct fst_table *table, uint32_t number, struct fst_tale *tale,
                      const struct fst_step_change *change, const struct fst_segment *segment)
{
    struct fst_trie *paths = &table->paths;
    uint32_t path = tale->path[change->side];

    if (change->corrected)
        path = take_back(paths, path, change->to);
    /* Where nobody was heard, LISTEN was a guess: a refusal shows CLOSED all along. */
    if (change->corrected && fst_trie_length(paths, path) == 1 && change->to == FST_CLOSED)
        path = FST_TRIE_EMPTY;
    if (path == FST_TRIE_EMPTY || (fst_trie_symbol(paths, path) & 15) != change->to)
        path = fst_trie_append(paths, path,
                               (uint8_t)(change->to | (change->inferred ? PATH_INFERRED : 0)));
    if (table->logs && path != tale->path[change->side])
        fst_path_log_set(table->logs, number, change->side, fst_trie_length(paths, path),
                         (struct fst_path_mark){segment->packet, segment->time_ns});
    tale->path[change->side] = path;
}

/* Before its first change a side was in the state that change left, or is in now. */
static void begin_paths(struct fst_table *table, struct fst_tale *tale, const uint8_t now[2],
                        const struct fst_step *step)
{
    unsigned side;
    size_t i;

    for (side = 0; side < 2; side++) {
        unsigned state = now[side];

        for (i = step->change_count; i-- > 0;)
            if (step->changes[i].side == side)
                state = step->changes[i].from;
        tale->path[side] = fst_trie_append(&table->paths, FST_TRIE_EMPTY, (uint8_t)state);
    }
}

/* ----------------------------------------------------------------------------- the step -- */

static void carry_payload(struct fst_table *table, struct fst_record *record, unsigned side)
{
    struct fst_extra *extra = fst_extra_add(&table->extras, record);

    if (extra && extra->payload_high[side] < UINT8_MAX)
        extra->payload_high[side]++;
}

static void count_payload(struct fst_table *table, struct fst_record *record, unsigned side,
                          uint32_t octets)
{
    record->payload[side] += octets;
    if (record->payload[side] < octets)
        carry_payload(table, record, side);
}

/* A segment later than all before. */
static void count(struct fst_table *table, struct fst_record *record,
                  const struct fst_segment *segment, unsigned side)
{
    record->end[side].packets++;
    record->ts_last = segment->time_ns;
    count_payload(table, record, side, segment->payload_len);
}

static void book_counts(struct fst_table *table, struct fst_record *record,
                        const struct fst_segment *segment, unsigned side, bool duplicate)
{
    record->end[side].packets++;
    count_payload(table, record, side, duplicate ? 0 : segment->payload_len);
    if (segment->time_ns > record->ts_last)
        record->ts_last = segment->time_ns;
    if (segment->payload_len == 0 && (segment->flags & PURE) == FST_TCP_ACK)
        record->kind |= UINT32_C(1) << (FST_KIND_PURE_ACK_SHIFT + side);
}

/* Nobody packs an older connection any more: its endpoints are shown as the segment leaves them. */
static void show_changes(struct fst_record *record, const struct fst_observation *o,
                         const struct fst_step *step)
{
    size_t i;

    for (i = 0; i < step->change_count; i++) {
        unsigned side = step->changes[i].side;

        fst_end_show(&record->end[side], fst_observed_state(o, side),
                     fst_observed_possible(o, side), step->changes[i].inferred);
    }
}

/* `established` has a bit for each side that has become so. */
static void book_handshake(struct fst_story *story, const struct fst_record *record,
                           const struct fst_segment *segment, unsigned established)
{
    int64_t us = (segment->time_ns - story->ts_first) / 1000;

    if ((established >> !fst_record_client(record) & 1) && story->handshake_us == UINT32_MAX &&
        (record->kind >> FST_KIND_ORIENTED_SHIFT & 3) == FST_ORIENTED_BY_SYN && us >= 0 &&
        us < UINT32_MAX)
        story->handshake_us = (uint32_t)us;
}

/* Give up a connection. Its end overwrites the step. */
static void end_evicted(struct fst_analyzer *a, uint32_t victim)
{
    fst_table_record(&a->table, victim)->kind |= FST_KIND_EVICTED;
    a->stats.evicted++;
    fst_connection_end(a, victim, fst_table_id(&a->table, victim),
                       FST_NO_TIME); /* amid a batch it is not known */
}

/* ... for another one. */
static void shed(struct fst_analyzer *a, uint32_t victim)
{
    end_evicted(a, victim);
    fst_table_drop(&a->table, victim);
}

/* The detail of a record, added if there is none yet; FST_NO_INDEX when there is no room. */
static uint32_t detail_for(struct fst_table *table, struct fst_record *record)
{
    uint32_t detail = fst_table_extra(table, record)->detail;

    if (detail != FST_NO_INDEX)
        return detail;
    detail = fst_table_add_detail(table);
    if (detail != FST_NO_INDEX && !fst_table_set_detail(table, record, detail)) {
        fst_table_free_detail(table, detail);
        return FST_NO_INDEX;
    }
    return detail;
}

/* A later connection of the same 4-tuple: its own record, the same observation. */
static uint32_t open_again(struct fst_analyzer *a, uint32_t old, const struct fst_key *key,
                           uint32_t hash, struct fst_observation **o)
{
    struct fst_table *table = &a->table;
    struct fst_record *before, *record;
    struct fst_detail *detail;
    uint32_t detail_index, victim, number;

    detail_index = detail_for(table, fst_table_record(table, old));
    if (detail_index == FST_NO_INDEX)
        return FST_NO_INDEX;
    detail = table->details[detail_index];
    if (&detail->observation != *o) {
        memset(detail->incarnation, 0, sizeof(detail->incarnation));
        detail->observation = **o;
        detail->incarnation[0] = 1;
        detail->record[0] = old;
        *o = &detail->observation;
        fst_observation_clean(a);
    }
    if (!fst_table_victim(table, old, &victim) || !fst_table_reserve(table, hash, victim) ||
        !fst_extras_reserve(&table->extras))
        return FST_NO_INDEX;
    if (victim != FST_NO_INDEX) {
        struct fst_step step = a->step; /* what the segment at hand showed is still to be booked */

        shed(a, victim);
        a->step = step;
    }
    number = fst_table_open(table, key, hash, victim);
    fst_table_unlist(table, hash, old);
    before = fst_table_record(table, old);
    before->kind |= FST_KIND_OLD;
    fst_shed_note(table, old);
    record = fst_table_record(table, number);
    (void)fst_table_set_detail(table, record, detail_index); /* room was reserved */
    if (detail->incarnation[FST_RECENT_MAX - 1] != 0)
        (void)fst_table_set_detail(
            table, fst_table_record(table, detail->record[FST_RECENT_MAX - 1]), FST_NO_INDEX);
    memmove(&detail->incarnation[1], &detail->incarnation[0],
            (FST_RECENT_MAX - 1) * sizeof(detail->incarnation[0]));
    memmove(&detail->record[1], &detail->record[0],
            (FST_RECENT_MAX - 1) * sizeof(detail->record[0]));
    detail->incarnation[0] = detail->observation.incarnation;
    detail->record[0] = number;
    a->stats.connections++;
    return number;
}

static uint32_t record_of_incarnation(const struct fst_table *table, uint32_t newest,
                                      uint16_t incarnation)
{
    const struct fst_detail *detail = fst_detail_of(table, fst_table_record(table, newest));
    unsigned i;

    if (detail)
        for (i = 0; i < FST_RECENT_MAX; i++)
            if (detail->incarnation[i] == incarnation)
                return detail->record[i];
    return newest;
}

static uint32_t open_first(struct fst_analyzer *a, const struct fst_key *key, uint32_t hash)
{
    uint32_t victim;

    if (!fst_table_victim(&a->table, FST_NO_INDEX, &victim) ||
        !fst_table_reserve(&a->table, hash, victim))
        return FST_NO_INDEX;
    if (victim != FST_NO_INDEX)
        shed(a, victim);
    a->stats.connections++;
    return fst_table_open(&a->table, key, hash, victim);
}

static void begin_story(struct fst_story *story, struct fst_record *record,
                        const struct fst_segment *segment, unsigned side)
{
    story->ts_first = segment->time_ns;
    record->ts_last = segment->time_ns;
    story->first_packet = packet32(segment->packet);
    orient_by_first(record, segment, side);
}

static void name_incarnation(struct fst_table *table, struct fst_record *record,
                             uint16_t incarnation)
{
    struct fst_extra *extra;

    if (incarnation == 1)
        return;
    extra = fst_extra_add(&table->extras, record);
    if (extra)
        extra->incarnation = incarnation;
}

/* A segment and the connection it was sent in. */
struct meeting {
    const struct fst_item *item;
    uint32_t newest; /* record of the 4-tuple's newest connection */
    bool fresh;      /* `number` was opened for this segment */
    uint32_t number; /* of the connection the segment belongs to */
    struct fst_zeek_glance glance;
};

/* What the connection has been through with this step. */
static void book_tale(struct fst_analyzer *a, const struct meeting *m, struct fst_story *story,
                      const uint8_t states[2])
{
    struct fst_table *table = &a->table;
    struct fst_telling telling = fst_telling_of(table, story);
    size_t i;

    if (m->fresh)
        begin_paths(table, &telling.tale, states, &a->step);
    for (i = 0; i < a->step.change_count; i++)
        book_path(table, m->number, &telling.tale, &a->step.changes[i], &m->item->segment);
    fst_zeek_note(table, &telling, &m->item->segment, m->item->side, &m->glance);
    fst_telling_keep(table, story, &telling);
}

/* What a step showed, apart from findings, once `number` is known. */
static void book(struct fst_analyzer *a, const struct meeting *m, const uint8_t states[2])
{
    struct fst_table *table = &a->table;
    struct fst_record *record = fst_table_record(table, m->number);
    struct fst_story *story = fst_table_story(table, m->number);

    if (m->fresh) {
        begin_story(story, record, &m->item->segment, m->item->side);
        name_incarnation(table, record, a->step.incarnation);
    }
    book_counts(table, record, &m->item->segment, m->item->side, a->step.duplicate);
    orient_again(record, &m->item->segment, m->item->side);
    if (a->step.change_count > 0)
        story->change_packet = packet32(m->item->segment.packet);
    book_handshake(story, record, &m->item->segment, fst_step_established(&a->step));
    if (!a->options.no_paths)
        book_tale(a, m, story, states);
}

static void book_fin(struct fst_table *table, struct fst_record *record,
                     const struct fst_segment *segment, unsigned side)
{
    struct fst_extra *extra = fst_extra_add(&table->extras, record);

    if (extra)
        extra->fin_packet[side] = packet32(segment->packet);
}

/* The steps that a sequel added to the paths are this segment's. */
static void mark_steps(struct fst_table *table, const struct meeting *m, uint32_t before,
                       uint32_t after)
{
    const struct fst_path_mark mark = {m->item->segment.packet, m->item->segment.time_ns};
    struct fst_tale old = fst_tale_of(&table->tales, before);
    struct fst_tale now = fst_tale_of(&table->tales, after);
    unsigned side, step;

    for (side = 0; side < 2; side++) {
        unsigned length = fst_trie_length(&table->paths, now.path[side]);

        for (step = fst_trie_length(&table->paths, old.path[side]) + 1; step <= length; step++)
            fst_path_log_set(table->logs, m->number, side, step, mark);
    }
}

/* Nobody with this tale has made this step before. */
static void book_new_tale(struct fst_analyzer *a, const struct meeting *m,
                          struct fst_record *record, struct fst_story *story,
                          struct fst_precedent *precedent)
{
    const uint8_t states[2] = {(uint8_t)fst_end_state(&record->end[0]),
                               (uint8_t)fst_end_state(&record->end[1])};
    uint32_t before = story->tale;
    uint64_t shortages = a->shortages;

    fst_precedent_tell(precedent, record, story->first_packet, &m->item->segment, m->item->side,
                       &a->step);
    book_tale(a, m, story, states);
    if (fst_story_shares_tale(story) && a->shortages == shortages)
        fst_sequel_learn(a->precedents, precedent, m->fresh, before, story->tale);
}

/* Another tale than the precedent met last, or packets of paths are kept. */
static void __attribute__((noinline))
book_other_tale(struct fst_analyzer *a, const struct meeting *m, struct fst_record *record,
                struct fst_story *story, struct fst_precedent *precedent)
{
    struct fst_table *table = &a->table;
    uint32_t before = story->tale;

    if ((table->logs && (m->fresh || precedent->corrects)) ||
        !fst_sequel_find(a->precedents, precedent, m->fresh, &story->tale))
        book_new_tale(a, m, record, story, precedent);
    else if (table->logs && precedent->change_count > 0)
        mark_steps(table, m, before, story->tale);
}

static void __attribute__((noinline))
raise_known(struct fst_analyzer *a, const struct meeting *m, const struct fst_record *record,
            const struct fst_story *story, const struct fst_precedent *precedent)
{
    struct fst_finding findings[FST_STEP_FINDINGS_MAX];

    fst_precedent_tell(precedent, record, story->first_packet, &m->item->segment, m->item->side,
                       &a->step);
    fst_raise_findings(a, m->number, true, findings);
}

/* `over` if that may have ended it, `notable` if anything is worth a callback. */
static void tell_changed(struct fst_analyzer *a, const struct meeting *m, bool over, bool notable)
{
    if (over)
        fst_shed_note(&a->table, m->number);
    if (a->options.events.changed && (m->fresh || notable))
        a->options.events.changed(a->options.events.context, fst_table_id(&a->table, m->number));
}

/* What does not come with every segment of a known step. */
static void book_notable(struct fst_analyzer *a, const struct meeting *m, struct fst_record *record,
                         struct fst_story *story, const struct fst_precedent *precedent)
{
    if (precedent->change_count > 0)
        story->change_packet = packet32(m->item->segment.packet);
    if (precedent->established)
        book_handshake(story, record, &m->item->segment, precedent->established);
    if (m->item->segment.flags & FST_TCP_SYN)
        orient_again(record, &m->item->segment, m->item->side);
    if (m->item->segment.flags & FST_TCP_FIN)
        book_fin(&a->table, record, &m->item->segment, m->item->side);
    if (precedent->finds)
        raise_known(a, m, record, story, precedent);
    tell_changed(a, m, precedent->change_count > 0 && precedent->over, true);
}

/* As book(), for a step that the observer has made before. */
static void book_known(struct fst_analyzer *a, const struct meeting *m, struct fst_record *record,
                       struct fst_precedent *precedent)
{
    struct fst_story *story = fst_table_story(&a->table, m->number);

    if (m->fresh)
        begin_story(story, record, &m->item->segment, m->item->side);
    if (precedent->owes_fin != FST_NO_SIDE)
        fst_dwell_met(a, m->number, precedent->owes_fin, &m->item->segment, m->item->side);
    count(&a->table, record, &m->item->segment, m->item->side);
    if (story->tale == precedent->tale && !a->table.logs)
        story->tale = precedent->next;
    else if (!a->options.no_paths)
        book_other_tale(a, m, record, story, precedent);
    if (precedent->notable || m->fresh)
        book_notable(a, m, record, story, precedent);
}

/* The observer takes the segment; `o` becomes where the observation stands afterwards. */
static void observe(struct fst_analyzer *a, struct meeting *m, struct fst_observation **o)
{
    struct fst_table *table = &a->table;

    *o = fst_observation_of(a, m->newest);
    m->glance = fst_zeek_look(*o, &m->item->segment, m->item->side);
    fst_observe(*o, &m->item->segment, m->item->side, a->options.lossless, &a->step);
    m->number = m->newest;
    if (a->step.opened && !m->fresh) {
        m->number = open_again(a, m->newest, &m->item->key, m->item->hash, o);
        if (m->number == FST_NO_INDEX)
            m->number = m->newest;
        else
            m->newest = m->number, m->fresh = true;
    } else if (a->step.incarnation != (*o)->incarnation) {
        m->number = record_of_incarnation(table, m->newest, a->step.incarnation);
    }
    if (a->step.opened || m->number != m->newest) /* it was held against another connection */
        m->glance = (struct fst_zeek_glance){.damaged = m->glance.damaged};
}

/* So many connections have an observation in side storage that there is none left for this one: its
 * record alone would claim more than is known, so it goes. What comes for it later opens a
 * connection that began before the capture. */
static void give_up_vague(struct fst_analyzer *a, uint32_t number)
{
    if (!fst_table_details_full(&a->table) || !fst_table_keep_ids(&a->table))
        return;
    end_evicted(a, number);
    fst_table_give_back(&a->table, number);
}

/* Returns whether all that is known is kept. */
static bool take_long_way(struct fst_analyzer *a, struct meeting *m, uint64_t shape)
{
    struct fst_finding findings[FST_STEP_FINDINGS_MAX];
    const struct fst_record before = *fst_table_record(&a->table, m->newest);
    bool whole;
    struct fst_observation *o;
    uint8_t states[2];

    fst_dwell_met(a, m->newest, fst_dwell_owes_fin(before.end), &m->item->segment, m->item->side);
    observe(a, m, &o);
    states[0] = (uint8_t)fst_observed_state(o, 0);
    states[1] = (uint8_t)fst_observed_state(o, 1);
    book(a, m, states);
    if (m->number != m->newest)
        show_changes(fst_table_record(&a->table, m->number), o, &a->step);
    whole = fst_observation_keep(a, m->newest, o);
    fst_precedent_learn(a->precedents, &before, fst_table_record(&a->table, m->newest),
                        &m->item->segment, shape, m->item->side, &a->step);
    fst_dwell_asked(a, m->number, &m->item->segment, m->item->side);
    fst_raise_findings(a, m->number, true, findings);
    if (a->options.events.segment)
        fst_raise_segment(a, m->number, o, &m->item->segment, m->item->side, findings);
    if (!whole && o == &a->scratch)
        fst_observation_clean(a);
    return whole || (fst_table_record(&a->table, m->newest)->kind & FST_KIND_DETAIL);
}

/* The observer has to see it, and it makes a precedent if its shape is ordinary. */
static void __attribute__((noinline))
take_slowly(struct fst_analyzer *a, struct meeting *m, uint64_t shape)
{
    uint32_t before = m->newest;
    bool kept = take_long_way(a, m, shape);

    if (m->newest != before)
        fst_twice_move(&a->twice, before, m->newest);
    if (a->step.duplicate)
        fst_twice_expect(&a->twice, m->newest, &m->item->segment);
    tell_changed(a, m, a->step.change_count > 0,
                 a->step.change_count > 0 || a->step.finding_count > 0);
    if (!kept)
        give_up_vague(a, m->newest);
}

/* It was captured a moment ago. */
static void __attribute__((noinline)) take_copy(struct fst_analyzer *a, const struct meeting *met)
{
    struct fst_item copy = *met->item;
    struct meeting m = *met;

    copy.segment.captured_before = true;
    m.item = &copy;
    take_slowly(a, &m, FST_SHAPE_NONE);
}

/* Whether its resets may be somebody else's, which the record alone does not tell: check_reset.c.
 */
static bool is_doubted(const struct fst_table *table, const struct fst_record *record)
{
    return record->extra != FST_NO_INDEX &&
           fst_findings_have(&table->findings, fst_table_extra(table, record)->findings,
                             FST_RULE_ACK_OF_UNSEEN_SYN);
}

/* A step that the observer has made before. False if it has to see it. */
static bool take_known(struct fst_analyzer *a, const struct meeting *m, uint64_t shape,
                       struct fst_record *record)
{
    struct fst_precedent *precedent =
        m->fresh
            ? fst_precedent_open(a->precedents, record, &m->item->segment, shape, m->item->side)
            : fst_precedent_follow(a->precedents, record, &m->item->segment, shape, m->item->side);

    if (!precedent)
        return false;
    book_known(a, m, record, precedent);
    return true;
}

int fst_connection_take(struct fst_analyzer *a, const struct fst_item *item, uint32_t guess)
{
    struct meeting m = {.item = item};
    const struct fst_segment *segment = &item->segment;
    uint64_t shape = item->shape;
    struct fst_record *record = fst_table_newest(&a->table, guess, &item->key);

    m.newest = record ? guess : fst_table_find(&a->table, &item->key, item->hash);
    m.fresh = m.newest == FST_NO_INDEX;
    if (m.fresh)
        m.newest = open_first(a, &item->key, item->hash);
    if (m.newest == FST_NO_INDEX)
        return FST_ENOMEM;
    m.number = m.newest;
    if (!record)
        record = fst_table_record(&a->table, m.newest);
    if (fst_twice_watches(&a->twice, segment) &&
        fst_twice_look(&a->twice, m.newest, m.fresh ? NULL : record, segment, item->side)) {
        take_copy(a, &m);
        return 0;
    }
    if ((segment->flags & FST_TCP_RST) && is_doubted(&a->table, record))
        shape = FST_SHAPE_NONE;
    if (a->options.events.segment) /* it is told things that only the observer knows */
        shape = FST_SHAPE_NONE;
    if (!m.fresh && fst_steady_take(record, segment, shape, item->side))
        return 0;
    if (!take_known(a, &m, shape, record))
        take_slowly(a, &m, shape);
    return 0;
}
