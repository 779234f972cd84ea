/* SPDX-License-Identifier: MIT
 *
 * One segment of a scenario becomes one frame. Written for its own use by tests: it shares nothing
 * with the decoder it feeds.
 */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#define LINK_ETHERNET 1
#define LINK_RAW_IP   101
#define FRAME_MAX     66000
#define START_NS      INT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z */
#define TCP           6

/* A frame under construction and what goes on from one to the next. */
struct builder {
    const struct scenario *scenario;
    const struct scn_world *world;
    uint16_t next_ip_id[2];
    uint8_t frame[FRAME_MAX];
    size_t len;
};

static void put8(struct builder *b, unsigned value)
{
    b->frame[b->len++] = (uint8_t)value;
}

static void put16(struct builder *b, unsigned value)
{
    put8(b, value >> 8 & 0xff);
    put8(b, value & 0xff);
}

static void put32(struct builder *b, uint32_t value)
{
    put16(b, value >> 16);
    put16(b, value & 0xffff);
}

static void put_octets(struct builder *b, const void *octets, size_t len)
{
    memcpy(b->frame + b->len, octets, len);
    b->len += len;
}

static void set16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* RFC 1071: one's complement sum of 16-bit words, folded later. */
static uint32_t sum16(uint32_t sum, const uint8_t *octets, size_t len)
{
    size_t i;

    for (i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(octets[i] << 8 | octets[i + 1]);
    if (len % 2)
        sum += (uint32_t)(octets[len - 1] << 8);
    return sum;
}

static uint16_t fold16(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* ---------------------------------------------------------------------------------- addresses --
 */

struct scn_world scn_usual_world(const struct scenario *scenario)
{
    struct scn_world world = {.iss = {1000000, 5000000}};
    int side;

    for (side = 0; side < 2; side++) {
        if (scenario->iss_given[side])
            world.iss[side] = scenario->iss[side];
    }
    return world;
}

struct fst_address scn_address(const struct scenario *scenario, const struct scn_world *world,
                               enum scn_side side, uint16_t *port)
{
    static const uint8_t ip4[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
    static const uint8_t ip6[2][16] = {{0x20, 1, 0xd, 0xb8, [15] = 1},
                                       {0x20, 1, 0xd, 0xb8, [15] = 2}};
    struct fst_address address = {.ipv6 = scenario->ipv6};
    int host = (side == SCN_B) != world->swapped;

    if (address.ipv6)
        memcpy(address.octets, ip6[host], sizeof(ip6[host]));
    else
        memcpy(address.octets, ip4[host], sizeof(ip4[host]));
    if (port)
        *port = side == SCN_A ? 49152 : 80;
    return address;
}

static enum scn_side peer_of(enum scn_side side)
{
    return side == SCN_A ? SCN_B : SCN_A;
}

static uint32_t on_wire(const struct builder *b, struct scn_number number, enum scn_side owner)
{
    return number.absolute ? number.value : number.value + b->world->iss[owner];
}

/* ------------------------------------------------------------------------------------ headers --
 */

static void put_ethernet(struct builder *b, const struct scn_segment *segment)
{
    uint8_t mac[6] = {2, 0, 0, 0, 0, segment->sender == SCN_A ? 0xb : 0xa};

    put_octets(b, mac, sizeof(mac));
    mac[5] = segment->sender == SCN_A ? 0xa : 0xb;
    put_octets(b, mac, sizeof(mac));
    if (segment->vlan >= 0) {
        put16(b, 0x8100);
        put16(b, (unsigned)segment->vlan);
    }
    put16(b, b->scenario->ipv6 ? 0x86dd : 0x0800);
}

static uint16_t take_ip_id(struct builder *b, const struct scn_segment *segment)
{
    if (segment->ip_id >= 0)
        return (uint16_t)segment->ip_id;
    return b->next_ip_id[segment->sender]++;
}

static void put_ip4(struct builder *b, const struct scn_segment *segment, size_t tcp_len)
{
    size_t start = b->len;

    put16(b, 0x4500);
    put16(b, (unsigned)(20 + tcp_len));
    put16(b, take_ip_id(b, segment));
    put16(b, 0x4000); /* DF */
    put8(b, 64);
    put8(b, TCP);
    put16(b, 0);
    put_octets(b, scn_address(b->scenario, b->world, segment->sender, NULL).octets, 4);
    put_octets(b, scn_address(b->scenario, b->world, peer_of(segment->sender), NULL).octets, 4);
    set16(b->frame + start + 10, fold16(sum16(0, b->frame + start, 20)));
}

static void put_ip6(struct builder *b, const struct scn_segment *segment, size_t tcp_len)
{
    put32(b, 0x60000000);
    put16(b, (unsigned)tcp_len);
    put8(b, TCP);
    put8(b, 64);
    put_octets(b, scn_address(b->scenario, b->world, segment->sender, NULL).octets, 16);
    put_octets(b, scn_address(b->scenario, b->world, peer_of(segment->sender), NULL).octets, 16);
}

static void put_options(struct builder *b, const struct scn_segment *segment, size_t room)
{
    size_t start = b->len;
    size_t i;

    put_octets(b, segment->options, segment->option_len);
    for (i = segment->option_len; i < room; i++)
        put8(b, 0);
    for (i = 0; i < segment->sack_edge_count; i++) {
        uint8_t *at = b->frame + start + segment->sack_edges[i];
        uint32_t edge =
            (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

        edge += b->world->iss[peer_of(segment->sender)];
        set16(at, edge >> 16);
        set16(at + 2, edge & 0xffff);
    }
}

/* The same sequence number always carries the same octet, so a retransmission is one. */
static void put_payload(struct builder *b, const struct scn_segment *segment)
{
    uint32_t i;

    for (i = 0; i < segment->payload_len; i++)
        put8(b, segment->zero_payload ? 0 : 'a' + (segment->seq.value + i) % 26);
}

/* RFC 9293 3.1, with RFC 8200 8.1 for IPv6. */
static uint32_t pseudo_header_sum(const struct builder *b, const struct scn_segment *segment,
                                  size_t tcp_len)
{
    struct fst_address from = scn_address(b->scenario, b->world, segment->sender, NULL);
    struct fst_address to = scn_address(b->scenario, b->world, peer_of(segment->sender), NULL);
    size_t address_len = from.ipv6 ? 16 : 4;
    uint32_t sum = (uint32_t)tcp_len + TCP;

    sum = sum16(sum, from.octets, address_len);
    return sum16(sum, to.octets, address_len);
}

/* Of the TCP segment that begins at `start` and ends the frame; its checksum field is still 0. */
static uint16_t tcp_checksum(const struct builder *b, const struct scn_segment *segment,
                             size_t start)
{
    size_t len = b->len - start;
    uint32_t sum = pseudo_header_sum(b, segment, len);

    if (segment->offload_checksum)
        return (uint16_t)~fold16(sum); /* Linux leaves it uncomplemented */
    return fold16(sum16(sum, b->frame + start, len)) ^ (segment->bad_checksum ? 0x5555 : 0);
}

static void put_tcp(struct builder *b, const struct scn_segment *segment, size_t option_room)
{
    size_t start = b->len;
    unsigned offset = (unsigned)(5 + option_room / 4);
    uint16_t port, peer_port;

    (void)scn_address(b->scenario, b->world, segment->sender, &port);
    (void)scn_address(b->scenario, b->world, peer_of(segment->sender), &peer_port);
    if (segment->data_offset >= 0)
        offset = (unsigned)segment->data_offset;
    put16(b, port);
    put16(b, peer_port);
    put32(b, on_wire(b, segment->seq, segment->sender));
    put32(b, on_wire(b, segment->ack, peer_of(segment->sender)));
    put8(b, offset << 4);
    put8(b, segment->flags);
    put16(b, segment->wnd_raw);
    put16(b, 0);
    put16(b, segment->urgent);
    put_options(b, segment, option_room);
    put_payload(b, segment);
    set16(b->frame + start + 16, tcp_checksum(b, segment, start));
}

/* At most 18 + 40 + 60 + 65000 octets, which the frame holds. */
static void put_segment(struct builder *b, const struct scn_segment *segment)
{
    size_t option_room = (segment->option_len + 3) / 4 * 4;
    size_t tcp_len = 20 + option_room + segment->payload_len;

    b->len = 0;
    if (!b->scenario->raw_ip)
        put_ethernet(b, segment);
    if (b->scenario->ipv6)
        put_ip6(b, segment, tcp_len);
    else
        put_ip4(b, segment, tcp_len);
    put_tcp(b, segment, option_room);
}

/* ------------------------------------------------------------------------------------ packets --
 */

static bool add_packet(struct scn_packets *out, const struct builder *b,
                       const struct scn_segment *segment, int64_t time_ns)
{
    struct fst_packet *packet = &out->packets[out->count];
    uint8_t *data = malloc(b->len);

    if (!data)
        return false;
    memcpy(data, b->frame, b->len);
    *packet = (struct fst_packet){
        .number = out->count + 1,
        .time_ns = time_ns,
        .data = data,
        .captured_len = (uint32_t)b->len,
        .original_len = (uint32_t)b->len,
        .link_type = b->scenario->raw_ip ? LINK_RAW_IP : LINK_ETHERNET,
    };
    if (segment->snap && segment->snap < b->len)
        packet->captured_len = segment->snap;
    out->count++;
    return true;
}

int scn_packets_build(struct scn_packets *out, const struct scenario *scenario,
                      const struct scn_world *world)
{
    struct builder *b = calloc(1, sizeof(*b));
    int64_t time_ns = START_NS;
    size_t i;

    *out = (struct scn_packets){0};
    out->packets = calloc(scenario->segment_count, sizeof(*out->packets));
    if (!b || !out->packets)
        goto no_memory;
    b->scenario = scenario;
    b->world = world;
    b->next_ip_id[SCN_A] = 0x1000;
    b->next_ip_id[SCN_B] = 0x2000;
    for (i = 0; i < scenario->segment_count; i++) {
        const struct scn_segment *segment = &scenario->segments[i];

        time_ns += segment->delta_ns;
        if (!segment->dup_frame)
            put_segment(b, segment);
        if (!add_packet(out, b, segment, time_ns))
            goto no_memory;
    }
    free(b);
    return 0;

no_memory:
    free(b);
    scn_packets_free(out);
    return FST_ENOMEM;
}

void scn_packets_free(struct scn_packets *packets)
{
    size_t i;

    for (i = 0; i < packets->count; i++)
        free((void *)(uintptr_t)packets->packets[i].data);
    free(packets->packets);
    *packets = (struct scn_packets){0};
}
