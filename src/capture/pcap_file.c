/* SPDX-License-Identifier: MIT
 *
 * Classic pcap: a header of 24 octets, then records of a header and a packet each. Both byte
 * orders; microseconds, nanoseconds, and the "modified" form whose record headers have 24 octets.
 *
 * Source: draft-ietf-opsawg-pcap.
 */
#include "base/bytes.h"
#include "capture/capture.h"

#include <inttypes.h>
#include <string.h>

#include "capture/diag.h"

#define FILE_HEADER_LEN     24
#define RECORD_HEADER_LEN   16
#define MODIFIED_HEADER_LEN 24

/* Writers are known to exceed the snap length they announce; what is far beyond it is damage. */
#define SNAP_LEN_LEAST (256u * 1024)
#define SNAP_LEN_SLACK (64u * 1024)

#define LINKTYPE_RAW   101

enum variant { MICROSECONDS, NANOSECONDS, MODIFIED };

/* In the order of enum variant, first as a big-endian machine writes them. */
static const uint8_t magics[][4] = {{0xa1, 0xb2, 0xc3, 0xd4}, {0xa1, 0xb2, 0x3c, 0x4d},
                                    {0xa1, 0xb2, 0xcd, 0x34}, {0xd4, 0xc3, 0xb2, 0xa1},
                                    {0x4d, 0x3c, 0xb2, 0xa1}, {0x34, 0xcd, 0xb2, 0xa1}};

static const struct {
    const char *format;
    size_t header_len;
    uint32_t tick_ns;
} variants[] = {{"pcap", RECORD_HEADER_LEN, 1000},
                {"pcap-nsec", RECORD_HEADER_LEN, 1},
                {"pcap-modified", MODIFIED_HEADER_LEN, 1000}};

static uint32_t u32(const uint8_t *at, bool big_endian)
{
    return big_endian ? fst_be32(at) : fst_le32(at);
}

static uint16_t u16(const uint8_t *at, bool big_endian)
{
    return big_endian ? fst_be16(at) : fst_le16(at);
}

static uint32_t captured_max(uint32_t snap_len)
{
    if (snap_len < SNAP_LEN_LEAST)
        snap_len = SNAP_LEN_LEAST;
    return snap_len < FST_RECORD_MAX - SNAP_LEN_SLACK ? snap_len + SNAP_LEN_SLACK : FST_RECORD_MAX;
}

/* The field's upper half tells of frame check sequences and reserved bits. Some systems wrote
 * their own number of raw IP, 12 or 14, in place of the one for files. */
static uint16_t link_type_of(uint32_t field)
{
    uint16_t link_type = (uint16_t)(field & 0xffff);

    return link_type == 12 || link_type == 14 ? LINKTYPE_RAW : link_type;
}

static int open_pcap(struct fst_capture *capture, struct fst_diag *diag)
{
    struct fst_input *input = &capture->input;
    int error = fst_capture_need_header(capture, FILE_HEADER_LEN, diag);
    const uint8_t *header = input->buffer + input->begin;
    bool big_endian = header[0] == 0xa1;
    unsigned variant = MICROSECONDS;
    unsigned major, minor;
    uint32_t snap_len;

    if (error)
        return error;
    major = u16(header + 4, big_endian);
    minor = u16(header + 6, big_endian);
    if (major != 2 || minor < 3)
        return fst_input_blame(input, diag, FST_EFORMAT, 4,
                               "pcap version %u.%u, but only 2.4 is read; rewrite the file with "
                               "tcpdump -r FILE -w NEW",
                               major, minor);
    while (memcmp(header, magics[variant + (big_endian ? 0 : 3)], 4) != 0)
        variant++;
    snap_len = u32(header + 16, big_endian);
    capture->info.format = variants[variant].format;
    capture->info.big_endian = big_endian;
    capture->as.pcap = (struct fst_pcap_layout){variants[variant].header_len,
                                                captured_max(snap_len), variants[variant].tick_ns};
    input->begin += FILE_HEADER_LEN;
    return fst_capture_add_interface(
        capture,
        &(struct fst_description){.link_type = link_type_of(u32(header + 20, big_endian)),
                                  .snap_len = snap_len,
                                  .big_endian = big_endian},
        diag);
}

