/* SPDX-License-Identifier: MIT
 *
 * flowstate flows, trace, explain and annotate, which differ in what is made of the packets: settle
 * which file, which connection and which filter are meant, then run.
 */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/captures.h"
#include "cli/filter_words.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/run.h"
#include "base/suggest.h"

static const char *command_word_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_COMMAND_COUNT ? fst_commands[index].word : NULL;
}

/** A first word that is no file and looks like a command was meant as one. */
static int check_mistyped_command(const char *word)
{
    struct stat info;
    const char *nearest = fst_suggest(word, command_word_at, NULL);

    if (!nearest || stat(word, &info) == 0 || strpbrk(word, "./"))
        return FST_EXIT_OK;
    fst_complain("unknown command \"%s\", and no such file; did you mean \"%s\"?", word, nearest);
    return FST_EXIT_USAGE;
}

static int pass(const struct fst_arguments *arguments)
{
    if (arguments->command->bit == 1u << FST_COMMAND_NUMBER_SPLIT)
        return fst_split_captures(arguments);
    return arguments->command->bit == 1u << FST_COMMAND_NUMBER_ANNOTATE ? fst_annotate(arguments)
                                                                        : fst_run(arguments);
}

static int no_capture(const struct fst_command *command)
{
    fst_complain("no capture named; try: flowstate %s FILE, or - to read standard input",
                 command->word);
    return FST_EXIT_USAGE;
}

/** For `explain`: the next word, if it is a number, is the connection. No filter begins with one.
 */
static int take_connection(struct fst_arguments *arguments)
{
    const char *word = arguments->word_count > 0 ? arguments->words[0] : "";
    uint64_t number;

    if (word[0] == '\0' || word[strspn(word, "0123456789")] != '\0')
        return FST_EXIT_OK;
    if (!fst_read_number(word, 1, UINT32_MAX, &number)) {
        fst_complain("connection %s: a number from 1 is needed, as the summary has them", word);
        return FST_EXIT_USAGE;
    }
    arguments->connection = (uint32_t)number;
    arguments->words++;
    arguments->word_count--;
    return FST_EXIT_OK;
}

/** Words that come first and are files: what a shell made of a pattern. */
static int take_captures(struct fst_arguments *arguments)
{
    int status = FST_EXIT_OK;

    while (status == FST_EXIT_OK && arguments->word_count > 0 &&
           fst_captures_are_meant(arguments->words[0])) {
        status = fst_captures_add(&arguments->captures, *arguments->words++);
        arguments->word_count--;
    }
    return status;
}

/** The first word, where no option named a capture. */
static int take_first_capture(struct fst_arguments *arguments)
{
    int status;

    if (arguments->word_count == 0)
        return no_capture(arguments->command);
    status = check_mistyped_command(arguments->words[0]);
    if (status != FST_EXIT_OK)
        return status;
    arguments->word_count--;
    return fst_captures_add(&arguments->captures, *arguments->words++);
}

static int run_command(struct fst_arguments *arguments)
{
    int status = FST_EXIT_OK;

    if (arguments->captures.count == 0)
        status = take_first_capture(arguments);
    if (status == FST_EXIT_OK)
        status = take_captures(arguments);
    if (status != FST_EXIT_OK)
        return status;
    arguments->file = arguments->captures.path[0];
    if (arguments->command->bit == 1u << FST_COMMAND_NUMBER_EXPLAIN)
        status = take_connection(arguments);
    return status == FST_EXIT_OK ? fst_run_filtered(arguments, pass) : status;
}

int fst_run_command(const struct fst_arguments *given)
{
    struct fst_arguments arguments = *given;
    int status = fst_outputs_check(given);
    bool good = true;

    if (status != FST_EXIT_OK)
        return status;
    arguments.captures = (struct fst_files){0, NULL};
    for (size_t i = 0; i < given->captures.count && good; i++)
        good = fst_files_append(&arguments.captures, given->captures.path[i]);
    if (good)
        status = run_command(&arguments);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    fst_arguments_free(&arguments);
    return good ? status : FST_EXIT_INTERNAL;
}

int fst_cmd_flows(const struct fst_arguments *arguments)
{
    return fst_run_command(arguments);
}

int fst_cmd_trace(const struct fst_arguments *arguments)
{
    return fst_run_command(arguments);
}

int fst_cmd_explain(const struct fst_arguments *arguments)
{
    return fst_run_command(arguments);
}

int fst_cmd_annotate(const struct fst_arguments *arguments)
{
    return fst_run_command(arguments);
}
