/* SPDX-License-Identifier: MIT
 *
 * What people read of a check: a line a file, and for what is not as expected what was expected,
 * what came, where they part, and the commands to look and to accept.
 */
#include <string.h>

#include "report/check_writer.h"
#include "report/escape.h"
#include "report/format.h"
#include "report/text_rows.h"

/* Longer lines lose words that both texts begin with. */
#define TEXT_COLUMNS 84

#define INDENT       "        "
#define VALUE_INDENT (8 + 16 + 10)

static void put_escaped(struct fst_writer *writer, const char *text)
{
    char shown[2048];

    fst_escape_text(text, shown, sizeof(shown));
    fst_out_text(writer->out, shown);
}

static void put_word(struct fst_writer *writer, const char *word, const char *color)
{
    fst_out_color(writer, color);
    fst_out_print(writer->out, "%-6s", word);
    fst_out_color(writer, "0");
}

static void put_place(struct fst_writer *writer, const char *path, unsigned line)
{
    put_escaped(writer, path);
    if (line)
        fst_out_print(writer->out, ":%u", line);
}

/* ------------------------------------------------------------------------------ expected, got --
 */

/** Octets to leave out at the front of both texts so that they fit: whole words before the caret.
 */
static size_t cut_at(const struct fst_difference *difference)
{
    size_t expected = strlen(difference->expected), got = strlen(difference->got), at = 0;
    size_t longest = expected > got ? expected : got;

    if (difference->caret == FST_NO_CARET || difference->kind == FST_DIFFERS_PACKET)
        return 0; /* of a segment every word counts */
    while (longest - at > TEXT_COLUMNS) {
        size_t next = at + strcspn(difference->got + at, " ");
        size_t after =
            next + 1 + strcspn(difference->got + (difference->got[next] ? next + 1 : next), " ");

        if (difference->got[next] == '\0' || after >= difference->caret)
            break; /* a word before the caret stays, to see where it parts from */
        at = next + 1;
    }
    return at;
}

static void put_value(struct fst_writer *writer, const char *label, const char *word,
                      const char *text, size_t cut)
{
    fst_out_print(writer->out, INDENT "%-16s%-10s", label, word);
    if (cut > 0)
        fst_out_text(writer->out, writer->style.utf8 ? "… " : "... ");
    put_escaped(writer, text + (cut < strlen(text) ? cut : strlen(text)));
    fst_out_char(writer->out, '\n');
}

static void put_note(struct fst_writer *writer, const struct fst_difference *difference, size_t cut)
{
    size_t dots = cut > 0 ? (writer->style.utf8 ? 2 : 4) : 0;

    if (!difference->note)
        return;
    fst_out_fill(writer->out, ' ', VALUE_INDENT);
    if (difference->caret != FST_NO_CARET) {
        fst_out_fill(writer->out, ' ', dots + difference->caret - cut);
        fst_out_color(writer, "1");
        fst_out_text(writer->out, "^ ");
        fst_out_color(writer, "0");
    }
    put_escaped(writer, difference->note);
    fst_out_char(writer->out, '\n');
}

static void put_difference(struct fst_writer *writer, const struct fst_difference *difference,
                           const char *const words[2])
{
    size_t cut = cut_at(difference);

    put_value(writer, fst_difference_label(difference), words[0], difference->expected, cut);
    put_value(writer, "", words[1], difference->got, cut);
    put_note(writer, difference, cut);
}

/** A note that goes on one line with what it is about. */
static bool is_short(const struct fst_check_item *item)
{
    return item->kind != FST_ITEM_FLOW;
}

static void put_item(struct fst_writer *writer, const struct fst_checked *file,
                     const struct fst_check_item *item, const char *const words[2])
{
    put_word(writer, "FAIL", "1;31");
    put_place(writer, file->path, item->line);
    fst_out_text(writer->out, "   ");
    put_escaped(writer, item->title);
    if (is_short(item)) {
        fst_out_text(writer->out, "   (");
        put_escaped(writer, item->differences[0].got);
        fst_out_char(writer->out, ')');
    }
    fst_out_char(writer->out, '\n');
    for (size_t i = 0; !is_short(item) && i < item->difference_count; i++)
        put_difference(writer, &item->differences[i], words);
}

/* --------------------------------------------------------------------------------- a file -- */

static void put_passed(struct fst_writer *writer, const struct fst_checked *file)
{
    char flows[FST_FORMAT_MAX], asserts[FST_FORMAT_MAX];

    put_word(writer, "ok", "32");
    put_escaped(writer, file->path);
    fst_out_print(writer->out, "   %s", fst_format_counted(file->flow_count, "flow", flows));
    if (file->has_file)
        fst_out_print(writer->out, ", %s",
                      fst_format_counted(file->assert_count, "assert", asserts));
    if (file->done)
        fst_out_print(writer->out, "   %s", file->done);
    fst_out_char(writer->out, '\n');
}

