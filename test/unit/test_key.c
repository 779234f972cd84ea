/* SPDX-License-Identifier: MIT
 *
 * One key for both directions, another for anything that differs.
 */
#include "flow/key.h"

#include <string.h>

#include "flow/record.h"
#include "support/unit.h"
#include "tcp/step.h"

static const struct fst_siphash_key seed = {UINT64_C(0x0706050403020100),
                                            UINT64_C(0x0f0e0d0c0b0a0908)};

static uint32_t hash_with(const struct fst_key *key, const struct fst_siphash_key *from)
{
    struct fst_key_secret secret;

    fst_key_secret_init(&secret, from);
    return fst_key_hash(key, &secret);
}

static struct fst_segment segment(const char *src, uint16_t src_port, const char *dst,
                                  uint16_t dst_port)
{
    struct fst_segment made = {.src_port = src_port, .dst_port = dst_port};

    memcpy(made.src, src, strlen(src));
    memcpy(made.dst, dst, strlen(dst));
    return made;
}

static struct fst_segment answer_to(const struct fst_segment *asked)
{
    struct fst_segment made = *asked;

    memcpy(made.src, asked->dst, sizeof(made.src));
    memcpy(made.dst, asked->src, sizeof(made.dst));
    made.src_port = asked->dst_port;
    made.dst_port = asked->src_port;
    return made;
}

static void both_directions_are_one_key(void **state)
{
    const struct fst_segment cases[] = {
        segment("\n\1\1\1", 49152, "\n\1\1\2", 80), segment("\n\1\1\2", 49152, "\n\1\1\1", 80),
        segment("\n\1\1\1", 49152, "\n\1\1\1", 80), segment("\n\1\1\1", 80, "\n\1\1\1", 49152),
        segment("\xff\1\1\1", 1, "\1\1\1\1", 1),
    };
    size_t i;

    (void)state;
    for (i = 0; i < 2 * COUNT(cases); i++) {
        struct fst_segment there = cases[i / 2], back;
        struct fst_key one, other;
        unsigned side;

        there.ipv6 = i % 2;
        back = answer_to(&there);
        side = fst_key_of(&one, &there, 5);
        CHECK("side", side < 2, true);
        CHECK("other side", fst_key_of(&other, &back, 5), !side);
        assert_memory_equal(&one, &other, sizeof(one));
        assert_memory_equal(one.address[side], there.src, 16);
        assert_memory_equal(one.address[!side], there.dst, 16);
        CHECK("port", one.port[side], there.src_port);
        CHECK("other port", one.port[!side], there.dst_port);
        CHECK("kind", one.kind, 5 | (there.ipv6 ? FST_KIND_IPV6 : 0));
        /* The lower endpoint is side 0. */
        CHECK("order", memcmp(one.address[0], one.address[1], 16) <= 0, true);
        assert_true(hash_with(&one, &seed) == hash_with(&other, &seed));
    }
}

/* LAND: the same address and port on both ends. */
static void an_endpoint_that_talks_to_itself_has_no_sides(void **state)
{
    struct fst_segment land = segment("\n\1\1\1", 80, "\n\1\1\1", 80);
    struct fst_key key;

    (void)state;
    CHECK("land", fst_key_of(&key, &land, 0), FST_NO_SIDE);
}

static uint32_t hash_of(const struct fst_segment *made, uint32_t domain)
{
    struct fst_key key;

    memset(&key, 0x5a, sizeof(key)); /* nothing may be left over from before */
    (void)fst_key_of(&key, made, domain);
    return hash_with(&key, &seed);
}

static void whatever_differs_changes_the_hash(void **state)
{
    struct fst_segment base = segment("\n\1\1\1", 49152, "\n\1\1\2", 80), other;
    unsigned at, version;

    (void)state;
    for (version = 0; version < 2; version++) {
        base.ipv6 = version == 1;
        for (at = 0; at < (base.ipv6 ? 16u : 4u); at++) {
            other = base;
            other.src[at] ^= 0x10;
            assert_true(hash_of(&other, 0) != hash_of(&base, 0));
            other = base;
            other.dst[at] ^= 0x10;
            assert_true(hash_of(&other, 0) != hash_of(&base, 0));
        }
        other = base;
        other.src_port++;
        assert_true(hash_of(&other, 0) != hash_of(&base, 0));
        other = base;
        other.dst_port++;
        assert_true(hash_of(&other, 0) != hash_of(&base, 0));
        assert_true(hash_of(&base, 1) != hash_of(&base, 0));
        assert_true(hash_of(&base, 0) == hash_of(&base, 0));
    }
    other = base;
    other.ipv6 = !base.ipv6;
    assert_true(hash_of(&other, 0) != hash_of(&base, 0));
}

static void the_secret_changes_the_hash(void **state)
{
    struct fst_segment base = segment("\n\1\1\1", 49152, "\n\1\1\2", 80);
    struct fst_siphash_key other = seed;
    struct fst_key key;

    (void)state;
    (void)fst_key_of(&key, &base, 0);
    other.low ^= 1;
    assert_true(hash_with(&key, &other) != hash_with(&key, &seed));
    other = seed;
    other.high ^= 1;
    assert_true(hash_with(&key, &other) != hash_with(&key, &seed));
}

/* The formula worked out elsewhere, for words of the secret that are all different. */
static void hash_of_a_known_secret(void **state)
{
    static const struct {
        const char *what;
        struct fst_key key;
        uint32_t hash;
    } cases[] = {
        {"IPv4", {{{10, 1, 1, 1}, {10, 1, 1, 2}}, {49152, 80}, 5}, UINT32_C(0x3e8d21d9)},
        {"IPv6",
         {{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3},
           {0x20, 1, 0xd, 0xb8, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6}},
          {49152, 80},
          5 | FST_KIND_IPV6},
         UINT32_C(0x46299dc8)},
    };
    struct fst_key_secret secret;
    size_t i;

    (void)state;
    for (i = 0; i < FST_KEY_PAIRS; i++) {
        secret.pairs[i][0] = UINT64_C(0x0123456789abcdef) * (4 * i + 1);
        secret.pairs[i][1] = UINT64_C(0x0123456789abcdef) * (4 * i + 3);
    }
    secret.last = UINT64_C(0xfedcba9876543210);
    for (i = 0; i < COUNT(cases); i++)
        CHECK(cases[i].what, fst_key_hash(&cases[i].key, &secret), cases[i].hash);
}

/* The worst of secrets for ports in a row: before they are scattered, hashes are in a row, too. */
static void ports_in_a_row_lie_apart(void **state)
{
    const struct fst_key_secret secret = {.pairs = {{UINT64_C(1) << 32, 0}}};
    unsigned in_part[64] = {0};
    struct fst_key key = {{{10, 1, 1, 1}, {10, 1, 1, 2}}, {80, 0}, 0};
    size_t i;

    (void)state;
    for (i = 0; i < 64 * COUNT(in_part); i++) {
        key.port[1] = (uint16_t)i;
        in_part[fst_key_hash(&key, &secret) >> 26]++;
    }
    for (i = 0; i < COUNT(in_part); i++)
        assert_in_range(in_part[i], 32, 96);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_one_key),
        cmocka_unit_test(an_endpoint_that_talks_to_itself_has_no_sides),
        cmocka_unit_test(whatever_differs_changes_the_hash),
        cmocka_unit_test(the_secret_changes_the_hash),
        cmocka_unit_test(hash_of_a_known_secret),
        cmocka_unit_test(ports_in_a_row_lie_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
