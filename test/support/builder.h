/* SPDX-License-Identifier: MIT
 *
 * Captures built octet by octet for tests, right or wrong on purpose.
 */
#ifndef FST_TEST_SUPPORT_BUILDER_H
#define FST_TEST_SUPPORT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct builder {
    uint8_t *data;
    size_t len;
    size_t room;
    bool big_endian;    /* of what is put next */
    size_t block_start; /* of the pcapng block being built */
};

void build_free(struct builder *builder);
void build_bytes(struct builder *builder, const void *bytes, size_t len);
void build_u16(struct builder *builder, uint16_t value);
void build_u32(struct builder *builder, uint32_t value);
void build_u64(struct builder *builder, uint64_t value);

/** Overwrite four octets in the builder's byte order. */
void build_patch(struct builder *builder, size_t at, uint32_t value);

/* Classic pcap. `magic` is as a machine of the builder's byte order sees it. */
#define PCAP_MICROSECONDS 0xa1b2c3d4u
#define PCAP_NANOSECONDS  0xa1b23c4du
#define PCAP_MODIFIED     0xa1b2cd34u

void build_pcap_header(struct builder *builder, uint32_t magic, uint32_t snap_len,
                       uint32_t link_type);

/** A record of `len` octets, each (uint8_t)`fill`. */
void build_pcap_record(struct builder *builder, uint32_t s, uint32_t fraction, uint32_t len,
                       uint32_t original_len, uint8_t fill);

/* pcapng. */
void build_block_begin(struct builder *builder, uint32_t type);
void build_block_end(struct builder *builder);
void build_option(struct builder *builder, uint16_t code, const void *value, uint16_t len);
void build_section(struct builder *builder, bool big_endian);
void build_interface(struct builder *builder, uint16_t link_type, uint32_t snap_len);
/** An enhanced packet block of `len` octets of `fill`, without options. */
void build_enhanced(struct builder *builder, uint32_t interface, uint64_t ticks, uint32_t len,
                    uint8_t fill);

#endif
