/* SPDX-License-Identifier: MIT */
#include "report/ladder_words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/format.h"
#include "report/wording.h"

/* ----------------------------------------------------------------------------------- arrows -- */

__attribute__((format(printf, 2, 3))) static void add(struct fst_ladder_words *words,
                                                      const char *format, ...)
{
    va_list arguments;

    if (words->count == FST_LADDER_PARTS)
        return;
    va_start(arguments, format);
    vsnprintf(words->part[words->count++], FST_LADDER_PART_MAX, format, arguments);
    va_end(arguments);
}

static void flags_text(uint16_t flags, char text[FST_LADDER_PART_MAX])
{
    static const struct {
        uint16_t flag;
        const char *name;
    } names[] = {{FST_TCP_SYN, "SYN"}, {FST_TCP_FIN, "FIN"}, {FST_TCP_RST, "RST"},
                 {FST_TCP_URG, "URG"}, {FST_TCP_PSH, "PSH"}, {FST_TCP_ACK, "ACK"},
                 {FST_TCP_ECE, "ECE"}, {FST_TCP_CWR, "CWR"}, {FST_TCP_AE, "AE"}};
    size_t len = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (flags & names[i].flag)
            len += (size_t)snprintf(text + len, FST_LADDER_PART_MAX - len, "%s%s", len ? " " : "",
                                    names[i].name);
    if (len == 0)
        snprintf(text, FST_LADDER_PART_MAX, "no flags");
}

static void add_options(struct fst_ladder_words *words, const struct fst_tcp_options *options)
{
    char text[FST_FORMAT_MAX];

    if (options->present & FST_OPT_FAST_OPEN)
        add(words, "fast open");
    if (options->present & FST_OPT_SACK)
        add(words, "%s", fst_format_counted(options->sack_count, "sack block", text));
    if (options->present & FST_OPT_MSS)
        add(words, "mss %u", options->mss);
    if (options->present & FST_OPT_WSCALE)
        add(words, "ws %u", options->wscale);
    if (options->present & FST_OPT_SACK_PERMITTED)
        add(words, "sack");
}

static void segment_words(const struct fst_ladder_row *row, struct fst_ladder_words *words)
{
    uint64_t octets = row->sent[row->from].octets;
    char text[FST_LADDER_PART_MAX];
    bool plain_ack = (row->flags & ~FST_TCP_PSH) == FST_TCP_ACK;

    flags_text(row->flags, text);
    add(words, "%s", text);
    if (octets > 0)
        add(words, "%s", fst_format_octets(octets, text));
    if (!plain_ack || octets > 0)
        add(words, "seq %u", row->seq);
    if (row->flags & FST_TCP_ACK)
        add(words, "ack %u", row->ack);
    if (row->wnd_raw == 0 && !(row->flags & FST_TCP_RST))
        add(words, "win 0");
    add_options(words, &row->options);
}

static void data_words(const struct fst_ladder_row *row, struct fst_ladder_words *words)
{
    const struct fst_ladder_traffic *sent = &row->sent[row->from];
    uint64_t back = row->sent[!row->from].acks;
    char octets[FST_FORMAT_MAX], count[FST_FORMAT_MAX];

    if (sent->octets == 0 && sent->acks + back == 1) {
        add(words, "ACK");
        add(words, "ack %u", row->ack);
        return;
    }
    if (sent->octets == 0) {
        add(words, "%s", fst_format_counted(sent->acks + back, "ACK", count));
        return;
    }
    fst_format_octets(sent->octets, octets);
    if (sent->segments == 1)
        add(words, "%s", octets);
    else
        add(words, "%s in %s segments", octets, fst_format_count(sent->segments, count));
    if (back > 0)
        add(words, "%s back", fst_format_counted(back, "ACK", count));
}

static void exchange_words(const struct fst_ladder_row *row, struct fst_ladder_words *words)
{
    const struct fst_ladder_traffic *client = &row->sent[FST_CLIENT];
    const struct fst_ladder_traffic *server = &row->sent[FST_SERVER];
    char sent[FST_FORMAT_MAX], got[FST_FORMAT_MAX], count[FST_FORMAT_MAX];

    if (row->kind == FST_LADDER_REST)
        add(words, "%s not drawn",
            fst_format_counted(client->segments + client->acks + server->segments + server->acks,
                               "segment", count));
    add(words, "client %s, server %s", fst_format_octets(client->octets, sent),
        fst_format_octets(server->octets, got));
    if (row->kind != FST_LADDER_REST)
        add(words, "%s",
            fst_format_counted(client->segments + client->acks + server->segments + server->acks,
                               "segment", count));
}

