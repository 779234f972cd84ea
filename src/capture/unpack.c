/* SPDX-License-Identifier: MIT */
#include "capture/unpack.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "capture/diag.h"

struct fst_unpack {
    const struct fst_unpacker *kind;
    void *state;
    bool between;        /* a frame has ended and none has begun */
    bool raw_end;        /* the file has no more */
    uint64_t raw_offset; /* in the file, of the next packed octet */
    uint8_t *raw;
    size_t size;
    size_t at, end; /* what is left in `raw` */
};

#if FST_HAVE_GZIP
#define FST_GZIP &fst_unpack_gzip
#else
#define FST_GZIP NULL
#endif
#if FST_HAVE_ZSTD
#define FST_ZSTD &fst_unpack_zstd
#else
#define FST_ZSTD NULL
#endif
#if FST_HAVE_LZ4
#define FST_LZ4 &fst_unpack_lz4
#else
#define FST_LZ4 NULL
#endif

/* How packed files begin. A skippable frame may open a zstd file (parallel zstd writes one before
 * every frame); its number is shared with lz4, where no tool puts one first. */
static const struct packing {
    uint8_t magic[4];
    uint8_t mask[4];
    const char *name;
    const char *command; /* that unpacks it to standard output */
    const struct fst_unpacker *kind;
} packings[] = {
    {{0x1f, 0x8b}, {0xff, 0xff}, "gzip", "gzip -dc", FST_GZIP},
    {{0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}, "zstd", "zstd -dc", FST_ZSTD},
    {{0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}, "zstd", "zstd -dc", FST_ZSTD},
    {{0x04, 0x22, 0x4d, 0x18}, {0xff, 0xff, 0xff, 0xff}, "lz4", "lz4 -dc", FST_LZ4},
    {{0x02, 0x21, 0x4c, 0x18}, {0xff, 0xff, 0xff, 0xff}, "old lz4", "lz4 -dc", NULL},
    {{0xfd, '7', 'z', 'X'}, {0xff, 0xff, 0xff, 0xff}, "xz", "xz -dc", NULL},
    {{'B', 'Z', 'h'}, {0xff, 0xff, 0xff}, "bzip2", "bzip2 -dc", NULL},
};

static const struct packing *packing_of(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
        const struct packing *packing = &packings[i];
        size_t at = 0;

        while (at < 4 && at < len && (data[at] & packing->mask[at]) == packing->magic[at])
            at++;
        if (at == 4)
            return packing;
    }
    return NULL;
}

/* The packed octets read so far stay where they are: the unpacker takes over the input's buffer,
 * and the input gets a new one for what comes out. */
static bool take_over(struct fst_unpack *unpack, struct fst_input *input)
{
    uint8_t *fresh = malloc(input->size);

    if (!fresh)
        return false;
    unpack->raw = input->buffer;
    unpack->size = input->size;
    unpack->at = input->begin;
    unpack->end = input->end;
    unpack->raw_end = input->at_end;
    input->buffer = fresh;
    input->begin = input->end = 0;
    input->at_end = false;
    input->unpack = unpack;
    return true;
}

static bool install(struct fst_input *input, const struct fst_unpacker *kind)
{
    struct fst_unpack *unpack = calloc(1, sizeof(*unpack));

    if (!unpack)
        return false;
    unpack->kind = kind;
    unpack->state = kind->start();
    if (unpack->state && take_over(unpack, input))
        return true;
    fst_unpack_end(unpack);
    return false;
}

int fst_unpack_begin(struct fst_input *input, struct fst_diag *diag)
{
    const struct packing *packing = packing_of(input->buffer + input->begin, fst_input_left(input));

    if (!packing)
        return 0;
    if (!packing->kind)
        return fst_diag_set(diag, FST_EFORMAT, input->path,
                            "at byte 0: %s data, which this build cannot unpack; pipe the output "
                            "of \"%s\" in and read \"-\"",
                            packing->name, packing->command);
    if (!install(input, packing->kind))
        return fst_diag_set(diag, FST_ENOMEM, input->path, "out of memory");
    return 0;
}

const char *fst_unpack_name(const struct fst_unpack *unpack)
{
    return unpack->kind->name;
}

void fst_unpack_end(struct fst_unpack *unpack)
{
    if (!unpack)
        return;
    if (unpack->state)
        unpack->kind->stop(unpack->state);
    free(unpack->raw);
    free(unpack);
}

static void blame_data(struct fst_input *input, const char *reason)
{
    const struct fst_unpack *unpack = input->unpack;

    (void)fst_diag_set(&input->fault, FST_EDAMAGED, input->path,
                       "at byte %" PRIu64 " of the %s file: %s; nothing behind it can be read",
                       unpack->raw_offset, unpack->kind->name, reason);
}

static void refill_raw(struct fst_input *input)
{
    struct fst_unpack *unpack = input->unpack;
    long got = fst_input_read_raw(input, unpack->raw, unpack->size);

    unpack->at = 0;
    unpack->end = got > 0 ? (size_t)got : 0;
    unpack->raw_end = got <= 0;
}

/* One step of the decompressor. Returns the octets it made; sets `*stuck` if it did nothing. */
static size_t step(struct fst_input *input, uint8_t *to, size_t size, bool *stuck)
{
    struct fst_unpack *unpack = input->unpack;
    struct fst_unpack_span span = {unpack->raw + unpack->at, unpack->end - unpack->at, to, size,
                                   "damaged"};
    enum fst_unpack_result result = unpack->kind->step(unpack->state, &span);
    size_t used = unpack->end - unpack->at - span.in_left;

    unpack->at += used;
    unpack->raw_offset += used;
    unpack->between = result == FST_UNPACK_FRAME_END;
    *stuck = used == 0 && span.out_left == size && !unpack->between;
    if (result == FST_UNPACK_FAULT)
        blame_data(input, span.fault);
    return size - span.out_left;
}

size_t fst_unpack_read(struct fst_input *input, uint8_t *to, size_t size)
{
    struct fst_unpack *unpack = input->unpack;

    while (!input->fault.error) {
        bool stuck = false;
        size_t made;

        if (unpack->at == unpack->end && !unpack->raw_end)
            refill_raw(input);
        if (input->fault.error || (unpack->between && unpack->at == unpack->end))
            return 0; /* A read that failed, or a proper end. */
        made = step(input, to, size, &stuck);
        if (made > 0)
            return made;
        /* Nothing came out and nothing went in: either the rest of the frame is missing, or the
         * library wants no more, which would loop for ever. */
        if (stuck && !input->fault.error)
            blame_data(input, "the packed data ends early");
    }
    return 0;
}
