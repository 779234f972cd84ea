/* SPDX-License-Identifier: MIT
 *
 * The order of functions is the order of RFC 9293 section 3.10. Where a comment names a step
 * ("fifth"), it is the step of 3.10.7.4 unless said otherwise.
 */
#include "endpoint.h"

#include <assert.h>
#include <string.h>

bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static bool not_after(uint32_t a, uint32_t b)
{
    return !before(b, a);
}

static unsigned octets_of(const struct model_segment *segment)
{
    return segment->len + ((segment->control & CTL_SYN) != 0) +
           ((segment->control & CTL_FIN) != 0);
}

uint32_t segment_end(const struct model_segment *segment)
{
    return segment->seq + octets_of(segment);
}

/* ------------------------------------------------------------------------------- sending -- */

static uint16_t offered_window(const struct endpoint *endpoint, const struct surroundings *around)
{
    return (uint16_t)(around->window - endpoint->buffered);
}

static bool agreed(const struct endpoint *endpoint, unsigned option)
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

static bool emit(const struct endpoint *endpoint, struct surroundings *around, unsigned control,
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

static bool emit_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    return emit(endpoint, around, CTL_ACK, endpoint->snd_nxt, endpoint->rcv_nxt, 0);
}

static bool emit_syn_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    return emit(endpoint, around, CTL_SYN | CTL_ACK, endpoint->iss, endpoint->rcv_nxt, 0);
}

/* An owed reply may be held back: delayed, throttled (RFC 5961 section 7) or without budget. */
static bool replies(struct surroundings *around)
{
    return around->sends_left && choose(around->oracle, CHOICE_REPLY, 2) == 0;
}

static void reply_ack(const struct endpoint *endpoint, struct surroundings *around)
{
    if (replies(around))
        emit_ack(endpoint, around);
}

static void reply_reset(const struct endpoint *endpoint, struct surroundings *around, uint32_t seq)
{
    if (replies(around))
        emit(endpoint, around, CTL_RST, seq, 0, 0);
}

static void delete_tcb(struct endpoint *endpoint)
{
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->state = FST_CLOSED;
}

static bool state_in(const struct endpoint *endpoint, unsigned states)
{
    return states >> endpoint->state & 1;
}

#define IN(state) (1u << FST_##state)

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

