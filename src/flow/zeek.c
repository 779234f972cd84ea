/* SPDX-License-Identifier: MIT
 *
 * The history is noted segment by segment: a segment that adds no letter costs a look at a set of
 * letters. The code is worked out from the letters when somebody asks: their order is all that
 * Zeek's endpoint states depend on.
 */
#include "flow/zeek.h"

#include <ctype.h>
#include <string.h>

#include "base/seq.h"

/* Kinds of segment. */
enum { S, H, A, D, F, R, C, G, T, W, I, Q, QR, KINDS };

static const char letters[KINDS] = {'s', 'h', 'a', 'd', 'f', 'r', 'c',
                                    'g', 't', 'w', 'i', 'q', 'q'};

/* A symbol of a history is a kind and, in bit 4, the side that sent it. */
#define SIDE_SHIFT 4
#define KIND_MASK  15

static_assert(KINDS <= KIND_MASK + 1, "symbols of a trie are below 32");

#define SET(kind) (1u << (kind))
#define SYNS      (SET(S) | SET(H)) /* one type of segment to Zeek */
#define WITH_SYN  (SYNS | SET(Q) | SET(QR))
#define WITH_FIN  (SET(F) | SET(Q) | SET(I))
#define WITH_RST  (SET(R) | SET(QR) | SET(I))
#define MOVING    (SYNS | SET(F) | SET(R))            /* written again when the number is another */
#define SCALED    (SET(C) | SET(G) | SET(T) | SET(W)) /* written the 1st, 10th, 100th ... time */

/* Each symbol can follow once more; repetitions stop here, so that the text always fits. */
#define REPEATS_END 32

static_assert(REPEATS_END + 2 * KINDS + 2 <= FST_HISTORY_MAX, "with the flip and the NUL");

/* ------------------------------------------------------------------------------- looking -- */

/* Stretches of [low, high) that were not captured. */
static unsigned count_holes(const struct fst_life *life, uint32_t low, uint32_t high)
{
    unsigned i, holes = 0;

    for (i = 0; i < life->range_count && fst_seq_lt(low, high); i++) {
        if (fst_seq_lt(low, life->ranges[i].low))
            holes++;
        if (fst_seq_lt(low, life->ranges[i].high))
            low = life->ranges[i].high;
        if (i + 1 < life->range_count && fst_seq_ge(life->ranges[i + 1].low, high))
            break;
    }
    return holes + fst_seq_lt(low, high);
}

static unsigned gaps_acknowledged(const struct fst_life *life, const struct fst_life *peer,
                                  uint32_t ack)
{
    uint32_t low;

    if (peer->range_count == 0 ||
        ((life->flags & FST_LIFE_ACKED) && fst_seq_le(ack, life->ack_top)))
        return 0;
    if (peer->range_count == 1 && fst_seq_le(ack, peer->ranges[0].high))
        return 0; /* as nearly always */
    low = peer->ranges[0].low;
    if (life->flags & FST_LIFE_ACKED)
        low = fst_seq_max(low, life->ack_top);
    if ((peer->flags & FST_LIFE_FIN) && fst_seq_gt(ack, peer->fin))
        ack = peer->fin;
    return fst_seq_lt(low, ack) ? count_holes(peer, low, ack) : 0;
}

static bool has_moved(const struct fst_life *life, const struct fst_segment *segment)
{
    if (segment->flags & FST_TCP_SYN)
        return (life->flags & FST_LIFE_ISS) && life->iss != segment->seq;
    if (segment->flags & FST_TCP_FIN)
        return (life->flags & FST_LIFE_FIN) && life->fin != segment->seq + segment->payload_len;
    return (life->flags & FST_LIFE_RST) && life->rst_seq != segment->seq;
}

