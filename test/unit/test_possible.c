/* SPDX-License-Identifier: MIT
 *
 * The moves of transitions.def against tables written from the text of RFC 9293, state by state,
 * and what must hold for any set: closures only grow, and are closed.
 */
#include "tcp/possible.h"

#include <stdio.h>
#include <string.h>

#include "support/unit.h"
#include "tcp/facts.h"
#include "tcp/states.h"

#define S(state) FST_SET(FST_##state)
#define MASKS    32

static const char *inner_name(unsigned state)
{
    if (state == FST_FIN_WAIT_1_SYN)
        return "FIN-WAIT-1 with its SYN unacknowledged";
    if (state == FST_CLOSING_SYN)
        return "CLOSING with its SYN unacknowledged";
    return fst_state_name((enum fst_state)state);
}

/* ------------------------------------------------------------------------- the file itself -- */

enum { BOTH = FST_SHOWN, WIDE = FST_WIDE };

/* Each row as text and as numbers. */
static const struct row {
    const char *kind, *from, *what, *to;
    unsigned from_state, to_state;
    unsigned only_if;
    unsigned width;
    uint32_t facts; /* LEADS only */
} rows[] = {
#define LEADS(from, fact, to, cond, sets, section, why)                                            \
    {"LEADS", #from, #fact, #to, FST_##from, FST_##to, FST_IF_##cond, sets, FST_FACTS_##fact},
#define SENDS(from, event, cond, to, section, why)                                                 \
    {"SENDS", #from, #event, #to, FST_##from, FST_##to, FST_IF_##cond, BOTH, 0},
#define UNSEEN(from, to, cond, sets, section, why)                                                 \
    {"UNSEEN", #from, "", #to, FST_##from, FST_##to, FST_IF_##cond, sets, 0},
#include "tcp/transitions.def"
#undef LEADS
#undef SENDS
#undef UNSEEN
};

static void no_row_repeats(void **state)
{
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        for (j = i + 1; j < COUNT(rows); j++)
            if (strcmp(rows[i].kind, rows[j].kind) == 0 &&
                strcmp(rows[i].from, rows[j].from) == 0 &&
                strcmp(rows[i].what, rows[j].what) == 0 && strcmp(rows[i].to, rows[j].to) == 0)
                fail_msg("%s %s %s %s stands there twice", rows[i].kind, rows[i].from, rows[i].what,
                         rows[i].to);
}

static void every_state_is_entered_and_left(void **state)
{
    unsigned at;
    size_t i;

    (void)state;
    for (at = 0; at < FST_INNER_STATES; at++) {
        bool entered = false, left = false;

        for (i = 0; i < COUNT(rows); i++) {
            bool moves = rows[i].from_state != rows[i].to_state;

            entered = entered || (moves && rows[i].to_state == at);
            left = left || (moves && rows[i].from_state == at);
        }
        CHECK(inner_name(at), entered, true);
        CHECK(inner_name(at), left, true);
    }
}

/* --------------------------------------------------------------------------------- sending -- */

/* What each state may send and where it is afterwards: 3.10.1 to 3.10.5 for the user's
 * calls, 3.10.7 for answers, 3.8.1 for what is sent again; RFC 7413 4.2.2 for text before the
 * handshake is over. `rst_no_ack` is added to `rst` when the reset has no ACK, as answers to a
 * segment with ACK have none (3.10.7.1). 0: never. */
static const struct {
    unsigned from;
    fst_state_set syn, syn_ack, ack, text, text_fast_open, fin, rst, rst_no_ack;
} sending[] = {
    /* 3.10.1: active OPEN. 3.10.7.1: everything but a reset is answered by one. */
    {FST_CLOSED, .syn = S(SYN_SENT), .rst = S(CLOSED)},
    /* 3.10.1, 3.10.2: OPEN and SEND turn it active. 3.10.7.2: an ACK is answered by a reset. */
    {FST_LISTEN, .syn = S(SYN_SENT), .rst_no_ack = S(LISTEN)},
    /* 3.10.7.3 first: an unacceptable ACK is reset and the state stays. CLOSE sends nothing. */
    {FST_SYN_SENT, .syn = S(SYN_SENT), .rst = S(CLOSED), .rst_no_ack = S(SYN_SENT)},
    /* Text is queued until ESTABLISHED: 3.10.2. CLOSE may send a FIN: 3.10.4. */
    {FST_SYN_RECEIVED, .syn_ack = S(SYN_RECEIVED), .ack = S(SYN_RECEIVED),
     .text_fast_open = S(SYN_RECEIVED), .fin = S(FIN_WAIT_1_SYN), .rst = S(CLOSED),
     .rst_no_ack = S(SYN_RECEIVED)},
    {FST_ESTABLISHED, .ack = S(ESTABLISHED), .text = S(ESTABLISHED),
     .text_fast_open = S(ESTABLISHED), .fin = S(FIN_WAIT_1), .rst = S(CLOSED)},
    /* What precedes the FIN is sent again, the FIN too: 3.8.1. */
    {FST_FIN_WAIT_1, .ack = S(FIN_WAIT_1), .text = S(FIN_WAIT_1), .text_fast_open = S(FIN_WAIT_1),
     .fin = S(FIN_WAIT_1), .rst = S(CLOSED)},
    {FST_FIN_WAIT_1_SYN, .syn_ack = S(FIN_WAIT_1_SYN), .ack = S(FIN_WAIT_1_SYN),
     .text_fast_open = S(FIN_WAIT_1_SYN), .fin = S(FIN_WAIT_1_SYN), .rst = S(CLOSED)},
    /* All it sent has been acknowledged: it only acknowledges. */
    {FST_FIN_WAIT_2, .ack = S(FIN_WAIT_2), .rst = S(CLOSED)},
    {FST_CLOSE_WAIT, .ack = S(CLOSE_WAIT), .text = S(CLOSE_WAIT), .text_fast_open = S(CLOSE_WAIT),
     .fin = S(LAST_ACK), .rst = S(CLOSED)},
    {FST_CLOSING, .ack = S(CLOSING), .text = S(CLOSING), .text_fast_open = S(CLOSING),
     .fin = S(CLOSING), .rst = S(CLOSED)},
    {FST_CLOSING_SYN, .syn_ack = S(CLOSING_SYN), .ack = S(CLOSING_SYN), .fin = S(CLOSING_SYN),
     .rst = S(CLOSED)},
    {FST_LAST_ACK, .ack = S(LAST_ACK), .text = S(LAST_ACK), .text_fast_open = S(LAST_ACK),
     .fin = S(LAST_ACK), .rst = S(CLOSED)},
    /* 3.10.7.4 eighth: a FIN that comes again is acknowledged again. */
    {FST_TIME_WAIT, .ack = S(TIME_WAIT), .rst = S(CLOSED)},
};

static fst_state_set after_sending(size_t i, enum fst_event event, unsigned conditions)
{
    switch (event) {
    case FST_EVENT_SYN:
        return sending[i].syn;
    case FST_EVENT_SYN_ACK:
        return sending[i].syn_ack;
    case FST_EVENT_ACK:
        return sending[i].ack;
    case FST_EVENT_TEXT:
        return conditions & FST_IF_FAST_OPEN ? sending[i].text_fast_open : sending[i].text;
    case FST_EVENT_FIN:
        return sending[i].fin;
    case FST_EVENT_RST:
        return (fst_state_set)(sending[i].rst |
                               (conditions & FST_IF_NO_ACK ? sending[i].rst_no_ack : 0));
    }
    return 0;
}

static const unsigned sending_conditions[] = {0, FST_IF_NO_ACK, FST_IF_FAST_OPEN,
                                              FST_IF_NO_ACK | FST_IF_FAST_OPEN,
                                              FST_IF_NOT_BEGUN | FST_IF_PASSIVE};

static void sending_is_as_the_rfc_says(void **state)
{
    unsigned event;
    size_t i, k;

    (void)state;
    CHECK("all states", COUNT(sending), FST_INNER_STATES);
    for (i = 0; i < COUNT(sending); i++) {
        for (event = FST_EVENT_SYN; event <= FST_EVENT_RST; event++) {
            for (k = 0; k < COUNT(sending_conditions); k++) {
                const char *what = inner_name(sending[i].from);
                enum fst_event sent = (enum fst_event)event;
                unsigned conditions = sending_conditions[k];
                fst_state_set from = FST_SET(sending[i].from);
                fst_state_set want = after_sending(i, sent, conditions);

                CHECK(what, fst_set_after_sending(from, sent, conditions), want);
                CHECK(what, fst_set_senders(from, sent, conditions), want ? from : 0);
            }
        }
    }
}

/* The likely state goes where a sender goes on; of a reset that may or may not be its end, it is.
 */
static void the_likely_state_follows_what_is_sent(void **state)
{
    unsigned event;
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(sending); i++) {
        for (event = FST_EVENT_SYN; event <= FST_EVENT_RST; event++) {
            for (k = 0; k < COUNT(sending_conditions); k++) {
                const char *what = inner_name(sending[i].from);
                struct fst_move move =
                    fst_move_sending(sending[i].from, (enum fst_event)event, sending_conditions[k]);
                fst_state_set want = after_sending(i, (enum fst_event)event, sending_conditions[k]);

                CHECK(what, (want & FST_SET(move.state)) != 0 || move.state == sending[i].from,
                      true);
                CHECK(what, move.why != NULL, want != 0);
                CHECK(what, move.section != NULL, want != 0);
                if (event == FST_EVENT_RST && (want & S(CLOSED)))
                    CHECK(what, move.state, FST_CLOSED);
                else if (want != 0)
                    CHECK(what, FST_SET(move.state), want);
            }
        }
    }
}

/* -------------------------------------------------------------------------------- arriving -- */

/* What a segment must have, must not have, or may have. */
enum has { NO, YES, ANY };

/* Which acknowledgments: none, of something else, of the receiver's SYN, of its FIN. */
enum {
    NONE = 1,
    OTHER = 2,
    OF_SYN = 4,
    OF_FIN = 8,
    ACKED = OF_SYN | OF_FIN, /* who acknowledges the FIN acknowledges the SYN */
    WITH_ACK = OTHER | OF_SYN | OF_FIN,
    ANY_ACK = NONE | WITH_ACK
};

/* What an arriving segment does to a state, in the order in which 3.10.7 looks at it: the likely
 * state takes the first that applies, `possible` all. */
static const struct arrival {
    unsigned from;
    enum has syn, fin, rst;
    unsigned acks;
    unsigned to;
    unsigned only_if;          /* 0: always */
    enum fst_width from_width; /* FST_WIDE: only where verdicts are at stake */
} arrivals[] = {
    /* 3.10.7.2: first a RST is ignored, second an ACK is answered by a reset, third a SYN. A life
     * that has begun does not listen for another. */
    {FST_LISTEN, YES, ANY, NO, NONE, FST_SYN_RECEIVED, FST_IF_NOT_BEGUN, FST_SHOWN},
    /* 3.10.7.3: first an ACK must be acceptable; second a RST counts only with one; fourth SYN. */
    {FST_SYN_SENT, ANY, ANY, YES, ACKED, FST_CLOSED, 0, FST_SHOWN},
    {FST_SYN_SENT, YES, ANY, NO, ACKED, FST_ESTABLISHED, 0, FST_SHOWN},
    {FST_SYN_SENT, YES, ANY, NO, NONE, FST_SYN_RECEIVED, 0, FST_SHOWN},
    /* 3.10.7.4: second RST, fourth SYN, fifth ACK, eighth FIN. From a passive OPEN back to LISTEN.
     */
    {FST_SYN_RECEIVED, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_SYN_RECEIVED, ANY, ANY, YES, ANY_ACK, FST_LISTEN, FST_IF_PASSIVE, FST_SHOWN},
    {FST_SYN_RECEIVED, ANY, ANY, NO, ACKED, FST_ESTABLISHED, 0, FST_SHOWN},
    {FST_ESTABLISHED, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_ESTABLISHED, ANY, YES, NO, WITH_ACK, FST_CLOSE_WAIT, 0, FST_SHOWN},
    /* RFC 793 resets on a SYN in the window, RFC 5961 does not. */
    {FST_ESTABLISHED, YES, ANY, NO, NONE, FST_CLOSED, 0, FST_WIDE},
    {FST_FIN_WAIT_1, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_FIN_WAIT_1, ANY, ANY, NO, OF_FIN, FST_FIN_WAIT_2, 0, FST_SHOWN},
    {FST_FIN_WAIT_1, ANY, YES, NO, OF_FIN, FST_TIME_WAIT, 0, FST_SHOWN},
    {FST_FIN_WAIT_1, ANY, YES, NO, OTHER | OF_SYN, FST_CLOSING, 0, FST_SHOWN},
    {FST_FIN_WAIT_1, YES, ANY, NO, NONE, FST_CLOSED, 0, FST_WIDE},
    {FST_FIN_WAIT_1_SYN, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_FIN_WAIT_1_SYN, ANY, ANY, NO, ACKED, FST_FIN_WAIT_1, 0, FST_SHOWN},
    {FST_FIN_WAIT_1_SYN, ANY, YES, NO, OTHER, FST_CLOSING_SYN, 0, FST_SHOWN},
    {FST_FIN_WAIT_2, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_FIN_WAIT_2, ANY, YES, NO, WITH_ACK, FST_TIME_WAIT, 0, FST_SHOWN},
    {FST_FIN_WAIT_2, YES, ANY, NO, NONE, FST_CLOSED, 0, FST_WIDE},
    {FST_CLOSE_WAIT, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_CLOSE_WAIT, YES, ANY, NO, NONE, FST_CLOSED, 0, FST_WIDE},
    {FST_CLOSING, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_CLOSING, ANY, ANY, NO, OF_FIN, FST_TIME_WAIT, 0, FST_SHOWN},
    {FST_CLOSING_SYN, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_CLOSING_SYN, ANY, ANY, NO, ACKED, FST_CLOSING, 0, FST_SHOWN},
    {FST_LAST_ACK, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
    {FST_LAST_ACK, ANY, ANY, NO, OF_FIN, FST_CLOSED, 0, FST_SHOWN},
    {FST_TIME_WAIT, ANY, ANY, YES, ANY_ACK, FST_CLOSED, 0, FST_SHOWN},
};

/* What nobody sees. The rows for FST_WIDE are what a lost segment or a crash leaves no trace of. */
static const struct {
    unsigned from, to, only_if;
    enum fst_width from_width;
} unseen[] = {
    {FST_CLOSED, FST_LISTEN, FST_IF_PASSIVE, FST_SHOWN},    /* 3.10.1: passive OPEN */
    {FST_LISTEN, FST_CLOSED, 0, FST_SHOWN},                 /* 3.10.4: CLOSE */
    {FST_SYN_SENT, FST_CLOSED, 0, FST_SHOWN},               /* 3.10.4: CLOSE; 3.10.8: time-out */
    {FST_SYN_RECEIVED, FST_CLOSED, 0, FST_SHOWN},           /* 3.10.8: time-out */
    {FST_TIME_WAIT, FST_CLOSED, 0, FST_SHOWN},              /* 3.10.8: 2 MSL */
    {FST_CLOSED, FST_SYN_SENT, FST_IF_NOT_BEGUN, FST_WIDE}, /* 3.10.1; the SYN is lost */
    {FST_LISTEN, FST_SYN_SENT, FST_IF_NOT_BEGUN, FST_WIDE},
    {FST_SYN_RECEIVED, FST_FIN_WAIT_1_SYN, 0, FST_WIDE}, /* 3.10.4; the FIN is lost */
    {FST_ESTABLISHED, FST_FIN_WAIT_1, 0, FST_WIDE},
    {FST_CLOSE_WAIT, FST_LAST_ACK, 0, FST_WIDE},
    {FST_ESTABLISHED, FST_CLOSED, 0, FST_WIDE}, /* 3.5.1: crash; 3.10.5: ABORT, the RST is lost */
    {FST_FIN_WAIT_1, FST_CLOSED, 0, FST_WIDE},
    {FST_FIN_WAIT_1_SYN, FST_CLOSED, 0, FST_WIDE},
    {FST_FIN_WAIT_2, FST_CLOSED, 0, FST_WIDE},
    {FST_CLOSE_WAIT, FST_CLOSED, 0, FST_WIDE},
    {FST_CLOSING, FST_CLOSED, 0, FST_WIDE},
    {FST_CLOSING_SYN, FST_CLOSED, 0, FST_WIDE},
    {FST_LAST_ACK, FST_CLOSED, 0, FST_WIDE},
};

static bool fits(enum has want, unsigned bit)
{
    return want == ANY || (want == YES) == (bit != 0);
}

static bool applies(const struct arrival *arrival, unsigned state, unsigned mask,
                    unsigned conditions, enum fst_width width)
{
    return arrival->from == state && fits(arrival->syn, mask & FST_FACT_SYN) &&
           fits(arrival->fin, mask & FST_FACT_FIN) && fits(arrival->rst, mask & FST_FACT_RST) &&
           (arrival->acks >> (mask & FST_FACT_ACK_GRADE) & 1) &&
           (arrival->only_if == 0 || (arrival->only_if & conditions)) &&
           arrival->from_width <= width;
}

/* All that is reachable, by the tables above. */
static fst_state_set reachable(fst_state_set set, uint32_t facts, unsigned conditions,
                               enum fst_width width)
{
    fst_state_set before;
    unsigned mask;
    size_t i;

    do {
        before = set;
        for (mask = 0; mask < MASKS; mask++)
            for (i = 0; i < COUNT(arrivals) && (facts >> mask & 1); i++)
                if (fst_set_has(set, arrivals[i].from) &&
                    applies(&arrivals[i], arrivals[i].from, mask, conditions, width))
                    set |= FST_SET(arrivals[i].to);
        for (i = 0; i < COUNT(unseen); i++)
            if (fst_set_has(set, unseen[i].from) && unseen[i].from_width <= width &&
                (unseen[i].only_if == 0 || (unseen[i].only_if & conditions)))
                set |= FST_SET(unseen[i].to);
    } while (set != before);
    return set;
}

static const unsigned life_conditions[] = {0, FST_IF_NOT_BEGUN, FST_IF_PASSIVE,
                                           FST_IF_NOT_BEGUN | FST_IF_PASSIVE};

static void arriving_is_as_the_rfc_says(void **state)
{
    unsigned from, mask, width;
    size_t k;

    (void)state;
    for (from = 0; from < FST_INNER_STATES; from++)
        for (mask = 0; mask <= MASKS; mask++) /* MASKS: nothing arrives */
            for (k = 0; k < COUNT(life_conditions); k++)
                for (width = FST_SHOWN; width <= FST_WIDE; width++) {
                    uint32_t facts = mask < MASKS ? fst_fact(mask) : 0;
                    char what[100];

                    (void)snprintf(what, sizeof(what), "%s, mask %u, conditions %u, width %u",
                                   inner_name(from), mask, life_conditions[k], width);
                    CHECK(
                        what,
                        fst_set_close(FST_SET(from), facts, life_conditions[k],
                                      (enum fst_width)width),
                        reachable(FST_SET(from), facts, life_conditions[k], (enum fst_width)width));
                }
}

/* One step, row by row: what several rows together lead to hides none of them. */
static void each_row_is_what_the_rfc_says(void **state)
{
    unsigned from, mask, width;
    size_t k, i;

    (void)state;
    for (from = 0; from < FST_INNER_STATES; from++)
        for (mask = 0; mask <= MASKS; mask++) /* MASKS: nothing arrives */
            for (k = 0; k < COUNT(life_conditions); k++)
                for (width = FST_SHOWN; width <= FST_WIDE; width++) {
                    unsigned conditions = life_conditions[k] | FST_IF_ALWAYS;
                    fst_state_set by_rows = 0, by_rfc = 0;
                    const char *kind = mask < MASKS ? "LEADS" : "UNSEEN";

                    for (i = 0; i < COUNT(rows); i++)
                        if (strcmp(rows[i].kind, kind) == 0 && rows[i].from_state == from &&
                            (rows[i].only_if & conditions) && rows[i].width <= width &&
                            (mask == MASKS || (rows[i].facts >> mask & 1)))
                            by_rows |= FST_SET(rows[i].to_state);
                    for (i = 0; i < COUNT(arrivals) && mask < MASKS; i++)
                        if (applies(&arrivals[i], from, mask, conditions, (enum fst_width)width))
                            by_rfc |= FST_SET(arrivals[i].to);
                    for (i = 0; i < COUNT(unseen) && mask == MASKS; i++)
                        if (unseen[i].from == from && unseen[i].from_width <= width &&
                            (unseen[i].only_if == 0 || (unseen[i].only_if & conditions)))
                            by_rfc |= FST_SET(unseen[i].to);
                    CHECK(inner_name(from), by_rows, by_rfc);
                }
}

static void the_likely_state_takes_the_first_that_applies(void **state)
{
    unsigned from, mask;
    size_t k, i;

    (void)state;
    for (from = 0; from < FST_INNER_STATES; from++)
        for (mask = 0; mask < MASKS; mask++)
            for (k = 0; k < COUNT(life_conditions); k++) {
                struct fst_move move = fst_move_delivered(from, mask, life_conditions[k]);
                unsigned want = from;
                char what[100];

                for (i = 0; i < COUNT(arrivals) && want == from; i++)
                    if (applies(&arrivals[i], from, mask, life_conditions[k], FST_SHOWN))
                        want = arrivals[i].to;
                (void)snprintf(what, sizeof(what), "%s, mask %u, conditions %u", inner_name(from),
                               mask, life_conditions[k]);
                CHECK(what, move.state, want);
                CHECK(what, move.why != NULL, want != from);
                CHECK(what, move.section != NULL, want != from);
            }
}

/* ----------------------------------------------------------------------- any set of states -- */

/* A fixed sequence: the test is the same each time. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void closures_are_closed_and_monotone(void **state)
{
    uint32_t seed = 9293;
    unsigned i;

    (void)state;
    for (i = 0; i < 200000; i++) {
        fst_state_set set = next_random(&seed) & FST_SET_ALL;
        fst_state_set more = (set | next_random(&seed)) & FST_SET_ALL;
        uint32_t facts = next_random(&seed) & next_random(&seed);
        uint32_t more_facts = facts | (next_random(&seed) & next_random(&seed));
        unsigned conditions = next_random(&seed) % 32;
        enum fst_width width = next_random(&seed) & 1 ? FST_WIDE : FST_SHOWN;
        fst_state_set closed = fst_set_close(set, facts, conditions, width);

        CHECK("contains its set", closed & set, set);
        CHECK("closed", fst_set_close(closed, facts, conditions, width), closed);
        CHECK("monotone in the set", closed & ~fst_set_close(more, facts, conditions, width), 0);
        CHECK("monotone in the facts", closed & ~fst_set_close(set, more_facts, conditions, width),
              0);
        CHECK("monotone in the conditions",
              closed & ~fst_set_close(set, facts, conditions | FST_IF_PASSIVE, width), 0);
        CHECK("wide contains shown",
              fst_set_close(set, facts, conditions, FST_SHOWN) &
                  ~fst_set_close(set, facts, conditions, FST_WIDE),
              0);
        CHECK("as by the tables", closed, reachable(set, facts, conditions, width));
    }
}

static void sets_send_what_their_states_send(void **state)
{
    uint32_t seed = 793;
    unsigned i, from, event;

    (void)state;
    for (i = 0; i < 2000; i++)
        for (event = FST_EVENT_SYN; event <= FST_EVENT_RST; event++) {
            fst_state_set set = next_random(&seed) & FST_SET_ALL, after = 0, senders = 0;
            unsigned conditions = next_random(&seed) % 32;

            for (from = 0; from < FST_INNER_STATES; from++)
                if (fst_set_has(set, from)) {
                    after |=
                        fst_set_after_sending(FST_SET(from), (enum fst_event)event, conditions);
                    senders |= fst_set_senders(FST_SET(from), (enum fst_event)event, conditions);
                }
            CHECK("after", fst_set_after_sending(set, (enum fst_event)event, conditions), after);
            CHECK("senders", fst_set_senders(set, (enum fst_event)event, conditions), senders);
        }
}

/* ---------------------------------------------------------------------- facts of a segment -- */

/* 3.10.7.4 eighth: a FIN behind a hole waits while the rest of its segment counts. */
static void a_fin_may_wait(void **state)
{
    unsigned mask;

    (void)state;
    for (mask = 0; mask < MASKS; mask++) {
        uint32_t want = fst_fact(mask);

        if (mask & FST_FACT_FIN)
            want |= fst_fact(mask - FST_FACT_FIN);
        CHECK("mask", fst_facts_of(mask), want);
    }
}

/* ---------------------------------------------------------------------------- for diagrams -- */

/* Figure 5 with what the prose adds: the moves between the eleven states. */
static const struct {
    enum fst_state from, to;
    const char *event;
} diagram[] = {
    {FST_CLOSED, FST_LISTEN, "opened passively"},
    {FST_CLOSED, FST_SYN_SENT, "sends SYN"},
    {FST_LISTEN, FST_CLOSED, "stopped listening"},
    {FST_LISTEN, FST_SYN_SENT, "sends SYN"},
    {FST_LISTEN, FST_SYN_RECEIVED, "receives SYN"},
    {FST_SYN_SENT, FST_CLOSED, "gave up opening"},
    {FST_SYN_SENT, FST_CLOSED, "receives RST for its SYN"},
    {FST_SYN_SENT, FST_CLOSED, "sends RST"},
    {FST_SYN_SENT, FST_SYN_RECEIVED, "receives SYN"},
    {FST_SYN_SENT, FST_ESTABLISHED, "receives SYN-ACK"},
    {FST_SYN_RECEIVED, FST_CLOSED, "gave up the handshake"},
    {FST_SYN_RECEIVED, FST_CLOSED, "receives RST"},
    {FST_SYN_RECEIVED, FST_CLOSED, "sends RST"},
    {FST_SYN_RECEIVED, FST_LISTEN, "receives RST"},
    {FST_SYN_RECEIVED, FST_ESTABLISHED, "receives ACK of its SYN"},
    {FST_SYN_RECEIVED, FST_FIN_WAIT_1, "sends FIN"},
    {FST_ESTABLISHED, FST_FIN_WAIT_1, "sends FIN"},
    {FST_ESTABLISHED, FST_CLOSE_WAIT, "receives FIN"},
    {FST_ESTABLISHED, FST_CLOSED, "receives RST"},
    {FST_ESTABLISHED, FST_CLOSED, "sends RST"},
    {FST_FIN_WAIT_1, FST_FIN_WAIT_2, "receives ACK of its FIN"},
    {FST_FIN_WAIT_1, FST_CLOSING, "receives FIN without ACK of its own"},
    {FST_FIN_WAIT_1, FST_TIME_WAIT, "receives FIN with ACK of its own"},
    {FST_FIN_WAIT_1, FST_CLOSED, "receives RST"},
    {FST_FIN_WAIT_1, FST_CLOSED, "sends RST"},
    {FST_FIN_WAIT_2, FST_TIME_WAIT, "receives FIN"},
    {FST_FIN_WAIT_2, FST_CLOSED, "receives RST"},
    {FST_FIN_WAIT_2, FST_CLOSED, "sends RST"},
    {FST_CLOSE_WAIT, FST_LAST_ACK, "sends FIN"},
    {FST_CLOSE_WAIT, FST_CLOSED, "receives RST"},
    {FST_CLOSE_WAIT, FST_CLOSED, "sends RST"},
    {FST_CLOSING, FST_TIME_WAIT, "receives ACK of its FIN"},
    {FST_CLOSING, FST_CLOSED, "receives RST"},
    {FST_CLOSING, FST_CLOSED, "sends RST"},
    {FST_LAST_ACK, FST_CLOSED, "receives ACK of its FIN"},
    {FST_LAST_ACK, FST_CLOSED, "receives RST"},
    {FST_LAST_ACK, FST_CLOSED, "sends RST"},
    {FST_TIME_WAIT, FST_CLOSED, "2 MSL passed"},
    {FST_TIME_WAIT, FST_CLOSED, "receives RST"},
    {FST_TIME_WAIT, FST_CLOSED, "sends RST"},
};

static void the_diagram_has_each_move_once(void **state)
{
    unsigned times[COUNT(diagram)] = {0};
    struct fst_transition move;
    size_t at, i;

    (void)state;
    for (at = 0; fst_transition_at(at, &move); at++) {
        bool known = false;

        assert_non_null(move.section);
        assert_true(move.section[0] != '\0');
        for (i = 0; i < COUNT(diagram); i++)
            if (diagram[i].from == move.from && diagram[i].to == move.to &&
                strcmp(diagram[i].event, move.event) == 0) {
                known = true;
                times[i]++;
            }
        if (!known)
            fail_msg("%s to %s, %s", fst_state_name(move.from), fst_state_name(move.to),
                     move.event);
    }
    for (i = 0; i < COUNT(diagram); i++)
        CHECK(diagram[i].event, times[i], 1);
    assert_false(fst_transition_at(at + 1, &move));
    assert_false(fst_transition_at(SIZE_MAX, &move));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_row_repeats),
        cmocka_unit_test(every_state_is_entered_and_left),
        cmocka_unit_test(sending_is_as_the_rfc_says),
        cmocka_unit_test(the_likely_state_follows_what_is_sent),
        cmocka_unit_test(arriving_is_as_the_rfc_says),
        cmocka_unit_test(each_row_is_what_the_rfc_says),
        cmocka_unit_test(the_likely_state_takes_the_first_that_applies),
        cmocka_unit_test(closures_are_closed_and_monotone),
        cmocka_unit_test(sets_send_what_their_states_send),
        cmocka_unit_test(a_fin_may_wait),
        cmocka_unit_test(the_diagram_has_each_move_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
