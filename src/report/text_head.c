/* SPDX-License-Identifier: MIT */
#include "report/text_head.h"

#include <stdio.h>
#include <string.h>

#include "report/escape.h"
#include "report/format.h"
#include "report/text_rows.h"
#include "report/wording.h"

#define LINE_COLUMNS 110
#define LABEL        "view  "
#define ITEM_MAX     160

/* Words for link types people meet often; the others go by their name. */
static const struct {
    uint16_t link_type;
    const char *words;
} link_words[] = {
    {1, "Ethernet"},       {0, "BSD loopback"},      {108, "OpenBSD loopback"},
    {101, "raw IP"},       {228, "raw IPv4"},        {229, "raw IPv6"},
    {113, "Linux cooked"}, {276, "Linux cooked v2"}, {9, "PPP"},
};

static const char *link_type_words(uint16_t link_type, char text[FST_FORMAT_MAX])
{
    const char *name = fst_link_type_name(link_type);

    for (size_t i = 0; i < sizeof(link_words) / sizeof(link_words[0]); i++)
        if (link_words[i].link_type == link_type)
            return link_words[i].words;
    if (name)
        return name;
    snprintf(text, FST_FORMAT_MAX, "link type %u", link_type);
    return text;
}

static bool link_type_listed(const struct fst_capture_info *info, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (info->interfaces[i].link_type == info->interfaces[index].link_type)
            return true;
    return false;
}

static void interfaces_text(const struct fst_capture_info *info, char *item, size_t size)
{
    char text[FST_FORMAT_MAX];
    const char *between = "";
    size_t len = (size_t)snprintf(item, size, "%s (",
                                  fst_format_counted(info->interface_count, "interface", text));

    for (size_t i = 0; i < info->interface_count && len < size; i++) {
        if (link_type_listed(info, i))
            continue;
        len += (size_t)snprintf(item + len, size - len, "%s%s", between,
                                link_type_words(info->interfaces[i].link_type, text));
        between = ", ";
    }
    if (len < size)
        snprintf(item + len, size - len, ")");
}

/* Items side by side, on as many lines as they need. */
struct view_line {
    struct fst_out *out;
    const char *label, *between;
    size_t limit;
    size_t column; /* 0 before the first item */
    size_t lines;
};

static void put_in_line(void *context, const char *text)
{
    struct view_line *items = context;
    size_t len = fst_text_columns(text);

    if (items->column == 0) {
        fst_out_text(items->out, items->label);
        items->column = strlen(items->label);
        items->lines = 1;
    } else if (items->column + strlen(items->between) + len > items->limit) {
        fst_out_char(items->out, '\n');
        fst_out_fill(items->out, ' ', strlen(LABEL));
        items->column = strlen(LABEL);
        items->lines++;
    } else {
        fst_out_text(items->out, items->between);
        items->column += strlen(items->between);
    }
    fst_out_text(items->out, text);
    items->column += len;
}

/** "8 connections", or "1 of 8 connections" where only some are meant. */
static const char *connections_text(const struct fst_writer *writer, uint64_t count,
                                    const struct fst_view_counts *views, char item[ITEM_MAX])
{
    char all[FST_FORMAT_MAX], meant[FST_FORMAT_MAX];

    if (count == 0)
        return "no TCP connection";
    fst_format_counted(count, "connection", all);
    if (writer->source->where)
        snprintf(item, ITEM_MAX, "%s of %s", fst_format_count(views->connections, meant), all);
    else
        snprintf(item, ITEM_MAX, "%s", all);
    return item;
}

static void put_first_line(struct fst_writer *writer, struct view_line *line,
                           const struct fst_view_counts *views)
{
    const struct fst_capture_info *info = fst_capture_info(writer->source->capture);
    const struct fst_stats *stats = fst_analyzer_stats(writer->source->analyzer);
    char path[512], item[ITEM_MAX], text[FST_FORMAT_MAX];

    fst_escape_text(writer->source->path, path, sizeof(path));
    fst_out_color(writer, "1");
    put_in_line(line, strcmp(path, "-") == 0 ? "standard input" : path);
    fst_out_color(writer, "0");
    put_in_line(line,
                info->packets ? fst_format_counted(info->packets, "packet", text) : "no packets");
    if (stats->packets > 0) {
        put_in_line(line, connections_text(writer, stats->connections, views, item));
        put_in_line(line, fst_format_duration(stats->ts_last - stats->ts_first, text));
        put_in_line(line, fst_format_date(stats->ts_first, text));
    }
    if (info->interface_count > 0) {
        interfaces_text(info, item, sizeof(item));
        put_in_line(line, item);
    }
    fst_out_char(writer->out, '\n');
}

