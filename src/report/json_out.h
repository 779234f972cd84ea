/* SPDX-License-Identifier: MIT
 *
 * JSON written straight to the output: several times faster than building a tree, and nothing is
 * kept. The caller closes what it opened and uses each key once; commas are placed here. What is
 * written many times for each connection is inline, so that the length of a key is a constant.
 */
#ifndef FST_REPORT_JSON_OUT_H
#define FST_REPORT_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "flowstate/flowstate.h"
#include "report/out.h"

/** Integers above 2^53 are cut there: many JSON readers keep numbers as doubles. */
#define FST_JSON_INTEGER_MAX ((uint64_t)1 << 53)

struct fst_json {
    struct fst_out *out;
    bool comma; /* something stands before, at this depth */
};

/** Where the next value goes: room for FST_OUT_AT_ONCE - 1 octets, a comma before them if need be.
 */
static inline char *fst_json_room(struct fst_json *json)
{
    char *to = fst_out_room(json->out);

    *to = ',';
    to += json->comma;
    json->comma = true;
    return to;
}

static inline void fst_json_open(struct fst_json *json, char bracket)
{
    char *to = fst_json_room(json);

    *to++ = bracket;
    fst_out_advance(json->out, to);
    json->comma = false;
}

static inline void fst_json_close(struct fst_json *json, char bracket)
{
    fst_out_char(json->out, bracket);
    json->comma = true;
}

/** In an object: the key of the value that follows. Ours, so that nothing needs an escape. */
static inline __attribute__((always_inline)) void fst_json_key(struct fst_json *json,
                                                               const char *key)
{
    size_t len = strlen(key);
    char *to = fst_json_room(json);

    *to++ = '"';
    memcpy(to, key, len);
    memcpy(to + len, "\":", 2);
    fst_out_advance(json->out, to + len + 2);
    json->comma = false;
}

/* A value: of an array, or after a key. */
void fst_json_string(struct fst_json *json, const char *text); /* NULL is null */
/** A number that is written already: digits, sign and point only. */
void fst_json_raw(struct fst_json *json, const char *digits);
void fst_json_bool(struct fst_json *json, bool value);
void fst_json_null(struct fst_json *json);
void fst_json_time(struct fst_json *json, int64_t time_ns);
void fst_json_states(struct fst_json *json, fst_state_set states);
/** The states of an endpoint's path. */
void fst_json_path(struct fst_json *json, const struct fst_endpoint_view *endpoint);
/** The packets that made its steps; none led to the first. */
void fst_json_path_packets(struct fst_json *json, const struct fst_endpoint_view *endpoint);
/** The numbers of the VLANs a connection is in, the outermost first. */
void fst_json_vlans(struct fst_json *json, const struct fst_connection_view *view);
/** The names of the rules found in a connection, each once. */
void fst_json_rules(struct fst_json *json, const struct fst_connection_view *view);

static inline void fst_json_number(struct fst_json *json, uint64_t number)
{
    char *to = fst_json_room(json);

    if (number > FST_JSON_INTEGER_MAX)
        number = FST_JSON_INTEGER_MAX;
    fst_out_advance(json->out, fst_put_number(to, number));
}

/** A string of ours, short and with nothing in it that needs an escape; NULL is null. */
void fst_json_word(struct fst_json *json, const char *word);

/* A key and its value. */

static inline __attribute__((always_inline)) void
fst_json_put_string(struct fst_json *json, const char *key, const char *text)
{
    fst_json_key(json, key);
    fst_json_string(json, text);
}

static inline __attribute__((always_inline)) void
fst_json_put_word(struct fst_json *json, const char *key, const char *word)
{
    fst_json_key(json, key);
    fst_json_word(json, word);
}

static inline __attribute__((always_inline)) void
fst_json_put_number(struct fst_json *json, const char *key, uint64_t number)
{
    fst_json_key(json, key);
    fst_json_number(json, number);
}

static inline void fst_json_put_bool(struct fst_json *json, const char *key, bool value)
{
    fst_json_key(json, key);
    fst_json_bool(json, value);
}

static inline void fst_json_put_time(struct fst_json *json, const char *key, int64_t time_ns)
{
    fst_json_key(json, key);
    fst_json_time(json, time_ns);
}

#endif
