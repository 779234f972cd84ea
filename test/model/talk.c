/* SPDX-License-Identifier: MIT */
#include "talk.h"

#include <string.h>

#include "oracle.h"

static unsigned below(uint64_t *random, unsigned n)
{
    return random_below(random, n);
}

static bool one_in(uint64_t *random, unsigned n)
{
    return below(random, n) == 0;
}

/* Two ordinary hosts, and the shots they have fired. */
struct talk {
    struct shots *shots;
    uint64_t *random;
    uint32_t next[2], got[2]; /* sequence numbers: to be sent, acknowledged by the other side */
    uint32_t ts_val[2];
    uint16_t wnd[2];
    bool stamps;
    unsigned rough; /* how rarely something is out of the ordinary; 0: never */
};

uint16_t talk_window(uint64_t *random)
{
    static const uint16_t windows[] = {65535, 65535, 64240, 8000, 1000, 100, 2, 1, 0};

    return windows[below(random, sizeof windows / sizeof *windows)];
}

uint32_t talk_length(uint64_t *random)
{
    static const uint32_t lengths[] = {1, 2, 3, 2047, 2048, 9000, 16383, 16384, 60000};

    return one_in(random, 8) ? lengths[below(random, 9)] : 4 + below(random, 500);
}

static struct shot *fire(struct talk *talk, unsigned side, unsigned flags, uint32_t len)
{
    struct shots *shots = talk->shots;
    struct shot *shot = &shots->shot[shots->count];

    if (shots->count < SHOTS_MAX - 1)
        shots->count++;
    talk->ts_val[side] += below(talk->random, 3);
    *shot = (struct shot){.side = (uint8_t)side,
                          .ttl = 64,
                          .checksum = len > 1000 ? SHOT_TEXT_CUT : SHOT_GOOD,
                          .flags = (uint16_t)flags,
                          .wnd = talk->wnd[side],
                          .seq = talk->next[side],
                          .ack = flags & FST_TCP_ACK ? talk->next[!side] : 0,
                          .len = len,
                          .ts_val = talk->ts_val[side],
                          .options = talk->stamps ? OPTION_TIMESTAMPS : 0};
    talk->next[side] += len + ((flags & FST_TCP_SYN) != 0) + ((flags & FST_TCP_FIN) != 0);
    if (flags & FST_TCP_ACK)
        talk->got[!side] = talk->next[!side];
    return shot;
}

static void offer(struct talk *talk, struct shot *shot, unsigned options)
{
    static const uint16_t sizes[] = {0, 536, 1460, 2048, 9000, 16384, 65495};
    uint64_t *random = talk->random;

    shot->options = (uint8_t)options;
    shot->shift = (uint8_t)(one_in(random, 20) ? 15 : below(random, 9));
    shot->mss = one_in(random, 3) ? sizes[below(random, 7)] : 1460;
}

static unsigned draw_offer(uint64_t *random)
{
    return (one_in(random, 3) ? 0u : OPTION_TIMESTAMPS) | (one_in(random, 2) ? 0u : OPTION_WSCALE) |
           (one_in(random, 2) ? 0u : OPTION_SACK_OK) | (one_in(random, 60) ? OPTION_FAST_OPEN : 0u);
}

/* False if there was no handshake. */
static bool shake_hands(struct talk *talk)
{
    uint64_t *random = talk->random;
    unsigned client = one_in(random, 8), ours = draw_offer(random), theirs = draw_offer(random);

    if (one_in(random, 10))
        return true; /* it began before the capture */
    offer(talk, fire(talk, client, FST_TCP_SYN, 0), ours);
    if (one_in(random, 10)) {
        fire(talk, !client, FST_TCP_RST | FST_TCP_ACK, 0)->seq = one_in(random, 3) ? 5 : 0;
        return false;
    }
    if (!one_in(random, 8))
        theirs &= ours;
    offer(talk, fire(talk, !client, FST_TCP_SYN | FST_TCP_ACK, 0), theirs);
    talk->stamps = (ours & theirs & OPTION_TIMESTAMPS) != 0;
    if (!one_in(random, 10))
        fire(talk, client, FST_TCP_ACK, 0);
    return true;
}