struct fst_zeek_glance fst_zeek_look(const struct fst_observation *o,
                                     const struct fst_segment *segment, unsigned side)
{
    const struct fst_observed_side *sender = &o->side[side], *receiver = &o->side[!side];
    const struct fst_life *life = &sender->lives[sender->current];
    const struct fst_life *peer = &receiver->lives[receiver->current];
    struct fst_zeek_glance glance = {0};
    uint32_t end = segment->seq + segment->payload_len + ((segment->flags & FST_TCP_SYN) ? 1 : 0) +
                   ((segment->flags & FST_TCP_FIN) ? 1 : 0);

    glance.damaged = segment->checksum == FST_CHECKSUM_BAD && sender->good_checksum;
    if (segment->payload_len > 0 && life->range_count > 0)
        glance.again = fst_seq_le(end, life->ranges[life->range_count - 1].high);
    if (segment->flags & (FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST))
        glance.moved = has_moved(life, segment);
    if ((segment->flags & (FST_TCP_ACK | FST_TCP_SYN | FST_TCP_RST)) == FST_TCP_ACK)
        glance.gaps = (uint8_t)gaps_acknowledged(life, peer, segment->ack);
    return glance;
}

/* -------------------------------------------------------------------------------- noting -- */

/* By FIN, SYN and RST; nothing of them is text or an ACK. */
static const uint8_t kinds_by_flags[8] = {A, F, S, Q, R, I, QR, I};

static_assert((FST_TCP_FIN | FST_TCP_SYN | FST_TCP_RST) == 7, "an index");

/* KINDS if it is none. */
static unsigned kind_of(const struct fst_segment *segment)
{
    unsigned kind = kinds_by_flags[segment->flags & 7];

    if (kind == A && segment->payload_len > 0)
        return D;
    if (segment->flags & FST_TCP_ACK)
        return kind == S ? H : kind;
    return kind == A ? KINDS : kind;
}

static void append(struct fst_table *table, struct fst_telling *telling, unsigned symbol,
                   bool repeated)
{
    uint32_t *history = &telling->tale.history;

    if (!repeated || fst_trie_length(&table->histories, *history) < REPEATS_END)
        *history = fst_trie_append(&table->histories, *history, (uint8_t)symbol);
}

static bool is_power_of_ten(uint32_t n)
{
    while (n % 10 == 0 && n > 0)
        n /= 10;
    return n == 1;
}

/* Once more one of SCALED. */
static void count_again(struct fst_table *table, struct fst_telling *telling, unsigned side,
                        unsigned kind)
{
    struct fst_tally *tally = fst_telling_tally(table, telling);
    uint32_t *count = tally ? &tally->count[side][kind - C] : NULL;

    if (!count || *count == UINT32_MAX)
        return;
    *count += *count == 0 ? 2 : 1; /* the first one was written without a tally */
    if (is_power_of_ten(*count))
        append(table, telling, side << SIDE_SHIFT | kind, true);
}

/* Once more one of MOVING: is it another one? */
static void follow(struct fst_table *table, struct fst_telling *telling, unsigned side,
                   unsigned kind, uint32_t number, bool moved)
{
    unsigned which = kind == F ? 1 : kind == R ? 2 : 0;
    struct fst_tally *tally;

    if (!moved && telling->tally == FST_NO_INDEX)
        return;
    tally = fst_telling_tally(table, telling);
    if (!tally)
        return;
    if (tally->last_known[side] >> which & 1)
        moved = tally->last[side][which] != number;
    if (!moved)
        return;
    tally->last[side][which] = number;
    tally->last_known[side] |= (uint8_t)(1u << which);
    append(table, telling, side << SIDE_SHIFT | kind, true);
}

/* What was noted before, by side. */
struct noted {
    unsigned own, peer;
};

static struct noted noted_before(const struct fst_table *table, uint32_t history, unsigned side)
{
    uint32_t all = fst_trie_symbols(&table->histories, history);
    unsigned low = all & 0xffff, high = all >> 16;

    return side ? (struct noted){high, low} : (struct noted){low, high};
}

/* A window of zero says nothing when it comes with or after a RST, or when the peer has sent its
 * FIN. */
static bool window_closed(const struct fst_segment *segment, const struct noted *noted)
{
    return segment->wnd_raw == 0 && !(segment->flags & FST_TCP_RST) && !(noted->own & WITH_RST) &&
           !(noted->peer & WITH_FIN);
}

/* Both have opened the connection and neither has reset it: only then a hole is a gap. */
static bool is_open(const struct noted *noted)
{
    unsigned both = noted->own | noted->peer;

    return ((both & SET(H)) || (noted->own & noted->peer & SET(S))) && !(both & WITH_RST);
}

