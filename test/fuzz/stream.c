/* SPDX-License-Identifier: MIT */
#include "fuzz/stream.h"

#include <string.h>

#include "fuzz/fuzz.h"

#define MILLISECOND INT64_C(1000000)

void stream_init(struct stream *stream, const uint8_t *data, size_t size)
{
    memset(stream, 0, sizeof(*stream));
    stream->at = data;
    stream->left = size;
    stream->time_ns = INT64_C(1700000000) * 1000 * MILLISECOND;
    stream->side[0].iss = stream->side[0].seq = stream->side[0].next = 0xfffffc00; /* wraps soon */
    stream->side[1].iss = stream->side[1].seq = stream->side[1].next = 0x20000000;
}

const uint8_t *stream_op(struct stream *stream)
{
    const uint8_t *op = stream->at;

    if (stream->left < STREAM_OP)
        return NULL;
    stream->at += STREAM_OP;
    stream->left -= STREAM_OP;
    return op;
}

unsigned stream_sender(const uint8_t *op)
{
    return op[0] & 1;
}

void stream_blank(unsigned sender, struct fst_segment *segment)
{
    memset(segment, 0, sizeof(*segment));
    segment->src[0] = segment->dst[0] = 10;
    segment->src[3] = (uint8_t)(1 + sender);
    segment->dst[3] = (uint8_t)(2 - sender);
    segment->src_port = sender == 0 ? 40000 : 80;
    segment->dst_port = sender == 0 ? 80 : 40000;
    segment->ttl = 64;
    segment->checksum = FST_CHECKSUM_GOOD;
}

static uint32_t hash_of(const struct fst_segment *segment)
{
    uint32_t hash = segment->seq * 0x9e3779b1u;

    hash = (hash ^ segment->ack) * 0x85ebca6bu;
    hash = (hash ^ segment->flags ^ (uint32_t)segment->wnd_raw << 16) * 0xc2b2ae35u;
    hash = (hash ^ segment->payload_len ^ (uint32_t)segment->ip_id << 16) * 0x27d4eb2fu;
    hash ^= segment->src_port;
    return hash ^ hash >> 15;
}

void stream_note(struct stream *stream, unsigned sender, struct fst_segment *segment)
{
    struct stream_side *side = &stream->side[sender];
    size_t slot = stream->packet % STREAM_REMEMBER;

    segment->packet = ++stream->packet;
    segment->time_ns = stream->time_ns;
    segment->header_hash = hash_of(segment);
    side->seq = segment->seq;
    side->next = segment->seq + segment->payload_len + ((segment->flags & FST_TCP_SYN) != 0) +
                 ((segment->flags & FST_TCP_FIN) != 0);
    if (segment->flags & FST_TCP_ACK)
        side->ack = segment->ack;
    if ((segment->flags & FST_TCP_SYN))
        side->iss = segment->seq;
    stream->past[slot] = *segment;
    stream->past_side[slot] = (uint8_t)sender;
}

static const uint16_t flag_sets[] = {
    FST_TCP_ACK,
    FST_TCP_ACK | FST_TCP_PSH,
    FST_TCP_SYN,
    FST_TCP_SYN | FST_TCP_ACK,
    FST_TCP_FIN | FST_TCP_ACK,
    FST_TCP_RST,
    FST_TCP_RST | FST_TCP_ACK,
};

static uint32_t any_seq(const struct stream *stream, unsigned sender, unsigned choice,
                        uint32_t wild)
{
    const struct stream_side *self = &stream->side[sender], *peer = &stream->side[!sender];

    switch (choice) {
    case 0:
    case 1:
        return self->next;
    case 2:
        return self->iss;
    case 3:
        return self->seq;
    case 4:
        return peer->ack;
    case 5:
        return peer->ack + 65535;
    case 6:
        return self->iss + 0x01000000;
    default:
        return wild;
    }
}

static uint32_t any_ack(const struct stream *stream, unsigned sender, unsigned choice,
                        uint32_t wild)
{
    const struct stream_side *self = &stream->side[sender], *peer = &stream->side[!sender];

    switch (choice) {
    case 0:
    case 1:
        return peer->next;
    case 2:
        return self->ack;
    case 3:
        return peer->iss;
    case 4:
        return peer->iss + 1;
    case 5:
        return peer->seq;
    case 6:
        return 0;
    default:
        return wild;
    }
}

