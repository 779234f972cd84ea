/* SPDX-License-Identifier: MIT
 *
 * A connection packed into its record after every segment where it fits, beside one kept whole:
 * both must show, find and change the same. On all captures and scenarios of the project, and on
 * random segments.
 */
#include "flow/pack.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/packet.h"
#include "flow/findings.h"
#include "flow/key.h"
#include "support/frame.h"
#include "support/memory.h"
#include "support/scenario.h"
#include "support/unit.h"
#include "support/wire.h"
#include "tcp/observer.h"

/* One 4-tuple, observed twice. */
struct pair {
    const char *name;
    struct fst_observation whole, packed;
    struct fst_record record;
    uint32_t first_packet, fin_packet[2], reported; /* the newest finding */
    struct fst_findings findings;
    struct memory memory;
    bool in_record; /* after the segment before */
    unsigned segments, fitted;
};

static void pair_open(struct pair *pair, const char *name)
{
    memset(pair, 0, sizeof(*pair));
    pair->name = name;
    memory_init(&pair->memory);
    fst_findings_init(&pair->findings, &pair->memory.allocator);
    fst_observation_init(&pair->whole);
    fst_observation_init(&pair->packed);
    pair->reported = FST_NO_INDEX;
}

static void pair_close(struct pair *pair)
{
    fst_findings_fini(&pair->findings);
    CHECK(pair->name, pair->memory.blocks, 0);
}

static const char *slug_of(const struct fst_step *step, size_t i)
{
    return i < step->finding_count ? fst_rule_at(step->findings[i].rule)->slug : "nothing";
}

static void compare_steps(const char *what, const struct fst_step *one,
                          const struct fst_step *other)
{
    size_t i;

    for (i = 0; i < one->finding_count || i < other->finding_count; i++)
        if (i >= one->finding_count || i >= other->finding_count ||
            one->findings[i].rule != other->findings[i].rule)
            fail_msg("%s: finds %s, not %s", what, slug_of(other, i), slug_of(one, i));
    CHECK(what, other->change_count, one->change_count);
    CHECK(what, other->opened, one->opened);
    CHECK(what, other->incarnation, one->incarnation);
    CHECK(what, other->evidence, one->evidence);
    CHECK(what, other->relative_seq, one->relative_seq);
    CHECK(what, other->relative_ack, one->relative_ack);
    CHECK(what, other->sender_origin_known, one->sender_origin_known);
    for (i = 0; i < one->finding_count; i++) {
        const struct fst_step_finding *a = &one->findings[i], *b = &other->findings[i];

        CHECK(what, b->class_, a->class_);
        CHECK(what, b->side, a->side);
        CHECK(what, b->packet, a->packet);
        CHECK(what, b->states, a->states);
        CHECK(what, b->number[0], a->number[0]);
        CHECK(what, b->number[1], a->number[1]);
    }
    for (i = 0; i < one->change_count; i++) {
        CHECK(what, other->changes[i].side, one->changes[i].side);
        CHECK(what, other->changes[i].from, one->changes[i].from);
        CHECK(what, other->changes[i].to, one->changes[i].to);
        CHECK(what, other->changes[i].inferred, one->changes[i].inferred);
        CHECK(what, other->changes[i].corrected, one->changes[i].corrected);
    }
}

static void compare_sides(const struct pair *pair, const char *what)
{
    unsigned side;

    for (side = 0; side < 2; side++) {
        const struct fst_observed_side *a = &pair->whole.side[side], *b = &pair->packed.side[side];

        CHECK(what, fst_observed_state(&pair->packed, side),
              fst_observed_state(&pair->whole, side));
        CHECK(what, fst_observed_possible(&pair->packed, side),
              fst_observed_possible(&pair->whole, side));
        CHECK(what, b->lives[b->current].wide, a->lives[a->current].wide);
        CHECK(what, fst_end_state(&pair->record.end[side]), fst_observed_state(&pair->whole, side));
        CHECK(what, fst_end_is(&pair->record.end[side], FST_END_FIN),
              (a->lives[a->current].flags & FST_LIFE_FIN) != 0);
    }
}

