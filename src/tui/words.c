/* SPDX-License-Identifier: MIT */
#include "tui/words.h"

#include <stdio.h>
#include <string.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

/* ------------------------------------------------------------------------- times and numbers -- */

const char *fst_age_text(int64_t ns, char text[FST_CELL_MAX])
{
    long long seconds = ns > 0 ? ns / FST_SECOND : 0; /* clocks step back */

    if (seconds < HOUR)
        snprintf(text, FST_CELL_MAX, "%lld:%02lld", seconds / MINUTE, seconds % MINUTE);
    else if (seconds < DAY)
        snprintf(text, FST_CELL_MAX, "%lld:%02lld:%02lld", seconds / HOUR, seconds % HOUR / MINUTE,
                 seconds % MINUTE);
    else
        snprintf(text, FST_CELL_MAX, "%lldd %02lldh", seconds / DAY, seconds % DAY / HOUR);
    return text;
}

const char *fst_idle_text(int64_t ns, char text[FST_CELL_MAX])
{
    long long tenths = ns > 0 ? ns / (FST_SECOND / 10) : 0;

    if (tenths >= 10 * MINUTE)
        return fst_age_text(ns, text);
    snprintf(text, FST_CELL_MAX, "%lld.%llds", tenths / 10, tenths % 10);
    return text;
}

const char *fst_rtt_text(int64_t ns, char text[FST_CELL_MAX])
{
    long long us = ns / 1000;

    if (us < 100)
        snprintf(text, FST_CELL_MAX, "%lldus", us);
    else if (us < 10000)
        snprintf(text, FST_CELL_MAX, "%lld.%lldms", us / 1000, us / 100 % 10);
    else if (us < 1000000)
        snprintf(text, FST_CELL_MAX, "%lldms", us / 1000);
    else
        snprintf(text, FST_CELL_MAX, "%lld.%llds", us / 1000000, us / 100000 % 10);
    return text;
}

const char *fst_short_count(uint64_t number, char text[FST_CELL_MAX])
{
    static const char units[] = "kMGTPE";
    uint64_t whole = number, rest = 0;
    size_t unit = 0;

    if (number < 10000) {
        snprintf(text, FST_CELL_MAX, "%llu", (unsigned long long)number);
        return text;
    }
    for (; whole >= 1000; unit++) {
        rest = whole % 1000;
        whole /= 1000;
    }
    if (whole < 100)
        snprintf(text, FST_CELL_MAX, "%llu.%llu%c", (unsigned long long)whole,
                 (unsigned long long)(rest / 100), units[unit - 1]);
    else
        snprintf(text, FST_CELL_MAX, "%llu%c", (unsigned long long)whole, units[unit - 1]);
    return text;
}

/* ------------------------------------------------------------------------------------- states --
 */

static bool is_closing(enum fst_state state)
{
    return state == FST_FIN_WAIT_1 || state == FST_FIN_WAIT_2 || state == FST_CLOSE_WAIT ||
           state == FST_CLOSING || state == FST_LAST_ACK;
}

const char *fst_state_cell(const struct fst_tui_row *row, unsigned side, fst_look *look)
{
    enum fst_state state = row->flow.side[side].state;

    *look = FST_DIM;
    if (!row->flow.side[side].heard && !row->flow.side[!side].heard)
        return "";
    if (!row->flow.side[side].heard)
        return "–";
    if (state == FST_ESTABLISHED)
        *look = FST_GOOD;
    else if (is_closing(state))
        *look = FST_WARN;
    else if (state == FST_SYN_SENT || state == FST_SYN_RECEIVED)
        *look = FST_HINT;
    return fst_state_name(state);
}

/* -------------------------------------------------------------------------------------- notes --
 */

static const char *side_word(enum fst_blame by)
{
    return by == FST_BY_CLIENT ? "client" : "server";
}

static const char *other_word(enum fst_blame by)
{
    return by == FST_BY_CLIENT ? "server" : "client";
}

