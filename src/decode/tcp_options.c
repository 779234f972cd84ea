/* SPDX-License-Identifier: MIT
 *
 * TCP options. A known option is a row of the table: how long it may be and where its value goes.
 * Whether an option may be in that segment is not asked here.
 */
#include "decode/tcp_options.h"

#include <string.h>

#include "base/bytes.h"

#define OPTION_END      0
#define OPTION_NOP      1
#define FAST_OPEN_MAGIC 0xf989u /* RFC 7413 section 7: experiment of RFC 6994 */
#define COOKIE_MIN      4u
#define COOKIE_MAX      16u

/* Takes the value of an option, `len` octets; false if no such option is that long. */
typedef bool read_value(struct fst_tcp_options *options, const uint8_t *value, size_t len);

static bool read_mss(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    if (len != 2)
        return false;
    options->mss = fst_be16(value);
    options->present |= FST_OPT_MSS;
    return true;
}

static bool read_wscale(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    if (len != 1)
        return false;
    options->wscale = value[0];
    options->present |= FST_OPT_WSCALE;
    return true;
}

static bool read_sack_permitted(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    (void)value;
    if (len != 0)
        return false;
    options->present |= FST_OPT_SACK_PERMITTED;
    return true;
}

/* RFC 2018 section 3: a block is two sequence numbers; four are all that fit a header. */
static bool read_sack(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    size_t count = len / 8;

    if (len % 8 != 0 || count == 0 || count > FST_SACK_BLOCKS_MAX)
        return false;
    for (size_t i = 0; i < count; i++, value += 8) {
        options->sack[i][0] = fst_be32(value);
        options->sack[i][1] = fst_be32(value + 4);
    }
    options->sack_count = (uint8_t)count;
    options->present |= FST_OPT_SACK;
    return true;
}

static bool read_timestamps(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    if (len != 8)
        return false;
    options->ts_val = fst_be32(value);
    options->ts_ecr = fst_be32(value + 4);
    options->present |= FST_OPT_TIMESTAMPS;
    return true;
}

/* RFC 7413 section 4.1.1: no cookie asks for one; else 4 to 16 octets, an even number. */
static bool read_fast_open(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    (void)value;
    if (len != 0 && (len < COOKIE_MIN || len > COOKIE_MAX || len % 2 != 0))
        return false;
    options->cookie_len = (uint8_t)len;
    options->present |= FST_OPT_FAST_OPEN;
    return true;
}

static bool read_other(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    (void)value;
    (void)len;
    options->present |= FST_OPT_OTHER;
    return true;
}

/* Other experiments than Fast Open share the number. */
static bool read_experiment(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    if (len >= 2 && fst_be16(value) == FAST_OPEN_MAGIC)
        return read_fast_open(options, value + 2, len - 2);
    return read_other(options, value, len);
}

/* RFC 1644 section 3.1: a connection count of four octets. */
static bool read_connection_count(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    (void)value;
    if (len != 4)
        return false;
    options->present |= FST_OPT_CC;
    return true;
}

static read_value *const readers[256] = {
    [2] = read_mss,               /* RFC 9293 3.2 */
    [3] = read_wscale,            /* RFC 7323 2.2 */
    [4] = read_sack_permitted,    /* RFC 2018 2 */
    [5] = read_sack,              /* RFC 2018 3 */
    [8] = read_timestamps,        /* RFC 7323 3.2 */
    [11] = read_connection_count, /* CC, RFC 1644 */
    [12] = read_connection_count, /* CC.NEW */
    [13] = read_connection_count, /* CC.ECHO */
    [34] = read_fast_open,        /* RFC 7413 */
    [254] = read_experiment,      /* RFC 6994 */
};

/* One option of `left` octets captured of `wire`; its length, or 0 to stop. */
static size_t read_option(struct fst_segment *segment, const uint8_t *option, size_t left,
                          size_t wire)
{
    read_value *reader = readers[option[0]];
    size_t len;

    if (option[0] == OPTION_END)
        return 0;
    if (option[0] == OPTION_NOP)
        return 1;
    if (left < 2 && wire >= 2) {
        segment->options_cut = true;
        return 0;
    }
    len = wire < 2 ? 0 : option[1];
    if (len < 2 || len > wire) {
        segment->fault = FST_HEADER_OPTION_LENGTH;
        return 0;
    }
    if (len > left) {
        segment->options_cut = true;
        return 0;
    }
    if (!(reader ? reader : read_other)(&segment->options, option + 2, len - 2)) {
        segment->fault = FST_HEADER_OPTION_SIZE;
        return 0;
    }
    return len;
}

void fst_tcp_options_walk(struct fst_segment *segment, const uint8_t *octets, size_t captured,
                          size_t len)
{
    size_t at = 0, step;

    while (at < captured) { /* each option takes an octet: at most 40 */
        step = read_option(segment, octets + at, captured - at, len - at);
        if (step == 0)
            return;
        at += step;
    }
    segment->options_cut = captured < len;
}
