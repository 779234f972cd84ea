/* SPDX-License-Identifier: MIT
 *
 * pcapng: blocks, each with its type and length in front and its length behind. A section header
 * block fixes the byte order and forgets the interfaces before it; an interface description block
 * says what the packets that name it are. Unknown blocks are skipped, whatever their size.
 *
 * Interfaces are numbered on over all sections, in the order of their blocks.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
#include "base/bytes.h"
#include "capture/capture.h"

#include <inttypes.h>
#include <string.h>

#include "capture/diag.h"
#include "capture/pcapng.h"

#define IF_NAME         2
#define IF_TSOFFSET     14
#define ISB_ENDTIME     3
#define ISB_IFRECV      4
#define ISB_IFDROP      5
#define ISB_OSDROP      7
#define TSRESOL_DEFAULT 6 /* microseconds */

/* Type and length in front; the least block has its length behind as well. */
#define BLOCK_HEAD_LEN 8
#define BLOCK_LEAST    12
#define SECTION_LEAST  28

/* A packet of the greatest length, and as many options as a block may have. */
#define BLOCK_MAX (FST_RECORD_MAX + 1024u * 1024)

/* A block that lies whole in the buffer. */
struct block {
    const uint8_t *at;
    uint32_t type;
    uint32_t len;
    bool big_endian;
};

static const uint8_t magics[][4] = {{0x0a, 0x0d, 0x0d, 0x0a}};

static uint64_t u64(const uint8_t *at, bool big_endian)
{
    uint64_t first = fst_ng_u32(at, big_endian);
    uint64_t second = fst_ng_u32(at + 4, big_endian);

    return big_endian ? first << 32 | second : second << 32 | first;
}

static uint32_t field(const struct block *block, size_t offset)
{
    return fst_ng_u32(block->at + offset, block->big_endian);
}

/* ---------------------------------------------------------------------------------- options -- */

struct option {
    uint16_t code;
    uint16_t len;
    const uint8_t *value;
};

/* The options of a block, from `offset` to its trailer. */
static struct fst_bytes options_of(const struct block *block, size_t offset)
{
    return fst_bytes(block->at + offset, block->len - FST_NG_TRAILER_LEN - offset);
}

/* Take the next option. False at the end of the list, and when one overruns it (`failed` tells). */
static bool next_option(struct fst_bytes *options, bool big_endian, struct option *option)
{
    const uint8_t *head;

    if (options->left == 0)
        return false;
    head = fst_take(options, 4);
    if (!head)
        return false;
    option->code = fst_ng_u16(head, big_endian);
    option->len = fst_ng_u16(head + 2, big_endian);
    if (option->code == FST_NG_OPT_ENDOFOPT)
        return false;
    option->value = options->at;
    return fst_skip(options, fst_ng_padded(option->len));
}

/* A broken list of a packet or a section ends the count, not the reading: it misleads nobody. */
static void count_comments(struct fst_capture *capture, const struct block *block, size_t offset)
{
    struct fst_bytes options = options_of(block, offset);
    struct option option;

    while (next_option(&options, block->big_endian, &option))
        capture->info.comments += option.code == FST_NG_OPT_COMMENT;
}

/* ----------------------------------------------------------------- sections and interfaces -- */

#define NUMBER_MAX ((uint64_t)1 << 52) /* readers of JSON hold twice as many: room to count on */

static bool is_numbered(const struct block *block)
{
    struct fst_bytes options = options_of(block, 24);
    struct option option;

    while (next_option(&options, block->big_endian, &option))
        if (option.code == FST_NG_SHB_USERAPPL && option.len == strlen(FST_NG_NUMBERED) &&
            memcmp(option.value, FST_NG_NUMBERED, option.len) == 0)
            return true;
    return false;
}

static int section_header(struct fst_capture *capture, const struct block *block,
                          struct fst_packet *packet, struct fst_diag *diag)
{
    unsigned major = fst_ng_u16(block->at + 12, block->big_endian);

    (void)packet;
    if (major != 1)
        return fst_input_damaged(&capture->input, diag,
                                 "a section of pcapng version %u, but only 1 is read", major);
    capture->as.pcapng.big_endian = block->big_endian;
    capture->as.pcapng.first = capture->info.interface_count;
    capture->as.pcapng.numbered = is_numbered(block);
    count_comments(capture, block, 24);
    return 0;
}

