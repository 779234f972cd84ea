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

static bool same_file(int fd, const char *path)
{
    struct stat ours, theirs;

    return path && strcmp(path, "-") != 0 && fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 &&
           S_ISREG(ours.st_mode) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/** Emptied only once it is known not to be the input. @return a descriptor, -1 after a message. */
static int open_file(const char *path, const char *input, int *status)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    struct stat info;

    *status = FST_EXIT_OUTPUT;
    if (fd < 0) {
        fst_complain("%s: cannot be written: %s", path, strerror(errno));
        return -1;
    }
    if (same_file(fd, input)) {
        fst_complain("%s: is the input; results need another file", path);
        *status = FST_EXIT_USAGE;
        close(fd);
        return -1;
    }
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && ftruncate(fd, 0) != 0) {
        fst_complain("%s: cannot be emptied: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    *status = FST_EXIT_OK;
    return fd;
}

struct fst_out *fst_output_open(const char *path, const char *input, int *status)
{
    struct fst_out *out = malloc(sizeof(*out));
    int fd = STDOUT_FILENO;

    if (!out) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        *status = FST_EXIT_INTERNAL;
        return NULL;
    }
    *status = FST_EXIT_OK;
    if (path)
        fd = open_file(path, input, status);
    if (*status != FST_EXIT_OK) {
        free(out);
        return NULL;
    }
    fst_out_init(out, fd, path != NULL);
    return out;
}

int fst_output_close(struct fst_out *out, const char *path)
{
    int error = fst_out_close(out);

    free(out);
    if (!error)
        return FST_EXIT_OK;
    fst_complain("%s: results could not be written: %s", path ? path : "standard output",
                 strerror(error));
    return FST_EXIT_OUTPUT;
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
    struct fst_out *out = fst_output_open(output->path, arguments->file, &status);

    if (!out)
        return status;
    status = add_writer(outputs, arguments, output->format, out, output->path);
    outputs->writer[outputs->count - 1].source = source;
    return status;
}

int fst_outputs_add(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                    const char *format, int fd, const char *path)
{
    struct fst_out *out = malloc(sizeof(*out));

    if (!out) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    fst_out_init(out, fd, path != NULL);
    return add_writer(outputs, arguments, format, out, path);
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

bool fst_outputs_want_segments(const struct fst_arguments *arguments)
{
    const char *word = arguments->command->word;
    bool wanted = arguments->output_count == 0 && fst_format_find(word, "text")->segment;

    for (size_t i = 0; i < arguments->output_count; i++)
        wanted |= fst_format_find(word, arguments->output[i].format)->segment != NULL;
    return wanted;
}

bool fst_outputs_want_path_packets(const struct fst_arguments *arguments)
{
    const char *word = arguments->command->word;
    bool wanted = arguments->verbose; /* text names them then */

    for (size_t i = 0; i < arguments->output_count; i++)
        wanted |= fst_format_find(word, arguments->output[i].format)->path_packets;
    return wanted;
}

void fst_outputs_begin(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->writer[i].format->begin)
            outputs->writer[i].format->begin(&outputs->writer[i]);
}

void fst_outputs_finish(struct fst_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->writer[i].format->finish)
            outputs->writer[i].format->finish(&outputs->writer[i]);
        outputs->out_of_memory |= outputs->writer[i].error == FST_ENOMEM;
    }
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
        int one = fst_output_close(outputs->writer[i].out, outputs->writer[i].path);

        outputs->writer[i].out = NULL;
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
        free(writer->out); /* only if it was never closed */
    }
    outputs->count = 0;
}
