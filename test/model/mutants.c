/* SPDX-License-Identifier: MIT */
#include "mutants.h"

#include <string.h>

#define IN(state)     (1u << FST_##state)
#define WITH_FIN_SENT (IN(FIN_WAIT_1) | IN(FIN_WAIT_2) | IN(CLOSING) | IN(LAST_ACK) | IN(TIME_WAIT))
#define SYNCHRONIZED  (WITH_FIN_SENT | IN(ESTABLISHED) | IN(CLOSE_WAIT))

static const struct endpoint *own(const struct moment *moment, unsigned side)
{
    return &moment->world->host[side].endpoint;
}

static bool state_in(const struct moment *moment, unsigned side, unsigned states)
{
    return states >> own(moment, side)->state & 1;
}

static unsigned drawn(const struct moment *moment, unsigned below)
{
    return random_below(moment->random, below);
}

/* An ordinary ACK of the endpoint, to be spoilt. */
static struct model_segment *plain(const struct moment *moment, unsigned side,
                                   struct mutant *mutant)
{
    const struct endpoint *endpoint = own(moment, side);

    memset(mutant, 0, sizeof *mutant);
    mutant->segment.seq = endpoint->snd_nxt;
    mutant->segment.ack = endpoint->rcv_nxt;
    mutant->segment.control = CTL_ACK;
    mutant->segment.wnd = moment->window;
    mutant->segment.life = endpoint->life;
    mutant->segment.epoch = moment->world->host[side].epoch;
    return &mutant->segment;
}

/* The peer it is synchronized with is still there and is the one it talks to. */
static bool talks_to_peer(const struct moment *moment, unsigned side)
{
    const struct endpoint *peer = own(moment, !side);

    return peer->life && own(moment, side)->irs == peer->iss;
}

static bool first_lives(const struct moment *moment)
{
    const struct capture *capture = moment->capture;
    bool heard[2] = {false, false};

    for (unsigned i = 0; i < capture->count; i++) {
        if (!heard[capture->side[i]] && !(capture->segment[i].control & CTL_SYN))
            return false; /* or one that lost its SYN, as far as the tap can tell */
        heard[capture->side[i]] = true;
    }
    return moment->world->host[0].isns.lives <= 1 && moment->world->host[1].isns.lives <= 1;
}

static bool heard_syn_of(const struct moment *moment, unsigned side)
{
    for (unsigned i = 0; i < moment->capture->count; i++)
        if (moment->capture->side[i] == side && moment->capture->segment[i].control & CTL_SYN)
            return true;
    return false;
}

static bool heard_of(const struct moment *moment, unsigned side)
{
    for (unsigned i = 0; i < moment->capture->count; i++)
        if (moment->capture->side[i] == side)
            return true;
    return false;
}

/* The end of what was captured of `side` without a gap from `low` on. */
static uint32_t contact_end(const struct capture *capture, unsigned side, uint32_t low)
{
    uint32_t end = low;
    bool grew = true;

    while (grew) {
        grew = false;
        for (unsigned i = 0; i < capture->count; i++) {
            const struct model_segment *segment = &capture->segment[i];
            uint32_t segment_high = segment_end(segment);

            if (capture->side[i] == side && !(segment->control & CTL_RST) &&
                !before(segment->seq, low) && !before(end, segment->seq) &&
                before(end, segment_high)) {
                end = segment_high;
                grew = true;
            }
        }
    }
    return end;
}

static bool syn_captured(const struct capture *capture, unsigned side, uint32_t iss)
{
    for (unsigned i = 0; i < capture->count; i++)
        if (capture->side[i] == side && capture->segment[i].control & CTL_SYN &&
            capture->segment[i].seq == iss)
            return true;
    return false;
}

/* ------------------------------------------------------------------- forms nobody sends -- */

static bool with_control(const struct moment *moment, unsigned side, struct mutant *mutant,
                         unsigned control, unsigned len)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control = (uint8_t)control;
    segment->len = (uint8_t)len;
    if (!(control & CTL_ACK))
        segment->ack = 0;
    if (control & CTL_SYN)
        segment->seq = own(moment, side)->iss;
    return state_in(moment, side, SYNCHRONIZED | IN(SYN_SENT) | IN(SYN_RECEIVED));
}