/* Unlike a broken comment, a broken option here could hide the unit of all time stamps. */
static bool describe(const struct block *block, struct fst_description *description)
{
    struct fst_bytes options = options_of(block, 16);
    struct option option;

    while (next_option(&options, block->big_endian, &option)) {
        if (option.code == IF_NAME) {
            description->name = (const char *)option.value;
            description->name_len = option.len;
        } else if (option.code == FST_NG_IF_TSRESOL) {
            if (option.len != 1)
                return false;
            description->resolution = option.value[0];
        } else if (option.code == IF_TSOFFSET) {
            if (option.len != 8)
                return false;
            description->offset_s = (int64_t)u64(option.value, block->big_endian);
        }
    }
    return !options.failed;
}

static int interface_description(struct fst_capture *capture, const struct block *block,
                                 struct fst_packet *packet, struct fst_diag *diag)
{
    struct fst_description description = {.link_type = fst_ng_u16(block->at + 8, block->big_endian),
                                          .snap_len = field(block, 12),
                                          .big_endian = block->big_endian,
                                          .resolution = TSRESOL_DEFAULT};

    (void)packet;
    if (!describe(block, &description))
        return fst_input_damaged(&capture->input, diag,
                                 "the options of interface %zu are damaged; its times would be "
                                 "wrong",
                                 capture->info.interface_count);
    return fst_capture_add_interface(capture, &description, diag);
}

static void capture_ended(struct fst_capture *capture, size_t number, const uint8_t *stamp,
                          bool big_endian)
{
    uint64_t high = big_endian ? fst_be32(stamp) : fst_le32(stamp);
    uint64_t ticks = high << 32 | (big_endian ? fst_be32(stamp + 4) : fst_le32(stamp + 4));
    int64_t time_ns = fst_clock_ns(&capture->sources[number].clock, ticks);

    if (time_ns > capture->info.until_ns)
        capture->info.until_ns = time_ns;
}

static int interface_statistics(struct fst_capture *capture, const struct block *block,
                                struct fst_packet *packet, struct fst_diag *diag)
{
    struct fst_bytes options = options_of(block, 20);
    size_t number = capture->as.pcapng.first + (size_t)field(block, 8);
    struct fst_interface *interface;
    struct option option;

    (void)packet;
    (void)diag;
    if (number >= capture->info.interface_count)
        return 0; /* Counters of nothing are no reason to stop. */
    interface = &capture->interfaces[number];
    while (next_option(&options, block->big_endian, &option)) {
        if (option.len != 8)
            continue;
        if (option.code == ISB_ENDTIME)
            capture_ended(capture, number, option.value, block->big_endian);
        else if (option.code == ISB_IFRECV)
            interface->received = u64(option.value, block->big_endian);
        else if (option.code == ISB_IFDROP)
            interface->dropped = u64(option.value, block->big_endian);
        else if (option.code == ISB_OSDROP)
            interface->os_dropped = u64(option.value, block->big_endian);
    }
    return 0;
}

/* ---------------------------------------------------------------------------------- packets -- */

/* Where in a packet block its parts lie; captured length is checked against the block. */
struct packet_parts {
    size_t data;
    uint32_t interface;
    uint32_t captured_len;
    uint32_t original_len;
};

static int fill_packet(struct fst_capture *capture, const struct block *block,
                       const struct packet_parts *parts, struct fst_packet *packet,
                       struct fst_diag *diag)
{
    size_t first = capture->as.pcapng.first;
    size_t room = block->len - FST_NG_TRAILER_LEN - parts->data;

    if (parts->interface >= capture->info.interface_count - first)
        return fst_input_damaged(&capture->input, diag,
                                 "a packet names interface %" PRIu32
                                 ", but its section has described %zu so "
                                 "far; the file is damaged from here on",
                                 parts->interface, capture->info.interface_count - first);
    if (parts->captured_len > room)
        return fst_input_damaged(&capture->input, diag,
                                 "a packet claims %" PRIu32
                                 " captured bytes, but its block has room for %zu; "
                                 "the file is damaged from here on",
                                 parts->captured_len, room);
    packet->data = block->at + parts->data;
    packet->captured_len = parts->captured_len;
    packet->original_len =
        parts->original_len > parts->captured_len ? parts->original_len : parts->captured_len;
    packet->interface = (uint32_t)first + parts->interface;
    packet->link_type = capture->interfaces[packet->interface].link_type;
    packet->number = capture->as.pcapng.number + 1;
    return 0;
}

