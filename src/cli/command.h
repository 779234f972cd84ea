/* SPDX-License-Identifier: MIT
 *
 * The commands, and what they have in common: exit status, messages on standard error.
 */
#ifndef FST_CLI_COMMAND_H
#define FST_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

enum fst_exit {
    FST_EXIT_OK = 0,
    FST_EXIT_FAILED = 1,  /* a finding at or above the level of --fail-on, or not as expected */
    FST_EXIT_USAGE = 2,   /* command line, filter or expectation file wrong */
    FST_EXIT_INPUT = 3,   /* input cannot be opened, or is no capture */
    FST_EXIT_DAMAGED = 4, /* input damaged; results are partial */
    FST_EXIT_NOTHING = 5, /* nothing to check: no file, or no connection in the capture */
    FST_EXIT_OUTPUT = 6,  /* results could not be written */
    FST_EXIT_DROPPED = 7, /* packets were dropped while capturing */
    FST_EXIT_INTERNAL = 8 /* out of memory */
};

enum fst_command_bit {
#define COMMAND(id, word, run, arguments, summary, example, page) FST_COMMAND_NUMBER_##id,
#include "cli/commands.def"
#undef COMMAND
    FST_COMMAND_COUNT
};

struct fst_arguments;

struct fst_command {
    const char *word;
    unsigned bit; /* 1 << its number, as in options.def */
    int (*run)(const struct fst_arguments *arguments);
    const char *arguments, *summary, *example, *page;
};

extern const struct fst_command fst_commands[FST_COMMAND_COUNT];

/** By its word; NULL if there is none. */
const struct fst_command *fst_command_find(const char *word);

#define COMMAND(id, word, run, arguments, summary, example, page)                                  \
    int run(const struct fst_arguments *arguments_);
#include "cli/commands.def"
#undef COMMAND

/** The page of `flowstate help`, or of one command, on standard output. @return exit status. */
int fst_help_print(const struct fst_command *command);

/** One line on standard error, "flowstate: " before it, made safe for a terminal. */
void fst_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Whether anything was complained of. */
bool fst_has_complained(void);

/** Whether two words differ at most in the case of ASCII letters. */
bool fst_same_word(const char *a, const char *b);

/** Complain about a word that is none of those `name_at` gives; names the nearest one, or all if
 *  none is near and they are few. */
void fst_complain_unknown(const char *what, const char *word,
                          const char *(*name_at)(const void *context, size_t index),
                          const void *context);

#endif
