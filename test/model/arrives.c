/* SPDX-License-Identifier: MIT
 *
 * SEGMENT ARRIVES: RFC 9293 section 3.10.7. Where a comment names a step ("fifth"), it is the step
 * of 3.10.7.4 unless said otherwise.
 */
#include "endpoint_parts.h"

/* -------------------------------------------------- 3.10.7.1 CLOSED, 3.10.7.2 LISTEN -- */

static void receive_in_closed(struct endpoint *endpoint, const struct model_segment *segment,
                              struct surroundings *around)
{
    if (segment->control & CTL_RST || !replies(around))
        return;
    if (segment->control & CTL_ACK)
        emit(endpoint, around, CTL_RST, segment->ack, 0, 0);
    else
        emit(endpoint, around, CTL_RST | CTL_ACK, 0, segment_end(segment), 0);
}

static void take_window(struct endpoint *endpoint, const struct model_segment *segment,
                        const struct surroundings *around)
{
    if (!around->flow_control)
        return;
    endpoint->snd_wnd = segment->wnd;
    if (!(segment->control & CTL_SYN) && agreed(endpoint, OPTION_WSCALE))
        endpoint->snd_wnd = (uint16_t)(segment->wnd << endpoint->snd_shift);
    if (segment->control & CTL_SYN)
        endpoint->snd_edge = endpoint->iss + 1 + endpoint->snd_wnd;
    else if (before(endpoint->snd_edge, segment->ack + endpoint->snd_wnd))
        endpoint->snd_edge = segment->ack + endpoint->snd_wnd;
    endpoint->snd_wl1 = segment->seq;
    endpoint->snd_wl2 = segment->ack;
}

static void take_syn(struct endpoint *endpoint, const struct model_segment *segment,
                     const struct surroundings *around)
{
    endpoint->irs = segment->seq;
    endpoint->rcv_nxt = segment->seq + 1;
    endpoint->peer_life = segment->life;
    endpoint->peer_offers = segment->options & (uint8_t)~OPTION_FAST_OPEN;
    endpoint->snd_shift = segment->shift;
    endpoint->ts_recent = segment->ts_val;
    take_window(endpoint, segment, around);
}

/* LISTEN third, and a SYN accepted in TIME-WAIT. Text in the SYN is left for its sender to repeat,
 * unless Fast Open takes it (RFC 7413 4.2.2) and lets the user answer at once. */
static void accept_syn(struct endpoint *endpoint, const struct model_segment *segment,
                       struct surroundings *around)
{
    delete_tcb(endpoint);
    choose_iss(endpoint, around);
    take_syn(endpoint, segment, around);
    endpoint->state = FST_SYN_RECEIVED;
    endpoint->passive = true;
    if (segment->options & OPTION_FAST_OPEN && choose(around->oracle, CHOICE_FAST_OPEN, 2)) {
        endpoint->rcv_nxt += segment->len;
        endpoint->fast_open = true;
    }
    if (replies(around))
        emit_syn_ack(endpoint, around);
}

static void receive_in_listen(struct endpoint *endpoint, const struct model_segment *segment,
                              struct surroundings *around)
{
    if (segment->control & CTL_RST)
        return;
    if (segment->control & CTL_ACK)
        reply_reset(endpoint, around, segment->ack);
    else if (segment->control & CTL_SYN && around->isns->lives_left)
        accept_syn(endpoint, segment, around);
}

/* --------------------------------------------------- seventh and eighth: text and FIN -- */

static bool takes_text(const struct endpoint *endpoint)
{
    return state_in(endpoint, IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2));
}

static void receive_fin(struct endpoint *endpoint)
{
    endpoint->rcv_nxt++;
    endpoint->held = 0; /* nothing follows a FIN */
    endpoint->has_held_fin = endpoint->has_held_ack = false;
    endpoint->fin_at = endpoint->held_ack = 0;
    switch (endpoint->state) {
    case FST_SYN_RECEIVED:
    case FST_ESTABLISHED:
        endpoint->state = FST_CLOSE_WAIT;
        break;
    case FST_FIN_WAIT_1:
        endpoint->state = fin_acked(endpoint) ? FST_TIME_WAIT : FST_CLOSING;
        break;
    case FST_FIN_WAIT_2:
        endpoint->state = FST_TIME_WAIT;
        break;
    default:
        break;
    }
}

