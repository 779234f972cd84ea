/* SPDX-License-Identifier: MIT */
#include "expect/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/result.h"

/* ---------------------------------------------------------------------------------- rendering --
 */

/** The packets of a flow, a line each. */
static void put_packets(struct fst_strbuf *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        fst_strbuf_add(out, "  packet    ");
        fst_strbuf_add_octets(out, text, len);
        fst_strbuf_add(out, "\n");
        text += len + (text[len] == '\n');
    }
}

static void put_text(struct fst_strbuf *out, enum fst_aspect aspect, const char *text, bool more)
{
    if (aspect == FST_ASPECT_PACKET)
        put_packets(out, text);
    else if (more)
        fst_strbuf_print(out, "  or %s  %s\n", fst_aspect_name(aspect), text);
    else
        fst_strbuf_print(out, "  %-8s  %s\n", fst_aspect_name(aspect), text);
}

/** @return how many were put. */
static size_t put_alternatives(struct fst_strbuf *out, const struct fst_expected_flow *flow,
                               enum fst_aspect aspect)
{
    for (size_t i = 0; i < flow->aspect[aspect].count; i++)
        put_text(out, aspect, flow->aspect[aspect].any[i].text, i > 0);
    return flow->aspect[aspect].count;
}

/* ------------------------------------------------------------------------- the recorded part -- */

struct recording {
    struct fst_strbuf out;
    const struct fst_seen *seen;
    const struct fst_expectation *expectation; /* NULL: all is new */
    const size_t *pairs;
    bool merge;
    char **servers; /* of each flow put so far */
    size_t count;
};

static const struct fst_expected_flow *partner_of(const struct recording *recording, size_t seen)
{
    const struct fst_expectation *old = recording->expectation;

    for (size_t i = 0; old && i < old->flow_count; i++)
        if (recording->pairs[i] == seen)
            return &old->flows[i];
    return NULL;
}

/** An old flow of the same server, whose name and pattern go on. */
static const struct fst_expected_flow *sibling_of(const struct recording *recording, size_t seen)
{
    const struct fst_expectation *old = recording->expectation;
    const struct fst_seen_side *server = &recording->seen->flows[seen].side[FST_SERVER];

    for (size_t i = 0; old && i < old->flow_count; i++)
        if (fst_pattern_matches(&old->flows[i].side[FST_SERVER], &server->address, server->port))
            return &old->flows[i];
    return NULL;
}

/** The flow's line: its name goes on where the server had one, its number is counted anew. */
static void put_head(struct recording *recording, const struct fst_expected_flow *model,
                     const char *client, const char *server)
{
    size_t number = 1, label_len = model ? strlen(model->name) : 0;

    for (size_t i = 0; i < recording->count; i++)
        number += recording->servers[i] && strcmp(recording->servers[i], server) == 0;
    recording->servers[recording->count] = strdup(server);
    recording->out.failed |= !recording->servers[recording->count];
    recording->count++;
    fst_strbuf_add(&recording->out, recording->count > 1 ? "\nflow     " : "flow     ");
    while (model && model->name[label_len] != '#')
        label_len--;
    if (model)
        fst_strbuf_add_octets(&recording->out, model->name, label_len);
    else
        fst_strbuf_add(&recording->out, server);
    fst_strbuf_print(&recording->out, "#%zu  client %s  server %s\n", number, client, server);
}

/** One aspect of a flow: what was there if it still holds or others shall be accepted too. */
static void put_aspect(struct recording *recording, const struct fst_expected_flow *old,
                       const struct fst_seen_flow *flow, enum fst_aspect aspect)
{
    bool known = false;
    size_t put = 0;

    if (!fst_level_has(recording->seen->level, aspect))
        return;
    for (size_t i = 0; old && i < old->aspect[aspect].count; i++)
        known |= strcmp(old->aspect[aspect].any[i].text, flow->text[aspect]) == 0;
    if (known || (old && recording->merge && aspect != FST_ASPECT_PACKET))
        put = put_alternatives(&recording->out, old, aspect);
    if (!known)
        put_text(&recording->out, aspect, flow->text[aspect], put > 0);
}

static void put_flow(struct recording *recording, size_t index)
{
    const struct fst_seen_flow *flow = &recording->seen->flows[index];
    const struct fst_expected_flow *old = partner_of(recording, index);
    const struct fst_expected_flow *model = old ? old : sibling_of(recording, index);
    char client[FST_SEEN_ENDPOINT_MAX], server[FST_SEEN_ENDPOINT_MAX];
    bool same_client =
        old && fst_pattern_matches(&old->side[FST_CLIENT], &flow->side[FST_CLIENT].address,
                                   flow->side[FST_CLIENT].port);

    fst_seen_endpoint_text(&flow->side[FST_CLIENT], true, client);
    fst_seen_endpoint_text(&flow->side[FST_SERVER], false, server);
    put_head(recording, model, same_client ? old->side[FST_CLIENT].text : client,
             model ? model->side[FST_SERVER].text : server);
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
        put_aspect(recording, old, flow, (enum fst_aspect)a);
}

