/* SPDX-License-Identifier: MIT
 *
 * Expectation files on disk: finding them, reading them, putting new ones in their place.
 */
#ifndef FST_CLI_FILES_H
#define FST_CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

/** A list of file names, each owned. */
struct fst_files {
    size_t count;
    char **path;
};

/**
 * Add a file, or the *.expect files of a directory and below it, in byte order of their names.
 *
 * @return exit status, after a message: FST_EXIT_NOTHING for a directory without such files.
 */
int fst_files_add(struct fst_files *files, const char *path);
void fst_files_free(struct fst_files *files);

/** The octets of a file, to be freed; NULL with the reason in errno (EFBIG: beyond any sense). */
char *fst_file_read(const char *path, size_t *len);

/** Put `text` into a file as a whole or not at all: a new file takes the old one's place.
 *  @return false with the reason in errno. */
bool fst_file_replace(const char *path, const char *text);

/** The file that was perhaps meant by a name that does not exist, to be freed; NULL for none. */
char *fst_file_nearest(const char *path);

/** `name` seen from the directory that `path` is in, to be freed; NULL when memory is short. */
char *fst_file_beside(const char *path, const char *name);

#endif
