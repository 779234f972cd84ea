/* SPDX-License-Identifier: MIT
 *
 * GitHub's workflow commands: an annotation at the line that is not met. GitHub shows at most ten
 * of a kind in a step, so nine are written and the tenth counts the others.
 */
#include <stdio.h>

#include "report/check_writer.h"

#define SHOWN_MAX 9

struct annotations {
    struct fst_out *out;
    size_t count;
};

/** What a command's text, and beyond that its properties, must not hold. */
static void put_escaped(struct fst_out *out, const char *text, bool property)
{
    char shown[1536];

    fst_escape_text(text, shown, sizeof(shown)); /* no line end survives this */
    for (const char *at = shown; *at != '\0'; at++) {
        if (*at == '%' || (property && (*at == ':' || *at == ',')))
            fst_out_print(out, "%%%02X", (unsigned char)*at);
        else
            fst_out_char(out, *at);
    }
}

static void put_annotation(struct annotations *annotations, const struct fst_checked *file,
                           unsigned line, const char *title, const char *message)
{
    struct fst_out *out = annotations->out;

    if (annotations->count++ >= SHOWN_MAX)
        return;
    fst_out_text(out, "::error file=");
    put_escaped(out, file->path, true);
    fst_out_print(out, ",line=%u,title=", line > 0 ? line : 1);
    put_escaped(out, title, true);
    fst_out_text(out, "::");
    put_escaped(out, message, false);
    fst_out_char(out, '\n');
}

static void put_item(struct annotations *annotations, const struct fst_checked *file,
                     const struct fst_check_item *item)
{
    for (size_t i = 0; i < item->difference_count; i++) {
        const struct fst_difference *difference = &item->differences[i];
        char title[512], sentence[768], message[1280];

        fst_difference_sentence(difference, sentence, sizeof(sentence));
        snprintf(message, sizeof(message), "%s, in %.500s", sentence, file->capture);
        fst_difference_title(item, difference, title, sizeof(title));
        put_annotation(annotations, file, difference->line, title, message);
    }
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    struct annotations annotations = {writer->out, 0};

    for (size_t f = 0; f < report->count; f++) {
        const struct fst_checked *file = &report->files[f];

        if (!fst_checked_ran(file))
            put_annotation(&annotations, file, file->trouble_line, "could not run", file->trouble);
        for (size_t i = 0; i < file->comparison.item_count; i++)
            put_item(&annotations, file, &file->comparison.items[i]);
    }
    if (annotations.count > SHOWN_MAX)
        fst_out_print(writer->out,
                      "::error title=flowstate::and %zu more; the log and the summary have all\n",
                      annotations.count - SHOWN_MAX);
}

const struct fst_format fst_check_github = {.name = "github", .check = check};
