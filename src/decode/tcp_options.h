/* SPDX-License-Identifier: MIT
 *
 * The options of a TCP header.
 */
#ifndef FST_DECODE_TCP_OPTIONS_H
#define FST_DECODE_TCP_OPTIONS_H

#include <stddef.h>

#include "base/bytes.h"
#include "decode/segment.h"

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
    struct fst_tcp_options *options = &segment->options;

    /* All but `sack`, which counts only up to `sack_count`. */
    options->present = 0;
    options->wscale = 0;
    options->sack_count = 0;
    options->cookie_len = 0;
    options->mss = 0;
    options->ts_val = 0;
    options->ts_ecr = 0;
    segment->fault = FST_HEADER_OK;
    segment->options_cut = false;
    if (len == 0)
        return;
    /* What nearly every segment of a connection with timestamps has: two NOPs and them. */
    if (len == 12 && captured == 12 && fst_be32(octets) == 0x0101080a) {
        options->ts_val = fst_be32(octets + 4);
        options->ts_ecr = fst_be32(octets + 8);
        options->present = FST_OPT_TIMESTAMPS;
        return;
    }
    fst_tcp_options_read(segment, octets, captured, len);
}

#endif
