/* SPDX-License-Identifier: MIT
 *
 * IP fragments: a TCP segment is cut into pieces, which arrive in some order, twice, wrong or
 * never.
 */
#include "decode/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "support/frame_builder.h"
#include "support/unit.h"

#define TEXT    100
#define SEGMENT (20 + TEXT) /* octets of the datagram that is cut up */
#define SECOND  ((int64_t)1000000000)
#define ROOM    1000000 /* octets of a store that nothing overflows */

enum kind { NONE, MORE, LAST, DAMAGED }; /* the last is as MORE with all octets 0xee */

struct piece {
    enum kind kind;
    unsigned from, to; /* octets of the datagram */
};

#define PIECES_MAX 8

/* What each piece is answered with: '.' kept; 'T' whole, with the TCP segment as it was; 'B' whole,
 * with its header but not all of its text; 'M' malformed. */
static const struct {
    const char *what;
    struct piece pieces[PIECES_MAX];
    const char *ip4, *ip6;
} cases[] = {
    {"in order", {{MORE, 0, 48}, {MORE, 48, 96}, {LAST, 96, 120}}, "..T", "..T"},
    {"last first", {{LAST, 96, 120}, {MORE, 48, 96}, {MORE, 0, 48}}, "..T", "..T"},
    {"tiny", {{MORE, 0, 8}, {MORE, 8, 16}, {MORE, 16, 24}, {LAST, 24, 120}}, "...T", "...T"},
    {"another length", {{MORE, 0, 48}, {LAST, 48, 117}}, ".B", ".B"},
    {"one missing", {{MORE, 0, 48}, {LAST, 96, 120}}, "..", ".."},
    {"no last", {{MORE, 0, 48}, {MORE, 48, 120}}, "..", ".."},
    {"exact copy", {{MORE, 0, 48}, {MORE, 0, 48}, {LAST, 48, 120}}, "..T", "..T"},
    {"copy of the last", {{LAST, 48, 120}, {LAST, 48, 120}, {MORE, 0, 48}}, "..T", "..T"},
    {"copy, cut otherwise",
     {{MORE, 0, 24}, {MORE, 24, 48}, {MORE, 0, 48}, {LAST, 48, 120}},
     "...T",
     "...T"},
    {"overlap, same octets", {{MORE, 0, 48}, {LAST, 40, 120}}, ".T", ".."},
    {"overlap, last first", {{LAST, 48, 120}, {MORE, 0, 56}}, ".T", ".."},
    {"overlap, first wins", {{MORE, 0, 48}, {DAMAGED, 0, 96}, {LAST, 96, 120}}, "..B", "..."},
    {"same place, other octets", {{MORE, 0, 48}, {DAMAGED, 0, 48}, {LAST, 48, 120}}, "..T", "..."},
    {"past the end", {{LAST, 96, 120}, {MORE, 96, 128}, {MORE, 0, 96}}, "..T", "..."},
    {"an earlier end", {{LAST, 96, 120}, {LAST, 96, 112}, {MORE, 0, 96}}, "..T", "..."},
    {"end before what is there",
     {{MORE, 48, 96}, {LAST, 48, 72}, {LAST, 96, 120}, {MORE, 0, 48}},
     "...T",
     "...."},
    {"no multiple of 8", {{MORE, 0, 47}, {MORE, 0, 48}, {LAST, 48, 120}}, "M.T", "M.T"},
    {"empty", {{MORE, 48, 48}, {MORE, 0, 48}, {LAST, 48, 120}}, "M.T", "M.T"},
    {"up to 65,535 octets", {{LAST, 65528, 65535}}, ".", "."},
    {"more than 65,535 octets", {{LAST, 65528, 65536}}, "M", "M"},
    {"more than 65,535 octets to come", {{MORE, 65520, 65536}}, "M", "M"},
};

/* The segment that is cut up, with its checksum, and zeros behind it. */
static const uint8_t *segment_octets(int version)
{
    static uint8_t octets[2 * SEGMENT];
    static struct frame frame;

    frame_build(&frame, "", version, "", TEXT);
    memcpy(octets, frame.octets + frame.len - SEGMENT, SEGMENT);
    return octets;
}