/* Numbers need not ascend: fragments were written when their datagram was whole. */
static void look_at_options(struct fst_capture *capture, const struct block *block, size_t offset,
                            struct fst_packet *packet)
{
    struct fst_bytes options = options_of(block, offset);
    struct option option;
    uint64_t number;

    count_comments(capture, block, offset);
    while (capture->as.pcapng.numbered && next_option(&options, block->big_endian, &option)) {
        if (option.code != FST_NG_EPB_PACKETID || option.len != 8)
            continue;
        number = u64(option.value, block->big_endian);
        if (number > 0 && number <= NUMBER_MAX)
            packet->number = number;
    }
}

static int timed_packet(struct fst_capture *capture, const struct block *block,
                        const struct packet_parts *parts, struct fst_packet *packet,
                        struct fst_diag *diag)
{
    uint64_t ticks = (uint64_t)field(block, 12) << 32 | field(block, 16);
    size_t options = parts->data + fst_ng_padded(parts->captured_len);
    int error = fill_packet(capture, block, parts, packet, diag);

    if (error)
        return error;
    packet->time_ns = fst_clock_ns(&capture->sources[packet->interface].clock, ticks);
    capture->as.pcapng.time_ns = packet->time_ns;
    if (options + FST_NG_TRAILER_LEN < block->len)
        look_at_options(capture, block, options, packet);
    return 0;
}

static int enhanced_packet(struct fst_capture *capture, const struct block *block,
                           struct fst_packet *packet, struct fst_diag *diag)
{
    struct packet_parts parts = {28, field(block, 8), field(block, 20), field(block, 24)};

    return timed_packet(capture, block, &parts, packet, diag);
}

/* As an enhanced packet, but the interface has 16 bits and shares its word with a drop count. */
static int obsolete_packet(struct fst_capture *capture, const struct block *block,
                           struct fst_packet *packet, struct fst_diag *diag)
{
    struct packet_parts parts = {28, fst_ng_u16(block->at + 8, block->big_endian), field(block, 20),
                                 field(block, 24)};

    return timed_packet(capture, block, &parts, packet, diag);
}

/* No time, no captured length: the first follows from the packet before, so that time does not
 * jump, the second from the snap length of the section's first interface. */
static int simple_packet(struct fst_capture *capture, const struct block *block,
                         struct fst_packet *packet, struct fst_diag *diag)
{
    size_t first = capture->as.pcapng.first;
    struct packet_parts parts = {12, 0, field(block, 8), field(block, 8)};
    int error;

    if (first < capture->info.interface_count) {
        uint32_t snap_len = capture->interfaces[first].snap_len;

        if (snap_len != 0 && snap_len < parts.captured_len)
            parts.captured_len = snap_len;
    }
    error = fill_packet(capture, block, &parts, packet, diag);
    packet->time_ns = capture->as.pcapng.time_ns;
    return error;
}

/* ----------------------------------------------------------------------------------- blocks -- */

/* The blocks that are understood, the frequent first. */
static const struct kind {
    uint32_t type;
    uint32_t least; /* length of a block without options and data */
    const char *name;
    bool is_packet;
    int (*handle)(struct fst_capture *capture, const struct block *block, struct fst_packet *packet,
                  struct fst_diag *diag);
} kinds[] = {
    {FST_NG_ENHANCED_PACKET, 32, "packet", true, enhanced_packet},
    {FST_NG_SIMPLE_PACKET, 16, "packet", true, simple_packet},
    {FST_NG_OBSOLETE_PACKET, 32, "packet", true, obsolete_packet},
    {FST_NG_INTERFACE_DESCRIPTION, 20, "interface", false, interface_description},
    {FST_NG_INTERFACE_STATISTICS, 24, "statistics", false, interface_statistics},
    {FST_NG_SECTION_HEADER, SECTION_LEAST, "section", false, section_header},
};

static const struct kind *kind_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].type == type)
            return &kinds[i];
    }
    return NULL;
}

