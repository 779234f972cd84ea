/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

#include "cli/captures.h"
#include "where/where.h"

enum {
#define OPTION(id, letter, name, argument, commands, help) OPTION_##id,
#include "cli/options.def"
#undef OPTION
    OPTION_ROWS
};

/* The words the table uses for commands. */
enum {
#define COMMAND(id, word, run, arguments, summary, example, page) id = 1 << FST_COMMAND_NUMBER_##id,
#include "cli/commands.def"
#undef COMMAND
};

static const struct fst_option_row rows[OPTION_ROWS] = {
#define OPTION(id, letter, name, argument, commands, help)                                         \
    {OPTION_##id, letter, "--" name, argument, commands, help},
#include "cli/options.def"
#undef OPTION
};

const struct fst_option_row *fst_option_at(size_t index)
{
    return index < OPTION_ROWS ? &rows[index] : NULL;
}

/* ----------------------------------------------------------------------------------- arguments --
 */

static int wrong(const struct fst_option_row *row, const char *value, const char *wanted)
{
    fst_complain("%s %s: %s", row->name, value, wanted);
    return FST_EXIT_USAGE;
}

bool fst_read_number(const char *text, uint64_t low, uint64_t most, uint64_t *number)
{
    *number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        if (*number > (most - (uint64_t)(*text - '0')) / 10)
            return false;
        *number = *number * 10 + (uint64_t)(*text - '0');
    }
    return *number >= low;
}

static const char *class_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_CLASS_COUNT ? fst_class_name((enum fst_class)index) : NULL;
}

static int read_class(const char *value, enum fst_class *class_)
{
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        if (fst_same_word(value, fst_class_name((enum fst_class)i))) {
            *class_ = (enum fst_class)i;
            return FST_EXIT_OK;
        }
    }
    fst_complain_unknown("class for --fail-on", value, class_at, NULL);
    return FST_EXIT_USAGE;
}

static const char *color_at(const void *context, size_t index)
{
    static const char *const names[] = {"auto", "always", "never"};

    (void)context;
    return index < 3 ? names[index] : NULL;
}

static int read_color(const char *value, enum fst_color *color)
{
    for (unsigned i = 0; i < 3; i++) {
        if (fst_same_word(value, color_at(NULL, i))) {
            *color = (enum fst_color)i;
            return FST_EXIT_OK;
        }
    }
    fst_complain_unknown("value for --color", value, color_at, NULL);
    return FST_EXIT_USAGE;
}

static const char *level_at(const void *context, size_t index)
{
    (void)context;
    return index < FST_LEVEL_COUNT ? fst_level_name((enum fst_level)index) : NULL;
}

static int read_level(const char *value, enum fst_level *level)
{
    for (unsigned i = 0; i < FST_LEVEL_COUNT; i++) {
        if (strcmp(value, level_at(NULL, i)) == 0) {
            *level = (enum fst_level)i;
            return FST_EXIT_OK;
        }
    }
    fst_complain_unknown("level", value, level_at, NULL);
    return FST_EXIT_USAGE;
}

static int add_output(struct fst_arguments *arguments, const struct fst_option_row *row,
                      const char *value)
{
    const char *colon = strchr(value, ':');
    size_t len = colon ? (size_t)(colon - value) : strlen(value);
    char *format;

    if (arguments->output_count == FST_OUTPUTS_MAX)
        return wrong(row, value, "too many outputs");
    format = arguments->formats[arguments->output_count];
    if (len >= sizeof(arguments->formats[0])) /* the start is enough to say what is unknown */
        len = sizeof(arguments->formats[0]) - 1;
    memcpy(format, value, len);
    format[len] = '\0';
    if (colon && colon[1] == '\0')
        return wrong(row, value, "a file name is missing after the colon");
    arguments->output[arguments->output_count].format = format;
    arguments->output[arguments->output_count].path =
        colon && strcmp(colon + 1, "-") != 0 ? colon + 1 : NULL;
    arguments->output_count++;
    return FST_EXIT_OK;
}

static int set_file(struct fst_arguments *arguments, const char *value)
{
    int status = fst_captures_add(&arguments->captures, value);

    if (status == FST_EXIT_OK)
        arguments->file = arguments->captures.path[0];
    return status;
}

static int set_filter(struct fst_arguments *arguments, const char *value)
{
    if (arguments->filter) {
        fst_complain("-f %s: a filter was given before; join them with \"and\"", value);
        return FST_EXIT_USAGE;
    }
    arguments->filter = value;
    return FST_EXIT_OK;
}

