/* SPDX-License-Identifier: MIT
 *
 * One object for each thing that was compared, flat, first `meta` and last `summary`.
 */
#include <string.h>

#include "report/check_writer.h"
#include "report/json_out.h"

static void begin(struct fst_json *json, struct fst_writer *writer, const char *kind)
{
    json->out = writer->out;
    json->comma = false;
    fst_json_open(json, '{');
    fst_json_put_string(json, "schema", "flowstate.check/1");
    fst_json_put_string(json, "kind", kind);
}

static void end(struct fst_json *json)
{
    fst_json_close(json, '}');
    fst_out_char(json->out, '\n');
}

static void put_file(struct fst_json *json, const struct fst_checked *file, unsigned line)
{
    fst_json_put_string(json, "file", file->path);
    fst_json_put_number(json, "line", line);
    fst_json_put_string(json, "capture", file->capture);
}

/** States as an array, everything else as one string. */
static void put_text(struct fst_json *json, const char *key,
                     const struct fst_difference *difference, const char *text)
{
    char word[64];

    if (difference->kind != FST_DIFFERS_PATH) {
        fst_json_put_string(json, key, text);
        return;
    }
    fst_json_key(json, key);
    fst_json_open(json, '[');
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (len < sizeof(word)) {
            memcpy(word, text, len);
            word[len] = '\0';
            fst_json_string(json, word);
        }
        text += len + (text[len] == ' ');
    }
    fst_json_close(json, ']');
}

static void put_difference(struct fst_writer *writer, const struct fst_checked *file,
                           const struct fst_check_item *item,
                           const struct fst_difference *difference)
{
    struct fst_json json;

    begin(&json, writer, fst_difference_name(difference->kind));
    put_file(&json, file, difference->line);
    fst_json_put_string(&json, "item", item->title);
    fst_json_put_number(&json, "connection", item->connection);
    if (difference->side < 2)
        fst_json_put_string(&json, "side", fst_side_word(difference->side));
    put_text(&json, "expected", difference, difference->expected);
    put_text(&json, "got", difference, difference->got);
    fst_json_put_string(&json, "note", difference->note);
    if (difference->rule)
        fst_json_put_string(&json, "rule", difference->rule->slug);
    fst_json_put_number(&json, "packet", difference->packet);
    fst_json_put_bool(&json, "pass", false);
    end(&json);
}

static void put_item(struct fst_writer *writer, const struct fst_checked *file,
                     const struct fst_check_item *item)
{
    struct fst_json json;

    for (size_t i = 0; i < item->difference_count; i++)
        put_difference(writer, file, item, &item->differences[i]);
    if (item->difference_count > 0)
        return;
    begin(&json, writer, fst_item_kind_name(item->kind));
    put_file(&json, file, item->line);
    fst_json_put_string(&json, "item", item->title);
    fst_json_put_number(&json, "connection", item->connection);
    fst_json_put_bool(&json, "pass", true);
    end(&json);
}

static void put_checked(struct fst_writer *writer, const struct fst_checked *file)
{
    struct fst_json json;

    for (size_t i = 0; i < file->comparison.item_count; i++)
        put_item(writer, file, &file->comparison.items[i]);
    begin(&json, writer, "file");
    put_file(&json, file, file->trouble_line);
    if (file->other)
        fst_json_put_string(&json, "other", file->other);
    fst_json_put_number(&json, "flows", file->flow_count);
    fst_json_put_number(&json, "asserts", file->assert_count);
    fst_json_put_number(&json, "failed", file->comparison.failed);
    fst_json_put_string(&json, "error", file->trouble);
    fst_json_put_number(&json, "status", (uint64_t)file->status);
    fst_json_put_bool(&json, "pass", file->status == 0);
    end(&json);
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    struct fst_json json;

    begin(&json, writer, "meta");
    fst_json_put_string(&json, "version", report->version);
    end(&json);
    for (size_t i = 0; i < report->count; i++)
        put_checked(writer, &report->files[i]);
    begin(&json, writer, "summary");
    fst_json_put_number(&json, "files", report->count);
    fst_json_put_number(&json, "passed", report->passed);
    fst_json_put_number(&json, "failed", report->failed);
    fst_json_put_number(&json, "not_run", report->not_run);
    fst_json_put_bool(&json, "complete", true);
    end(&json);
}

const struct fst_format fst_check_ndjson = {.name = "ndjson", .check = check};
