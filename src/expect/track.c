/* SPDX-License-Identifier: MIT */
#include "expect/track.h"

#include <stdlib.h>
#include <string.h>

#include "base/flags.h"

/* A path is cut at FST_PATH_MAX; changes of mind in between make the list a little longer. */
#define STEPS_MAX (4 * FST_PATH_MAX)

/* Turns of talk that are noted; more are no skeleton any more. */
#define TOKENS_MAX 4096

/* No window is larger (RFC 7323 2.2), so text further ahead belongs to another stream. */
#define WINDOW_MAX 0x40000000u

/* ------------------------------------------------------------------------------------ states -- */

static void end_stay(struct fst_track_side *side, int64_t time_ns)
{
    int64_t stay = time_ns - side->since_ns;

    if (stay > side->longest_ns[side->state])
        side->longest_ns[side->state] = stay;
}

static void move_to(struct fst_track_side *side, enum fst_state state, int64_t time_ns)
{
    if (state == side->state)
        return;
    end_stay(side, time_ns);
    side->state = state;
    side->since_ns = time_ns;
}

static bool note_step(struct fst_track_side *side, const struct fst_segment_event *event,
                      const struct fst_change *change)
{
    struct fst_seen_step *steps;

    if (side->step_count == STEPS_MAX)
        return true;
    steps = realloc(side->steps, (side->step_count + 1) * sizeof(*steps));
    if (!steps)
        return false;
    steps[side->step_count++] = (struct fst_seen_step){change->to, event->packet, event->time_ns,
                                                       change->why, change->section};
    side->steps = steps;
    return true;
}

/* ------------------------------------------------------------------------------------ stream -- */

/** Whether the segment brings text that was not sent before; books it if so. */
static bool brings_text(struct fst_track_side *side, const struct fst_segment_event *event)
{
    uint32_t begin = event->relative_seq + ((event->flags & FST_TCP_SYN) != 0);
    uint32_t end = begin + event->payload_len;

    if (event->payload_len == 0)
        return false;
    if (!side->stream_known) {
        side->stream_known = true;
        side->stream_end = begin;
    }
    if (end - side->stream_end - 1 >= WINDOW_MAX) /* behind what was sent, or far from it */
        return false;
    side->octets += end - side->stream_end;
    side->stream_end = end;
    return true;
}

/** Whether the segment is the side's first SYN, or a SYN of another life. */
static bool brings_syn(struct fst_track_side *side, const struct fst_segment_event *event)
{
    if (!(event->flags & FST_TCP_SYN) || (side->sent_syn && side->syn_seq == event->seq))
        return false;
    side->sent_syn = true;
    side->syn_seq = event->seq;
    side->stream_known = true;
    side->stream_end = event->relative_seq + 1;
    side->sent_fin = false;
    return true;
}

static bool brings_fin(struct fst_track_side *side, const struct fst_segment_event *event)
{
    if (!(event->flags & FST_TCP_FIN) || side->sent_fin)
        return false;
    side->sent_fin = true;
    return true;
}

/** Note which packet the next token or line comes from. */
static void put_mark(struct fst_track *track, const struct fst_segment_event *event)
{
    size_t room = track->mark_room ? 2 * track->mark_room : 16;
    struct fst_seen_mark *marks = track->marks;

    if (track->mark_count == track->mark_room) {
        marks = realloc(marks, room * sizeof(*marks));
        if (!marks) {
            track->failed = true;
            return;
        }
        track->marks = marks;
        track->mark_room = room;
    }
    marks[track->mark_count++] = (struct fst_seen_mark){event->packet, event->time_ns};
}

/* ------------------------------------------------------------------------------- the skeleton --
 */

/** Add a token, unless it goes on with what the last one said. */
static void put_token(struct fst_track *track, const struct fst_segment_event *event,
                      const char *kind)
{
    if (track->last_kind == kind && track->last_from == event->from)
        return;
    track->last_kind = kind;
    track->last_from = event->from;
    if (track->token_count < TOKENS_MAX) {
        fst_strbuf_join(&track->segments, " ", event->from == FST_CLIENT ? ">" : "<");
        fst_strbuf_add(&track->segments, kind);
        put_mark(track, event);
    } else if (track->token_count == TOKENS_MAX) {
        fst_strbuf_join(&track->segments, " ", FST_PATH_CUT);
    }
    track->token_count++;
}

