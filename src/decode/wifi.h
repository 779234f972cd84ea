/* SPDX-License-Identifier: MIT
 *
 * IEEE 802.11 frames and the headers that capture programs put before them.
 */
#ifndef FST_DECODE_WIFI_H
#define FST_DECODE_WIFI_H

#include "decode/decoding.h"

/** The frame from its first octet, without a check sequence that matters: data frames in clear. */
fst_next fst_wifi_decode(struct fst_decoding *decoding);

/* What a driver tells of the frame, then the frame. Source: radiotap.org; AVS and PRISM headers of
 * tcpdump.org; the Per-Packet Information header, version 1.0.10. */
fst_next fst_wifi_radiotap_decode(struct fst_decoding *decoding);
fst_next fst_wifi_avs_decode(struct fst_decoding *decoding);
fst_next fst_wifi_prism_decode(struct fst_decoding *decoding);
fst_next fst_wifi_ppi_decode(struct fst_decoding *decoding);

#endif
