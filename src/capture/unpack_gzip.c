/* SPDX-License-Identifier: MIT
 *
 * gzip, RFC 1952: members one after the other, zero octets between and behind them as tapes leave.
 */
#define ZLIB_CONST /* so that the library takes pointers to const */
#include "capture/unpack.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

struct gzip {
    z_stream stream;
    bool between;
};

static void *start(void)
{
    struct gzip *gzip = calloc(1, sizeof(*gzip));

    /* 16 asks for the gzip wrapper, with its check sums. */
    if (gzip && inflateInit2(&gzip->stream, 16 + MAX_WBITS) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return gzip;
}

static void stop(void *state)
{
    struct gzip *gzip = state;

    (void)inflateEnd(&gzip->stream);
    free(gzip);
}

static unsigned at_most_uint(size_t size)
{
    return size > UINT_MAX ? UINT_MAX : (unsigned)size;
}

static bool skip_padding(struct gzip *gzip, struct fst_unpack_span *span)
{
    while (gzip->between && span->in_left > 0 && *span->in == 0) {
        span->in++;
        span->in_left--;
    }
    return gzip->between && span->in_left == 0;
}

static int inflate_span(z_stream *stream, struct fst_unpack_span *span)
{
    unsigned in = at_most_uint(span->in_left);
    unsigned out = at_most_uint(span->out_left);
    int code;

    stream->next_in = span->in;
    stream->avail_in = in;
    stream->next_out = span->out;
    stream->avail_out = out;
    code = inflate(stream, Z_NO_FLUSH);
    span->in += in - stream->avail_in;
    span->in_left -= in - stream->avail_in;
    span->out += out - stream->avail_out;
    span->out_left -= out - stream->avail_out;
    return code;
}

static enum fst_unpack_result step(void *state, struct fst_unpack_span *span)
{
    struct gzip *gzip = state;
    int code;

    if (skip_padding(gzip, span))
        return FST_UNPACK_FRAME_END;
    gzip->between = false;
    code = inflate_span(&gzip->stream, span);
    if (code == Z_OK || code == Z_BUF_ERROR)
        return FST_UNPACK_MORE;
    if (code == Z_STREAM_END && inflateReset(&gzip->stream) == Z_OK) {
        gzip->between = true;
        return FST_UNPACK_FRAME_END;
    }
    span->fault = gzip->stream.msg ? gzip->stream.msg : zError(code);
    return FST_UNPACK_FAULT;
}

const struct fst_unpacker fst_unpack_gzip = {"gzip", start, step, stop};
