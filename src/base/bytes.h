/* SPDX-License-Identifier: MIT
 *
 * A bounds-checked cursor over wire bytes. A read past the end yields 0 and sets `failed`, so a
 * parser may read a whole header and ask once whether it was there.
 */
#ifndef FST_BASE_BYTES_H
#define FST_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t fst_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t fst_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t fst_be64(const uint8_t *p)
{
    return (uint64_t)fst_be32(p) << 32 | fst_be32(p + 4);
}

static inline uint16_t fst_le16(const uint8_t *p)
{
    return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t fst_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t fst_le64(const uint8_t *p)
{
    return (uint64_t)fst_le32(p + 4) << 32 | fst_le32(p);
}

struct fst_bytes {
    const uint8_t *at;
    size_t left;
    bool failed;
};

static inline struct fst_bytes fst_bytes(const uint8_t *data, size_t len)
{
    return (struct fst_bytes){data, len, false};
}

/** The next `len` octets, or NULL when fewer are left. */
static inline const uint8_t *fst_take(struct fst_bytes *bytes, size_t len)
{
    const uint8_t *at = bytes->at;

    if (bytes->left < len) {
        bytes->failed = true;
        bytes->left = 0;
        return NULL;
    }
    bytes->at += len;
    bytes->left -= len;
    return at;
}

static inline bool fst_skip(struct fst_bytes *bytes, size_t len)
{
    return fst_take(bytes, len) != NULL || (len == 0 && !bytes->failed);
}

static inline uint8_t fst_take_u8(struct fst_bytes *bytes)
{
    const uint8_t *p = fst_take(bytes, 1);

    return p ? *p : 0;
}

static inline uint16_t fst_take_be16(struct fst_bytes *bytes)
{
    const uint8_t *p = fst_take(bytes, 2);

    return p ? fst_be16(p) : 0;
}

static inline uint32_t fst_take_be32(struct fst_bytes *bytes)
{
    const uint8_t *p = fst_take(bytes, 4);

    return p ? fst_be32(p) : 0;
}

#endif
