/* SPDX-License-Identifier: MIT
 *
 * The word-wise hash against SipHash-c-d written octet by octet as its authors describe it; that
 * one against the vectors they published for 2-4.
 */
#include "base/siphash.h"

#include <string.h>

#include "support/unit.h"

static uint64_t little_endian(const uint8_t *octets)
{
    uint64_t word = 0;
    int i;

    for (i = 7; i >= 0; i--)
        word = word << 8 | octets[i];
    return word;
}

static uint64_t rotated(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void rounds(uint64_t v[4], int count)
{
    while (count-- > 0) {
        v[0] += v[1];
        v[1] = rotated(v[1], 13) ^ v[0];
        v[0] = rotated(v[0], 32);
        v[2] += v[3];
        v[3] = rotated(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotated(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotated(v[1], 17) ^ v[2];
        v[2] = rotated(v[2], 32);
    }
}

static uint64_t reference(const uint8_t key[16], const uint8_t *octets, size_t len, int c, int d)
{
    uint64_t k0 = little_endian(key), k1 = little_endian(key + 8);
    uint64_t v[4] = {k0, k1, k0, k1};
    uint8_t last[8] = {0};
    size_t i;

    for (i = 0; i < 8; i++) { /* "somepseudorandomlygeneratedbytes" */
        v[0] ^= (uint64_t)(uint8_t) "uespemos"[i] << 8 * i;
        v[1] ^= (uint64_t)(uint8_t) "modnarod"[i] << 8 * i;
        v[2] ^= (uint64_t)(uint8_t) "arenegyl"[i] << 8 * i;
        v[3] ^= (uint64_t)(uint8_t) "setybdet"[i] << 8 * i;
    }
    for (i = 0; i + 8 <= len; i += 8) {
        v[3] ^= little_endian(octets + i);
        rounds(v, c);
        v[0] ^= little_endian(octets + i);
    }
    memcpy(last, octets + i, len - i);
    last[7] = (uint8_t)len;
    v[3] ^= little_endian(last);
    rounds(v, c);
    v[0] ^= little_endian(last);
    v[2] ^= 0xff;
    rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The key and the messages of the paper: octets 0, 1, 2 ... */
static void counting(uint8_t *octets, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        octets[i] = (uint8_t)i;
}

static void the_reference_is_right(void **state)
{
    uint8_t key[16], message[15];

    (void)state;
    counting(key, sizeof(key));
    counting(message, sizeof(message));
    /* Appendix A of the paper; the first vector published with it. */
    assert_true(reference(key, message, 15, 2, 4) == UINT64_C(0xa129ca6149be45e5));
    assert_true(reference(key, message, 0, 2, 4) == UINT64_C(0x726fdb47dd0e0e31));
}

static void words_hash_as_their_octets(void **state)
{
    uint8_t key_octets[16], octets[8 * 8];
    struct fst_siphash_key key;
    uint64_t words[8];
    size_t count, i, run;

    (void)state;
    for (run = 0; run < 200; run++) {
        for (i = 0; i < sizeof(key_octets); i++)
            key_octets[i] = (uint8_t)(i * 37 + run * 101);
        for (i = 0; i < sizeof(octets); i++)
            octets[i] = (uint8_t)((i + 1) * (run + 1) * 59);
        key.low = little_endian(key_octets);
        key.high = little_endian(key_octets + 8);
        for (i = 0; i < COUNT(words); i++)
            words[i] = little_endian(octets + 8 * i);
        for (count = 0; count <= COUNT(words); count++)
            assert_true(fst_siphash(&key, words, count) ==
                        reference(key_octets, octets, 8 * count, 1, 3));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_is_right),
        cmocka_unit_test(words_hash_as_their_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