/* One number always stays free on either side: assumption S7, the quiet time of 3.4.3. */
static uint32_t next_isn(struct isn_source *isns, struct oracle *oracle)
{
    uint32_t isn = isns->base;
    enum isn_policy policy = ISN_FAR;

    if (isns->lives > 0) {
        policy = draw_policy(isns, oracle);
        if (policy == ISN_FAR)
            isn = far_isn(isns);
        else if (policy == ISN_ABOVE)
            isn = isns->high + 1;
        else if (policy == ISN_BELOW)
            isn = isns->low - isns->span - 3;
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
static void mark_used(struct isn_source *isns, uint32_t snd_nxt)
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

static void choose_iss(struct endpoint *endpoint, struct surroundings *around)
{
    endpoint->iss =
        around->isn_given ? given_isn(around) : next_isn(around->isns, around->oracle);
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

static bool syn_acked(const struct endpoint *endpoint)
{
    return endpoint->snd_una != endpoint->iss;
}

static bool fin_acked(const struct endpoint *endpoint)
{
    return endpoint->fin_sent && endpoint->snd_una == endpoint->snd_nxt;
}

/* ------------------------------------------------------------------------- 3.10.1 OPEN -- */

bool endpoint_open_passive(struct endpoint *endpoint)
{
    if (endpoint->state != FST_CLOSED)
        return false;
    endpoint->state = FST_LISTEN;
    return true;
}

/* Also 3.10.1 and 3.10.2 in LISTEN: "change the connection from passive to active". */
bool endpoint_open_active(struct endpoint *endpoint, struct surroundings *around,
                          unsigned text_left)
{
    if (!state_in(endpoint, IN(CLOSED) | IN(LISTEN)) || !around->isns->lives_left ||
        !around->sends_left)
        return false;
    delete_tcb(endpoint);
    endpoint->state = FST_SYN_SENT;
    choose_iss(endpoint, around);
    endpoint->syn_text = (uint8_t)choose(around->oracle, CHOICE_SYN_TEXT, text_left + 1);
    endpoint->snd_nxt += endpoint->syn_text;
    mark_used(around->isns, endpoint->snd_nxt);
    emit(endpoint, around, CTL_SYN, endpoint->iss, 0, endpoint->syn_text);
    if (endpoint->syn_text && choose(around->oracle, CHOICE_FAST_OPEN, 2))
        around->sent[around->sent_count - 1].options |= OPTION_FAST_OPEN;
    return true;
}

bool endpoint_unlisten(struct endpoint *endpoint)
{
    if (endpoint->state != FST_LISTEN)
        return false;
    delete_tcb(endpoint);
    return true;
}

/* ------------------------------------------------------------------------- 3.10.2 SEND -- */

static unsigned usable_window(const struct endpoint *endpoint, const struct surroundings *around)
{
    uint32_t edge =
        endpoint->snd_una + (around->flow_control ? endpoint->snd_wnd : around->window);

    return before(endpoint->snd_nxt, edge) ? edge - endpoint->snd_nxt : 0;
}

static bool may_send_text(const struct endpoint *endpoint)
{
    return state_in(endpoint, IN(ESTABLISHED) | IN(CLOSE_WAIT)) ||
           (endpoint->state == FST_SYN_RECEIVED && endpoint->fast_open);
}

static void enter_after_close(struct endpoint *endpoint)
{
    endpoint->fin_sent = true;
    endpoint->snd_nxt++;
    endpoint->state = endpoint->state == FST_CLOSE_WAIT ? FST_LAST_ACK : FST_FIN_WAIT_1;
}

/* SEND, and SEND with CLOSE behind it: the FIN rides on the text. */
bool endpoint_send(struct endpoint *endpoint, struct surroundings *around, unsigned text_left,
                   bool with_fin)
{
    unsigned most = usable_window(endpoint, around);
    uint32_t seq = endpoint->snd_nxt;
    unsigned len;

    if (most > text_left)
        most = text_left;
    if (!may_send_text(endpoint) || !around->sends_left || !most)
        return false;
    len = 1 + choose(around->oracle, CHOICE_SIZE, most);
    endpoint->snd_nxt += len;
    if (with_fin)
        enter_after_close(endpoint);
    mark_used(around->isns, endpoint->snd_nxt);
    return emit(endpoint, around, CTL_ACK | (with_fin ? CTL_FIN : 0u), seq, endpoint->rcv_nxt, len);
}

/* One octet into a closed window, 3.8.6.1. */
bool endpoint_probe_window(struct endpoint *endpoint, struct surroundings *around,
                           unsigned text_left)
{
    uint32_t seq = endpoint->snd_nxt;

    if (!state_in(endpoint, IN(ESTABLISHED) | IN(CLOSE_WAIT)) || !around->flow_control ||
        endpoint->snd_wnd > 0 || endpoint->snd_una != endpoint->snd_nxt || !text_left ||
        !around->sends_left)
        return false;
    endpoint->snd_nxt++;
    mark_used(around->isns, endpoint->snd_nxt);
    return emit(endpoint, around, CTL_ACK, seq, endpoint->rcv_nxt, 1);
}

/* ---------------------------------------------------------------------- 3.10.3 RECEIVE -- */

/* The user reads; a window update may go out. */
bool endpoint_receive_call(struct endpoint *endpoint, struct surroundings *around)
{
    if (!endpoint->buffered)
        return false;
    endpoint->buffered = 0;
    reply_ack(endpoint, around);
    return true;
}

/* ------------------------------------------------------------------------ 3.10.4 CLOSE -- */

bool endpoint_close(struct endpoint *endpoint, struct surroundings *around)
{
    uint32_t seq = endpoint->snd_nxt;

    if (!state_in(endpoint, IN(SYN_RECEIVED) | IN(ESTABLISHED) | IN(CLOSE_WAIT)) ||
        !around->sends_left)
        return false;
    /* "Otherwise, queue for processing after entering ESTABLISHED state." */
    if (!syn_acked(endpoint) && endpoint_text_sent(endpoint) && !endpoint->fast_open)
        return false;
    enter_after_close(endpoint);
    mark_used(around->isns, endpoint->snd_nxt);
    return emit(endpoint, around, CTL_FIN | CTL_ACK, seq, endpoint->rcv_nxt, 0);
}

/* ------------------------------------------------------------------------ 3.10.5 ABORT -- */

/* The RFC's form is <SEQ=SND.NXT><CTL=RST>; stacks add an ACK, some use the window's edge. */
static void emit_abort(const struct endpoint *endpoint, struct surroundings *around)
{
    unsigned form = choose(around->oracle, CHOICE_ABORT_FORM, 3);
    uint32_t edge = endpoint->snd_una + (around->flow_control ? endpoint->snd_wnd : around->window);

    emit(endpoint, around, form == 0 ? CTL_RST : CTL_RST | CTL_ACK,
         form == 2 ? edge : endpoint->snd_nxt, endpoint->rcv_nxt, 0);
}

static void leave_silently(struct endpoint *endpoint, struct surroundings *around)
{
    if (!state_in(endpoint, IN(SYN_SENT) | IN(SYN_RECEIVED) | IN(TIME_WAIT))) {
        around->vanished = true;
        around->epoch++;
    }
}

bool endpoint_abort(struct endpoint *endpoint, struct surroundings *around)
{
    if (!state_in(endpoint, IN(SYN_RECEIVED) | IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2) |
                                IN(CLOSE_WAIT)) ||
        !around->sends_left)
        return false;
    leave_silently(endpoint, around);
    emit_abort(endpoint, around);
    delete_tcb(endpoint);
    return true;
}

/* A crash, the user time-out of 3.10.8, the R2 time-out of a retransmission, the FIN-WAIT-2 timer
 * of stacks, or ABORT in a state where it sends nothing: the TCB is gone without a word. */
bool endpoint_vanish(struct endpoint *endpoint, struct surroundings *around)
{
    if (!state_in(endpoint, IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2) | IN(CLOSE_WAIT) |
                                IN(CLOSING) | IN(LAST_ACK)))
        return false;
    leave_silently(endpoint, around);
    delete_tcb(endpoint);
    return true;
}

/* CLOSE or ABORT in SYN-SENT, R2 of a SYN, a lost SYN-RECEIVED (back to LISTEN if passive). */
bool endpoint_give_up(struct endpoint *endpoint)
{
    bool listens = endpoint->passive;

    if (!state_in(endpoint, IN(SYN_SENT) | IN(SYN_RECEIVED)))
        return false;
    delete_tcb(endpoint);
    if (listens)
        endpoint->state = FST_LISTEN;
    return true;
}

/* 3.10.8 TIME-WAIT TIMEOUT. */
bool endpoint_time_wait_over(struct endpoint *endpoint)
{
    if (endpoint->state != FST_TIME_WAIT)
        return false;
    delete_tcb(endpoint);
    return true;
}

/* ------------------------------------------------------- 3.8.1 and 3.8.4: sent again -- */

static void strip_options(struct model_segment *segment)
{
    segment->options = segment->shift = 0;
    segment->ts_val = 0;
}

static bool retransmit_handshake(struct endpoint *endpoint, struct surroundings *around)
{
    bool merged;

    if (endpoint->state == FST_SYN_SENT) {
        unsigned len = choose(around->oracle, CHOICE_SYN_TEXT, endpoint->syn_text + 1u);

        emit(endpoint, around, CTL_SYN, endpoint->iss, 0, len);
        if (around->offers && choose(around->oracle, CHOICE_SYN_BARE, 2))
            strip_options(&around->sent[around->sent_count - 1]);
        return true;
    }
    merged = endpoint->fin_sent && endpoint_text_sent(endpoint) == 0 &&
             choose(around->oracle, CHOICE_MERGE, 2);
    if (merged)
        return emit(endpoint, around, CTL_SYN | CTL_FIN | CTL_ACK, endpoint->iss, endpoint->rcv_nxt,
                    0);
    return emit_syn_ack(endpoint, around);
}

/* Any part of the queue from its start, repacketized; the FIN on it, alone, or not. */
static bool retransmit_queue(struct endpoint *endpoint, struct surroundings *around)
{
    uint32_t una = endpoint->snd_una + !syn_acked(endpoint);
    unsigned text = endpoint->snd_nxt - una - endpoint->fin_sent;
    unsigned ways = text + (endpoint->fin_sent ? 1 + (text > 0) : 0);
    unsigned way;

    if (!ways)
        return false;
    way = choose(around->oracle, CHOICE_SIZE, ways);
    if (way < text)
        return emit(endpoint, around, CTL_ACK, una, endpoint->rcv_nxt, way + 1);
    if (way == text)
        return emit(endpoint, around, CTL_FIN | CTL_ACK, endpoint->snd_nxt - 1, endpoint->rcv_nxt,
                    0);
    return emit(endpoint, around, CTL_FIN | CTL_ACK, una, endpoint->rcv_nxt, text);
}

bool endpoint_retransmit(struct endpoint *endpoint, struct surroundings *around)
{
    if (!around->sends_left || state_in(endpoint, IN(CLOSED) | IN(LISTEN) | IN(TIME_WAIT)) ||
        endpoint->snd_una == endpoint->snd_nxt)
        return false;
    if (!syn_acked(endpoint)) {
        bool queue = endpoint->state != FST_SYN_SENT && (endpoint->fin_sent || endpoint->fast_open);

        if (!queue || choose(around->oracle, CHOICE_SIZE, 2) == 0)
            return retransmit_handshake(endpoint, around);
    }
    return retransmit_queue(endpoint, around);
}

/* A duplicate or delayed ACK, a window update. */
bool endpoint_acknowledge(struct endpoint *endpoint, struct surroundings *around)
{
    if (!around->sends_left || !syn_acked(endpoint) ||
        !state_in(endpoint, IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2) | IN(CLOSE_WAIT) |
                                IN(CLOSING) | IN(LAST_ACK)))
        return false;
    return emit_ack(endpoint, around);
}

