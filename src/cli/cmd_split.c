/* SPDX-License-Identifier: MIT
 *
 * flowstate split: one capture, or several, into parts that can be analysed apart: every connection
 * is whole in one of them, and packets keep their numbers.
 */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/captures.h"
#include "cli/hints.h"
#include "cli/options.h"
#include "cli/run.h"
#include "cli/sandbox.h"

#define BATCH  256
#define ENDING ".pcapng"

struct part {
    char *path;
    struct fst_new_file file;
    struct fst_dump *dump;
    uint32_t interfaces; /* described so far */
};

struct splitting {
    const struct fst_arguments *arguments;
    struct fst_capture *capture;
    struct fst_split *split;
    struct part *parts;
    uint32_t count;
    struct fst_diag diag;
    bool failed; /* a part could not be written */
};

/* ------------------------------------------------------------------------------------- parts -- */

/** "web.pcapng" is divided into "web-0.pcapng", "web-1.pcapng" ...; to be freed. */
static char *path_of(const char *name, uint32_t number, uint32_t count)
{
    size_t len = strlen(name), ending = strlen(ENDING);
    struct fst_strbuf path = {0};
    int digits = snprintf(NULL, 0, "%u", count - 1);

    if (len > ending && strcmp(name + len - ending, ENDING) == 0)
        len -= ending;
    fst_strbuf_add_octets(&path, name, len);
    fst_strbuf_print(&path, "-%0*u" ENDING, digits, number);
    return fst_strbuf_take(&path);
}

static int open_part(struct splitting *splitting, uint32_t number)
{
    struct part *part = &splitting->parts[number];
    int fd;

    part->path = path_of(splitting->arguments->write, number, splitting->count);
    if (!part->path)
        return FST_EXIT_INTERNAL;
    fd = fst_file_begin(&part->file, part->path);
    if (fd < 0 && errno == ENOMEM)
        return FST_EXIT_INTERNAL;
    if (fd < 0) {
        fst_complain("%s: cannot be written: %s", part->path, strerror(errno));
        return FST_EXIT_OUTPUT;
    }
    if (fst_dump_open_numbered(&part->dump, fd, part->path, &splitting->diag) == 0)
        return FST_EXIT_OK;
    close(fd);
    fst_complain("%s", splitting->diag.message);
    return FST_EXIT_INTERNAL;
}

static int open_parts(struct splitting *splitting)
{
    int status = FST_EXIT_OK;

    splitting->count = splitting->arguments->shards;
    splitting->parts = calloc(splitting->count, sizeof(*splitting->parts));
    if (!splitting->parts)
        return FST_EXIT_INTERNAL;
    if (splitting->count > FST_FILES_FEW)
        fst_allow_many_files();
    for (uint32_t i = 0; i < splitting->count && status == FST_EXIT_OK; i++)
        status = open_part(splitting, i);
    return status;
}

/** Interfaces that the capture has told of since, so that numbers are the same in all parts. */
static void describe_interfaces(struct splitting *splitting, struct part *part)
{
    const struct fst_capture_info *info = fst_capture_info(splitting->capture);
    uint32_t number;

    while (part->interfaces < info->interface_count && !splitting->failed) {
        splitting->failed =
            fst_dump_interface(part->dump, &info->interfaces[part->interfaces], &number) != 0;
        part->interfaces++;
    }
}

static void put_packet(void *context, uint32_t number, const struct fst_packet *packet)
{
    struct splitting *splitting = context;
    struct part *part = &splitting->parts[number];

    describe_interfaces(splitting, part);
    if (!splitting->failed)
        splitting->failed = fst_dump_packet(part->dump, packet, NULL) != 0;
}

/** What the capturing program lost may have belonged to any part, and each ends when all do. */
static void put_statistics(struct splitting *splitting, struct part *part)
{
    const struct fst_capture_info *info = fst_capture_info(splitting->capture);
    int64_t shown = fst_split_time(splitting->split);
    int64_t until_ns = info->until_ns > shown ? info->until_ns : shown;

    describe_interfaces(splitting, part);
    for (uint32_t i = 0; i < part->interfaces && !splitting->failed; i++) {
        const struct fst_interface *interface = &info->interfaces[i];

        if ((i == 0 && until_ns > 0) || interface->received != UINT64_MAX ||
            interface->dropped != UINT64_MAX || interface->os_dropped != UINT64_MAX)
            splitting->failed = fst_dump_statistics(part->dump, i, interface, until_ns) != 0;
    }
}

