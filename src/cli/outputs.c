/* SPDX-License-Identifier: MIT */
#include "cli/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cli/terminal.h"

/* ------------------------------------------------------------------------------ one output file --
 */

/* `out` comes first, so that its address is that of the whole. */
struct target {
    struct fst_out out;
    struct fst_new_file file; /* written beside its place; `path` is NULL if it is not */
    char *made;               /* the empty file that opening made, if it did */
    bool appended;            /* what is there belongs to others */
};

static struct target *target_of(struct fst_out *out)
{
    return (struct target *)out;
}

static bool same_file(const struct stat *ours, const struct fst_files *inputs)
{
    struct stat theirs;

    for (size_t i = 0; inputs && S_ISREG(ours->st_mode) && i < inputs->count; i++)
        if (strcmp(inputs->path[i], "-") != 0 && stat(inputs->path[i], &theirs) == 0 &&
            ours->st_dev == theirs.st_dev && ours->st_ino == theirs.st_ino)
            return true;
    return false;
}

/** Open the file itself. What was there stays until fst_output_begin(). */
static int open_in_place(struct target *target, const char *path, bool exists)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        fst_complain("%s: cannot be written: %s", path, strerror(errno));
    else if (!exists)
        target->made = strdup(path);
    return fd;
}

/** @return a descriptor, -1 after a message. */
static int open_file(struct target *target, const char *path, enum fst_making making,
                     const struct fst_files *inputs, int *status)
{
    struct stat info;
    bool exists = stat(path, &info) == 0;
    int fd = -1;

    *status = FST_EXIT_OK;
    if (exists && same_file(&info, inputs)) {
        fst_complain("%s: is the input; results need another file", path);
        *status = FST_EXIT_USAGE;
        return -1;
    }
    if (making == FST_AS_A_WHOLE &&
        (!exists || (S_ISREG(info.st_mode) && access(path, W_OK) == 0))) {
        fd = fst_file_begin(&target->file, path);
        if (fd < 0 && errno == ENOMEM) {
            *status = FST_EXIT_INTERNAL;
            return -1;
        }
    }
    if (fd < 0) /* also where only the file, not its directory, is ours to write */
        fd = open_in_place(target, path, exists);
    if (fd < 0)
        *status = FST_EXIT_OUTPUT;
    return fd;
}

struct fst_out *fst_output_open(const char *path, enum fst_making making,
                                const struct fst_files *inputs, int *status)
{
    struct target *target = calloc(1, sizeof(*target));
    int fd = STDOUT_FILENO;

    if (!target) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        *status = FST_EXIT_INTERNAL;
        return NULL;
    }
    *status = FST_EXIT_OK;
    if (path)
        fd = open_file(target, path, making, inputs, status);
    if (*status != FST_EXIT_OK) {
        free(target);
        return NULL;
    }
    fst_out_init(&target->out, fd, path != NULL);
    target->out.whole_lines = making == FST_LINE_BY_LINE;
    return &target->out;
}

bool fst_output_directory(struct fst_out *out, struct fst_files *directories)
{
    const struct target *target = target_of(out);
    const char *path = target->file.path ? target->file.path : target->made;
    char *directory = path ? fst_file_directory(path) : NULL;
    bool good = !path || (directory && fst_files_append(directories, directory));

    free(directory);
    return good;
}

void fst_output_begin(struct fst_out *out)
{
    struct target *target = target_of(out);
    struct stat info;

    free(target->made); /* it stays */
    target->made = NULL;
    if (out->closing && !target->appended && fstat(out->fd, &info) == 0 && S_ISREG(info.st_mode) &&
        ftruncate(out->fd, 0) != 0)
        out->error = errno;
}

int fst_output_close(struct fst_out *out, const char *path)
{
    struct target *target = target_of(out);
    int error = fst_out_close(out);

    if (target->file.path && !fst_file_end(&target->file, error == 0) && !error)
        error = errno;
    free(target->made);
    free(target);
    if (!error)
        return FST_EXIT_OK;
    fst_complain("%s: results could not be written: %s", path ? path : "standard output",
                 strerror(error));
    return FST_EXIT_OUTPUT;
}

