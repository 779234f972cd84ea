/* SPDX-License-Identifier: MIT
 *
 * TCP options: how long a known one may be and where its value goes. Whether an option may be in
 * that segment is not asked here.
 */
#include "decode/tcp_options.h"

#include <string.h>

#include "base/bytes.h"

#define OPTION_END      0
#define OPTION_NOP      1
#define FAST_OPEN_MAGIC 0xf989u /* RFC 7413 section 7: experiment of RFC 6994 */
#define COOKIE_MIN      4u
#define COOKIE_MAX      16u

/* Each takes the value of an option, `len` octets; false if no such option is that long. */

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

static bool read_sack_permitted(struct fst_tcp_options *options, size_t len)
{
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
static bool read_fast_open(struct fst_tcp_options *options, size_t len)
{
    if (len != 0 && (len < COOKIE_MIN || len > COOKIE_MAX || len % 2 != 0))
        return false;
    options->cookie_len = (uint8_t)len;
    options->present |= FST_OPT_FAST_OPEN;
    return true;
}

static bool read_other(struct fst_tcp_options *options)
{
    options->present |= FST_OPT_OTHER;
    return true;
}

/* Other experiments than Fast Open share the number. */
static bool read_experiment(struct fst_tcp_options *options, const uint8_t *value, size_t len)
{
    if (len >= 2 && fst_be16(value) == FAST_OPEN_MAGIC)
        return read_fast_open(options, len - 2);
    return read_other(options);
}

/* RFC 1644 section 3.1: a connection count of four octets. */
static bool read_connection_count(struct fst_tcp_options *options, size_t len)
{
    if (len != 4)
        return false;
    options->present |= FST_OPT_CC;
    return true;
}

static bool read_value(struct fst_tcp_options *options, uint8_t kind, const uint8_t *value,
                       size_t len)
{
    switch (kind) {
    case 2: /* RFC 9293 3.2 */
        return read_mss(options, value, len);
    case 3: /* RFC 7323 2.2 */
        return read_wscale(options, value, len);
    case 4: /* RFC 2018 2 */
        return read_sack_permitted(options, len);
    case 5: /* RFC 2018 3 */
        return read_sack(options, value, len);
    case 8: /* RFC 7323 3.2 */
        return read_timestamps(options, value, len);
    case 11: /* CC, RFC 1644 */
    case 12: /* CC.NEW */
    case 13: /* CC.ECHO */
        return read_connection_count(options, len);
    case 34: /* RFC 7413 */
        return read_fast_open(options, len);
    case 254: /* RFC 6994 */
        return read_experiment(options, value, len);
    default:
        return read_other(options);
    }
}

/* One option of `left` octets captured of `wire`; its length, or 0 to stop. */
static size_t read_option(struct fst_segment *segment, const uint8_t *option, size_t left,
                          size_t wire)
{
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
    if (!read_value(&segment->options, option[0], option + 2, len - 2)) {
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

/* Nearly all lay options out so that each begins with a word, alone, behind padding or behind a
 * short one. Takes those that do, as the walk would, and returns how many octets it took. */
static size_t take_words(struct fst_tcp_options *options, const uint8_t *octets, size_t captured)
{
    size_t at = 0;

    while (captured - at >= 4) { /* each word that is taken is a word less: at most 10 */
        const uint8_t *option = octets + at;
        uint32_t word = fst_be32(option);

        if (word >> 16 == 0x0204) {
            (void)read_mss(options, option + 2, 2);
            at += 4;
        } else if ((word == 0x0402080a || word == 0x0101080a) && captured - at >= 12) {
            if (word >> 16 == 0x0402)
                (void)read_sack_permitted(options, 0);
            (void)read_timestamps(options, option + 4, 8);
            at += 12;
        } else if (word >> 8 == 0x010303) {
            (void)read_wscale(options, option + 3, 1);
            at += 4;
        } else if (word == 0x01010402) {
            (void)read_sack_permitted(options, 0);
            at += 4;
        } else {
            break;
        }
    }
    return at;
}

void fst_tcp_options_read(struct fst_segment *segment, const uint8_t *octets, size_t captured,
                          size_t len)
{
    size_t at = take_words(&segment->options, octets, captured);

    if (at < len)
        fst_tcp_options_walk(segment, octets + at, captured - at, len - at);
}
