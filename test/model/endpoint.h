/* SPDX-License-Identifier: MIT
 *
 * A reference TCP endpoint: RFC 9293 section 3.10, event by event, written to be read beside it.
 * Octets have no values, only numbers. It shares nothing with the observer in src/tcp but the names
 * of the eleven states: a mistake made twice would prove nothing.
 */
#ifndef MODEL_ENDPOINT_H
#define MODEL_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"
#include "oracle.h"

enum control { CTL_FIN = 1, CTL_SYN = 2, CTL_RST = 4, CTL_ACK = 16 };

enum segment_option {
    OPTION_FAST_OPEN = 1,
    OPTION_WSCALE = 2,
    OPTION_SACK_OK = 4,
    OPTION_TIMESTAMPS = 8,
    OPTION_SACK = 16 /* one block: sack_low to sack_high */
};

/** A segment in flight. `life` and `epoch` are the model's knowledge, not on the wire. */
struct model_segment {
    uint32_t seq;
    uint32_t ack;
    uint32_t ts_val;
    uint32_t sack_low, sack_high;
    uint16_t wnd;    /* as on the wire: scaled, but in a SYN */
    uint8_t control; /* enum control */
    uint8_t len;     /* octets of text */
    uint8_t life;    /* of its sender when sent, from 1; 0 if it had no TCB */
    uint8_t epoch;   /* how often its sender had vanished before */
    uint8_t options; /* enum segment_option */
    uint8_t shift;   /* of OPTION_WSCALE */
};

/** The sequence number after the segment: SEG.SEQ + SEG.LEN. */
uint32_t segment_end(const struct model_segment *segment);

/** Serial arithmetic: a lies before b. */
bool before(uint32_t a, uint32_t b);

#define HELD_OCTETS 64

/** One TCB. All octets zero is CLOSED. */
struct endpoint {
    uint64_t held;    /* bit n: octet RCV.NXT+n was received beyond a hole */
    uint32_t iss;     /* initial send sequence number */
    uint32_t snd_una; /* oldest unacknowledged */
    uint32_t snd_nxt; /* next to be sent */
    uint32_t snd_wl1, snd_wl2;
    uint32_t irs;
    uint32_t rcv_nxt;
    uint32_t fin_at;   /* sequence number of a FIN held beyond a hole */
    uint32_t held_ack; /* highest ACK of the segments held whole */
    uint32_t ts_recent;
    uint32_t snd_edge; /* right edge of the widest window the peer has offered */
    uint16_t snd_wnd;
    uint16_t buffered;   /* octets received and not yet read by the user */
    uint8_t state;       /* enum fst_state */
    uint8_t life;        /* number of the ISS in use, from 1 */
    uint8_t peer_life;   /* of the SYN that was accepted: stands for the timestamps of RFC 6191 */
    uint8_t syn_text;    /* octets of text in the SYN */
    bool passive;        /* came from LISTEN */
    bool fast_open;      /* may send text before its SYN is acknowledged, RFC 7413 */
    bool fin_sent;       /* SND.NXT - 1 is the FIN */
    bool has_held_fin;   /* fin_at counts */
    bool has_held_ack;   /* held_ack counts */
    uint8_t offered;     /* enum segment_option: what a SYN of this life carried */
    uint8_t peer_offers; /* what the peer's SYN carried when it was accepted */
    uint8_t snd_shift;   /* of the peer's windows */
    uint8_t unused[4];
};

/** Where an endpoint's ISNs come from. Survives a crash: it stands for the clock of 3.4.1. */
struct isn_source {
    uint32_t base;      /* first ISN */
    uint32_t low, high; /* numbers used so far in the newest neighbourhood: [low, high) */
    uint8_t lives;      /* ISNs chosen so far */
    uint8_t lives_left;
    uint8_t policies; /* enum isn_policy bits, which of them may be drawn */
    uint8_t span;     /* most octets of text a life can send */
    uint32_t gap;     /* numbers left free between two lives */
    uint32_t unused;
};

/* Where a new ISN lies relative to the numbers used before; never in or touching them (3.4.3). */
enum isn_policy { ISN_FAR = 1, ISN_ABOVE = 2, ISN_BELOW = 4, ISN_WILD = 8 };

#define SENT_MAX 3

/** What an endpoint meets while it works on one event. */
struct surroundings {
    struct oracle *oracle;
    struct isn_source *isns;
    uint16_t window;    /* receive buffer, octets */
    uint8_t offers;     /* enum segment_option: what it would negotiate */
    uint8_t shift;      /* its window scale */
    uint32_t *clock;    /* of its timestamps */
    bool flow_control;  /* buffers fill until the user reads; else windows stay open */
    uint8_t sends_left; /* segments it may still emit */
    uint8_t sent_count;
    uint8_t epoch;
    bool any_reuse;            /* any other SYN may be newer by its timestamps (RFC 6191) */
    const uint32_t *isn_given; /* if set, ISNs are chosen among these */
    unsigned isn_given_count;
    bool muted;    /* an owed reply was not sent for want of budget */
    bool vanished; /* the TCB was deleted and nothing but perhaps a RST told the peer */
    struct model_segment sent[SENT_MAX];
};

/* User calls and time-outs, RFC 9293 3.10.1 to 3.10.6 and 3.10.8. Each returns false and changes
 * nothing if the state or the budget does not allow it. */
bool endpoint_open_passive(struct endpoint *endpoint);
bool endpoint_open_active(struct endpoint *endpoint, struct surroundings *around,
                          unsigned text_left);
bool endpoint_unlisten(struct endpoint *endpoint);
bool endpoint_send(struct endpoint *endpoint, struct surroundings *around, unsigned text_left,
                   bool with_fin);
bool endpoint_close(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_abort(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_receive_call(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_vanish(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_give_up(struct endpoint *endpoint);
bool endpoint_time_wait_over(struct endpoint *endpoint);
bool endpoint_retransmit(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_acknowledge(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_keep_alive(struct endpoint *endpoint, struct surroundings *around);
bool endpoint_probe_window(struct endpoint *endpoint, struct surroundings *around,
                           unsigned text_left);

/** SEGMENT ARRIVES, 3.10.7. */
void endpoint_receive(struct endpoint *endpoint, const struct model_segment *segment,
                      struct surroundings *around);

/** Octets of text sent since the SYN, the FIN not counted. */
unsigned endpoint_text_sent(const struct endpoint *endpoint);

#endif
