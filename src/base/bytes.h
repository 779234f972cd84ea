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
#include <string.h>

/* In the host's order. One load each: compilers do not always see that in an octet after another.
 */
static inline uint16_t fst_load16(const uint8_t *p)
{
    uint16_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint32_t fst_load32(const uint8_t *p)
{
    uint32_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint64_t fst_load64(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

#define FST_HOST_IS_LITTLE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

static inline uint16_t fst_be16(const uint8_t *p)
{
    return FST_HOST_IS_LITTLE ? __builtin_bswap16(fst_load16(p)) : fst_load16(p);
}

static inline uint16_t fst_le16(const uint8_t *p)
{
    return !FST_HOST_IS_LITTLE ? __builtin_bswap16(fst_load16(p)) : fst_load16(p);
}

static inline uint32_t fst_be32(const uint8_t *p)
{
    return FST_HOST_IS_LITTLE ? __builtin_bswap32(fst_load32(p)) : fst_load32(p);
}

static inline uint32_t fst_le32(const uint8_t *p)
{
    return !FST_HOST_IS_LITTLE ? __builtin_bswap32(fst_load32(p)) : fst_load32(p);
}

static inline uint64_t fst_be64(const uint8_t *p)
{
    return FST_HOST_IS_LITTLE ? __builtin_bswap64(fst_load64(p)) : fst_load64(p);
}

static inline uint64_t fst_le64(const uint8_t *p)
{
    return !FST_HOST_IS_LITTLE ? __builtin_bswap64(fst_load64(p)) : fst_load64(p);
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