static void append_octets(struct frame *frame, int version, const struct piece *piece)
{
    const uint8_t *octets = segment_octets(version);

    for (unsigned at = piece->from; at < piece->to; at++)
        frame_octets(frame,
                     piece->kind == DAMAGED ? (const uint8_t *)"\xee" : octets + at % (2 * SEGMENT),
                     1);
}

/* Appends an IP packet with that fragment of the segment; returns where it begins. */
static size_t append_piece(struct frame *frame, int version, const struct piece *piece)
{
    uint16_t more = piece->kind != LAST;
    uint16_t offset = (uint16_t)(piece->from / 8);
    size_t ip;

    if (version == 6) {
        ip = frame_ip6(frame, 44);
        frame_hex(frame, "06 00 0000 0000 0007");
        frame_set16(frame, ip + 42, (uint16_t)(offset << 3 | more));
    } else {
        ip = frame_ip4(frame, 6);
        frame_set16(frame, ip + 6, (uint16_t)(offset | more << 13));
    }
    append_octets(frame, version, piece);
    frame_end_ip(frame, ip);
    return ip;
}

static struct frame *piece_frame(int version, enum kind kind, unsigned from, unsigned to)
{
    static struct frame frame;
    struct piece piece = {kind, from, to};

    frame.len = 0;
    frame_hex(&frame, version == 6 ? FRAME_ETHERNET_IP6 : FRAME_ETHERNET_IP4);
    append_piece(&frame, version, &piece);
    return &frame;
}

static struct fst_fragments *new_store(uint32_t octets)
{
    struct fst_fragments *fragments = fst_fragments_new(NULL, octets);

    assert_non_null(fragments);
    return fragments;
}

static char answer(const struct frame *frame, struct fst_fragments *fragments, int64_t time_ns)
{
    struct fst_packet packet = frame_packet(frame, 1);
    struct fst_segment segment;
    bool reassembled;

    packet.time_ns = time_ns;
    switch (frame_decode(&packet, fragments, &segment, &reassembled)) {
    case FST_DECODED_FRAGMENT:
        return '.';
    case FST_DECODED_TCP:
        assert_true(reassembled);
        assert_int_equal(segment.seq, FRAME_SEQ);
        assert_int_equal(segment.packet, 7);
        assert_int_equal(segment.time_ns, time_ns);
        return segment.checksum == FST_CHECKSUM_GOOD && segment.payload_len == TEXT ? 'T' : 'B';
    case FST_DECODED_MALFORMED:
        return 'M';
    case FST_DECODED_CUT:
        return 'C';
    case FST_DECODED_NOT_TCP:
        return 'N';
    case FST_DECODED_NO_MEMORY:
        return '0';
    default:
        return '?';
    }
}

static void pieces_are_put_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases) * 2; i++) {
        int version = i % 2 == 0 ? 4 : 6;
        const char *want = version == 6 ? cases[i / 2].ip6 : cases[i / 2].ip4;
        struct fst_fragments *fragments = new_store(ROOM);

        for (size_t at = 0; want[at]; at++) {
            const struct piece *piece = &cases[i / 2].pieces[at];

            CHECK(cases[i / 2].what,
                  answer(piece_frame(version, piece->kind, piece->from, piece->to), fragments, 0),
                  want[at]);
        }
        fst_fragments_free(fragments);
    }
}