static void put_not_run(struct fst_writer *writer, const struct fst_checked *file)
{
    put_word(writer, "ERROR", "1;31");
    put_place(writer, file->path, file->trouble_line);
    fst_out_text(writer->out, "   ");
    put_escaped(writer, file->trouble);
    fst_out_char(writer->out, '\n');
}

static void put_word_or(struct fst_writer *writer, const char *word, const char *instead)
{
    if (!fst_out_shell_word(writer->out, word))
        fst_out_text(writer->out, instead);
}

static void put_look(struct fst_writer *writer, const struct fst_checked *file)
{
    char command[FST_LOOK_MAX];

    if (!file->look || !file->capture)
        return;
    fst_look_command(file->capture, file->look, file->filter, command);
    fst_out_text(writer->out, INDENT "look    ");
    fst_out_text(writer->out, command);
    fst_out_char(writer->out, '\n');
}

static void put_accept(struct fst_writer *writer, const struct fst_checked *file)
{
    if (!file->update_helps)
        return;
    fst_out_text(writer->out, INDENT "accept  flowstate check --update ");
    if (file->other_capture) {
        fst_out_text(writer->out, "-r ");
        put_word_or(writer, file->capture, "FILE");
        fst_out_char(writer->out, ' ');
    }
    put_word_or(writer, file->path, "FILE");
    fst_out_char(writer->out, '\n');
    if (!file->written)
        return;
    fst_out_text(writer->out, INDENT "new     ");
    put_escaped(writer, file->written);
    fst_out_char(writer->out, '\n');
}

static void put_passing_items(struct fst_writer *writer, const struct fst_checked *file)
{
    for (size_t i = 0; writer->style.verbose && i < file->comparison.item_count; i++) {
        const struct fst_check_item *item = &file->comparison.items[i];

        if (item->difference_count > 0)
            continue;
        put_word(writer, "ok", "32");
        put_place(writer, file->path, item->line);
        fst_out_text(writer->out, "   ");
        put_escaped(writer, item->title);
        fst_out_char(writer->out, '\n');
    }
}

static void put_failed(struct fst_writer *writer, const struct fst_checked *file,
                       const char *const words[2])
{
    for (size_t i = 0; i < file->comparison.item_count; i++)
        if (file->comparison.items[i].difference_count > 0)
            put_item(writer, file, &file->comparison.items[i], words);
    put_look(writer, file);
    put_accept(writer, file);
}

/* ---------------------------------------------------------------------------------- formats -- */

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    static const char *const words[2] = {"expected", "got"};
    char files[FST_FORMAT_MAX], elapsed[FST_FORMAT_MAX];

    for (size_t i = 0; i < report->count; i++) {
        const struct fst_checked *file = &report->files[i];

        if (!fst_checked_ran(file)) {
            put_not_run(writer, file);
            continue;
        }
        put_passing_items(writer, file);
        if (file->comparison.failed > 0)
            put_failed(writer, file, words);
        else if (!writer->style.quiet)
            put_passed(writer, file);
    }
    if (writer->style.quiet)
        return;
    fst_out_print(writer->out, "%s, %zu ok, %zu failed, %zu could not run",
                  fst_format_counted(report->count, "file", files), report->passed, report->failed,
                  report->not_run);
    if (writer->style.terminal)
        fst_out_print(writer->out, "   %s", fst_format_duration(report->elapsed_ns, elapsed));
    fst_out_char(writer->out, '\n');
}

const struct fst_format fst_check_text = {.name = "text", .check = check};

static void put_both_looks(struct fst_writer *writer, const struct fst_checked *file)
{
    char command[FST_LOOK_MAX];

    if (file->first_look) {
        fst_look_command(file->path, file->first_look, file->filter, command);
        fst_out_text(writer->out, INDENT "look    ");
        fst_out_text(writer->out, command);
        fst_out_char(writer->out, '\n');
    }
    put_look(writer, file);
}

/** Of the one comparison: nothing if both show the same, as diff(1). */
static void diff(struct fst_writer *writer, const struct fst_check_report *report)
{
    static const char *const words[2] = {"first", "second"};

    for (size_t i = 0; i < report->count; i++) {
        const struct fst_checked *file = &report->files[i];

        for (size_t k = 0; k < file->comparison.item_count; k++) {
            const struct fst_check_item *item = &file->comparison.items[k];

            if (item->difference_count == 0)
                continue;
            put_escaped(writer, item->title);
            fst_out_char(writer->out, '\n');
            for (size_t d = 0; d < item->difference_count; d++)
                put_difference(writer, &item->differences[d], words);
        }
        if (!writer->style.quiet)
            put_both_looks(writer, file);
    }
}

const struct fst_format fst_diff_text = {.name = "text", .check = diff};