#define FORM(name, control, len)                                                                   \
    static bool make_##name(const struct moment *moment, unsigned side, struct mutant *mutant)     \
    {                                                                                              \
        return with_control(moment, side, mutant, control, len);                                   \
    }

FORM(syn_fin, CTL_SYN | CTL_FIN, 0)
FORM(syn_rst, CTL_SYN | CTL_RST, 0)
FORM(syn_ack_rst, CTL_SYN | CTL_RST | CTL_ACK, 0)
FORM(fin_rst, CTL_FIN | CTL_RST | CTL_ACK, 0)
FORM(all_flags, CTL_SYN | CTL_FIN | CTL_RST | CTL_ACK, 0)
FORM(no_flag, 0, 0)
FORM(text_without_ack, 0, 3)
FORM(fin_without_ack, CTL_FIN, 0)

static bool with_option(const struct moment *moment, unsigned side, struct mutant *mutant,
                        uint8_t option)
{
    plain(moment, side, mutant);
    mutant->options.present = option;
    mutant->options.mss = 1460;
    return state_in(moment, side, SYNCHRONIZED);
}

static bool make_mss_outside_syn(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return with_option(moment, side, mutant, FST_OPT_MSS);
}

static bool make_sack_ok_outside_syn(const struct moment *moment, unsigned side,
                                     struct mutant *mutant)
{
    return with_option(moment, side, mutant, FST_OPT_SACK_PERMITTED);
}

static bool make_wscale_outside_syn(const struct moment *moment, unsigned side,
                                    struct mutant *mutant)
{
    return with_option(moment, side, mutant, FST_OPT_WSCALE);
}

static bool make_wscale_too_large(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control = CTL_SYN;
    segment->seq = own(moment, side)->iss;
    segment->ack = 0;
    mutant->options.present = FST_OPT_WSCALE;
    mutant->options.wscale = 15;
    return state_in(moment, side, IN(SYN_SENT));
}

static bool make_malformed_header(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    plain(moment, side, mutant);
    mutant->fault =
        (uint8_t)(drawn(moment, 2) ? FST_HEADER_OFFSET_SHORT : FST_HEADER_OPTION_LENGTH);
    return state_in(moment, side, SYNCHRONIZED);
}

/* ------------------------------------------------------------------- beyond or below a FIN -- */

/* The octet was captured as one of several. Alone it may be a keep-alive's garbage at the number of
 * a FIN that passed beside the tap. */
static bool text_captured(const struct capture *capture, unsigned side, uint32_t octet)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct model_segment *segment = &capture->segment[i];
        uint32_t first = segment->seq + (segment->control & CTL_SYN ? 1 : 0);

        if (capture->side[i] == side && (segment->len > 1 || segment->control & CTL_SYN) &&
            octet - first < segment->len)
            return true;
    }
    return false;
}

/* The window does not forbid what the FIN forbids, nor does the peer's state. */
static bool has_room(const struct moment *moment, unsigned side)
{
    return before(own(moment, side)->snd_nxt + 4, own(moment, side)->snd_una + moment->window) &&
           talks_to_peer(moment, side);
}

static bool make_text_after_fin(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    plain(moment, side, mutant)->len = (uint8_t)(1 + drawn(moment, 3));
    return state_in(moment, side, WITH_FIN_SENT) && has_room(moment, side);
}

static bool make_text_across_fin(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->seq--;
    segment->len = 2;
    return state_in(moment, side, WITH_FIN_SENT) && has_room(moment, side);
}

static bool make_fin_after_fin(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    plain(moment, side, mutant)->control |= CTL_FIN;
    return state_in(moment, side, WITH_FIN_SENT) && has_room(moment, side);
}

