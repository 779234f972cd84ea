/* SPDX-License-Identifier: MIT
 *
 * Two reference endpoints, the network between them and the point where it is tapped:
 *
 *     sender --> bag BEFORE --> tap --> bag BEHIND --> receiver        once per direction
 *
 * What stays in a bag for ever is lost. A world is a plain value: copied by assignment, hashed by
 * world_hash(). What can happen next is an event; its free decisions are a tape (oracle.h).
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "endpoint.h"

#define BAG_MAX 16

enum bag_place { BEFORE_TAP, BEHIND_TAP };

struct bag {
    struct model_segment item[BAG_MAX];
    uint32_t count;
    uint32_t unused;
};

/** An endpoint with what outlives its TCB, and what the tap has seen of it. */
struct host {
    struct endpoint endpoint;
    struct isn_source isns;
    uint32_t gone_low, gone_high; /* numbers of the TCB that vanished */
    uint32_t clock;               /* of its timestamps */
    uint32_t unused;
    uint8_t sends_left; /* segments it may still emit */
    uint8_t text_left;  /* octets of text it may still send, over all lives */
    uint8_t epoch;      /* how often a TCB vanished silently */
    bool gone;          /* vanished, and nothing that shows it has passed the tap */
    bool quiet; /* left a state by a time-out or a local call since its last captured segment */
    bool abort_open;  /* the RST of an ABORT has not passed the tap */
    bool life_tapped; /* a segment of the present life passed the tap */
    bool fin_tapped;  /* so did its FIN */
    bool mixed; /* an older life's first segment passed the tap after one of the present life's */
    uint8_t begun;    /* bit n: a segment of life n + 1 has passed the tap */
    bool fin_answers; /* the first copy of its FIN that passed the tap acknowledged the peer's */
    uint8_t unused_octets[5];
};

struct world {
    struct host host[2];
    struct bag bag[2][2]; /* by sender, by enum bag_place */
    uint8_t duplicates_left;
    uint8_t misses_left; /* packets that may still pass beside the tap */
    bool missed;         /* one did */
    bool forgot;         /* a host lost its memory and nobody on the wire was told first */
    uint8_t unused[4];
};

/** What does not change while a world runs. */
struct settings {
    unsigned sends;      /* segments each endpoint may emit: E */
    unsigned text;       /* octets of text each endpoint may send: D */
    unsigned lives;      /* ISNs each endpoint may choose: L */
    unsigned duplicates; /* deliveries that leave a copy behind, in all */
    unsigned misses;     /* packets that may pass beside the tap, in all */
    bool any_order;      /* else FIFO on either side of the tap */
    bool prompt;         /* every segment is delivered before anything else happens */
    bool flow_control;
    bool mirror_cut; /* A speaks first: sound if the observer treats both sides alike */
    uint16_t window;
    uint8_t isn_policies[2];
    uint32_t isn_gap;  /* numbers that stay free between two lives near each other */
    uint8_t offers[2]; /* enum segment_option, per side */
    uint8_t shift[2];  /* window scales */
    uint32_t base_isn[2];
    uint32_t events;  /* bit per enum event_kind that may happen */
    uint32_t choices; /* bit per enum choice that is open */
};

/* name, text. */
#define EVENT_MAP(X)                                                                               \
    X(LISTEN, "OPEN passive")                                                                      \
    X(UNLISTEN, "CLOSE of the listener")                                                           \
    X(CONNECT, "OPEN active")                                                                      \
    X(SEND, "SEND")                                                                                \
    X(SEND_CLOSE, "SEND and CLOSE")                                                                \
    X(READ, "RECEIVE")                                                                             \
    X(CLOSE, "CLOSE")                                                                              \
    X(ABORT, "ABORT")                                                                              \
    X(VANISH, "crash or user time-out")                                                            \
    X(GIVE_UP, "handshake given up")                                                               \
    X(TIME_WAIT_OVER, "2 MSL pass")                                                                \
    X(RETRANSMIT, "retransmission")                                                                \
    X(ACKNOWLEDGE, "ACK again")                                                                    \
    X(KEEP_ALIVE, "keep-alive")                                                                    \
    X(PROBE, "zero-window probe")                                                                  \
    X(TAP, "captured")                                                                             \
    X(TAP_COPY, "captured, a copy follows")                                                        \
    X(MISS, "passes beside the tap")                                                               \
    X(DELIVER, "delivered")                                                                        \
    X(DELIVER_COPY, "delivered, a copy follows")

enum event_kind {
#define MODEL_X(name, text) EVENT_##name,
    EVENT_MAP(MODEL_X)
#undef MODEL_X
        EVENT_COUNT
};

#define EVENTS_ALL ((1u << EVENT_COUNT) - 1u)

/** `side` acts, or sent `segment`, which is the bag's `index`-th. */
struct event {
    uint8_t kind;
    uint8_t side;
    uint8_t index;
    struct model_segment segment;
    struct tape tape;
};

const char *event_name(enum event_kind kind);

void settings_init(struct settings *settings);
void world_init(struct world *world, const struct settings *settings);

/**
 * Let `event` happen, with the oracle answering its questions (its tape says afterwards how).
 * A network event names its segment by index, or by content if `by_content`.
 *
 * @return false if the event is not possible now; the world may then be half changed.
 */
bool world_step(struct world *world, const struct settings *settings, struct event *event,
                bool by_content, struct oracle *oracle);

/** The events worth trying now, without their tapes; at most EVENTS_MAX. */
#define EVENTS_MAX 256
unsigned world_events(const struct world *world, const struct settings *settings,
                      struct event *events);

bool event_is_tap(const struct event *event);
/** Nothing is in flight that the network will still move. */
bool world_is_quiet(const struct world *world);
uint64_t world_hash(const struct world *world);

/** Mix `size` octets into a 64-bit hash. */
uint64_t hash_octets(uint64_t hash, const void *octets, unsigned size);

/**
 * The states one of which an observer must hold possible for a host: the true one, and where the
 * wire cannot show the last step yet, the one before it. 0 if the host vanished unseen.
 */
fst_state_set host_truth(const struct host *host);

/** The state in which the life with this ISS truly is, its own SYN acknowledged or not; false if
 * the host has no such life now. */
bool host_truth_of(const struct host *host, uint32_t iss, enum fst_state *state, bool *syn_acked);

/** The same as host_truth() for the likely state once everything has been delivered. */
fst_state_set host_prompt_truth(const struct host *host);

#endif
