/* SPDX-License-Identifier: MIT
 *
 * What all events need: forming segments, choosing initial sequence numbers.
 */
#include "endpoint_parts.h"

#include <assert.h>
#include <string.h>

bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

bool not_after(uint32_t a, uint32_t b)
{
    return !before(b, a);
}

unsigned octets_of(const struct model_segment *segment)
{
    return segment->len + ((segment->control & CTL_SYN) != 0) + ((segment->control & CTL_FIN) != 0);
}

uint32_t segment_end(const struct model_segment *segment)
{
    return segment->seq + octets_of(segment);
}

/* ------------------------------------------------------------------------------- sending -- */

uint16_t offered_window(const struct endpoint *endpoint, const struct surroundings *around)
{
    return (uint16_t)(around->window - endpoint->buffered);
}

bool agreed(const struct endpoint *endpoint, unsigned option)
{
    return endpoint->offered & endpoint->peer_offers & option;
}

static void add_syn_options(struct model_segment *segment, const struct endpoint *endpoint,
                            const struct surroundings *around)
{
    unsigned options = around->offers;

    if (segment->control & CTL_ACK) /* RFC 7323 2.2, 3.2: only what the SYN offered */
        options &= endpoint->peer_offers | OPTION_SACK_OK;
    segment->options = (uint8_t)options;
    if (options & OPTION_WSCALE)
        segment->shift = around->shift;
}

/* The first block beyond the hole; RFC 2883 also allows one below the ACK. */
static void add_sack(struct model_segment *segment, const struct endpoint *endpoint,
                     struct surroundings *around)
{
    unsigned low = 0, high;

    if (!(endpoint->peer_offers & OPTION_SACK_OK) || segment->control & CTL_RST)
        return;
    if (endpoint->held) {
        while (!(endpoint->held >> low & 1))
            low++;
        for (high = low; high < HELD_OCTETS && endpoint->held >> high & 1;)
            high++;
        segment->sack_low = endpoint->rcv_nxt + low;
        segment->sack_high = endpoint->rcv_nxt + high;
    } else if (endpoint->rcv_nxt != endpoint->irs + 1 &&
               choose(around->oracle, CHOICE_DUPLICATE_SACK, 2)) {
        segment->sack_low = endpoint->rcv_nxt - 1;
        segment->sack_high = endpoint->rcv_nxt;
    } else {
        return;
    }
    segment->options |= OPTION_SACK;
}

static void add_options(struct model_segment *segment, const struct endpoint *endpoint,
                        struct surroundings *around)
{
    bool reset = segment->control & CTL_RST;

    if (segment->control & CTL_SYN) {
        add_syn_options(segment, endpoint, around);
    } else {
        if (agreed(endpoint, OPTION_TIMESTAMPS) &&
            !(reset && choose(around->oracle, CHOICE_RST_TIMESTAMP, 2)))
            segment->options |= OPTION_TIMESTAMPS;
        if (agreed(endpoint, OPTION_WSCALE))
            segment->wnd = (uint16_t)(segment->wnd >> around->shift);
        add_sack(segment, endpoint, around);
    }
    if (segment->options & OPTION_TIMESTAMPS)
        segment->ts_val = (*around->clock)++ + endpoint->life * 0x50000000u;
}

bool emit(const struct endpoint *endpoint, struct surroundings *around, unsigned control,
          uint32_t seq, uint32_t ack, unsigned len)
{
    struct model_segment *segment = &around->sent[around->sent_count];

    if (!around->sends_left || around->sent_count == SENT_MAX)
        return false;
    around->sends_left--;
    around->sent_count++;
    memset(segment, 0, sizeof *segment);
    segment->control = (uint8_t)control;
    segment->seq = seq;
    segment->ack = control & CTL_ACK ? ack : 0;
    segment->len = (uint8_t)len;
    segment->wnd = control & CTL_RST ? 0 : offered_window(endpoint, around);
    segment->life = endpoint->life;
    segment->epoch = around->epoch;
    if (around->offers)
        add_options(segment, endpoint, around);
    return true;
}

bool emit_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    return emit(endpoint, around, CTL_ACK, endpoint->snd_nxt, endpoint->rcv_nxt, 0);
}

bool emit_syn_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    return emit(endpoint, around, CTL_SYN | CTL_ACK, endpoint->iss, endpoint->rcv_nxt, 0);
}

/* An owed reply may be held back: delayed, throttled (RFC 5961 section 7) or without budget. */
bool replies(struct surroundings *around)
{
    around->muted |= !around->sends_left;
    return around->sends_left && choose(around->oracle, CHOICE_REPLY, 2) == 0;
}

void reply_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    if (replies(around))
        emit_ack(endpoint, around);
}

