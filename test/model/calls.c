/* SPDX-License-Identifier: MIT
 *
 * User calls and time-outs, in the order of RFC 9293 section 3.10.
 */
#include "endpoint_parts.h"

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
    uint32_t edge = endpoint->snd_una + (around->flow_control ? endpoint->snd_wnd : around->window);

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

/* At least one octet goes into a closed window, new or again: 3.8.6.1. */
static unsigned probe_size(const struct surroundings *around, unsigned most)
{
    return 1 + choose(around->oracle, CHOICE_PROBE, most);
}

bool endpoint_probe_window(struct endpoint *endpoint, struct surroundings *around,
                           unsigned text_left)
{
    uint32_t seq = endpoint->snd_nxt;
    unsigned len;

    if (!state_in(endpoint, IN(ESTABLISHED) | IN(CLOSE_WAIT)) || !around->flow_control ||
        endpoint->snd_wnd > 0 || endpoint->snd_una != endpoint->snd_nxt || !text_left ||
        !around->sends_left)
        return false;
    len = probe_size(around, text_left);
    endpoint->snd_nxt += len;
    mark_used(around->isns, endpoint->snd_nxt);
    return emit(endpoint, around, CTL_ACK, seq, endpoint->rcv_nxt, len);
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

/* Text of the SYN went out before any window was known; sent again it has to fit, or be a probe. */
static unsigned sendable_again(const struct endpoint *endpoint, const struct surroundings *around,
                               uint32_t una, unsigned text, bool *probe)
{
    uint32_t edge = around->flow_control ? endpoint->snd_edge : endpoint->snd_una + around->window;

    *probe = text > 0 && !before(una, edge);
    if (*probe)
        return probe_size(around, around->flow_control && endpoint->snd_wnd == 0 ? text : 1);
    return text < edge - una ? text : edge - una;
}

/* Any part of the queue, repacketized (3.8.1), from its start or, as SACK asks for, from a later
 * octet; the FIN on it, alone, or not. */
static bool retransmit_queue(struct endpoint *endpoint, struct surroundings *around)
{
    uint32_t una = endpoint->snd_una + !syn_acked(endpoint);
    unsigned all = endpoint->snd_nxt - una - endpoint->fin_sent;
    bool probe;
    unsigned text = sendable_again(endpoint, around, una, all, &probe);
    unsigned from = text > 1 && !probe ? choose(around->oracle, CHOICE_RESEND_FROM, text) : 0;
    unsigned ways, way;

    una += from;
    all -= from;
    text -= from;
    ways = text + (endpoint->fin_sent ? 1 + (text > 0 && text == all) : 0);
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