static bool make_fin_after_fin_with_text(const struct moment *moment, unsigned side,
                                         struct mutant *mutant)
{
    make_fin_after_fin(moment, side, mutant);
    mutant->segment.len = 2;
    return state_in(moment, side, WITH_FIN_SENT) && has_room(moment, side);
}

static bool make_fin_moved_back(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control |= CTL_FIN;
    segment->seq -= 2;
    return state_in(moment, side, WITH_FIN_SENT) && endpoint_text_sent(own(moment, side)) > 0 &&
           before(segment->seq + 1, contact_end(moment->capture, side, own(moment, side)->iss));
}

static bool make_fin_before_text(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control |= CTL_FIN;
    segment->seq--;
    return state_in(moment, side, IN(ESTABLISHED) | IN(CLOSE_WAIT)) &&
           endpoint_text_sent(own(moment, side)) > 0;
}

static bool ack_beyond_fin(const struct moment *moment, unsigned side, struct mutant *mutant,
                           uint32_t excess)
{
    plain(moment, side, mutant)->ack = own(moment, !side)->snd_nxt + excess;
    return state_in(moment, side, SYNCHRONIZED) && talks_to_peer(moment, side) &&
           own(moment, !side)->fin_sent;
}

static bool make_ack_beyond_fin(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return ack_beyond_fin(moment, side, mutant, 1);
}

static bool make_ack_far_beyond_fin(const struct moment *moment, unsigned side,
                                    struct mutant *mutant)
{
    return ack_beyond_fin(moment, side, mutant, 100);
}

/* ------------------------------------------------- wrong only if the capture is complete -- */

static bool ack_of_unsent(const struct moment *moment, unsigned side, struct mutant *mutant,
                          uint32_t excess)
{
    plain(moment, side, mutant)->ack = own(moment, !side)->snd_nxt + excess;
    /* Who was not heard before may answer from a connection older than the capture (3.5.1). */
    return state_in(moment, side, SYNCHRONIZED) && talks_to_peer(moment, side) &&
           syn_captured(moment->capture, side, own(moment, side)->iss) &&
           !own(moment, !side)->fin_sent;
}

static bool make_ack_one_unsent(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return ack_of_unsent(moment, side, mutant, 1);
}

static bool make_ack_many_unsent(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return ack_of_unsent(moment, side, mutant, 100);
}

static bool make_text_with_ack_of_unsent(const struct moment *moment, unsigned side,
                                         struct mutant *mutant)
{
    bool fits = ack_of_unsent(moment, side, mutant, 7);

    mutant->segment.len = 1;
    return fits && state_in(moment, side, IN(ESTABLISHED) | IN(CLOSE_WAIT));
}

static bool syn_ack(const struct moment *moment, unsigned side, struct mutant *mutant, uint32_t ack)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control = CTL_SYN | CTL_ACK;
    segment->seq = own(moment, side)->iss;
    segment->ack = ack;
    return state_in(moment, side, IN(SYN_RECEIVED));
}

static bool make_syn_ack_one_high(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    /* Text met by a life that closed early is acknowledged so: 3.10.4. */
    return syn_ack(moment, side, mutant, own(moment, side)->rcv_nxt + 1) && first_lives(moment);
}

static bool make_syn_ack_one_low(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return syn_ack(moment, side, mutant, own(moment, side)->irs);
}

static bool make_syn_ack_far_off(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return syn_ack(moment, side, mutant, own(moment, side)->irs + 70000);
}

static bool make_syn_ack_moved_isn(const struct moment *moment, unsigned side,
                                   struct mutant *mutant)
{
    bool fits = syn_ack(moment, side, mutant, own(moment, side)->rcv_nxt);

    mutant->segment.seq++;
    return fits && syn_captured(moment->capture, side, own(moment, side)->iss);
}

static bool make_syn_ack_from_syn_sent(const struct moment *moment, unsigned side,
                                       struct mutant *mutant)
{
    syn_ack(moment, side, mutant, moment->world->host[!side].isns.base + 1);
    return state_in(moment, side, IN(SYN_SENT)) && moment->world->host[side].life_tapped &&
           !heard_of(moment, !side);
}

