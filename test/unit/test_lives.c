/* SPDX-License-Identifier: MIT
 *
 * Which life a number belongs to, and room for another one.
 */
#include "tcp/lives.h"

#include <string.h>

#include "support/unit.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/observer.h"
#include "tcp/states.h"
#include "tcp/step.h"

/* Side 0 gets a life with this ISS and so many octets after it. */
static unsigned begin(struct fst_observation *o, unsigned side, uint32_t iss, uint32_t octets)
{
    unsigned index = o->side[side].lives[o->side[side].current].flags & FST_LIFE_PLACED
                         ? fst_life_begin(o, side)
                         : o->side[side].current;
    struct fst_life *life = &o->side[side].lives[index];

    fst_life_place(life, iss);
    life->flags |= FST_LIFE_ISS | FST_LIFE_HEARD;
    life->iss = life->origin = iss;
    fst_life_book(life, iss, iss + 1 + octets, 1);
    o->side[side].current = (uint8_t)index;
    return index;
}

static unsigned life_of(const struct fst_observation *o, uint32_t seq)
{
    const struct fst_segment segment = {.seq = seq};

    return fst_life_of(o, 0, &segment);
}

static void numbers_belong_to_the_nearest_life(void **state)
{
    static const uint32_t bases[] = {0, UINT32_MAX - 2000, 0x7fffff00};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_observation o;
        unsigned one, two;

        fst_observation_init(&o);
        CHECK("a fresh life takes any number", life_of(&o, at), 0);
        one = begin(&o, 0, at, 100);
        two = begin(&o, 0, at + 5000, 100);
        CHECK("inside", life_of(&o, at + 50), one);
        CHECK("above", life_of(&o, at + 4000), one);
        CHECK("at the next one's ISS", life_of(&o, at + 5000), two);
        CHECK("above it", life_of(&o, at + 90000), two);
        CHECK("just below it, which is before its beginning", life_of(&o, at + 4999), one);
        CHECK("too far away", life_of(&o, at + 0x60000000), FST_NO_LIFE);
        CHECK("ISS", fst_life_with_iss(&o, 0, at), one);
        CHECK("ISS", fst_life_with_iss(&o, 0, at + 5000), two);
        CHECK("no ISS", fst_life_with_iss(&o, 0, at + 1), FST_NO_LIFE);
    }
}

static void an_acknowledgment_finds_its_life(void **state)
{
    struct fst_observation o;
    unsigned one, two;

    (void)state;
    fst_observation_init(&o);
    one = begin(&o, 0, 1000, 100);
    two = begin(&o, 0, 1050, 500); /* they overlap */
    CHECK("the preferred one", fst_life_acked(&o, 0, 1080, one), one);
    CHECK("the preferred one", fst_life_acked(&o, 0, 1080, two), two);
    CHECK("certain of both: the one shown", fst_life_acked(&o, 0, 1101, FST_NO_LIFE), two);
    CHECK("only one has it", fst_life_acked(&o, 0, 1010, FST_NO_LIFE), one);
    CHECK("only one has it", fst_life_acked(&o, 0, 1500, one), two);
    CHECK("none", fst_life_acked(&o, 0, 1000, FST_NO_LIFE), FST_NO_LIFE);
    CHECK("none", fst_life_acked(&o, 0, 9999, one), FST_NO_LIFE);
}

/* A hole in one life's octets may hide the other's: what is certain goes first. */
static void certain_octets_go_first(void **state)
{
    struct fst_observation o;
    unsigned one, two;

    (void)state;
    fst_observation_init(&o);
    one = begin(&o, 0, 1000, 10);
    fst_life_book(&o.side[0].lives[one], 3000, 3100, 2); /* a hole below */
    two = begin(&o, 0, 2000, 100);
    CHECK("in the hole", fst_life_acked(&o, 0, 2050, one), two);
    CHECK("in the hole, nothing certain", fst_life_acked(&o, 0, 1500, FST_NO_LIFE), one);
    CHECK("above the hole, exactly", fst_life_acked(&o, 0, 3100, FST_NO_LIFE), one);
}

/* What a receiver acknowledges is all it has by then (RFC 9293 3.10.7.4): of two lives that have
 * octets apart from their runs there, the one that ends just there. */
