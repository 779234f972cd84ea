/* SPDX-License-Identifier: MIT
 *
 * The marks of one life against what a list of every octet says, with sequence numbers that wrap.
 */
#include "tcp/marks.h"

#include <string.h>

#include "support/unit.h"
#include "tcp/states.h"

/* Numbers of a test are small; on the wire they begin here, so that most cases wrap. */
static const uint32_t bases[] = {0, 1000, UINT32_MAX - 50, 0x7fffffe0, 0x80000000};

static struct fst_life life_at(uint32_t seq)
{
    struct fst_life life;

    fst_life_init(&life, 3);
    fst_life_place(&life, seq);
    return life;
}

static void a_new_life_knows_nothing(void **state)
{
    struct fst_life life;

    (void)state;
    memset(&life, 0xff, sizeof(life));
    fst_life_init(&life, 7);
    CHECK("flags", life.flags, FST_LIFE_USED);
    CHECK("possible", life.possible, FST_SET(FST_CLOSED) | FST_SET(FST_LISTEN));
    CHECK("wide", life.wide, life.possible);
    CHECK("likely", life.likely, FST_LISTEN);
    CHECK("peer", life.peer, FST_NO_LIFE);
    CHECK("incarnation", life.incarnation, 7);
    CHECK("facts", life.facts, 0);
    CHECK("ranges", life.range_count, 0);
    assert_false(fst_life_in_run(&life, 0));
    assert_false(fst_life_contains_ack(&life, 0));
    assert_false(fst_life_admits_ack(&life, 0));
    fst_life_claim(&life, 100); /* nothing to claim from */
    CHECK("claimed", life.claimed, 0);
}

static void empty_segments_move_only_the_edges(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_life life = life_at(at);

        fst_life_book(&life, at + 10, at + 10, 5);
        CHECK("snd_top", life.snd_top, at + 10);
        CHECK("claimed", life.claimed, at + 10);
        CHECK("occ", life.occ, at);
        CHECK("packet", life.top_packet, 0);
        CHECK("ranges", life.range_count, 0);
        CHECK("run", life.run_high, at);
        fst_life_book(&life, at - 10, at - 10, 6);
        CHECK("snd_low", life.snd_low, at - 10);
        CHECK("snd_top stays", life.snd_top, at + 10);
    }
}

/* What lies farther behind than any window reaches is forgotten, also where none of it was seen. */
static void what_is_out_of_reach_is_forgotten(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t base = bases[i], top = base + FST_LIFE_REACH + 1, low = top - FST_LIFE_REACH / 2;
        struct fst_life life = life_at(base);

        fst_life_book(&life, base, base + 10, 1);
        fst_life_book(&life, top - 1, top - 1, 2);
        CHECK("in reach", life.occ, base + 10);
        CHECK("low", life.snd_low, base);
        fst_life_book(&life, top, top, 3);
        CHECK("occ", life.occ, low);
        CHECK("low", life.snd_low, low);
        CHECK("ranges", life.range_count, 0);
        assert_false(fst_life_in_run(&life, base + 5));
        assert_true(fst_life_contains_ack(&life, low));
        assert_false(fst_life_contains_ack(&life, base + 10));
    }
}

static void segments_book_their_octets(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_life life = life_at(at);

        fst_life_book(&life, at, at + 20, 1);
        fst_life_book(&life, at + 40, at + 50, 2); /* a hole: not certain */
        CHECK("occ", life.occ, at + 50);
        CHECK("snd_top", life.snd_top, at + 50);
        CHECK("claimed", life.claimed, at + 50);
        CHECK("packet", life.top_packet, 2);
        CHECK("run", life.run_high, at + 20);
        assert_true(fst_life_in_run(&life, at) && fst_life_in_run(&life, at + 20));
        assert_false(fst_life_in_run(&life, at + 21) || fst_life_in_run(&life, at - 1));
        fst_life_book(&life, at + 10, at + 30, 3); /* overlaps */
        CHECK("packet of the highest", life.top_packet, 2);
        CHECK("run", life.run_high, at + 30);
        CHECK("ranges", life.range_count, 2);
        fst_life_book(&life, at + 30, at + 40, 4); /* the hole is filled: all is certain */
        CHECK("run", life.run_high, at + 50);
        CHECK("ranges", life.range_count, 1);
        fst_life_book(&life, at - 5, at, 5); /* touches from below */
        CHECK("run_low", life.run_low, at - 5);
        fst_life_book(&life, at - 20, at - 10, 6); /* does not */
        CHECK("run_low", life.run_low, at - 5);
        CHECK("snd_low", life.snd_low, at - 20);
        CHECK("occ", life.occ, at + 50);
    }
}

