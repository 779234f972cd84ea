/* SPDX-License-Identifier: MIT
 *
 * Community ID, version 1: the name of a connection that other tools give it too.
 * Source: github.com/corelight/community-id-spec.
 */
#include "flowstate/flowstate.h"

#include <string.h>

#include "base/base64.h"
#include "base/sha1.h"

#define PROTOCOL_TCP 6

static size_t put_port(uint8_t *to, uint16_t port)
{
    to[0] = (uint8_t)(port >> 8);
    to[1] = (uint8_t)port;
    return 2;
}

/** Base64 of a SHA-1: 20 octets make 27 letters and one '='. */
static void put_base64(char *to, const uint8_t digest[FST_SHA1_SIZE])
{
    for (size_t at = 0; at < FST_SHA1_SIZE; at += 3, to += 4)
        fst_base64_four(digest + at, FST_SHA1_SIZE - at, to);
    *to = '\0';
}

/** The spec orders the endpoints by address, then by port. */
static bool client_goes_first(const struct fst_connection_view *view, size_t address_len)
{
    const struct fst_endpoint_view *client = &view->side[FST_CLIENT];
    const struct fst_endpoint_view *server = &view->side[FST_SERVER];
    int order = memcmp(client->address.octets, server->address.octets, address_len);

    return order < 0 || (order == 0 && client->port <= server->port);
}

void fst_community_id(const struct fst_connection_view *view, uint16_t seed,
                      char text[FST_COMMUNITY_ID_MAX])
{
    size_t address_len = view->side[FST_CLIENT].address.ipv6 ? 16 : 4;
    bool client_first = client_goes_first(view, address_len);
    const struct fst_endpoint_view *low = &view->side[client_first ? FST_CLIENT : FST_SERVER];
    const struct fst_endpoint_view *high = &view->side[client_first ? FST_SERVER : FST_CLIENT];
    uint8_t input[2 + 16 + 16 + 2 + 4], digest[FST_SHA1_SIZE];
    size_t len = put_port(input, seed); /* also 16 bits in network order */

    memcpy(input + len, low->address.octets, address_len);
    len += address_len;
    memcpy(input + len, high->address.octets, address_len);
    len += address_len;
    input[len++] = PROTOCOL_TCP;
    input[len++] = 0;
    len += put_port(input + len, low->port);
    len += put_port(input + len, high->port);

    fst_sha1(input, len, digest);
    memcpy(text, "1:", 2);
    put_base64(text + 2, digest);
}
