/* SPDX-License-Identifier: MIT
 *
 * Files on disk: finding them, reading them, putting new ones in their place.
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

/** Add a name, which is copied; false when memory is short. */
bool fst_files_append(struct fst_files *files, const char *path);

void fst_files_free(struct fst_files *files);

/** The octets of a file, to be freed; NULL with the reason in errno (EFBIG: beyond any sense). */
char *fst_file_read(const char *path, size_t *len);

/** A file being written beside the one it is to replace. */
struct fst_new_file {
    char *path, *temporary;
};

/** Begin a file that takes the place of `path` once it is whole, with the rights of the old one.
 *  @return its descriptor; -1 with the reason in errno. */
int fst_file_begin(struct fst_new_file *file, const char *path);

/** Put it in place if all went well, else remove it; the descriptor is closed already.
 *  @return whether it is in place; if not and `good`, errno has the reason. */
bool fst_file_end(struct fst_new_file *file, bool good);

/** Put `text` into a file as a whole or not at all: a new file takes the old one's place.
 *  @return false with the reason in errno. */
bool fst_file_replace(const char *path, const char *text);

/** The file that was perhaps meant by a name that does not exist, to be freed; NULL for none. */
char *fst_file_nearest(const char *path);

/** The directory that the path is in, to be freed; NULL when memory is short. */
char *fst_file_directory(const char *path);

/** Add the directory where a file is and, if it is a link, where it leads: where one of that name
 * is made anew. Nothing for what is no regular file. @return false when memory is short. */
bool fst_files_add_homes(struct fst_files *directories, const char *path);

/** `name` seen from the directory that `path` is in, to be freed; NULL when memory is short. */
char *fst_file_beside(const char *path, const char *name);

#endif
