/* SPDX-License-Identifier: MIT
 *
 * Unpacks gzip, zstd and lz4 as a stream, any number of members or frames one after the other.
 * Which of the three a build knows was decided when it was configured.
 */
#ifndef FST_CAPTURE_UNPACK_H
#define FST_CAPTURE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "capture/input.h"
#include "flowstate/flowstate.h"

/* What one step of a decompressor works on; it moves the pointers and shrinks the counts. */
struct fst_unpack_span {
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t out_left;
    const char *fault; /* the library's words for FST_UNPACK_FAULT */
};

enum fst_unpack_result {
    FST_UNPACK_MORE,      /* inside a frame */
    FST_UNPACK_FRAME_END, /* between two frames: the input may end here */
    FST_UNPACK_FAULT
};

/** One compressed format. */
struct fst_unpacker {
    const char *name;
    void *(*start)(void); /* NULL when memory is short */
    enum fst_unpack_result (*step)(void *state, struct fst_unpack_span *span);
    void (*stop)(void *state);
};

extern const struct fst_unpacker fst_unpack_gzip;
extern const struct fst_unpacker fst_unpack_zstd;
extern const struct fst_unpacker fst_unpack_lz4;

/**
 * If what is buffered in `input` begins like a packed file, put an unpacker into it.
 *
 * @return 0, also when the input is plain; FST_EFORMAT if this build cannot unpack it, FST_ENOMEM.
 */
int fst_unpack_begin(struct fst_input *input, struct fst_diag *diag);

/**
 * Unpack up to `size` octets to `to`.
 *
 * @return How many; 0 at the end of the input or a fault, which is in `input->fault`.
 */
size_t fst_unpack_read(struct fst_input *input, uint8_t *to, size_t size);

const char *fst_unpack_name(const struct fst_unpack *unpack);

void fst_unpack_end(struct fst_unpack *unpack);

#endif
