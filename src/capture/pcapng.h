/* SPDX-License-Identifier: MIT
 *
 * Numbers of the pcapng format, and reading its integers in the byte order of a section.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
#ifndef FST_CAPTURE_PCAPNG_H
#define FST_CAPTURE_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define FST_NG_SECTION_HEADER        0x0a0d0d0au /* the same in both byte orders */
#define FST_NG_INTERFACE_DESCRIPTION 1
#define FST_NG_OBSOLETE_PACKET       2
#define FST_NG_SIMPLE_PACKET         3
#define FST_NG_INTERFACE_STATISTICS  5
#define FST_NG_ENHANCED_PACKET       6

#define FST_NG_OPT_ENDOFOPT          0
#define FST_NG_OPT_COMMENT           1
#define FST_NG_SHB_USERAPPL          4
#define FST_NG_EPB_PACKETID          5
#define FST_NG_IF_TSRESOL            9

/* Length behind a block. */
#define FST_NG_TRAILER_LEN      4

#define FST_NG_BYTE_ORDER_MAGIC 0x1a2b3c4du

/* Who wrote the section, where the ids of its packets are their numbers. */
#define FST_NG_NUMBERED "flowstate (numbered)"

static inline uint16_t fst_ng_u16(const uint8_t *at, bool big_endian)
{
    return big_endian ? fst_be16(at) : fst_le16(at);
}

static inline uint32_t fst_ng_u32(const uint8_t *at, bool big_endian)
{
    return big_endian ? fst_be32(at) : fst_le32(at);
}

/** Data and options are filled up to a multiple of four octets. */
static inline size_t fst_ng_padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

#endif
