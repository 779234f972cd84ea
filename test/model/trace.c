/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------------------------------- replay -- */

struct player {
    struct world world;
    struct watch watch;
    struct fst_step step;
    struct oracle oracle;
};

static void player_init(struct player *player, const struct settings *settings,
                        const struct watch_settings *watching)
{
    memset(player, 0, sizeof *player);
    player->oracle.open = settings->choices;
    world_init(&player->world, settings);
    watch_init(&player->watch, watching);
}

static bool play(struct player *player, const struct settings *settings,
                 const struct watch_settings *watching, struct event *event,
                 struct offence *offence)
{
    struct world saved = player->world;

    memset(offence, 0, sizeof *offence);
    oracle_begin(&player->oracle, &event->tape);
    if (!world_step(&player->world, settings, event, true, &player->oracle)) {
        player->world = saved;
        return false;
    }
    event->tape = player->oracle.tape;
    player->step.finding_count = 0;
    if (event_is_tap(event))
        watch_segment(&player->watch, watching, &event->segment, event->side, &player->step,
                      offence);
    if (!offence->kind)
        watch_judge(&player->watch, &player->world, &player->step, offence);
    if (!offence->kind && settings->prompt && world_is_quiet(&player->world))
        watch_judge_prompt(&player->watch, &player->world, offence);
    return true;
}

void trace_replay(struct trace *trace, const struct settings *settings,
                  const struct watch_settings *watching, struct offence *offence)
{
    static struct player player;
    unsigned kept = 0;

    player_init(&player, settings, watching);
    memset(offence, 0, sizeof *offence);
    for (unsigned i = 0; i < trace->count && !offence->kind; i++) {
        struct event event = trace->event[i];

        if (play(&player, settings, watching, &event, offence))
            trace->event[kept++] = event;
    }
    trace->count = kept;
    if (!offence->kind)
        watch_end(&player.watch, watching, &player.world, offence);
}

/* --------------------------------------------------------------------------------- shrink -- */

static bool still_fails(struct trace *candidate, const struct settings *settings,
                        const struct watch_settings *watching, const struct offence *wanted)
{
    struct offence found;

    trace_replay(candidate, settings, watching, &found);
    return found.kind && offence_same(&found, wanted);
}

static bool drop_events(struct trace *trace, const struct settings *settings,
                        const struct watch_settings *watching, const struct offence *offence,
                        unsigned chunk)
{
    static struct trace candidate;
    bool shrunk = false;

    for (unsigned from = 0; from < trace->count;) {
        unsigned gone = chunk < trace->count - from ? chunk : trace->count - from;

        candidate.count = trace->count - gone;
        memcpy(candidate.event, trace->event, from * sizeof *trace->event);
        memcpy(candidate.event + from, trace->event + from + gone,
               (trace->count - from - gone) * sizeof *trace->event);
        if (still_fails(&candidate, settings, watching, offence)) {
            *trace = candidate;
            shrunk = true;
        } else {
            from += gone;
        }
    }
    return shrunk;
}

/* Turn decisions to RFC 9293's main line where they do not matter. */
static bool plain_decisions(struct trace *trace, const struct settings *settings,
                            const struct watch_settings *watching, const struct offence *offence)
{
    static struct trace candidate;
    bool shrunk = false;

    for (unsigned i = 0; i < trace->count; i++)
        for (unsigned digit = 0; i < trace->count && digit < trace->event[i].tape.count; digit++) {
            if (!trace->event[i].tape.digit[digit])
                continue;
            candidate = *trace;
            candidate.event[i].tape.digit[digit] = 0;
            if (still_fails(&candidate, settings, watching, offence)) {
                *trace = candidate;
                shrunk = true;
            }
        }
    return shrunk;
}

void trace_shrink(struct trace *trace, const struct settings *settings,
                  const struct watch_settings *watching, const struct offence *offence)
{
    bool shrunk = true;

    while (shrunk) {
        shrunk = false;
        for (unsigned chunk = trace->count / 2; chunk > 0; chunk /= 2)
            shrunk |= drop_events(trace, settings, watching, offence, chunk);
        shrunk |= plain_decisions(trace, settings, watching, offence);
    }
}

