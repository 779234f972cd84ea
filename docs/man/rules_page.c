/* SPDX-License-Identifier: MIT
 *
 * Prints flowstate-rules(7) in scdoc's notation, from the catalogue in the library.
 */
#include <stdio.h>
#include <string.h>

#include "flowstate/flowstate.h"

static const struct {
    enum fst_class class_;
    const char *heading, *words;
} classes[] = {
    {FST_ILLEGAL, "ILLEGAL",
     "No conforming endpoint could have sent it, whatever the network and the "
     "recording lost."},
    {FST_SUSPECT, "SUSPECT",
     "Only a packet missing from the recording, or a host that lost its memory, "
     "excuses it. With *--lossless*, what only a missing packet excuses is "
     "illegal."},
    {FST_ANOMALY, "ANOMALY", "Legal, but worth knowing."},
    {FST_CAPTURE, "CAPTURE",
     "The recording is at fault: packets missed, cut off, twice, out of order, "
     "one direction only."},
};

/** Text that scdoc must not take for its own marks. */
static void put_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\*_~#", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void put_line(const char *before, const char *text, const char *after)
{
    fputs(before, stdout);
    put_text(text);
    fputs(after, stdout);
}

static void put_rule(const struct fst_rule *rule)
{
    put_line("*", rule->slug, "*");
    if (*rule->source != '\0')
        put_line(" (", rule->source, ")");
    put_line("\n\t", rule->meaning, ".\n");
    put_line("\n\tLooks like it: ", rule->excuse, ".\n");
    if (rule->class_lossless != rule->class_)
        put_line("\n\tWith *--lossless*: ", fst_class_name(rule->class_lossless), ".\n");
    put_line("\n\tExample: ", rule->example, "\n");
    if (*rule->aliases != '\0')
        put_line("\n\tElsewhere: ", rule->aliases, "\n");
    putchar('\n');
}

int main(void)
{
    const struct fst_rule *rule;

    puts("flowstate-rules(7)\n\n# NAME\n\nflowstate-rules - what flowstate can find\n\n"
         "# DESCRIPTION\n\n"
         "Findings have one of four classes. Each rule has a name that stays, a source, and the "
         "innocent thing that looks like it. In the examples A is who opens the connection, flags "
         "are as tcpdump prints them, numbers are relative, and 3WHS stands for a whole "
         "handshake.\n");
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        printf("# %s\n\n%s\n\n", classes[i].heading, classes[i].words);
        for (size_t at = 0; (rule = fst_rule_at(at)) != NULL; at++)
            if (rule->class_ == classes[i].class_)
                put_rule(rule);
    }
    puts("# SEE ALSO\n\n*flowstate*(1), *flowstate-json*(5)");
    return ferror(stdout) || fclose(stdout) != 0;
}