/** SYN, text, FIN and RST in the order they take sequence space; each only when it is news. */
static void put_tokens(struct fst_track *track, const struct fst_segment_event *event, bool writes)
{
    static const char syn[] = "SYN", syn_ack[] = "SYN-ACK", data[] = "data", fin[] = "FIN",
                      rst[] = "RST";
    struct fst_track_side *side = &track->side[event->from];
    bool new_syn = brings_syn(side, event), new_text = brings_text(side, event);
    bool new_fin = brings_fin(side, event);

    if (!writes)
        return;
    if (new_syn)
        put_token(track, event, event->flags & FST_TCP_ACK ? syn_ack : syn);
    if (new_text)
        put_token(track, event, data);
    if (new_fin)
        put_token(track, event, fin);
    if (event->flags & FST_TCP_RST)
        put_token(track, event, rst);
}

char *fst_track_take_segments(struct fst_track *track)
{
    if (track->segments.len == 0)
        fst_strbuf_add(&track->segments, "none");
    return fst_strbuf_take(&track->segments);
}

/* ------------------------------------------------------------------------------------- exact -- */

/** "mss=1460,sack-permitted,timestamps", "none": the options, without what differs in every run. */
static void put_options(struct fst_strbuf *out, const struct fst_tcp_options *options)
{
    size_t before = out->len;

    if (options->present & FST_OPT_MSS)
        fst_strbuf_print(out, ",mss=%u", options->mss);
    if (options->present & FST_OPT_WSCALE)
        fst_strbuf_print(out, ",wscale=%u", options->wscale);
    if (options->present & FST_OPT_SACK_PERMITTED)
        fst_strbuf_add(out, ",sack-permitted");
    if (options->present & FST_OPT_SACK)
        fst_strbuf_print(out, ",sack=%u", options->sack_count);
    if (options->present & FST_OPT_TIMESTAMPS)
        fst_strbuf_add(out, ",timestamps");
    if (options->present & FST_OPT_FAST_OPEN)
        fst_strbuf_print(out, ",fast-open=%u", options->cookie_len);
    if (options->present & (FST_OPT_CC | FST_OPT_OTHER))
        fst_strbuf_add(out, ",other");
    if (out->len == before)
        fst_strbuf_add(out, " none");
    if (!out->failed)
        out->text[before] = ' ';
}

static void put_packet(struct fst_track *track, const struct fst_segment_event *event)
{
    char flags[FST_FLAGS_TEXT_MAX];

    put_mark(track, event);
    if (track->packets.len > 0)
        fst_strbuf_add(&track->packets, "\n");
    fst_strbuf_print(&track->packets, "%s %s seq %u ack %u len %u win %u opt",
                     event->from == FST_CLIENT ? ">" : "<", fst_format_flags(event->flags, flags),
                     event->relative_seq, event->flags & FST_TCP_ACK ? event->relative_ack : 0,
                     event->payload_len, event->wnd_raw);
    put_options(&track->packets, event->options);
    fst_strbuf_print(&track->packets, " client %s server %s",
                     fst_state_name(event->after[FST_CLIENT].state),
                     fst_state_name(event->after[FST_SERVER].state));
}

/* --------------------------------------------------------------------------------- the track -- */

static enum fst_state state_before(const struct fst_segment_event *event, enum fst_side side)
{
    for (size_t i = 0; i < event->change_count; i++)
        if (event->changes[i].side == side)
            return event->changes[i].from;
    return event->after[side].state;
}

void fst_track_begin(struct fst_track *track, const struct fst_segment_event *event)
{
    for (unsigned s = 0; s < 2; s++) {
        struct fst_track_side *side = &track->side[s];

        for (unsigned state = 0; state < FST_STATE_COUNT; state++)
            side->longest_ns[state] = -1;
        side->state = state_before(event, (enum fst_side)s);
        side->since_ns = event->time_ns;
    }
}

void fst_track_segment(struct fst_track *track, const struct fst_segment_event *event,
                       enum fst_level level)
{
    track->last_packet = event->packet;
    for (size_t i = 0; i < event->change_count; i++) {
        const struct fst_change *change = &event->changes[i];

        track->failed |= !note_step(&track->side[change->side], event, change);
        move_to(&track->side[change->side], change->to, event->time_ns);
    }
    for (unsigned s = 0; s < 2; s++) /* also what was changed in silence */
        move_to(&track->side[s], event->after[s].state, event->time_ns);
    put_tokens(track, event, level == FST_LEVEL_SEGMENTS);
    if (level == FST_LEVEL_EXACT)
        put_packet(track, event);
    track->failed |= track->segments.failed || track->packets.failed;
}

void fst_track_end(struct fst_track *track, int64_t time_ns)
{
    end_stay(&track->side[FST_CLIENT], time_ns);
    end_stay(&track->side[FST_SERVER], time_ns);
}

void fst_track_free(struct fst_track *track)
{
    fst_strbuf_free(&track->segments);
    fst_strbuf_free(&track->packets);
    free(track->side[FST_CLIENT].steps);
    free(track->side[FST_SERVER].steps);
    free(track->marks);
    free(track);
}