static void a_run_grows_over_what_it_touches(void **state)
{
    struct fst_life life = life_at(100);

    (void)state;
    fst_life_book(&life, 120, 130, 1);
    fst_life_book(&life, 130, 140, 1);
    fst_life_book(&life, 150, 160, 1);
    fst_life_extend_run(&life, 110);
    CHECK("short of it", life.run_high, 110);
    fst_life_extend_run(&life, 105);
    CHECK("never back", life.run_high, 110);
    fst_life_extend_run(&life, 120);
    CHECK("touched", life.run_high, 140);
    fst_life_extend_run(&life, 155);
    CHECK("inside", life.run_high, 160);
    fst_life_extend_run(&life, 170);
    CHECK("beyond", life.run_high, 170);
}

static void whole_ranges_and_holes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_life life = life_at(at);

        fst_life_book(&life, at, at + 20, 1);
        fst_life_book(&life, at + 40, at + 60, 2);
        assert_true(fst_life_has_range(&life, at, at + 20));
        assert_true(fst_life_has_range(&life, at + 5, at + 6));
        assert_true(fst_life_has_range(&life, at + 40, at + 60));
        assert_false(fst_life_has_range(&life, at + 19, at + 21));
        assert_false(fst_life_has_range(&life, at + 39, at + 41));
        assert_false(fst_life_has_range(&life, at, at + 60));
        assert_false(fst_life_has_range(&life, at + 25, at + 30));
        assert_false(fst_life_has_range(&life, at + 5, at + 5));
        assert_true(fst_life_no_hole(&life, at + 5, at + 5));
        assert_true(fst_life_no_hole(&life, at + 30, at + 25));
        assert_true(fst_life_no_hole(&life, at + 2, at + 20));
        assert_false(fst_life_no_hole(&life, at + 2, at + 41));
    }
}

/* The lowest range may hold octets that were not captured; those above it hold none. */
static void octets_captured_for_certain(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_life life = life_at(at);

        fst_life_book(&life, at, at + 20, 1);
        fst_life_book(&life, at + 40, at + 60, 2);
        fst_life_book(&life, at + 80, at + 81, 3);
        assert_false(fst_life_has_octet(&life, at + 10));
        assert_false(fst_life_has_octet(&life, at + 39));
        assert_true(fst_life_has_octet(&life, at + 40));
        assert_true(fst_life_has_octet(&life, at + 59));
        assert_false(fst_life_has_octet(&life, at + 60));
        assert_true(fst_life_has_octet(&life, at + 80));
        assert_false(fst_life_has_octet(&life, at + 81));
    }
}

static void acknowledgments_of_a_life(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(bases); i++) {
        uint32_t at = bases[i];
        struct fst_life life = life_at(at);

        fst_life_book(&life, at, at + 20, 1);
        assert_true(fst_life_contains_ack(&life, at)); /* mid-stream: what came before is unknown */
        life.flags |= FST_LIFE_ISS;
        life.iss = at;
        assert_false(fst_life_contains_ack(&life, at)); /* the ISS alone acknowledges nothing */
        assert_true(fst_life_contains_ack(&life, at + 1));
        assert_true(fst_life_contains_ack(&life, at + 20));
        assert_false(fst_life_contains_ack(&life, at + 21));
        assert_false(fst_life_admits_ack(&life, at + 21));
        fst_life_claim(&life, at + 30);
        assert_false(fst_life_contains_ack(&life, at + 30));
        assert_true(fst_life_admits_ack(&life, at + 30));
        assert_true(fst_life_admits_ack(&life, at + 20));
        assert_false(fst_life_admits_ack(&life, at + 31));
        assert_false(fst_life_admits_ack(&life, at));
        fst_life_claim(&life, at + 25);
        CHECK("never back", life.claimed, at + 30);
        fst_life_book(&life, at + 25, at + 28, 2);
        CHECK("nor by a segment below", life.claimed, at + 30);
    }
}

