/* SPDX-License-Identifier: MIT
 *
 * lz4, in its frame format: frames one after the other. As with zstd, each call gets only the
 * octets the library asks for, since it forgets the output of a call that fails.
 */
#include "capture/unpack.h"

#include <lz4frame.h>
#include <stdlib.h>

/* What a frame header has at least; the library asks for the rest. */
#define HEADER_LEAST 7
#define BLOCK_HEADER 4u

struct lz4 {
    LZ4F_dctx *context;
    size_t wanted; /* octets the library asks for next */
};

static void *start(void)
{
    struct lz4 *lz4 = calloc(1, sizeof(*lz4));

    if (!lz4)
        return NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION))) {
        free(lz4);
        return NULL;
    }
    lz4->wanted = HEADER_LEAST;
    return lz4;
}

static void stop(void *state)
{
    struct lz4 *lz4 = state;

    (void)LZ4F_freeDecompressionContext(lz4->context);
    free(lz4);
}

/* What the library asks for ends with the header of the next block. Given both at once, it would
 * drop the octets of a good block when the header behind it is damaged. */
static size_t without_next_header(size_t wanted)
{
    return wanted > BLOCK_HEADER ? wanted - BLOCK_HEADER : wanted;
}

static enum fst_unpack_result step(void *state, struct fst_unpack_span *span)
{
    struct lz4 *lz4 = state;
    size_t in = span->in_left < lz4->wanted ? span->in_left : lz4->wanted;
    size_t out = span->out_left;
    size_t code = LZ4F_decompress(lz4->context, span->out, &out, span->in, &in, NULL);

    if (LZ4F_isError(code)) {
        span->fault = LZ4F_getErrorName(code);
        return FST_UNPACK_FAULT;
    }
    span->in += in;
    span->in_left -= in;
    span->out += out;
    span->out_left -= out;
    lz4->wanted = code == 0 ? HEADER_LEAST : without_next_header(code);
    return code == 0 ? FST_UNPACK_FRAME_END : FST_UNPACK_MORE;
}

const struct fst_unpacker fst_unpack_lz4 = {"lz4", start, step, stop};