static bool make_syn_ack_unasked(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    syn_ack(moment, side, mutant, moment->world->host[!side].isns.base + 1);
    mutant->segment.seq = moment->world->host[side].isns.base;
    return state_in(moment, side, IN(CLOSED) | IN(LISTEN)) &&
           !moment->world->host[side].isns.lives && !heard_syn_of(moment, !side);
}

static bool in_syn_sent(const struct moment *moment, unsigned side, struct mutant *mutant,
                        unsigned control, unsigned len)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control = (uint8_t)control;
    segment->len = (uint8_t)len;
    segment->ack = moment->world->host[!side].isns.base + 1;
    return state_in(moment, side, IN(SYN_SENT)) && moment->world->host[side].life_tapped &&
           !heard_syn_of(moment, !side);
}

static bool make_ack_in_syn_sent(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return in_syn_sent(moment, side, mutant, CTL_ACK, 0);
}

static bool make_text_in_syn_sent(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return in_syn_sent(moment, side, mutant, CTL_ACK, 2);
}

static bool make_fin_in_syn_sent(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return in_syn_sent(moment, side, mutant, CTL_ACK | CTL_FIN, 0);
}

static bool make_text_in_syn_received(const struct moment *moment, unsigned side,
                                      struct mutant *mutant)
{
    plain(moment, side, mutant)->len = 1;
    return state_in(moment, side, IN(SYN_RECEIVED)) && !own(moment, side)->fast_open &&
           !own(moment, side)->syn_text && talks_to_peer(moment, side);
}

static bool make_text_in_closing_syn(const struct moment *moment, unsigned side,
                                     struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->seq = own(moment, side)->iss + 1;
    segment->len = 2;
    return state_in(moment, side, IN(FIN_WAIT_1)) && !own(moment, side)->fast_open &&
           talks_to_peer(moment, side) && own(moment, side)->snd_una == own(moment, side)->iss;
}

/* The newest TCB ended; its endpoint goes on as if it had not. One that never opened actively may:
 * a server with SYN cookies is born again from a late ACK (RFC 4987 3.6). */
static bool after_end(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    const struct endpoint *last = &moment->last[side];
    struct model_segment *segment = plain(moment, side, mutant);

    segment->seq = last->snd_nxt;
    segment->ack = last->rcv_nxt;
    segment->life = last->life;
    return last->life && state_in(moment, side, IN(CLOSED) | IN(LISTEN));
}

static bool opened_actively(const struct capture *capture, unsigned side, uint32_t iss)
{
    for (unsigned i = 0; i < capture->count; i++)
        if (capture->side[i] == side && capture->segment[i].seq == iss &&
            (capture->segment[i].control & (CTL_SYN | CTL_ACK)) == CTL_SYN)
            return true;
    return false;
}

/* The TCB's own RST, at the end of its captured octets, and after that news of the peer. One
 * without ACK may be an answer that ends nothing (3.10.7.3). */
static bool reset_before_news(const struct moment *moment, unsigned side)
{
    const struct capture *capture = moment->capture;
    const struct endpoint *last = &moment->last[side];
    struct capture before_it = *capture;
    bool acked = false, reset = false;

    for (unsigned i = 0; i < capture->count; i++) {
        const struct model_segment *segment = &capture->segment[i];

        before_it.count = i;
        acked |= capture->side[i] == side && (segment->control & (CTL_ACK | CTL_RST)) == CTL_ACK;
        if (acked && capture->side[i] == side && (segment->control & CTL_RST) &&
            (segment->control & CTL_ACK) && segment->seq != 0 &&
            segment->seq == contact_end(&before_it, side, last->iss))
            reset = true;
        if (capture->side[i] == side || segment_end(segment) != own(moment, !side)->snd_nxt ||
            segment_end(segment) == segment->seq)
            continue;
        return reset;
    }
    return false;
}

static bool make_ack_of_news_after_end(const struct moment *moment, unsigned side,
                                       struct mutant *mutant)
{
    const struct endpoint *peer = own(moment, !side);
    bool fits = after_end(moment, side, mutant);