static int set_where(struct fst_arguments *arguments, const char *value)
{
    char message[FST_WHERE_MESSAGE_MAX];
    struct fst_where *where;
    int error = arguments->where ? 0 : fst_where_parse(&where, value, message);

    if (arguments->where)
        fst_complain("--where %s: one was given before; join them with \"and\"", value);
    else if (error)
        fst_complain("--where: %s", message);
    else
        fst_where_free(where);
    if (arguments->where || error)
        return error == FST_ENOMEM ? FST_EXIT_INTERNAL : FST_EXIT_USAGE;
    arguments->where = value;
    return FST_EXIT_OK;
}

static int set_value(struct fst_arguments *arguments, const struct fst_option_row *row,
                     const char *value)
{
    uint64_t number;

    switch (row->id) {
    case OPTION_READ:
        return set_file(arguments, value);
    case OPTION_FILTER:
        return set_filter(arguments, value);
    case OPTION_WHERE:
        return set_where(arguments, value);
    case OPTION_OUTPUT:
        return add_output(arguments, row, value);
    case OPTION_TO_FILE:
        arguments->record = true;
        return read_level(value, &arguments->level);
    case OPTION_LEVEL:
        return read_level(value, &arguments->level);
    case OPTION_INTERFACE:
        arguments->interface = value;
        return FST_EXIT_OK;
    case OPTION_WRITE:
        arguments->write = value;
        return FST_EXIT_OK;
    case OPTION_EXPECT:
        arguments->expect = value;
        return FST_EXIT_OK;
    case OPTION_SNAP_LEN:
        if (!fst_read_number(value, 64, 262144, &number))
            return wrong(row, value, "a number from 64 to 262144 is needed");
        arguments->snap_len = (uint32_t)number;
        return FST_EXIT_OK;
    case OPTION_BUFFER:
        if (!fst_read_number(value, 1, 2097151, &number))
            return wrong(row, value, "a number from 1 to 2097151 is needed");
        arguments->buffer_kib = (uint32_t)number;
        return FST_EXIT_OK;
    case OPTION_MAX_DROP:
        if (!fst_read_number(value, 0, UINT64_MAX, &arguments->max_drop))
            return wrong(row, value, "a number from 0 is needed");
        return FST_EXIT_OK;
    case OPTION_SHARDS:
        if (!fst_read_number(value, 1, 1024, &number))
            return wrong(row, value, "a number from 1 to 1024 is needed");
        arguments->shards = (uint32_t)number;
        return FST_EXIT_OK;
    case OPTION_FAIL_ON:
        return read_class(value, &arguments->fail_on);
    case OPTION_COLOR:
        return read_color(value, &arguments->color);
    case OPTION_COUNT:
        if (!fst_read_number(value, 1, UINT64_MAX, &number))
            return wrong(row, value, "a number from 1 is needed");
        arguments->count = number;
        return FST_EXIT_OK;
    case OPTION_CONNECTION:
        if (!fst_read_number(value, 1, UINT32_MAX, &number))
            return wrong(row, value, "a number from 1 is needed, as the summary has them");
        arguments->connection = (uint32_t)number;
        return FST_EXIT_OK;
    case OPTION_MAX_FLOWS:
        if (!fst_read_number(value, 1, UINT32_MAX, &number))
            return wrong(row, value, "a number from 1 to 4294967295 is needed");
        arguments->max_flows = (uint32_t)number;
        return FST_EXIT_OK;
    default: /* OPTION_SEED */
        if (!fst_read_number(value, 0, UINT16_MAX, &number))
            return wrong(row, value, "a number from 0 to 65535 is needed");
        arguments->community_id_seed = (uint16_t)number;
        return FST_EXIT_OK;
    }
}

/** An option without an argument, or whose argument was left out. */
static void set_flag(struct fst_arguments *arguments, const struct fst_option_row *row)
{
    switch (row->id) {
    case OPTION_TO_FILE:
        arguments->record = true;
        break;
    case OPTION_ALL:
        arguments->all = true;
        break;
    case OPTION_ABSOLUTE:
        arguments->absolute = true;
        break;
    case OPTION_QUIET:
        arguments->quiet = true;
        break;
    case OPTION_VERBOSE:
        arguments->verbose = true;
        break;
    case OPTION_LOSSLESS:
        arguments->lossless = true;
        break;
    case OPTION_ASCII:
        arguments->ascii = true;
        break;
    case OPTION_UPDATE:
        arguments->update = true;
        break;
    case OPTION_MERGE:
        arguments->merge = true;
        break;
    case OPTION_PROMISCUOUS:
        arguments->not_promiscuous = true;
        break;
    case OPTION_UTF8:
        arguments->utf8 = true;
        break;
    case OPTION_PACKETS:
        arguments->packets = true;
        break;
    case OPTION_NO_SANDBOX:
        arguments->no_sandbox = true;
        break;
    case OPTION_HELP:
        arguments->help = true;
        break;
    case OPTION_VERSION:
        arguments->version = true;
        break;
    default: /* OPTION_NUMERIC: nothing is ever looked up */
        break;
    }
}