static void advance_rcv_nxt(struct endpoint *endpoint, const struct surroundings *around,
                            unsigned octets)
{
    endpoint->rcv_nxt += octets;
    endpoint->held = octets < HELD_OCTETS ? endpoint->held >> octets : 0;
    if (around->flow_control)
        endpoint->buffered = (uint16_t)(endpoint->buffered + octets);
}

static void take_ack_in_state(struct endpoint *endpoint, uint32_t ack);

/* The ACK of a segment that was held whole counts when its text does. */
static void release_held_ack(struct endpoint *endpoint)
{
    uint32_t ack = endpoint->held_ack;
    bool held = endpoint->has_held_ack;

    endpoint->has_held_ack = false;
    endpoint->held_ack = 0;
    if (held && before(endpoint->snd_una, ack) && not_after(ack, endpoint->snd_nxt))
        take_ack_in_state(endpoint, ack);
}

/* The hole may have been filled: take what was held behind it. */
static void release_held(struct endpoint *endpoint, const struct surroundings *around)
{
    bool released = false;

    for (; endpoint->held & 1 && takes_text(endpoint); released = true)
        advance_rcv_nxt(endpoint, around, 1);
    released |= endpoint->has_held_fin && endpoint->fin_at == endpoint->rcv_nxt;
    if (released)
        release_held_ack(endpoint);
    if (endpoint->has_held_fin && endpoint->fin_at == endpoint->rcv_nxt)
        receive_fin(endpoint);
}

static void hold_text(struct endpoint *endpoint, const struct model_segment *segment,
                      const struct surroundings *around)
{
    uint32_t offset = segment->seq - endpoint->rcv_nxt;

    for (unsigned octet = 0; octet < segment->len; octet++)
        if (offset + octet < HELD_OCTETS && offset + octet < offered_window(endpoint, around))
            endpoint->held |= (uint64_t)1 << (offset + octet);
    if (segment->control & CTL_FIN && !endpoint->has_held_fin &&
        offset + segment->len < offered_window(endpoint, around)) {
        endpoint->has_held_fin = true;
        endpoint->fin_at = segment->seq + segment->len;
    }
}

/* 3.6.1 SHLD-3: text arrives after a CLOSE that also ended receiving. */
static bool resets_late_text(struct endpoint *endpoint, const struct model_segment *segment,
                             struct surroundings *around)
{
    uint32_t reply = segment->ack;

    if (!state_in(endpoint, IN(FIN_WAIT_1) | IN(FIN_WAIT_2)) || !segment->len ||
        !before(endpoint->rcv_nxt, segment->seq + segment->len) ||
        choose(around->oracle, CHOICE_FULL_CLOSE, 2) == 0)
        return false;
    leave_silently(endpoint, around);
    if (choose(around->oracle, CHOICE_ABORT_FORM, 2) == 0)
        emit_abort(endpoint, around);
    else
        emit(endpoint, around, CTL_RST, reply, 0, 0);
    delete_tcb(endpoint);
    return true;
}

/* In order, perhaps overlapping what is there: 3.10.7.4 seventh and eighth. */
static void take_text_and_fin(struct endpoint *endpoint, const struct model_segment *segment,
                              struct surroundings *around)
{
    uint32_t end = segment->seq + segment->len;
    uint32_t edge = endpoint->rcv_nxt + offered_window(endpoint, around);
    uint32_t taken = before(edge, end) ? edge : end;

