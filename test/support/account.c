/* SPDX-License-Identifier: MIT */
#include "support/account.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(struct account *account, const char *format, ...)
{
    char line[1000];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < sizeof(line));
    if (account->len + (size_t)len + 1 > account->room) {
        account->room = 2 * (account->len + sizeof(line));
        account->text = realloc(account->text, account->room);
        assert_non_null(account->text);
    }
    memcpy(account->text + account->len, line, (size_t)len + 1);
    account->len += (size_t)len;
}

static void say_finding(struct account *account, const struct fst_finding *finding)
{
    char message[300];

    (void)fst_finding_message(finding, message, sizeof(message));
    say(account, "  ! %s %d by %d conn %u packet %llu because %llu at %lld: %s x%u\n",
        finding->rule->slug, (int)finding->class_, (int)finding->by, finding->connection,
        (unsigned long long)finding->packet, (unsigned long long)finding->because_packet,
        (long long)finding->time_ns, message, finding->repeats);
}

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct account *account = context;
    size_t i;

    say(account, "%llu on %u conn %u from %d %x %u %u %u: %d %x %d, %d %x %d\n",
        (unsigned long long)event->packet, event->interface, event->connection, (int)event->from,
        (unsigned)event->flags, event->relative_seq, event->relative_ack, event->payload_len,
        (int)event->after[0].state, (unsigned)event->after[0].possible, event->after[0].inferred,
        (int)event->after[1].state, (unsigned)event->after[1].possible, event->after[1].inferred);
    for (i = 0; i < event->change_count; i++)
        say(account, "  %d: %d to %d %d (%s, %s)\n", (int)event->changes[i].side,
            (int)event->changes[i].from, (int)event->changes[i].to, event->changes[i].inferred,
            event->changes[i].why, event->changes[i].section);
    for (i = 0; i < event->finding_count; i++)
        say_finding(account, &event->findings[i]);
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    say_finding(context, finding);
}

static void say_side(struct account *account, const struct fst_endpoint_view *side)
{
    char address[FST_ADDRESS_TEXT_MAX];
    size_t i;

    fst_address_text(&side->address, address);
    say(account, "  %s %u: %d %x heard %d inferred %d, %llu %llu %llu, path%s", address,
        (unsigned)side->port, (int)side->state, (unsigned)side->possible, side->heard,
        side->inferred, (unsigned long long)side->packets, (unsigned long long)side->payload_bytes,
        (unsigned long long)side->retransmits, side->path_cut ? " cut" : "");
    for (i = 0; i < side->path_count; i++)
        say(account, " %d@%llu", (int)side->path[i].state,
            (unsigned long long)side->path[i].packet);
    say(account, "\n");
}

static void say_connection(struct account *account, uint32_t id)
{
    struct fst_connection_view view;
    size_t i;

    assert_int_equal(fst_analyzer_connection(account->analyzer, id, &view), 0);
    assert_int_equal(view.id, id);
    say(account, "connection %u.%u %lld %lld first %llu by %d, end %d %d, %d %d, %lld, %s %s\n",
        view.id, view.incarnation, (long long)view.ts_first, (long long)view.ts_last,
        (unsigned long long)view.first_packet, (int)view.oriented_by, (int)view.end_kind,
        (int)view.end_by, view.evicted, (int)view.coverage, (long long)view.handshake_ns,
        view.conn_state, view.history);
    say_side(account, &view.side[FST_CLIENT]);
    say_side(account, &view.side[FST_SERVER]);
    for (i = 0; i < view.tag_count; i++)
        say(account, "  tag %u\n", view.tags[i]);
    for (i = 0; i < view.finding_count; i++)
        say_finding(account, &view.findings[i]);
}

static void on_ended(void *context, uint32_t id)
{
    struct account *account = context;

    say(account, "ended ");
    say_connection(account, id);
    if (account->ended_count < COUNT(account->ended))
        account->ended[account->ended_count] = id;
    account->ended_count++;
}

