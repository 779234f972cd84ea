/* SPDX-License-Identifier: MIT
 *
 * A capture written again as pcapng, with comments. Blocks of a pcapng source pass as they are, in
 * their own byte order, but for the options that are added; packets of other sources get blocks of
 * their own, little-endian on every machine.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
#include "capture/capture.h"

#include <stdlib.h>
#include <string.h>

#include "capture/pcapng.h"

#define SHB_USERAPPL    4

#define SECTION_OPTIONS 24 /* where the options of a section header begin */
#define PACKET_DATA     28 /* where the data of an enhanced packet block begins */
#define COMMENT_MAX     UINT16_MAX

/* A block being put together. */
struct block {
    uint8_t *octets;
    size_t len, room;
    bool big_endian;
    bool failed;
};

struct fst_copy {
    struct fst_capture *capture;
    fst_copy_sink *sink;
    void *context;
    char *comment; /* of the section that is still to come, or NULL */
    bool native;   /* the source is pcapng */
    bool big_endian;
    bool failed;
    unsigned digits; /* of time stamps of other sources, after the point */
    struct block block;
};

/* ------------------------------------------------------------------------- writing a block -- */

static void begin_block(struct block *block, bool big_endian)
{
    block->len = 0;
    block->big_endian = big_endian;
    block->failed = false;
}

static void add(struct block *block, const void *octets, size_t len)
{
    size_t need = block->len + len;

    if (need > block->room) {
        uint8_t *more = realloc(block->octets, 2 * need);

        block->failed |= !more;
        if (!more)
            return;
        block->octets = more;
        block->room = 2 * need;
    }
    if (len > 0)
        memcpy(block->octets + block->len, octets, len);
    block->len = need;
}