/** How it stands, or ended; "" if that needs no words. */
static void end_note(const struct fst_tui_row *row, int64_t now_ns, char text[FST_CELL_MAX])
{
    enum fst_blame by = row->flow.end_by;
    bool known = by != FST_BY_NOBODY;

    text[0] = '\0';
    switch (row->flow.end_kind) {
    case FST_END_NO_ANSWER:
        snprintf(text, FST_CELL_MAX, "no answer");
        break;
    case FST_END_REFUSED:
        snprintf(text, FST_CELL_MAX, "refused");
        break;
    case FST_END_RESET:
        snprintf(text, FST_CELL_MAX, "reset%s%s", known ? " by " : "", known ? side_word(by) : "");
        break;
    case FST_END_CLOSED:
        snprintf(text, FST_CELL_MAX, "closed%s%s", known ? " by " : "", known ? side_word(by) : "");
        break;
    case FST_END_HALF_CLOSED:
        snprintf(text, FST_CELL_MAX, "%s owes FIN", known ? other_word(by) : "one side");
        break;
    case FST_END_CLOSING:
        snprintf(text, FST_CELL_MAX, "last ACK missing");
        break;
    case FST_END_OPENING:
        if (now_ns - row->flow.ts_last > FST_SECOND)
            snprintf(text, FST_CELL_MAX, "handshake unfinished");
        break;
    default:
        break;
    }
    if (row->gone && row->over_ns != 0 && !row->flow.over)
        snprintf(text, FST_CELL_MAX, "dropped");
}

static const char *join(char text[FST_CELL_MAX], const char *more)
{
    size_t len = strlen(text);

    snprintf(text + len, FST_CELL_MAX - len, "%s%s", len > 0 ? " · " : "", more);
    return text;
}

static fst_look end_look(const struct fst_tui_row *row)
{
    switch (row->flow.end_kind) {
    case FST_END_HALF_CLOSED:
    case FST_END_NO_ANSWER:
        return FST_WARN;
    case FST_END_RESET:
    case FST_END_REFUSED:
        return FST_BAD;
    default:
        return FST_PLAIN;
    }
}

/** Whether the rule says no more than how it ended, which is said already. */
static bool is_said(const struct fst_tui_row *row)
{
    static const char *const said[] = {"connection-refused", "rst-abort", "unfinished",
                                       "midstream-start", "one-sided"};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (strcmp(row->worst_rule->slug, said[i]) == 0)
            return true;
    return false;
}

const char *fst_note_text(const struct fst_tui_row *row, int64_t now_ns, fst_look *look,
                          char text[FST_CELL_MAX])
{
    char ending[FST_CELL_MAX];

    end_note(row, now_ns, ending);
    text[0] = '\0';
    *look = end_look(row);
    if (row->worst <= FST_SUSPECT) { /* what is wrong comes first */
        *look = row->worst == FST_ILLEGAL ? FST_BAD | FST_BOLD : FST_WARN | FST_BOLD;
        join(text, row->worst_rule->slug);
    }
    if (ending[0] != '\0')
        join(text, ending);
    if (row->worst != FST_CLASS_COUNT && row->worst > FST_SUSPECT && !is_said(row))
        join(text, row->worst_rule->slug);
    if (strcmp(row->flow.view, "midstream") == 0 || strcmp(row->flow.view, "one-sided") == 0)
        join(text, row->flow.view);
    return text;
}

unsigned fst_note_rank(const struct fst_tui_row *row)
{
    if (row->worst <= FST_SUSPECT)
        return row->worst;
    switch (row->flow.end_kind) {
    case FST_END_HALF_CLOSED:
        return 2;
    case FST_END_NO_ANSWER:
    case FST_END_OPENING:
        return 3;
    case FST_END_CLOSING:
        return 4;
    case FST_END_RESET:
    case FST_END_REFUSED:
        return 5;
    default:
        return row->worst == FST_ANOMALY ? 6 : row->worst == FST_CAPTURE ? 7 : 8;
    }
}

/* -------------------------------------------------------------------------------------- filter --
 */

const char *fst_bpf_text(const struct fst_tui_row *row, char text[FST_BPF_MAX])
{
    char client[FST_ADDRESS_TEXT_MAX], server[FST_ADDRESS_TEXT_MAX];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < row->tag_count; i++) /* behind a tag a filter looks only if it says so */
        if ((row->tags[i] & ~FST_TAG_VALUE) == FST_TAG_VLAN)
            len += (size_t)snprintf(text + len, FST_BPF_MAX - len, "vlan %u and ",
                                    (unsigned)(row->tags[i] & FST_TAG_VALUE));
    fst_address_text(&row->flow.side[FST_CLIENT].address, client);
    fst_address_text(&row->flow.side[FST_SERVER].address, server);
    snprintf(text + len, FST_BPF_MAX - len, "tcp and host %s and port %u and host %s and port %u",
             client, row->flow.side[FST_CLIENT].port, server, row->flow.side[FST_SERVER].port);
    return text;
}