/* Pieces of two datagrams that differ in one thing are kept apart. */
static void datagrams_are_told_apart(void **state)
{
    static const struct {
        const char *what;
        int version;
        size_t at; /* the octet of the frame that differs */
        bool apart;
    } rows[] = {
        {"IPv4 identification", 4, 19, true}, {"IPv4 source", 4, 29, true},
        {"IPv4 destination", 4, 33, true},    {"IPv4 TTL", 4, 22, false},
        {"IPv6 identification", 6, 61, true}, {"IPv6 source", 6, 37, true},
        {"IPv6 destination", 6, 53, true},    {"IPv6 hop limit", 6, 21, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fst_fragments *fragments = new_store(ROOM);
        struct frame *frame = piece_frame(rows[i].version, MORE, 0, 48);

        CHECK(rows[i].what, answer(frame, fragments, 0), '.');
        frame = piece_frame(rows[i].version, LAST, 48, 120);
        frame->octets[rows[i].at] ^= 0x10;
        CHECK(rows[i].what, answer(frame, fragments, 0) == '.', rows[i].apart);
        fst_fragments_free(fragments);
    }
}

static void vlans_and_protocols_are_told_apart(void **state)
{
    struct fst_fragments *fragments = new_store(ROOM);
    static struct frame frame;
    const struct piece last = {LAST, 48, 120};

    (void)state;
    assert_int_equal(answer(piece_frame(4, MORE, 0, 48), fragments, 0), '.');
    frame.len = 0;
    frame_hex(&frame, "020000000002 020000000001 8100 0064 0800");
    append_piece(&frame, 4, &last);
    assert_int_equal(answer(&frame, fragments, 0), '.');
    frame = *piece_frame(4, LAST, 48, 120);
    frame.octets[14 + 9] = 51; /* IPv4: the protocol is part of the key */
    assert_int_equal(answer(&frame, fragments, 0), '.');
    frame = *piece_frame(6, MORE, 0, 48);
    assert_int_equal(answer(&frame, fragments, 0), '.');
    frame = *piece_frame(6, LAST, 48, 120);
    frame.octets[14 + 40] = 60; /* IPv6: it is not, and the first fragment's counts */
    assert_int_equal(answer(&frame, fragments, 0), 'T');
    fst_fragments_free(fragments);
}

static void an_old_datagram_is_given_up(void **state)
{
    struct fst_fragments *fragments = new_store(ROOM);

    (void)state;
    assert_int_equal(answer(piece_frame(4, MORE, 0, 48), fragments, 10 * SECOND), '.');
    assert_int_equal(answer(piece_frame(4, LAST, 48, 120), fragments, 70 * SECOND), 'T');
    assert_int_equal(answer(piece_frame(4, MORE, 0, 48), fragments, 10 * SECOND), '.');
    assert_int_equal(answer(piece_frame(4, LAST, 48, 120), fragments, 70 * SECOND + 1), '.');
    assert_int_equal(answer(piece_frame(4, MORE, 0, 48), fragments, 71 * SECOND), 'T');
    /* Time may step backwards. */
    assert_int_equal(answer(piece_frame(4, MORE, 0, 48), fragments, 500 * SECOND), '.');
    assert_int_equal(answer(piece_frame(4, LAST, 48, 120), fragments, INT64_MIN), 'T');
    fst_fragments_free(fragments);
}

static void what_cannot_be_tcp_is_not_kept(void **state)
{
    struct fst_fragments *fragments = new_store(ROOM);
    struct frame *frame = piece_frame(4, MORE, 0, 48);

    (void)state;
    frame->octets[14 + 9] = 17;
    assert_int_equal(answer(frame, fragments, 0), 'N');
    frame = piece_frame(6, MORE, 0, 48);
    frame->octets[14 + 40] = 17;
    assert_int_equal(answer(frame, fragments, 0), 'N');
    fst_fragments_free(fragments);
}

/* A fragment that cannot be kept: no store, no room, or not all of it was captured. */
static void what_cannot_be_kept_is_cut(void **state)
{
    static const struct {
        const char *what;
        unsigned from, to;
        bool store;
        uint32_t room, captured_less;
        uint16_t dst_port;
    } rows[] = {
        {"no store, first", 0, 48, false, 0, 0, FRAME_DST_PORT},
        {"no store, later", 48, 96, false, 0, 0, 0},
        {"no room, first", 0, 48, true, 1000, 0, FRAME_DST_PORT},
        {"no room for its octets", 0, 48, true, 2500, 0, FRAME_DST_PORT},
        {"snap length, first", 0, 48, true, ROOM, 1, FRAME_DST_PORT},
        {"snap length, first, no ports", 0, 48, true, ROOM, 45, 0},
        {"snap length, later", 48, 96, true, ROOM, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fst_fragments *fragments = rows[i].store ? new_store(rows[i].room) : NULL;
        struct fst_packet packet = frame_packet(piece_frame(4, MORE, rows[i].from, rows[i].to), 1);
        struct fst_segment segment;
        bool reassembled;

        packet.captured_len -= rows[i].captured_less;
        CHECK(rows[i].what, frame_decode(&packet, fragments, &segment, &reassembled),
              FST_DECODED_CUT);
        CHECK(rows[i].what, segment.src[3], 1);
        CHECK(rows[i].what, segment.dst_port, rows[i].dst_port);
        fst_fragments_free(fragments);
    }
}

/* An allocator that counts, and fails once `budget` calls for memory are used up. */
struct counted {
    size_t held, most;
    unsigned budget;
};

static void *counted_resize(void *context, void *old, size_t old_size, size_t new_size)
{
    struct counted *counted = context;

    if (new_size > 0 && counted->budget-- == 0) {
        counted->budget = 0;
        return NULL;
    }
    counted->held += new_size - old_size;
    if (counted->held > counted->most)
        counted->most = counted->held;
    if (new_size > 0)
        return realloc(old, new_size);
    free(old);
    return NULL;
}

static char answer_id(struct fst_fragments *fragments, unsigned id, enum kind kind, unsigned from,
                      unsigned to)
{
    struct frame *frame = piece_frame(4, kind, from, to);

    frame_set16(frame, 14 + 4, (uint16_t)id);
    return answer(frame, fragments, 0);
}

/* First pieces of 1000 datagrams: the last ones can be completed, the first ones are forgotten. */
static void the_store_is_bounded(void **state)
{
    static const struct {
        const char *what;
        uint32_t room;
        unsigned to; /* of the first piece */
    } rows[] = {
        {"in datagrams", 100000000, 48},
        {"in octets", 100000, 48},
        {"in octets of long pieces", 100000, 3000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct counted counted = {.budget = UINT32_MAX};
        struct fst_allocator allocator = {counted_resize, &counted};
        struct fst_fragments *fragments = fst_fragments_new(&allocator, rows[i].room);
        size_t empty = counted.held, limit = rows[i].room;

        assert_non_null(fragments);
        if (limit > FST_DATAGRAMS_MAX * 4096)
            limit = FST_DATAGRAMS_MAX * 4096;
        for (unsigned id = 1; id <= 1000; id++)
            CHECK(rows[i].what, answer_id(fragments, id, MORE, 0, rows[i].to), '.');
        CHECK(rows[i].what, counted.most - empty <= limit, true);
        CHECK(rows[i].what, answer_id(fragments, 1000, LAST, rows[i].to, rows[i].to + 72) != '.',
              true);
        CHECK(rows[i].what, answer_id(fragments, 700, LAST, rows[i].to, rows[i].to + 72), '.');
        fst_fragments_free(fragments);
        CHECK(rows[i].what, counted.held, 0);
    }
}

/* A datagram that grows makes room at the cost of others, not of itself. */
static void a_growing_datagram_pushes_others_out(void **state)
{
    struct fst_fragments *fragments = new_store(13000);

    (void)state;
    assert_int_equal(answer_id(fragments, 1, MORE, 0, 48), '.');
    assert_int_equal(answer_id(fragments, 2, MORE, 0, 48), '.');
    assert_int_equal(answer_id(fragments, 3, MORE, 0, 48), '.');
    assert_int_equal(answer_id(fragments, 2, MORE, 6000, 6048), '.');
    assert_int_equal(answer_id(fragments, 1, LAST, 48, 120), '.'); /* a new one: it was forgotten */
    assert_int_equal(answer_id(fragments, 2, MORE, 16000, 16048), 'C');
    fst_fragments_free(fragments);
}

/* Memory fails at the n-th call, for every n: told so, nothing leaks, and later pieces do well. */
static void memory_fails(void **state)
{
    unsigned n = 0;
    bool failed = true;

    (void)state;
    for (; failed; n++) {
        struct counted counted = {.budget = n};
        struct fst_allocator allocator = {counted_resize, &counted};
        struct fst_fragments *fragments = fst_fragments_new(&allocator, ROOM);

        failed = fragments == NULL;
        if (fragments) {
            failed |= answer_id(fragments, 1, MORE, 0, 48) == '0';
            failed |= answer_id(fragments, 1, LAST, 4000, 4080) == '0';
            counted.budget = UINT32_MAX;
            assert_int_equal(answer_id(fragments, 2, MORE, 0, 48), '.');
            assert_int_equal(answer_id(fragments, 2, LAST, 48, 120), 'T');
        }
        fst_fragments_free(fragments);
        assert_int_equal(counted.held, 0);
    }
    assert_in_range(n, 4, 6);
}

/* Appends half of an IPv4 packet in a tunnel: the outer header is a fragment too. */
static struct frame *tunnel_frame(const struct frame *inner, uint16_t id, bool last)
{
    static struct frame frame;
    size_t ip, half = 40;

    frame.len = 0;
    frame_hex(&frame, FRAME_ETHERNET_IP4);
    ip = frame_ip4(&frame, 4);
    frame_set16(&frame, ip + 4, id);
    frame_set16(&frame, ip + 6, last ? (uint16_t)(half / 8) : 0x2000);
    frame_octets(&frame, inner->octets + (last ? half : 0), last ? inner->len - half : half);
    frame_end_ip(&frame, ip);
    return &frame;
}

static void fragments_inside_fragments(void **state)
{
    static const struct piece pieces[] = {{MORE, 0, 48}, {LAST, 48, 120}};
    struct fst_fragments *fragments = new_store(ROOM);
    static struct frame inner;

    (void)state;
    for (uint16_t i = 0; i < COUNT(pieces); i++) {
        inner.len = 0;
        append_piece(&inner, 4, &pieces[i]);
        assert_int_equal(answer(tunnel_frame(&inner, i, false), fragments, 0), '.');
        if (i == 0)
            continue;
        assert_int_equal(answer(tunnel_frame(&inner, i, true), fragments, 0), '.');
    }
    inner.len = 0;
    append_piece(&inner, 4, &pieces[0]);
    assert_int_equal(answer(tunnel_frame(&inner, 0, true), fragments, 0), 'T');
    fst_fragments_free(fragments);
}

/* The first or the last piece of a datagram of UDP to the port of VXLAN. */
static const struct frame *udp_frame(bool last)
{
    static struct frame frame;
    size_t ip;

    frame.len = 0;
    frame_hex(&frame, FRAME_ETHERNET_IP4);
    ip = frame_ip4(&frame, 17);
    frame_set16(&frame, ip + 6, last ? 1 : 0x2000);
    frame_hex(&frame, "c000 12b5 0010 0000");
    frame_end_ip(&frame, ip);
    return &frame;
}

static bool asked(const struct frame *frame, const struct fst_fragments *store)
{
    struct fst_fragments *beside = fst_fragments_new_beside(store, NULL);
    struct fst_packet packet = frame_packet(frame, 1);
    struct fst_segment segment;
    bool reassembled, result;

    assert_non_null(beside);
    assert_false(fst_fragments_asked(beside));
    assert_int_not_equal(frame_decode(&packet, beside, &segment, &reassembled),
                         FST_DECODED_FRAGMENT);
    assert_false(reassembled);
    result = fst_fragments_asked(beside);
    fst_fragments_free(beside);
    return result;
}

/* It tells what would have been kept or put together; of UDP the first piece, and others if they
 * may be of what is kept. */
static void beside_a_store(void **state)
{
    struct fst_fragments *store = new_store(ROOM);
    struct frame cut = *piece_frame(4, MORE, 0, 48), whole = {0, {0}};

    (void)state;
    cut.len -= 8;
    frame_build(&whole, FRAME_ETHERNET_IP4, 4, "", 10);
    for (int round = 0; round < 2; round++) {
        assert_true(asked(piece_frame(4, MORE, 0, 48), store));
        assert_true(asked(piece_frame(6, LAST, 48, 120), store));
        assert_true(asked(udp_frame(false), store));
        assert_int_equal(asked(udp_frame(true), store), round);
        assert_false(asked(&cut, store));
        assert_false(asked(&whole, store));
        assert_int_equal(answer(piece_frame(6, MORE, 0, 48), store, 0), '.');
    }
    fst_fragments_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_put_together),
        cmocka_unit_test(datagrams_are_told_apart),
        cmocka_unit_test(vlans_and_protocols_are_told_apart),
        cmocka_unit_test(an_old_datagram_is_given_up),
        cmocka_unit_test(what_cannot_be_tcp_is_not_kept),
        cmocka_unit_test(what_cannot_be_kept_is_cut),
        cmocka_unit_test(the_store_is_bounded),
        cmocka_unit_test(a_growing_datagram_pushes_others_out),
        cmocka_unit_test(memory_fails),
        cmocka_unit_test(fragments_inside_fragments),
        cmocka_unit_test(beside_a_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