void fst_view_counts_add(struct fst_view_counts *counts, enum fst_coverage coverage)
{
    counts->connections++;
    counts->gaps += coverage == FST_COVERAGE_GAPS;
    counts->midstream += coverage == FST_COVERAGE_MIDSTREAM;
    counts->one_sided += coverage == FST_COVERAGE_ONE_SIDED;
}

/* Who takes the items. */
struct items {
    fst_put_item *put;
    void *context;
};

static void put_item(const struct items *items, const char *text)
{
    items->put(items->context, text);
}

static void put_counted(const struct items *items, uint64_t count, const char *noun,
                        const char *rest)
{
    char text[ITEM_MAX], counted[FST_FORMAT_MAX];

    if (count == 0)
        return;
    snprintf(text, sizeof(text), "%s %s", fst_format_counted(count, noun, counted), rest);
    put_item(items, text);
}

static uint64_t dropped_by_capture(const struct fst_capture_info *info)
{
    uint64_t dropped = 0;

    for (size_t i = 0; i < info->interface_count; i++) {
        if (info->interfaces[i].dropped != UINT64_MAX)
            dropped += info->interfaces[i].dropped;
        if (info->interfaces[i].os_dropped != UINT64_MAX)
            dropped += info->interfaces[i].os_dropped;
    }
    return dropped;
}

/** Whether packets are missing from the whole view, not from one connection only. */
static bool something_left_out(const struct fst_source *source)
{
    const struct fst_capture_info *info = fst_capture_info(source->capture);

    return source->damaged || info->truncated || source->stopped || info->filtered_out > 0 ||
           dropped_by_capture(info) > 0;
}

static void put_completeness(const struct items *items, const struct fst_source *source,
                             const struct fst_view_counts *views)
{
    uint64_t partial = views->gaps + views->midstream + views->one_sided;
    char text[ITEM_MAX], whole[FST_FORMAT_MAX], all[FST_FORMAT_MAX];
    bool left_out = something_left_out(source);

    if (views->connections == 0)
        return;
    if (fst_capture_info(source->capture)->filtered_out > 0)
        put_item(items, "only what the filter let through");
    if (!left_out && partial == 0)
        put_item(items, "complete");
    if (partial > 0) {
        snprintf(text, sizeof(text),
                 left_out ? "parts missing of %s of %s (marked ?)"
                          : "complete for %s of %s (others marked ?)",
                 fst_format_count(left_out ? partial : views->connections - partial, whole),
                 fst_format_count(views->connections, all));
        put_item(items, text);
    }
    put_counted(items, views->midstream, "connection", "already under way at the start");
    put_counted(items, views->one_sided, "connection", "seen in one direction only");
    put_counted(items, views->gaps, "connection", "with data the capture never saw");
}

static void put_limits(const struct items *items, const struct fst_source *source,
                       const struct fst_capture_info *info, const struct fst_stats *stats)
{
    if (source->damaged || info->truncated)
        put_item(items, "the file is damaged or cut off: partial results");
    if (source->stopped)
        put_counted(items, stats->packets, "packet", "read, then stopped");
    put_counted(items, dropped_by_capture(info), "packet", "dropped while capturing");
    put_counted(items, info->filtered_out, "packet", "left out by the filter");
    put_counted(items, stats->evicted, "connection",
                "dropped early, the table was full (--max-flows)");
    put_counted(items, stats->headers_cut, "packet", "cut short inside the TCP header");
    put_counted(items, stats->unsupported, "packet", "of a link type that is not understood");
    put_counted(items, stats->malformed, "packet", "with headers that contradict themselves");
    put_counted(items, stats->bad_checksums, "wrong TCP checksum",
                "(left out where that side had sent right ones, else taken for offload)");
    put_counted(items, stats->offload_checksums, "TCP checksum", "left to the network card");
    put_counted(items, stats->time_backwards, "packet", "older than the one before");
}

void fst_view_items(const struct fst_source *source, const struct fst_view_counts *views,
                    fst_put_item *put, void *context)
{
    struct items items = {put, context};

    put_completeness(&items, source, views);
    put_limits(&items, source, fst_capture_info(source->capture),
               fst_analyzer_stats(source->analyzer));
}

static size_t line_limit(const struct fst_style *style, size_t otherwise)
{
    return style->terminal && style->columns > 0 ? style->columns : otherwise;
}

size_t fst_text_head(struct fst_writer *writer, const struct fst_view_counts *views)
{
    struct view_line first = {writer->out, "", "  ", line_limit(&writer->style, SIZE_MAX), 0, 0};
    struct view_line line = {writer->out, LABEL, "; ", line_limit(&writer->style, LINE_COLUMNS),
                             0,           0};

    put_first_line(writer, &first, views);
    fst_view_items(writer->source, views, put_in_line, &line);
    if (line.column > 0)
        fst_out_char(writer->out, '\n');
    return first.lines + line.lines;
}