/* It has not heard of all yet, and may tell of text beyond a hole; or it tells of what nobody sent.
 */
static void lag(struct talk *talk, struct shot *shot)
{
    uint64_t *random = talk->random;
    static const uint32_t behind[] = {1, 2, 3, 100, 1000, 5000};

    shot->ack -= behind[below(random, 6)];
    if (one_in(random, 10))
        shot->ack = talk->next[!shot->side] + below(random, 4);
    if (!one_in(random, 3))
        return;
    shot->options |= OPTION_SACK;
    shot->sack_low = shot->ack + 1;
    shot->sack_high = one_in(random, 4) ? talk->next[!shot->side] + 1 : shot->ack + 2;
}

static void stray(struct talk *talk, unsigned side, struct shot *shot)
{
    uint64_t *random = talk->random;

    if (talk->rough == 0 || !one_in(random, talk->rough))
        return;
    if (one_in(random, 3))
        lag(talk, shot);
    if (one_in(random, 3))
        talk->wnd[side] = talk_window(random);
    if (one_in(random, 4))
        shot->ts_val -= 1 + below(random, 2);
    if (one_in(random, 12))
        shot->options ^= OPTION_TIMESTAMPS;
    shot->zero = one_in(random, 4);
}

/* Text one way, answered by nothing, an ACK of some or all of it, or text. */
static void exchange(struct talk *talk, unsigned side)
{
    uint64_t *random = talk->random;
    unsigned push = one_in(random, 3) ? FST_TCP_PSH : 0;
    struct shot *shot =
        fire(talk, side, FST_TCP_ACK | push, one_in(random, 6) ? 0 : talk_length(random));

    stray(talk, side, shot);
    if (one_in(random, 3))
        return;
    shot = fire(talk, !side, FST_TCP_ACK, one_in(random, 4) ? talk_length(random) : 0);
    stray(talk, !side, shot);
}

static void keep_alive(struct talk *talk, unsigned side)
{
    struct shot *shot = fire(talk, side, FST_TCP_ACK, 0);

    shot->seq--;
    shot->len = below(talk->random, 2);
}

static void abort_talk(struct talk *talk, unsigned side)
{
    uint64_t *random = talk->random;
    struct shot *shot =
        fire(talk, side, one_in(random, 2) ? FST_TCP_RST : FST_TCP_RST | FST_TCP_ACK, 0);

    if (one_in(random, 4))
        shot->seq = one_in(random, 4) ? 0 : talk->got[side] + below(random, 3);
    if (one_in(random, 8))
        shot->ack += below(random, 3) - 1;
    if (one_in(random, 3))
        exchange(talk, one_in(random, 2) ? side : !side);
    if (one_in(random, 4))
        abort_talk(talk, one_in(random, 2) ? side : !side);
}

static void close_talk(struct talk *talk, unsigned side)
{
    uint64_t *random = talk->random;

    fire(talk, side, FST_TCP_FIN | FST_TCP_ACK, one_in(random, 6) ? talk_length(random) : 0);
    if (one_in(random, 8)) /* the other side's FIN is on its way already */
        fire(talk, !side, FST_TCP_FIN | FST_TCP_ACK, 0)->ack -= 1;
    else if (!one_in(random, 3))
        fire(talk, !side, FST_TCP_ACK, 0);
    while (one_in(random, 3))
        exchange(talk, !side);
    if (one_in(random, 8))
        abort_talk(talk, !side);
    if (one_in(random, 6))
        return;
    fire(talk, !side, FST_TCP_FIN | FST_TCP_ACK, one_in(random, 8) ? talk_length(random) : 0);
    if (!one_in(random, 6))
        fire(talk, side, FST_TCP_ACK, 0);
    if (one_in(random, 8))
        abort_talk(talk, one_in(random, 2) ? side : !side);
}

uint32_t talk_number(uint64_t *random)
{
    if (one_in(random, 8))
        return 0;
    return one_in(random, 2) ? 0u - below(random, 4000) : (uint32_t)random_next(random);
}

