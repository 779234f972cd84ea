/* SPDX-License-Identifier: MIT
 *
 * The options of a TCP header.
 */
#ifndef FST_DECODE_TCP_OPTIONS_H
#define FST_DECODE_TCP_OPTIONS_H

#include <stddef.h>

#include "base/bytes.h"
#include "decode/segment.h"

/* Timestamps behind two NOPs and nothing else, as nearly every segment has them that has any. */
#define FST_TIMESTAMPS_ALONE      12
#define FST_TIMESTAMPS_ALONE_WORD 0x0101080au

/** All but `sack`, which counts only up to `sack_count`. */
static inline void fst_tcp_options_clear(struct fst_segment *segment)
{
    struct fst_tcp_options *options = &segment->options;

    options->present = 0;
    options->wscale = 0;
    options->sack_count = 0;
    options->cookie_len = 0;
    options->mss = 0;
    options->ts_val = 0;
    options->ts_ecr = 0;
    segment->fault = FST_HEADER_OK;
    segment->options_cut = false;
}

/**
 * Read options into `segment->options`.
 *
 * @param segment   `options`, `fault` and `options_cut` are set. On a fault the options before it
 *                  stand.
 * @param octets    What was captured of the options.
 * @param captured  How much that is; less than `len` is the snap length's doing, not a fault.
 * @param len       Octets of options in the header, at most 40.
 *
 * Source: RFC 9293 section 3.2 and the RFC of each option.
 */
static inline void fst_tcp_options_decode(struct fst_segment *segment, const uint8_t *octets,
                                          size_t captured, size_t len);

/** The same into options that were cleared: as they usually lie, or one by one. */
void fst_tcp_options_read(struct fst_segment *segment, const uint8_t *octets, size_t captured,
                          size_t len);
void fst_tcp_options_walk(struct fst_segment *segment, const uint8_t *octets, size_t captured,
                          size_t len);

static inline void fst_tcp_options_decode(struct fst_segment *segment, const uint8_t *octets,
                                          size_t captured, size_t len)
{
    fst_tcp_options_clear(segment);
    if (len > 0)
        fst_tcp_options_read(segment, octets, captured, len);
}

#endif
