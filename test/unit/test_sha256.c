/* SPDX-License-Identifier: MIT
 *
 * SHA-256 against the examples of FIPS 180-4, and at the lengths where the padding changes shape.
 */
#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void digests_match(void **state)
{
    static const struct {
        const char *what, *data, *digest;
    } cases[] = {
        {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"all that fits before the length",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {"length alone in the second block",
         "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"two blocks",
         "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t digest[FST_SHA256_SIZE];
        char text[2 * FST_SHA256_SIZE + 1];

        fst_sha256((const uint8_t *)cases[i].data, strlen(cases[i].data), digest);
        for (size_t j = 0; j < FST_SHA256_SIZE; j++)
            snprintf(text + 2 * j, 3, "%02x", digest[j]);
        if (strcmp(text, cases[i].digest) != 0)
            fail_msg("%s: %s", cases[i].what, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