/* The byte order of the section that begins at `at`: its third word tells. */
static bool section_order(const uint8_t *at, bool *big_endian)
{
    *big_endian = fst_be32(at + 8) == FST_NG_BYTE_ORDER_MAGIC;
    return *big_endian || fst_le32(at + 8) == FST_NG_BYTE_ORDER_MAGIC;
}

static int blame_block(const struct fst_capture *capture, const struct block *block,
                       const char *what, struct fst_diag *diag)
{
    return fst_input_damaged(&capture->input, diag,
                             "a block of type %" PRIu32 " has the length %" PRIu32
                             ", %s; the file is damaged "
                             "from here on",
                             block->type, block->len, what);
}

static int check_length(const struct fst_capture *capture, const struct block *block,
                        const struct kind *kind, struct fst_diag *diag)
{
    if (block->len % 4 != 0)
        return blame_block(capture, block, "which is no multiple of 4", diag);
    if (block->len < (kind ? kind->least : BLOCK_LEAST))
        return blame_block(capture, block, "too short for its type", diag);
    if (kind && block->len > BLOCK_MAX)
        return blame_block(capture, block, "more than any packet takes", diag);
    return 0;
}

/* Whether the block must lie whole in the buffer: it is understood, or somebody wants to see it. */
static bool is_wanted(const struct fst_capture *capture, const struct block *block,
                      const struct kind *kind)
{
    return kind || (capture->listener.block && block->len <= BLOCK_MAX);
}

/* The whole block has been checked: use it, and tell those who want to know of it. */
static int take_block(struct fst_capture *capture, const struct block *block,
                      const struct kind *kind, struct fst_packet *packet, struct fst_diag *diag)
{
    int error = kind ? kind->handle(capture, block, packet, diag) : 0;

    if (error)
        return error;
    if (kind && kind->is_packet) {
        capture->as.pcapng.packet_block = block->at;
        capture->as.pcapng.packet_block_len = block->len;
    } else if (capture->listener.block) {
        capture->listener.block(capture->listener.context, block->at, block->len,
                                block->big_endian);
    }
    return 0;
}

/* Read type and length of the block at `input.begin`, of which BLOCK_LEAST octets are there. */
static int read_head(const struct fst_capture *capture, struct block *block, struct fst_diag *diag)
{
    const struct fst_input *input = &capture->input;

    block->len = 0;
    block->at = input->buffer + input->begin;
    block->big_endian = capture->as.pcapng.big_endian;
    block->type = fst_ng_u32(block->at, block->big_endian);
    if (block->type == FST_NG_SECTION_HEADER && !section_order(block->at, &block->big_endian))
        return fst_input_damaged(&capture->input, diag,
                                 "a section header without the byte-order magic; the file is "
                                 "damaged from here on");
    block->len = field(block, 4);
    return 0;
}

static void begin_skip(struct fst_capture *capture, const struct block *block)
{
    struct fst_pcapng_place *place = &capture->as.pcapng;

    place->skip_offset = fst_input_offset(&capture->input);
    place->skip_length = block->len;
    place->skip_left = block->len - BLOCK_LEAST;
    capture->input.begin += BLOCK_HEAD_LEN;
}

/* The length behind a block must repeat the one in front. */
static int check_trailer(const struct fst_capture *capture, const uint8_t *trailer,
                         const struct block *block, uint64_t offset, struct fst_diag *diag)
{
    uint32_t behind = fst_ng_u32(trailer, block->big_endian);

    if (behind == block->len)
        return 0;
    return fst_input_blame(&capture->input, diag, FST_EDAMAGED, offset,
                           "a block has the length %" PRIu32 " in front but %" PRIu32 " behind; "
                           "the file is damaged from here on",
                           block->len, behind);
}

/* Go on with the block that is being skipped, as far as the buffer reaches. */
static int skip_block(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag)
{
    struct fst_pcapng_place *place = &capture->as.pcapng;
    struct fst_input *input = &capture->input;
    struct block block = {NULL, 0, place->skip_length, place->big_endian};
    size_t left = fst_input_left(input);
    size_t step = left < place->skip_left ? left : (size_t)place->skip_left;
    int error;

    input->begin += step;
    place->skip_left -= step;
    if (place->skip_left > 0 || left - step < FST_NG_TRAILER_LEN) {
        found->need = place->skip_left > 0 ? 1 : FST_NG_TRAILER_LEN;
        return 0;
    }
    error = check_trailer(capture, input->buffer + input->begin, &block, place->skip_offset, diag);
    if (error)
        return error;
    input->begin += FST_NG_TRAILER_LEN;
    place->skip_length = 0;
    return 0;
}

