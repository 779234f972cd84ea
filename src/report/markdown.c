/* SPDX-License-Identifier: MIT
 *
 * A table in Markdown: what goes into $GITHUB_STEP_SUMMARY, of which GitHub takes 1 MiB.
 */
#include <string.h>

#include "report/check_writer.h"

/* A row is below 4 KiB, so these many stay below the limit. */
#define ROWS_MAX  240
#define LOOKS_MAX 20

struct table {
    struct fst_out *out;
    size_t rows;
};

/** Text of a cell: nothing that Markdown or HTML would take for its own. */
static void put_cell(struct fst_out *out, const char *text)
{
    char shown[768];

    fst_escape_text(text, shown, sizeof(shown));
    for (const char *at = shown; *at != '\0'; at++) {
        if (strchr("\\`*_[]<>|#&~!", *at))
            fst_out_char(out, '\\');
        fst_out_char(out, *at);
    }
}

static void put_row(struct table *table, const struct fst_checked *file, unsigned line,
                    const char *what, const char *message)
{
    if (table->rows++ >= ROWS_MAX)
        return;
    fst_out_text(table->out, "| ");
    put_cell(table->out, file->path);
    if (line)
        fst_out_print(table->out, ":%u", line);
    fst_out_text(table->out, " | ");
    put_cell(table->out, what);
    fst_out_text(table->out, " | ");
    put_cell(table->out, message);
    fst_out_text(table->out, " |\n");
}

static void put_item(struct table *table, const struct fst_checked *file,
                     const struct fst_check_item *item)
{
    for (size_t i = 0; i < item->difference_count; i++) {
        const struct fst_difference *difference = &item->differences[i];
        char what[512], message[768];

        fst_difference_title(item, difference, what, sizeof(what));
        fst_difference_sentence(difference, message, sizeof(message));
        put_row(table, file, difference->line, what, message);
    }
}

/** Below the table: for each file that failed, the command that shows its first connection. */
static void put_looks(struct fst_out *out, const struct fst_check_report *report)
{
    size_t count = 0;

    for (size_t f = 0; f < report->count && count < LOOKS_MAX; f++) {
        const struct fst_checked *file = &report->files[f];
        char command[FST_LOOK_MAX];

        if (!file->look)
            continue;
        fst_look_command(file->capture, file->look, file->filter, command);
        fst_out_text(out, count++ == 0 ? "\nLook: " : "\n\n");
        put_cell(out, command);
    }
    if (count > 0)
        fst_out_char(out, '\n');
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    struct table table = {writer->out, 0};

    fst_out_print(writer->out, "### flowstate check: %zu ok, %zu failed, %zu could not run\n",
                  report->passed, report->failed, report->not_run);
    if (report->failed + report->not_run == 0)
        return;
    fst_out_text(writer->out, "\n| where | what | how |\n| --- | --- | --- |\n");
    for (size_t f = 0; f < report->count; f++) {
        const struct fst_checked *file = &report->files[f];

        if (!fst_checked_ran(file))
            put_row(&table, file, file->trouble_line, "could not run", file->trouble);
        for (size_t i = 0; i < file->comparison.item_count; i++)
            put_item(&table, file, &file->comparison.items[i]);
    }
    if (table.rows > ROWS_MAX)
        fst_out_print(writer->out, "\nand %zu more\n", table.rows - ROWS_MAX);
    put_looks(writer->out, report);
}

const struct fst_format fst_check_markdown = {.name = "markdown", .check = check};