static void say_stats(struct account *account)
{
    const struct fst_stats *stats = fst_analyzer_stats(account->analyzer);
    size_t i;

    say(account, "stats %llu %llu %llu %llu %llu, %llu %llu %llu %llu %llu %llu, %lld %lld\n",
        (unsigned long long)stats->packets, (unsigned long long)stats->tcp_segments,
        (unsigned long long)stats->connections, (unsigned long long)stats->evicted,
        (unsigned long long)stats->time_backwards, (unsigned long long)stats->not_tcp,
        (unsigned long long)stats->malformed, (unsigned long long)stats->headers_cut,
        (unsigned long long)stats->fragments, (unsigned long long)stats->reassembled,
        (unsigned long long)stats->bad_checksums, (long long)stats->ts_first,
        (long long)stats->ts_last);
    for (i = 0; i < FST_CLASS_COUNT; i++)
        say(account, " %llu", (unsigned long long)stats->findings[i]);
    say(account, ", %llu %llu,", (unsigned long long)stats->expired,
        (unsigned long long)stats->offload_checksums);
    for (i = 0; i < fst_rule_count(); i++)
        say(account, " %llu", (unsigned long long)fst_analyzer_rule_hits(account->analyzer, i));
    say(account, "\n");
}

void account_open(struct account *account, struct fst_options options, bool only_ends)
{
    memset(account, 0, sizeof(*account));
    options.events = (struct fst_events){account, on_segment, on_finding, on_ended};
    if (only_ends)
        options.events = (struct fst_events){.context = account, .ended = on_ended};
    assert_int_equal(fst_analyzer_new(&account->analyzer, &options), 0);
    say(account, "\n");
}

void account_open_unseen(struct account *account, struct fst_options options)
{
    memset(account, 0, sizeof(*account));
    options.events = (struct fst_events){.context = account, .ended = on_ended};
    assert_int_equal(fst_analyzer_new(&account->analyzer, &options), 0);
    say(account, "\n");
}

static void say_in_brief(struct account *account, uint32_t id)
{
    struct fst_connection_brief brief;
    struct fst_outcome outcome;
    size_t i;

    assert_int_equal(fst_analyzer_brief(account->analyzer, id, &brief), 0);
    assert_int_equal(fst_analyzer_outcome(account->analyzer, id, &outcome), 0);
    say(account, "  brief %u %lld %lld %lld %d %d, outcome %d %d %d %d\n", brief.id,
        (long long)brief.ts_first, (long long)brief.ts_last, (long long)brief.handshake_ns,
        (int)brief.worst, brief.over, (int)outcome.end_kind, (int)outcome.end_by,
        (int)outcome.coverage, (int)outcome.worst);
    for (i = 0; i < COUNT(brief.side); i++)
        say(account, "  %u: %d heard %d inferred %d, %llu since %lld\n",
            (unsigned)brief.side[i].port, (int)brief.side[i].state, brief.side[i].heard,
            brief.side[i].inferred, (unsigned long long)brief.side[i].packets,
            (long long)brief.side[i].since_ns);
}

void account_walk(struct account *account)
{
    struct fst_analyzer *analyzer = account->analyzer;
    uint32_t id;

    say(account, "%zu alive, short of memory %d\n", fst_analyzer_alive(analyzer),
        fst_analyzer_short_of_memory(analyzer));
    for (id = fst_analyzer_next(analyzer, 1); id != 0; id = fst_analyzer_next(analyzer, id + 1)) {
        say_connection(account, id);
        say_in_brief(account, id);
    }
    say_stats(account);
}

void account_close(struct account *account)
{
    fst_analyzer_free(account->analyzer);
    free(account->text);
}

void account_finish(struct account *account)
{
    assert_int_equal(fst_analyzer_finish(account->analyzer), 0);
    say_stats(account);
}

void account_assert_same(const struct account *one, const struct account *other)
{
    size_t at = 0;

    while (one->text[at] && one->text[at] == other->text[at])
        at++;
    if (one->text[at] != other->text[at])
        fail_msg("they part at octet %zu: \"%.200s\" and \"%.200s\"", at,
                 one->text + (at < 60 ? 0 : at - 60), other->text + (at < 60 ? 0 : at - 60));
}
