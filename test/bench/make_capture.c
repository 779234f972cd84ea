/* SPDX-License-Identifier: MIT
 *
 * Makes captures to measure on: pcap files of TCP connections, the same bytes for the same
 * arguments. What matters for speed can be chosen: how many connections, how many of them at a
 * time, how large packets are, what is cut off. It is no test of correctness: nothing is lost,
 * nothing is strange.
 *
 *     make_capture [option=value ...] > FILE
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/key.h"

#define ETHERNET   14u
#define IP4        20u
#define TCP        20u
#define STAMPS     12u /* two NOPs and the timestamps option */
#define HEADERS    (ETHERNET + IP4 + TCP + STAMPS)
#define FRAME_MOST 1514u

#define FIN        0x01
#define SYN        0x02
#define PSH        0x08
#define ACK        0x10

struct plan {
    uint64_t connections; /* in all */
    uint64_t alive;       /* at a time */
    uint64_t exchanges;   /* of data, in each connection */
    uint64_t text;        /* octets of a data segment */
    uint64_t snap;        /* octets kept of each packet */
    uint64_t answered;    /* percent of the SYNs; others stay alone */
    uint64_t one_in;      /* so many is answered instead, if not 0 */
    uint64_t collide;     /* bits of the place in the connection table that are alike */
    uint64_t close;       /* whether connections end */
    uint64_t seed;
    struct fst_key_secret known; /* what `collide` goes by */
};

/* A connection on its way: `step` counts its packets. */
struct conversation {
    uint64_t number; /* makes addresses, ports and ISNs */
    uint32_t step;
    uint32_t seq[2]; /* by side: 0 is the client */
};

/* SplitMix64. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t mix(uint64_t number, uint64_t salt)
{
    uint64_t state = number * 2 + salt;

    return (uint32_t)draw(&state);
}

/* ------------------------------------------------------------------------------- octets -- */

static void put16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put32(uint8_t *to, uint32_t value)
{
    put16(to, value >> 16);
    put16(to + 2, value);
}

/* RFC 1071. */
static uint32_t sum16(const uint8_t *octets, size_t len, uint32_t sum)
{
    size_t i;

    for (i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(octets[i] << 8 | octets[i + 1]);
    if (len % 2)
        sum += (uint32_t)octets[len - 1] << 8;
    return sum;
}

static uint32_t folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void write_header(const struct plan *plan)
{
    uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, (uint32_t)plan->snap, 1};

    fwrite(header, sizeof(header), 1, stdout);
}

static void write_packet(const struct plan *plan, const uint8_t *frame, uint32_t len, uint64_t us)
{
    uint32_t kept = len < plan->snap ? len : (uint32_t)plan->snap;
    uint32_t record[4] = {(uint32_t)(1700000000 + us / 1000000), (uint32_t)(us % 1000000), kept,
                          len};

    fwrite(record, sizeof(record), 1, stdout);
    fwrite(frame, kept, 1, stdout);
}

/* ------------------------------------------------------------------------------ segments -- */

/* Clients lie in 10/8 and use each port in turn, servers in 192.168/16. */
static void put_addresses(uint8_t *ip, const struct conversation *c, unsigned from)
{
    uint32_t client = 10u << 24 | (uint32_t)(c->number / 50000 & 0xffffff);
    uint32_t server = 192u << 24 | 168u << 16 | (uint32_t)(c->number % 251);
    uint8_t *tcp = ip + IP4;

    put32(ip + 12 + 4 * from, client);
    put32(ip + 16 - 4 * from, server);
    put16(tcp + 2 * from, 1024 + (uint32_t)(c->number % 50000));
    put16(tcp + 2 - 2 * from, 443);
}

/* Whether the connection is one of those that somebody who knew the key would choose. */
static bool is_chosen(const struct plan *plan, const struct conversation *c)
{
    struct fst_segment segment = {.src_port = 0};
    uint8_t frame[HEADERS] = {0};
    struct fst_key key;

    put_addresses(frame + ETHERNET, c, 0);
    memcpy(segment.src, frame + ETHERNET + 12, 4);
    memcpy(segment.dst, frame + ETHERNET + 16, 4);
    segment.src_port = (uint16_t)(frame[ETHERNET + IP4] << 8 | frame[ETHERNET + IP4 + 1]);
    segment.dst_port = (uint16_t)(frame[ETHERNET + IP4 + 2] << 8 | frame[ETHERNET + IP4 + 3]);
    (void)fst_key_of(&key, &segment, 0);
    return (fst_key_hash(&key, &plan->known) & ((UINT64_C(1) << plan->collide) - 1)) == 0;
}

static uint32_t build(uint8_t *frame, const struct conversation *c, unsigned from, unsigned flags,
                      uint32_t text, uint64_t us)
{
    uint8_t *ip = frame + ETHERNET, *tcp = ip + IP4;
    uint32_t tcp_len = TCP + STAMPS + text;

    memset(frame, 0, HEADERS);
    put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, IP4 + tcp_len);
    put16(ip + 4, mix(c->number, c->step + 7));
    ip[8] = 64;
    ip[9] = 6;
    put_addresses(ip, c, from);
    put16(ip + 10, folded(sum16(ip, IP4, 0)));
    put32(tcp + 4, c->seq[from]);
    put32(tcp + 8, flags & ACK ? c->seq[!from] : 0);
    tcp[12] = (TCP + STAMPS) / 4 << 4;
    tcp[13] = (uint8_t)flags;
    put16(tcp + 14, 64000);
    put32(tcp + TCP, 0x0101080a);
    put32(tcp + TCP + 4, (uint32_t)(us / 1000));
    memset(tcp + TCP + STAMPS, 'x', text);
    put16(tcp + 16, folded(sum16(tcp, tcp_len, sum16(ip + 12, 8, 6 + tcp_len))));
    return HEADERS + text;
}

