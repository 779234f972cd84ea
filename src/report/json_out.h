/* SPDX-License-Identifier: MIT
 *
 * JSON written straight to the output, for formats that stream: several times faster than building
 * a tree. The caller closes what it opened and uses each key once; commas are placed here.
 */
#ifndef FST_REPORT_JSON_OUT_H
#define FST_REPORT_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"
#include "report/out.h"

/** Integers above 2^53 are cut there: many JSON readers keep numbers as doubles. */
#define FST_JSON_INTEGER_MAX ((uint64_t)1 << 53)

struct fst_json {
    struct fst_out *out;
    bool comma; /* something stands before, at this depth */
};

void fst_json_open(struct fst_json *json, char bracket);
void fst_json_close(struct fst_json *json, char bracket);
/** In an object: the key of the value that follows. */
void fst_json_key(struct fst_json *json, const char *key);

/* A value: of an array, or after a key. */
void fst_json_string(struct fst_json *json, const char *text); /* NULL is null */
void fst_json_number(struct fst_json *json, uint64_t number);
/** A number that is written already: digits, sign and point only. */
void fst_json_raw(struct fst_json *json, const char *digits);
void fst_json_bool(struct fst_json *json, bool value);
void fst_json_null(struct fst_json *json);
void fst_json_time(struct fst_json *json, int64_t time_ns);
void fst_json_states(struct fst_json *json, fst_state_set states);
/** The states of an endpoint's path. */
void fst_json_path(struct fst_json *json, const struct fst_endpoint_view *endpoint);
/** The names of the rules found in a connection, each once. */
void fst_json_rules(struct fst_json *json, const struct fst_connection_view *view);

/* A key and its value. */
void fst_json_put_string(struct fst_json *json, const char *key, const char *text);
void fst_json_put_number(struct fst_json *json, const char *key, uint64_t number);
void fst_json_put_bool(struct fst_json *json, const char *key, bool value);
void fst_json_put_time(struct fst_json *json, const char *key, int64_t time_ns);

#endif