    mutant->segment.ack = peer->snd_nxt;
    return fits && peer->iss == moment->last[side].irs &&
           before(moment->last[side].rcv_nxt, peer->snd_nxt) &&
           contact_end(moment->capture, !side, peer->iss) == peer->snd_nxt &&
           opened_actively(moment->capture, side, moment->last[side].iss) &&
           reset_before_news(moment, side);
}

/* A captured segment of `side` within its own octets acknowledged octets of the peer's. */
static bool lives_tied(const struct capture *capture, unsigned side, struct fst_range own_octets,
                       struct fst_range peer_octets)
{
    for (unsigned i = 0; i < capture->count; i++) {
        const struct model_segment *segment = &capture->segment[i];

        if (capture->side[i] == side && segment->control & CTL_ACK &&
            !(segment->control & CTL_RST) &&
            segment->seq - own_octets.low <= own_octets.high - own_octets.low &&
            segment->ack - peer_octets.low - 1 < peer_octets.high - peer_octets.low)
            return true;
    }
    return false;
}

/* The TCB's abort, with the next number to be sent, behind all its octets and an acknowledgment; 0
 * may be the number of an answer (3.10.7.1). */
static bool abort_captured(const struct moment *moment, unsigned side)
{
    const struct endpoint *last = &moment->last[side];
    struct fst_range octets = {last->iss, last->snd_nxt};
    struct capture before_it = *moment->capture;
    struct fst_range peer_octets;

    for (unsigned i = 0; i < moment->capture->count && last->snd_nxt != 0; i++) {
        const struct model_segment *segment = &moment->capture->segment[i];

        before_it.count = i;
        peer_octets = (struct fst_range){last->irs, contact_end(&before_it, !side, last->irs)};
        if (moment->capture->side[i] == side && segment->seq == last->snd_nxt &&
            (segment->control & (CTL_RST | CTL_ACK)) == (CTL_RST | CTL_ACK))
            return contact_end(&before_it, side, last->iss) == last->snd_nxt &&
                   lives_tied(&before_it, side, octets, peer_octets);
    }
    return false;
}

/* The first captured segment of a side is its SYN, so that all its windows are understood. */
static bool syn_comes_first(const struct capture *capture, unsigned side, uint32_t iss)
{
    for (unsigned i = 0; i < capture->count; i++)
        if (capture->side[i] == side)
            return (capture->segment[i].control & CTL_SYN) && capture->segment[i].seq == iss;
    return false;
}

/* Both SYNs, the peer's with a wide window, and an acknowledgment of the TCB's numbers. */
static bool window_captured(const struct moment *moment, unsigned side)
{
    const struct capture *capture = moment->capture;
    const struct endpoint *last = &moment->last[side];
    struct fst_range octets = {last->iss, last->snd_nxt};
    struct fst_range peer_octets = {last->irs, contact_end(capture, !side, last->irs)};

    return moment->window >= FST_WINDOW_WIDE && syn_comes_first(capture, !side, last->irs) &&
           syn_captured(capture, side, last->iss) &&
           lives_tied(capture, !side, peer_octets, octets);
}

static bool make_text_after_abort(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    bool fits = after_end(moment, side, mutant);

    mutant->segment.len = (uint8_t)(3 + drawn(moment, 2));
    return fits && abort_captured(moment, side) && window_captured(moment, side);
}

/* The peer's SYN has passed the tap; this side acknowledges it with text instead of a SYN-ACK. */
static bool make_text_for_syn_ack(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->seq = moment->world->host[side].isns.base + 1;
    segment->ack = own(moment, !side)->iss + 1;
    segment->len = 2;
    return !moment->world->host[side].isns.lives && moment->world->host[!side].life_tapped &&
           state_in(moment, !side, IN(SYN_SENT)) && !own(moment, !side)->syn_text;
}