/* --------------------------------------------------------------------- against every octet -- */

#define OCTETS 400

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void check_ranges(const struct fst_life *life, const bool *captured, bool full)
{
    unsigned i, at;

    assert_true(life->range_count <= FST_RANGES_MAX);
    for (i = 0; i < life->range_count; i++) {
        CHECK("not empty", life->ranges[i].high - life->ranges[i].low > 0, true);
        if (i > 0) /* ascending and apart */
            CHECK("apart", (int32_t)(life->ranges[i].low - life->ranges[i - 1].high) > 0, true);
    }
    for (at = 0; at < OCTETS; at++) {
        uint32_t seq = life->snd_low + at;
        bool has = fst_life_has_range(life, seq, seq + 1);

        /* With too many ranges, octets that were not captured may count; captured ones always do.
         */
        if (captured[at] || !full)
            CHECK("octet", has, captured[at]);
    }
}

static void ranges_hold_every_octet(void **state)
{
    uint32_t seed = 4711;
    unsigned run, i, at;

    (void)state;
    for (run = 0; run < 400; run++) {
        uint32_t base = bases[run % COUNT(bases)] - OCTETS / 2;
        struct fst_life life = life_at(base);
        bool captured[OCTETS] = {false}, full = false;

        for (i = 0; i < 40; i++) {
            uint32_t low = next_random(&seed) % (OCTETS - 20);
            uint32_t high = low + next_random(&seed) % (run % 2 ? 20 : 3);
            unsigned pieces = 0;

            fst_life_book(&life, base + low, base + high, i);
            for (at = low; at < high; at++)
                captured[at] = true;
            for (at = 0; at < OCTETS; at++)
                pieces += captured[at] && (at == 0 || !captured[at - 1]);
            full = full || pieces > FST_RANGES_MAX;
            if (!full)
                CHECK("pieces", life.range_count, pieces);
            check_ranges(&life, captured, full);
        }
    }
}

/* With all ranges taken a new lowest one joins its neighbour, a new one elsewhere closes the lowest
 * gap. */
static void the_lowest_gap_is_closed(void **state)
{
    struct fst_life life = life_at(1000);
    uint32_t i;

    (void)state;
    for (i = 0; i < FST_RANGES_MAX; i++)
        fst_life_book(&life, 1100 + 20 * i, 1110 + 20 * i, i);
    CHECK("full", life.range_count, FST_RANGES_MAX);
    fst_life_book(&life, 1050, 1060, 9);
    CHECK("still full", life.range_count, FST_RANGES_MAX);
    CHECK("low", life.ranges[0].low, 1050);
    CHECK("high", life.ranges[0].high, 1110);
    fst_life_book(&life, 1400, 1410, 10);
    CHECK("still full", life.range_count, FST_RANGES_MAX);
    CHECK("low", life.ranges[0].low, 1050);
    CHECK("closed", life.ranges[0].high, 1130);
    CHECK("next", life.ranges[1].low, 1140);
    CHECK("last", life.ranges[FST_RANGES_MAX - 1].low, 1400);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_life_knows_nothing),
        cmocka_unit_test(empty_segments_move_only_the_edges),
        cmocka_unit_test(what_is_out_of_reach_is_forgotten),
        cmocka_unit_test(segments_book_their_octets),
        cmocka_unit_test(a_run_grows_over_what_it_touches),
        cmocka_unit_test(whole_ranges_and_holes),
        cmocka_unit_test(octets_captured_for_certain),
        cmocka_unit_test(acknowledgments_of_a_life),
        cmocka_unit_test(ranges_hold_every_octet),
        cmocka_unit_test(the_lowest_gap_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
