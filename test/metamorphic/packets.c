/* SPDX-License-Identifier: MIT */
#include "packets.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "decode/checksum.h"
#include "decode/packet.h"

#define PACKETS_MAX     20000
#define FRAGMENT_OCTETS (4u << 20)
#define BATCH           32
#define OPTION_SACK     5

/* ---------------------------------------------------------------------------------- reading -- */

static unsigned address_len(const struct fst_segment *segment)
{
    return segment->ipv6 ? 16 : 4;
}

/* Where the addresses of the packet stand before a place; false if they do not. */
static bool find_addresses(struct subject_packet *subject, uint32_t before)
{
    const struct fst_segment *segment = &subject->segment;
    const uint8_t *data = subject->packet.data;
    unsigned len = address_len(segment);

    for (uint32_t from = before - 2 * len + 1; from-- > 0;)
        if (memcmp(data + from, segment->src, len) == 0 &&
            memcmp(data + from + len, segment->dst, len) == 0) {
            subject->address_at = from;
            return true;
        }
    return false;
}

/* False if it is not there in one piece, or something else looks the same. */
static bool find_header(struct subject_packet *subject)
{
    const struct fst_segment *segment = &subject->segment;
    const uint8_t *data = subject->packet.data;
    unsigned found = 0;

    for (uint32_t at = 2 * address_len(segment); at + 20 <= subject->packet.captured_len; at++)
        if (fst_be16(data + at) == segment->src_port &&
            fst_be16(data + at + 2) == segment->dst_port &&
            fst_be32(data + at + 4) == segment->seq && fst_be32(data + at + 8) == segment->ack &&
            find_addresses(subject, at)) {
            subject->tcp_at = at;
            found++;
        }
    return found == 1;
}

static int compare_ends(const struct fst_segment *segment)
{
    int order = memcmp(segment->src, segment->dst, sizeof segment->src);

    return order ? order : (int)segment->src_port - (int)segment->dst_port;
}

static bool same_connection(const struct subject_packet *a, const struct subject_packet *b)
{
    const struct fst_segment *x = &a->segment, *y = &b->segment;
    bool turned = a->side != b->side;

    return x->tag_count == y->tag_count &&
           memcmp(x->tags, y->tags, x->tag_count * sizeof x->tags[0]) == 0 && x->ipv6 == y->ipv6 &&
           memcmp(x->src, turned ? y->dst : y->src, 16) == 0 &&
           memcmp(x->dst, turned ? y->src : y->dst, 16) == 0 &&
           x->src_port == (turned ? y->dst_port : y->src_port) &&
           x->dst_port == (turned ? y->src_port : y->dst_port);
}

static void find_connection(struct subject *subject, struct subject_packet *packet)
{
    for (size_t i = subject->count; i-- > 0;)
        if (subject->packets[i].is_tcp && same_connection(&subject->packets[i], packet)) {
            packet->connection = subject->packets[i].connection;
            return;
        }
    packet->connection = subject->connections++;
}

static void add(struct subject *subject, const struct fst_packet *packet,
                struct fst_fragments *fragments)
{
    struct subject_packet *added = &subject->packets[subject->count];
    uint8_t *data = malloc(packet->captured_len + 1);
    bool reassembled;
    enum fst_decoded decoded;

    if (!data)
        abort();
    memset(added, 0, sizeof *added);
    memcpy(data, packet->data, packet->captured_len);
    added->packet = *packet;
    added->packet.data = data;
    added->packet.number = subject->count + 1;
    decoded = fst_packet_decode(&added->packet, fragments, &added->segment, &reassembled);
    added->is_tcp = decoded == FST_DECODED_TCP;
    if (decoded == FST_DECODED_FRAGMENT || reassembled)
        subject->changeable = false;
    if (added->is_tcp) {
        added->side = compare_ends(&added->segment) > 0;
        find_connection(subject, added);
        subject->changeable = subject->changeable && find_header(added);
    }
    subject->count++;
}

bool subject_read(struct subject *subject, const char *path)
{
    struct fst_fragments *fragments;
    struct fst_packet packets[BATCH];
    struct fst_capture *capture;
    size_t count = 1;
    int error = 0;

    memset(subject, 0, sizeof *subject);
    subject->path = path;
    subject->changeable = true;
    if (fst_capture_open(&capture, path, NULL) != 0)
        return false;
    fragments = fst_fragments_new(NULL, FRAGMENT_OCTETS);
    subject->packets = malloc(PACKETS_MAX * sizeof *subject->packets);
    if (!fragments || !subject->packets)
        abort();
    while (!error && count > 0 && subject->count + BATCH <= PACKETS_MAX) {
        error = fst_capture_read(capture, packets, BATCH, &count, NULL);
        for (size_t i = 0; i < count; i++)
            add(subject, &packets[i], fragments);
    }
    fst_fragments_free(fragments);
    fst_capture_close(capture);
    if (subject->count + BATCH <= PACKETS_MAX)
        return true;
    subject_free(subject);
    return false;
}

void subject_free(struct subject *subject)
{
    for (size_t i = 0; i < subject->count; i++)
        free((void *)(uintptr_t)subject->packets[i].packet.data);
    free(subject->packets);
    memset(subject, 0, sizeof *subject);
}