struct segment {
    unsigned from, flags;
    bool text;
};

/* The segment of a step; false past the last one. */
static bool segment_at(const struct plan *plan, const struct conversation *c,
                       struct segment *segment)
{
    static const struct segment opening[] = {
        {0, SYN, false}, {1, SYN | ACK, false}, {0, ACK, false}};
    static const struct segment exchange[] = {
        {0, PSH | ACK, true}, {1, ACK, false}, {1, PSH | ACK, true}, {0, ACK, false}};
    static const struct segment closing[] = {
        {0, FIN | ACK, false}, {1, ACK, false}, {1, FIN | ACK, false}, {0, ACK, false}};
    uint64_t step = c->step;

    if (step > 0 &&
        (plan->one_in ? c->number % plan->one_in != 0 : mix(c->number, 3) % 100 >= plan->answered))
        return false;
    if (step < 3)
        *segment = opening[step];
    else if (step - 3 < 4 * plan->exchanges)
        *segment = exchange[(step - 3) % 4];
    else if (plan->close && step - 3 - 4 * plan->exchanges < 4)
        *segment = closing[step - 3 - 4 * plan->exchanges];
    else
        return false;
    return true;
}

/* Send the next segment of the conversation; false if there was none. */
static bool advance(const struct plan *plan, struct conversation *c, uint64_t us)
{
    static uint8_t frame[FRAME_MOST];
    struct segment segment;
    uint32_t text;

    if (!segment_at(plan, c, &segment))
        return false;
    text = segment.text ? (uint32_t)plan->text : 0;
    write_packet(plan, frame, build(frame, c, segment.from, segment.flags, text, us), us);
    c->seq[segment.from] += text + (segment.flags & (SYN | FIN) ? 1 : 0);
    c->step++;
    return true;
}

/* ---------------------------------------------------------------------------------- main -- */

static const struct {
    const char *name;
    size_t place;
    uint64_t value;
    const char *meaning;
} options[] = {
#define OPTION(name, value, meaning)                                                               \
    {                                                                                              \
#name, offsetof(struct plan, name), value, meaning                                         \
    }
    OPTION(connections, 1000, "in all"),
    OPTION(alive, 100, "at a time"),
    OPTION(exchanges, 1, "of data in each: a request, an answer, their acknowledgments"),
    OPTION(text, 500, "octets of a data segment, at most 1448"),
    OPTION(snap, 65535, "octets kept of each packet"),
    OPTION(answered, 100, "percent of the SYNs"),
    OPTION(one_in, 0, "so many SYNs is answered, whatever the percentage; 0: no"),
    OPTION(collide, 0, "only tuples whose hash would be alike in so many bits, without the key"),
    OPTION(close, 1, "0 leaves connections open"),
    OPTION(seed, 1, "of the order"),
#undef OPTION
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t *value_of(struct plan *plan, size_t option)
{
    return (uint64_t *)(void *)((char *)plan + options[option].place);
}

static bool read_option(struct plan *plan, const char *word)
{
    size_t i;

    for (i = 0; i < COUNT(options); i++) {
        size_t len = strlen(options[i].name);

        if (strncmp(word, options[i].name, len) == 0 && word[len] == '=') {
            *value_of(plan, i) = strtoull(word + len + 1, NULL, 10);
            return true;
        }
    }
    return false;
}

static int usage(void)
{
    size_t i;

    fprintf(stderr, "usage: make_capture [option=value ...] > FILE\n");
    for (i = 0; i < COUNT(options); i++)
        fprintf(stderr, "  %-12s %6" PRIu64 "  %s\n", options[i].name, options[i].value,
                options[i].meaning);
    return 2;
}

/* The next that is wanted, from `number` on. */
static void begin(const struct plan *plan, struct conversation *c, uint64_t *number)
{
    do {
        uint64_t n = (*number)++;

        *c = (struct conversation){n, 0, {mix(n, 1), mix(n, 2)}};
    } while (plan->collide && !is_chosen(plan, c));
}

/* Conversations take turns at random; who has ended makes room for the next. */
static int converse(const struct plan *plan)
{
    struct conversation *alive = calloc(plan->alive, sizeof(*alive));
    uint64_t random = plan->seed, begun = 0, number = 0, count = 0, us = 0;

    if (!alive)
        return 1;
    for (; count < plan->alive && begun < plan->connections; count++, begun++)
        begin(plan, &alive[count], &number);
    while (count > 0) {
        struct conversation *c = &alive[draw(&random) % count];

        if (advance(plan, c, us++))
            continue;
        if (begun < plan->connections) {
            begin(plan, c, &number);
            begun++;
        } else {
            *c = alive[--count];
        }
    }
    free(alive);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct plan plan;
    int i;

    for (size_t option = 0; option < COUNT(options); option++)
        *value_of(&plan, option) = options[option].value;
    fst_key_secret_init(&plan.known, &(const struct fst_siphash_key){0, 0});
    for (i = 1; i < argc; i++)
        if (!read_option(&plan, argv[i]))
            return usage();
    if (plan.text > FRAME_MOST - HEADERS || plan.alive == 0)
        return usage();
    write_header(&plan);
    return converse(&plan);
}
