/* SPDX-License-Identifier: MIT */
#include "cli/captures.h"

#include <glob.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

static bool is_pattern(const char *word)
{
    struct stat info;

    return strpbrk(word, "*?[") != NULL && stat(word, &info) != 0;
}

static int out_of_memory(void)
{
    fst_complain("%s", fst_error_text(FST_ENOMEM));
    return FST_EXIT_INTERNAL;
}

/** A capture read twice shows everything twice. */
static int add(struct fst_files *captures, const char *path)
{
    for (size_t i = 0; i < captures->count; i++) {
        if (strcmp(captures->path[i], path) != 0)
            continue;
        fst_complain("%s: is named twice; a capture is read once", path);
        return FST_EXIT_USAGE;
    }
    return fst_files_append(captures, path) ? FST_EXIT_OK : out_of_memory();
}

static int add_matches(struct fst_files *captures, const char *pattern)
{
    glob_t found;
    int failed = glob(pattern, 0, NULL, &found), status = FST_EXIT_OK;

    if (failed == GLOB_NOSPACE)
        return out_of_memory();
    if (failed) {
        fst_complain("%s: no file has such a name", pattern);
        return FST_EXIT_INPUT;
    }
    for (size_t i = 0; i < found.gl_pathc && status == FST_EXIT_OK; i++)
        status = add(captures, found.gl_pathv[i]);
    globfree(&found);
    return status;
}

int fst_captures_add(struct fst_files *captures, const char *word)
{
    if (is_pattern(word))
        return add_matches(captures, word);
    return add(captures, word);
}

static bool matches_a_file(const char *pattern)
{
    glob_t found;
    bool any = glob(pattern, 0, NULL, &found) == 0;

    if (any)
        globfree(&found);
    return any;
}

bool fst_captures_are_meant(const char *word)
{
    struct stat info;

    if (word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] == '\0' ||
        word[strspn(word, "0123456789")] == '\0')
        return false;
    return is_pattern(word) ? matches_a_file(word) : stat(word, &info) == 0;
}

void fst_allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int fst_captures_open(struct fst_capture **out, const struct fst_files *captures,
                      struct fst_diag *diag)
{
    int error = fst_capture_new(out, diag);

    if (captures->count > FST_FILES_FEW)
        fst_allow_many_files();
    for (size_t i = 0; i < captures->count && !error; i++)
        error = fst_capture_add(*out, captures->path[i], diag);
    if (error) {
        fst_capture_close(*out);
        *out = NULL;
    }
    return error;
}

uint64_t fst_captures_size(const struct fst_files *captures)
{
    uint64_t total = 0;

    for (size_t i = 0; i < captures->count; i++) {
        const char *path = captures->path[i];
        struct stat info;
        int failed = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &info) : stat(path, &info);

        if (failed || !S_ISREG(info.st_mode))
            return 0;
        total += (uint64_t)info.st_size;
    }
    return total;
}
