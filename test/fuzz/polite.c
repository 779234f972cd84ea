/* SPDX-License-Identifier: MIT */
#include "fuzz/polite.h"

#include <string.h>

#define WINDOW  65535u
#define TEXT    1000u
#define CONTROL (FST_TCP_SYN | FST_TCP_ACK | FST_TCP_FIN | FST_TCP_RST)

void polite_init(struct polite *polite, uint32_t iss)
{
    memset(polite, 0, sizeof(*polite));
    polite->state = FST_CLOSED;
    polite->iss = polite->una = polite->nxt = iss;
}

/* ---------------------------------------------------------------------------------- receiving --
 */

static void open_actively(struct polite *p, const struct fst_segment *segment)
{
    if ((segment->flags & CONTROL) != (FST_TCP_SYN | FST_TCP_ACK) || segment->payload_len != 0 ||
        segment->ack != p->iss + 1)
        return;
    p->una = p->iss + 1;
    p->rcv_nxt = segment->seq + 1;
    p->edge = segment->ack + segment->wnd_raw;
    p->state = FST_ESTABLISHED;
}

static void open_passively(struct polite *p, const struct fst_segment *segment)
{
    if ((segment->flags & CONTROL) != FST_TCP_SYN || segment->payload_len != 0 || p->sent)
        return;
    p->rcv_nxt = segment->seq + 1;
    p->edge = p->iss + 1;
    p->state = FST_SYN_RECEIVED;
}

static void take_ack(struct polite *p, const struct fst_segment *segment)
{
    p->una = segment->ack;
    p->edge = segment->ack + segment->wnd_raw;
    if (p->state == FST_SYN_RECEIVED && p->una != p->iss)
        p->state = FST_ESTABLISHED;
    if (!p->fin_sent || p->una != p->nxt)
        return;
    p->fin_acked = true;
    if (p->state == FST_FIN_WAIT_1)
        p->state = FST_FIN_WAIT_2;
    else if (p->state == FST_CLOSING)
        p->state = FST_TIME_WAIT;
    else if (p->state == FST_LAST_ACK)
        p->state = FST_CLOSED;
}

static void take_fin(struct polite *p)
{
    p->rcv_nxt++;
    if (p->state == FST_ESTABLISHED)
        p->state = FST_CLOSE_WAIT;
    else if (p->state == FST_FIN_WAIT_1)
        p->state = FST_CLOSING;
    else if (p->state == FST_FIN_WAIT_2)
        p->state = FST_TIME_WAIT;
}

static bool takes_text(const struct polite *p)
{
    return p->state == FST_ESTABLISHED || p->state == FST_FIN_WAIT_1 || p->state == FST_FIN_WAIT_2;
}

/* The next segment in order, from a peer that acknowledges nothing it cannot know. */
static void take(struct polite *p, const struct fst_segment *segment)
{
    uint32_t fin = (segment->flags & FST_TCP_FIN) != 0;

    if ((segment->flags & CONTROL & ~(unsigned)FST_TCP_FIN) != FST_TCP_ACK ||
        segment->seq != p->rcv_nxt || segment->ack - p->una > p->nxt - p->una ||
        segment->payload_len + fin > WINDOW)
        return;
    if (p->state == FST_SYN_RECEIVED && segment->ack == p->iss)
        return;
    take_ack(p, segment);
    if (!takes_text(p))
        return;
    p->rcv_nxt += segment->payload_len;
    if (fin)
        take_fin(p);
}

void polite_receive(struct polite *p, const struct fst_segment *segment)
{
    if (p->reset || segment->fault != FST_HEADER_OK || segment->text_is_zero ||
        segment->checksum != FST_CHECKSUM_GOOD)
        return;
    if (p->state == FST_SYN_SENT)
        open_actively(p, segment);
    else if (p->state != FST_CLOSED)
        take(p, segment);
    else
        open_passively(p, segment);
}

/* ------------------------------------------------------------------------------------ sending --
 */

static void fill(struct polite *p, struct fst_segment *segment, uint16_t flags, uint32_t seq,
                 uint32_t len)
{
    segment->flags = flags;
    segment->seq = seq;
    segment->ack = flags & FST_TCP_ACK ? p->rcv_nxt : 0;
    segment->payload_len = len;
    segment->wnd_raw = WINDOW;
    if (flags & FST_TCP_SYN) {
        segment->options.present = FST_OPT_MSS;
        segment->options.mss = 1460;
    }
    p->sent = true;
}

static bool send_syn(struct polite *p, struct fst_segment *segment)
{
    if (p->state == FST_SYN_RECEIVED) {
        fill(p, segment, FST_TCP_SYN | FST_TCP_ACK, p->iss, 0);
    } else if (p->state == FST_SYN_SENT || (p->state == FST_CLOSED && !p->sent)) {
        fill(p, segment, FST_TCP_SYN, p->iss, 0);
        p->state = FST_SYN_SENT;
    } else {
        return false;
    }
    p->nxt = p->iss + 1;
    return true;
}

static bool is_synchronized(const struct polite *p)
{
    return p->state >= FST_ESTABLISHED;
}

static bool send_text(struct polite *p, struct fst_segment *segment, uint32_t len)
{
    if (p->fin_sent || p->edge - p->nxt < len || p->edge - p->nxt > WINDOW)
        return false;
    fill(p, segment, FST_TCP_ACK | FST_TCP_PSH, p->nxt, len);
    p->nxt += len;
    return true;
}

static bool send_fin(struct polite *p, struct fst_segment *segment)
{
    if (p->fin_sent || p->edge - p->nxt < 1 || p->edge - p->nxt > WINDOW)
        return false;
    fill(p, segment, FST_TCP_ACK | FST_TCP_FIN, p->nxt, 0);
    p->nxt++;
    p->fin_sent = true;
    p->state = p->state == FST_CLOSE_WAIT ? FST_LAST_ACK : FST_FIN_WAIT_1;
    return true;
}

static bool send_again(struct polite *p, struct fst_segment *segment)
{
    uint32_t text = p->nxt - p->una - (p->fin_sent && !p->fin_acked);

    if (p->una == p->nxt)
        return false;
    if (text > TEXT)
        fill(p, segment, FST_TCP_ACK, p->una, TEXT);
    else
        fill(p, segment, p->fin_sent ? FST_TCP_ACK | FST_TCP_FIN : FST_TCP_ACK, p->una, text);
    return true;
}

static bool send_reset(struct polite *p, struct fst_segment *segment)
{
    if (p->state == FST_TIME_WAIT)
        return false;
    fill(p, segment, FST_TCP_ACK | FST_TCP_RST, p->nxt, 0);
    segment->wnd_raw = 0;
    p->reset = true;
    p->state = FST_CLOSED;
    return true;
}

bool polite_send(struct polite *p, uint8_t choice, struct fst_segment *segment)
{
    if (p->reset)
        return false;
    if (!is_synchronized(p))
        return send_syn(p, segment);
    switch (choice & 7) {
    case 0:
    case 1:
        fill(p, segment, FST_TCP_ACK, p->nxt, 0);
        return true;
    case 2:
    case 3:
        return send_text(p, segment, 1 + (choice >> 3) * 30u);
    case 4:
        return send_fin(p, segment);
    case 5:
    case 6:
        return send_again(p, segment);
    default:
        return choice >= 0xc0 && send_reset(p, segment);
    }
}
