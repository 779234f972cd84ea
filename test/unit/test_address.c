/* SPDX-License-Identifier: MIT
 *
 * Addresses as text; the IPv6 cases follow the sections of RFC 5952.
 */
#include "flowstate/flowstate.h"

#include <string.h>

#include "support/frame_builder.h"
#include "support/unit.h"

static const struct {
    const char *octets;
    const char *text;
} cases[] = {
    {"0a000001", "10.0.0.1"},
    {"00000000", "0.0.0.0"},
    {"ffffffff", "255.255.255.255"},
    {"00000000000000000000000000000000", "::"},
    {"00000000000000000000000000000001", "::1"},
    {"00010000000000000000000000000000", "1::"},
    {"20010db8000000000000000000000001", "2001:db8::1"},
    {"20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"}, /* 4.2.2: not for one group */
    {"20010000000000010000000000000001", "2001:0:0:1::1"},        /* 4.2.3: the longest run */
    {"20010db8000000000001000000000001", "2001:db8::1:0:0:1"},    /* 4.2.3: the first of two */
    {"00000001000100010001000100010000", "0:1:1:1:1:1:1:0"},
    {"00000000000100010001000100000000", "::1:1:1:1:0:0"},
    {"abcdef0123456789aabb0c0d000e0f00", "abcd:ef01:2345:6789:aabb:c0d:e:f00"}, /* 4.1, 4.3 */
    {"00000000000000000000ffff0a000001", "::ffff:10.0.0.1"},                    /* 5 */
    {"00000000000000000000ffff00000000", "::ffff:0.0.0.0"},
    {"0000000000000000000000000a000001", "::a00:1"},
    {"ffffffffffffffffffffffffffffffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static void addresses_as_text(void **state)
{
    static struct frame octets;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fst_address address = {0};
        char text[FST_ADDRESS_TEXT_MAX];

        octets.len = 0;
        frame_hex(&octets, cases[i].octets);
        address.ipv6 = octets.len == 16;
        memcpy(address.octets, octets.octets, octets.len);
        memset(text, 'x', sizeof(text));
        fst_address_text(&address, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_as_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