static int blame_length(const struct fst_capture *capture, const struct fst_walk *found,
                        uint32_t captured_len, struct fst_diag *diag)
{
    return fst_input_damaged(&capture->input, diag,
                             "packet %" PRIu64 " claims %" PRIu32 " captured bytes, more than the "
                             "%" PRIu32 " possible here; the file is damaged from here on",
                             capture->info.packets + found->count + 1, captured_len,
                             capture->as.pcap.captured_max);
}

/* Fill a packet from the record at `at`. The time cannot overflow: seconds of 32 bits are below
 * 2^62 nanoseconds. */
static inline void fill_packet(struct fst_packet *packet, const uint8_t *at, size_t header_len,
                               uint32_t tick_ns, bool big_endian)
{
    uint32_t captured_len = u32(at + 8, big_endian);
    uint32_t original_len = u32(at + 12, big_endian);

    packet->time_ns =
        (int64_t)u32(at, big_endian) * 1000000000 + (int64_t)u32(at + 4, big_endian) * tick_ns;
    packet->data = at + header_len;
    packet->captured_len = captured_len;
    packet->original_len = original_len > captured_len ? original_len : captured_len;
    packet->interface = 0;
}

/* Expanded once for each byte order, so that the loop does not ask; it keeps what it needs in
 * registers, since it runs for every packet. */
static inline int walk_records(struct fst_capture *capture, struct fst_walk *found, bool big_endian,
                               struct fst_diag *diag)
{
    const struct fst_pcap_layout layout = capture->as.pcap;
    struct fst_input *input = &capture->input;
    const uint16_t link_type = capture->interfaces[0].link_type;
    const uint8_t *at = input->buffer + input->begin;
    const uint8_t *const end = input->buffer + input->end;
    struct fst_packet *packet = found->packets;
    struct fst_packet *const last = packet + found->max;
    uint64_t number = capture->info.packets;
    uint32_t captured_len = 0;

    for (; packet != last && (size_t)(end - at) >= layout.header_len; packet++) {
        captured_len = u32(at + 8, big_endian);
        if (captured_len > layout.captured_max ||
            (size_t)(end - at) - layout.header_len < captured_len)
            break;
        fill_packet(packet, at, layout.header_len, layout.tick_ns, big_endian);
        packet->number = ++number;
        packet->link_type = link_type;
        at += layout.header_len + captured_len;
        captured_len = 0;
    }
    /* Not 0 is the length that ended the loop. */
    found->need = layout.header_len + captured_len;
    found->count = (size_t)(packet - found->packets);
    input->begin = (size_t)(at - input->buffer);
    if (captured_len > layout.captured_max)
        return blame_length(capture, found, captured_len, diag);
    return 0;
}

static int walk_pcap(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag)
{
    return capture->info.big_endian ? walk_records(capture, found, true, diag)
                                    : walk_records(capture, found, false, diag);
}

static int finish_pcap(struct fst_capture *capture, struct fst_diag *diag)
{
    const struct fst_input *input = &capture->input;
    size_t left = fst_input_left(input);
    size_t header_len = capture->as.pcap.header_len;
    const char *part = "header";
    size_t whole = header_len;

    if (left == 0)
        return 0;
    if (left >= header_len) {
        part = "data";
        left -= header_len;
        whole = u32(input->buffer + input->begin + 8, capture->info.big_endian);
    }
    return fst_input_damaged(input, diag,
                             "packet %" PRIu64 " is cut off, %zu of %zu bytes of its %s are there; "
                             "the packets before it were read",
                             capture->info.packets + 1, left, whole, part);
}

const struct fst_reader fst_reader_pcap = {magics, sizeof(magics) / sizeof(magics[0]), open_pcap,
                                           walk_pcap, finish_pcap};