/* Most often none or a little, at times much. */
static uint32_t any_text(unsigned choice)
{
    static const uint32_t lengths[] = {0, 0, 0,  0,   0,    0,    1,     1,
                                       2, 6, 10, 536, 1460, 2920, 20000, 65495};

    return lengths[choice & 15];
}

static void any_options(struct stream_side *side, struct fst_segment *segment, unsigned present,
                        uint8_t value)
{
    struct fst_tcp_options *options = &segment->options;

    options->present = (uint8_t)(present & (FST_OPT_WSCALE | FST_OPT_SACK_PERMITTED |
                                            FST_OPT_TIMESTAMPS | FST_OPT_FAST_OPEN | FST_OPT_MSS));
    if (options->present & FST_OPT_MSS)
        options->mss = (uint16_t)(value << 4);
    if (options->present & FST_OPT_WSCALE)
        options->wscale = value & 15;
    if (options->present & FST_OPT_TIMESTAMPS) {
        side->ts += (uint32_t)(int8_t)value;
        options->ts_val = side->ts;
        options->ts_ecr = value;
    }
    if (options->present & FST_OPT_FAST_OPEN)
        options->cookie_len = value & 8;
    if (present & FST_OPT_SACK) {
        options->present |= FST_OPT_SACK;
        options->sack_count = (uint8_t)(1 + (value & 3));
        for (unsigned i = 0; i < options->sack_count; i++) {
            options->sack[i][0] = segment->ack + i * 100 + value;
            options->sack[i][1] = options->sack[i][0] + value;
        }
    }
}

/* What is rare: a segment again as it was, a wrong checksum, a broken header. */
static void any_oddity(struct stream *stream, const uint8_t *op, struct fst_segment *segment)
{
    size_t slot = op[1] % STREAM_REMEMBER;

    switch (op[7] >> 4) {
    case 1:
        if (slot < stream->packet && stream->past_side[slot] == stream_sender(op))
            *segment = stream->past[slot];
        break;
    case 2:
        segment->checksum = FST_CHECKSUM_BAD;
        break;
    case 3:
        segment->checksum = FST_CHECKSUM_UNKNOWN;
        segment->options_cut = true;
        break;
    case 4:
        segment->fault = (uint8_t)(1 + op[6] % FST_HEADER_OPTION_SIZE);
        segment->payload_len = 0;
        break;
    case 5:
        segment->minimum_frame = true;
        segment->text_is_zero = segment->payload_len > 0 && segment->payload_len <= 6;
        break;
    case 6:
        segment->ttl = op[6];
        break;
    default:
        break;
    }
}

void stream_any(struct stream *stream, const uint8_t *op, struct fst_segment *segment)
{
    unsigned sender = stream_sender(op), kind = op[0] >> 1 & 7;
    uint32_t wild = (uint32_t)op[1] << 24 | (uint32_t)op[2] << 16 | (uint32_t)op[5] << 8 | op[6];
    int32_t step = (int8_t)op[1] / 8;

    stream_blank(sender, segment);
    stream->time_ns += (op[3] >> 4) * (op[3] >> 4) * 10 * MILLISECOND;
    segment->flags = kind < 7 ? flag_sets[kind] : (uint16_t)(op[6] | (op[5] & 1) << 8);
    segment->seq = any_seq(stream, sender, op[0] >> 4 & 7, wild) + (uint32_t)step;
    segment->ack = any_ack(stream, sender, op[2] & 7, wild) + (uint32_t)((int8_t)op[2] / 32);
    if (!(segment->flags & FST_TCP_ACK) && op[2] < 192)
        segment->ack = 0;
    segment->payload_len = kind == 1 ? any_text(op[3] | 8) : any_text(op[3]);
    segment->wnd_raw = (uint16_t)(op[4] * 257);
    segment->ip_id = (uint16_t)stream->packet;
    any_options(&stream->side[sender], segment, op[5], op[6]);
    any_oddity(stream, op, segment);
    stream_note(stream, sender, segment);
}
