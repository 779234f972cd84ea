/* SPDX-License-Identifier: MIT */
#include "cli/check_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "cli/terminal.h"

/** Of several files, what is worse hides what is less: a check that failed must not hide one that
 *  could not run. */
static int worst_status(const struct fst_checked *checked, size_t count)
{
    static const int order[] = {FST_EXIT_INTERNAL, FST_EXIT_OUTPUT,  FST_EXIT_USAGE, FST_EXIT_INPUT,
                                FST_EXIT_DAMAGED,  FST_EXIT_NOTHING, FST_EXIT_FAILED};

    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < count; i++)
            if (checked[i].status == order[k])
                return order[k];
    return FST_EXIT_OK;
}

static struct fst_check_report report_of(const struct fst_checked *checked, size_t count)
{
    struct fst_check_report report = {.count = count, .files = checked, .version = fst_version()};

    for (size_t i = 0; i < count; i++) {
        report.passed += checked[i].status == FST_EXIT_OK;
        report.failed += checked[i].status == FST_EXIT_FAILED;
    }
    report.not_run = count - report.passed - report.failed;
    return report;
}

/* ------------------------------------------------------------------------------------- GitHub --
 */

static bool asked_for(const struct fst_arguments *arguments, const char *format)
{
    for (size_t i = 0; i < arguments->output_count; i++)
        if (strcmp(arguments->output[i].format, format) == 0)
            return true;
    return false;
}

/** Whether standard output is for people, so that GitHub's commands do no harm there. */
static bool stdout_is_text(const struct fst_arguments *arguments)
{
    for (size_t i = 0; i < arguments->output_count; i++)
        if (!arguments->output[i].path && strcmp(arguments->output[i].format, "text") != 0)
            return false;
    return true;
}

/** Annotations are read from both streams of a step. */
static int add_annotations(struct fst_outputs *outputs, const struct fst_arguments *arguments)
{
    if (!fst_is_set("GITHUB_ACTIONS") || asked_for(arguments, "github"))
        return FST_EXIT_OK;
    return fst_outputs_add(outputs, arguments, "github",
                           stdout_is_text(arguments) ? STDOUT_FILENO : STDERR_FILENO, NULL);
}

/** The summary of a step is a file that all its commands add to. */
static int add_summary(struct fst_outputs *outputs, const struct fst_arguments *arguments)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    int fd;

    if (!path || *path == '\0' || !(fst_is_set("GITHUB_ACTIONS") || asked_for(arguments, "github")))
        return FST_EXIT_OK;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        fst_complain("%s: cannot be written: %s", path, strerror(errno));
        return FST_EXIT_OUTPUT;
    }
    return fst_outputs_add(outputs, arguments, "markdown", fd, path);
}

/* ------------------------------------------------------------------------------------ rights -- */

/** The directory of a file, unless it is NULL. */
static bool add_directory(struct fst_files *directories, const char *path)
{
    char *directory = path ? fst_file_directory(path) : NULL;
    bool good = !path || (directory && fst_files_append(directories, directory));

    free(directory);
    return good;
}

static bool add_directories(struct fst_files *directories, const struct fst_arguments *arguments,
                            const struct fst_files *beside)
{
    bool good = add_directory(directories, getenv("GITHUB_STEP_SUMMARY")) &&
                add_directory(directories, arguments->expect) &&
                add_directory(directories, arguments->file);

    for (size_t i = 0; i < arguments->output_count && good; i++)
        good = add_directory(directories, arguments->output[i].path);
    for (size_t i = 0; beside && i < beside->count && good; i++)
        good = add_directory(directories, beside->path[i]);
    return good;
}

int fst_check_give_up_rights(const struct fst_arguments *arguments, const struct fst_files *beside,
                             bool live)
{
    struct fst_files directories = {0, NULL};
    struct fst_sandbox sandbox = {.directories = &directories,
                                  .creates = true,
                                  .reads = true,
                                  .packets = live,
                                  .command = live};
    bool good = add_directories(&directories, arguments, beside);

    if (good)
        fst_sandbox_begin(arguments, &sandbox);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    fst_files_free(&directories);
    return good ? FST_EXIT_OK : FST_EXIT_INTERNAL;
}

/* -------------------------------------------------------------------------------------- tell -- */

int fst_check_tell(const struct fst_arguments *arguments, const struct fst_checked *checked,
                   size_t count, int64_t elapsed_ns)
{
    struct fst_check_report report = report_of(checked, count);
    struct fst_outputs outputs = {0};
    int status, closed;

    for (size_t i = 0; i < count; i++)
        if (!checked[i].path) /* for lack of memory: nothing can be told of it */
            return FST_EXIT_INTERNAL;
    report.elapsed_ns = elapsed_ns;
    status = fst_outputs_open(&outputs, arguments, NULL);
    if (status == FST_EXIT_OK && fst_format_find(arguments->command->word, "github")) {
        status = add_annotations(&outputs, arguments);
        if (status == FST_EXIT_OK)
            status = add_summary(&outputs, arguments);
    }
    if (status != FST_EXIT_OK) {
        fst_outputs_release(&outputs);
        return status;
    }
    fst_outputs_begin(&outputs);
    for (size_t i = 0; i < outputs.count; i++)
        outputs.writer[i].format->check(&outputs.writer[i], &report);
    closed = fst_outputs_close(&outputs);
    fst_outputs_release(&outputs);
    status = worst_status(checked, count);
    return closed == FST_EXIT_OK || status == FST_EXIT_INTERNAL ? status : closed;
}
