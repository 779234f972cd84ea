/* SPDX-License-Identifier: MIT
 *
 * Where what was seen of a flow parts from what is expected of it, and which packet did that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/result.h"

/* ------------------------------------------------------------------------------------- texts -- */

/** Octets that both texts begin with, cut back to the start of a word. */
static size_t common_prefix(const char *left, const char *right, const char *separator)
{
    size_t separator_len = strlen(separator), at = 0, word = 0;

    while (left[at] != '\0' && left[at] == right[at]) {
        at++;
        if (at >= separator_len &&
            strncmp(left + at - separator_len, separator, separator_len) == 0)
            word = at;
    }
    if (left[at] == '\0' && right[at] == '\0')
        return at;
    /* One text is the other and more: they part behind its last word. */
    if (left[at] == '\0' && strncmp(right + at, separator, separator_len) == 0)
        return at;
    if (right[at] == '\0' && strncmp(left + at, separator, separator_len) == 0)
        return at;
    return word;
}

static bool any_equal(const struct fst_expected_flow *expected, enum fst_aspect aspect,
                      const char *got)
{
    if (expected->aspect[aspect].count == 0 || !got)
        return true;
    for (size_t i = 0; i < expected->aspect[aspect].count; i++)
        if (strcmp(expected->aspect[aspect].any[i].text, got) == 0)
            return true;
    return false;
}

/** The alternative that goes furthest with what was seen. */
static const struct fst_alternative *nearest(const struct fst_expected_flow *expected,
                                             enum fst_aspect aspect, const char *got)
{
    const struct fst_alternative *any = expected->aspect[aspect].any, *best = any;
    const char *separator = fst_aspect_separator(aspect);

    for (size_t i = 1; i < expected->aspect[aspect].count; i++)
        if (common_prefix(any[i].text, got, separator) > common_prefix(best->text, got, separator))
            best = &any[i];
    return best;
}

static bool right_client(const struct fst_expected_flow *expected, const struct fst_seen_flow *flow)
{
    return fst_pattern_matches(&expected->side[FST_CLIENT], &flow->side[FST_CLIENT].address,
                               flow->side[FST_CLIENT].port);
}