static void exact_goes_before_near(void **state)
{
    struct fst_observation o;
    unsigned one, two;

    (void)state;
    fst_observation_init(&o);
    one = begin(&o, 0, 1000, 10);
    two = begin(&o, 0, 2000, 10);
    fst_life_book(&o.side[0].lives[one], 3000, 3100, 2);
    fst_life_book(&o.side[0].lives[two], 3040, 3050, 3);
    CHECK("up to there", fst_life_acked(&o, 0, 3050, FST_NO_LIFE), two);
    CHECK("up to there", fst_life_acked(&o, 0, 3100, FST_NO_LIFE), one);
    o.side[0].current = (uint8_t)one;
    CHECK("beyond neither, the one shown", fst_life_acked(&o, 0, 3045, FST_NO_LIFE), one);
    o.side[0].current = (uint8_t)two;
    CHECK("beyond neither, the one shown", fst_life_acked(&o, 0, 3045, FST_NO_LIFE), two);
}

/* The oldest that is not shown gives way, and nothing refers to it any more. */
static void the_oldest_gives_way(void **state)
{
    struct fst_observation o;
    unsigned first, i, index;

    (void)state;
    fst_observation_init(&o);
    first = begin(&o, 0, 1000, 10);
    for (i = 1; i < FST_LIVES_MAX; i++)
        (void)begin(&o, 0, 1000 + i * 10000, 10);
    assert_false(o.side[0].evicted || o.side[1].evicted);
    o.side[1].lives[0].peer = (uint8_t)first;
    o.side[1].lives[0].flags |= FST_LIFE_TIED;
    index = begin(&o, 0, 90000, 10);
    CHECK("the oldest", index, first);
    CHECK("born", o.side[0].lives[index].born, FST_LIVES_MAX);
    CHECK("its numbers are forgotten", fst_life_with_iss(&o, 0, 1000), FST_NO_LIFE);
    CHECK("so are ties to it", o.side[1].lives[0].peer, FST_NO_LIFE);
    CHECK("so are ties to it", o.side[1].lives[0].flags & FST_LIFE_TIED, 0);
    assert_true(o.side[0].evicted && o.side[1].evicted);

    o.side[1].lives[0].peer = (uint8_t)index; /* what stays keeps its ties */
    o.side[1].lives[0].flags |= FST_LIFE_TIED;
    o.side[0].current =
        (uint8_t)fst_life_with_iss(&o, 0, 11000); /* shown, though it is the oldest */
    index = fst_life_begin(&o, 0);
    CHECK("the oldest but one", o.side[0].lives[index].born, FST_LIVES_MAX + 1);
    assert_int_not_equal(index, o.side[0].current);
    CHECK("still there", fst_life_with_iss(&o, 0, 11000), o.side[0].current);
    CHECK("gone", fst_life_with_iss(&o, 0, 21000), FST_NO_LIFE);
    CHECK("tied", o.side[1].lives[0].peer, first);
}

/* Side 0 has a life whose SYN was captured, and numbers of which only now is known that they are
 * the same life's; returns the former. */
static unsigned two_that_join(struct fst_observation *o, unsigned *other)
{
    struct fst_life *apart;
    unsigned index;

    fst_observation_init(o);
    index = begin(o, 0, 1000, 10);
    *other = fst_life_begin(o, 0);
    apart = &o->side[0].lives[*other];
    fst_life_place(apart, 1100);
    fst_life_book(apart, 1100, 1110, 2);
    apart->flags |= FST_LIFE_MIDSTREAM | FST_LIFE_HEARD;
    o->side[0].lives[index].possible = apart->possible = FST_SET(FST_ESTABLISHED);
    fst_life_book(&o->side[0].lives[index], 1011, 1100, 3);
    return index;
}

/* Of one life all holds that was known of either part (RFC 9293 3.4): its octets, its newest
 * acknowledgment, its reset. */