/* ---------------------------------------------------------------------------------- the words --
 */

struct reader {
    struct fst_arguments *arguments;
    int argc, next;
    char **argv;
};

static const char *long_name_at(const void *context, size_t index)
{
    const struct fst_option_row *row = fst_option_at(index);

    (void)context;
    return row ? row->name : NULL;
}

static int unknown_option(const struct reader *reader, const char *option)
{
    fst_complain_unknown("option", option, long_name_at, NULL);
    fst_complain("see: flowstate help %s", reader->arguments->command->word);
    return FST_EXIT_USAGE;
}

/** Whether the command takes the option; complains if it does not. */
static int check_command(const struct reader *reader, const struct fst_option_row *row)
{
    const struct fst_command *command = reader->arguments->command;

    if (row->commands & command->bit)
        return FST_EXIT_OK;
    fst_complain("%s has no meaning for \"%s\"; see: flowstate help %s", row->name, command->word,
                 command->word);
    return FST_EXIT_USAGE;
}

/** Apply an option; `attached` is its argument if it stood in the same word. */
static int apply(struct reader *reader, const struct fst_option_row *row, const char *attached)
{
    if (check_command(reader, row) != FST_EXIT_OK)
        return FST_EXIT_USAGE;
    if (!row->argument || (!attached && row->argument[0] == '[')) {
        set_flag(reader->arguments, row);
        return FST_EXIT_OK;
    }
    if (!attached) {
        if (reader->next == reader->argc) {
            fst_complain("%s needs its %s", row->name, row->argument);
            return FST_EXIT_USAGE;
        }
        attached = reader->argv[reader->next++];
    }
    return set_value(reader->arguments, row, attached);
}

static int read_long(struct reader *reader, const char *word)
{
    size_t len = strcspn(word, "=");
    const char *value = word[len] == '=' ? word + len + 1 : NULL;

    for (size_t i = 0; i < OPTION_ROWS; i++) {
        if (strlen(rows[i].name) != len || strncmp(rows[i].name, word, len) != 0)
            continue;
        if (value && !rows[i].argument) {
            fst_complain("%s takes no value", rows[i].name);
            return FST_EXIT_USAGE;
        }
        return apply(reader, &rows[i], value);
    }
    return unknown_option(reader, word);
}

static const struct fst_option_row *row_of_letter(char letter)
{
    for (size_t i = 0; i < OPTION_ROWS; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

/** "-q", "-qS", "-c10", "-c" "10". */
static int read_letters(struct reader *reader, const char *word)
{
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const struct fst_option_row *row = row_of_letter(*letter);
        bool ends = row && row->argument; /* the rest of the word is its argument */
        char option[3] = {'-', *letter, '\0'};
        int status;

        if (!row)
            return unknown_option(reader, option);
        status = apply(reader, row, ends && letter[1] != '\0' ? letter + 1 : NULL);
        if (status != FST_EXIT_OK || ends)
            return status;
    }
    return FST_EXIT_OK;
}

static void take_word(struct reader *reader, char *word)
{
    reader->arguments->words[reader->arguments->word_count++] = word;
}

int fst_arguments_read(struct fst_arguments *arguments, const struct fst_command *command, int argc,
                       char **argv, int first)
{
    struct reader reader = {arguments, argc, first, argv};
    bool options = true;
    int status = FST_EXIT_OK;

    memset(arguments, 0, sizeof(*arguments));
    arguments->command = command;
    arguments->fail_on = FST_CLASS_COUNT;
    arguments->words = argv + first; /* words are fewer than what was read: never overtakes */
    while (reader.next < argc && status == FST_EXIT_OK) {
        char *word = argv[reader.next++];

        if (!options || word[0] != '-' || word[1] == '\0')
            take_word(&reader, word);
        else if (strcmp(word, "--") == 0)
            options = false;
        else if (word[1] == '-')
            status = read_long(&reader, word);
        else
            status = read_letters(&reader, word);
    }
    return status;
}

void fst_arguments_free(struct fst_arguments *arguments)
{
    fst_files_free(&arguments->captures);
}