void reply_reset(const struct endpoint *endpoint, struct surroundings *around, uint32_t seq)
{
    if (replies(around))
        emit(endpoint, around, CTL_RST, seq, 0, 0);
}

void delete_tcb(struct endpoint *endpoint)
{
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->state = FST_CLOSED;
}

bool state_in(const struct endpoint *endpoint, unsigned states)
{
    return states >> endpoint->state & 1;
}

/* ---------------------------------------------------------------------- sequence numbers -- */

static uint32_t far_isn(struct isn_source *isns)
{
    return isns->base + isns->lives * 1000003u;
}

/* Any distance, also half round the circle, where "above" turns into "below". */
static uint32_t wild_isn(struct isn_source *isns, struct oracle *oracle)
{
    static const uint32_t distance[] = {0x1fffff0bu, 0x4000000bu, 0x7ffffff0u, 0x80000017u,
                                        0xa0000000u, 0xffff0000u, 65540u,      0x00400000u};
    unsigned drawn = choose(oracle, CHOICE_ISN, sizeof distance / sizeof *distance);

    return isns->high + distance[drawn] + isns->lives * 8209u;
}

static enum isn_policy draw_policy(const struct isn_source *isns, struct oracle *oracle)
{
    enum isn_policy allowed[4];
    unsigned count = 0;

    for (unsigned policy = ISN_FAR; policy <= ISN_WILD; policy <<= 1)
        if (isns->policies & policy)
            allowed[count++] = (enum isn_policy)policy;
    assert(count > 0);
    return allowed[choose(oracle, CHOICE_ISN, count)];
}

/* Some numbers stay free on either side: assumption S7, the quiet time of 3.4.3. */
static uint32_t next_isn(struct isn_source *isns, struct oracle *oracle)
{
    uint32_t isn = isns->base;
    enum isn_policy policy = ISN_FAR;

    if (isns->lives > 0) {
        policy = draw_policy(isns, oracle);
        if (policy == ISN_FAR)
            isn = far_isn(isns);
        else if (policy == ISN_ABOVE)
            isn = isns->high + isns->gap;
        else if (policy == ISN_BELOW)
            isn = isns->low - isns->span - 2 - isns->gap;
        else
            isn = wild_isn(isns, oracle);
    }
    if (isns->lives == 0 || policy == ISN_FAR || policy == ISN_WILD)
        isns->low = isns->high = isn;
    if (before(isn, isns->low))
        isns->low = isn;
    isns->lives++;
    isns->lives_left--;
    return isn;
}

/* Book the numbers used up to SND.NXT. */
void mark_used(struct isn_source *isns, uint32_t snd_nxt)
{
    if (before(isns->high, snd_nxt))
        isns->high = snd_nxt;
}

static uint32_t given_isn(struct surroundings *around)
{
    around->isns->lives++;
    around->isns->lives_left--;
    return around->isn_given[choose(around->oracle, CHOICE_ISN, around->isn_given_count)];
}

void choose_iss(struct endpoint *endpoint, struct surroundings *around)
{
    endpoint->iss = around->isn_given ? given_isn(around) : next_isn(around->isns, around->oracle);
    endpoint->snd_una = endpoint->iss;
    endpoint->snd_nxt = endpoint->iss + 1;
    endpoint->life = around->isns->lives;
    endpoint->offered = around->offers;
    mark_used(around->isns, endpoint->snd_nxt);
}

unsigned endpoint_text_sent(const struct endpoint *endpoint)
{
    if (endpoint->snd_nxt == endpoint->iss)
        return 0;
    return endpoint->snd_nxt - endpoint->iss - 1 - endpoint->fin_sent;
}

bool syn_acked(const struct endpoint *endpoint)
{
    return endpoint->snd_una != endpoint->iss;
}

bool fin_acked(const struct endpoint *endpoint)
{
    return endpoint->fin_sent && endpoint->snd_una == endpoint->snd_nxt;
}

/* The RFC's form is <SEQ=SND.NXT><CTL=RST>; stacks add an ACK, some use the window's edge. */
void emit_abort(const struct endpoint *endpoint, struct surroundings *around)
{
    unsigned form = choose(around->oracle, CHOICE_ABORT_FORM, 3);
    uint32_t edge = endpoint->snd_una + (around->flow_control ? endpoint->snd_wnd : around->window);

    emit(endpoint, around, form == 0 ? CTL_RST : CTL_RST | CTL_ACK,
         form == 2 ? edge : endpoint->snd_nxt, endpoint->rcv_nxt, 0);
}

void leave_silently(struct endpoint *endpoint, struct surroundings *around)
{
    if (!state_in(endpoint, IN(SYN_SENT) | IN(SYN_RECEIVED) | IN(TIME_WAIT))) {
        around->vanished = true;
        around->epoch++;
    }
}
