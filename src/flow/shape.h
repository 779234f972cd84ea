/* SPDX-License-Identifier: MIT
 *
 * What of a segment goes into a situation (precedent.h) whatever connection it is of. Made for
 * nearly every packet, by whichever thread decodes: hence inline, and with few jumps.
 */
#ifndef FST_FLOW_SHAPE_H
#define FST_FLOW_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"

/* From bit 0: the 9 flags, then these. A situation puts what it adds behind them. */
enum {
    FST_SHAPE_ORDINARY_BIT = 9,
    FST_SHAPE_TIMESTAMP_ZERO_BIT,
    FST_SHAPE_OPTIONS_SHIFT,                                /* 8 bits */
    FST_SHAPE_MSS_SHIFT = FST_SHAPE_OPTIONS_SHIFT + 8,      /* 2 bits: class, as in the record */
    FST_SHAPE_PAYLOAD_SHIFT = FST_SHAPE_MSS_SHIFT + 2,      /* 3 bits: class */
    FST_SHAPE_CHECKSUM_SHIFT = FST_SHAPE_PAYLOAD_SHIFT + 3, /* 2 bits */
    FST_SHAPE_BITS = FST_SHAPE_CHECKSUM_SHIFT + 2,

    FST_SHAPE_STEADY_BIT = 63,
};

/* The shape of what is not ordinary. */
#define FST_SHAPE_NONE     0

#define FST_SHAPE_ORDINARY ((uint64_t)1 << FST_SHAPE_ORDINARY_BIT)

/* Nothing but an ACK, perhaps with text, for steady.c. */
#define FST_SHAPE_STEADY ((uint64_t)1 << FST_SHAPE_STEADY_BIT)

/* Text of this length is below every maximum segment size class that matters for a label. */
#define FST_STEADY_TEXT_MOST  2047

#define FST_SHAPE_CONTROLS    (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST | FST_TCP_ACK)
#define FST_SHAPE_WSCALE_MOST 14

/* What an ordinary segment with these controls may be; all 0: none is ordinary. */
struct fst_shape_rule {
    uint64_t steady;  /* FST_SHAPE_STEADY, if it may be */
    uint16_t options; /* that it may have, and FST_SHAPE_ANY */
    bool text;        /* it may have */
    bool window;      /* is not looked at: it may be closed */
};

#define FST_SHAPE_ANY 0x100u /* above all options */

/** By SYN, FIN, RST and ACK. */
static inline const struct fst_shape_rule *fst_shape_rule(unsigned flags)
{
    enum {
        STAMPS = FST_SHAPE_ANY | FST_OPT_TIMESTAMPS,
        OPENING = STAMPS | FST_OPT_MSS | FST_OPT_WSCALE | FST_OPT_SACK_PERMITTED,
        FIN_ACK = FST_TCP_FIN | FST_TCP_ACK,
        SYN_ACK = FST_TCP_SYN | FST_TCP_ACK,
        RST_ACK = FST_TCP_RST | FST_TCP_ACK
    };
    /* Of a reset neither window nor timestamps are looked at. */
    static const struct fst_shape_rule rules[FST_SHAPE_CONTROLS + 1] = {
        [FST_TCP_ACK] = {.options = STAMPS, .text = true, .steady = FST_SHAPE_STEADY},
        [FIN_ACK] = {.options = STAMPS, .text = true},
        [FST_TCP_SYN] = {.options = OPENING},
        [SYN_ACK] = {.options = OPENING},
        [FST_TCP_RST] = {.options = STAMPS, .window = true},
        [RST_ACK] = {.options = STAMPS, .window = true},
    };

    return &rules[flags & FST_SHAPE_CONTROLS];
}

/** The class of a maximum segment size, of three. */
static inline unsigned fst_mss_class(unsigned mss)
{
    return 1u + (mss >= 2048) + (mss >= 16384);
}

static inline uint64_t fst_shape_of_text(uint32_t len, uint64_t steady)
{
    if (len > FST_STEADY_TEXT_MOST)
        return (uint64_t)(len < 16384 ? 3 : 4) << FST_SHAPE_PAYLOAD_SHIFT;
    return (uint64_t)(len < 2 ? len : 2) << FST_SHAPE_PAYLOAD_SHIFT | steady;
}

static inline uint64_t fst_shape_of_options(const struct fst_tcp_options *options)
{
    uint64_t shape = (uint64_t)(options->ts_val == 0) << FST_SHAPE_TIMESTAMP_ZERO_BIT |
                     (uint64_t)options->present << FST_SHAPE_OPTIONS_SHIFT;

    return options->present & FST_OPT_MSS
               ? shape | (uint64_t)fst_mss_class(options->mss) << FST_SHAPE_MSS_SHIFT
               : shape;
}

/** FST_SHAPE_NONE if something about the segment needs a closer look. */
static inline uint64_t fst_shape_of(const struct fst_segment *segment)
{
    const struct fst_tcp_options *options = &segment->options;
    const struct fst_shape_rule *rule = fst_shape_rule(segment->flags);

    if (((options->present | FST_SHAPE_ANY) & ~(unsigned)rule->options) != 0 || segment->odd ||
        (!rule->text && segment->payload_len > 0) || (segment->wnd_raw == 0 && !rule->window) ||
        options->wscale > FST_SHAPE_WSCALE_MOST)
        return FST_SHAPE_NONE;
    return FST_SHAPE_ORDINARY | segment->flags | fst_shape_of_options(options) |
           (uint64_t)segment->checksum << FST_SHAPE_CHECKSUM_SHIFT |
           fst_shape_of_text(segment->payload_len, rule->steady);
}

#endif