/* As the connection table does it. */
static void put_away(struct pair *pair, const struct fst_segment *segment, unsigned side)
{
    struct fst_record *record = &pair->record;
    struct fst_observation *o = &pair->packed;
    unsigned s;

    if (segment->time_ns > record->ts_last)
        record->ts_last = segment->time_ns;
    if (pair->segments == 0) {
        bool answer = (segment->flags & FST_TCP_SYN) && (segment->flags & FST_TCP_ACK);

        record->ts_last = segment->time_ns;
        record->kind |= (uint32_t)(answer ? !side : side) << FST_KIND_CLIENT_SHIFT;
        pair->first_packet = (uint32_t)segment->packet;
    }
    record->end[side].packets++;
    pair->segments++;
    pair->in_record = fst_pack(record, pair->fin_packet, o);
    if (!pair->in_record)
        return;
    pair->fitted++;
    memset(o, 0, sizeof(*o)); /* nothing but the record is left */
    fst_unpack(o, record, pair->first_packet, pair->fin_packet);
    for (s = 0; s < 2; s++)
        fst_findings_reported(&pair->findings, pair->reported, s, o->side[s].lives[0].reported);
}

static void take(struct pair *pair, const struct fst_segment *segment, unsigned side, bool lossless)
{
    struct fst_step one, other;
    char what[300];
    uint32_t repeats;
    size_t i;

    (void)snprintf(what, sizeof(what), "%s, packet %llu%s%s", pair->name,
                   (unsigned long long)segment->packet, lossless ? ", lossless" : "",
                   pair->in_record ? ", from its record" : "");
    fst_observe(&pair->whole, segment, side, lossless, &one);
    fst_observe(&pair->packed, segment, side, lossless, &other);
    compare_steps(what, &one, &other);
    for (i = 0; i < one.finding_count; i++)
        (void)fst_findings_add(&pair->findings, &pair->reported, &one.findings[i], &repeats);
    put_away(pair, segment, side);
    compare_sides(pair, what);
}

/* ---------------------------------------------------------------------- what fits a record -- */

#define SYNS                                                                                       \
    {                                                                                              \
        1, FST_TCP_SYN, 0, 0, 0                                                                    \
    }
#define OPENED                                                                                     \
    SYNS, {0, FST_TCP_SYN | A, 0, 1, 0},                                                           \
    {                                                                                              \
        1, A, 1, 1, 0                                                                              \
    }
#define A FST_TCP_ACK

/* Connections that most captures are full of: they need no side storage at any time, nor if the
 * snap length hides options of their SYNs. */
static const struct {
    const char *what;
    struct {
        unsigned side, flags;
        uint32_t seq, ack, len;
    } segments[12];
} ordinary[] = {
    {"a SYN", {SYNS}},
    {"a handshake", {OPENED}},
    {"refused, with number 0 (3.10.7.1)", {SYNS, {0, FST_TCP_RST | A, UINT32_MAX - 4999, 1, 0}}},
    {"data both ways", {OPENED, {1, A, 1, 1, 100}, {0, A, 1, 101, 50}, {1, A, 101, 51, 0}}},
    {"closed by the client",
     {OPENED, {1, FST_TCP_FIN | A, 1, 1, 0}, {0, FST_TCP_FIN | A, 1, 2, 0}, {1, A, 2, 2, 0}}},
    {"closed by the server, in four",
     {OPENED,
      {1, A, 1, 1, 10},
      {0, A, 1, 11, 0},
      {0, FST_TCP_FIN | A, 1, 11, 0},
      {1, A, 11, 2, 0},
      {1, FST_TCP_FIN | A, 11, 2, 0},
      {0, A, 2, 12, 0}}},
    {"closed by the server at once, its SYN perhaps still pending",
     {OPENED,
      {0, FST_TCP_FIN | A, 1, 1, 0},
      {1, A, 1, 2, 0},
      {1, FST_TCP_FIN | A, 1, 2, 0},
      {0, A, 2, 2, 0}}},
    {"aborted", {OPENED, {1, A, 1, 1, 10}, {0, A, 1, 11, 0}, {1, FST_TCP_RST | A, 11, 1, 0}}},
    {"retransmission", {OPENED, {1, A, 1, 1, 10}, {1, A, 1, 1, 10}, {0, A, 1, 11, 0}}},
};