static bool make_rst_far_off(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    struct model_segment *segment = plain(moment, side, mutant);

    segment->control = CTL_RST;
    segment->ack = 0;
    segment->seq += 300000; /* beyond any window there is */
    /* Where a side has had another life, the RST may be of that. */
    return state_in(moment, side, SYNCHRONIZED) && first_lives(moment);
}

/* A segment below others of its sender brought its newest ACK: the receiver takes that, but not the
 * window that goes with it, and an older, wider one then counts from there on (SND.WL1). */
static bool window_is_vague(const struct capture *capture, unsigned side)
{
    uint32_t top = 0, ack = 0;
    bool any = false;

    for (unsigned i = 0; i < capture->count; i++) {
        const struct model_segment *segment = &capture->segment[i];

        if (capture->side[i] != side || !(segment->control & CTL_ACK))
            continue;
        if (any && before(segment->seq, top) && !before(segment->ack, ack))
            return true;
        if (!any || before(top, segment_end(segment)))
            top = segment_end(segment);
        if (!any || before(ack, segment->ack))
            ack = segment->ack;
        any = true;
    }
    return false;
}

static bool window_overrun(const struct moment *moment, unsigned side, struct mutant *mutant,
                           uint32_t excess)
{
    const struct endpoint *peer = own(moment, !side);
    struct model_segment *segment = plain(moment, side, mutant);

    segment->seq = peer->rcv_nxt + moment->window + excess;
    segment->len = 50;
    return state_in(moment, side, IN(ESTABLISHED) | IN(CLOSE_WAIT)) &&
           talks_to_peer(moment, side) && talks_to_peer(moment, !side);
}

/* Where both opened, a SYN of the sender's with text may have died before the tap. */
static bool make_window_overrun(const struct moment *moment, unsigned side, struct mutant *mutant)
{
    return window_overrun(moment, side, mutant, 0) && !window_is_vague(moment->capture, !side) &&
           syn_comes_first(moment->capture, !side, own(moment, !side)->iss) &&
           (own(moment, side)->passive || own(moment, !side)->passive);
}

/* Beyond any window there is. */
static bool make_window_far_overrun(const struct moment *moment, unsigned side,
                                    struct mutant *mutant)
{
    return window_overrun(moment, side, mutant, 300000);
}

static bool make_sack_not_permitted(const struct moment *moment, unsigned side,
                                    struct mutant *mutant)
{
    plain(moment, side, mutant);
    mutant->options.present = FST_OPT_SACK;
    mutant->options.sack_count = 1;
    mutant->options.sack[0][0] = own(moment, side)->rcv_nxt - 1;
    mutant->options.sack[0][1] = own(moment, side)->rcv_nxt;
    return state_in(moment, side, SYNCHRONIZED) && talks_to_peer(moment, side);
}

static bool syn_ack_option(const struct moment *moment, unsigned side, struct mutant *mutant,
                           uint8_t option)
{
    bool fits = syn_ack(moment, side, mutant, own(moment, side)->rcv_nxt);

    mutant->options.present = option;
    mutant->options.wscale = 7;
    mutant->options.ts_val = 1;
    return fits && talks_to_peer(moment, side);
}

static bool make_wscale_not_offered(const struct moment *moment, unsigned side,
                                    struct mutant *mutant)
{
    return syn_ack_option(moment, side, mutant, FST_OPT_WSCALE);
}

static bool make_timestamps_not_offered(const struct moment *moment, unsigned side,
                                        struct mutant *mutant)
{
    return syn_ack_option(moment, side, mutant, FST_OPT_TIMESTAMPS);
}

/* ------------------------------------------------------------------------------- contact -- */

/* The TCB the mutant pretends to be of: the one there is, or the one that has ended. */
static const struct endpoint *pretended(const struct moment *moment, unsigned side)
{
    return state_in(moment, side, IN(CLOSED) | IN(LISTEN)) ? &moment->last[side]
                                                           : own(moment, side);
}