/* ---------------------------------------------------------------------------------- print -- */

static void print_flags(unsigned control)
{
    printf("%s%s%s%s", control & CTL_SYN ? "S" : "", control & CTL_FIN ? "F" : "",
           control & CTL_RST ? "R" : "", control & CTL_ACK ? "." : "");
    if (!control)
        printf("-");
}

static void print_options(const struct settings *settings, const struct model_segment *segment,
                          unsigned side)
{
    const char *comma = "";

    printf(" <");
    if (segment->options & OPTION_FAST_OPEN)
        printf("FO c"), comma = ",";
    if (segment->options & OPTION_SACK_OK)
        printf("%ssackOK", comma), comma = ",";
    if (segment->options & OPTION_TIMESTAMPS)
        printf("%sTS val %u ecr 0", comma, segment->ts_val), comma = ",";
    if (segment->options & OPTION_WSCALE)
        printf("%swscale %u", comma, segment->shift), comma = ",";
    if (segment->options & OPTION_SACK)
        printf("%ssack %u:%u", comma, segment->sack_low - settings->base_isn[!side],
               segment->sack_high - settings->base_isn[!side]);
    printf(">");
}

void segment_print(const struct settings *settings, const struct model_segment *segment,
                   unsigned side)
{
    uint32_t seq = segment->seq - settings->base_isn[side];

    /* A reset that answers a segment without ACK has SEQ 0, not a number of its life. */
    if (segment->control == (CTL_RST | CTL_ACK) && !segment->seq)
        seq = 0;
    printf("%c > ", "AB"[side]);
    print_flags(segment->control);
    printf(" %u:%u(%u)", seq, seq + segment->len, segment->len);
    if (segment->control & CTL_ACK)
        printf(" ack %u", segment->ack - settings->base_isn[!side]);
    printf(" win %u", segment->wnd);
    if (segment->options)
        print_options(settings, segment, side);
}

static void print_tape(const struct tape *tape)
{
    for (unsigned i = 0; i < tape->count; i++)
        printf("%s%u", i ? "," : " /", tape->digit[i]);
}

static void print_hidden(const struct settings *settings, const struct event *event)
{
    printf("# %c: %s", "AB"[event->side], event_name((enum event_kind)event->kind));
    if (event->kind >= EVENT_TAP) {
        printf(": ");
        segment_print(settings, &event->segment, event->side);
    }
    print_tape(&event->tape);
    printf("\n");
}

static void print_findings(const struct fst_step *step)
{
    for (size_t i = 0; i < step->finding_count; i++)
        printf("      ! %c %s %s\n",
               step->findings[i].side < 2 ? "AB"[step->findings[i].side] : '-',
               fst_class_name((enum fst_class)step->findings[i].class_),
               fst_rule_at(step->findings[i].rule)->slug);
}

static void print_states_after(const struct player *player)
{
    printf("      #");
    for (unsigned side = 0; side < 2; side++) {
        fst_state_set possible = fst_observed_possible(&player->watch.seen, side);

        printf(" %c is %s, seen as %s of", "AB"[side],
               fst_state_name((enum fst_state)player->world.host[side].endpoint.state),
               fst_state_name(fst_observed_state(&player->watch.seen, side)));
        for (unsigned state = 0; state < FST_STATE_COUNT; state++)
            if (possible >> state & 1)
                printf(" %s", fst_state_name((enum fst_state)state));
        printf(";");
    }
    printf("\n");
}

void trace_print(const struct trace *trace, const struct settings *settings,
                 const struct watch_settings *watching)
{
    static struct player player;
    struct offence offence;

    printf("iss A %u ; iss B %u\n", settings->base_isn[0], settings->base_isn[1]);
    player_init(&player, settings, watching);
    for (unsigned i = 0; i < trace->count; i++) {
        struct event event = trace->event[i];

        play(&player, settings, watching, &event, &offence);
        if (!event_is_tap(&event)) {
            print_hidden(settings, &event);
            continue;
        }
        printf("+0.001  ");
        segment_print(settings, &event.segment, event.side);
        printf("\n");
        print_findings(&player.step);
        print_states_after(&player);
    }
}