void fst_output_abandon(struct fst_out *out)
{
    struct target *target = target_of(out);

    if (out->closing)
        (void)close(out->fd);
    if (target->file.path)
        (void)fst_file_end(&target->file, false);
    if (target->made)
        (void)unlink(target->made);
    free(target->made);
    free(target);
}

/* --------------------------------------------------------------------------------- all of them --
 */

static const char *format_name_at(const void *context, size_t index)
{
    return fst_format_name_at(context, index);
}

static int unknown_format(const struct fst_arguments *arguments, const char *name)
{
    const char *word = arguments->command->word, *known, *nearest;
    char formats[128] = "";
    size_t len = 0;

    for (size_t i = 0; (known = fst_format_name_at(word, i)) != NULL && len < sizeof(formats); i++)
        len += (size_t)snprintf(formats + len, sizeof(formats) - len, "%s%s", i > 0 ? ", " : "",
                                known);
    nearest = fst_suggest(name, format_name_at, word);
    if (nearest)
        fst_complain("unknown format \"%s\"; did you mean \"%s\"?", name, nearest);
    else
        fst_complain("unknown format \"%s\"", name);
    fst_complain("\"%s\" prints %s", word, formats);
    return FST_EXIT_USAGE;
}

static bool same_target(const struct fst_output *a, const struct fst_output *b)
{
    return a->path && b->path ? strcmp(a->path, b->path) == 0 : a->path == b->path;
}

int fst_outputs_check(const struct fst_arguments *arguments)
{
    for (size_t i = 0; i < arguments->output_count; i++) {
        const struct fst_output *output = &arguments->output[i];

        if (!fst_format_find(arguments->command->word, output->format))
            return unknown_format(arguments, output->format);
        if (fst_format_find(arguments->command->word, output->format)->replaces && !output->path) {
            fst_complain("-o %s is written anew now and then; name a file: -o %s:FILE",
                         output->format, output->format);
            return FST_EXIT_USAGE;
        }
        for (size_t j = 0; j < i; j++) {
            if (!same_target(output, &arguments->output[j]))
                continue;
            fst_complain("-o %s and -o %s both go to %s; name a file: -o %s:FILE",
                         arguments->output[j].format, output->format,
                         output->path ? output->path : "standard output", output->format);
            return FST_EXIT_USAGE;
        }
    }
    return FST_EXIT_OK;
}

static struct fst_style style_of(const struct fst_arguments *arguments, const struct fst_out *out)
{
    bool terminal = isatty(out->fd) != 0;
    struct fst_style style = {
        .terminal = terminal,
        .color = fst_wants_color(arguments->color, out->fd),
        .utf8 = !arguments->ascii && (arguments->utf8 || (terminal && fst_locale_is_utf8())),
        .all = arguments->all,
        .quiet = arguments->quiet,
        .verbose = arguments->verbose,
        .absolute = arguments->absolute,
        .packets = arguments->packets,
        .community_id_seed = arguments->community_id_seed,
        .connection = arguments->connection,
    };

    fst_terminal_size(out->fd, &style.columns, &style.lines);
    return style;
}

/** Add a writer of the format; takes `out`, which is open. */
static int add_writer(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                      const char *format, struct fst_out *out, const char *path)
{
    struct fst_writer *writer = &outputs->writer[outputs->count++];

    memset(writer, 0, sizeof(*writer));
    writer->format = fst_format_find(arguments->command->word, format);
    writer->out = out;
    writer->style = style_of(arguments, out);
    writer->path = path;
    writer->state = calloc(1, writer->format->state_size + 1);
    if (writer->state)
        return FST_EXIT_OK;
    fst_complain("%s", fst_error_text(FST_ENOMEM));
    return FST_EXIT_INTERNAL;
}

static int open_one(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                    const struct fst_output *output, const struct fst_source *source)
{
    int status;
    const struct fst_format *chosen = fst_format_find(arguments->command->word, output->format);
    /* What goes on for days is read meanwhile. */
    bool lines = chosen->lines || arguments->command->bit == 1u << FST_COMMAND_NUMBER_LIVE;
    struct fst_out *out = fst_output_open(output->path, lines ? FST_LINE_BY_LINE : FST_AS_A_WHOLE,
                                          &arguments->captures, &status);

    if (!out)
        return status;
    status = add_writer(outputs, arguments, output->format, out, output->path);
    outputs->writer[outputs->count - 1].source = source;
    return status;
}

