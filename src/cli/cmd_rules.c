/* SPDX-License-Identifier: MIT
 *
 * flowstate rules: the catalogue, or one of its rules.
 */
#include "cli/command.h"

#include <string.h>

#include "cli/options.h"
#include "cli/outputs.h"
#include "report/paragraph.h"

#define LABEL_COLUMNS 11

static const char *slug_at(const void *context, size_t index)
{
    const struct fst_rule *rule = fst_rule_at(index);

    (void)context;
    return rule ? rule->slug : NULL;
}

static const struct fst_rule *find_rule(const char *word)
{
    for (size_t i = 0; i < fst_rule_count(); i++)
        if (fst_same_word(word, fst_rule_at(i)->slug))
            return fst_rule_at(i);
    return NULL;
}

static int slug_columns(void)
{
    size_t widest = 4;

    for (size_t i = 0; i < fst_rule_count(); i++)
        if (strlen(fst_rule_at(i)->slug) > widest)
            widest = strlen(fst_rule_at(i)->slug);
    return (int)widest;
}

static void put_list(struct fst_out *out, bool quiet)
{
    int columns = slug_columns();

    if (!quiet)
        fst_out_print(out, "%-*s  %-8s %-8s  %s\n", columns, "RULE", "CLASS", "LOSSLESS", "SOURCE");
    for (size_t i = 0; i < fst_rule_count(); i++) {
        const struct fst_rule *rule = fst_rule_at(i);

        if (quiet)
            fst_out_print(out, "%s\n", rule->slug);
        else
            fst_out_print(out, "%-*s  %-8s %-8s  %s\n", columns, rule->slug,
                          fst_class_name(rule->class_), fst_class_name(rule->class_lossless),
                          *rule->source ? rule->source : "-");
    }
    if (!quiet)
        fst_out_text(
            out,
            "\nflowstate rules RULE explains one, and says what Suricata, Zeek, Snort or Wireshark "
            "call it.\n");
}

static const char *class_words(enum fst_class class_)
{
    static const char *const words[FST_CLASS_COUNT] = {
        [FST_ILLEGAL] = "no conforming endpoint could have sent it",
        [FST_SUSPECT] = "only a missed packet or a host that lost its memory excuses it",
        [FST_ANOMALY] = "legal, but worth knowing",
        [FST_CAPTURE] = "the recording is at fault",
    };

    return words[class_];
}

/** Nothing for what the rule has not. */
static void put_part(struct fst_out *out, const char *label, const char *text)
{
    if (*text != '\0')
        fst_out_paragraph(out, label, LABEL_COLUMNS, text);
}

static void put_rule(struct fst_out *out, const struct fst_rule *rule)
{
    fst_out_print(out, "%s\n\n", rule->slug);
    fst_out_paragraph(out, "means", LABEL_COLUMNS, rule->meaning);
    fst_out_print(out, "%-*s%s: %s\n", LABEL_COLUMNS, "class", fst_class_name(rule->class_),
                  class_words(rule->class_));
    if (rule->class_lossless != rule->class_)
        fst_out_print(out, "%-*s%s: %s\n", LABEL_COLUMNS, "--lossless",
                      fst_class_name(rule->class_lossless), class_words(rule->class_lossless));
    put_part(out, "source", rule->source);
    put_part(out, "innocent", rule->excuse);
    put_part(out, "example", rule->example);
    put_part(out, "elsewhere", rule->aliases);
}

int fst_cmd_rules(const struct fst_arguments *arguments)
{
    const struct fst_rule *rule = NULL;
    struct fst_out *out;
    int status;

    if (arguments->word_count > 1) {
        fst_complain("one rule at a time: \"%s\" is too much", arguments->words[1]);
        return FST_EXIT_USAGE;
    }
    if (arguments->word_count == 1) {
        rule = find_rule(arguments->words[0]);
        if (!rule) {
            fst_complain_unknown("rule", arguments->words[0], slug_at, NULL);
            fst_complain("see: flowstate rules");
            return FST_EXIT_USAGE;
        }
    }
    out = fst_output_open(NULL, FST_AS_A_WHOLE, NULL, &status);
    if (!out)
        return status;
    if (rule)
        put_rule(out, rule);
    else
        put_list(out, arguments->quiet);
    return fst_output_close(out, NULL);
}
