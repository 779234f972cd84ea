/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <arpa/inet.h>
#include <stddef.h>
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

static int read_class(const struct fst_option_row *row, const char *value, enum fst_class *class_)
{
    char what[48];

    for (unsigned i = 0; i < FST_CLASS_COUNT; i++) {
        if (fst_same_word(value, fst_class_name((enum fst_class)i))) {
            *class_ = (enum fst_class)i;
            return FST_EXIT_OK;
        }
    }
    snprintf(what, sizeof(what), "class for %s", row->name);
    fst_complain_unknown(what, value, class_at, NULL);
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

/** A decimal number above 0, with or without a fraction, in any locale. */
static bool read_factor(const char *text, double *factor)
{
    double unit = 1;

    *factor = 0;
    if (text[strspn(text, "0123456789.")] != '\0' || strchr(text, '.') != strrchr(text, '.'))
        return false;
    for (; *text != '\0' && *text != '.'; text++)
        *factor = *factor * 10 + (*text - '0');
    for (text += *text == '.'; *text != '\0'; text++)
        *factor += (*text - '0') * (unit /= 10);
    return *factor >= 0.001 && *factor <= 1000000;
}

/** "100", or "0.5%" of the packets. */
static int read_drops(struct fst_arguments *arguments, const struct fst_option_row *row,
                      const char *value)
{
    size_t len = strlen(value);
    char text[32];

    arguments->max_drop_given = true;
    if (len > 1 && len < sizeof(text) && value[len - 1] == '%') {
        memcpy(text, value, len - 1);
        text[len - 1] = '\0';
        if (read_factor(text, &arguments->max_drop_percent) && arguments->max_drop_percent <= 100)
            return FST_EXIT_OK;
    } else if (fst_read_number(value, 0, UINT64_MAX, &arguments->max_drop)) {
        return FST_EXIT_OK;
    }
    return wrong(row, value, "a number of packets, or a part of them such as 0.1%, is needed");
}

static int add_local(struct fst_arguments *arguments, const struct fst_option_row *row,
                     const char *value)
{
    struct fst_address *address = &arguments->local[arguments->local_count];

    if (arguments->local_count == FST_LOCAL_MAX)
        return wrong(row, value, "too many addresses");
    address->ipv6 = strchr(value, ':') != NULL;
    if (inet_pton(address->ipv6 ? AF_INET6 : AF_INET, value, address->octets) != 1)
        return wrong(row, value, "an IPv4 or IPv6 address is needed");
    arguments->local_count++;
    return FST_EXIT_OK;
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

/* Options whose argument is a number: from, to, and where it goes, with its size. */
static const struct {
    unsigned id;
    uint64_t low, most;
    size_t offset, size;
    const char *what; /* after "a number from 1 to 9 is needed" */
} numbers[] = {
#define NUMBER(id, low, most, field, what)                                                         \
    {                                                                                              \
        OPTION_##id, low, most, offsetof(struct fst_arguments, field),                             \
            sizeof(((struct fst_arguments *)0)->field), what                                       \
    }
    NUMBER(SNAP_LEN, 64, 262144, snap_len, ""),
    NUMBER(BUFFER, 1, 2097151, buffer_kib, ""),
    NUMBER(COUNT, 1, UINT64_MAX, count, ""),
    NUMBER(CONNECTION, 1, UINT32_MAX, connection, ", as the summary has them"),
    NUMBER(MAX_FLOWS, 1, UINT32_MAX, max_flows, ""),
    NUMBER(THREADS, 1, 1024, threads, ""),
    NUMBER(SEED, 0, UINT16_MAX, community_id_seed, ""),
    NUMBER(ROTATE_SIZE, 1, 1000000000, rotate_megabytes, ""),
    NUMBER(ROTATE_TIME, 1, 1000000000, rotate_seconds, ""),
    NUMBER(ROTATE_FILES, 1, 1000000, rotate_files, ""),
    NUMBER(LINGER, 0, 1000000000, linger_s, ""),
    NUMBER(IDLE, 1, 1000000000, idle_s, ""),
    NUMBER(SHARDS, 1, 1024, shards, ""),
    NUMBER(INTERVAL, 1, 1000000000, interval_s, ""),
#undef NUMBER
};

static int set_number(struct fst_arguments *arguments, const struct fst_option_row *row,
                      const char *value)
{
    size_t i = 0;
    char wanted[120];
    uint64_t number;
    char *field;

    while (numbers[i].id != row->id) /* every option with an argument that is not above is there */
        i++;
    if (!fst_read_number(value, numbers[i].low, numbers[i].most, &number)) {
        if (numbers[i].most == UINT64_MAX)
            snprintf(wanted, sizeof(wanted), "a number from 1 is needed%s", numbers[i].what);
        else
            snprintf(wanted, sizeof(wanted), "a number from %llu to %llu is needed%s",
                     (unsigned long long)numbers[i].low, (unsigned long long)numbers[i].most,
                     numbers[i].what);
        return wrong(row, value, wanted);
    }
    field = (char *)arguments + numbers[i].offset;
    if (numbers[i].size == sizeof(uint64_t))
        memcpy(field, &number, sizeof(number));
    else if (numbers[i].size == sizeof(uint32_t))
        memcpy(field, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    else
        memcpy(field, &(uint16_t){(uint16_t)number}, sizeof(uint16_t));
    return FST_EXIT_OK;
}

static int set_value(struct fst_arguments *arguments, const struct fst_option_row *row,
                     const char *value)
{
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
    case OPTION_FAIL_ON:
        return read_class(row, value, &arguments->fail_on);
    case OPTION_COLOR:
        return read_color(value, &arguments->color);
    case OPTION_FLAGGED:
        arguments->flagged = value;
        return FST_EXIT_OK;
    case OPTION_FLAG_ON:
        return read_class(row, value, &arguments->flag_on);
    case OPTION_SPEED:
        if (!read_factor(value, &arguments->speed))
            return wrong(row, value, "a number above 0, up to 1000000, is needed, such as 0.5");
        return FST_EXIT_OK;
    case OPTION_MAX_DROP:
        return read_drops(arguments, row, value);
    case OPTION_LOCAL:
        return add_local(arguments, row, value);
    default:
        return set_number(arguments, row, value);
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
    case OPTION_LIST:
        arguments->list = true;
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

bool fst_too_many_dropped(const struct fst_arguments *arguments, uint64_t dropped, uint64_t read)
{
    if (arguments->max_drop_percent > 0)
        return (double)dropped * 100 >
               ((double)dropped + (double)read) * arguments->max_drop_percent;
    return dropped > arguments->max_drop;
}

bool fst_arguments_have(int argc, char **argv, int first, char letter)
{
    for (int i = first; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const struct fst_option_row *row = NULL;
        const char *at = argv[i] + 1;

        if (argv[i][0] != '-' || *at == '-') {
            row = row_of_letter(letter);
            if (argv[i][0] == '-' && strncmp(argv[i], row->name, strlen(row->name)) == 0)
                return true;
            continue;
        }
        for (; *at != '\0'; at++) {
            row = row_of_letter(*at);
            if (*at == letter)
                return true;
            if (!row || row->argument) /* the rest of the word is its argument */
                break;
        }
    }
    return false;
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
    arguments->fail_on = arguments->flag_on = FST_CLASS_COUNT;
    arguments->linger_s = arguments->idle_s = arguments->interval_s = UINT32_MAX;
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