bool mutant_has_contact(const struct moment *moment, unsigned side, const struct mutant *mutant)
{
    const struct endpoint *endpoint = pretended(moment, side);
    const struct endpoint *peer = own(moment, !side);
    struct fst_range octets = {endpoint->iss, contact_end(moment->capture, side, endpoint->iss)};
    struct fst_range peer_octets = {peer->iss, contact_end(moment->capture, !side, peer->iss)};
    bool about_ack = before(peer->snd_nxt, mutant->segment.ack) && peer->fin_sent;

    if (!syn_captured(moment->capture, side, endpoint->iss) ||
        mutant->segment.seq - octets.low > octets.high - octets.low)
        return false;
    if (about_ack)
        return syn_captured(moment->capture, !side, peer->iss) &&
               peer_octets.high == peer->snd_nxt &&
               lives_tied(moment->capture, side, octets, peer_octets);
    if (before(mutant->segment.seq, endpoint->snd_nxt) && !endpoint->fin_sent &&
        !text_captured(moment->capture, side, mutant->segment.seq))
        return false;
    return octets.high == endpoint->snd_nxt;
}

/* These numbers of a client pass for the ACK of a handshake: it acknowledges about as many octets
 * of the SYN-ACK's life as went before it. Linux compares no closer. */
static bool carries_cookie(const struct capture *capture, unsigned client, uint32_t seq,
                           uint32_t ack, uint32_t iss)
{
    const uint32_t slack = 3;

    for (unsigned i = 0; i < capture->count; i++)
        if (capture->side[i] == client && (capture->segment[i].control & CTL_SYN) &&
            ack - iss - (seq - capture->segment[i].seq) + slack <= 2 * slack)
            return true;
    return ack == iss + 1;
}

/* The client's segment `index` does so, and the server had sent more. */
static bool brings_cookie_back(const struct capture *capture, unsigned index, uint32_t iss)
{
    const struct model_segment *segment = &capture->segment[index];
    bool sent_more = false;

    if ((segment->control & (CTL_SYN | CTL_RST | CTL_ACK)) != CTL_ACK)
        return false;
    for (unsigned i = 0; i < index; i++)
        if (capture->side[i] != capture->side[index])
            sent_more |= before(segment->ack, segment_end(&capture->segment[i])) &&
                         !(capture->segment[i].control & CTL_RST);
    return sent_more &&
           carries_cookie(capture, capture->side[index], segment->seq, segment->ack, iss);
}

/* What may have ended the server's connection was captured before segment `index`. */
static bool may_be_over(const struct capture *capture, unsigned server, unsigned index)
{
    for (unsigned i = 0; i < index; i++) {
        const struct model_segment *segment = &capture->segment[i];

        if (segment->control & CTL_RST)
            return true;
        for (unsigned k = 0; k < i && capture->side[i] != server; k++)
            if (capture->side[k] == server && (capture->segment[k].control & CTL_FIN) &&
                segment->ack == segment_end(&capture->segment[k]))
                return true;
    }
    return false;
}

/* The server sends from where a copy of an older segment would have led. */
static bool begins_again(const struct capture *capture, unsigned syn_ack, unsigned index,
                         const struct model_segment *segment)
{
    uint32_t iss = capture->segment[syn_ack].seq;
    unsigned server = capture->side[syn_ack];
    bool again = segment->seq == iss + 1;

    if (!may_be_over(capture, server, index))
        return false;
    for (unsigned i = 0; i < index; i++)
        again |=
            capture->side[i] != server &&
            carries_cookie(capture, !server, segment_end(&capture->segment[i]), segment->seq, iss);
    return again;
}

/* It acknowledges more than a FIN of the server: that may have sent more, once more. */
static bool acknowledges_beyond_fin(const struct capture *capture, unsigned server,
                                    const struct model_segment *mutant)
{
    for (unsigned i = 0; i < capture->count; i++)
        if (capture->side[i] == server && (capture->segment[i].control & CTL_FIN) &&
            before(segment_end(&capture->segment[i]), mutant->ack))
            return true;
    return false;
}

