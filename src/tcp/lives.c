/* SPDX-License-Identifier: MIT */
#include "tcp/lives.h"

#include "base/seq.h"
#include "tcp/context.h"
#include "tcp/facts.h"
#include "tcp/marks.h"
#include "tcp/states.h"

/* Farther away than this is another life or garbage, never new data: the largest window is 2^30. */
#define FAR_AWAY 0x40000000u

static uint32_t first_number(const struct fst_life *life)
{
    return life->flags & FST_LIFE_ISS ? life->iss : life->snd_low;
}

static uint32_t distance(const struct fst_life *life, uint32_t seq)
{
    uint32_t low = first_number(life);

    if (fst_seq_within(low, seq, life->snd_top))
        return 0;
    return fst_seq_gt(seq, life->snd_top) ? seq - life->snd_top : low - seq;
}

/* The initial sequence numbers cut the circle: a number at or above the ISS of a later-numbered
 * life never belongs to a lower one. */
static bool cut_off(const struct fst_observed_side *side, const struct fst_life *life, uint32_t seq)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *other = &side->lives[i];

        if (other != life && (other->flags & FST_LIFE_ISS) &&
            fst_seq_gt(other->iss, first_number(life)) && fst_seq_ge(seq, other->iss))
            return true;
    }
    return false;
}

/* Below the ISS there is nothing of a life; a reset has any number. */
static bool precedes(const struct fst_life *life, const struct fst_segment *seg)
{
    return (life->flags & FST_LIFE_ISS) && fst_seq_lt(seg->seq, life->iss) &&
           !(seg->flags & FST_TCP_RST);
}

/* Its peer does not contain the ACK while another life of the peer does. */
static bool acks_another(const struct fst_observation *o, unsigned y, const struct fst_life *life,
                         uint32_t ack)
{
    return (life->flags & FST_LIFE_TIED) && life->peer != FST_NO_LIFE &&
           !fst_life_admits_ack(&o->side[y].lives[life->peer], ack) &&
           fst_life_acked(o, y, ack, FST_NO_LIFE) != FST_NO_LIFE;
}

static bool is_fresh(const struct fst_life *life)
{
    return (life->flags & (FST_LIFE_USED | FST_LIFE_PLACED)) == FST_LIFE_USED;
}

unsigned fst_life_of(const struct fst_observation *o, unsigned x, const struct fst_segment *seg)
{
    const struct fst_observed_side *side = &o->side[x];
    unsigned best = FST_NO_LIFE, fresh = FST_NO_LIFE, i;
    uint32_t best_distance = FAR_AWAY;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *life = &side->lives[i];

        if (is_fresh(life))
            fresh = i;
        if (!(life->flags & FST_LIFE_PLACED) || distance(life, seg->seq) >= FAR_AWAY ||
            cut_off(side, life, seg->seq) || precedes(life, seg))
            continue;
        if ((seg->flags & FST_TCP_ACK) && acks_another(o, !x, life, seg->ack))
            continue;
        if (fst_life_in_run(life, seg->seq))
            return i;
        if (distance(life, seg->seq) < best_distance) {
            best = i;
            best_distance = distance(life, seg->seq);
        }
    }
    return best != FST_NO_LIFE ? best : fresh;
}

unsigned fst_life_with_iss(const struct fst_observation *o, unsigned x, uint32_t iss)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((o->side[x].lives[i].flags & FST_LIFE_ISS) && o->side[x].lives[i].iss == iss &&
            !fst_life_is_far(&o->side[x].lives[i]))
            return i;
    return FST_NO_LIFE;
}

/* What was captured begins above the SYN and its text, a hole between or not: another life would
 * lie farther off (3.4.1). Or at the SYN, where the peer's SYN-ACK told of it. */
static bool in_contact(const struct fst_life *life, const struct fst_segment *syn)
{
    return life->run_low - (syn->seq + 1) <= syn->payload_len + FST_NEAR_BY ||
           ((life->flags & FST_LIFE_SYN_IMPLIED) && life->run_low == syn->seq);
}

unsigned fst_life_missing_syn(const struct fst_observation *o, unsigned x,
                              const struct fst_segment *syn)
{
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        const struct fst_life *life = &o->side[x].lives[i];

        if ((life->flags & (FST_LIFE_PLACED | FST_LIFE_ISS)) == FST_LIFE_PLACED &&
            in_contact(life, syn))
            return i;
    }
    return FST_NO_LIFE;
}

/* What certainly is a number of one life goes before what lies between numbers of another. */
static unsigned in_any_run(const struct fst_observed_side *side, uint32_t ack)
{
    unsigned found = FST_NO_LIFE, i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if (fst_life_contains_ack(&side->lives[i], ack) && fst_life_in_run(&side->lives[i], ack) &&
            (found == FST_NO_LIFE || i == side->current))
            found = i;
    return found;
}

unsigned fst_life_acked(const struct fst_observation *o, unsigned y, uint32_t ack,
                        unsigned preferred)
{
    const struct fst_observed_side *side = &o->side[y];
    unsigned found = FST_NO_LIFE, i;

    if (preferred != FST_NO_LIFE && fst_life_contains_ack(&side->lives[preferred], ack) &&
        (fst_life_in_run(&side->lives[preferred], ack) || in_any_run(side, ack) == FST_NO_LIFE))
        return preferred;
    found = in_any_run(side, ack);
    if (found != FST_NO_LIFE)
        return found;
    for (i = 0; i < FST_LIVES_MAX; i++) {
        if (!fst_life_contains_ack(&side->lives[i], ack))
            continue;
        if (side->lives[i].occ == ack) /* exact before near */
            return i;
        if (found == FST_NO_LIFE || i == side->current)
            found = i;
    }
    return found;
}