void fst_ladder_words(const struct fst_ladder_row *row, struct fst_ladder_words *words)
{
    words->count = 0;
    switch (row->kind) {
    case FST_LADDER_SEGMENT:
        segment_words(row, words);
        break;
    case FST_LADDER_DATA:
        data_words(row, words);
        break;
    case FST_LADDER_EXCHANGE:
    case FST_LADDER_REST:
        exchange_words(row, words);
        break;
    case FST_LADDER_START:
    case FST_LADDER_GAP:
    case FST_LADDER_END:
        break;
    }
}

const char *fst_ladder_packets_text(const struct fst_ladder_row *row, const char *dash,
                                    char text[FST_LADDER_LINE_MAX])
{
    if (row->packet == row->last_packet)
        snprintf(text, FST_LADDER_LINE_MAX, "#%llu", (unsigned long long)row->packet);
    else
        snprintf(text, FST_LADDER_LINE_MAX, "#%llu%s%llu", (unsigned long long)row->packet, dash,
                 (unsigned long long)row->last_packet);
    return text;
}

const char *fst_ladder_time_text(const struct fst_ladder *ladder, const struct fst_ladder_row *row,
                                 char text[FST_LADDER_LINE_MAX])
{
    int64_t us = (row->time_ns - ladder->view.ts_first) / 1000;
    unsigned long long size = us < 0 ? 0 - (unsigned long long)us : (unsigned long long)us;

    snprintf(text, FST_LADDER_LINE_MAX, "%s%llu.%06llu", us < 0 ? "-" : "", size / 1000000,
             size % 1000000);
    return text;
}

/* ----------------------------------------------------------------------------- other phrases -- */

const char *fst_ladder_pause_text(const struct fst_ladder *ladder, size_t row,
                                  char text[FST_LADDER_LINE_MAX])
{
    const struct fst_ladder_row *here = &ladder->rows[row];
    bool last = row + 1 < ladder->row_count && ladder->rows[row + 1].kind == FST_LADDER_END;
    char duration[FST_FORMAT_MAX];

    text[0] = '\0';
    if (here->kind == FST_LADDER_GAP)
        snprintf(text, FST_LADDER_LINE_MAX, last ? "nothing more for %s" : "silence for %s",
                 fst_format_duration(here->last_time_ns - here->time_ns, duration));
    else if (here->kind == FST_LADDER_END)
        snprintf(text, FST_LADDER_LINE_MAX, "%s",
                 ladder->view.evicted ? "dropped, the table was full"
                 : ladder->ongoing    ? "now"
                                      : "end of capture");
    return text;
}

const char *fst_ladder_why_text(const struct fst_change *change, char text[FST_LADDER_WHY_MAX])
{
    bool other_rfc = strncmp(change->section, "RFC", 3) == 0;
    char section[64] = "";

    if (*change->section != '\0')
        snprintf(section, sizeof(section), " (%s%s)", other_rfc ? "" : "RFC 9293 ",
                 change->section);
    snprintf(text, FST_LADDER_WHY_MAX, "%s %s > %s%s: %s%s", fst_side_name(change->side),
             fst_state_name(change->from), fst_state_name(change->to), change->inferred ? " ~" : "",
             change->why, section);
    return text;
}

const char *fst_ladder_summary_text(const struct fst_ladder *ladder, int64_t end_ns,
                                    char text[FST_LADDER_WHY_MAX])
{
    const struct fst_connection_view *view = &ladder->view;
    struct fst_ending ending = fst_ending_of(view, end_ns);
    char ended[FST_ENDING_MAX], packets[FST_FORMAT_MAX];
    uint64_t count = view->side[FST_CLIENT].packets + view->side[FST_SERVER].packets;

    snprintf(text, FST_LADDER_WHY_MAX, "%s, view %s, %s",
             fst_format_counted(count, "packet", packets), fst_coverage_name(view->coverage),
             fst_ending_text(&ending, ended));
    return text;
}