static int next_block(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag)
{
    struct fst_input *input = &capture->input;
    size_t left = fst_input_left(input);
    const struct kind *kind;
    struct block block;
    int error;

    found->need = BLOCK_LEAST;
    if (left < BLOCK_LEAST)
        return 0;
    error = read_head(capture, &block, diag);
    if (error)
        return error;
    kind = kind_of(block.type);
    error = check_length(capture, &block, kind, diag);
    if (error)
        return error;
    if (capture->packets_only && kind && !kind->is_packet)
        return blame_block(capture, &block, "which is no packet", diag);
    found->need = is_wanted(capture, &block, kind) && left < block.len ? block.len : 0;
    if (found->need > 0)
        return 0;
    if (!is_wanted(capture, &block, kind)) {
        begin_skip(capture, &block);
        return 0;
    }
    error = check_trailer(capture, block.at + block.len - FST_NG_TRAILER_LEN, &block,
                          fst_input_offset(input), diag);
    if (!error)
        error = take_block(capture, &block, kind, &found->packets[found->count], diag);
    if (error)
        return error;
    input->begin += block.len;
    if (kind && kind->is_packet) {
        capture->as.pcapng.number = found->packets[found->count].number;
        found->count++;
    }
    return 0;
}

static int walk_pcapng(struct fst_capture *capture, struct fst_walk *found, struct fst_diag *diag)
{
    int error = 0;

    found->need = 0;
    while (!error && found->need == 0 && found->count < found->max)
        error = capture->as.pcapng.skip_length > 0 ? skip_block(capture, found, diag)
                                                   : next_block(capture, found, diag);
    return error;
}

static int blame_cut(const struct fst_capture *capture, uint64_t offset, uint64_t there,
                     uint32_t len, struct fst_diag *diag)
{
    return fst_input_blame(&capture->input, diag, FST_EDAMAGED, offset,
                           "the last block is cut off, %" PRIu64 " of its %" PRIu32 " bytes are "
                           "there; the %" PRIu64 " packets before it were read",
                           there, len, capture->info.packets);
}

static int finish_pcapng(struct fst_capture *capture, struct fst_diag *diag)
{
    const struct fst_pcapng_place *place = &capture->as.pcapng;
    const struct fst_input *input = &capture->input;
    uint64_t offset = fst_input_offset(input);
    size_t left = fst_input_left(input);
    struct block block;
    int error;

    if (place->skip_length > 0)
        return blame_cut(capture, place->skip_offset, offset + left - place->skip_offset,
                         place->skip_length, diag);
    if (left == 0)
        return 0;
    if (left < BLOCK_LEAST)
        return fst_input_damaged(input, diag,
                                 "the file ends inside the head of a block; the %" PRIu64
                                 " packets before it were read",
                                 capture->info.packets);
    error = read_head(capture, &block, diag);
    return error ? error : blame_cut(capture, offset, left, block.len, diag);
}

static int open_pcapng(struct fst_capture *capture, struct fst_diag *diag)
{
    struct fst_input *input = &capture->input;
    int error = fst_capture_need_header(capture, SECTION_LEAST, diag);
    const uint8_t *header = input->buffer + input->begin;
    bool big_endian;
    unsigned major;

    if (error)
        return error;
    if (!section_order(header, &big_endian))
        return fst_input_blame(input, diag, FST_EFORMAT, 8,
                               "neither pcap nor pcapng, the byte-order magic is missing; give a "
                               "file that tcpdump or Wireshark has written");
    major = fst_ng_u16(header + 12, big_endian);
    if (major != 1)
        return fst_input_blame(input, diag, FST_EFORMAT, 12,
                               "pcapng version %u, but only 1 is read; save the file again with "
                               "Wireshark",
                               major);
    capture->info.format = "pcapng";
    capture->info.big_endian = big_endian;
    capture->as.pcapng.big_endian = big_endian;
    return 0;
}

const struct fst_reader fst_reader_pcapng = {magics, sizeof(magics) / sizeof(magics[0]),
                                             open_pcapng, walk_pcapng, finish_pcapng};
