/* SPDX-License-Identifier: MIT */
#include "cli/check_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/files.h"
#include "cli/observe.h"
#include "cli/terminal.h"
#include "expect/record.h"

/* What is known of a file while it is checked. */
struct job {
    struct fst_checked *file;
    const struct fst_arguments *arguments;
    char *text;
    size_t len;
    struct fst_expectation expectation;
    struct fst_observation observation;
    size_t *pairs;
};

bool fst_in_ci(void)
{
    return fst_is_set("CI");
}

/** This file could not be compared. */
__attribute__((format(printf, 4, 5))) static void trouble(struct fst_checked *file, int status,
                                                          unsigned line, const char *format, ...)
{
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    /* It is initialized, which clang-tidy 14 does not see here. */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    file->status = status;
    file->trouble_line = line;
    file->trouble = strdup(message);
    if (!file->trouble)
        file->status = FST_EXIT_INTERNAL;
}

static void no_memory(struct fst_checked *file)
{
    trouble(file, FST_EXIT_INTERNAL, 0, "%s", fst_error_text(FST_ENOMEM));
}

/* ---------------------------------------------------------------------------------- the file -- */

/** " did you mean" and the nearest name, if the file does not exist and one is near. */
static void suggest(const char *path, int error, struct fst_strbuf *text)
{
    char *nearest = error == ENOENT ? fst_file_nearest(path) : NULL;

    fst_strbuf_add(text, "");
    if (nearest)
        fst_strbuf_print(text, "; did you mean \"%s\"?", nearest);
    free(nearest);
}

static void unreadable(struct fst_checked *file, int error)
{
    struct fst_strbuf hint = {0};

    suggest(file->path, error, &hint);
    trouble(file, error == ENOMEM || hint.failed ? FST_EXIT_INTERNAL : FST_EXIT_USAGE, 0,
            "cannot be read: %s%s", strerror(error), hint.failed ? "" : hint.text);
    fst_strbuf_free(&hint);
}

static bool is_capture(const char *path)
{
    struct fst_capture *capture;
    struct fst_diag diag;
    bool good = fst_capture_open(&capture, path, &diag) == 0;

    fst_capture_close(capture);
    return good;
}

static bool load(struct job *job)
{
    struct fst_checked *file = job->file;
    struct fst_expect_error error;
    size_t len = 0;

    job->text = fst_file_read(file->path, &len);
    if (!job->text) {
        unreadable(file, errno);
        return false;
    }
    job->len = len;
    if (!fst_expectation_parse(&job->expectation, job->text, job->len, &error)) {
        if (is_capture(file->path))
            trouble(file, FST_EXIT_USAGE, 1,
                    "this is a capture, not an expectation file; \"check -r\" checks it without "
                    "one, \"check --record\" writes one");
        else
            trouble(file, error.out_of_memory ? FST_EXIT_INTERNAL : FST_EXIT_USAGE, error.line,
                    "%s", error.message);
        return false;
    }
    file->assert_count = job->expectation.assert_count;
    return true;
}

static bool find_capture(struct job *job, const char *given)
{
    struct fst_checked *file = job->file;

    file->other_capture = given != NULL;
    if (!given && !job->expectation.capture) {
        trouble(file, FST_EXIT_USAGE, 1,
                "no \"capture FILE\" line says what to check, and no -r does either");
        return false;
    }
    file->capture = given ? strdup(given) : fst_file_beside(file->path, job->expectation.capture);
    if (!file->capture)
        no_memory(file);
    return file->capture != NULL;
}

/* ------------------------------------------------------------------------------- the capture -- */

static enum fst_level level_of(const struct job *job)
{
    return job->arguments->record ? job->arguments->level : job->expectation.level;
}

/** Both filters must let a packet through; to be freed. NULL and *good false without memory. */
static char *join_filters(const char *only, const char *filter, bool *good)
{
    struct fst_strbuf text = {0};

    *good = true;
    if (!only && !filter)
        return NULL;
    if (only && filter)
        fst_strbuf_print(&text, "(%s) and (%s)", only, filter);
    else
        fst_strbuf_add(&text, only ? only : filter);
    *good = !text.failed;
    return fst_strbuf_take(&text);
}

/** The line that names the capture, 0 if the command line does. */
static unsigned capture_line(const struct job *job)
{
    return job->file->other_capture ? 0 : job->expectation.capture_line;
}

