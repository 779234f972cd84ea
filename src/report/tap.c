/* SPDX-License-Identifier: MIT
 *
 * TAP version 14 (testanything.org): a test point for each assert, flow and surprise; what differs
 * stands in a YAML block below it, as JSON strings, which YAML takes.
 */
#include <stdio.h>

#include "report/check_writer.h"

/** A description: no line ends (escaped), and no '#' that begins a directive. */
static void put_description(struct fst_out *out, const char *text)
{
    char shown[1024];

    fst_escape_text(text, shown, sizeof(shown));
    for (const char *at = shown; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            fst_out_char(out, '\\');
        fst_out_char(out, *at);
    }
}

static void put_string(struct fst_out *out, const char *indent, const char *key, const char *text)
{
    fst_out_print(out, "%s%s: \"", indent, key);
    fst_out_json_chars(out, text);
    fst_out_text(out, "\"\n");
}

static void put_difference(struct fst_out *out, const struct fst_difference *difference)
{
    put_string(out, "    - ", "what", fst_difference_label(difference));
    if (difference->line)
        fst_out_print(out, "      line: %u\n", difference->line);
    put_string(out, "      ", "expected", difference->expected);
    put_string(out, "      ", "got", difference->got);
    if (difference->note)
        put_string(out, "      ", "note", difference->note);
    if (difference->packet)
        fst_out_print(out, "      packet: %llu\n", (unsigned long long)difference->packet);
}

static void put_capture(struct fst_out *out, const struct fst_checked *file, uint32_t connection)
{
    char command[FST_LOOK_MAX];

    put_string(out, "  ", "capture", file->capture);
    if (!connection)
        return;
    fst_look_command(file->capture, connection, file->filter, command);
    put_string(out, "  ", "look", command);
}

static void put_point(struct fst_out *out, size_t number, const struct fst_checked *file,
                      const struct fst_check_item *item)
{
    fst_out_print(out, "%sok %zu - ", item->difference_count > 0 ? "not " : "", number);
    put_description(out, file->path);
    fst_out_text(out, ": ");
    put_description(out, item->title);
    fst_out_char(out, '\n');
    if (item->difference_count == 0)
        return;
    fst_out_text(out, "  ---\n  differences:\n");
    for (size_t i = 0; i < item->difference_count; i++)
        put_difference(out, &item->differences[i]);
    put_capture(out, file, item->connection);
    fst_out_text(out, "  ...\n");
}

static void put_trouble(struct fst_out *out, size_t number, const struct fst_checked *file)
{
    fst_out_print(out, "not ok %zu - ", number);
    put_description(out, file->path);
    fst_out_text(out, ": could not run\n  ---\n");
    put_string(out, "  ", "error", file->trouble);
    if (file->trouble_line)
        fst_out_print(out, "  line: %u\n", file->trouble_line);
    fst_out_text(out, "  ...\n");
}

/** A capture that is read only for findings and has none is one point. */
static size_t points_of(const struct fst_checked *file)
{
    return fst_checked_ran(file) && file->comparison.item_count > 0 ? file->comparison.item_count
                                                                    : 1;
}

static void put_file(struct fst_out *out, size_t *number, const struct fst_checked *file)
{
    if (!fst_checked_ran(file)) {
        put_trouble(out, ++*number, file);
        return;
    }
    for (size_t i = 0; i < file->comparison.item_count; i++)
        put_point(out, ++*number, file, &file->comparison.items[i]);
    if (file->comparison.item_count > 0)
        return;
    fst_out_print(out, "ok %zu - ", ++*number);
    put_description(out, file->path);
    fst_out_text(out, ": findings\n");
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    size_t total = 0, number = 0;

    for (size_t i = 0; i < report->count; i++)
        total += points_of(&report->files[i]);
    fst_out_print(writer->out, "TAP version 14\n1..%zu\n", total);
    for (size_t i = 0; i < report->count; i++)
        put_file(writer->out, &number, &report->files[i]);
}

const struct fst_format fst_check_tap = {.name = "tap", .check = check};