static void note(struct fst_table *table, struct fst_telling *telling, unsigned side, unsigned kind,
                 unsigned noted)
{
    if (!(noted & SET(kind)))
        append(table, telling, side << SIDE_SHIFT | kind, false);
    else
        count_again(table, telling, side, kind);
}

void fst_zeek_note(struct fst_table *table, struct fst_telling *telling,
                   const struct fst_segment *segment, unsigned side,
                   const struct fst_zeek_glance *glance)
{
    struct noted noted = noted_before(table, telling->tale.history, side);
    unsigned kind = kind_of(segment), same, gaps;

    if ((noted.own & SET(kind) & ~MOVING) && segment->wnd_raw != 0 && !glance->damaged &&
        !glance->again && glance->gaps == 0)
        return; /* as nearly all */
    if (glance->damaged) {
        note(table, telling, side, C, noted.own);
        return;
    }
    if (segment->fault == FST_HEADER_OFFSET_SHORT || segment->fault == FST_HEADER_OFFSET_LONG)
        return;
    same = SET(kind) & SYNS ? SYNS : SET(kind);
    if (kind < KINDS && !(noted.own & same))
        append(table, telling, side << SIDE_SHIFT | kind, false);
    else if (SET(kind) & MOVING)
        follow(table, telling, side, kind, segment->seq + (kind == F ? segment->payload_len : 0),
               glance->moved);
    if (window_closed(segment, &noted))
        note(table, telling, side, W, noted.own);
    if (glance->again && !(segment->flags & FST_TCP_RST) && !(noted.own & WITH_RST))
        note(table, telling, side, T, noted.own);
    for (gaps = is_open(&noted) ? glance->gaps : 0; gaps > 0; gaps--, noted.peer |= SET(G))
        note(table, telling, !side, G, noted.peer);
}

/* ------------------------------------------------------------------------------- showing -- */

/* Where an endpoint stands, in Zeek's words. */
enum standing { INACTIVE, SYN_SENT, SYN_ACK_SENT, PARTIAL, ESTABLISHED, CLOSED, RESET };

struct endpoint {
    enum standing now, before;
};

static void enter(struct endpoint *endpoint, enum standing standing)
{
    if (endpoint->now == standing)
        return;
    endpoint->before = endpoint->now;
    endpoint->now = standing;
}

static void begin(struct endpoint *own, struct endpoint *peer, bool originator, unsigned kind)
{
    if ((SET(kind) & WITH_SYN) && originator) {
        /* Differs: a SYN captured after its answer opens the connection all the same. */
        enter(own, peer->now == ESTABLISHED ? ESTABLISHED : kind == H ? SYN_ACK_SENT : SYN_SENT);
    } else if (SET(kind) & WITH_SYN) {
        if (peer->now == SYN_SENT)
            enter(peer, ESTABLISHED);
        enter(own, ESTABLISHED);
    }
    if (SET(kind) & WITH_FIN)
        enter(own, CLOSED);
    if (SET(kind) & WITH_RST)
        enter(own, RESET);
    if (own->now != INACTIVE || (kind == A && !originator && peer->now == SYN_SENT))
        return; /* an ACK ahead of the SYN-ACK opens nothing */
    enter(own, peer->now == ESTABLISHED ? ESTABLISHED : PARTIAL);
}

static void go_on(struct endpoint *own, struct endpoint *peer, unsigned kind)
{
    if (kind == S && own->now == PARTIAL && peer->now == INACTIVE)
        enter(own, SYN_SENT);
    if (SET(kind) & WITH_RST) {
        /* Differs: who reset an open connection first has ended it, also when the other answers. */
        if (own->now == PARTIAL || peer->now != RESET)
            enter(own, RESET);
    } else if (SET(kind) & WITH_FIN) {
        enter(own, CLOSED);
        if (peer->now == RESET && peer->before == CLOSED)
            enter(peer, CLOSED); /* closed, and only then reset: both have closed */
    }
}

static void advance(struct endpoint *own, struct endpoint *peer, bool originator, unsigned kind)
{
    if (SET(kind) & SCALED)
        return;
    switch (own->now) {
    case INACTIVE:
        begin(own, peer, originator, kind);
        break;
    case CLOSED:
        if ((SET(kind) & WITH_RST) && peer->now != CLOSED)
            enter(own, RESET);
        break;
    case RESET:
        /* Differs: that RST answered a left-over connection; the SYN sent again was taken (3.5.1).
         */
        if (own->before == SYN_SENT && peer->now == ESTABLISHED && (kind == A || kind == D))
            enter(own, ESTABLISHED);
        break;
    default:
        go_on(own, peer, kind);
        break;
    }
}

