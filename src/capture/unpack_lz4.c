/* SPDX-License-Identifier: MIT
 *
 * lz4, in its frame format: frames one after the other.
 */
#include "capture/unpack.h"

#include <lz4frame.h>

static void *start(void)
{
    LZ4F_dctx *context = NULL;

    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : context;
}

static void stop(void *state)
{
    (void)LZ4F_freeDecompressionContext(state);
}

static enum fst_unpack_result step(void *state, struct fst_unpack_span *span)
{
    size_t in = span->in_left;
    size_t out = span->out_left;
    size_t code = LZ4F_decompress(state, span->out, &out, span->in, &in, NULL);

    if (LZ4F_isError(code)) {
        span->fault = LZ4F_getErrorName(code);
        return FST_UNPACK_FAULT;
    }
    span->in += in;
    span->in_left -= in;
    span->out += out;
    span->out_left -= out;
    return code == 0 ? FST_UNPACK_FRAME_END : FST_UNPACK_MORE;
}

const struct fst_unpacker fst_unpack_lz4 = {"lz4", start, step, stop};
