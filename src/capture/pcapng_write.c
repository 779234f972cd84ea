/* SPDX-License-Identifier: MIT
 *
 * A pcapng file written block by block, in this machine's byte order, as pcapng has it. Nanosecond
 * time stamps; a comment on any packet; the interfaces' counters at the end.
 *
 * Source: draft-ietf-opsawg-pcapng.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/diag.h"
#include "capture/pcapng.h"
#include "flowstate/flowstate.h"

#define BUFFER_SIZE 65536

enum block_type {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6
};

enum option_code {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_IF_NAME = 2,
    OPTION_APPLICATION = 4,
    OPTION_IF_RESOLUTION = 9,
    OPTION_UNTIL = 3,
    OPTION_RECEIVED = 4,
    OPTION_DROPPED = 5,
    OPTION_PACKET_ID = 5,
    OPTION_OS_DROPPED = 7
};

#define OPTION_TEXT_MAX 65535u

struct fst_dump {
    int fd;
    bool close_fd;
    bool numbered; /* packets keep their numbers */
    int error;     /* errno of the first write that failed */
    uint32_t interface_count;
    int64_t last_ns;
    size_t used;
    uint64_t octets; /* of the file, the buffered ones included */
    char *path;
    uint8_t buffer[BUFFER_SIZE];
};

/* ------------------------------------------------------------------------------------ octets -- */

static void flush(struct fst_dump *dump)
{
    size_t at = 0;

    while (at < dump->used && !dump->error) {
        ssize_t wrote = write(dump->fd, dump->buffer + at, dump->used - at);

        if (wrote >= 0)
            at += (size_t)wrote;
        else if (errno != EINTR)
            dump->error = errno;
    }
    dump->used = 0;
}

static void put(struct fst_dump *dump, const void *octets, size_t len)
{
    const uint8_t *from = octets;

    dump->octets += len;
    while (len > 0) {
        size_t room = sizeof(dump->buffer) - dump->used, part = len < room ? len : room;

        memcpy(dump->buffer + dump->used, from, part);
        dump->used += part;
        from += part;
        len -= part;
        if (dump->used == sizeof(dump->buffer))
            flush(dump);
    }
}

static void put16(struct fst_dump *dump, uint16_t number)
{
    put(dump, &number, sizeof(number));
}

static void put32(struct fst_dump *dump, uint32_t number)
{
    put(dump, &number, sizeof(number));
}

static uint32_t padding(uint32_t len)
{
    return -len & 3;
}

static void put_padded(struct fst_dump *dump, const void *octets, uint32_t len)
{
    static const uint8_t zeros[3];

    put(dump, octets, len);
    put(dump, zeros, padding(len));
}

/* ----------------------------------------------------------------------------------- options -- */

static uint32_t text_len(const char *text)
{
    size_t len = text ? strlen(text) : 0;

    return len < OPTION_TEXT_MAX ? (uint32_t)len : OPTION_TEXT_MAX;
}

/** Octets of an option; 0 for one that is left out. */
static uint32_t option_size(uint32_t len)
{
    return len ? 4 + len + padding(len) : 0;
}

static void put_option(struct fst_dump *dump, enum option_code code, const void *value,
                       uint32_t len)
{
    if (len == 0)
        return;
    put16(dump, (uint16_t)code);
    put16(dump, (uint16_t)len);
    put_padded(dump, value, len);
}

/** An option of 64 bits, as counters are; left out if it is not known. */
static void put_counter(struct fst_dump *dump, enum option_code code, uint64_t counter)
{
    if (counter != UINT64_MAX)
        put_option(dump, code, &counter, sizeof(counter));
}

static uint32_t counter_size(uint64_t counter)
{
    return counter == UINT64_MAX ? 0 : option_size(sizeof(counter));
}

#define END_SIZE 4u

static void put_end(struct fst_dump *dump)
{
    put16(dump, OPTION_END);
    put16(dump, 0);
}

/* A block is its type, its length, what it holds, and its length again. */
#define FRAME_SIZE 12u

static void put_time(struct fst_dump *dump, int64_t time_ns)
{
    uint64_t ticks = time_ns > 0 ? (uint64_t)time_ns : 0; /* the format knows none before 1970 */

    put32(dump, (uint32_t)(ticks >> 32));
    put32(dump, (uint32_t)ticks);
}

/* ------------------------------------------------------------------------------------ blocks -- */

static void put_section(struct fst_dump *dump)
{
    const char *application = dump->numbered ? FST_NG_NUMBERED : "flowstate";
    uint32_t len = text_len(application), size;

    size = FRAME_SIZE + 16 + option_size(len) + END_SIZE;
    put32(dump, BLOCK_SECTION);
    put32(dump, size);
    put32(dump, 0x1a2b3c4d);
    put16(dump, 1);
    put16(dump, 0);
    put32(dump, UINT32_MAX); /* the section's length is not known: -1 in 64 bits */
    put32(dump, UINT32_MAX);
    put_option(dump, OPTION_APPLICATION, application, len);
    put_end(dump);
    put32(dump, size);
}

