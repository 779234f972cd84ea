/* SPDX-License-Identifier: MIT
 *
 * The options of a TCP header.
 */
#ifndef FST_DECODE_TCP_OPTIONS_H
#define FST_DECODE_TCP_OPTIONS_H

#include <stddef.h>

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
void fst_tcp_options_decode(struct fst_segment *segment, const uint8_t *octets, size_t captured,
                            size_t len);

#endif
