/* SPDX-License-Identifier: MIT */
#include "report/json_out.h"

#include <assert.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/wording.h"

/* A state's name as an item of an array, with the comma that may follow it: all are copied alike,
 * and what lies behind the length is written over. */
struct item {
    char text[16];
    unsigned char len;
};

static const struct item items[FST_STATE_COUNT] = {
#define FST_X(name, word) {"\"" word "\",", sizeof("\"" word "\",") - 1},
    FST_STATE_MAP(FST_X)
#undef FST_X
};

#define FST_X(name, word) static_assert(sizeof("\"" word "\",") <= sizeof(items[0].text), word);
FST_STATE_MAP(FST_X)
#undef FST_X

static_assert((FST_PATH_MAX + 1) * sizeof(items[0].text) < FST_OUT_AT_ONCE, "a path is one piece");
static_assert((FST_PATH_MAX + 1) * (FST_DIGITS_MAX + 1) < FST_OUT_AT_ONCE, "its packets too");
static_assert(FST_STATE_COUNT <= FST_PATH_MAX, "a set is no longer than a path");

/* The array that began behind `start` ends here: the comma of its last item was one too many. */
static void close_items(struct fst_json *json, const char *start, char *to)
{
    if (to > start)
        to--;
    *to++ = ']';
    fst_out_advance(json->out, to);
}

void fst_json_states(struct fst_json *json, fst_state_set states)
{
    char *to = fst_json_room(json), *start;

    *to++ = '[';
    start = to;
    for (unsigned state = 0; state < FST_STATE_COUNT; state++) {
        memcpy(to, items[state].text, sizeof(items[state].text));
        to += (states >> state & 1u) ? items[state].len : 0;
    }
    close_items(json, start, to);
}

void fst_json_path(struct fst_json *json, const struct fst_endpoint_view *endpoint)
{
    char *to = fst_json_room(json), *start;

    *to++ = '[';
    start = to;
    for (size_t i = 0; i < endpoint->path_count; i++) {
        const struct item *item = &items[endpoint->path[i].state];

        memcpy(to, item->text, sizeof(item->text));
        to += item->len;
    }
    close_items(json, start, to);
}

void fst_json_path_packets(struct fst_json *json, const struct fst_endpoint_view *endpoint)
{
    char *to = fst_json_room(json), *start;

    *to++ = '[';
    start = to;
    for (size_t i = 1; i < endpoint->path_count; i++) {
        to = fst_put_number(to, endpoint->path[i].packet);
        *to++ = ',';
    }
    close_items(json, start, to);
}

void fst_json_vlans(struct fst_json *json, const struct fst_connection_view *view)
{
    fst_json_open(json, '[');
    for (size_t i = 0; i < view->tag_count; i++)
        if ((view->tags[i] & ~FST_TAG_VALUE) == FST_TAG_VLAN)
            fst_json_number(json, view->tags[i] & FST_TAG_VALUE);
    fst_json_close(json, ']');
}

void fst_json_rules(struct fst_json *json, const struct fst_connection_view *view)
{
    fst_json_open(json, '[');
    for (size_t i = 0; i < view->finding_count; i++)
        if (!fst_found_earlier(view, i))
            fst_json_word(json, view->findings[i].rule->slug);
    fst_json_close(json, ']');
}

void fst_json_string(struct fst_json *json, const char *text)
{
    char *to;

    if (!text) {
        fst_json_null(json);
        return;
    }
    to = fst_json_room(json);
    *to++ = '"';
    fst_out_advance(json->out, to);
    fst_out_json_chars(json->out, text);
    fst_out_char(json->out, '"');
}

void fst_json_word(struct fst_json *json, const char *word)
{
    size_t len;
    char *to;

    if (!word) {
        fst_json_null(json);
        return;
    }
    len = strlen(word);
    assert(len == fst_json_plain(word) && len < FST_OUT_AT_ONCE - 3);
    to = fst_json_room(json);
    *to++ = '"';
    memcpy(to, word, len);
    to[len] = '"';
    fst_out_advance(json->out, to + len + 1);
}

void fst_json_time(struct fst_json *json, int64_t time_ns)
{
    char *to = fst_json_room(json);

    *to++ = '"';
    to = fst_put_timestamp(time_ns, to);
    *to++ = '"';
    fst_out_advance(json->out, to);
}

void fst_json_raw(struct fst_json *json, const char *digits)
{
    size_t len = strlen(digits);
    char *to = fst_json_room(json);

    memcpy(to, digits, len);
    fst_out_advance(json->out, to + len);
}

void fst_json_bool(struct fst_json *json, bool value)
{
    fst_json_raw(json, value ? "true" : "false");
}

void fst_json_null(struct fst_json *json)
{
    fst_json_raw(json, "null");
}