static bool server_returns(const struct capture *capture, unsigned syn_ack, unsigned side,
                           const struct model_segment *mutant)
{
    uint32_t iss = capture->segment[syn_ack].seq;
    unsigned server = capture->side[syn_ack];
    bool concerns = side == server || acknowledges_beyond_fin(capture, server, mutant);

    for (unsigned i = syn_ack + 1; i < capture->count; i++)
        if (capture->side[i] != server
                ? brings_cookie_back(capture, i, iss)
                : concerns && begins_again(capture, syn_ack, i, &capture->segment[i]))
            return true;
    return side == server && begins_again(capture, syn_ack, capture->count, mutant);
}

bool cookie_may_return(const struct capture *capture, unsigned side,
                       const struct model_segment *mutant)
{
    for (unsigned i = 0; i < capture->count; i++)
        if ((capture->segment[i].control & (CTL_SYN | CTL_ACK)) == (CTL_SYN | CTL_ACK) &&
            server_returns(capture, i, side, mutant))
            return true;
    return false;
}

#define KIND(name, proof)                                                                          \
    {                                                                                              \
#name, proof, make_##name                                                                  \
    }

const struct mutant_kind mutant_kinds[] = {
    KIND(syn_fin, PROOF_FORM),
    KIND(syn_rst, PROOF_FORM),
    KIND(syn_ack_rst, PROOF_FORM),
    KIND(fin_rst, PROOF_FORM),
    KIND(all_flags, PROOF_FORM),
    KIND(no_flag, PROOF_FORM),
    KIND(text_without_ack, PROOF_FORM),
    KIND(fin_without_ack, PROOF_FORM),
    KIND(mss_outside_syn, PROOF_FORM),
    KIND(sack_ok_outside_syn, PROOF_FORM),
    KIND(wscale_outside_syn, PROOF_FORM),
    KIND(wscale_too_large, PROOF_FORM),
    KIND(malformed_header, PROOF_FORM),
    KIND(text_after_fin, PROOF_CONTACT),
    KIND(text_across_fin, PROOF_CONTACT),
    KIND(fin_after_fin, PROOF_CONTACT),
    KIND(fin_after_fin_with_text, PROOF_CONTACT),
    KIND(fin_moved_back, PROOF_CONTACT),
    KIND(fin_before_text, PROOF_CONTACT),
    KIND(text_after_abort, PROOF_CONTACT),
    KIND(ack_beyond_fin, PROOF_CONTACT),
    KIND(ack_far_beyond_fin, PROOF_CONTACT),
    KIND(ack_one_unsent, PROOF_COMPLETE),
    KIND(ack_many_unsent, PROOF_COMPLETE),
    KIND(text_with_ack_of_unsent, PROOF_COMPLETE),
    KIND(syn_ack_one_high, PROOF_COMPLETE),
    KIND(syn_ack_one_low, PROOF_COMPLETE),
    KIND(syn_ack_far_off, PROOF_COMPLETE),
    KIND(syn_ack_moved_isn, PROOF_COMPLETE),
    KIND(syn_ack_from_syn_sent, PROOF_COMPLETE),
    KIND(syn_ack_unasked, PROOF_COMPLETE),
    KIND(ack_in_syn_sent, PROOF_COMPLETE),
    KIND(text_in_syn_sent, PROOF_COMPLETE),
    KIND(fin_in_syn_sent, PROOF_COMPLETE),
    KIND(text_in_syn_received, PROOF_COMPLETE),
    KIND(text_in_closing_syn, PROOF_COMPLETE),
    KIND(ack_of_news_after_end, PROOF_COMPLETE),
    KIND(text_for_syn_ack, PROOF_COMPLETE),
    KIND(rst_far_off, PROOF_COMPLETE),
    KIND(window_overrun, PROOF_COMPLETE),
    KIND(window_far_overrun, PROOF_COMPLETE),
    KIND(sack_not_permitted, PROOF_OPTION),
    KIND(wscale_not_offered, PROOF_OPTION),
    KIND(timestamps_not_offered, PROOF_OPTION),
};

const unsigned mutant_kind_count = sizeof mutant_kinds / sizeof *mutant_kinds;