    if (resets_late_text(endpoint, segment, around))
        return;
    /* First: "If the RCV.WND is zero, ... accept valid ACKs". A window may be taken back: SHLD-14.
     */
    if (octets_of(segment) && choose(around->oracle, CHOICE_NO_ROOM, 2)) {
        reply_ack(endpoint, around);
        return;
    }
    if (takes_text(endpoint) && before(endpoint->rcv_nxt, taken))
        advance_rcv_nxt(endpoint, around, taken - endpoint->rcv_nxt);
    if (segment->control & CTL_FIN && end == endpoint->rcv_nxt)
        receive_fin(endpoint);
    release_held(endpoint, around);
    if (segment->len || segment->control & CTL_FIN)
        reply_ack(endpoint, around);
}

/* ------------------------------------------------------------------ 3.10.7.3 SYN-SENT -- */

/* What follows the SYN of a SYN-ACK is an ordinary segment one number further. */
static void take_rest_of_syn_ack(struct endpoint *endpoint, const struct model_segment *segment,
                                 struct surroundings *around)
{
    struct model_segment rest = *segment;

    rest.seq++;
    rest.control &= (uint8_t)~CTL_SYN;
    if (rest.len || rest.control & CTL_FIN)
        take_text_and_fin(endpoint, &rest, around);
    else
        reply_ack(endpoint, around);
}

static void receive_in_syn_sent(struct endpoint *endpoint, const struct model_segment *segment,
                                struct surroundings *around)
{
    bool has_ack = segment->control & CTL_ACK;

    if (has_ack &&
        (not_after(segment->ack, endpoint->iss) || before(endpoint->snd_nxt, segment->ack))) {
        if (!(segment->control & CTL_RST))
            reply_reset(endpoint, around, segment->ack);
        return;
    }
    if (segment->control & CTL_RST) {
        if (has_ack)
            delete_tcb(endpoint);
        return;
    }
    if (!(segment->control & CTL_SYN))
        return;
    take_syn(endpoint, segment, around);
    if (has_ack) {
        endpoint->snd_una = segment->ack;
        endpoint->state = FST_ESTABLISHED;
        take_rest_of_syn_ack(endpoint, segment, around);
        return;
    }
    endpoint->state = FST_SYN_RECEIVED;
    if (replies(around))
        emit_syn_ack(endpoint, around);
}

/* -------------------------------------------------------- 3.10.7.4 first: the sequence -- */

static bool in_window(const struct endpoint *endpoint, const struct surroundings *around,
                      uint32_t seq)
{
    return seq - endpoint->rcv_nxt < offered_window(endpoint, around);
}

/* Table 6. */
static bool acceptable(const struct endpoint *endpoint, const struct model_segment *segment,
                       const struct surroundings *around)
{
    unsigned length = octets_of(segment);

    if (offered_window(endpoint, around) == 0)
        return length == 0 && segment->seq == endpoint->rcv_nxt;
    if (length == 0)
        return in_window(endpoint, around, segment->seq);
    return in_window(endpoint, around, segment->seq) ||
           in_window(endpoint, around, segment->seq + length - 1);
}

/* 3.6.1 MAY-2 by sequence number, RFC 6191 by timestamps: the later life has the later ones. */
static bool reuses_time_wait(struct endpoint *endpoint, const struct model_segment *segment,
                             struct surroundings *around)
{
    bool newer = before(endpoint->rcv_nxt, segment->seq) || segment->life > endpoint->peer_life ||
                 (around->any_reuse && segment->seq != endpoint->irs);

    if (endpoint->state != FST_TIME_WAIT || !newer || !around->isns->lives_left ||
        (segment->control & (CTL_SYN | CTL_ACK | CTL_RST)) != CTL_SYN ||
        choose(around->oracle, CHOICE_TIME_WAIT_REUSE, 2) == 0)
        return false;
    accept_syn(endpoint, segment, around);
    return true;
}

/* Figure 7: by the letter the crossing SYN-ACK lies left of the window; many stacks take its ACK.
 */
static bool takes_crossing_syn_ack(struct endpoint *endpoint, const struct model_segment *segment,
                                   struct surroundings *around)
{
    if (syn_acked(endpoint) ||
        (segment->control & (CTL_SYN | CTL_ACK | CTL_RST)) != (CTL_SYN | CTL_ACK) ||
        segment->seq != endpoint->irs || !before(endpoint->snd_una, segment->ack) ||
        before(endpoint->snd_nxt, segment->ack) || choose(around->oracle, CHOICE_CROSSING, 2) == 0)
        return false;
    take_ack_in_state(endpoint, segment->ack);
    take_window(endpoint, segment, around);
    reply_ack(endpoint, around);
    return true;
}

