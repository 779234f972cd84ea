/* SPDX-License-Identifier: MIT */
#include "capture/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/diag.h"
#include "capture/unpack.h"

/* Measured: 256 and 512 KiB are the fastest, larger ones leave the second-level cache. */
#define BUFFER_SIZE (256u * 1024)

/* Enough to recognise every format, packed or not. */
#define MAGIC_SIZE 8

static const char *system_reason(int number, char *text, size_t size)
{
    if (strerror_r(number, text, size) != 0)
        (void)snprintf(text, size, "error %d", number);
    return text;
}

static int __attribute__((format(printf, 5, 0)))
blame(const struct fst_input *input, struct fst_diag *diag, int error, uint64_t offset,
      const char *format, va_list arguments)
{
    char text[sizeof(diag->message)];

    (void)vsnprintf(text, sizeof(text), format, arguments);
    return fst_diag_set(diag, error, input->path, "at byte %" PRIu64 "%s: %s", offset,
                        input->unpack ? " of the unpacked data" : "", text);
}

int fst_input_blame(const struct fst_input *input, struct fst_diag *diag, int error,
                    uint64_t offset, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    error = blame(input, diag, error, offset, format, arguments);
    va_end(arguments);
    return error;
}

int fst_input_damaged(const struct fst_input *input, struct fst_diag *diag, const char *format, ...)
{
    va_list arguments;
    int error;

    va_start(arguments, format);
    error = blame(input, diag, FST_EDAMAGED, fst_input_offset(input), format, arguments);
    va_end(arguments);
    return error;
}

/* Open `input->path`; directories are refused here, since read(2) would do so later and vaguely. */
static int open_path(struct fst_input *input, struct fst_diag *diag)
{
    struct stat status;
    char reason[128];

    if (strcmp(input->path, "-") == 0) {
        input->fd = STDIN_FILENO;
        return 0;
    }
    input->fd = open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0)
        return fst_diag_set(diag, FST_EOPEN, input->path, "cannot be opened: %s",
                            system_reason(errno, reason, sizeof(reason)));
    input->close_fd = true;
    if (fstat(input->fd, &status) == 0 && S_ISDIR(status.st_mode))
        return fst_diag_set(diag, FST_EOPEN, input->path,
                            "is a directory; name a capture file inside it");
    return 0;
}

int fst_input_open(struct fst_input *input, const char *path, struct fst_diag *diag)
{
    int error;

    memset(input, 0, sizeof(*input));
    input->fd = -1;
    input->path = strdup(path);
    if (!input->path)
        return fst_diag_set(diag, FST_ENOMEM, path, "out of memory");
    error = open_path(input, diag);
    if (error)
        fst_input_close(input);
    else
        input->first = lseek(input->fd, 0, SEEK_CUR);
    return error;
}

int fst_input_begin(struct fst_input *input, struct fst_diag *diag)
{
    int error;

    input->buffer = malloc(BUFFER_SIZE);
    if (!input->buffer)
        return fst_diag_set(diag, FST_ENOMEM, input->path, "out of memory");
    input->size = BUFFER_SIZE;
    error = fst_input_fill(input, MAGIC_SIZE, diag);
    if (error)
        return error;
    return fst_unpack_begin(input, diag);
}

bool fst_input_rewind(struct fst_input *input)
{
    struct stat status;

    if (fstat(input->fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        lseek(input->fd, input->first, SEEK_SET) < 0)
        return false;
    fst_unpack_end(input->unpack);
    free(input->buffer);
    *input = (struct fst_input){
        .path = input->path, .fd = input->fd, .close_fd = input->close_fd, .first = input->first};
    return true;
}

void fst_input_close(struct fst_input *input)
{
    fst_unpack_end(input->unpack);
    free(input->buffer);
    free(input->path);
    if (input->close_fd)
        (void)close(input->fd);
    memset(input, 0, sizeof(*input));
    input->fd = -1;
}

long fst_input_read_raw(struct fst_input *input, uint8_t *to, size_t size)
{
    char reason[128];
    ssize_t got;

    do {
        got = read(input->fd, to, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        (void)fst_diag_set(&input->fault, FST_EOPEN, input->path, "cannot be read: %s",
                           system_reason(errno, reason, sizeof(reason)));
    else
        input->raw_read += (uint64_t)got;
    return (long)got;
}

/* One read, packed or plain, behind `end`. */
static void read_once(struct fst_input *input)
{
    uint8_t *to = input->buffer + input->end;
    size_t room = input->size - input->end;
    size_t got;

    if (input->unpack) {
        got = fst_unpack_read(input, to, room);
    } else {
        long raw = fst_input_read_raw(input, to, room);

        got = raw > 0 ? (size_t)raw : 0;
    }
    input->end += got;
    input->at_end = got == 0;
}

static int make_room(struct fst_input *input, size_t need, struct fst_diag *diag)
{
    size_t left = fst_input_left(input);
    uint8_t *larger;

    memmove(input->buffer, input->buffer + input->begin, left);
    input->base += input->begin;
    input->begin = 0;
    input->end = left;
    if (need <= input->size)
        return 0;
    larger = realloc(input->buffer, need);
    if (!larger)
        return fst_diag_set(diag, FST_ENOMEM, input->path,
                            "out of memory for a record of %zu bytes", need);
    input->buffer = larger;
    input->size = need;
    return 0;
}

int fst_input_fill(struct fst_input *input, size_t need, struct fst_diag *diag)
{
    int error = make_room(input, need, diag);

    while (!error && !input->at_end && fst_input_left(input) < need)
        read_once(input);
    return error;
}

const char *fst_input_compression(const struct fst_input *input)
{
    return input->unpack ? fst_unpack_name(input->unpack) : NULL;
}
