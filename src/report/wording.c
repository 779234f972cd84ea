/* SPDX-License-Identifier: MIT */
#include "report/wording.h"

#include <stdio.h>
#include <string.h>

#include "base/digits.h"
#include "report/format.h"

const char *fst_side_name(unsigned side_or_blame)
{
    static const char *const names[] = {"client", "server"};

    return side_or_blame < 2 ? names[side_or_blame] : NULL;
}

bool fst_is_passing(enum fst_state state)
{
    return state != FST_CLOSED && state != FST_LISTEN && state != FST_ESTABLISHED &&
           state != FST_TIME_WAIT;
}

enum fst_phase fst_phase_of(enum fst_state state)
{
    switch (state) {
    case FST_CLOSED:
    case FST_LISTEN:
    case FST_TIME_WAIT:
        return FST_PHASE_REST;
    case FST_SYN_SENT:
    case FST_SYN_RECEIVED:
        return FST_PHASE_OPENING;
    case FST_ESTABLISHED:
        return FST_PHASE_DATA;
    default:
        return FST_PHASE_CLOSING;
    }
}

const char *fst_phase_name(enum fst_state state)
{
    static const char *const names[FST_PHASE_COUNT] = {"rest", "opening", "data", "closing"};

    return names[fst_phase_of(state)];
}

const char *fst_end_reason(const struct fst_connection_view *view)
{
    switch (view->end_kind) {
    case FST_END_CLOSED:
        return "fin";
    case FST_END_RESET:
    case FST_END_REFUSED:
        return "rst";
    default:
        return view->evicted ? "evicted" : view->expired ? "idle" : "end-of-capture";
    }
}

uint64_t fst_rule_count_in(const struct fst_connection_view *view, const char *slug)
{
    uint64_t count = 0;

    for (size_t i = 0; i < view->finding_count; i++)
        if (strcmp(view->findings[i].rule->slug, slug) == 0)
            count += 1 + (uint64_t)view->findings[i].repeats;
    return count;
}

void fst_count_findings(const struct fst_connection_view *view, uint64_t counts[FST_CLASS_COUNT])
{
    for (size_t i = 0; i < view->finding_count; i++)
        counts[view->findings[i].class_] += 1 + (uint64_t)view->findings[i].repeats;
}

bool fst_found_earlier(const struct fst_connection_view *view, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (view->findings[i].rule == view->findings[index].rule)
            return true;
    return false;
}

const char *fst_flow_uid(const struct fst_connection_view *view, uint16_t seed,
                         char text[FST_UID_MAX])
{
    size_t len;

    fst_community_id(view, seed, text);
    len = strlen(text);
    text[len] = '@';
    (void)fst_format_timestamp(view->ts_first, text + len + 1);
    return text;
}

enum fst_class fst_worst_class(const struct fst_connection_view *view)
{
    enum fst_class worst = FST_CLASS_COUNT;

    for (size_t i = 0; i < view->finding_count; i++)
        if (view->findings[i].class_ < worst)
            worst = view->findings[i].class_;
    return worst;
}

const char *fst_rfc_section(const struct fst_rule *rule)
{
    return strncmp(rule->source, "RFC ", 4) == 0 ? rule->source + 4 : rule->source;
}

const char *fst_endpoint_text(const struct fst_address *address, uint16_t port,
                              char text[FST_ENDPOINT_MAX])
{
    char *to = text;

    if (address->ipv6)
        *to++ = '[';
    fst_address_text(address, to);
    to += strlen(to);
    if (address->ipv6)
        *to++ = ']';
    *to++ = ':';
    *fst_put_number(to, port) = '\0';
    return text;
}

/** The side in capitals, so that the eye finds it; "nobody" cannot occur where this is used. */
static const char *loud(unsigned side)
{
    return side == FST_CLIENT ? "CLIENT" : "SERVER";
}

struct fst_ending fst_ending_of(const struct fst_connection_view *view, int64_t end_ns)
{
    struct fst_ending ending = {
        .kind = view->end_kind,
        .by = view->end_by,
        .evicted = view->evicted,
        .client_packets = view->side[FST_CLIENT].packets,
        .octets = view->side[FST_CLIENT].payload_bytes + view->side[FST_SERVER].payload_bytes,
        .lasted_ns = view->ts_last - view->ts_first,
        .idle_ns = end_ns - view->ts_last,
    };

    return ending;
}

static void no_answer_text(const struct fst_ending *ending, const char *lasted, char *text)
{
    if (ending->client_packets == 1)
        snprintf(text, FST_ENDING_MAX, "no answer to 1 SYN");
    else
        snprintf(text, FST_ENDING_MAX, "no answer to %llu SYNs in %s",
                 (unsigned long long)ending->client_packets, lasted);
}

static void reset_text(const struct fst_ending *ending, char *text)
{
    char octets[FST_FORMAT_MAX];

    snprintf(text, FST_ENDING_MAX, "reset%s%s after %s", ending->by == FST_BY_NOBODY ? "" : " by ",
             ending->by == FST_BY_NOBODY ? "" : loud(ending->by),
             fst_format_octets(ending->octets, octets));
}

static void half_closed_text(const struct fst_ending *ending, const char *idle, char *text)
{
    if (ending->by == FST_BY_NOBODY)
        snprintf(text, FST_ENDING_MAX, "half closed%s", idle);
    else /* `by` has closed, so the other one has yet to */
        snprintf(text, FST_ENDING_MAX, "open: %s owes a FIN%s",
                 loud(ending->by == FST_BY_CLIENT ? FST_SERVER : FST_CLIENT), idle);
}

/** What goes on after the state of an open connection; nothing if it was busy to the last. */
static void idle_text(const struct fst_ending *ending, char *text, size_t size)
{
    char duration[FST_FORMAT_MAX];

    if (ending->evicted)
        snprintf(text, size, ", then dropped (table full)");
    else if (ending->idle_ns < 1000)
        text[0] = '\0';
    else
        snprintf(text, size, ", idle %s", fst_format_duration(ending->idle_ns, duration));
}

const char *fst_ending_text(const struct fst_ending *ending, char text[FST_ENDING_MAX])
{
    char lasted[FST_FORMAT_MAX], idle[FST_FORMAT_MAX + 16];
    const char *by = fst_side_name(ending->by);

    fst_format_duration(ending->lasted_ns, lasted);
    idle_text(ending, idle, sizeof(idle));
    switch (ending->kind) {
    case FST_END_NO_ANSWER:
        no_answer_text(ending, lasted, text);
        break;
    case FST_END_REFUSED:
        snprintf(text, FST_ENDING_MAX, "refused by %s", loud(by ? ending->by : FST_SERVER));
        break;
    case FST_END_OPENING:
        snprintf(text, FST_ENDING_MAX, "open: handshake unfinished%s", idle);
        break;
    case FST_END_OPEN:
        snprintf(text, FST_ENDING_MAX, "open%s", idle);
        break;
    case FST_END_HALF_CLOSED:
        half_closed_text(ending, idle, text);
        break;
    case FST_END_CLOSING:
        snprintf(text, FST_ENDING_MAX, "closing, last ACK not seen%s", idle);
        break;
    case FST_END_CLOSED:
        snprintf(text, FST_ENDING_MAX, "closed, %s%s, %s", by ? by : "both at once",
                 by ? " first" : "", lasted);
        break;
    case FST_END_RESET:
        reset_text(ending, text);
        break;
    case FST_END_UNKNOWN:
        snprintf(text, FST_ENDING_MAX, "too little captured to tell");
        break;
    }
    return text;
}
