/* SPDX-License-Identifier: MIT
 *
 * From the words of the command line to what the user wants. The options are in options.def.
 */
#ifndef FST_CLI_OPTIONS_H
#define FST_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "cli/files.h"
#include "expect/expectation.h"
#include "flowstate/flowstate.h"

#define FST_OUTPUTS_MAX 8
#define FST_LOCAL_MAX   16

enum fst_color { FST_COLOR_AUTO, FST_COLOR_ALWAYS, FST_COLOR_NEVER };

struct fst_output {
    const char *format; /* owned, without the file */
    const char *path;   /* part of argv; NULL is standard output */
};

struct fst_arguments {
    const struct fst_command *command;
    const char *file; /* -r, the first of `captures` */
    struct fst_files captures;
    const char *filter; /* -f */
    const char *where;  /* --where, understood */
    const char *write;  /* -w */
    size_t output_count;
    struct fst_output output[FST_OUTPUTS_MAX];
    char formats[FST_OUTPUTS_MAX][16];
    uint64_t count; /* 0 is no limit */
    uint32_t max_flows;
    uint32_t threads; /* 0 if not asked */
    uint16_t community_id_seed;
    enum fst_color color;
    enum fst_class fail_on; /* FST_CLASS_COUNT if not asked */
    uint32_t connection;    /* which one is asked about, 0 if it was not said */
    bool all, absolute, quiet, verbose, lossless, ascii, utf8, packets;
    bool record, update, merge; /* check */
    enum fst_level level;       /* of --record or --level */
    const char *interface;      /* -i */
    const char *expect;
    uint32_t snap_len, buffer_kib; /* 0 if not asked */
    uint64_t max_drop;
    bool not_promiscuous;
    bool no_sandbox;
    uint32_t shards; /* 0 if not asked */
    /* live: */
    uint32_t rotate_megabytes, rotate_seconds, rotate_files; /* 0 if not asked */
    uint32_t linger_s, idle_s, interval_s;                   /* UINT32_MAX if not asked */
    const char *flagged;                                     /* --write-flagged */
    enum fst_class flag_on;                                  /* FST_CLASS_COUNT if not asked */
    double speed;                                            /* 0 if not asked */
    bool max_drop_given;     /* also of record, as the two others of this name */
    double max_drop_percent; /* 0: it is a number */
    bool list;
    size_t local_count;
    struct fst_address local[FST_LOCAL_MAX];
    bool help, version;
    size_t word_count;
    char **words; /* those that are no options; points into argv, reordered */
};

/**
 * Read argv[first] and what follows, for `command`.
 *
 * @param argv  Its entries from `first` on are reordered: words are moved to the front.
 * @return FST_EXIT_OK, or FST_EXIT_USAGE after a message.
 */
int fst_arguments_read(struct fst_arguments *arguments, const struct fst_command *command, int argc,
                       char **argv, int first);

/** Frees what fst_arguments_read() allocated; also after it failed. */
void fst_arguments_free(struct fst_arguments *arguments);

/** Whether more packets were dropped than --max-drop allows; `read` are those that were not.
 * Without it, none are allowed. */
bool fst_too_many_dropped(const struct fst_arguments *arguments, uint64_t dropped, uint64_t read);

/** Whether an option of this letter is among the words, before it is known whose options they are.
 */
bool fst_arguments_have(int argc, char **argv, int first, char letter);

/** A decimal number from `low` to `most`, nothing before or after it. */
bool fst_read_number(const char *text, uint64_t low, uint64_t most, uint64_t *number);

/** The options a command takes, for its help page; NULL past the last. */
struct fst_option_row {
    unsigned id;
    char letter;
    const char *name, *argument; /* "--read", "FILE", or "[LEVEL]" if it can be left out */
    unsigned commands;
    const char *help;
};
const struct fst_option_row *fst_option_at(size_t index);

#endif
