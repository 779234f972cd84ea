/* SPDX-License-Identifier: MIT
 *
 * Descriptions of connections: a view of the analyzer in the words of an expectation file.
 */
#include "expect/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "expect/track.h"

bool fst_rule_is_incidental(const struct fst_rule *rule)
{
    static const char *const slugs[] = {
#define INCIDENTAL(slug) slug,
#include "expect/incidental.def"
#undef INCIDENTAL
    };

    for (size_t i = 0; i < sizeof(slugs) / sizeof(slugs[0]); i++)
        if (strcmp(slugs[i], rule->slug) == 0)
            return true;
    return false;
}

void fst_seen_endpoint_text(const struct fst_seen_side *side, bool any_port,
                            char text[FST_SEEN_ENDPOINT_MAX])
{
    char address[FST_ADDRESS_TEXT_MAX], port[8] = "*";
    bool ipv6 = side->address.ipv6;

    fst_address_text(&side->address, address);
    if (!any_port)
        snprintf(port, sizeof(port), "%u", side->port);
    snprintf(text, FST_SEEN_ENDPOINT_MAX, "%s%s%s:%s", ipv6 ? "[" : "", address, ipv6 ? "]" : "",
             port);
}

int fst_seen_compare_endpoints(const struct fst_seen_side *left, const struct fst_seen_side *right)
{
    int order = (int)left->address.ipv6 - (int)right->address.ipv6;

    if (order == 0)
        order = memcmp(left->address.octets, right->address.octets, left->address.ipv6 ? 16 : 4);
    return order ? order : (int)left->port - (int)right->port;
}

/* ----------------------------------------------------------------------------------- aspects -- */

static char *path_text(const struct fst_endpoint_view *endpoint)
{
    struct fst_strbuf text = {0};
    struct fst_transition move;

    for (size_t i = 0; i < endpoint->path_count; i++) {
        enum fst_state state = endpoint->path[i].state;

        if (i > 0 && !fst_move_exists(endpoint->path[i - 1].state, state, &move))
            fst_strbuf_join(&text, " ", FST_PATH_BREAK);
        fst_strbuf_join(&text, " ", fst_state_name(state));
    }
    if (endpoint->path_cut)
        fst_strbuf_join(&text, " ", FST_PATH_CUT);
    return fst_strbuf_take(&text);
}

static char *ended_text(const struct fst_connection_view *view)
{
    struct fst_strbuf text = {0};

    fst_strbuf_add(&text, fst_end_kind_name(view->end_kind));
    if (view->end_by < FST_BY_NOBODY)
        fst_strbuf_print(&text, " by %s", fst_side_word(view->end_by));
    return fst_strbuf_take(&text);
}

static int by_slug_and_side(const void *left, const void *right)
{
    const struct fst_finding *a = *(const struct fst_finding *const *)left;
    const struct fst_finding *b = *(const struct fst_finding *const *)right;
    int order = strcmp(a->rule->slug, b->rule->slug);

    if (order) /* as the texts sort: "rule" before "rule by client" before "rule by server" */
        return order;
    return (int)((a->by + 1) % 3) - (int)((b->by + 1) % 3);
}

static char *findings_text(const struct fst_connection_view *view, enum fst_level level)
{
    const struct fst_finding **found =
        calloc(view->finding_count + 1, sizeof(const struct fst_finding *));
    struct fst_strbuf text = {0};
    size_t count = 0;

    if (!found)
        return NULL;
    for (size_t i = 0; i < view->finding_count; i++)
        if (level == FST_LEVEL_EXACT || !fst_rule_is_incidental(view->findings[i].rule))
            found[count++] = &view->findings[i];
    qsort(found, count, sizeof(*found), by_slug_and_side);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_slug_and_side(&found[i - 1], &found[i]) == 0)
            continue;
        fst_strbuf_join(&text, ", ", found[i]->rule->slug);
        if (found[i]->by < FST_BY_NOBODY)
            fst_strbuf_print(&text, " by %s", fst_side_word(found[i]->by));
    }
    if (count == 0)
        fst_strbuf_add(&text, "none");
    free(found);
    return fst_strbuf_take(&text);
}

/* ------------------------------------------------------------------------------ the connection --
 */