int fst_outputs_add(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                    const char *format, int fd, const char *path)
{
    struct target *target = calloc(1, sizeof(*target));

    if (!target) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    fst_out_init(&target->out, fd, path != NULL);
    target->appended = true;
    return add_writer(outputs, arguments, format, &target->out, path);
}

int fst_outputs_open(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                     const struct fst_source *source)
{
    static const struct fst_output text = {"text", NULL};
    int status = FST_EXIT_OK;

    if (arguments->output_count == 0)
        return open_one(outputs, arguments, &text, source);
    for (size_t i = 0; i < arguments->output_count && status == FST_EXIT_OK; i++)
        status = open_one(outputs, arguments, &arguments->output[i], source);
    return status;
}

/** Those asked for, by index from 0; NULL past the last. */
static const struct fst_format *format_at(const struct fst_arguments *arguments, size_t index)
{
    const char *word = arguments->command->word;

    if (arguments->output_count == 0)
        return index == 0 ? fst_format_find(word, "text") : NULL;
    return index < arguments->output_count ? fst_format_find(word, arguments->output[index].format)
                                           : NULL;
}

/* What a format asks for of the analysis. */
typedef bool asks(const struct fst_format *format);

static bool for_segments(const struct fst_format *format)
{
    return format->segment != NULL;
}

static bool for_findings(const struct fst_format *format)
{
    return format->finding != NULL;
}

static bool for_path_packets(const struct fst_format *format)
{
    return format->path_packets;
}

static bool for_paths(const struct fst_format *format)
{
    return !format->no_paths;
}

static bool any(const struct fst_arguments *arguments, asks *is_asked)
{
    const struct fst_format *format;

    for (size_t i = 0; (format = format_at(arguments, i)) != NULL; i++)
        if (is_asked(format))
            return true;
    return false;
}

bool fst_outputs_want_segments(const struct fst_arguments *arguments)
{
    return any(arguments, for_segments);
}

bool fst_outputs_want_findings(const struct fst_arguments *arguments)
{
    return any(arguments, for_findings);
}

/* Text names them if it is verbose. */
bool fst_outputs_want_path_packets(const struct fst_arguments *arguments)
{
    return arguments->verbose || any(arguments, for_path_packets);
}

bool fst_outputs_want_paths(const struct fst_arguments *arguments)
{
    return arguments->verbose || any(arguments, for_paths);
}

bool fst_outputs_directories(const struct fst_outputs *outputs, struct fst_files *directories)
{
    bool good = true;

    for (size_t i = 0; i < outputs->count && good; i++)
        good = fst_output_directory(outputs->writer[i].out, directories);
    return good;
}

void fst_outputs_begin(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        fst_output_begin(outputs->writer[i].out);
        if (outputs->writer[i].format->begin)
            outputs->writer[i].format->begin(&outputs->writer[i]);
    }
}

void fst_outputs_finish(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->writer[i].format->finish)
            outputs->writer[i].format->finish(&outputs->writer[i]);
        outputs->out_of_memory |= outputs->writer[i].error == FST_ENOMEM;
    }
}

void fst_outputs_spoil(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        outputs->writer[i].error = FST_ENOMEM;
}

bool fst_outputs_failed(const struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->writer[i].out->error)
            return true;
    return false;
}

bool fst_outputs_all_broken(const struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!outputs->writer[i].out->broken)
            return false;
    return true;
}

int fst_outputs_close(struct fst_outputs *outputs)
{
    int status = FST_EXIT_OK;

    for (size_t i = 0; i < outputs->count; i++) {
        struct fst_writer *writer = &outputs->writer[i];
        int one = FST_EXIT_OK;

        if (writer->error) /* incomplete: better the old one, or none */
            fst_output_abandon(writer->out);
        else
            one = fst_output_close(writer->out, writer->path);
        writer->out = NULL;
        if (status == FST_EXIT_OK)
            status = one;
    }
    return status;
}

void fst_outputs_release(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct fst_writer *writer = &outputs->writer[i];

        if (writer->state && writer->format->release)
            writer->format->release(writer);
        free(writer->state);
        if (writer->out) /* it was never closed */
            fst_output_abandon(writer->out);
    }
    outputs->count = 0;
}