static void lives_that_join_are_one(void **state)
{
    struct fst_observation o;
    struct fst_life *life;
    unsigned index, other;

    (void)state;
    index = two_that_join(&o, &other);
    life = &o.side[0].lives[index];
    o.side[1].lives[0].peer = (uint8_t)other;
    (void)fst_life_begin(&o, 1);
    o.side[1].lives[1].peer = (uint8_t)index;
    fst_life_merge(&o, 0, index);
    CHECK("octets", life->occ, 1110);
    CHECK("run", life->run_high, 1110);
    CHECK("the other is gone", o.side[0].lives[other].flags, 0);
    CHECK("who talks to it", o.side[1].lives[0].peer, index);
    CHECK("who talks to it", o.side[1].lives[1].peer, index);
    CHECK("who talks to nobody", o.side[1].lives[2].peer, 0);
    CHECK("acknowledged nothing", life->flags & FST_LIFE_ACKED, 0);
    CHECK("no reset, so not gone", life->possible, FST_SET(FST_ESTABLISHED));
}

static void the_newest_acknowledgment_of_lives_that_join(void **state)
{
    static const struct {
        bool own_known, other_known;
        uint32_t own, other, joined;
    } cases[] = {{false, false, 0, 0, 0},       {true, false, 60, 0, 60},
                 {false, true, 0, 50, 50},      {true, true, 60, 50, 60},
                 {true, true, 50, 60, 60},      {true, true, UINT32_MAX, 5, 5},
                 {true, true, 5, UINT32_MAX, 5}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        struct fst_observation o;
        unsigned other, index = two_that_join(&o, &other);
        struct fst_life *life = &o.side[0].lives[index], *apart = &o.side[0].lives[other];
        bool known = cases[i].own_known || cases[i].other_known;

        life->flags |= cases[i].own_known ? FST_LIFE_ACKED : 0;
        life->ack_top = cases[i].own;
        apart->flags |= cases[i].other_known ? FST_LIFE_ACKED : 0;
        apart->ack_top = cases[i].other;
        fst_life_merge(&o, 0, index);
        CHECK("known", (life->flags & FST_LIFE_ACKED) != 0, known);
        if (known)
            CHECK("the newest", life->ack_top, cases[i].joined);
    }
}

/* What excuses the peer's probes, and ACKs of octets at a FIN's number (RFC 9293 3.8.6.1, 3.8.4).
 */
static void what_lives_that_join_excuse(void **state)
{
    static const struct {
        bool own, other;
        uint32_t own_at, other_at, joined;
    } cases[] = {{true, false, 60, 0, 60},
                 {false, true, 0, 50, 50},
                 {true, true, 60, 50, 60},
                 {true, true, 50, 60, 60},
                 {true, true, UINT32_MAX, 5, 5}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        struct fst_observation o;
        unsigned other, index = two_that_join(&o, &other);
        struct fst_life *life = &o.side[0].lives[index], *apart = &o.side[0].lives[other];

        life->closed = life->fin_probed = life->doubted.known = cases[i].own;
        apart->closed = apart->fin_probed = apart->doubted.known = cases[i].other;
        life->closed_at = cases[i].own_at;
        apart->closed_at = cases[i].other_at;
        life->doubted.fin = 1;
        apart->doubted.fin = 2;
        fst_life_merge(&o, 0, index);
        CHECK("has closed its window", life->closed, true);
        CHECK("last at", life->closed_at, cases[i].joined);
        CHECK("may be acknowledged beyond its FIN", life->fin_probed, true);
        CHECK("a FIN that may be another's", life->doubted.known, true);
        CHECK("which", life->doubted.fin, cases[i].other ? 2 : 1);
    }
}

static struct fst_life with_reset(struct fst_life life, uint32_t seq, uint8_t number)
{
    life.flags |= FST_LIFE_RST;
    life.rst_seq = seq;
    life.rst_packet = life.rst_ttl = number;
    life.rst_peer_occ = 100u + number;
    return life;
}