bool fst_flow_as_expected(const struct fst_expected_flow *expected,
                          const struct fst_seen_flow *seen)
{
    if (!right_client(expected, seen))
        return false;
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
        if (!any_equal(expected, (enum fst_aspect)a, seen->text[a]))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------- notes -- */

static void add_packet(struct fst_strbuf *note, uint64_t packet, int64_t time_ns,
                       const struct fst_seen *seen)
{
    int64_t us = (time_ns - seen->ts_first) / 1000;

    fst_strbuf_print(note, "#%llu at %lld.%06lld s", (unsigned long long)packet,
                     (long long)(us / 1000000), (long long)(us % 1000000));
}

static void add_last(struct fst_strbuf *note, const struct fst_seen *seen,
                     const struct fst_seen_flow *flow)
{
    fst_strbuf_add(note, "last segment ");
    add_packet(note, flow->last_packet, flow->last_ns, seen);
}

/** How many words the text has before `end`; where a path breaks no state is named. */
static size_t words_before(const char *text, size_t end)
{
    size_t count = 0;

    for (size_t at = 0; at < end && text[at] != '\0';) {
        size_t len = strcspn(text + at, " ");

        count += strncmp(text + at, FST_PATH_BREAK, len) != 0;
        at += len + (text[at + len] == ' ');
    }
    return count;
}

/** The state whose name stands at `text`; false if there is none. */
static bool state_at(const char *text, enum fst_state *state)
{
    text += strspn(text, " ");
    for (unsigned s = 0; s < FST_STATE_COUNT; s++) {
        const char *name = fst_state_name((enum fst_state)s);

        if (strncmp(text, name, strlen(name)) == 0 && strchr(" ", text[strlen(name)])) {
            *state = (enum fst_state)s;
            return true;
        }
    }
    return false;
}

/** What was seen ends where more was expected: what would have led on, and the last segment. */
static void note_end(struct fst_strbuf *note, struct fst_difference *difference, const char *rest,
                     const struct fst_seen *seen, const struct fst_seen_flow *flow)
{
    const struct fst_seen_side *side = &flow->side[difference->side];
    struct fst_transition move;
    enum fst_state next;

    if (side->step_count > 0 && state_at(rest, &next) &&
        fst_move_exists(side->steps[side->step_count - 1].state, next, &move))
        fst_strbuf_print(note, "no %s: the %s never %s; ", fst_state_name(next),
                         fst_side_word(difference->side), move.event);
    else
        fst_strbuf_add(note, "ends here; ");
    add_last(note, seen, flow);
    difference->packet = flow->last_packet;
}

static void note_step(struct fst_strbuf *note, struct fst_difference *difference,
                      const struct fst_seen *seen, const struct fst_seen_flow *flow, size_t index)
{
    const struct fst_seen_side *side = &flow->side[difference->side];
    const struct fst_seen_step *step = index < side->step_count ? &side->steps[index] : NULL;

    difference->packet = step && step->packet ? step->packet : flow->first_packet;
    if (!step || !step->packet) {
        fst_strbuf_print(note, "%s; the first segment is #%llu",
                         index == 0 ? "begins so" : "no segment shows why",
                         (unsigned long long)flow->first_packet);
        return;
    }
    add_packet(note, step->packet, step->time_ns, seen);
    if (step->why)
        fst_strbuf_print(note, ", %s: %s", fst_side_word(difference->side), step->why);
}

/** Why a path is another: the packet that took it there, or what never came. */
static char *path_note(struct fst_difference *difference, const char *expected, size_t at,
                       const struct fst_seen *seen, const struct fst_seen_flow *flow)
{
    struct fst_strbuf note = {0};

    if (difference->got[at] == '\0')
        note_end(&note, difference, expected + at, seen, flow);
    else
        note_step(&note, difference, seen, flow, words_before(difference->got, at));
    return fst_strbuf_take(&note);
}

/** The packet that brought a segment where another was expected, or that there are no more. */
static char *segments_note(struct fst_difference *difference, size_t at,
                           const struct fst_seen *seen, const struct fst_seen_flow *flow)
{
    size_t index = words_before(difference->got, at);
    struct fst_strbuf note = {0};

    difference->packet = flow->last_packet;
    if (difference->got[at] == '\0' || index >= flow->mark_count) {
        fst_strbuf_add(&note, "ends here; ");
        add_last(&note, seen, flow);
    } else {
        at += difference->got[at] == ' ';
        fst_strbuf_add_octets(&note, difference->got + at, strcspn(difference->got + at, " "));
        fst_strbuf_add(&note, " is ");
        difference->packet = flow->marks[index].packet;
        add_packet(&note, flow->marks[index].packet, flow->marks[index].time_ns, seen);
    }
    return fst_strbuf_take(&note);
}

static char *last_note(struct fst_difference *difference, const struct fst_seen *seen,
                       const struct fst_seen_flow *flow)
{
    struct fst_strbuf note = {0};

    add_last(&note, seen, flow);
    difference->packet = flow->last_packet;
    return fst_strbuf_take(&note);
}

/** Whether `item` is one of a text's findings. */
static bool names(const char *text, const char *item)
{
    size_t len = strlen(item);

    for (;;) {
        if (strncmp(text, item, len) == 0 && (text[len] == ',' || text[len] == '\0'))
            return true;
        text = strstr(text, ", ");
        if (!text)
            return false;
        text += 2;
    }
}

/** The first finding that is expected and was not found. As the other notes, NULL when memory is
 *  short. */
static char *missing_note(const struct fst_difference *difference)
{
    struct fst_strbuf note = {0};

    for (const char *at = difference->expected; *at != '\0';) {
        size_t len = strcspn(at, ",");
        struct fst_strbuf item = {0};
        bool found;

        fst_strbuf_add_octets(&item, at, len);
        if (!item.text)
            return NULL;
        found = names(difference->got, item.text);
        if (!found)
            fst_strbuf_print(&note, "%s was not found", item.text);
        fst_strbuf_free(&item);
        if (!found)
            break;
        at += len + strspn(at + len, ", ");
    }
    return fst_strbuf_take(&note);
}

/** The first finding that is not expected, in its own words. */
static char *findings_note(struct fst_difference *difference, const struct fst_seen_flow *flow)
{
    char message[512];

    for (size_t i = 0; i < flow->finding_count; i++) {
        const struct fst_finding *finding = &flow->findings[i];
        struct fst_strbuf item = {0}, note = {0};
        bool expected;

        fst_strbuf_add(&item, finding->rule->slug);
        if (finding->by < FST_BY_NOBODY)
            fst_strbuf_print(&item, " by %s", fst_side_word(finding->by));
        if (!item.text)
            return NULL;
        expected = names(difference->expected, item.text) || !names(difference->got, item.text);
        fst_strbuf_free(&item);
        if (expected)
            continue;
        difference->packet = finding->packet;
        fst_finding_message(finding, message, sizeof(message));
        fst_strbuf_print(&note, "%s #%llu: %s", finding->rule->slug,
                         (unsigned long long)finding->packet, message);
        return fst_strbuf_take(&note);
    }
    return missing_note(difference);
}

/* ------------------------------------------------------------------------------- differences -- */

static const enum fst_difference_kind kinds[FST_ASPECT_COUNT] = {
    [FST_ASPECT_CLIENT] = FST_DIFFERS_PATH,       [FST_ASPECT_SERVER] = FST_DIFFERS_PATH,
    [FST_ASPECT_ENDED] = FST_DIFFERS_ENDED,       [FST_ASPECT_FINDINGS] = FST_DIFFERS_FINDINGS,
    [FST_ASPECT_SEGMENTS] = FST_DIFFERS_SEGMENTS, [FST_ASPECT_PACKET] = FST_DIFFERS_PACKET};

/** The line of a text that begins at `at`. */
static char *line_at(const char *text, size_t at)
{
    text += at + (text[at] == '\n');
    return *text ? strndup(text, strcspn(text, "\n")) : strdup("nothing more");
}

static size_t lines_before(const char *text, size_t at)
{
    size_t count = at > 0 && text[at] != '\0'; /* `at` is a line's start, or behind the last */

    for (size_t i = 0; i + 1 < at; i++)
        count += text[i] == '\n';
    return count;
}

/** Where two texts part, as seen from the second: a word's first letter. */
static size_t caret_at(const char *got, size_t at)
{
    return at + (got[at] == '\0' || got[at] == ' ');
}

/** Many lines each: only the first that differs is shown. */
static void differ_in_packets(struct fst_difference *difference, const char *expected,
                              const char *got, const struct fst_seen *seen,
                              const struct fst_seen_flow *flow)
{
    size_t at = common_prefix(expected, got, "\n"), index = lines_before(got, at);
    struct fst_strbuf note = {0};

    difference->expected = line_at(expected, at);
    difference->got = line_at(got, at);
    fst_strbuf_print(&note, "segment %zu of this flow", index + 1);
    difference->packet = flow->last_packet;
    if (index < flow->mark_count) {
        difference->packet = flow->marks[index].packet;
        fst_strbuf_add(&note, ", ");
        add_packet(&note, flow->marks[index].packet, flow->marks[index].time_ns, seen);
        if (difference->expected && difference->got && expected[at] != '\0')
            difference->caret = caret_at(difference->got,
                                         common_prefix(difference->expected, difference->got, " "));
    }
    difference->note = fst_strbuf_take(&note);
}

void fst_difference_of_texts(struct fst_difference *difference, enum fst_aspect aspect,
                             const char *expected, const char *got, const struct fst_seen *seen,
                             const struct fst_seen_flow *flow)
{
    size_t at = common_prefix(expected, got, fst_aspect_separator(aspect));

    difference->kind = kinds[aspect];
    if (aspect == FST_ASPECT_PACKET) {
        differ_in_packets(difference, expected, got, seen, flow);
        return;
    }
    difference->expected = strdup(expected);
    difference->got = strdup(got);
    if (!difference->expected || !difference->got)
        return;
    if (aspect == FST_ASPECT_CLIENT || aspect == FST_ASPECT_SERVER) {
        difference->side = aspect == FST_ASPECT_CLIENT ? FST_CLIENT : FST_SERVER;
        difference->note = path_note(difference, expected, at, seen, flow);
    } else if (aspect == FST_ASPECT_FINDINGS) {
        difference->note = findings_note(difference, flow);
    } else if (aspect == FST_ASPECT_SEGMENTS) {
        difference->note = segments_note(difference, at, seen, flow);
    } else {
        difference->note = last_note(difference, seen, flow);
    }
    if (aspect != FST_ASPECT_FINDINGS && aspect != FST_ASPECT_ENDED)
        difference->caret = caret_at(got, at);
}

static bool has_texts(const struct fst_difference *difference)
{
    return difference->expected && difference->got && difference->note;
}

static void differ_in_aspect(struct fst_comparison *comparison, struct fst_check_item *item,
                             const struct fst_expected_flow *expected, enum fst_aspect aspect,
                             const struct fst_seen *seen, const struct fst_seen_flow *flow)
{
    const struct fst_alternative *best = nearest(expected, aspect, flow->text[aspect]);
    struct fst_difference *difference =
        fst_item_add(comparison, item, FST_DIFFERS_PATH, best->line);

    if (!difference)
        return;
    fst_difference_of_texts(difference, aspect, best->text, flow->text[aspect], seen, flow);
    comparison->out_of_memory |= !has_texts(difference);
}

static void differ_in_client(struct fst_comparison *comparison, struct fst_check_item *item,
                             const struct fst_expected_flow *expected,
                             const struct fst_seen_flow *flow)
{
    struct fst_difference *difference =
        fst_item_add(comparison, item, FST_DIFFERS_CLIENT, expected->line);
    char client[FST_SEEN_ENDPOINT_MAX];

    if (!difference)
        return;
    fst_seen_endpoint_text(&flow->side[FST_CLIENT], false, client);
    difference->expected = strdup(expected->side[FST_CLIENT].text);
    difference->got = strdup(client);
    difference->packet = flow->first_packet;
    comparison->out_of_memory |= !difference->expected || !difference->got;
}

void fst_flow_differences(struct fst_comparison *comparison, struct fst_check_item *item,
                          const struct fst_expected_flow *expected, const struct fst_seen *seen,
                          const struct fst_seen_flow *flow)
{
    if (!right_client(expected, flow))
        differ_in_client(comparison, item, expected, flow);
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
        if (!any_equal(expected, (enum fst_aspect)a, flow->text[a]))
            differ_in_aspect(comparison, item, expected, (enum fst_aspect)a, seen, flow);
}