static void store(uint8_t *to, uint32_t value, size_t size, bool big_endian)
{
    for (size_t i = 0; i < size; i++)
        to[big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void add_number(struct block *block, uint32_t value, size_t size)
{
    uint8_t octets[4];

    store(octets, value, size, block->big_endian);
    add(block, octets, size);
}

static void pad(struct block *block)
{
    static const uint8_t zeros[4] = {0};

    add(block, zeros, -block->len & 3);
}

static void add_option(struct block *block, uint16_t code, const void *value, size_t len)
{
    add_number(block, code, 2);
    add_number(block, (uint32_t)len, 2);
    add(block, value, len);
    pad(block);
}

/* Not more than fits, and no character cut through. */
static size_t comment_len(const char *comment)
{
    size_t len = strlen(comment);

    if (len <= COMMENT_MAX)
        return len;
    len = COMMENT_MAX;
    while (len > 0 && ((unsigned char)comment[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static void add_comment(struct block *block, const char *comment)
{
    add_option(block, FST_NG_OPT_COMMENT, comment, comment_len(comment));
}

static void begin_with_head(struct block *block, bool big_endian, uint32_t type)
{
    begin_block(block, big_endian);
    add_number(block, type, 4);
    add_number(block, 0, 4); /* the length, known at the end */
}

/* Set both lengths and hand the block out. */
static int end_block(struct fst_copy *copy)
{
    struct block *block = &copy->block;

    add_number(block, 0, 4);
    if (block->failed)
        return FST_ENOMEM;
    store(block->octets + 4, (uint32_t)block->len, 4, block->big_endian);
    store(block->octets + block->len - FST_NG_TRAILER_LEN, (uint32_t)block->len, 4,
          block->big_endian);
    copy->sink(copy->context, block->octets, block->len);
    return 0;
}

/* ------------------------------------------------------------- adding to a block that exists -- */

/* Where in a block the list of options that begins at `at` ends: at its end mark, or at the
 * trailer. 0 if the list is damaged. */
static size_t options_end(const uint8_t *octets, size_t len, size_t at, bool big_endian)
{
    size_t end = len - FST_NG_TRAILER_LEN;

    while (at < end) { /* each round passes four octets at least */
        if (end - at < 4)
            return 0;
        if (fst_ng_u16(octets + at, big_endian) == FST_NG_OPT_ENDOFOPT)
            return at;
        at += 4 + fst_ng_padded(fst_ng_u16(octets + at + 2, big_endian));
    }
    return at == end ? end : 0;
}

/* The block with a comment behind its other options. */
static int copy_with_comment(struct fst_copy *copy, const uint8_t *octets, size_t len,
                             size_t options, const char *comment)
{
    struct block *block = &copy->block;
    size_t end = options_end(octets, len, options, copy->big_endian);

    if (end == 0) {
        copy->sink(copy->context, octets, len);
        return 0;
    }
    begin_block(block, copy->big_endian);
    add(block, octets, end);
    add_comment(block, comment);
    add_number(block, FST_NG_OPT_ENDOFOPT, 4);
    return end_block(copy);
}

/* A section header with the comment that waits for it. Its length would be wrong, so it becomes
 * unknown, all ones. */
static int copy_section(struct fst_copy *copy, const uint8_t *octets, size_t len)
{
    static const uint8_t unknown[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    struct block *block = &copy->block;
    size_t end = options_end(octets, len, SECTION_OPTIONS, copy->big_endian);

    begin_block(block, copy->big_endian);
    add(block, octets, SECTION_OPTIONS - sizeof(unknown));
    add(block, unknown, sizeof(unknown));
    if (end > SECTION_OPTIONS)
        add(block, octets + SECTION_OPTIONS, end - SECTION_OPTIONS);
    add_comment(block, copy->comment);
    add_number(block, FST_NG_OPT_ENDOFOPT, 4);
    return end_block(copy);
}

static void take_block(void *context, const uint8_t *at, uint32_t len, bool big_endian)
{
    struct fst_copy *copy = context;
    bool section = fst_be32(at) == FST_NG_SECTION_HEADER;

    if (section)
        copy->big_endian = big_endian;
    if (!section || !copy->comment) {
        copy->sink(copy->context, at, len);
        return;
    }
    copy->failed |= copy_section(copy, at, len) != 0;
    free(copy->comment);
    copy->comment = NULL;
}

/* ---------------------------------------------------------------------------------- packets -- */

static int put_packet(struct fst_copy *copy, const struct fst_packet *packet, uint32_t interface,
                      uint64_t ticks, const char *comment)
{
    struct block *block = &copy->block;

    begin_with_head(block, copy->big_endian, FST_NG_ENHANCED_PACKET);
    add_number(block, interface, 4);
    add_number(block, (uint32_t)(ticks >> 32), 4);
    add_number(block, (uint32_t)ticks, 4);
    add_number(block, packet->captured_len, 4);
    add_number(block, packet->original_len, 4);
    add(block, packet->data, packet->captured_len);
    pad(block);
    if (comment) {
        add_comment(block, comment);
        add_number(block, FST_NG_OPT_ENDOFOPT, 4);
    }
    return end_block(copy);
}

static int copy_block(struct fst_copy *copy, const struct fst_packet *packet, const char *comment)
{
    const struct fst_pcapng_place *place = &copy->capture->as.pcapng;
    const uint8_t *octets = place->packet_block;
    size_t len = place->packet_block_len;

    if (!comment) {
        copy->sink(copy->context, octets, len);
        return 0;
    }
    if (fst_ng_u32(octets, copy->big_endian) ==
        FST_NG_SIMPLE_PACKET) /* it had no time: 0 is what readers show */
        return put_packet(copy, packet, 0, 0, comment);
    return copy_with_comment(copy, octets, len, PACKET_DATA + fst_ng_padded(packet->captured_len),
                             comment);
}

static uint64_t ticks_of(const struct fst_copy *copy, int64_t time_ns)
{
    return (uint64_t)time_ns / (copy->digits == 9 ? 1 : 1000);
}

int fst_copy_packet(struct fst_copy *copy, const struct fst_packet *packet, const char *comment)
{
    if (copy->failed)
        return FST_ENOMEM;
    if (copy->native)
        return copy_block(copy, packet, comment);
    return put_packet(copy, packet, 0, ticks_of(copy, packet->time_ns), comment);
}

/* ------------------------------------------------------------------------- the head of a copy --
 */

/* Section header and interface, for a source that has none. */
static int put_head(struct fst_copy *copy, const char *comment)
{
    static const char application[] = "flowstate";
    const struct fst_interface *interface = copy->capture->info.interfaces;
    const uint8_t digits = (uint8_t)copy->digits;
    struct block *block = &copy->block;

    begin_with_head(block, false, FST_NG_SECTION_HEADER);
    add_number(block, FST_NG_BYTE_ORDER_MAGIC, 4);
    add_number(block, 1, 2); /* version 1.0 */
    add_number(block, 0, 2);
    add_number(block, UINT32_MAX, 4); /* section of unknown length */
    add_number(block, UINT32_MAX, 4);
    add_option(block, SHB_USERAPPL, application, sizeof(application) - 1);
    if (comment)
        add_comment(block, comment);
    add_number(block, FST_NG_OPT_ENDOFOPT, 4);
    if (end_block(copy) != 0)
        return FST_ENOMEM;
    begin_with_head(block, false, FST_NG_INTERFACE_DESCRIPTION);
    add_number(block, interface->link_type, 2);
    add_number(block, 0, 2);
    add_number(block, interface->snap_len, 4);
    add_option(block, FST_NG_IF_TSRESOL, &digits, 1);
    add_number(block, FST_NG_OPT_ENDOFOPT, 4);
    return end_block(copy);
}

static int begin_copy(struct fst_copy *copy, const char *comment)
{
    if (!copy->native)
        return put_head(copy, comment);
    copy->big_endian = copy->capture->info.big_endian;
    copy->capture->listener = (struct fst_block_listener){take_block, copy};
    if (!comment)
        return 0;
    copy->comment = strdup(comment);
    return copy->comment ? 0 : FST_ENOMEM;
}

int fst_copy_new(struct fst_copy **out, struct fst_capture *capture, const char *comment,
                 fst_copy_sink *sink, void *context)
{
    struct fst_copy *copy = calloc(1, sizeof(*copy));

    *out = NULL;
    if (!copy)
        return FST_ENOMEM;
    copy->capture = capture;
    copy->sink = sink;
    copy->context = context;
    copy->native = strcmp(capture->info.format, "pcapng") == 0;
    copy->digits = strcmp(capture->info.format, "pcap-nsec") == 0 ? 9 : 6;
    if (begin_copy(copy, comment) != 0) {
        fst_copy_free(copy);
        return FST_ENOMEM;
    }
    *out = copy;
    return 0;
}

void fst_copy_free(struct fst_copy *copy)
{
    if (!copy)
        return;
    copy->capture->listener = (struct fst_block_listener){NULL, NULL};
    free(copy->comment);
    free(copy->block.octets);
    free(copy);
}