static void ordinary_connections_fit(void **state)
{
    size_t i, k;
    unsigned kind;

    (void)state;
    for (i = 0; i < COUNT(ordinary); i++)
        for (kind = 0; kind < 4; kind++) {
            unsigned client = kind & 1;
            bool cut = kind >> 1;
            struct pair pair;

            pair_open(&pair, ordinary[i].what);
            for (k = 0; k < COUNT(ordinary[i].segments) && ordinary[i].segments[k].flags; k++) {
                bool sent = ordinary[i].segments[k].side == 1;
                struct fst_segment segment = {
                    .packet = k + 1,
                    .time_ns = (int64_t)k * 1000000,
                    .flags = (uint16_t)ordinary[i].segments[k].flags,
                    .seq = (sent ? 1000 : 5000) + ordinary[i].segments[k].seq,
                    .ack = (sent ? 5000 : 1000) + ordinary[i].segments[k].ack,
                    .payload_len = ordinary[i].segments[k].len,
                    .wnd_raw = 65535,
                    .checksum = FST_CHECKSUM_GOOD,
                    .ip_id = (uint16_t)(k + 1),
                    .header_hash = (uint32_t)k + 1,
                    .ttl = 64,
                    .options_cut = cut && (ordinary[i].segments[k].flags & FST_TCP_SYN),
                };

                if (!(segment.flags & A))
                    segment.ack = 0;
                take(&pair, &segment, sent ? client : !client, false);
                CHECK(ordinary[i].what, pair.in_record, true);
            }
            pair_close(&pair);
        }
}

/* -------------------------------------------------------------------- all there is to feed -- */

#define PAIRS_MAX 1200

/* The packets of a capture, each in its 4-tuple. */
static unsigned take_packets(const char *name, const struct fst_packet *packets, size_t count,
                             bool lossless)
{
    static struct fst_key keys[PAIRS_MAX];
    static struct pair *pairs[PAIRS_MAX];
    size_t pair_count = 0, i, k;
    unsigned fitted = 0;

    for (i = 0; i < count; i++) {
        struct fst_segment segment;
        struct fst_key key;
        bool reassembled;
        unsigned side;

        if (fst_packet_decode(&packets[i], NULL, &segment, &reassembled) != FST_DECODED_TCP)
            continue;
        memset(&key, 0, sizeof(key));
        side = fst_key_of(&key, &segment, segment.tag_count ? segment.tags[0] & 0xfff : 0);
        if (side > 1)
            continue;
        for (k = 0; k < pair_count && memcmp(&keys[k], &key, sizeof(key)) != 0; k++)
            ;
        if (k == pair_count) {
            assert_true(pair_count < PAIRS_MAX);
            keys[pair_count] = key;
            pairs[pair_count] = malloc(sizeof(*pairs[0]));
            assert_non_null(pairs[pair_count]);
            pair_open(pairs[pair_count++], name);
        }
        take(pairs[k], &segment, side, lossless);
    }
    for (k = 0; k < pair_count; k++) {
        fitted += pairs[k]->fitted;
        pair_close(pairs[k]);
        free(pairs[k]);
    }
    return fitted;
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void captures_of(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    unsigned fitted = 0, packets = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        struct wire wire = {0};
        char path[600];

        if (!ends_in(entry->d_name, ".pcap"))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        wire_pcap(&wire, path);
        fitted += take_packets(path, wire.packets, wire.count, false);
        (void)take_packets(path, wire.packets, wire.count, true);
        packets += (unsigned)wire.count;
        wire_free(&wire);
    }
    (void)closedir(dir);
    assert_true(fitted > packets / 8);
}

static void recorded_connections_stay_the_same(void **state)
{
    (void)state;
    captures_of(FST_SOURCE_DIR "/pcaps");
    captures_of(FST_SOURCE_DIR "/pcaps/scenarios");
    captures_of(FST_SOURCE_DIR "/test/kernel/recorded");
}

static void scenario_of(const char *path)
{
    struct scenario *scenario;
    struct fst_diag diag;
    unsigned swapped;

    assert_int_equal(scenario_load(&scenario, path, &diag), 0);
    for (swapped = 0; swapped < 2; swapped++) {
        struct scn_world world = scn_usual_world(scenario);
        struct scn_packets packets = {0};

        world.swapped = swapped;
        assert_int_equal(scn_packets_build(&packets, scenario, &world), 0);
        (void)take_packets(path, packets.packets, packets.count, false);
        (void)take_packets(path, packets.packets, packets.count, true);
        scn_packets_free(&packets);
    }
    scenario_free(scenario);
}