static void begin(struct talk *talk, struct shots *shots, uint64_t *random)
{
    memset(talk, 0, sizeof *talk);
    shots->count = 0;
    talk->shots = shots;
    talk->random = random;
    for (unsigned side = 0; side < 2; side++) {
        talk->next[side] = talk->got[side] = talk_number(random);
        talk->ts_val[side] = talk_number(random);
        talk->wnd[side] = one_in(random, 16) ? talk_window(random) : 64240;
    }
}

void talk_any(struct shots *shots, uint64_t *random)
{
    struct talk talk;

    begin(&talk, shots, random);
    talk.rough = one_in(random, 2) ? 0 : 1 + below(random, 6);
    if (!shake_hands(&talk))
        return;
    for (unsigned left = below(random, one_in(random, 8) ? 40 : 5); left > 0; left--) {
        if (talk.rough && one_in(random, 20))
            keep_alive(&talk, below(random, 2));
        else
            exchange(&talk, below(random, 2));
    }
    if (one_in(random, 3))
        abort_talk(&talk, below(random, 2));
    else if (!one_in(random, 8))
        close_talk(&talk, below(random, 2));
}

/* ------------------------------------------------------------------------------- everyday -- */

/* How an everyday conversation ends. */
enum ending {
    CLOSE_IN_FOUR,
    CLOSE_IN_THREE,
    TEXT_AND_CLOSE,
    RESET,
    RESET_WITH_ACK,
    REFUSED,
    ENDINGS
};

static void say_and_hear(struct talk *talk, unsigned side, uint32_t len)
{
    fire(talk, side, FST_TCP_ACK | FST_TCP_PSH, len);
    fire(talk, !side, FST_TCP_ACK, 0);
}

static void end_everyday(struct talk *talk, enum ending ending, unsigned side)
{
    uint32_t text = ending == TEXT_AND_CLOSE ? 300 : 0;

    if (ending == RESET || ending == RESET_WITH_ACK) {
        fire(talk, side, ending == RESET ? FST_TCP_RST : FST_TCP_RST | FST_TCP_ACK, 0)->options = 0;
        return;
    }
    fire(talk, side, FST_TCP_FIN | FST_TCP_ACK, text);
    if (ending == CLOSE_IN_FOUR)
        fire(talk, !side, FST_TCP_ACK, 0);
    fire(talk, !side, FST_TCP_FIN | FST_TCP_ACK, 0);
    fire(talk, side, FST_TCP_ACK, 0);
}

bool talk_everyday(struct shots *shots, unsigned number, uint64_t *random)
{
    static const unsigned offers[] = {0, OPTION_WSCALE | OPTION_SACK_OK,
                                      OPTION_WSCALE | OPTION_SACK_OK | OPTION_TIMESTAMPS};
    const unsigned offered = offers[number % 3];
    const enum ending ending = (enum ending)(number / 3 % ENDINGS);
    const unsigned closer = number / 3 / ENDINGS;
    struct talk talk;

    if (closer > 1)
        return false;
    begin(&talk, shots, random);
    for (unsigned side = 0; side < 2; side++) {
        talk.wnd[side] = 60000;
        talk.ts_val[side] |= 1; /* the value 0 is kept as none */
        fire(&talk, side, side ? FST_TCP_SYN | FST_TCP_ACK : FST_TCP_SYN, 0)->mss = 1460;
        shots->shot[shots->count - 1].options = (uint8_t)offered;
        shots->shot[shots->count - 1].shift = 7;
        if (ending == REFUSED) {
            *fire(&talk, 1, FST_TCP_RST | FST_TCP_ACK, 0) = (struct shot){
                .side = 1, .ttl = 64, .flags = FST_TCP_RST | FST_TCP_ACK, .ack = talk.next[0]};
            return true;
        }
    }
    talk.stamps = (offered & OPTION_TIMESTAMPS) != 0;
    fire(&talk, 0, FST_TCP_ACK, 0);
    say_and_hear(&talk, 0, 100 + below(random, 100));
    say_and_hear(&talk, 1, 1000 + below(random, 400));
    say_and_hear(&talk, 1, 600 + below(random, 400));
    say_and_hear(&talk, 0, 400 + below(random, 100));
    end_everyday(&talk, ending, closer);
    return true;
}