static void not_observed(struct job *job, int status)
{
    struct fst_checked *file = job->file;
    unsigned line = job->observation.bad_filter ? job->expectation.only_line : capture_line(job);
    struct fst_strbuf hint = {0};

    suggest(file->capture, access(file->capture, F_OK) == 0 ? 0 : errno, &hint);
    if (status == FST_EXIT_DAMAGED && file->has_file)
        fst_strbuf_add(&hint, "; \"allow damaged\" in the file accepts that");
    trouble(file, hint.failed ? FST_EXIT_INTERNAL : status, line, "%s%s",
            job->observation.diag.message, hint.failed ? "" : hint.text);
    fst_strbuf_free(&hint);
}

/** Read the capture. @return whether it can be compared. */
static bool observe(struct job *job)
{
    const struct fst_arguments *arguments = job->arguments;
    struct fst_checked *file = job->file;
    bool good, filters;
    char *filter = join_filters(job->expectation.only, arguments->filter, &filters);
    int status;

    job->observation = (struct fst_observation){
        .path = file->capture,
        .captures = arguments->captures.count > 1 ? &arguments->captures : NULL,
        .filter = filter,
        .lossless = arguments->lossless || job->expectation.lossless,
        .max_flows = arguments->max_flows,
        .level = level_of(job),
    };
    status = filters ? fst_observe_capture(&job->observation) : FST_EXIT_INTERNAL;
    file->filter = filter;
    good = status == FST_EXIT_OK || (status == FST_EXIT_DAMAGED && job->expectation.allow_damaged);
    if (!good)
        not_observed(job, status);
    return good;
}

/** A capture in which nothing matches passes nothing, unless that is what is asked for. */
static bool check_not_empty(struct job *job)
{
    struct fst_checked *file = job->file;
    size_t expected = job->expectation.flow_count;

    file->flow_count = job->observation.seen.flow_count;
    file->ts_first = job->observation.seen.ts_first;
    if (file->flow_count > 0 || fst_expects_nothing(&job->expectation))
        return true;
    trouble(file, FST_EXIT_NOTHING,
            job->expectation.only ? job->expectation.only_line : capture_line(job),
            "no TCP connection in %s%s%s%s, so nothing was checked%s%s", file->capture,
            job->expectation.only ? " matches \"" : "",
            job->expectation.only ? job->expectation.only : "", job->expectation.only ? "\"" : "",
            expected > 0 ? "; flows are expected" : "",
            file->has_file ? "; \"assert flows = 0\" would ask for that" : "");
    return false;
}

/* ---------------------------------------------------------------------------- the comparison -- */

static void note_look(struct fst_checked *file)
{
    file->look = 0;
    for (size_t i = 0; i < file->comparison.item_count && !file->look; i++)
        if (file->comparison.items[i].difference_count > 0)
            file->look = file->comparison.items[i].connection;
}

static bool is_recorded(const struct fst_check_item *item)
{
    return item->kind == FST_ITEM_FLOW || item->kind == FST_ITEM_UNEXPECTED;
}

static void compare(struct job *job)
{
    struct fst_compare_options options = {true, job->arguments->fail_on};
    struct fst_checked *file = job->file;

    if (options.fail_on == FST_CLASS_COUNT)
        options.fail_on = FST_ILLEGAL;
    free(job->pairs);
    job->pairs = calloc(job->expectation.flow_count + 1, sizeof(*job->pairs));
    if (job->pairs)
        fst_compare(&file->comparison, &job->expectation, &job->observation.seen, &options,
                    job->pairs);
    if (!job->pairs || file->comparison.out_of_memory) {
        fst_comparison_free(&file->comparison);
        no_memory(file);
        return;
    }
    file->status = file->comparison.failed > 0 ? FST_EXIT_FAILED : FST_EXIT_OK;
    for (size_t i = 0; i < file->comparison.item_count; i++)
        file->update_helps |= is_recorded(&file->comparison.items[i]) &&
                              file->comparison.items[i].difference_count > 0;
    note_look(file);
}

/* ------------------------------------------------------------------------------- new contents --
 */

/** The file as --update would write it, to be freed; NULL when memory is short. */
static char *text_again(struct job *job, bool *changed)
{
    struct fst_record_again again = {job->text, job->len, &job->expectation, job->pairs,
                                     job->arguments->merge};

    return fst_record_again(&again, &job->observation.seen, changed);
}

