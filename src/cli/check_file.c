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

static bool load(struct job *job)
{
    struct fst_checked *file = job->file;
    struct fst_expect_error error;

    job->text = fst_file_read(file->path, &job->len);
    if (!job->text) {
        trouble(file, errno == ENOMEM ? FST_EXIT_INTERNAL : FST_EXIT_USAGE, 0, "cannot be read: %s",
                strerror(errno));
        return false;
    }
    if (!fst_expectation_parse(&job->expectation, job->text, job->len, &error)) {
        trouble(file, error.out_of_memory ? FST_EXIT_INTERNAL : FST_EXIT_USAGE, error.line, "%s",
                error.message);
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
        .filter = filter,
        .lossless = arguments->lossless || job->expectation.lossless,
        .max_flows = arguments->max_flows,
        .level = level_of(job),
    };
    status = filters ? fst_observe_capture(&job->observation) : FST_EXIT_INTERNAL;
    file->filter = filter;
    good = status == FST_EXIT_OK || (status == FST_EXIT_DAMAGED && job->expectation.allow_damaged);
    if (!good)
        trouble(file, status, job->observation.bad_filter ? job->expectation.only_line : 0, "%s%s",
                job->observation.diag.message,
                status == FST_EXIT_DAMAGED && file->has_file
                    ? "; \"allow damaged\" in the file accepts that"
                    : "");
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
    trouble(file, FST_EXIT_NOTHING, 0, "no TCP connection in %s%s%s%s, so nothing was checked%s%s",
            file->capture, job->expectation.only ? " matches \"" : "",
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

/* ------------------------------------------------------------------------------------ record -- */

/** The capture's name without what tells its format, and ".expect"; to be freed. */
static char *name_for(const char *capture)
{
    static const char *const endings[] = {".gz", ".zst", ".lz4", ".pcapng", ".pcap", ".cap"};
    struct fst_strbuf name = {0};
    size_t len = strlen(capture);

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);

        if (len > ending && strncmp(capture + len - ending, endings[i], ending) == 0 &&
            capture[len - ending - 1] != '/')
            len -= ending;
    }
    fst_strbuf_add_octets(&name, capture, len);
    fst_strbuf_add(&name, ".expect");
    return fst_strbuf_take(&name);
}

/** How the file names the capture, as seen from the file's own directory; to be freed. */
static char *capture_name(const char *capture, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash + 1 - path) : 0; /* of the directory and its slash */
    struct fst_strbuf name = {0};

    if (strncmp(capture, path, len) == 0)
        return strdup(capture + len);
    for (size_t at = 0; *capture != '/' && *path != '/' && at < len;) {
        size_t part = strcspn(path + at, "/");

        if (part > 0 && strncmp(path + at, ".", part) != 0)
            fst_strbuf_add(&name, "../");
        at += part + 1;
    }
    fst_strbuf_add(&name, capture);
    return fst_strbuf_take(&name);
}

static int write_new(const char *path, const char *text)
{
    if (strcmp(path, "-") == 0)
        return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? FST_EXIT_OUTPUT : FST_EXIT_OK;
    if (access(path, F_OK) == 0) {
        fst_complain("%s: exists; to write its recorded part anew: flowstate check --update %s",
                     path, path);
        return FST_EXIT_USAGE;
    }
    if (fst_file_replace(path, text))
        return FST_EXIT_OK;
    fst_complain("%s: cannot be written: %s", path, strerror(errno));
    return FST_EXIT_OUTPUT;
}

static int write_recording(const struct fst_arguments *arguments,
                           const struct fst_observation *observation, bool damaged,
                           const char *path)
{
    char *name = capture_name(observation->path, path);
    struct fst_record_head head = {name, arguments->filter, arguments->lossless, damaged};
    char *text = name ? fst_record_new(&head, &observation->seen) : NULL;
    int status = FST_EXIT_INTERNAL;

    if (text)
        status = write_new(path, text);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    free(name);
    free(text);
    return status;
}

/** What a person should know before the file is committed. */
static int tell(const struct fst_observation *observation, int observed, const char *path)
{
    if (observed == FST_EXIT_DAMAGED)
        fst_complain("%s; the file says \"allow damaged\"", observation->diag.message);
    if (observation->seen.flow_count == 0)
        fst_complain("%s: no TCP connection in it; the file says \"assert flows = 0\"",
                     observation->path);
    if (strcmp(path, "-") != 0)
        printf("%s   written, %zu flow%s; to check it: flowstate check %s\n", path,
               observation->seen.flow_count, observation->seen.flow_count == 1 ? "" : "s", path);
    return fflush(stdout) == 0 ? observed : FST_EXIT_OUTPUT;
}

int fst_check_record(const struct fst_arguments *arguments, const char *capture, const char *path)
{
    struct fst_observation observation = {.path = capture,
                                          .filter = arguments->filter,
                                          .lossless = arguments->lossless,
                                          .max_flows = arguments->max_flows,
                                          .level = arguments->level};
    char *name = path ? strdup(path) : name_for(capture);
    int observed = fst_observe_capture(&observation), status = observed;

    if (!name)
        status = FST_EXIT_INTERNAL;
    else if (observed == FST_EXIT_OK || observed == FST_EXIT_DAMAGED)
        status = write_recording(arguments, &observation, observed == FST_EXIT_DAMAGED, name);
    else
        fst_complain("%s", observation.diag.message);
    if (status == FST_EXIT_OK)
        status = tell(&observation, observed, name);
    fst_seen_free(&observation.seen);
    free(name);
    return status;
}
