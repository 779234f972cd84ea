/* SPDX-License-Identifier: MIT */
#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/suggest.h"
#include "cli/command.h"
#include "flowstate/flowstate.h"

#define FILE_MAX  ((size_t)64 * 1024 * 1024)
#define DEPTH_MAX 32
#define ENDING    ".expect"

/* ----------------------------------------------------------------------------------- finding -- */

static bool add(struct fst_files *files, char *path)
{
    char **list = path ? realloc(files->path, (files->count + 1) * sizeof(*list)) : NULL;

    if (!list) {
        free(path);
        return false;
    }
    list[files->count++] = path;
    files->path = list;
    return true;
}

static bool is_expectation(const char *name)
{
    size_t len = strlen(name);

    return len > strlen(ENDING) && strcmp(name + len - strlen(ENDING), ENDING) == 0;
}

static char *join(const char *directory, const char *name)
{
    struct fst_strbuf path = {0};
    size_t len = strlen(directory);

    if (strcmp(directory, ".") != 0)
        fst_strbuf_print(&path, "%s%s", directory, directory[len - 1] == '/' ? "" : "/");
    fst_strbuf_add(&path, name);
    return fst_strbuf_take(&path);
}

static bool add_below(struct fst_files *files, const char *directory, unsigned depth);

/** One entry of a directory; takes `path`. Links to directories are not followed: no cycles. */
static bool add_entry(struct fst_files *files, char *path, unsigned depth)
{
    struct stat info;
    bool good = true;

    if (!path)
        return false;
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
        good = depth == 0 || add_below(files, path, depth - 1);
    else if (is_expectation(path))
        return add(files, path);
    free(path);
    return good;
}

static bool add_below(struct fst_files *files, const char *directory, unsigned depth)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    bool good = true;

    if (!stream) {
        fst_complain("%s: %s", directory, strerror(errno));
        return true; /* what could not be looked into is told; the rest is checked */
    }
    while (good && (entry = readdir(stream)) != NULL)
        if (entry->d_name[0] != '.')
            good = add_entry(files, join(directory, entry->d_name), depth);
    closedir(stream);
    return good;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

int fst_files_add(struct fst_files *files, const char *path)
{
    size_t before = files->count;
    struct stat info;
    bool directory = stat(path, &info) == 0 && S_ISDIR(info.st_mode);

    if (directory ? !add_below(files, path, DEPTH_MAX) : !add(files, strdup(path))) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    if (files->count == before) {
        fst_complain("%s: no %s file in this directory or below it, so there is nothing to check; "
                     "write one: flowstate check --record CAPTURE",
                     path, ENDING);
        return FST_EXIT_NOTHING;
    }
    qsort(files->path + before, files->count - before, sizeof(*files->path), by_name);
    return FST_EXIT_OK;
}

bool fst_files_append(struct fst_files *files, const char *path)
{
    return add(files, strdup(path));
}

void fst_files_free(struct fst_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->path[i]);
    free(files->path);
    *files = (struct fst_files){0, NULL};
}

/* ----------------------------------------------------------------------- what was meant perhaps --
 */

#define LISTED_MAX 10000 /* of a larger directory not all is looked at */

static const char *path_at(const void *context, size_t index)
{
    const struct fst_files *files = context;

    return index < files->count ? files->path[index] : NULL;
}

static bool list(struct fst_files *files, const char *directory)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    bool good = stream != NULL;

    while (good && files->count < LISTED_MAX && (entry = readdir(stream)) != NULL)
        if (entry->d_name[0] != '.')
            good = add(files, strdup(entry->d_name));
    if (stream)
        closedir(stream);
    return good;
}

char *fst_file_nearest(const char *path)
{
    const char *slash = strrchr(path, '/'), *nearest = NULL;
    char *directory = fst_file_beside(path, ".");
    struct fst_files names = {0, NULL};
    char *meant;

    if (directory && list(&names, directory) && names.count > 0) {
        qsort(names.path, names.count, sizeof(*names.path), by_name);
        nearest = fst_suggest(slash ? slash + 1 : path, path_at, &names);
    }
    meant = nearest ? fst_file_beside(path, nearest) : NULL;
    fst_files_free(&names);
    free(directory);
    return meant;
}

