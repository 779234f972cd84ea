/* SPDX-License-Identifier: MIT
 *
 * IP addresses as text: dotted decimal, and RFC 5952 for IPv6.
 */
#include "flowstate/flowstate.h"

#include "base/bytes.h"
#include "base/digits.h"

#define GROUPS 8

static void ip4_text(const uint8_t *octets, char *text)
{
    for (int i = 0; i < 4; i++) {
        text = fst_put_number(text, octets[i]);
        *text++ = i < 3 ? '.' : '\0';
    }
}

/* The longest run of zero groups, the first one of several, at least two long: RFC 5952 4.2. Where
 * there is none the run is empty and lies behind the last group. */
static int longest_zero_run(const uint8_t *octets, int *run_len)
{
    int start = GROUPS, len = 0;

    *run_len = 1;
    for (int i = 0; i < GROUPS; i++) {
        len = fst_be16(octets + (size_t)i * 2) == 0 ? len + 1 : 0;
        if (len > *run_len) {
            *run_len = len;
            start = i + 1 - len;
        }
    }
    if (start == GROUPS)
        *run_len = 0;
    return start;
}

/* Whether the last four octets are an IPv4 address by a well-known prefix: ::ffff:0:0/96, RFC 4291
 * 2.5.5.2, written with dots as RFC 5952 5 recommends. */
static bool is_ip4_mapped(const uint8_t *octets)
{
    for (int i = 0; i < 10; i++)
        if (octets[i] != 0)
            return false;
    return octets[10] == 0xff && octets[11] == 0xff;
}

static void ip6_text(const uint8_t *octets, char *text)
{
    int groups = is_ip4_mapped(octets) ? 6 : GROUPS;
    int run_len, run = longest_zero_run(octets, &run_len);

    for (int i = 0; i < groups; i++) {
        if (i == run) {
            if (i == 0)
                *text++ = ':';
            *text++ = ':';
            i += run_len - 1;
            continue;
        }
        text = fst_put_hex(text, fst_be16(octets + (size_t)i * 2));
        if (i + 1 < GROUPS)
            *text++ = ':';
    }
    *text = '\0';
    if (groups < GROUPS)
        ip4_text(octets + 12, text);
}

void fst_address_text(const struct fst_address *address, char *text)
{
    if (address->ipv6)
        ip6_text(address->octets, text);
    else
        ip4_text(address->octets, text);
}
