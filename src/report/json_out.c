/* SPDX-License-Identifier: MIT */
#include "report/json_out.h"

#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/wording.h"

static void separate(struct fst_json *json)
{
    if (json->comma)
        fst_out_char(json->out, ',');
    json->comma = true;
}

void fst_json_open(struct fst_json *json, char bracket)
{
    separate(json);
    fst_out_char(json->out, bracket);
    json->comma = false;
}

void fst_json_close(struct fst_json *json, char bracket)
{
    fst_out_char(json->out, bracket);
    json->comma = true;
}

void fst_json_key(struct fst_json *json, const char *key)
{
    size_t len = strlen(key);
    char *to = fst_out_room(json->out, len + 4);

    if (!to) {
        separate(json);
        fst_out_bytes(json->out, "\"", 1);
        fst_out_bytes(json->out, key, len); /* ours: nothing to escape */
        fst_out_bytes(json->out, "\":", 2);
    } else { /* the same at once */
        char *end = to;

        if (json->comma)
            *end++ = ',';
        *end++ = '"';
        memcpy(end, key, len);
        end += len;
        *end++ = '"';
        *end++ = ':';
        json->out->used += (size_t)(end - to);
    }
    json->comma = false;
}

void fst_json_string(struct fst_json *json, const char *text)
{
    if (!text) {
        fst_json_null(json);
        return;
    }
    separate(json);
    fst_out_char(json->out, '"');
    fst_out_json_chars(json->out, text);
    fst_out_char(json->out, '"');
}

void fst_json_number(struct fst_json *json, uint64_t number)
{
    separate(json);
    fst_out_number(json->out, number < FST_JSON_INTEGER_MAX ? number : FST_JSON_INTEGER_MAX);
}

void fst_json_raw(struct fst_json *json, const char *digits)
{
    separate(json);
    fst_out_text(json->out, digits);
}

void fst_json_bool(struct fst_json *json, bool value)
{
    separate(json);
    fst_out_text(json->out, value ? "true" : "false");
}

void fst_json_null(struct fst_json *json)
{
    separate(json);
    fst_out_text(json->out, "null");
}

void fst_json_time(struct fst_json *json, int64_t time_ns)
{
    char text[FST_FORMAT_MAX];

    fst_json_string(json, fst_format_timestamp(time_ns, text));
}

void fst_json_states(struct fst_json *json, fst_state_set states)
{
    fst_json_open(json, '[');
    for (unsigned state = 0; state < FST_STATE_COUNT; state++)
        if (states & 1u << state)
            fst_json_string(json, fst_state_name((enum fst_state)state));
    fst_json_close(json, ']');
}

void fst_json_path(struct fst_json *json, const struct fst_endpoint_view *endpoint)
{
    fst_json_open(json, '[');
    for (size_t i = 0; i < endpoint->path_count; i++)
        fst_json_string(json, fst_state_name(endpoint->path[i].state));
    fst_json_close(json, ']');
}

void fst_json_rules(struct fst_json *json, const struct fst_connection_view *view)
{
    fst_json_open(json, '[');
    for (size_t i = 0; i < view->finding_count; i++)
        if (!fst_found_earlier(view, i))
            fst_json_string(json, view->findings[i].rule->slug);
    fst_json_close(json, ']');
}

void fst_json_put_string(struct fst_json *json, const char *key, const char *text)
{
    fst_json_key(json, key);
    fst_json_string(json, text);
}

void fst_json_put_number(struct fst_json *json, const char *key, uint64_t number)
{
    fst_json_key(json, key);
    fst_json_number(json, number);
}

void fst_json_put_bool(struct fst_json *json, const char *key, bool value)
{
    fst_json_key(json, key);
    fst_json_bool(json, value);
}

void fst_json_put_time(struct fst_json *json, const char *key, int64_t time_ns)
{
    fst_json_key(json, key);
    fst_json_time(json, time_ns);
}
