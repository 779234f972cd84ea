/* SPDX-License-Identifier: MIT */
#include "report/detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/wording.h"

#define LINE_MAX_OCTETS 1024
#define INDENT          "       "

void fst_finding_line(const struct fst_finding *finding, char *text, size_t size)
{
    const char *by = fst_side_name(finding->by);
    char message[FST_MESSAGE_MAX], because[40] = "", again[40] = "", source[80] = "";

    fst_finding_message(finding, message, sizeof(message));
    if (finding->because_packet)
        snprintf(because, sizeof(because), ", because of #%llu",
                 (unsigned long long)finding->because_packet);
    if (finding->repeats)
        snprintf(again, sizeof(again), ", %u times more", finding->repeats);
    if (*finding->rule->source != '\0')
        snprintf(source, sizeof(source), " (%s)", finding->rule->source);
    snprintf(text, size, "%s %s #%llu%s%s: %s%s%s%s", fst_class_name(finding->class_),
             finding->rule->slug, (unsigned long long)finding->packet, by ? " " : "", by ? by : "",
             message, because, again, source);
}

/** The states it can be in besides the likely one: " or CLOSED, LISTEN". */
static void add_others(struct fst_strbuf *lines, const struct fst_endpoint_view *endpoint)
{
    const char *before = "   or ";

    for (unsigned s = 0; s < FST_STATE_COUNT; s++) {
        if (s == (unsigned)endpoint->state || !(endpoint->possible & 1u << s))
            continue;
        fst_strbuf_print(lines, "%s%s", before, fst_state_name((enum fst_state)s));
        before = ", ";
    }
}

static void add_path(struct fst_strbuf *lines, const struct fst_endpoint_view *endpoint,
                     unsigned side)
{
    fst_strbuf_print(lines, INDENT "%s  ", fst_side_name(side));
    for (size_t i = 0; i < endpoint->path_count; i++) {
        bool unproved = endpoint->inferred && i + 1 == endpoint->path_count;

        fst_strbuf_print(lines, "%s%s%s", i > 0 ? " > " : "",
                         fst_state_name(endpoint->path[i].state), unproved ? "~" : "");
        if (endpoint->path[i].packet)
            fst_strbuf_print(lines, " #%llu", (unsigned long long)endpoint->path[i].packet);
    }
    fst_strbuf_print(lines, "%s", endpoint->path_cut ? " > ..." : "");
    add_others(lines, endpoint);
    fst_strbuf_print(lines, "\n");
}

char *fst_detail_text(const struct fst_connection_view *view, int *error)
{
    struct fst_strbuf lines = {NULL, 0, 0, false};
    char line[LINE_MAX_OCTETS];

    add_path(&lines, &view->side[FST_CLIENT], FST_CLIENT);
    add_path(&lines, &view->side[FST_SERVER], FST_SERVER);
    for (size_t i = 0; i < view->finding_count; i++) {
        fst_finding_line(&view->findings[i], line, sizeof(line));
        fst_strbuf_print(&lines, INDENT "%s\n", line);
    }
    if (lines.failed) {
        *error = FST_ENOMEM;
        free(lines.text);
        return NULL;
    }
    return lines.text;
}
