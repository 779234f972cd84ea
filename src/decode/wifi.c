/* SPDX-License-Identifier: MIT
 *
 * IEEE 802.11. Only what is in clear can be read: protected frames, management and control frames
 * end here, and so do aggregates (A-MSDU) and all but the first fragment of a frame.
 */
#include "decode/wifi.h"

#include "decode/link.h"

#define NOTHING_INSIDE FST_NEXT_END(FST_DECODED_NOT_TCP)

/* ----------------------------------------------------------------------------- the frame -- */

/* First octet of frame control: IEEE 802.11 9.2.4.1. */
#define VERSION_AND_TYPE 0x0fu
#define DATA             0x08u
#define SUBTYPE_NO_DATA  0x40u
#define SUBTYPE_QOS      0x80u

/* Second octet. */
#define FLAG_TO_DS      0x01u
#define FLAG_FROM_DS    0x02u
#define FLAG_PROTECTED  0x40u
#define FLAG_ORDER      0x80u /* with QoS: HT control is there */

#define HEADER_LEN      24u
#define FRAGMENT_NUMBER 0x0fu /* of the octet at 22 */
#define QOS_AGGREGATE   0x80u /* of the first octet of QoS control */

static uint32_t qos_offset(const uint8_t *header)
{
    bool both = (header[1] & FLAG_TO_DS) && (header[1] & FLAG_FROM_DS);

    return HEADER_LEN + (both ? 6 : 0);
}

static uint32_t header_len(const uint8_t *header)
{
    uint32_t len = qos_offset(header);

    if (header[0] & SUBTYPE_QOS)
        len += header[1] & FLAG_ORDER ? 6 : 2;
    return len;
}

static bool has_clear_data(const uint8_t *header)
{
    return (header[0] & VERSION_AND_TYPE) == DATA && (header[0] & SUBTYPE_NO_DATA) == 0 &&
           (header[1] & FLAG_PROTECTED) == 0;
}

/* Some drivers pad the header to four octets and say so. */
static fst_next frame(struct fst_decoding *decoding, bool padded)
{
    const uint8_t *header = decoding->at;
    uint32_t len;

    if (decoding->captured < HEADER_LEN)
        return fst_decoding_short(decoding, HEADER_LEN);
    if (!has_clear_data(header) || (header[22] & FRAGMENT_NUMBER) != 0)
        return NOTHING_INSIDE;
    len = header_len(header);
    if (padded)
        len = (len + 3) & ~3u;
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_short(decoding, len);
    if ((header[0] & SUBTYPE_QOS) && (header[qos_offset(header)] & QOS_AGGREGATE))
        return NOTHING_INSIDE;
    return fst_llc_decode(decoding);
}

fst_next fst_wifi_decode(struct fst_decoding *decoding)
{
    return frame(decoding, false);
}

/* ------------------------------------------------------------------------- before the frame -- */

#define RADIOTAP_MIN   8u
#define RADIOTAP_TSFT  0x00000001u /* eight octets, aligned to as many */
#define RADIOTAP_FLAGS 0x00000002u
#define RADIOTAP_MORE  0x80000000u /* another word of bits follows */
#define FLAGS_PADDED   0x20u
#define FLAGS_BAD_FCS  0x40u

/* The flags field of a whole radiotap header, 0 if there is none. */
static uint8_t radiotap_flags(const uint8_t *header, uint32_t len)
{
    uint32_t fields = fst_le32(header + 4), offset = RADIOTAP_MIN;

    for (uint32_t word = fields; word & RADIOTAP_MORE; offset += 4) { /* up to `len` */
        if (len - offset < 4)
            return 0;
        word = fst_le32(header + offset);
    }
    if ((fields & RADIOTAP_FLAGS) == 0)
        return 0;
    if (fields & RADIOTAP_TSFT)
        offset = ((offset + 7) & ~7u) + 8;
    return offset < len ? header[offset] : 0;
}

/* A frame whose check sequence is wrong was not received by anybody: its octets may be anything. */
fst_next fst_wifi_radiotap_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;
    uint32_t len;
    uint8_t flags;

    if (decoding->captured < RADIOTAP_MIN)
        return fst_decoding_short(decoding, RADIOTAP_MIN);
    len = fst_le16(header + 2);
    if (header[0] != 0)
        return NOTHING_INSIDE;
    if (len < RADIOTAP_MIN)
        return FST_NEXT_END(FST_DECODED_MALFORMED);
    if (!fst_decoding_take(decoding, len))
        return fst_decoding_short(decoding, len);
    flags = radiotap_flags(header, len);
    return flags & FLAGS_BAD_FCS ? NOTHING_INSIDE : frame(decoding, flags & FLAGS_PADDED);
}

/* A header that tells its own length, `at_least` so many octets. */
static fst_next skip_header(struct fst_decoding *decoding, uint32_t len, uint32_t at_least)
{
    if (len < at_least)
        return FST_NEXT_END(FST_DECODED_MALFORMED);
    return fst_decoding_take(decoding, len) ? fst_wifi_decode(decoding)
                                            : fst_decoding_short(decoding, len);
}

/* Version and length, then what the driver tells. */
fst_next fst_wifi_avs_decode(struct fst_decoding *decoding)
{
    if (decoding->captured < 8)
        return fst_decoding_short(decoding, 8);
    return skip_header(decoding, fst_be32(decoding->at + 4), 8);
}

#define PRISM_LEN   144u
#define AVS_VERSION 0x80211000u

/* Drivers that switched to AVS headers kept the link type. */
fst_next fst_wifi_prism_decode(struct fst_decoding *decoding)
{
    if (decoding->captured < 8)
        return fst_decoding_short(decoding, 8);
    if ((fst_be32(decoding->at) & 0xfffff000) == AVS_VERSION)
        return fst_wifi_avs_decode(decoding);
    return skip_header(decoding, PRISM_LEN, PRISM_LEN);
}

#define LINKTYPE_WIFI 105u

fst_next fst_wifi_ppi_decode(struct fst_decoding *decoding)
{
    const uint8_t *header = decoding->at;

    if (decoding->captured < 8)
        return fst_decoding_short(decoding, 8);
    if (header[0] != 0 || fst_le32(header + 4) != LINKTYPE_WIFI)
        return NOTHING_INSIDE;
    return skip_header(decoding, fst_le16(header + 2), 8);
}
