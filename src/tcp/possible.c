/* SPDX-License-Identifier: MIT
 *
 * The viewpoint: we are in the middle. What we saw may arrive late, twice or never, and there are
 * moves nobody can see, so an endpoint is a *set* of states. This file walks the rows of
 * transitions.def over such sets; it names no state itself, and nothing else moves one.
 */
#include "tcp/possible.h"

#include <stddef.h>

#include "tcp/facts.h"

struct leads_row {
    uint32_t facts; /* any of these masks leads on */
    fst_state_set to;
    uint8_t from;
    uint8_t to_state;
    uint8_t conditions;
    uint8_t width;
    const char *section;
    const char *why;
};

struct sends_row {
    uint8_t from, event, conditions, to_state;
    const char *section;
    const char *why;
};

enum { BOTH = FST_SHOWN, WIDE = FST_WIDE };

static const struct leads_row leads_rows[] = {
#define LEADS(from, fact, to, cond, sets, section, why)                                            \
    {FST_FACTS_##fact, FST_SET(FST_##to), FST_##from, FST_##to, FST_IF_##cond, sets, section, why},
#define SENDS(from, event, cond, to, section, why)
#define UNSEEN(from, to, cond, sets, section, why)
#include "tcp/transitions.def"
#undef LEADS
#undef SENDS
#undef UNSEEN
};

static const struct sends_row sends_rows[] = {
#define LEADS(from, fact, to, cond, sets, section, why)
#define SENDS(from, event, cond, to, section, why)                                                 \
    {FST_##from, FST_EVENT_##event, FST_IF_##cond, FST_##to, section, why},
#define UNSEEN(from, to, cond, sets, section, why)
#include "tcp/transitions.def"
#undef LEADS
#undef SENDS
#undef UNSEEN
};

static const struct leads_row unseen_rows[] = {
#define LEADS(from, fact, to, cond, sets, section, why)
#define SENDS(from, event, cond, to, section, why)
#define UNSEEN(from, to, cond, sets, section, why)                                                 \
    {0xffffffffu, FST_SET(FST_##to), FST_##from, FST_##to, FST_IF_##cond, sets, section, why},
#include "tcp/transitions.def"
#undef LEADS
#undef SENDS
#undef UNSEEN
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* The LEADS and UNSEEN rows once more, by columns of 16 bits without a jump between them: closing a
 * set is most of what the observer does, and like this several rows are one instruction. */
#define WHERE(from, sets, width) ((unsigned)(sets) <= (unsigned)(width) ? FST_SET(FST_##from) : 0)
#define SENDS(from, event, cond, to, section, why)
#define UNSEEN(from, to, cond, sets, section, why)                                                 \
    LEADS(from, ANYTHING, to, cond, sets, section, why)
/* A segment that conveys nothing: no LEADS row asks for it, and UNSEEN rows for nothing else. */
#define FST_FACTS_ANYTHING                              1u /* fst_fact(0), as a constant */

#define LEADS(from, fact, to, cond, sets, section, why) WHERE(from, sets, FST_SHOWN),
static const uint16_t from_shown[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#define LEADS(from, fact, to, cond, sets, section, why) WHERE(from, sets, FST_WIDE),
static const uint16_t from_wide[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#define LEADS(from, fact, to, cond, sets, section, why) FST_SET(FST_##to),
static const uint16_t leads_to[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#define LEADS(from, fact, to, cond, sets, section, why) FST_IF_##cond,
static const uint16_t led_if[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#define LEADS(from, fact, to, cond, sets, section, why) (uint16_t)(FST_FACTS_##fact & 0xffff),
static const uint16_t facts_low[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#define LEADS(from, fact, to, cond, sets, section, why) (uint16_t)(FST_FACTS_##fact >> 16),
static const uint16_t facts_high[] = {
#include "tcp/transitions.def"
};
#undef LEADS
#undef SENDS
#undef UNSEEN

/* Where all rows together lead in one step. */
static uint16_t led_from(uint16_t set, const uint16_t *from, uint32_t facts, uint16_t conditions)
{
    uint16_t low = (uint16_t)facts, high = (uint16_t)(facts >> 16), led = 0;
    size_t i;

    for (i = 0; i < ROWS(leads_to); i++) {
        bool applies = ((from[i] & set) != 0) &
                       (((facts_low[i] & low) | (facts_high[i] & high)) != 0) &
                       ((led_if[i] & conditions) != 0);

        led |= applies ? leads_to[i] : 0;
    }
    return led;
}

fst_state_set fst_set_close(fst_state_set set, uint32_t facts, unsigned conditions,
                            enum fst_width width)
{
    const uint16_t *from = width == FST_WIDE ? from_wide : from_shown;
    fst_state_set before;

    do { /* each round adds a state or is the last: at most FST_INNER_STATES rounds */
        before = set;
        set |=
            led_from(set, from, facts | FST_FACTS_ANYTHING, (uint16_t)(conditions | FST_IF_ALWAYS));
    } while (set != before);
    return set;
}

static bool may_send(const struct sends_row *row, fst_state_set set, enum fst_event event,
                     unsigned conditions)
{
    return row->event == event && fst_set_has(set, row->from) &&
           (row->conditions & (conditions | FST_IF_ALWAYS)) != 0;
}

fst_state_set fst_set_after_sending(fst_state_set set, enum fst_event event, unsigned conditions)
{
    fst_state_set after = 0;
    size_t i;

    for (i = 0; i < ROWS(sends_rows); i++)
        if (may_send(&sends_rows[i], set, event, conditions))
            after |= FST_SET(sends_rows[i].to_state);
    return after;
}

fst_state_set fst_set_senders(fst_state_set set, enum fst_event event, unsigned conditions)
{
    fst_state_set senders = 0;
    size_t i;

    for (i = 0; i < ROWS(sends_rows); i++)
        if (may_send(&sends_rows[i], set, event, conditions))
            senders |= FST_SET(sends_rows[i].from);
    return senders;
}

struct fst_move fst_move_delivered(unsigned state, unsigned mask, unsigned conditions)
{
    size_t i;

    for (i = 0; i < ROWS(leads_rows); i++) {
        const struct leads_row *row = &leads_rows[i];

        if (row->from == state && (row->facts & fst_fact(mask)) != 0 && row->width == BOTH &&
            (row->conditions & (conditions | FST_IF_ALWAYS)) != 0)
            return (struct fst_move){row->to_state, row->why, row->section};
    }
    return (struct fst_move){state, NULL, NULL};
}

struct fst_move fst_move_sending(unsigned state, enum fst_event event, unsigned conditions)
{
    struct fst_move move = {state, NULL, NULL};
    size_t i;

    /* The last row that applies: where a reset may or may not end its sender, that it did. */
    for (i = 0; i < ROWS(sends_rows); i++)
        if (may_send(&sends_rows[i], FST_SET(state), event, conditions))
            move =
                (struct fst_move){sends_rows[i].to_state, sends_rows[i].why, sends_rows[i].section};
    return move;
}

static const char *event_text(uint32_t facts)
{
    static const struct {
        uint32_t facts;
        const char *text;
    } texts[] = {
        {FST_FACTS_BARE_SYN, "receives SYN"},
        {FST_FACTS_SYN_ACKING_OUR_SYN, "receives SYN-ACK"},
        {FST_FACTS_RST_ACKING_OUR_SYN, "receives RST for its SYN"},
        {FST_FACTS_ACK_OF_OUR_SYN, "receives ACK of its SYN"},
        {FST_FACTS_ACK_OF_OUR_FIN, "receives ACK of its FIN"},
        {FST_FACTS_FIN, "receives FIN"},
        {FST_FACTS_FIN_ONLY, "receives FIN without ACK of its own"},
        {FST_FACTS_FIN_ACKING_OUR_FIN, "receives FIN with ACK of its own"},
        {FST_FACTS_FIN_OLD_ACK, "receives FIN with an old ACK"},
        {FST_FACTS_RST, "receives RST"},
    };
    size_t i;

    for (i = 0; i < ROWS(texts); i++)
        if (texts[i].facts == facts)
            return texts[i].text;
    return "";
}

static const char *const sends_text[] = {"sends SYN",  "sends SYN-ACK", "sends ACK",
                                         "sends data", "sends FIN",     "sends RST"};

/* The public view of the rows of one kind: inner states shown, WIDE rows left to the observer. */
static bool shown(struct fst_transition *out, unsigned from, unsigned to, const char *event,
                  const char *section)
{
    *out = (struct fst_transition){fst_state_shown(from), fst_state_shown(to), event, section};
    return out->from != out->to && from < FST_STATE_COUNT && to < FST_STATE_COUNT + 1u;
}

bool fst_transition_at(size_t index, struct fst_transition *out)
{
    size_t i;

    for (i = 0; i < ROWS(leads_rows); i++)
        if (leads_rows[i].width == BOTH &&
            shown(out, leads_rows[i].from, leads_rows[i].to_state, event_text(leads_rows[i].facts),
                  leads_rows[i].section) &&
            index-- == 0)
            return true;
    for (i = 0; i < ROWS(sends_rows); i++)
        if (shown(out, sends_rows[i].from, sends_rows[i].to_state, sends_text[sends_rows[i].event],
                  sends_rows[i].section) &&
            index-- == 0)
            return true;
    for (i = 0; i < ROWS(unseen_rows); i++)
        if (unseen_rows[i].width == BOTH &&
            shown(out, unseen_rows[i].from, unseen_rows[i].to_state, unseen_rows[i].why,
                  unseen_rows[i].section) &&
            index-- == 0)
            return true;
    return false;
}