/** Give each step of the path the change that led there; what the tracker missed stays unknown. */
static bool fill_steps(struct fst_seen_side *side, const struct fst_endpoint_view *endpoint,
                       const struct fst_track_side *track)
{
    size_t next = 0;

    side->steps = calloc(endpoint->path_count + 1, sizeof(*side->steps));
    if (!side->steps)
        return false;
    side->step_count = endpoint->path_count;
    for (size_t i = 0; i < endpoint->path_count; i++) {
        size_t found = next;

        side->steps[i].state = endpoint->path[i].state;
        while (i > 0 && found < track->step_count &&
               track->steps[found].state != endpoint->path[i].state)
            found++;
        if (i > 0 && found < track->step_count) {
            side->steps[i] = track->steps[found];
            next = found + 1;
        }
    }
    return true;
}

static bool was_open(const struct fst_endpoint_view *endpoint)
{
    const fst_state_set before =
        1u << FST_CLOSED | 1u << FST_LISTEN | 1u << FST_SYN_SENT | 1u << FST_SYN_RECEIVED;

    for (size_t i = 0; i < endpoint->path_count; i++)
        if (!(before & 1u << endpoint->path[i].state))
            return true;
    return false;
}

static bool fill_side(struct fst_seen_side *side, const struct fst_endpoint_view *endpoint,
                      const struct fst_track_side *track)
{
    side->address = endpoint->address;
    side->port = endpoint->port;
    side->state = endpoint->state;
    side->was_open = was_open(endpoint);
    side->octets_sent = track->octets;
    memcpy(side->longest_ns, track->longest_ns, sizeof(side->longest_ns));
    return fill_steps(side, endpoint, track);
}

static bool copy_findings(struct fst_seen_flow *flow, const struct fst_connection_view *view)
{
    flow->findings = calloc(view->finding_count + 1, sizeof(*flow->findings));
    if (!flow->findings)
        return false;
    if (view->finding_count > 0)
        memcpy(flow->findings, view->findings, view->finding_count * sizeof(*flow->findings));
    flow->finding_count = view->finding_count;
    return true;
}

bool fst_seen_flow_fill(struct fst_seen_flow *flow, const struct fst_connection_view *view,
                        struct fst_track *track, enum fst_level level)
{
    bool good;

    flow->id = view->id;
    flow->end_kind = view->end_kind;
    flow->end_by = view->end_by;
    flow->handshake_ns = view->handshake_ns;
    flow->first_packet = view->first_packet;
    flow->last_packet = track->last_packet;
    flow->last_ns = view->ts_last;
    flow->text[FST_ASPECT_CLIENT] = path_text(&view->side[FST_CLIENT]);
    flow->text[FST_ASPECT_SERVER] = path_text(&view->side[FST_SERVER]);
    flow->text[FST_ASPECT_ENDED] = ended_text(view);
    flow->text[FST_ASPECT_FINDINGS] = findings_text(view, level);
    if (level == FST_LEVEL_SEGMENTS)
        flow->text[FST_ASPECT_SEGMENTS] = fst_track_take_segments(track);
    if (level == FST_LEVEL_EXACT)
        flow->text[FST_ASPECT_PACKET] = fst_strbuf_take(&track->packets);
    flow->mark_count = track->mark_count;
    flow->marks = track->marks;
    track->marks = NULL;
    good = copy_findings(flow, view) &&
           fill_side(&flow->side[FST_CLIENT], &view->side[FST_CLIENT], &track->side[FST_CLIENT]) &&
           fill_side(&flow->side[FST_SERVER], &view->side[FST_SERVER], &track->side[FST_SERVER]);
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
        good = good && (flow->text[a] || !fst_level_has(level, (enum fst_aspect)a));
    return good;
}

static void flow_free(struct fst_seen_flow *flow)
{
    for (unsigned a = 0; a < FST_ASPECT_COUNT; a++)
        free(flow->text[a]);
    free(flow->side[FST_CLIENT].steps);
    free(flow->side[FST_SERVER].steps);
    free(flow->findings);
    free(flow->marks);
}

void fst_seen_free(struct fst_seen *seen)
{
    for (size_t i = 0; i < seen->flow_count; i++)
        flow_free(&seen->flows[i]);
    free(seen->flows);
    free(seen->strays);
    memset(seen, 0, sizeof(*seen));
}