/* RFC 1122 4.2.3.6: SEQ = SND.NXT-1 on an idle connection, with or without one octet of garbage. */
bool endpoint_keep_alive(struct endpoint *endpoint, struct surroundings *around)
{
    unsigned len;

    if (!around->sends_left || endpoint->snd_una != endpoint->snd_nxt ||
        !state_in(endpoint, IN(ESTABLISHED) | IN(FIN_WAIT_2) | IN(CLOSE_WAIT)))
        return false;
    len = choose(around->oracle, CHOICE_KEEPALIVE_OCTET, 2);
    return emit(endpoint, around, CTL_ACK, endpoint->snd_nxt - 1, endpoint->rcv_nxt, len);
}

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
    bool newer = before(endpoint->rcv_nxt, segment->seq) ||
                 segment->life > endpoint->peer_life ||
                 (around->any_reuse && segment->seq != endpoint->irs);

    if (endpoint->state != FST_TIME_WAIT || !newer || !around->isns->lives_left ||
        (segment->control & (CTL_SYN | CTL_ACK | CTL_RST)) != CTL_SYN ||
        choose(around->oracle, CHOICE_TIME_WAIT_REUSE, 2) == 0)
        return false;
    accept_syn(endpoint, segment, around);
    return true;
}

/* Figure 7: by the letter the crossing SYN-ACK lies left of the window; many stacks take its ACK. */
static bool takes_crossing_syn_ack(struct endpoint *endpoint, const struct model_segment *segment,
                                   struct surroundings *around)
{
    if (syn_acked(endpoint) || (segment->control & (CTL_SYN | CTL_ACK | CTL_RST)) !=
                                   (CTL_SYN | CTL_ACK) ||
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
        reuses_time_wait(endpoint, segment, around) ||
        repeats_syn_ack(endpoint, segment, around))
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