/* Room for a life: an unused slot, else the oldest that is not shown. What is forgotten must weaken
 * verdicts: nothing may refer to it any more. */
static unsigned make_room(struct fst_observation *o, unsigned x)
{
    struct fst_observed_side *side = &o->side[x];
    unsigned oldest = FST_NO_LIFE, i;

    for (i = 0; i < FST_LIVES_MAX; i++) {
        if (!(side->lives[i].flags & FST_LIFE_USED))
            return i;
        if (i != side->current &&
            (oldest == FST_NO_LIFE || side->lives[i].born < side->lives[oldest].born))
            oldest = i;
    }
    side->evicted = o->side[!x].evicted = true;
    o->side[!x].age_peer = 0;
    for (i = 0; i < FST_LIVES_MAX; i++)
        if (o->side[!x].lives[i].peer == oldest) {
            o->side[!x].lives[i].peer = FST_NO_LIFE;
            o->side[!x].lives[i].flags &= ~(uint32_t)FST_LIFE_TIED;
        }
    return oldest;
}

unsigned fst_life_begin(struct fst_observation *o, unsigned x)
{
    struct fst_observed_side *side = &o->side[x];
    unsigned index = make_room(o, x);
    struct fst_life *life = &side->lives[index];

    fst_life_init(life, o->incarnation);
    life->born = side->born;
    side->age_peer = 0;
    if (side->born < UINT16_MAX)
        side->born++;
    /* A SYN or a FIN of the peer may reach a life that begins after it was captured. */
    if (o->side[!x].sent_facts & 1)
        life->facts |= fst_fact(FST_FACT_SYN);
    if (o->side[!x].sent_facts & 2)
        life->facts |= fst_facts_of(FST_FACT_ACK | FST_FACT_FIN);
    fst_close_life(life);
    return index;
}

uint16_t fst_newest_born(const struct fst_observed_side *s)
{
    uint16_t born = 0;
    unsigned i;

    for (i = 0; i < FST_LIVES_MAX; i++)
        if ((s->lives[i].flags & (FST_LIFE_HEARD | FST_LIFE_PLACED)) && s->lives[i].born > born)
            born = s->lives[i].born;
    return born;
}

uint16_t fst_lives_captured(const struct fst_observed_side *s)
{
    const struct fst_life *newest = &s->lives[s->current];

    return (uint16_t)(s->born - (is_fresh(newest) && newest->born + 1 == s->born));
}

static void absorb_marks(struct fst_life *life, const struct fst_life *other)
{
    unsigned i;

    for (i = 0; i < other->range_count; i++)
        fst_life_book(life, other->ranges[i].low, other->ranges[i].high, other->top_packet);
    fst_life_book(life, other->snd_top, other->snd_top, 0);
    if ((other->flags & FST_LIFE_ACKED) &&
        (!(life->flags & FST_LIFE_ACKED) || fst_seq_gt(other->ack_top, life->ack_top)))
        life->ack_top = other->ack_top;
    fst_life_share_closing(life, other);
    if (other->doubted.known)
        life->doubted = other->doubted;
    life->lone_top = life->lone_top || other->lone_top;
    life->fin_probed = life->fin_probed || other->fin_probed;
    if (!(life->flags & FST_LIFE_RST)) {
        life->rst_seq = other->rst_seq;
        life->rst_peer_occ = other->rst_peer_occ;
        life->rst_packet = other->rst_packet;
        life->rst_ttl = other->rst_ttl;
    }
    life->flags |=
        other->flags & (FST_LIFE_ACKED | FST_LIFE_RST | FST_LIFE_RST_EXACT | FST_LIFE_TAINTED);
}

static void absorb(struct fst_life *life, const struct fst_life *other)
{
    const uint32_t fin = FST_LIFE_FIN | FST_LIFE_FIN_ADOPTED;

    life->facts |= other->facts;
    if ((other->flags & fin) == FST_LIFE_FIN && !(life->flags & FST_LIFE_FIN)) {
        life->flags |= FST_LIFE_FIN;
        life->fin = other->fin;
        life->fin_packet = other->fin_packet;
        life->possible = other->possible;
        life->wide = other->wide;
        life->likely = other->likely;
    }
    if (other->flags & FST_LIFE_RST)
        life->possible |= FST_SET(FST_CLOSED);
    absorb_marks(life, other);
    fst_close_life(life);
}

/* Its FIN is not above the SYN, so it is no FIN of that life (3.4). */
static bool closed_before(const struct fst_life *other, const struct fst_life *life)
{
    return (other->flags & FST_LIFE_FIN) && fst_seq_le(other->fin, life->iss);
}

void fst_life_merge(struct fst_observation *o, unsigned x, unsigned index)
{
    struct fst_observed_side *side = &o->side[x];
    struct fst_life *life = &side->lives[index];
    unsigned i, j;

    if (side->born < 2 || !(life->flags & FST_LIFE_ISS))
        return;
    for (i = 0; i < FST_LIVES_MAX; i++) {
        struct fst_life *other = &side->lives[i];

        if ((other->flags & (FST_LIFE_MIDSTREAM | FST_LIFE_HEARD | FST_LIFE_ISS)) !=
                (FST_LIFE_MIDSTREAM | FST_LIFE_HEARD) ||
            !fst_life_in_run(life, other->run_low) || closed_before(other, life))
            continue;
        absorb(life, other);
        for (j = 0; j < FST_LIVES_MAX; j++)
            if (o->side[!x].lives[j].peer == i)
                o->side[!x].lives[j].peer = (uint8_t)index;
        o->side[!x].age_peer = 0;
        if (side->current == i)
            side->current = (uint8_t)index;
        *other = (struct fst_life){0};
    }
}