int fst_dump_interface(struct fst_dump *dump, const struct fst_interface *interface,
                       uint32_t *number)
{
    static const uint8_t nanoseconds = 9;
    uint32_t name = text_len(interface->name);
    uint32_t size = FRAME_SIZE + 8 + option_size(name) + option_size(1) + END_SIZE;

    put32(dump, BLOCK_INTERFACE);
    put32(dump, size);
    put16(dump, interface->link_type);
    put16(dump, 0);
    put32(dump, interface->snap_len);
    put_option(dump, OPTION_IF_NAME, interface->name, name);
    put_option(dump, OPTION_IF_RESOLUTION, &nanoseconds, 1);
    put_end(dump);
    put32(dump, size);
    *number = dump->interface_count++;
    return dump->error ? FST_EWRITE : 0;
}

int fst_dump_packet(struct fst_dump *dump, const struct fst_packet *packet, const char *comment)
{
    uint32_t len = text_len(comment), captured = packet->captured_len;
    uint32_t number_len = dump->numbered ? (uint32_t)sizeof(packet->number) : 0;
    uint32_t options = option_size(len) + option_size(number_len);
    uint32_t size =
        FRAME_SIZE + 20 + captured + padding(captured) + options + (options ? END_SIZE : 0);

    if (packet->interface >= dump->interface_count)
        return FST_EINVAL;
    put32(dump, BLOCK_PACKET);
    put32(dump, size);
    put32(dump, packet->interface);
    put_time(dump, packet->time_ns);
    put32(dump, captured);
    put32(dump, packet->original_len);
    put_padded(dump, packet->data, captured);
    put_option(dump, OPTION_COMMENT, comment, len);
    put_option(dump, OPTION_PACKET_ID, &packet->number, number_len);
    if (options)
        put_end(dump);
    put32(dump, size);
    dump->last_ns = packet->time_ns;
    return dump->error ? FST_EWRITE : 0;
}

int fst_dump_statistics(struct fst_dump *dump, uint32_t number,
                        const struct fst_interface *interface, int64_t until_ns)
{
    const uint32_t until[2] = {(uint32_t)((uint64_t)until_ns >> 32), (uint32_t)until_ns};
    uint32_t until_len = until_ns > 0 ? (uint32_t)sizeof(until) : 0;
    uint32_t size = FRAME_SIZE + 12 + option_size(until_len) + counter_size(interface->received) +
                    counter_size(interface->dropped) + counter_size(interface->os_dropped) +
                    END_SIZE;

    if (number >= dump->interface_count)
        return FST_EINVAL;
    put32(dump, BLOCK_STATISTICS);
    put32(dump, size);
    put32(dump, number);
    put_time(dump, dump->last_ns);
    put_option(dump, OPTION_UNTIL, until, until_len);
    put_counter(dump, OPTION_RECEIVED, interface->received);
    put_counter(dump, OPTION_DROPPED, interface->dropped);
    put_counter(dump, OPTION_OS_DROPPED, interface->os_dropped);
    put_end(dump);
    put32(dump, size);
    return dump->error ? FST_EWRITE : 0;
}

/* -------------------------------------------------------------------------------------- file -- */

static struct fst_dump *new_dump(const char *path)
{
    struct fst_dump *dump = calloc(1, sizeof(*dump));

    if (!dump)
        return NULL;
    dump->path = strdup(path);
    if (dump->path)
        return dump;
    free(dump);
    return NULL;
}

int fst_dump_open(struct fst_dump **out, const char *path, struct fst_diag *diag)
{
    struct fst_dump *dump = new_dump(path);
    bool standard = strcmp(path, "-") == 0;

    *out = NULL;
    if (!dump)
        return fst_diag_set(diag, FST_ENOMEM, path, "out of memory");
    dump->close_fd = !standard;
    dump->fd =
        standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (dump->fd < 0) {
        int error = fst_diag_set(diag, FST_EWRITE, path, "cannot be written: %s", strerror(errno));

        free(dump->path);
        free(dump);
        return error;
    }
    put_section(dump);
    *out = dump;
    return 0;
}

int fst_dump_open_numbered(struct fst_dump **out, int fd, const char *path, struct fst_diag *diag)
{
    struct fst_dump *dump = new_dump(path);

    *out = dump;
    if (!dump)
        return fst_diag_set(diag, FST_ENOMEM, path, "out of memory");
    dump->fd = fd;
    dump->close_fd = dump->numbered = true;
    put_section(dump);
    return 0;
}

uint64_t fst_dump_octets(const struct fst_dump *dump)
{
    return dump->octets;
}

int fst_dump_flush(struct fst_dump *dump)
{
    flush(dump);
    return dump->error ? FST_EWRITE : 0;
}

int fst_dump_close(struct fst_dump *dump, struct fst_diag *diag)
{
    int error = 0;

    if (!dump)
        return 0;
    flush(dump);
    if (dump->close_fd && close(dump->fd) != 0 && !dump->error)
        dump->error = errno; /* some file systems tell only now that the disk is full */
    if (dump->error)
        error = fst_diag_set(diag, FST_EWRITE, dump->path, "cannot be written: %s",
                             strerror(dump->error));
    free(dump->path);
    free(dump);
    return error;
}
