/* SPDX-License-Identifier: MIT */
#include "report/detail.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/wording.h"

#define LINE_MAX_OCTETS 1024
#define INDENT          "       "

void fst_finding_line(const struct fst_finding *finding, char *text, size_t size)
{
    const char *by = fst_side_name(finding->by);
    char message[FST_MESSAGE_MAX], because[40] = "", again[40] = "";

    fst_finding_message(finding, message, sizeof(message));
    if (finding->because_packet)
        snprintf(because, sizeof(because), ", because of #%llu",
                 (unsigned long long)finding->because_packet);
    if (finding->repeats)
        snprintf(again, sizeof(again), ", %u times more", finding->repeats);
    snprintf(text, size, "%s %s #%llu%s%s: %s%s%s (%s)", fst_class_name(finding->class_),
             finding->rule->slug, (unsigned long long)finding->packet, by ? " " : "", by ? by : "",
             message, because, again, finding->rule->source);
}

struct lines {
    char *text;
    size_t len, room;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(struct lines *lines, const char *format, ...)
{
    char part[LINE_MAX_OCTETS];
    va_list arguments;
    size_t len;

    va_start(arguments, format);
    vsnprintf(part, sizeof(part), format, arguments);
    va_end(arguments);
    len = strlen(part);
    if (lines->len + len + 1 > lines->room) {
        size_t room = 2 * lines->room + len + 1;
        char *text = realloc(lines->text, room);

        if (!text) {
            lines->failed = true;
            return;
        }
        lines->text = text;
        lines->room = room;
    }
    memcpy(lines->text + lines->len, part, len + 1);
    lines->len += len;
}

static void add_path(struct lines *lines, const struct fst_endpoint_view *endpoint, unsigned side)
{
    add(lines, INDENT "%s  ", fst_side_name(side));
    for (size_t i = 0; i < endpoint->path_count; i++) {
        add(lines, "%s%s", i > 0 ? " > " : "", fst_state_name(endpoint->path[i].state));
        if (endpoint->path[i].packet)
            add(lines, " #%llu", (unsigned long long)endpoint->path[i].packet);
    }
    add(lines, "%s\n", endpoint->path_cut ? " > ..." : "");
}

char *fst_detail_text(const struct fst_connection_view *view, int *error)
{
    struct lines lines = {NULL, 0, 0, false};
    char line[LINE_MAX_OCTETS];

    add_path(&lines, &view->side[FST_CLIENT], FST_CLIENT);
    add_path(&lines, &view->side[FST_SERVER], FST_SERVER);
    for (size_t i = 0; i < view->finding_count; i++) {
        fst_finding_line(&view->findings[i], line, sizeof(line));
        add(&lines, INDENT "%s\n", line);
    }
    if (lines.failed) {
        *error = FST_ENOMEM;
        free(lines.text);
        return NULL;
    }
    return lines.text;
}
