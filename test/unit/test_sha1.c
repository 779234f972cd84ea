/* SPDX-License-Identifier: MIT
 *
 * SHA-1 against the examples of FIPS 180-4, and the Community ID against published vectors.
 */
#include "base/sha1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flowstate/flowstate.h"

static void hex(const uint8_t digest[FST_SHA1_SIZE], char text[2 * FST_SHA1_SIZE + 1])
{
    for (size_t i = 0; i < FST_SHA1_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void digests_match(void **state)
{
    static const struct {
        const char *what, *data, *digest;
    } cases[] = {
        {"nothing", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"one block", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"length alone in the second block",
         "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {"two blocks",
         "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "a49b2446a02c645bf419f995b67091253a04a259"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t digest[FST_SHA1_SIZE];
        char text[2 * FST_SHA1_SIZE + 1];

        fst_sha1((const uint8_t *)cases[i].data, strlen(cases[i].data), digest);
        hex(digest, text);
        if (strcmp(text, cases[i].digest) != 0)
            fail_msg("%s: %s", cases[i].what, text);
    }
}

struct endpoint {
    bool ipv6;
    uint8_t octets[16];
    uint16_t port;
};

static void put_endpoint(struct fst_endpoint_view *view, const struct endpoint *endpoint)
{
    view->address.ipv6 = endpoint->ipv6;
    memcpy(view->address.octets, endpoint->octets, 16);
    view->port = endpoint->port;
}

static const struct endpoint ours = {false, {128, 232, 110, 120}, 34855};
static const struct endpoint theirs = {false, {66, 35, 250, 204}, 80};
static const struct endpoint ours6 = {
    true,
    {0x20, 1, 4, 0x70, 0xe5, 0xbf, 0xde, 0xad, 0x49, 0x57, 0x21, 0x74, 0xe8, 0x2c, 0x48, 0x87},
    63943};
static const struct endpoint theirs6 = {
    true, {0x26, 7, 0xf8, 0xb0, 0x40, 0x0c, 0x0c, 3, 0, 0, 0, 0, 0, 0, 0, 0x1a}, 25};
static const struct endpoint same_low = {false, {10, 0, 0, 1}, 8};
static const struct endpoint same_high = {false, {10, 0, 0, 1}, 9};

static void community_ids_match(void **state)
{
    static const struct {
        const char *what;
        const struct endpoint *client, *server;
        uint16_t seed;
        const char *id;
    } cases[] = {
        {"seed 0", &ours, &theirs, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"the other way round", &theirs, &ours, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
        {"seed 1", &ours, &theirs, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc="},
        {"IPv6", &ours6, &theirs6, 0, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
        {"IPv6, the other way round", &theirs6, &ours6, 0, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
        {"one address, lower port first", &same_high, &same_low, 0,
         "1:BriuZqmfifIqTVJOpCHPKIUrNIU="},
        {"one address, in order", &same_low, &same_high, 0, "1:BriuZqmfifIqTVJOpCHPKIUrNIU="},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fst_connection_view view = {0};
        char id[FST_COMMUNITY_ID_MAX];

        put_endpoint(&view.side[FST_CLIENT], cases[i].client);
        put_endpoint(&view.side[FST_SERVER], cases[i].server);
        fst_community_id(&view, cases[i].seed, id);
        if (strcmp(id, cases[i].id) != 0)
            fail_msg("%s: %s", cases[i].what, id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match),
        cmocka_unit_test(community_ids_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
