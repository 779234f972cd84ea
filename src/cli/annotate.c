/* SPDX-License-Identifier: MIT
 *
 * flowstate annotate: the packets again as pcapng, with comments where a state changed or something
 * was found. Two passes over the input, since the summary stands at the head of the copy and some
 * findings are decided later than their packet; what cannot be read twice, a pipe, is kept in a
 * temporary file meanwhile.
 */
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/captures.h"
#include "cli/hints.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/sandbox.h"
#include "report/annotation.h"

#define BATCH 256

struct annotate {
    const struct fst_arguments *arguments;
    struct fst_files captures;
    off_t begin;                         /* where on standard input the capture begins */
    struct fst_capture *capture, *again; /* for the first pass and the second */
    struct fst_analyzer *analyzer;
    uint8_t hash_key[16];
    struct fst_notes notes;
    struct fst_strbuf summary;
    uint64_t ended[FST_END_UNKNOWN + 1];
    struct fst_out *out;
    struct fst_copy *copy;
    struct fst_progress progress;
    struct fst_diag diag;
};

/* -------------------------------------------------------------------- input that is read twice --
 */

static int temporary_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/flowstate-XXXXXX", folder && *folder ? folder : "/tmp");
    fd = mkstemp(path);
    if (fd < 0)
        fst_complain("%s: a temporary file is needed for input from a pipe: %s", path,
                     strerror(errno));
    else
        unlink(path);
    return fd;
}

static bool write_all(int fd, const char *octets, ssize_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, octets, (size_t)len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        octets += wrote;
        len -= wrote;
    }
    return true;
}

/** Copy to the end. @return exit status, after a message. */
static int drain(int from, int to)
{
    static char buffer[65536];
    ssize_t got;

    while ((got = read(from, buffer, sizeof(buffer))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fst_complain("input cannot be read: %s", strerror(errno));
            return FST_EXIT_INPUT;
        }
        if (!write_all(to, buffer, got)) {
            fst_complain("temporary file for input from a pipe: %s", strerror(errno));
            return FST_EXIT_OUTPUT;
        }
    }
    return FST_EXIT_OK;
}

/** Keep what comes from the descriptor in a file, which becomes standard input. */
static int keep(struct annotate *annotate, char **path, int from)
{
    int fd = temporary_file(), status;

    if (fd < 0)
        return FST_EXIT_OUTPUT;
    status = drain(from, fd);
    if (status == FST_EXIT_OK && dup2(fd, STDIN_FILENO) < 0)
        status = FST_EXIT_INTERNAL;
    close(fd);
    annotate->begin = 0;
    free(*path);
    *path = strdup("-");
    return *path ? status : FST_EXIT_INTERNAL;
}

