/* SPDX-License-Identifier: MIT
 *
 * SARIF 2.1.0: a result for each thing that is not as expected. A capture has no lines, so the
 * place is the line of the expectation file. Rules of the catalogue are named as they are; the
 * other rules are the kinds of difference.
 */
#include <stdio.h>
#include <string.h>

#include "report/check_writer.h"
#include "report/json_out.h"

#define SCHEMA   "https://json.schemastore.org/sarif-2.1.0.json"
#define TEXT_MAX 1024

static const char *rule_id(const struct fst_difference *difference)
{
    return difference->rule ? difference->rule->slug : fst_difference_name(difference->kind);
}

static void put_text(struct fst_json *json, const char *key, const char *text)
{
    fst_json_key(json, key);
    fst_json_open(json, '{');
    fst_json_put_string(json, "text", text);
    fst_json_close(json, '}');
}

/* ------------------------------------------------------------------------------------- rules -- */

static void put_rule(struct fst_json *json, const char *id, const char *meaning)
{
    fst_json_open(json, '{');
    fst_json_put_string(json, "id", id);
    put_text(json, "shortDescription", meaning);
    fst_json_close(json, '}');
}

/** Whether a finding of this rule is among the results. */
static bool is_used(const struct fst_check_report *report, const struct fst_rule *rule)
{
    for (size_t f = 0; f < report->count; f++) {
        const struct fst_comparison *comparison = &report->files[f].comparison;

        for (size_t i = 0; i < comparison->item_count; i++)
            for (size_t d = 0; d < comparison->items[i].difference_count; d++)
                if (comparison->items[i].differences[d].rule == rule)
                    return true;
    }
    return false;
}

static void put_rules(struct fst_json *json, const struct fst_check_report *report)
{
    const struct fst_rule *rule;

    fst_json_key(json, "rules");
    fst_json_open(json, '[');
    for (unsigned kind = 0; kind < FST_DIFFERENCE_KINDS; kind++)
        put_rule(json, fst_difference_name((enum fst_difference_kind)kind),
                 fst_difference_meaning((enum fst_difference_kind)kind));
    put_rule(json, "could-not-run", "a capture could not be compared with what is expected of it");
    for (size_t i = 0; (rule = fst_rule_at(i)) != NULL; i++)
        if (is_used(report, rule))
            put_rule(json, rule->slug, rule->meaning);
    fst_json_close(json, ']');
}

static void put_tool(struct fst_json *json, const struct fst_check_report *report)
{
    fst_json_key(json, "tool");
    fst_json_open(json, '{');
    fst_json_key(json, "driver");
    fst_json_open(json, '{');
    fst_json_put_string(json, "name", "flowstate");
    fst_json_put_string(json, "version", report->version);
    put_rules(json, report);
    fst_json_close(json, '}');
    fst_json_close(json, '}');
}

/* ----------------------------------------------------------------------------------- results -- */

/** Characters that a path may have and a URI reference may not are written %XX. */
static void put_uri(struct fst_json *json, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/+,=@";
    char uri[TEXT_MAX];
    size_t len = 0;

    while (strncmp(path, "./", 2) == 0)
        path += 2;
    for (; *path != '\0' && len + 4 < sizeof(uri); path++) {
        if (strchr(plain, *path))
            uri[len++] = *path;
        else
            len += (size_t)snprintf(uri + len, 4, "%%%02X", (unsigned char)*path);
    }
    uri[len] = '\0';
    fst_json_put_string(json, "uri", uri);
}

static void put_artifact(struct fst_json *json, const char *key, const char *path)
{
    fst_json_key(json, key);
    fst_json_open(json, '{');
    put_uri(json, path);
    fst_json_close(json, '}');
}

static void put_location(struct fst_json *json, const char *path, unsigned line)
{
    fst_json_key(json, "locations");
    fst_json_open(json, '[');
    fst_json_open(json, '{');
    fst_json_key(json, "physicalLocation");
    fst_json_open(json, '{');
    put_artifact(json, "artifactLocation", path);
    fst_json_key(json, "region");
    fst_json_open(json, '{');
    fst_json_put_number(json, "startLine", line > 0 ? line : 1);
    fst_json_close(json, '}');
    fst_json_close(json, '}');
    fst_json_close(json, '}');
    fst_json_close(json, ']');
}

static void put_result(struct fst_json *json, const struct fst_checked *file, unsigned line,
                       const char *rule, const char *message, const char *key)
{
    fst_json_open(json, '{');
    fst_json_put_string(json, "ruleId", rule);
    fst_json_put_string(json, "level", "error");
    put_text(json, "message", message);
    if (file->capture)
        put_artifact(json, "analysisTarget", file->capture);
    put_location(json, file->path, line);
    fst_json_key(json, "partialFingerprints");
    fst_json_open(json, '{');
    fst_json_put_string(json, "flowstateKey/v1", key);
    fst_json_close(json, '}');
    fst_json_close(json, '}');
}

static void put_item(struct fst_json *json, const struct fst_checked *file,
                     const struct fst_check_item *item)
{
    for (size_t i = 0; i < item->difference_count; i++) {
        const struct fst_difference *difference = &item->differences[i];
        char sentence[TEXT_MAX], title[TEXT_MAX], message[2 * TEXT_MAX + 2];

        fst_difference_sentence(difference, sentence, sizeof(sentence));
        fst_difference_title(item, difference, title, sizeof(title));
        snprintf(message, sizeof(message), "%s: %s", title, sentence);
        put_result(json, file, difference->line, rule_id(difference), message, title);
    }
}

static void put_results(struct fst_json *json, const struct fst_check_report *report)
{
    fst_json_key(json, "results");
    fst_json_open(json, '[');
    for (size_t f = 0; f < report->count; f++) {
        const struct fst_checked *file = &report->files[f];

        if (!fst_checked_ran(file))
            put_result(json, file, file->trouble_line, "could-not-run", file->trouble,
                       "could-not-run");
        for (size_t i = 0; i < file->comparison.item_count; i++)
            put_item(json, file, &file->comparison.items[i]);
    }
    fst_json_close(json, ']');
}

static void check(struct fst_writer *writer, const struct fst_check_report *report)
{
    struct fst_json json = {writer->out, false};

    fst_json_open(&json, '{');
    fst_json_put_string(&json, "$schema", SCHEMA);
    fst_json_put_string(&json, "version", "2.1.0");
    fst_json_key(&json, "runs");
    fst_json_open(&json, '[');
    fst_json_open(&json, '{');
    put_tool(&json, report);
    put_results(&json, report);
    fst_json_close(&json, '}');
    fst_json_close(&json, ']');
    fst_json_close(&json, '}');
    fst_out_char(writer->out, '\n');
}

const struct fst_format fst_check_sarif = {.name = "sarif", .check = check};