/* ----------------------------------------------------------------------------------- reading -- */

char *fst_file_read(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct fst_strbuf text = {0};
    char part[65536];
    ssize_t got = 0;

    if (fd < 0)
        return NULL;
    errno = 0;
    do {
        got = read(fd, part, sizeof(part));
        if (got > 0)
            fst_strbuf_add_octets(&text, part, (size_t)got);
        if (text.len > FILE_MAX) {
            errno = EFBIG;
            got = -1;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    *len = text.len;
    if (got < 0 || text.failed) {
        int error = text.failed ? ENOMEM : errno;

        fst_strbuf_free(&text);
        close(fd);
        errno = error;
        return NULL;
    }
    close(fd);
    return fst_strbuf_take(&text);
}

/* ----------------------------------------------------------------------------------- writing -- */

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t wrote = write(fd, text, left);

        if (wrote < 0 && errno != EINTR)
            return false;
        if (wrote > 0) {
            text += wrote;
            left -= (size_t)wrote;
        }
    }
    return true;
}

/** The rights of the file that is replaced, or those a new file gets. */
static mode_t mode_for(const char *path)
{
    struct stat info;
    mode_t mask;

    if (stat(path, &info) == 0)
        return info.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/** What a name leads to: of a link the file it points at, which is what is to be replaced. */
static char *target_of(const char *path)
{
    char *target = realpath(path, NULL);

    return target || errno == ENOMEM ? target : strdup(path);
}

int fst_file_begin(struct fst_new_file *file, const char *path)
{
    struct fst_strbuf name = {0};
    int fd;

    *file = (struct fst_new_file){.path = target_of(path)};
    if (!file->path)
        return -1;
    fst_strbuf_print(&name, "%s.XXXXXX", file->path);
    file->temporary = fst_strbuf_take(&name);
    errno = ENOMEM;
    fd = file->temporary ? mkstemp(file->temporary) : -1;
    if (fd >= 0 && (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fchmod(fd, mode_for(path)) != 0)) {
        close(fd);
        fd = -1;
        (void)fst_file_end(file, false);
    } else if (fd < 0) {
        free(file->temporary);
        file->temporary = NULL; /* it was not made */
        (void)fst_file_end(file, false);
    }
    return fd;
}

bool fst_file_end(struct fst_new_file *file, bool good)
{
    int error;

    good = good && rename(file->temporary, file->path) == 0;
    error = errno;
    if (!good && file->temporary)
        unlink(file->temporary);
    free(file->temporary);
    free(file->path);
    *file = (struct fst_new_file){NULL, NULL};
    errno = error;
    return good;
}

bool fst_file_replace(const char *path, const char *text)
{
    struct fst_new_file file;
    int fd = fst_file_begin(&file, path);
    bool good;

    if (fd < 0)
        return false;
    good = write_all(fd, text);
    good = close(fd) == 0 && good;
    return fst_file_end(&file, good);
}

char *fst_file_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;

    if (!slash)
        return strdup(".");
    return strndup(path, len > 0 ? len : 1);
}

static bool add_home(struct fst_files *directories, const char *path)
{
    return add(directories, fst_file_directory(path));
}

bool fst_files_add_homes(struct fst_files *directories, const char *path)
{
    struct stat info;
    char *target;
    bool good;

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return true;
    target = target_of(path);
    good = target && add_home(directories, path) && add_home(directories, target);
    free(target);
    return good;
}

char *fst_file_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    struct fst_strbuf text = {0};

    if (slash && *name != '/')
        fst_strbuf_add_octets(&text, path, (size_t)(slash + 1 - path));
    fst_strbuf_add(&text, name);
    return fst_strbuf_take(&text);
}