static unsigned scenarios_below(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    unsigned count = 0;

    if (!dir) /* a file of another kind */
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        char path[600];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (!ends_in(entry->d_name, ".scn")) {
            count += scenarios_below(path);
            continue;
        }
        scenario_of(path);
        count++;
    }
    (void)closedir(dir);
    return count;
}

static void scenarios_stay_the_same(void **state)
{
    (void)state;
    assert_true(scenarios_below(FST_SOURCE_DIR "/test/scenarios") > 200);
}

/* ------------------------------------------------------------------------- random segments -- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Mostly what a connection would say next, sometimes anything. */
static struct fst_segment random_segment(uint32_t *seed, uint32_t next[2], unsigned side,
                                         unsigned at)
{
    static const uint16_t flags[] = {A,
                                     A,
                                     A,
                                     A | FST_TCP_PSH,
                                     FST_TCP_FIN | A,
                                     FST_TCP_RST | A,
                                     FST_TCP_RST,
                                     FST_TCP_SYN,
                                     FST_TCP_SYN | A};
    struct fst_segment segment = {
        .packet = at + 1,
        .time_ns = (int64_t)at * 2000000,
        .wnd_raw = next_random(seed) % 16 ? (next_random(seed) % 2 ? 5000 : 40000) : 0,
        .checksum = next_random(seed) % 50 ? FST_CHECKSUM_GOOD : FST_CHECKSUM_BAD,
        .ip_id = (uint16_t)(at + 1),
        .header_hash = at + 1,
        .ttl = 64,
    };
    uint32_t stray = next_random(seed) % 8 ? 0 : next_random(seed) % 40 - 20;

    if (at < 3 && next_random(seed) % 4)
        segment.flags = at == 0 ? FST_TCP_SYN : at == 1 ? FST_TCP_SYN | A : A;
    else
        segment.flags = flags[next_random(seed) % COUNT(flags)];
    segment.seq = next[side] + stray;
    segment.ack = segment.flags & A ? next[!side] - (next_random(seed) % 10 ? 0 : 5) : 0;
    if (!(segment.flags & (FST_TCP_SYN | FST_TCP_RST)) && next_random(seed) % 2)
        segment.payload_len = next_random(seed) % 100;
    if (segment.flags & FST_TCP_SYN) {
        segment.options.present =
            (uint8_t)(next_random(seed) &
                      (FST_OPT_WSCALE | FST_OPT_MSS | FST_OPT_SACK_PERMITTED | FST_OPT_TIMESTAMPS));
        segment.options.wscale = 3;
        segment.options.mss = 1460;
    } else if (next_random(seed) % 2) {
        segment.options.present = FST_OPT_TIMESTAMPS;
    }
    segment.options.ts_val = at;
    if (stray == 0 && segment.checksum == FST_CHECKSUM_GOOD)
        next[side] += segment.payload_len + ((segment.flags & FST_TCP_SYN) != 0) +
                      ((segment.flags & FST_TCP_FIN) != 0);
    return segment;
}

static void random_connections_stay_the_same(void **state)
{
    uint32_t seed = 20220818;
    unsigned run, at, fitted = 0;

    (void)state;
    for (run = 0; run < 4000; run++) {
        uint32_t next[2] = {next_random(&seed), next_random(&seed)};
        unsigned length = 3 + next_random(&seed) % 12;
        struct pair pair;
        char name[40];

        (void)snprintf(name, sizeof(name), "run %u", run);
        pair_open(&pair, name);
        for (at = 0; at < length; at++) {
            unsigned side = at < 3 ? at % 2 : next_random(&seed) % 2;
            struct fst_segment segment = random_segment(&seed, next, side, at);

            take(&pair, &segment, side, run % 2);
        }
        fitted += pair.fitted;
        pair_close(&pair);
    }
    assert_true(fitted > 4000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_connections_fit),
        cmocka_unit_test(recorded_connections_stay_the_same),
        cmocka_unit_test(scenarios_stay_the_same),
        cmocka_unit_test(random_connections_stay_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
