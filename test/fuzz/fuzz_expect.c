/* SPDX-License-Identifier: MIT
 *
 * Any octets as an expectation file. What is refused names a line of the text and says why, and
 * people and machines are told file and line. What is read can be compared with a capture without
 * connections, and written again: the result is read as the same expectation, and writing that
 * changes nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect/record.h"
#include "expect/result.h"
#include "report/check_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int condition)
{
    if (!condition)
        abort();
}

static unsigned lines_of(const uint8_t *data, size_t len)
{
    unsigned lines = 1;

    for (size_t i = 0; i < len; i++)
        lines += data[i] == '\n';
    return lines;
}

/** Compare with nothing, and write again what is expected; to be freed. */
static char *write_again(const struct fst_expectation *expectation, const char *text, size_t len,
                         bool *changed)
{
    const struct fst_seen nothing = {.level = expectation->level};
    const struct fst_compare_options options = {true, FST_CAPTURE};
    size_t *pairs = calloc(expectation->flow_count + 1, sizeof(*pairs));
    const struct fst_record_again again = {text, len, expectation, pairs, true};
    struct fst_comparison comparison;
    char *written;

    must(pairs != NULL);
    fst_compare(&comparison, expectation, &nothing, &options, pairs);
    must(!comparison.out_of_memory);
    must(comparison.item_count == expectation->assert_count + expectation->flow_count);
    must(comparison.failed >= expectation->flow_count);
    fst_comparison_free(&comparison);
    written = fst_record_again(&again, &nothing, changed);
    must(written != NULL);
    free(pairs);
    return written;
}

static void check_read(const struct fst_expectation *expectation, const char *text, size_t len)
{
    struct fst_expectation second;
    struct fst_expect_error error;
    bool changed;
    char *written = write_again(expectation, text, len, &changed), *again;

    must(fst_expectation_parse(&second, written, strlen(written), &error));
    must(second.flow_count == expectation->flow_count);
    must(second.assert_count == expectation->assert_count);
    again = write_again(&second, written, strlen(written), &changed);
    must(!changed && strcmp(again, written) == 0);
    fst_expectation_free(&second);
    free(written);
    free(again);
}

/** A format's output about a file that could not be read begins with `place`. */
static void check_told(const char *format, const struct fst_check_report *report, const char *place)
{
    static struct fst_out out;
    struct fst_writer writer = {.format = fst_format_find("check", format), .out = &out};

    fst_out_init(&out, -1, false);
    writer.format->check(&writer, report);
    must(out.error == 0 && out.used > strlen(place) && out.used < sizeof(out.buffer));
    must(memcmp(out.buffer, place, strlen(place)) == 0);
}

static void check_refused(const struct fst_expect_error *error)
{
    const struct fst_checked file = {.path = "fuzz.expect",
                                     .has_file = true,
                                     .status = 2,
                                     .trouble = error->message,
                                     .trouble_line = error->line};
    const struct fst_check_report report = {
        .count = 1, .files = &file, .not_run = 1, .version = fst_version()};
    char place[64];

    snprintf(place, sizeof(place), "ERROR fuzz.expect:%u   ", error->line);
    check_told("text", &report, place);
    snprintf(place, sizeof(place), "::error file=fuzz.expect,line=%u,", error->line);
    check_told("github", &report, place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct fst_expectation expectation;
    struct fst_expect_error error;
    const char *text = (const char *)data;

    if (fst_expectation_parse(&expectation, text, len, &error)) {
        check_read(&expectation, text, len);
        fst_expectation_free(&expectation);
        return 0;
    }
    must(error.line >= 1 && error.line <= lines_of(data, len));
    must(error.message[0] != '\0' && !error.out_of_memory);
    check_refused(&error);
    return 0;
}