static bool is_regular(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

/** Make sure that a capture can be read twice. */
static int prepare_capture(struct annotate *annotate, char **path)
{
    bool standard = strcmp(*path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(*path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    int status = FST_EXIT_OK;

    if (fd < 0)
        return FST_EXIT_OK;
    if (standard && is_regular(fd)) {
        annotate->begin = lseek(fd, 0, SEEK_CUR);
    } else if (!is_regular(fd) && fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode)) {
        if (annotate->captures.count == 1) {
            status = keep(annotate, path, fd);
        } else {
            fst_complain("%s: captures are read twice here, a pipe cannot be; give it alone",
                         *path);
            status = FST_EXIT_USAGE;
        }
    }
    if (!standard)
        close(fd);
    return status;
}

/** What cannot be opened is left to the first pass, which says so best. */
static int prepare_input(struct annotate *annotate)
{
    int status = FST_EXIT_OK;

    for (size_t i = 0; i < annotate->captures.count && status == FST_EXIT_OK; i++)
        status = prepare_capture(annotate, &annotate->captures.path[i]);
    return status;
}

/* ------------------------------------------------------------------------------------- events --
 */

static void collect_segment(void *context, const struct fst_segment_event *event)
{
    struct annotate *annotate = context;

    fst_notes_collect_segment(&annotate->notes, event);
}

static void collect_finding(void *context, const struct fst_finding *finding)
{
    struct annotate *annotate = context;

    fst_notes_collect_finding(&annotate->notes, finding);
}

static void collect_ended(void *context, uint32_t id)
{
    struct annotate *annotate = context;
    struct fst_connection_view view;

    fst_notes_collect_end(&annotate->notes);
    if (fst_analyzer_connection(annotate->analyzer, id, &view) == 0)
        annotate->ended[view.end_kind]++;
}

static void write_segment(void *context, const struct fst_segment_event *event)
{
    struct annotate *annotate = context;

    fst_notes_segment(&annotate->notes, event);
}

static void write_octets(void *context, const uint8_t *octets, size_t len)
{
    fst_out_bytes(context, (const char *)octets, len);
}

/* ------------------------------------------------------------------------------------- passes --
 */

static int open_input(struct annotate *annotate, const struct fst_events *events)
{
    const struct fst_arguments *arguments = annotate->arguments;
    struct fst_options options = {
        .max_flows = arguments->max_flows, .lossless = arguments->lossless, .events = *events};
    int error;

    if (annotate->begin >= 0) /* both share its position */
        lseek(STDIN_FILENO, annotate->begin, SEEK_SET);
    error = fst_capture_begin(annotate->capture, &annotate->diag);
    if (!error && arguments->filter)
        error = fst_capture_set_filter(annotate->capture, arguments->filter, &annotate->diag);
    if (error)
        return error;
    memcpy(options.hash_key, annotate->hash_key, sizeof(options.hash_key));
    fst_progress_begin(&annotate->progress, &annotate->captures);
    return fst_analyzer_new(&annotate->analyzer, &options);
}

static void close_input(struct annotate *annotate)
{
    fst_progress_end(&annotate->progress);
    fst_copy_free(annotate->copy);
    fst_analyzer_free(annotate->analyzer);
    fst_capture_close(annotate->capture);
    annotate->copy = NULL;
    annotate->analyzer = NULL;
    annotate->capture = NULL;
}

/** For the second pass: the captures that were opened beside those of the first. */
static void go_back(struct annotate *annotate)
{
    close_input(annotate);
    annotate->capture = annotate->again;
    annotate->again = NULL;
}

/** Read the next packets that -c allows. */
static int read_some(struct annotate *annotate, struct fst_packet *packets, size_t max,
                     uint64_t *done, size_t *count)
{
    uint64_t limit = annotate->arguments->count;
    int error;

    *count = 0;
    if (limit && limit - *done < max)
        max = (size_t)(limit - *done);
    if (max == 0)
        return 0;
    error = fst_capture_read(annotate->capture, packets, max, count, &annotate->diag);
    *done += *count;
    fst_progress_update(&annotate->progress, fst_capture_info(annotate->capture)->file_bytes);
    return error;
}

/** Everything up to the end or a fault into the analyzer. */
static int feed_all(struct annotate *annotate)
{
    struct fst_packet packets[BATCH];
    uint64_t done = 0;
    size_t count;
    int error;

    do {
        error = read_some(annotate, packets, BATCH, &done, &count);
        if (count > 0 && fst_analyzer_feed(annotate->analyzer, packets, count) != 0)
            return FST_ENOMEM;
    } while (!error && count > 0);
    return error;
}

/** What is to be said of the whole, and of packets by what came after them. */
static int collect(struct annotate *annotate)
{
    const struct fst_events events = {annotate, collect_segment, collect_finding, collect_ended};
    int error = open_input(annotate, &events);

    if (!error)
        error = feed_all(annotate);
    /* What a damaged file has before the fault is annotated all the same. */
    if (error && error != FST_EDAMAGED && !(error == FST_EOPEN && annotate->analyzer))
        return error;
    if (fst_analyzer_finish(annotate->analyzer) != 0)
        return FST_ENOMEM;
    fst_notes_sort(&annotate->notes);
    fst_notes_summary(&annotate->summary, annotate->analyzer, annotate->ended);
    return annotate->notes.failed || annotate->summary.failed ||
                   fst_analyzer_short_of_memory(annotate->analyzer)
               ? FST_ENOMEM
               : error;
}

/** One packet at a time, since its blocks must be passed on in the order of the file. */
static int copy_all(struct annotate *annotate)
{
    struct fst_packet packet;
    uint64_t done = 0;
    size_t count;
    int error;

    while (!annotate->out->error && !annotate->out->broken) {
        error = read_some(annotate, &packet, 1, &done, &count);
        if (count == 0)
            return error;
        if (fst_analyzer_feed(annotate->analyzer, &packet, 1) != 0 ||
            fst_copy_packet(annotate->copy, &packet,
                            fst_notes_take(&annotate->notes, packet.number)) != 0)
            return FST_ENOMEM;
    }
    return 0;
}

static int write_copy(struct annotate *annotate)
{
    const struct fst_events events = {annotate, write_segment, NULL, NULL};
    int error = open_input(annotate, &events);

    if (!error)
        error = fst_copy_new(&annotate->copy, annotate->capture, annotate->summary.text,
                             write_octets, annotate->out);
    if (!error)
        error = copy_all(annotate);
    return annotate->notes.failed ||
                   (annotate->analyzer && fst_analyzer_short_of_memory(annotate->analyzer))
               ? FST_ENOMEM
               : error;
}

/* --------------------------------------------------------------------------------- the command --
 */

static int failed(const struct annotate *annotate, int error)
{
    if (annotate->diag.message[0] != '\0')
        fst_complain("%s", annotate->diag.message);
    else
        fst_complain("%s", fst_error_text(error));
    if (error == FST_EFILTER)
        fst_hint_display_filter(annotate->arguments->filter);
    return fst_exit_of(error, annotate->analyzer != NULL);
}

/** Everything that needs rights. */
static int open_files(struct annotate *annotate, const char *to)
{
    int status = FST_EXIT_OK;
    int error = fst_captures_open(&annotate->capture, &annotate->captures, &annotate->diag);

    if (!error)
        error = fst_captures_open(&annotate->again, &annotate->captures, &annotate->diag);
    if (error)
        return failed(annotate, error);
    fst_fill_key(annotate->hash_key);
    annotate->out = fst_output_open(to, FST_AS_A_WHOLE, &annotate->captures, &status);
    return status;
}

static int give_up_rights(const struct annotate *annotate)
{
    struct fst_files directories = {0, NULL};
    struct fst_sandbox sandbox = {.directories = &directories,
                                  .reads = annotate->arguments->filter != NULL};
    bool good = fst_output_directory(annotate->out, &directories);

    if (good)
        fst_sandbox_begin(annotate->arguments, &sandbox);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    fst_files_free(&directories);
    return good ? FST_EXIT_OK : FST_EXIT_INTERNAL;
}

static int pass_twice(struct annotate *annotate, const char *to)
{
    int error = collect(annotate), status, output_status;

    fst_progress_end(&annotate->progress);
    if (error == FST_ENOMEM || (error && annotate->summary.len == 0))
        return failed(annotate, error);
    go_back(annotate);
    fst_output_begin(annotate->out);
    error = write_copy(annotate);
    fst_progress_end(&annotate->progress);
    if (error == FST_ENOMEM) /* incomplete: better the old one, or none */
        return failed(annotate, error);
    output_status = fst_output_close(annotate->out, to);
    annotate->out = NULL;
    status = error ? failed(annotate, error) : FST_EXIT_OK;
    return output_status == FST_EXIT_OK ? status : output_status;
}

static int run(struct annotate *annotate)
{
    const char *to = strcmp(annotate->arguments->write, "-") ? annotate->arguments->write : NULL;
    int status = prepare_input(annotate);

    if (status == FST_EXIT_OK)
        status = open_files(annotate, to);
    if (status == FST_EXIT_OK)
        status = give_up_rights(annotate);
    if (status == FST_EXIT_OK)
        status = pass_twice(annotate, to);
    if (annotate->out)
        fst_output_abandon(annotate->out);
    return status;
}

static bool copy_names(struct fst_files *to, const struct fst_files *from)
{
    bool good = true;

    for (size_t i = 0; i < from->count && good; i++)
        good = fst_files_append(to, from->path[i]);
    return good;
}

static int check(const struct fst_arguments *arguments)
{
    if (!arguments->write) {
        fst_complain("annotate needs -w FILE, a name for the annotated capture");
        return FST_EXIT_USAGE;
    }
    if (strcmp(arguments->write, "-") == 0 && isatty(STDOUT_FILENO)) {
        fst_complain("-w -: a capture is nothing for a terminal; name a file, or pipe it on");
        return FST_EXIT_USAGE;
    }
    return FST_EXIT_OK;
}

int fst_annotate(const struct fst_arguments *arguments)
{
    struct annotate *annotate;
    int status = check(arguments);

    if (status != FST_EXIT_OK)
        return status;
    annotate = calloc(1, sizeof(*annotate));
    if (!annotate) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    annotate->arguments = arguments;
    annotate->begin = -1;
    if (copy_names(&annotate->captures, &arguments->captures))
        status = run(annotate);
    else
        status = FST_EXIT_INTERNAL;
    close_input(annotate);
    fst_capture_close(annotate->again);
    fst_files_free(&annotate->captures);
    fst_notes_free(&annotate->notes);
    free(annotate->summary.text);
    free(annotate);
    return status;
}