static bool repeats_syn_ack(struct endpoint *endpoint, const struct model_segment *segment,
                            struct surroundings *around)
{
    if (endpoint->state != FST_SYN_RECEIVED ||
        (segment->control & (CTL_SYN | CTL_ACK)) != CTL_SYN || segment->seq != endpoint->irs ||
        choose(around->oracle, CHOICE_SYN_AGAIN, 2) == 0)
        return false;
    if (replies(around))
        emit_syn_ack(endpoint, around);
    return true;
}

/* ----------------------------------------------------------- second: RST, fourth: SYN -- */

static void receive_reset(struct endpoint *endpoint, const struct model_segment *segment,
                          struct surroundings *around)
{
    bool listens = endpoint->state == FST_SYN_RECEIVED && endpoint->passive;

    if (segment->seq != endpoint->rcv_nxt && choose(around->oracle, CHOICE_RST_RULE, 2) == 0) {
        reply_ack(endpoint, around); /* RFC 5961 3.2 */
        return;
    }
    if (endpoint->state == FST_TIME_WAIT && choose(around->oracle, CHOICE_TIME_WAIT_RST, 2))
        return;
    delete_tcb(endpoint);
    if (listens)
        endpoint->state = FST_LISTEN;
}

/* Only reached inside the window, but for RFC 5961 that makes no difference. */
static void receive_syn(struct endpoint *endpoint, struct surroundings *around)
{
    bool listens = endpoint->state == FST_SYN_RECEIVED && endpoint->passive;

    if (choose(around->oracle, CHOICE_SYN_RULE, 2) == 0) {
        reply_ack(endpoint, around);
        return;
    }
    if (!listens) {
        leave_silently(endpoint, around);
        if (replies(around))
            emit_abort(endpoint, around);
    }
    delete_tcb(endpoint);
    if (listens)
        endpoint->state = FST_LISTEN;
}

/* ------------------------------------------------------------------------- fifth: ACK -- */

/* SND.UNA < SEG.ACK =< SND.NXT. */
static void take_ack_in_state(struct endpoint *endpoint, uint32_t ack)
{
    endpoint->snd_una = ack;
    if (endpoint->state == FST_SYN_RECEIVED)
        endpoint->state = FST_ESTABLISHED;
    if (!fin_acked(endpoint))
        return;
    if (endpoint->state == FST_FIN_WAIT_1)
        endpoint->state = FST_FIN_WAIT_2;
    else if (endpoint->state == FST_CLOSING)
        endpoint->state = FST_TIME_WAIT;
    else if (endpoint->state == FST_LAST_ACK)
        delete_tcb(endpoint);
}

static void update_window(struct endpoint *endpoint, const struct model_segment *segment,
                          const struct surroundings *around)
{
    if (before(endpoint->snd_wl1, segment->seq) ||
        (endpoint->snd_wl1 == segment->seq && not_after(endpoint->snd_wl2, segment->ack)))
        take_window(endpoint, segment, around);
}

static bool receive_ack_in_syn_received(struct endpoint *endpoint,
                                        const struct model_segment *segment,
                                        struct surroundings *around)
{
    if (before(endpoint->snd_una, segment->ack) && not_after(segment->ack, endpoint->snd_nxt)) {
        take_ack_in_state(endpoint, segment->ack);
        take_window(endpoint, segment, around);
        return true;
    }
    if (choose(around->oracle, CHOICE_ACK_RANGE, 2) == 0)
        reply_reset(endpoint, around, segment->ack);
    else
        reply_ack(endpoint, around); /* RFC 5961 5.2 comes first */
    return false;
}

/* Returns whether the segment's text and FIN are still to be looked at. */
static bool receive_ack(struct endpoint *endpoint, const struct model_segment *segment,
                        struct surroundings *around)
{
    bool closing = endpoint->state == FST_CLOSING;

