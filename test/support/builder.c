/* SPDX-License-Identifier: MIT */
#include "support/builder.h"

#include <stdlib.h>
#include <string.h>

void build_free(struct builder *builder)
{
    free(builder->data);
    memset(builder, 0, sizeof(*builder));
}

void build_bytes(struct builder *builder, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (builder->len + len > builder->room) {
        builder->room = 2 * (builder->len + len);
        builder->data = realloc(builder->data, builder->room);
        if (!builder->data)
            abort();
    }
    memcpy(builder->data + builder->len, bytes, len);
    builder->len += len;
}

static void put(struct builder *builder, uint64_t value, unsigned octets)
{
    uint8_t bytes[8];

    for (unsigned i = 0; i < octets; i++)
        bytes[i] = (uint8_t)(value >> 8 * (builder->big_endian ? octets - 1 - i : i));
    build_bytes(builder, bytes, octets);
}

void build_u16(struct builder *builder, uint16_t value)
{
    put(builder, value, 2);
}

void build_u32(struct builder *builder, uint32_t value)
{
    put(builder, value, 4);
}

void build_u64(struct builder *builder, uint64_t value)
{
    put(builder, value, 8);
}

void build_patch(struct builder *builder, size_t at, uint32_t value)
{
    size_t len = builder->len;

    builder->len = at;
    build_u32(builder, value);
    builder->len = len;
}

static void fill_with(struct builder *builder, size_t len, uint8_t fill)
{
    for (size_t i = 0; i < len; i++)
        build_bytes(builder, &fill, 1);
}

void build_pcap_header(struct builder *builder, uint32_t magic, uint32_t snap_len,
                       uint32_t link_type)
{
    build_u32(builder, magic);
    build_u16(builder, 2);
    build_u16(builder, 4);
    build_u64(builder, 0);
    build_u32(builder, snap_len);
    build_u32(builder, link_type);
}

void build_pcap_record(struct builder *builder, uint32_t s, uint32_t fraction, uint32_t len,
                       uint32_t original_len, uint8_t fill)
{
    build_u32(builder, s);
    build_u32(builder, fraction);
    build_u32(builder, len);
    build_u32(builder, original_len);
    fill_with(builder, len, fill);
}

void build_block_begin(struct builder *builder, uint32_t type)
{
    builder->block_start = builder->len;
    build_u32(builder, type);
    build_u32(builder, 0);
}

void build_block_end(struct builder *builder)
{
    uint32_t len;

    fill_with(builder, (0 - builder->len) & 3, 0);
    len = (uint32_t)(builder->len - builder->block_start + 4);
    build_u32(builder, len);
    build_patch(builder, builder->block_start + 4, len);
}

void build_option(struct builder *builder, uint16_t code, const void *value, uint16_t len)
{
    build_u16(builder, code);
    build_u16(builder, len);
    build_bytes(builder, value, len);
    fill_with(builder, (0u - len) & 3, 0);
}

void build_section(struct builder *builder, bool big_endian)
{
    builder->big_endian = big_endian;
    build_block_begin(builder, 0x0a0d0d0a);
    build_u32(builder, 0x1a2b3c4d);
    build_u16(builder, 1);
    build_u16(builder, 0);
    build_u64(builder, UINT64_MAX);
    build_block_end(builder);
}

void build_interface(struct builder *builder, uint16_t link_type, uint32_t snap_len)
{
    build_block_begin(builder, 1);
    build_u16(builder, link_type);
    build_u16(builder, 0);
    build_u32(builder, snap_len);
    build_block_end(builder);
}

void build_enhanced(struct builder *builder, uint32_t interface, uint64_t ticks, uint32_t len,
                    uint8_t fill)
{
    build_block_begin(builder, 6);
    build_u32(builder, interface);
    build_u32(builder, (uint32_t)(ticks >> 32));
    build_u32(builder, (uint32_t)ticks);
    build_u32(builder, len);
    build_u32(builder, len);
    fill_with(builder, len, fill);
    build_block_end(builder);
}
