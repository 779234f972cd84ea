/* SPDX-License-Identifier: MIT
 *
 * zstd, RFC 8878: frames one after the other; the library skips skippable ones and bounds the
 * window it will hold.
 */
#include "capture/unpack.h"

#include <zstd.h>

static void *start(void)
{
    return ZSTD_createDStream();
}

static void stop(void *state)
{
    (void)ZSTD_freeDStream(state);
}

static enum fst_unpack_result step(void *state, struct fst_unpack_span *span)
{
    ZSTD_inBuffer in = {span->in, span->in_left, 0};
    ZSTD_outBuffer out = {span->out, span->out_left, 0};
    size_t code = ZSTD_decompressStream(state, &out, &in);

    span->in += in.pos;
    span->in_left -= in.pos;
    span->out += out.pos;
    span->out_left -= out.pos;
    if (ZSTD_isError(code)) {
        span->fault = ZSTD_getErrorName(code);
        return FST_UNPACK_FAULT;
    }
    return code == 0 ? FST_UNPACK_FRAME_END : FST_UNPACK_MORE;
}

const struct fst_unpacker fst_unpack_zstd = {"zstd", start, step, stop};
