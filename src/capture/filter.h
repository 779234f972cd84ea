/* SPDX-License-Identifier: MIT
 *
 * pcap-filter(7) expressions over packets of any link types: libpcap compiles them, once for each
 * type, when its first packet is met. Only here and in link_type.c is libpcap known.
 */
#ifndef FST_CAPTURE_FILTER_H
#define FST_CAPTURE_FILTER_H

#include "flowstate/flowstate.h"

struct fst_filter;

/**
 * @param info  Of the capture to filter: if it knows interfaces already, the expression must suit
 *              the link type of one of them, else that of some link type.
 * @return 0, FST_EFILTER, FST_ENOMEM; `*out` is NULL on failure.
 */
int fst_filter_new(struct fst_filter **out, const char *expression,
                   const struct fst_capture_info *info, struct fst_diag *diag);

/**
 * Whether the expression is true of `packet`.
 *
 * @param big_endian  Byte order of the machine that wrote the packet: BSD loopback headers have it.
 * @return 0, FST_EFILTER, FST_ENOMEM.
 */
int fst_filter_match(struct fst_filter *filter, const struct fst_packet *packet, bool big_endian,
                     bool *match, struct fst_diag *diag);

void fst_filter_free(struct fst_filter *filter);

#endif