/** All parts, or none. */
static int close_parts(struct splitting *splitting)
{
    int status = FST_EXIT_OK;

    for (uint32_t i = 0; i < splitting->count; i++) {
        struct part *part = &splitting->parts[i];

        put_statistics(splitting, part);
        if (fst_dump_close(part->dump, &splitting->diag) != 0 && status == FST_EXIT_OK) {
            fst_complain("%s", splitting->diag.message);
            status = FST_EXIT_OUTPUT;
        }
        part->dump = NULL;
    }
    for (uint32_t i = 0; i < splitting->count && status == FST_EXIT_OK; i++) {
        if (fst_file_end(&splitting->parts[i].file, true))
            continue;
        fst_complain("%s: cannot be put in place: %s", splitting->parts[i].path, strerror(errno));
        status = FST_EXIT_OUTPUT;
    }
    return status;
}

/* -------------------------------------------------------------------------------------- pass -- */

static int read_all(struct splitting *splitting)
{
    struct fst_packet packets[BATCH];
    size_t count = 0;
    int error;

    do {
        error = fst_capture_read(splitting->capture, packets, BATCH, &count, &splitting->diag);
        if (count > 0 && fst_split_feed(splitting->split, packets, count) != 0)
            return FST_ENOMEM;
    } while (!error && count > 0 && !splitting->failed);
    fst_split_finish(splitting->split);
    return error;
}

static int complain_of(const struct splitting *splitting, int error, bool reading)
{
    fst_complain("%s",
                 splitting->diag.message[0] ? splitting->diag.message : fst_error_text(error));
    if (error == FST_EFILTER)
        fst_hint_display_filter(splitting->arguments->filter);
    return fst_exit_of(error, reading);
}

static int give_up_rights(const struct splitting *splitting)
{
    struct fst_files directories = {0, NULL};
    struct fst_sandbox sandbox = {.directories = &directories,
                                  .reads = splitting->arguments->filter != NULL};
    char *directory = fst_file_directory(splitting->parts[0].file.path);
    bool good = directory && fst_files_append(&directories, directory);

    if (good)
        fst_sandbox_begin(splitting->arguments, &sandbox);
    free(directory);
    fst_files_free(&directories);
    return good ? FST_EXIT_OK : FST_EXIT_INTERNAL;
}

static int begin(struct splitting *splitting)
{
    const char *filter = splitting->arguments->filter;
    int error = fst_capture_begin(splitting->capture, &splitting->diag);

    if (!error && filter)
        error = fst_capture_set_filter(splitting->capture, filter, &splitting->diag);
    return error ? complain_of(splitting, error, false) : FST_EXIT_OK;
}

static int pass(struct splitting *splitting)
{
    int error = read_all(splitting), status, reason = FST_EXIT_OK;

    if (error)
        reason = complain_of(splitting, error, true);
    if (reason == FST_EXIT_INTERNAL)
        return reason;
    status = close_parts(splitting);
    return status == FST_EXIT_OK ? reason : status;
}

static int run(struct splitting *splitting)
{
    int error =
        fst_captures_open(&splitting->capture, &splitting->arguments->captures, &splitting->diag);
    int status = error ? complain_of(splitting, error, false) : open_parts(splitting);

    if (status == FST_EXIT_OK &&
        fst_split_new(&splitting->split, splitting->count, put_packet, splitting) != 0)
        status = FST_EXIT_INTERNAL;
    if (status == FST_EXIT_OK)
        status = give_up_rights(splitting);
    if (status == FST_EXIT_OK)
        status = begin(splitting);
    return status == FST_EXIT_OK ? pass(splitting) : status;
}

static void release(struct splitting *splitting)
{
    for (uint32_t i = 0; splitting->parts && i < splitting->count; i++) {
        struct part *part = &splitting->parts[i];

        (void)fst_dump_close(part->dump, NULL);
        (void)fst_file_end(&part->file, false);
        free(part->path);
    }
    free(splitting->parts);
    fst_split_free(splitting->split);
    fst_capture_close(splitting->capture);
}

int fst_split_captures(const struct fst_arguments *arguments)
{
    struct splitting splitting = {.arguments = arguments};
    int status;

    if (arguments->shards == 0 || !arguments->write) {
        fst_complain("split needs --shards N, how many parts, and -w FILE, what to call them");
        return FST_EXIT_USAGE;
    }
    status = run(&splitting);
    release(&splitting);
    return status;
}

int fst_cmd_split(const struct fst_arguments *arguments)
{
    return fst_run_command(arguments);
}