    if (endpoint->state == FST_SYN_RECEIVED)
        return receive_ack_in_syn_received(endpoint, segment, around);
    if (before(endpoint->snd_nxt, segment->ack)) {
        reply_ack(endpoint, around);
        return false;
    }
    if (before(segment->ack, endpoint->snd_una - around->window) &&
        choose(around->oracle, CHOICE_ACK_RANGE, 2)) {
        reply_ack(endpoint, around); /* RFC 5961 5.2 */
        return false;
    }
    if (not_after(endpoint->snd_una, segment->ack))
        update_window(endpoint, segment, around);
    if (before(endpoint->snd_una, segment->ack))
        take_ack_in_state(endpoint, segment->ack);
    if (closing && endpoint->state == FST_CLOSING && !(segment->control & CTL_FIN))
        return false;
    return endpoint->state != FST_CLOSED;
}

/* --------------------------------------------------------- 3.10.7.4 as a whole, in order -- */

/* 3.10.7.4 first, SHLD-31: what lies beyond a hole is held, wholly or but for its ACK. */
static void receive_beyond_hole(struct endpoint *endpoint, const struct model_segment *segment,
                                struct surroundings *around)
{
    unsigned way = choose(around->oracle, CHOICE_OUT_OF_ORDER, 3);

    if (way == 0 && !receive_ack(endpoint, segment, around))
        return;
    if (way == 0 && resets_late_text(endpoint, segment, around))
        return;
    if (way == 1 && (!endpoint->has_held_ack || before(endpoint->held_ack, segment->ack))) {
        endpoint->has_held_ack = true;
        endpoint->held_ack = segment->ack;
    }
    if (way != 2)
        hold_text(endpoint, segment, around);
    if (octets_of(segment))
        reply_ack(endpoint, around);
}

/* RFC 7323 5.3: an old timestamp makes a segment unacceptable; not checking is conforming too. */
static bool fails_paws(struct endpoint *endpoint, const struct model_segment *segment,
                       struct surroundings *around)
{
    if (!agreed(endpoint, OPTION_TIMESTAMPS) || !(segment->options & OPTION_TIMESTAMPS) ||
        segment->control & CTL_RST)
        return false;
    if (before(segment->ts_val, endpoint->ts_recent))
        return choose(around->oracle, CHOICE_PAWS, 2);
    if (not_after(segment->seq, endpoint->rcv_nxt))
        endpoint->ts_recent = segment->ts_val;
    return false;
}

static void receive_otherwise(struct endpoint *endpoint, const struct model_segment *segment,
                              struct surroundings *around)
{
    if (takes_crossing_syn_ack(endpoint, segment, around) ||
        reuses_time_wait(endpoint, segment, around) || repeats_syn_ack(endpoint, segment, around))
        return;
    if (fails_paws(endpoint, segment, around) || !acceptable(endpoint, segment, around)) {
        if (!(segment->control & CTL_RST))
            reply_ack(endpoint, around);
        return;
    }
    if (segment->control & CTL_RST) {
        receive_reset(endpoint, segment, around);
        return;
    }
    if (segment->control & CTL_SYN) {
        receive_syn(endpoint, around);
        return;
    }
    if (!(segment->control & CTL_ACK))
        return;
    if (before(endpoint->rcv_nxt, segment->seq))
        receive_beyond_hole(endpoint, segment, around);
    else if (receive_ack(endpoint, segment, around))
        take_text_and_fin(endpoint, segment, around);
}

void endpoint_receive(struct endpoint *endpoint, const struct model_segment *segment,
                      struct surroundings *around)
{
    if (endpoint->state == FST_CLOSED)
        receive_in_closed(endpoint, segment, around);
    else if (endpoint->state == FST_LISTEN)
        receive_in_listen(endpoint, segment, around);
    else if (endpoint->state == FST_SYN_SENT)
        receive_in_syn_sent(endpoint, segment, around);
    else
        receive_otherwise(endpoint, segment, around);
}
