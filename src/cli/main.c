/* SPDX-License-Identifier: MIT
 *
 * flowstate: look the first word up in commands.def and run it. A first word that is no command
 * belongs to `flows`.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/outputs.h"

const struct fst_command fst_commands[FST_COMMAND_COUNT] = {
#define COMMAND(id, word, run, arguments, summary, example, page)                                  \
    {word, 1u << FST_COMMAND_NUMBER_##id, run, arguments, summary, example, page},
#include "cli/commands.def"
#undef COMMAND
};

const struct fst_command *fst_command_find(const char *word)
{
    for (size_t i = 0; i < FST_COMMAND_COUNT; i++)
        if (strcmp(fst_commands[i].word, word) == 0)
            return &fst_commands[i];
    return NULL;
}

/** Keep 0, 1 and 2 taken, so that no file we open becomes one of them. What is written to a closed
 *  standard output must fail, not vanish. */
static void hold_standard_streams(void)
{
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};

    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
            exit(FST_EXIT_INTERNAL);
}

static int print_version(void)
{
    int status;
    struct fst_out *out = fst_output_open(NULL, FST_AS_A_WHOLE, NULL, &status);

    if (!out)
        return status;
    fst_out_print(out, "flowstate %s\n", fst_version());
    return fst_output_close(out, NULL);
}

static int run(const struct fst_command *command, const struct fst_arguments *arguments)
{
    if (arguments->version)
        return print_version();
    if (arguments->help)
        return fst_help_print(command);
    return arguments->command->run(arguments);
}

/** Whose the words are when the first is no command: -i is for `live`, -D for `devices`. */
static const struct fst_command *command_of_options(int argc, char **argv)
{
    if (argv[1][0] == '-' && fst_arguments_have(argc, argv, 1, 'D'))
        return fst_command_find("devices");
    if (argv[1][0] == '-' && fst_arguments_have(argc, argv, 1, 'i'))
        return fst_command_find("live");
    return &fst_commands[0];
}

int main(int argc, char **argv)
{
    const struct fst_command *command = argc > 1 ? fst_command_find(argv[1]) : NULL;
    struct fst_arguments arguments;
    int status;

    hold_standard_streams();
    signal(SIGPIPE, SIG_IGN); /* the write that fails tells, and nobody is left to complain to */
    if (argc < 2) {
        if (isatty(STDIN_FILENO))
            fst_complain("no capture named; try: flowstate FILE, or flowstate --help");
        else
            fst_complain("no capture named; try: flowstate - to read standard input, or "
                         "flowstate --help");
        return FST_EXIT_USAGE;
    }
    status = fst_arguments_read(&arguments, command ? command : command_of_options(argc, argv),
                                argc, argv, command ? 2 : 1);
    if (status == FST_EXIT_OK)
        status = run(command, &arguments);
    fst_arguments_free(&arguments);
    if (status == FST_EXIT_INTERNAL && !fst_has_complained())
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    return status;
}
