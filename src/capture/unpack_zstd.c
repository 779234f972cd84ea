/* SPDX-License-Identifier: MIT
 *
 * zstd, RFC 8878: frames one after the other; the library skips skippable ones and bounds the
 * window it will hold. It forgets the output of a call that fails, so each call gets only the
 * octets it asks for, at most a block: all blocks before a damaged one come out.
 */
#include "capture/unpack.h"

#include <stdlib.h>
#include <zstd.h>

struct zstd {
    ZSTD_DStream *stream;
    size_t wanted; /* octets the library asks for next */
};

static void *start(void)
{
    struct zstd *zstd = calloc(1, sizeof(*zstd));

    if (!zstd)
        return NULL;
    zstd->stream = ZSTD_createDStream();
    if (!zstd->stream) {
        free(zstd);
        return NULL;
    }
    zstd->wanted = ZSTD_initDStream(zstd->stream);
    return zstd;
}

static void stop(void *state)
{
    struct zstd *zstd = state;

    (void)ZSTD_freeDStream(zstd->stream);
    free(zstd);
}

static enum fst_unpack_result step(void *state, struct fst_unpack_span *span)
{
    struct zstd *zstd = state;
    size_t size = span->in_left < zstd->wanted ? span->in_left : zstd->wanted;
    ZSTD_inBuffer in = {span->in, size, 0};
    ZSTD_outBuffer out = {span->out, span->out_left, 0};
    size_t code = ZSTD_decompressStream(zstd->stream, &out, &in);

    if (ZSTD_isError(code)) {
        span->fault = ZSTD_getErrorName(code);
        return FST_UNPACK_FAULT;
    }
    span->in += in.pos;
    span->in_left -= in.pos;
    span->out += out.pos;
    span->out_left -= out.pos;
    zstd->wanted = code == 0 ? ZSTD_initDStream(zstd->stream) : code;
    return code == 0 ? FST_UNPACK_FRAME_END : FST_UNPACK_MORE;
}

const struct fst_unpacker fst_unpack_zstd = {"zstd", start, step, stop};
