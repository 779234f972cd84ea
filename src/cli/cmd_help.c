/* SPDX-License-Identifier: MIT
 *
 * flowstate help, --help: the page of the program, which fits 24 lines, and those of its commands.
 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/outputs.h"

static void put_overview(struct fst_out *out)
{
    fst_out_text(out,
                 "usage: flowstate [COMMAND] {[-r] FILE | -i INTERFACE} [OPTIONS] [BPF FILTER]\n"
                 "In which RFC 9293 state is each end of every TCP connection of a capture?\n\n");
    for (size_t i = 0; i < FST_COMMAND_COUNT; i++)
        fst_out_print(out, "  %-8s %s\n", fst_commands[i].word, fst_commands[i].summary);
    fst_out_text(
        out, "\n"
             "for example: flowstate web.pcap port 443   flowstate explain web.pcap 13\n"
             "  -r FILE       pcap or pcapng, plain or packed (gzip, zstd, lz4); - is stdin\n"
             "  -o F[:FILE]   text, json, ndjson, zeek, csv, ecs, svg ...; repeatable\n"
             "  -f FILTER     pcap-filter(7), also as last words;  -c COUNT  stop early\n"
             "  -a all rows  -q rows only  -v more  --fail-on CLASS  --lossless  --max-flows N\n"
             "exit: 0 fine 1 failed 2 usage 3 input 4 damaged 5 nothing 6 output 7 drops 8 bug\n");
}

static void put_option(struct fst_out *out, const struct fst_option_row *row)
{
    char names[64];

    if (row->argument && row->argument[0] == '[') /* --record[=LEVEL] */
        snprintf(names, sizeof(names), "    %s[=%s", row->name, row->argument + 1);
    else
        snprintf(names, sizeof(names), "%c%c%s%s%s%s", row->letter ? '-' : ' ',
                 row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
    fst_out_print(out, "  %-28s %s\n", names, row->help);
}

static void put_page(struct fst_out *out, const struct fst_command *command)
{
    const struct fst_option_row *row;

    fst_out_print(out, "usage: flowstate %s %s\n\n%s\n", command->word, command->arguments,
                  command->summary);
    if (*command->page != '\0')
        fst_out_print(out, "\n%s", command->page);
    fst_out_text(out, "\noptions:\n");
    for (size_t i = 0; (row = fst_option_at(i)) != NULL; i++)
        if (row->commands & command->bit)
            put_option(out, row);
    fst_out_print(out, "\nexample:\n  %s\n", command->example);
}

int fst_help_print(const struct fst_command *command)
{
    int status;
    struct fst_out *out = fst_output_open(NULL, FST_AS_A_WHOLE, NULL, &status);

    if (!out)
        return status;
    if (command)
        put_page(out, command);
    else
        put_overview(out);
    return fst_output_close(out, NULL);
}

static const char *command_word_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_COMMAND_COUNT ? fst_commands[index].word : NULL;
}

int fst_cmd_help(const struct fst_arguments *arguments)
{
    const struct fst_command *command;

    if (arguments->word_count == 0)
        return fst_help_print(NULL);
    command = fst_command_find(arguments->words[0]);
    if (command && arguments->word_count == 1)
        return fst_help_print(command);
    fst_complain_unknown("command", arguments->words[command ? 1 : 0], command_word_at, NULL);
    return FST_EXIT_USAGE;
}
