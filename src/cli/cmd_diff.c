/* SPDX-License-Identifier: MIT
 *
 * flowstate diff A B: what the second capture shows, checked against a recording of the first.
 */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "cli/check_file.h"
#include "cli/check_report.h"
#include "cli/observe.h"
#include "cli/options.h"
#include "expect/record.h"

static int observe(struct fst_observation *observation, const struct fst_arguments *arguments,
                   const char *path)
{
    int status;

    *observation = (struct fst_observation){.path = path,
                                            .filter = arguments->filter,
                                            .lossless = arguments->lossless,
                                            .max_flows = arguments->max_flows,
                                            .level = arguments->level};
    status = fst_observe_capture(observation);
    if (status != FST_EXIT_OK)
        fst_complain("%s", observation->diag.message);
    return status;
}

/** The expectation that the first capture is. */
static bool expect_first(struct fst_expectation *expectation, const struct fst_observation *first)
{
    /* The name is in nobody's eyes, and a real one may have what no line can. */
    struct fst_record_head head = {"A", NULL, false, false};
    struct fst_expect_error error;
    char *text = fst_record_new(&head, &first->seen);
    bool good = text && fst_expectation_parse(expectation, text, strlen(text), &error);

    /* Without a connection it says "assert flows = 0", which is for files: here those of the second
     * are told one by one. */
    while (good && expectation->assert_count > 0)
        free(expectation->asserts[--expectation->assert_count].text);
    free(text);
    return good;
}

static void forget_lines(struct fst_comparison *comparison)
{
    for (size_t i = 0; i < comparison->item_count; i++) {
        comparison->items[i].line = 0;
        for (size_t d = 0; d < comparison->items[i].difference_count; d++)
            comparison->items[i].differences[d].line = 0;
    }
}

/** Where to look: in each capture the first connection that is another in the other. What is
 *  expected was recorded of the first, flow by flow in its order. */
static void note_looks(struct fst_checked *checked, const struct fst_seen *first)
{
    size_t flow = 0;

    for (size_t i = 0; i < checked->comparison.item_count; i++) {
        const struct fst_check_item *item = &checked->comparison.items[i];
        size_t index = flow;

        flow += item->kind == FST_ITEM_FLOW;
        if (item->difference_count == 0)
            continue;
        if (!checked->look)
            checked->look = item->connection;
        if (!checked->first_look && item->kind == FST_ITEM_FLOW)
            checked->first_look = first->flows[index].id;
    }
}

static int compare(const struct fst_arguments *arguments, const struct fst_expectation *expectation,
                   const struct fst_observation *first, const struct fst_observation *second)
{
    struct fst_checked checked = {.path = strdup(first->path),
                                  .capture = strdup(second->path),
                                  .other = strdup(second->path),
                                  .filter = arguments->filter ? strdup(arguments->filter) : NULL,
                                  .flow_count = second->seen.flow_count};
    bool good =
        checked.path && checked.capture && checked.other && (checked.filter || !arguments->filter);
    struct fst_compare_options options = {.findings_fail = false};
    size_t *pairs = calloc(expectation->flow_count + 1, sizeof(*pairs));
    int status = FST_EXIT_INTERNAL;

    good = good && pairs;
    if (good)
        fst_compare(&checked.comparison, expectation, &second->seen, &options, pairs);
    if (good && !checked.comparison.out_of_memory) {
        forget_lines(&checked.comparison);
        note_looks(&checked, &first->seen);
        checked.status = checked.comparison.failed > 0 ? FST_EXIT_FAILED : FST_EXIT_OK;
        status = fst_check_tell(arguments, &checked, 1, 0);
    } else {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    }
    free(pairs);
    fst_checked_free(&checked);
    return status;
}

static int diff(const struct fst_arguments *arguments)
{
    struct fst_observation first = {0}, second = {0};
    struct fst_expectation expectation = {0};
    int status = observe(&first, arguments, arguments->words[0]);

    if (status == FST_EXIT_OK)
        status = observe(&second, arguments, arguments->words[1]);
    if (status == FST_EXIT_OK && first.seen.flow_count + second.seen.flow_count == 0) {
        fst_complain("neither %s nor %s has a TCP connection to compare", first.path, second.path);
        status = FST_EXIT_NOTHING;
    }
    if (status == FST_EXIT_OK) {
        if (expect_first(&expectation, &first)) {
            status = compare(arguments, &expectation, &first, &second);
        } else {
            fst_complain("%s", fst_error_text(FST_ENOMEM));
            status = FST_EXIT_INTERNAL;
        }
    }
    fst_expectation_free(&expectation);
    fst_seen_free(&first.seen);
    fst_seen_free(&second.seen);
    return status;
}

int fst_cmd_diff(const struct fst_arguments *arguments)
{
    int status = fst_outputs_check(arguments);

    if (status != FST_EXIT_OK)
        return status;
    if (arguments->word_count != 2) {
        fst_complain("two captures are compared: flowstate diff A B");
        return FST_EXIT_USAGE;
    }
    status = fst_check_give_up_rights(arguments, NULL, false);
    return status == FST_EXIT_OK ? diff(arguments) : status;
}