static void the_reset_of_lives_that_join(void **state)
{
    unsigned sent; /* bit 0: the life itself, bit 1: the other part */

    (void)state;
    for (sent = 0; sent < 4; sent++) {
        struct fst_observation o;
        unsigned other, index = two_that_join(&o, &other);
        struct fst_life *life = &o.side[0].lives[index], *apart = &o.side[0].lives[other];

        *life = sent & 1 ? with_reset(*life, 1011, 7) : *life;
        *apart = sent & 2 ? with_reset(*apart, 1110, 9) : *apart;
        fst_life_merge(&o, 0, index);
        CHECK("reset", (life->flags & FST_LIFE_RST) != 0, sent != 0);
        CHECK("gone, perhaps", fst_set_has(life->possible, FST_CLOSED), (sent & 2) != 0);
        if (sent == 0)
            continue;
        CHECK("its number", life->rst_seq, sent & 1 ? 1011 : 1110);
        CHECK("its packet", life->rst_packet, sent & 1 ? 7 : 9);
        CHECK("its TTL", life->rst_ttl, sent & 1 ? 7 : 9);
        CHECK("what the peer had sent", life->rst_peer_occ, sent & 1 ? 107 : 109);
    }
}

static void births_are_counted_to_their_bound(void **state)
{
    struct fst_observation o;

    (void)state;
    fst_observation_init(&o);
    CHECK("one a side", o.side[0].born, 1);
    o.side[0].born = UINT16_MAX - 1;
    (void)fst_life_begin(&o, 0);
    CHECK("counted", o.side[0].born, UINT16_MAX);
    (void)fst_life_begin(&o, 0);
    CHECK("never wraps", o.side[0].born, UINT16_MAX);
}

/* A SYN or FIN of the peer may reach a life that begins after it was captured. */
static void new_lives_may_receive_old_news(void **state)
{
    unsigned sent;

    (void)state;
    for (sent = 0; sent < 4; sent++) {
        struct fst_observation o;
        const struct fst_life *life;
        uint32_t want = 0;

        fst_observation_init(&o);
        o.side[1].sent_facts = (uint8_t)sent;
        life = &o.side[0].lives[fst_life_begin(&o, 0)];
        if (sent & 1)
            want |= fst_fact(FST_FACT_SYN);
        if (sent & 2)
            want |= fst_facts_of(FST_FACT_ACK | FST_FACT_FIN);
        CHECK("facts", life->facts, want);
    }
}

/* Both connect, and each is refused by the other. A's next SYN reaches B in SYN-SENT, whose SYN-ACK
 * has the number of its refused SYN (3.10.7.3): one connection, for both sides. */
static void a_syn_ack_joins_the_connection_it_accepts(void **state)
{
    static const struct {
        unsigned side;
        uint32_t seq, ack;
        unsigned flags;
        uint16_t incarnation;
    } segments[] = {
        {0, 100, 0, FST_TCP_SYN, 1},       {1, 0, 101, FST_TCP_RST | FST_TCP_ACK, 1},
        {1, 5000, 0, FST_TCP_SYN, 2},      {0, 0, 5001, FST_TCP_RST | FST_TCP_ACK, 2},
        {0, 900000, 0, FST_TCP_SYN, 3},    {1, 5000, 900001, FST_TCP_SYN | FST_TCP_ACK, 3},
        {0, 900001, 5001, FST_TCP_ACK, 3}, {1, 5001, 900001, FST_TCP_ACK, 3},
    };
    struct fst_observation o;
    size_t i;

    (void)state;
    fst_observation_init(&o);
    for (i = 0; i < COUNT(segments); i++) {
        struct fst_segment segment = {.packet = i + 1,
                                      .seq = segments[i].seq,
                                      .ack = segments[i].ack,
                                      .flags = (uint16_t)segments[i].flags,
                                      .wnd_raw = 1000};
        struct fst_step step;

        fst_observe(&o, &segment, segments[i].side, false, &step);
        CHECK("incarnation", step.incarnation, segments[i].incarnation);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_belong_to_the_nearest_life),
        cmocka_unit_test(an_acknowledgment_finds_its_life),
        cmocka_unit_test(certain_octets_go_first),
        cmocka_unit_test(exact_goes_before_near),
        cmocka_unit_test(the_oldest_gives_way),
        cmocka_unit_test(a_syn_ack_joins_the_connection_it_accepts),
        cmocka_unit_test(lives_that_join_are_one),
        cmocka_unit_test(the_newest_acknowledgment_of_lives_that_join),
        cmocka_unit_test(what_lives_that_join_excuse),
        cmocka_unit_test(the_reset_of_lives_that_join),
        cmocka_unit_test(births_are_counted_to_their_bound),
        cmocka_unit_test(new_lives_may_receive_old_news),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
