/* SPDX-License-Identifier: MIT
 *
 * IP addresses as text: dotted decimal, and RFC 5952 for IPv6.
 */
#include "flowstate/flowstate.h"

#include <stdio.h>

#include "base/bytes.h"

#define GROUPS 8

static void ip4_text(const uint8_t *octets, char *text, size_t size)
{
    (void)snprintf(text, size, "%d.%d.%d.%d", octets[0], octets[1], octets[2], octets[3]);
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
    size_t at = 0;

    for (int i = 0; i < groups; i++) {
        if (i == run) {
            at += (size_t)snprintf(text + at, FST_ADDRESS_TEXT_MAX - at, i == 0 ? "::" : ":");
            i += run_len - 1;
            continue;
        }
        at +=
            (size_t)snprintf(text + at, FST_ADDRESS_TEXT_MAX - at, "%x%s",
                             (unsigned)fst_be16(octets + (size_t)i * 2), i + 1 < GROUPS ? ":" : "");
    }
    if (groups < GROUPS)
        ip4_text(octets + 12, text + at, FST_ADDRESS_TEXT_MAX - at);
}

void fst_address_text(const struct fst_address *address, char *text)
{
    if (address->ipv6)
        ip6_text(address->octets, text);
    else
        ip4_text(address->octets, text, FST_ADDRESS_TEXT_MAX);
}