void subject_copy(struct subject *copy, const struct subject *subject)
{
    *copy = *subject;
    copy->packets = malloc((subject->count + 1) * sizeof *copy->packets);
    if (!copy->packets)
        abort();
    for (size_t i = 0; i < subject->count; i++) {
        uint8_t *data = malloc(subject->packets[i].packet.captured_len + 1);

        if (!data)
            abort();
        copy->packets[i] = subject->packets[i];
        memcpy(data, subject->packets[i].packet.data, subject->packets[i].packet.captured_len);
        copy->packets[i].packet.data = data;
    }
}

/* --------------------------------------------------------------------------------- changing -- */

static uint8_t *octets_of(const struct subject_packet *subject)
{
    return (uint8_t *)(uintptr_t)subject->packet.data;
}

static void swap(uint8_t *a, uint8_t *b, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        uint8_t octet = a[i];

        a[i] = b[i];
        b[i] = octet;
    }
}

/* The sums of IP and TCP stay right: they do not ask for the order of words. */
void subject_rename(struct subject *subject)
{
    for (size_t i = 0; i < subject->count; i++) {
        const struct subject_packet *packet = &subject->packets[i];
        unsigned len = address_len(&packet->segment);
        uint8_t *data = octets_of(packet);

        if (!packet->is_tcp)
            continue;
        swap(data + packet->address_at, data + packet->address_at + len, len);
        swap(data + packet->tcp_at, data + packet->tcp_at + 2, 2);
    }
}

static void put32(uint8_t *at, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void shift_sack(uint8_t *options, uint32_t len, uint32_t by)
{
    uint32_t at = 0;

    while (at + 2 <= len && options[at] != 0) {
        if (options[at] == 1) {
            at++;
            continue;
        }
        if (options[at + 1] < 2 || at + options[at + 1] > len)
            return;
        for (uint32_t edge = at + 2; options[at] == OPTION_SACK && edge + 4 <= at + options[at + 1];
             edge += 4)
            put32(options + edge, fst_be32(options + edge) + by);
        at += options[at + 1];
    }
}

/* A RST that answers a segment without ACK has no number of its sender's (3.10.7.1). */
static bool has_number(const struct fst_segment *segment)
{
    return segment->seq != 0 || (segment->flags & FST_TCP_RST) == 0;
}

static void shift_packet(const struct subject_packet *packet, uint32_t own, uint32_t peer)
{
    uint8_t *header = octets_of(packet) + packet->tcp_at;
    uint32_t captured = packet->packet.captured_len - packet->tcp_at;
    uint32_t len = (header[12] >> 4) * 4u;
    uint32_t sum;

    if (len > captured)
        len = captured;
    sum = 0xffffu - fst_checksum_sum(header, len);
    if (has_number(&packet->segment))
        put32(header + 4, packet->segment.seq + own);
    if (packet->segment.flags & FST_TCP_ACK)
        put32(header + 8, packet->segment.ack + peer);
    if (len > 20)
        shift_sack(header + 20, len - 20, peer);
    if (packet->segment.checksum == FST_CHECKSUM_OFFLOADED)
        return;
    /* RFC 1624: HC' = ~(~HC + ~m + m'). */
    sum += fst_checksum_sum(header, len) + (0xffffu - fst_be16(header + 16));
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    header[16] = (uint8_t)(~sum >> 8);
    header[17] = (uint8_t)~sum;
}

static uint32_t constant_for(const struct subject *subject, uint32_t connection, unsigned side,
                             unsigned part, unsigned parts)
{
    size_t total = 0, seen = 0;

    for (size_t i = 0; i < subject->count; i++)
        total += subject->packets[i].is_tcp && subject->packets[i].connection == connection &&
                 subject->packets[i].side == side;
    for (size_t i = 0; i < subject->count; i++) {
        const struct subject_packet *packet = &subject->packets[i];

        if (!packet->is_tcp || packet->connection != connection || packet->side != side)
            continue;
        /* Never so that a RST gets number 0, which would be another thing. */
        if (seen++ == total * part / parts)
            return 0u - packet->segment.seq - (packet->segment.flags & FST_TCP_RST ? 3 : part % 3);
    }
    return 0;
}

/* Where a RST has number 0 that is no number, and whether it meets others is a matter of distance.
 */
static bool has_zero_reset(const struct subject *subject, uint32_t connection)
{
    for (size_t i = 0; i < subject->count; i++)
        if (subject->packets[i].is_tcp && subject->packets[i].connection == connection &&
            !has_number(&subject->packets[i].segment))
            return true;
    return false;
}

static bool resets_at_zero(const struct subject *subject, uint32_t connection, unsigned side,
                           uint32_t constant)
{
    for (size_t i = 0; i < subject->count; i++) {
        const struct subject_packet *packet = &subject->packets[i];

        if (packet->is_tcp && packet->connection == connection && packet->side == side &&
            (packet->segment.flags & FST_TCP_RST) && has_number(&packet->segment) &&
            packet->segment.seq + constant == 0)
            return true;
    }
    return false;
}

void subject_shift(struct subject *subject, unsigned part, unsigned parts)
{
    for (uint32_t connection = 0; connection < subject->connections; connection++) {
        uint32_t constant[2];

        if (has_zero_reset(subject, connection))
            continue;
        for (unsigned side = 0; side < 2; side++) {
            constant[side] = constant_for(subject, connection, side, part, parts);
            while (resets_at_zero(subject, connection, side, constant[side]))
                constant[side]--;
        }
        for (size_t i = 0; i < subject->count; i++) {
            const struct subject_packet *packet = &subject->packets[i];

            if (packet->is_tcp && packet->connection == connection)
                shift_packet(packet, constant[packet->side], constant[!packet->side]);
        }
    }
}
