/* SPDX-License-Identifier: MIT */
#include "support/pack.h"

#include <stdlib.h>

#if FST_HAVE_GZIP
#define ZLIB_CONST
#include <zlib.h>

void pack_gzip(struct builder *out, const void *data, size_t len)
{
    z_stream stream = {.next_in = data, .avail_in = (unsigned)len};
    unsigned char *room;
    size_t size;

    if (deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    size = deflateBound(&stream, len);
    room = malloc(size);
    stream.next_out = room;
    stream.avail_out = (unsigned)size;
    if (!room || deflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    build_bytes(out, room, size - stream.avail_out);
    (void)deflateEnd(&stream);
    free(room);
}
#endif

#if FST_HAVE_ZSTD
#include <zstd.h>

void pack_zstd(struct builder *out, const void *data, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t size = ZSTD_compressBound(len);
    void *room = malloc(size);

    if (!context || !room)
        abort();
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size = ZSTD_compress2(context, room, size, data, len);
    if (ZSTD_isError(size))
        abort();
    build_bytes(out, room, size);
    (void)ZSTD_freeCCtx(context);
    free(room);
}
#endif

#if FST_HAVE_LZ4
#include <lz4frame.h>

void pack_lz4(struct builder *out, const void *data, size_t len)
{
    LZ4F_preferences_t preferences = {.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled};
    size_t size = LZ4F_compressFrameBound(len, &preferences);
    void *room = malloc(size);

    if (!room)
        abort();
    size = LZ4F_compressFrame(room, size, data, len, &preferences);
    if (LZ4F_isError(size))
        abort();
    build_bytes(out, room, size);
    free(room);
}
#endif
