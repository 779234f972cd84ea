/* SPDX-License-Identifier: MIT
 *
 * JUnit XML: a suite for each file, a case for each assert and flow. It has all that the stricter
 * of the schemas in use ask for (id, package, host, time stamp, properties, system-out), and
 * nothing that the others do not know. The time stamp is the capture's: same input, same bytes.
 */
#include <string.h>

#include "report/check_writer.h"
#include "report/format.h"

#define CLASS_MAX 512

static void put_attribute(struct fst_out *out, const char *name, const char *value)
{
    fst_out_print(out, " %s=\"", name);
    fst_out_markup(out, value);
    fst_out_char(out, '"');
}

static void put_lines(struct fst_out *out, const char *label, const char *text)
{
    fst_out_print(out, "  %-9s ", label);
    fst_out_markup(out, text);
    fst_out_char(out, '\n');
}

static void put_difference(struct fst_out *out, const struct fst_difference *difference)
{
    fst_out_markup(out, fst_difference_label(difference));
    fst_out_char(out, '\n');
    put_lines(out, "expected", difference->expected);
    put_lines(out, "got", difference->got);
    if (difference->note)
        put_lines(out, "", difference->note);
}

/** Which packets the numbers are of, and the command to see them. */
static void put_capture(struct fst_out *out, const struct fst_checked *file, uint32_t connection)
{
    char command[FST_LOOK_MAX];

    fst_out_text(out, "capture ");
    fst_out_markup(out, file->capture);
    fst_out_char(out, '\n');
    if (!connection)
        return;
    fst_look_command(file->capture, connection, file->filter, command);
    fst_out_text(out, "look    ");
    fst_out_markup(out, command);
    fst_out_char(out, '\n');
}

static void put_failure(struct fst_out *out, const struct fst_checked *file,
                        const struct fst_check_item *item)
{
    const struct fst_difference *first = &item->differences[0];
    char message[512];

    fst_difference_sentence(first, message, sizeof(message));
    fst_out_text(out, "      <failure");
    put_attribute(out, "message", message);
    put_attribute(out, "type", fst_difference_name(first->kind));
    fst_out_char(out, '>');
    fst_out_markup(out, file->path);
    if (first->line)
        fst_out_print(out, ":%u", first->line);
    fst_out_char(out, '\n');
    for (size_t i = 0; i < item->difference_count; i++)
        put_difference(out, &item->differences[i]);
    put_capture(out, file, item->connection);
    fst_out_text(out, "</failure>\n");
}

static void open_case(struct fst_out *out, const char *class_name, const char *name)
{
    fst_out_text(out, "    <testcase");
    put_attribute(out, "classname", class_name);
    put_attribute(out, "name", name);
    fst_out_text(out, " time=\"0\"");
}

static void put_case(struct fst_out *out, const struct fst_checked *file, const char *class_name,
                     const struct fst_check_item *item)
{
    open_case(out, class_name, item->title);
    if (item->difference_count == 0) {
        fst_out_text(out, "/>\n");
        return;
    }
    fst_out_text(out, ">\n");
    put_failure(out, file, item);
    fst_out_text(out, "    </testcase>\n");
}

static void put_trouble(struct fst_out *out, const struct fst_checked *file, const char *class_name)
{
    open_case(out, class_name, "could not run");
    fst_out_text(out, ">\n      <error");
    put_attribute(out, "message", file->trouble);
    put_attribute(out, "type", "error");
    fst_out_char(out, '>');
    fst_out_markup(out, file->path);
    if (file->trouble_line)
        fst_out_print(out, ":%u", file->trouble_line);
    fst_out_text(out, ": ");
    fst_out_markup(out, file->trouble);
    fst_out_text(out, "</error>\n    </testcase>\n");
}

static void put_suite(struct fst_out *out, const struct fst_checked *file, size_t id)
{
    char class_name[CLASS_MAX], time[FST_FORMAT_MAX];
    bool ran = fst_checked_ran(file);
    /* A file whose capture is only read for findings has no case of its own, so it gets one. */
    size_t tests = ran && file->comparison.item_count > 0 ? file->comparison.item_count : 1;

    fst_checked_class(file, class_name, sizeof(class_name));
    fst_format_timestamp(file->ts_first, time);
    time[strlen("2026-03-01T09:14:02")] = '\0';
    fst_out_print(out, "  <testsuite id=\"%zu\" package=\"flowstate\"", id);
    put_attribute(out, "name", file->path);
    fst_out_print(out,
                  " timestamp=\"%s\" hostname=\"localhost\" tests=\"%zu\" failures=\"%zu\" "
                  "errors=\"%d\" time=\"0\">\n    <properties/>\n",
                  time, tests, ran ? file->comparison.failed : 0, !ran);
    if (!ran)
        put_trouble(out, file, class_name);
    for (size_t i = 0; ran && i < file->comparison.item_count; i++)
        put_case(out, file, class_name, &file->comparison.items[i]);
    if (ran && file->comparison.item_count == 0) {
        open_case(out, class_name, "findings");
        fst_out_text(out, "/>\n");
    }
    fst_out_text(out, "    <system-out/>\n    <system-err/>\n  </testsuite>\n");
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    fst_out_text(writer->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < report->count; i++)
        put_suite(writer->out, &report->files[i], i);
    fst_out_text(writer->out, "</testsuites>\n");
}

const struct fst_format fst_check_junit = {.name = "junit", .check = check};