/** Beside a file that fails: what it would have to say. */
static void write_beside(struct job *job)
{
    struct fst_strbuf name = {0};
    struct fst_checked *file = job->file;
    bool changed;
    char *path, *text;

    fst_strbuf_print(&name, "%s.new", file->path);
    path = fst_strbuf_take(&name);
    if (!file->update_helps && path) {
        unlink(path); /* what an earlier failure left would mislead now */
        free(path);
        return;
    }
    text = text_again(job, &changed);
    if (path && text && fst_file_replace(path, text))
        file->written = path;
    else
        free(path); /* it is a help, not a result */
    free(text);
}

/** Take the file's new contents as what is checked from here on. */
static bool reload(struct job *job, char *text)
{
    struct fst_expect_error error;

    fst_expectation_free(&job->expectation);
    free(job->text);
    job->text = text;
    job->len = strlen(text);
    if (fst_expectation_parse(&job->expectation, job->text, job->len, &error))
        return true;
    trouble(job->file, error.out_of_memory ? FST_EXIT_INTERNAL : FST_EXIT_USAGE, error.line, "%s",
            error.message);
    return false;
}

static void compare_again(struct job *job)
{
    fst_comparison_free(&job->file->comparison);
    job->file->update_helps = false;
    compare(job);
}

static void update(struct job *job)
{
    struct fst_checked *file = job->file;
    bool changed = false;
    char *text;

    file->done = "unchanged";
    if (!job->expectation.recorded && !job->arguments->record)
        file->done = "has no recorded part";
    if (!job->arguments->record && !file->update_helps)
        return;
    text = text_again(job, &changed);
    if (!text) {
        no_memory(file);
        return;
    }
    if (changed && !fst_file_replace(file->path, text)) {
        trouble(file, FST_EXIT_OUTPUT, 0, "cannot be written: %s", strerror(errno));
        changed = false;
    }
    if (!changed) {
        free(text);
        return;
    }
    file->done = "updated";
    if (reload(job, text))
        compare_again(job);
}

/* ---------------------------------------------------------------------------------- the whole --
 */

static void run(struct job *job)
{
    struct fst_checked *file = job->file;

    if (!observe(job) || !check_not_empty(job))
        return;
    compare(job);
    if (job->arguments->update && fst_checked_ran(file))
        update(job);
    if (file->has_file && fst_checked_ran(file) && !fst_in_ci())
        write_beside(job);
}

static void job_free(struct job *job)
{
    fst_seen_free(&job->observation.seen);
    fst_expectation_free(&job->expectation);
    free(job->pairs);
    free(job->text);
}

void fst_check_file(struct fst_checked *file, const struct fst_arguments *arguments,
                    const char *path, const char *capture)
{
    struct job job = {.file = file, .arguments = arguments};

    memset(file, 0, sizeof(*file));
    file->has_file = true;
    file->path = strdup(path);
    if (!file->path)
        no_memory(file);
    else if (load(&job) && find_capture(&job, capture))
        run(&job);
    job_free(&job);
}

void fst_check_capture(struct fst_checked *file, const struct fst_arguments *arguments,
                       const char *capture)
{
    struct job job = {.file = file, .arguments = arguments};

    memset(file, 0, sizeof(*file));
    file->path = strdup(capture);
    file->capture = strdup(capture);
    if (file->path && file->capture)
        run(&job);
    else
        no_memory(file);
    job_free(&job);
}

int fst_check_readable(const char *path)
{
    struct fst_checked file;
    struct job job = {.file = &file};
    int status;

    memset(&file, 0, sizeof(file));
    file.path = strdup(path);
    if (!file.path)
        no_memory(&file);
    else
        (void)load(&job);
    status = file.status;
    if (status != FST_EXIT_OK && file.trouble_line)
        fst_complain("%s:%u: %s", path, file.trouble_line, file.trouble);
    else if (status != FST_EXIT_OK)
        fst_complain("%s: %s", path, file.trouble ? file.trouble : fst_error_text(FST_ENOMEM));
    job_free(&job);
    fst_checked_free(&file);
    return status;
}

static void free_text(const char *text)
{
    union {
        const char *shown;
        char *owned;
    } pointer = {text};

    free(pointer.owned);
}

void fst_checked_free(struct fst_checked *file)
{
    free_text(file->path);
    free_text(file->capture);
    free_text(file->filter);
    free_text(file->other);
    free_text(file->trouble);
    free_text(file->written);
    fst_comparison_free(&file->comparison);
}
