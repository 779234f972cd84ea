/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: %s [-E segments] [-D octets] [-L lives] [-n any|fifo|prompt] [-d duplicates]\n"
    "       [-m missed] [-i A,B] [-g gap] [-w window] [-k] [-a] [-q] [-t] [-f] [-o] [-x] [-p] [-s "
    "seed] [-c count]\n"
    "  -E -D -L  bounds for each endpoint: segments emitted, octets of text, ISNs\n"
    "  -n        network on either side of the tap: any order, FIFO, or prompt\n"
    "  -d -m     copies the network makes, packets that pass beside the tap\n"
    "  -i        where new ISNs lie, per side: letters of far, above, below, wild (\"fab,f\")\n"
    "  -g        numbers that stay free between two lives near each other\n"
    "  -w        receive window, octets    -f  flow control: buffers fill until they are read\n"
    "  -k        keep-alives               -a  ACKs again\n"
    "  -q        owed replies may stay unsent\n"
    "  -t        text in SYNs, Fast Open   -x  no choices: RFC 9293's main line only\n"
    "  -o        window scale, SACK, timestamps\n"
    "  -p  the observer is not told that nothing was missed\n"
    "  -s -c     seed; states or segments to stop at\n";

static unsigned policies(const char *letters, size_t length)
{
    unsigned set = 0;

    for (size_t i = 0; i < length; i++)
        set |= letters[i] == 'f'   ? ISN_FAR
               : letters[i] == 'a' ? ISN_ABOVE
               : letters[i] == 'b' ? ISN_BELOW
               : letters[i] == 'w' ? ISN_WILD
                                   : 0u;
    return set;
}

static bool set_policies(struct settings *settings, const char *value)
{
    const char *comma = strchr(value, ',');
    size_t first = comma ? (size_t)(comma - value) : strlen(value);

    settings->isn_policies[0] = (uint8_t)policies(value, first);
    settings->isn_policies[1] =
        comma ? (uint8_t)policies(comma + 1, strlen(comma + 1)) : settings->isn_policies[0];
    return settings->isn_policies[0] && settings->isn_policies[1];
}

static bool set_network(struct settings *settings, const char *value)
{
    settings->any_order = strcmp(value, "any") == 0;
    settings->prompt = strcmp(value, "prompt") == 0;
    if (settings->prompt)
        settings->choices &= CHOICES_PROMPT | 1u << CHOICE_ABORT_FORM;
    return settings->any_order || settings->prompt || strcmp(value, "fifo") == 0;
}

static bool set_flag(struct model_options *options, char letter)
{
    struct settings *settings = &options->settings;

    switch (letter) {
    case 'k':
        settings->events |= 1u << EVENT_KEEP_ALIVE;
        return true;
    case 'a':
        settings->events |= 1u << EVENT_ACKNOWLEDGE;
        return true;
    case 't':
        settings->choices |= 1u << CHOICE_SYN_TEXT;
        return true;
    case 'q':
        settings->choices |= 1u << CHOICE_REPLY;
        return true;
    case 'x':
        settings->choices = 1u << CHOICE_SIZE | 1u << CHOICE_ISN;
        return true;
    case 'f':
        settings->flow_control = true;
        return true;
    case 'o':
        settings->offers[0] = settings->offers[1] =
            OPTION_WSCALE | OPTION_SACK_OK | OPTION_TIMESTAMPS;
        return true;
    case 'p':
        options->watching.lossless = false;
        return true;
    default:
        return false;
    }
}

static bool set_value(struct model_options *options, char letter, const char *value)
{
    struct settings *settings = &options->settings;
    unsigned long number = strtoul(value, NULL, 0);

    switch (letter) {
    case 'E':
        settings->sends = (unsigned)number;
        return number > 0 && number < 250;
    case 'D':
        settings->text = (unsigned)number;
        return number < 60;
    case 'L':
        settings->lives = (unsigned)number;
        return number > 0 && number < 100;
    case 'n':
        return set_network(settings, value);
    case 'd':
        settings->duplicates = (unsigned)number;
        return number < 250;
    case 'm':
        settings->misses = (unsigned)number;
        options->watching.lossless = false;
        return number < 250;
    case 'i':
        return set_policies(settings, value);
    case 'g':
        settings->isn_gap = (uint32_t)number;
        return number > 0;
    case 'w':
        settings->window = (uint16_t)number;
        return number > 0 && number < 65536;
    case 's':
        options->seed = number;
        return true;
    case 'c':
        options->limit = strtoull(value, NULL, 0);
        return true;
    default:
        return false;
    }
}

static void make_title(struct model_options *options, int argc, char **argv)
{
    size_t used = 0;

    for (int i = 1; i < argc && used < sizeof options->title - 1; i++)
        used += (size_t)snprintf(options->title + used, sizeof options->title - used, "%s%s",
                                 i > 1 ? " " : "", argv[i]);
}

bool options_parse(struct model_options *options, int argc, char **argv)
{
    settings_init(&options->settings);
    options->settings.mirror_cut = true;
    options->watching.lossless = true;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];

        if (word[0] == '-' && word[1] && !word[2] && set_flag(options, word[1]))
            continue;
        if (word[0] == '-' && word[1] && !word[2] && i + 1 < argc &&
            set_value(options, word[1], argv[i + 1])) {
            i++;
            continue;
        }
        fprintf(stderr, usage, argv[0]);
        return false;
    }
    make_title(options, argc, argv);
    return true;
}
