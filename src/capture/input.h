/* SPDX-License-Identifier: MIT
 *
 * The octets of a capture, unpacked if need be, in one buffer that record readers walk in place.
 * Plain read(2) into a buffer that stays in the second-level cache: for full packets mapping the
 * file costs more than the copy saves, and pipes and packed files come through the same door.
 */
#ifndef FST_CAPTURE_INPUT_H
#define FST_CAPTURE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "flowstate/flowstate.h"

struct fst_unpack;

struct fst_input {
    char *path; /* as given, for messages */
    int fd;
    bool close_fd; /* it is ours, not standard input */
    off_t first;   /* where in the file the capture begins; -1 if it is a pipe */
    uint8_t *buffer;
    size_t size;               /* of the buffer */
    size_t begin;              /* first octet not yet consumed */
    size_t end;                /* behind the last octet that was read */
    uint64_t base;             /* offset of buffer[0] in the (unpacked) stream */
    uint64_t raw_read;         /* octets read from the file, packed or not */
    bool at_end;               /* nothing will follow what is buffered */
    struct fst_diag fault;     /* why the input ended early; `error` is 0 if it did not */
    struct fst_unpack *unpack; /* NULL when the input is plain */
};

/** Open a file, or standard input for "-"; nothing is read. Returns 0; FST_EOPEN or FST_ENOMEM,
 * then nothing is left to free. */
int fst_input_open(struct fst_input *input, const char *path, struct fst_diag *diag);

/** Read the first octets. Returns 0; FST_EFORMAT (packed in a way that this build cannot unpack),
 *  FST_ENOMEM. */
int fst_input_begin(struct fst_input *input, struct fst_diag *diag);

/** Give memory back and stand where fst_input_open() left it; false, and nothing changed, if the
 *  input is no regular file. */
bool fst_input_rewind(struct fst_input *input);

void fst_input_close(struct fst_input *input);

/**
 * Read until `need` octets lie before `end`, or the input ends. Moves what is left to the front of
 * the buffer, so pointers into it die; grows the buffer when `need` exceeds it.
 *
 * @return 0, also when the input ended early (see `at_end` and `fault`); FST_ENOMEM.
 */
int fst_input_fill(struct fst_input *input, size_t need, struct fst_diag *diag);

/** What reads the file without regard to packing; used by the unpacker. -1 on failure. */
long fst_input_read_raw(struct fst_input *input, uint8_t *to, size_t size);

/** "gzip", "zstd", "lz4", or NULL when the input is plain. */
const char *fst_input_compression(const struct fst_input *input);

/** Octets between `begin` and `end`. */
static inline size_t fst_input_left(const struct fst_input *input)
{
    return input->end - input->begin;
}

/** Offset of the first octet not yet consumed. */
static inline uint64_t fst_input_offset(const struct fst_input *input)
{
    return input->base + input->begin;
}

/** As fst_diag_set(), with "at byte N: " before the text; says so when N counts unpacked octets. */
int fst_input_blame(const struct fst_input *input, struct fst_diag *diag, int error,
                    uint64_t offset, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The same with FST_EDAMAGED and the offset of `begin`. */
int fst_input_damaged(const struct fst_input *input, struct fst_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
