/* SPDX-License-Identifier: MIT */
#include "live/save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_SIZE      4096
#define INTERFACES_MAX 256
#define NS_PER_S       1000000000

struct interface {
    uint32_t number; /* in the capture */
    uint16_t link_type;
};

struct fst_save {
    struct fst_save_options options;
    struct fst_dump *dump; /* NULL until the first file has a name */
    char path[PATH_SIZE];
    struct stat identity; /* of the file at `path` */
    int64_t begin_ns;     /* of the file, or of the series by size in it */
    uint32_t by_size, by_time;
    unsigned digits; /* of the number behind the name */
    size_t interface_count;
    struct interface interfaces[INTERFACES_MAX]; /* by their number in the file */
    struct fst_interface counters;
    int error;
};

/* --------------------------------------------------------------------------------------- names --
 */

static int blame(const char *path, const char *why, struct fst_diag *diag)
{
    if (diag) {
        diag->error = FST_EWRITE;
        snprintf(diag->message, sizeof(diag->message), "%.300s: %s", path, why);
    }
    return FST_EWRITE;
}

/** The user's own format; it can only make a text of what is in `parts`. */
static size_t expand(char *text, size_t size, const char *format, const struct tm *parts)
{
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
    return strftime(text, size, format, parts);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

/** As tcpdump: the time where the name says so, then a number once there is a series by size. */
static int make_name(struct fst_save *save, int64_t now_ns, struct fst_diag *diag)
{
    const struct fst_save_options *options = &save->options;
    time_t seconds = (time_t)(now_ns / NS_PER_S);
    size_t len = strlen(options->path);
    struct tm parts;

    if (options->seconds) {
        if (!localtime_r(&seconds, &parts))
            return blame(options->path, "the time of the packets is out of range", diag);
        len = expand(save->path, sizeof(save->path), options->path, &parts);
    } else if (len < sizeof(save->path)) {
        memcpy(save->path, options->path, len + 1);
    }
    if (len == 0 || len + 12 > sizeof(save->path))
        return blame(options->path, "the name is too long", diag);
    if (options->octets && (save->by_size > 0 || save->digits > 0))
        snprintf(save->path + len, sizeof(save->path) - len, "%0*u", (int)save->digits,
                 save->by_size);
    return 0;
}

static unsigned digits_of(uint32_t files)
{
    unsigned digits = 0;

    for (uint32_t last = files ? files - 1 : 0; files > 0 && (last > 0 || digits == 0); last /= 10)
        digits++;
    return digits;
}

/* --------------------------------------------------------------------------------------- files --
 */

static int close_file(struct fst_save *save, struct fst_diag *diag)
{
    struct fst_dump *dump = save->dump;

    for (size_t i = 0; dump && i < save->interface_count; i++)
        if (save->interfaces[i].number == 0)
            (void)fst_dump_statistics(dump, (uint32_t)i, &save->counters, 0);
    save->dump = NULL;
    save->interface_count = 0;
    return fst_dump_close(dump, diag);
}

/** The number in the file of a packet's interface, described when first met. */
static int number_of(struct fst_save *save, const struct fst_packet *packet, uint32_t *number)
{
    const struct interface wanted = {packet->interface, packet->link_type};
    const struct fst_interface interface = {.link_type = packet->link_type,
                                            .snap_len = save->options.snap_len,
                                            .name = save->options.interface};

    for (size_t i = 0; i < save->interface_count; i++) {
        *number = (uint32_t)i;
        if (save->interfaces[i].number == wanted.number &&
            save->interfaces[i].link_type == wanted.link_type)
            return 0;
    }
    if (save->interface_count == INTERFACES_MAX)
        return 0; /* absurdly many: the last one stands for the others */
    save->interfaces[save->interface_count++] = wanted;
    return fst_dump_interface(save->dump, &interface, number);
}

static int open_file(struct fst_save *save, int64_t now_ns, struct fst_diag *diag)
{
    int error = make_name(save, now_ns, diag);

    if (!error)
        error = fst_dump_open(&save->dump, save->path, diag);
    save->error = error;
    if (!error && stat(save->path, &save->identity) != 0)
        memset(&save->identity, 0, sizeof(save->identity));
    return error;
}

static int next_file(struct fst_save *save, int64_t now_ns, struct fst_diag *diag)
{
    int error = close_file(save, diag);

    save->error = error;
    return error ? error : open_file(save, now_ns, diag);
}

int fst_save_open(struct fst_save **out, const struct fst_save_options *options, int64_t now_ns,
                  struct fst_diag *diag)
{
    struct fst_save *save = calloc(1, sizeof(*save));
    int error = 0;

    *out = NULL;
    if (!save) {
        if (diag)
            *diag = (struct fst_diag){FST_ENOMEM, "out of memory"};
        return FST_ENOMEM;
    }
    save->options = *options;
    save->digits = options->octets ? digits_of(options->files) : 0;
    save->begin_ns = now_ns;
    save->counters = (struct fst_interface){
        .received = UINT64_MAX, .dropped = UINT64_MAX, .os_dropped = UINT64_MAX};
    if (!options->seconds || now_ns != 0)
        error = open_file(save, now_ns, diag);
    if (error)
        free(save);
    else
        *out = save;
    return error;
}

/* ------------------------------------------------------------------------------------- packets --
 */

/** Whether a packet of this time belongs into another file, and into which. */
static int turn(struct fst_save *save, int64_t now_ns, struct fst_diag *diag)
{
    const struct fst_save_options *options = &save->options;

    if (!save->dump) {
        save->begin_ns = now_ns;
        return open_file(save, now_ns, diag);
    }
    if (options->seconds && now_ns - save->begin_ns >= (int64_t)options->seconds * NS_PER_S) {
        save->begin_ns = now_ns;
        save->by_size = 0;
        if (++save->by_time >= options->files && options->files && !options->octets)
            return FST_SAVE_FULL;
        return next_file(save, now_ns, diag);
    }
    if (options->octets && fst_dump_octets(save->dump) > options->octets) {
        save->by_size++;
        if (options->files && save->by_size >= options->files)
            save->by_size = 0;
        return next_file(save, save->begin_ns, diag);
    }
    return 0;
}

int fst_save_packet(struct fst_save *save, const struct fst_packet *packet, const char *comment,
                    struct fst_diag *diag)
{
    struct fst_packet copy = *packet;
    int error = save->error ? save->error : turn(save, packet->time_ns, diag);

    if (!error)
        error = number_of(save, packet, &copy.interface);
    if (!error)
        error = fst_dump_packet(save->dump, &copy, comment);
    save->error = error;
    return error;
}

void fst_save_flush(struct fst_save *save)
{
    if (save->dump)
        (void)fst_dump_flush(save->dump); /* what failed is told by the close */
}

int fst_save_reopen(struct fst_save *save, struct fst_diag *diag)
{
    struct stat now;

    if (!save->dump || save->error || strcmp(save->path, "-") == 0)
        return 0;
    if (stat(save->path, &now) == 0 && now.st_dev == save->identity.st_dev &&
        now.st_ino == save->identity.st_ino)
        return 0;
    return next_file(save, save->begin_ns, diag);
}

void fst_save_count(struct fst_save *save, uint64_t received, uint64_t kernel_drop,
                    uint64_t interface_drop)
{
    save->counters.received = received;
    save->counters.os_dropped = kernel_drop;
    save->counters.dropped = interface_drop;
}

int fst_save_close(struct fst_save *save, struct fst_diag *diag)
{
    int error;

    if (!save)
        return 0;
    error = close_file(save, diag);
    free(save);
    return error;
}
