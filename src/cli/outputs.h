/* SPDX-License-Identifier: MIT
 *
 * The outputs of a run, `-o FORMAT[:FILE]` each: opened together, closed together.
 */
#ifndef FST_CLI_OUTPUTS_H
#define FST_CLI_OUTPUTS_H

#include "cli/options.h"
#include "report/writer.h"

struct fst_outputs {
    size_t count;
    struct fst_writer writer[FST_OUTPUTS_MAX + 2]; /* those asked for, and GitHub's two */
    bool out_of_memory; /* a writer's memory was short; set by fst_outputs_finish() */
};

/** Check the formats asked for, without touching a file. @return exit status, after a message. */
int fst_outputs_check(const struct fst_arguments *arguments);

/** Whether one of the formats asked for, which are known to exist, looks at every segment. */
bool fst_outputs_want_segments(const struct fst_arguments *arguments);

/** Whether one of them is told of each finding when it is raised. */
bool fst_outputs_want_findings(const struct fst_arguments *arguments);

/** Whether one of them shows which packet made each step of a path. */
bool fst_outputs_want_path_packets(const struct fst_arguments *arguments);

/** Whether one of them shows paths or history. */
bool fst_outputs_want_paths(const struct fst_arguments *arguments);

/** Open what was asked for; text on standard output if nothing was. No file is changed before
 *  fst_outputs_begin(). @return exit status. */
int fst_outputs_open(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                     const struct fst_source *source);

/** One more output, to a descriptor that is open: standard output or error where `path` is NULL,
 * else a file that is closed with it. @return exit status, after a message. */
int fst_outputs_add(struct fst_outputs *outputs, const struct fst_arguments *arguments,
                    const char *format, int fd, const char *path);

/** Add the directories where files will be put in place; false when memory is short. */
bool fst_outputs_directories(const struct fst_outputs *outputs, struct fst_files *directories);

void fst_outputs_begin(struct fst_outputs *outputs);
void fst_outputs_finish(struct fst_outputs *outputs);

bool fst_outputs_failed(const struct fst_outputs *outputs);
bool fst_outputs_all_broken(const struct fst_outputs *outputs);

/** Memory was short: no result may be taken for the whole. */
void fst_outputs_spoil(struct fst_outputs *outputs);

/** Hand everything to the system and put files in place. @return FST_EXIT_OK, or FST_EXIT_OUTPUT
 * after a message. */
int fst_outputs_close(struct fst_outputs *outputs);

/** Free memory, also of outputs that were never finished: they leave their files as they were. */
void fst_outputs_release(struct fst_outputs *outputs);

/** How a file comes to be. */
enum fst_making {
    FST_AS_A_WHOLE,  /* it takes the place of an old one when it is finished, or not at all */
    FST_LINE_BY_LINE /* it grows by whole lines, which may be read meanwhile */
};

/**
 * A buffered output to a file, or to standard output when `path` is NULL; to be closed. The file is
 * not changed before fst_output_begin(). What is no regular file is written as it comes.
 *
 * @param inputs  Files that must not be overwritten by it, or NULL.
 * @return NULL after a message; *status says why.
 */
struct fst_out *fst_output_open(const char *path, enum fst_making making,
                                const struct fst_files *inputs, int *status);

/** Add the directory where the file will be put in place, if it will; false when memory is short.
 */
bool fst_output_directory(struct fst_out *out, struct fst_files *directories);

/** Empty the file. */
void fst_output_begin(struct fst_out *out);

/** Close, free, put in place, and complain if that failed. @return exit status. */
int fst_output_close(struct fst_out *out, const char *path);

/** Close and free; the file stays as it was. */
void fst_output_abandon(struct fst_out *out);

#endif