/** When merging, what was not seen this time stays expected. */
static void put_missing(struct recording *recording)
{
    const struct fst_expectation *old = recording->expectation;

    for (size_t i = 0; old && recording->merge && i < old->flow_count; i++) {
        const struct fst_expected_flow *flow = &old->flows[i];

        if (recording->pairs[i] != SIZE_MAX)
            continue;
        put_head(recording, flow, flow->side[FST_CLIENT].text, flow->side[FST_SERVER].text);
        for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
            put_alternatives(&recording->out, flow, (enum fst_aspect)a);
    }
}

/** The flows below the double line, to be freed; NULL when memory is short. */
static char *recorded_flows(struct recording *recording)
{
    size_t old_count = recording->expectation ? recording->expectation->flow_count : 0;

    recording->servers =
        calloc(recording->seen->flow_count + old_count + 1, sizeof(*recording->servers));
    if (!recording->servers)
        return NULL;
    for (size_t i = 0; i < recording->seen->flow_count; i++)
        put_flow(recording, i);
    put_missing(recording);
    for (size_t i = 0; i < recording->count; i++)
        free(recording->servers[i]);
    free(recording->servers);
    return fst_strbuf_take(&recording->out);
}

static void put_mark(struct fst_strbuf *out, enum fst_level level)
{
    fst_strbuf_print(out,
                     FST_RECORDED_MARK " recorded by flowstate %s --record=%s; --update rewrites "
                                       "from here ====\n",
                     fst_version(), fst_level_name(level));
}

/* --------------------------------------------------------------------------------- whole files --
 */

/** A filter may have been written over several lines; a statement has one. */
static void put_only(struct fst_strbuf *out, const char *filter)
{
    fst_strbuf_add(out, "only     ");
    for (; *filter != '\0'; filter++)
        fst_strbuf_add_octets(out, strchr("\n\r", *filter) ? " " : filter, 1);
    fst_strbuf_add(out, "\n");
}

static void put_file_head(struct fst_strbuf *out, const struct fst_record_head *head,
                          const struct fst_seen *seen)
{
    fst_strbuf_add(out, "flowstate-expect 1\n");
    if (head->capture)
        fst_strbuf_print(out, "capture  %s\n", head->capture);
    if (head->only)
        put_only(out, head->only);
    if (head->lossless)
        fst_strbuf_add(out, "lossless yes\n");
    if (head->damaged)
        fst_strbuf_add(out, "allow    damaged\n");
    fst_strbuf_add(out, "\n# ---- yours: --update never touches anything above the next line of "
                        "this kind ----\n");
    fst_strbuf_add(out, seen->flow_count > 0
                            ? "# assert   every flow: established within 50 ms\n"
                              "# assert   no flow: server in CLOSE-WAIT longer than 2 s\n"
                            : "assert   flows = 0\n");
    fst_strbuf_add(out, "\n");
}

char *fst_record_new(const struct fst_record_head *head, const struct fst_seen *seen)
{
    struct recording recording = {.seen = seen};
    struct fst_strbuf out = {0};
    char *flows = recorded_flows(&recording);

    if (!flows)
        return NULL;
    put_file_head(&out, head, seen);
    put_mark(&out, seen->level);
    fst_strbuf_add(&out, flows);
    free(flows);
    return fst_strbuf_take(&out);
}

/** The old text below the double line's own line. */
static const char *old_flows(const struct fst_record_again *again, size_t *len)
{
    const char *mark = again->text + again->expectation->recorded_offset;
    const char *end = again->text + again->len;
    const char *line_end = memchr(mark, '\n', (size_t)(end - mark));

    *len = line_end ? (size_t)(end - line_end - 1) : 0;
    return line_end ? line_end + 1 : end;
}

static void put_above(struct fst_strbuf *out, const struct fst_record_again *again)
{
    size_t len = again->expectation->recorded ? again->expectation->recorded_offset : again->len;

    fst_strbuf_add_octets(out, again->text, len);
    if (len > 0 && again->text[len - 1] != '\n')
        fst_strbuf_add(out, "\n");
}

char *fst_record_again(const struct fst_record_again *again, const struct fst_seen *seen,
                       bool *changed)
{
    struct recording recording = {.seen = seen,
                                  .expectation = again->expectation,
                                  .pairs = again->pairs,
                                  .merge = again->merge};
    struct fst_strbuf out = {0};
    char *flows = recorded_flows(&recording);
    const char *old = NULL;
    size_t old_len = 0;

    if (!flows)
        return NULL;
    if (again->expectation->recorded)
        old = old_flows(again, &old_len);
    *changed = !old || old_len != strlen(flows) || memcmp(old, flows, old_len) != 0;
    put_above(&out, again);
    put_mark(&out, seen->level);
    fst_strbuf_add(&out, flows);
    free(flows);
    return fst_strbuf_take(&out);
}