/* SYN, then RST, and nothing between that would need an answer to the SYN. */
static bool gave_up(const uint8_t *symbols, size_t count, unsigned client)
{
    size_t i;

    if (count == 0 || symbols[0] != (client << SIDE_SHIFT | S))
        return false;
    for (i = 1; i < count; i++) {
        unsigned kind = symbols[i] & KIND_MASK;

        if (symbols[i] >> SIDE_SHIFT != client)
            continue;
        if (kind == R)
            return true;
        if (SET(kind) & (SET(H) | SET(A) | SET(F) | SET(G) | SET(I) | SET(Q) | SET(QR)))
            return false;
    }
    return false;
}

static const char *code_of(const struct endpoint *o, const struct endpoint *r, bool syn,
                           bool no_text, bool gave_up)
{
    bool o_unknown = o->now == INACTIVE || o->now == PARTIAL;
    bool r_unknown = r->now == INACTIVE || r->now == PARTIAL;

    if (r->now == RESET) {
        if (o->now == SYN_SENT || o->now == SYN_ACK_SENT || (o->now == RESET && syn && no_text))
            return "REJ";
        return o_unknown ? "RSTRH" : "RSTR";
    }
    if (o->now == RESET)
        return !r_unknown ? "RSTO" : gave_up ? "RSTOS0" : "OTH";
    if (o->now == CLOSED)
        return r->now == CLOSED ? "SF" : r_unknown ? "SH" : "S2";
    if (r->now == CLOSED)
        return o_unknown ? "SHR" : "S3";
    if (o->now == SYN_SENT && r->now == INACTIVE)
        return "S0";
    return o->now == ESTABLISHED && r->now == ESTABLISHED ? "S1" : "OTH";
}

static void show_text(const uint8_t *symbols, size_t count, unsigned client, char *text)
{
    size_t i;

    if (count > 0 && symbols[0] >> SIDE_SHIFT != client)
        *text++ = '^';
    for (i = 0; i < count; i++) {
        char letter = letters[symbols[i] & KIND_MASK];
        bool upper = symbols[i] >> SIDE_SHIFT == client;

        *text++ = upper ? (char)toupper((unsigned char)letter) : letter;
    }
    *text = '\0';
}

static void work_out(const struct fst_table *table, uint32_t history, unsigned client, bool no_text,
                     struct fst_zeek_shown *shown)
{
    uint8_t symbols[FST_HISTORY_MAX];
    size_t count = fst_trie_read(&table->histories, history, symbols, FST_HISTORY_MAX), i;
    struct endpoint endpoints[2] = {{INACTIVE, INACTIVE}, {INACTIVE, INACTIVE}};
    bool syn = (noted_before(table, history, client).own & SET(S)) != 0;

    for (i = 0; i < count; i++) {
        unsigned side = symbols[i] >> SIDE_SHIFT;

        advance(&endpoints[side], &endpoints[!side], side == client, symbols[i] & KIND_MASK);
    }
    memset(shown->history, 0, sizeof(shown->history));
    show_text(symbols, count, client, shown->history);
    shown->conn_state = code_of(&endpoints[client], &endpoints[!client], syn, no_text,
                                gave_up(symbols, count, client));
}

void fst_zeek_show(const struct fst_table *table, struct fst_zeek_shown shown[FST_ZEEK_SHOWN],
                   uint32_t history, unsigned client, struct fst_connection_view *view)
{
    bool no_text = view->side[FST_CLIENT].payload_bytes + view->side[FST_SERVER].payload_bytes == 0;
    uint32_t key = (history << 2 | client << 1 | no_text) + 1; /* nodes are below 2^20 */
    struct fst_zeek_shown *place = &shown[key * 0x9e3779b1u >> 26 & (FST_ZEEK_SHOWN - 1)];

    if (place->key != key) {
        work_out(table, history, client, no_text, place);
        place->key = key;
    }
    memcpy(view->history, place->history, sizeof(view->history));
    view->conn_state = place->conn_state;
}
