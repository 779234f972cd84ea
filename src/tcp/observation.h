/* SPDX-License-Identifier: MIT
 *
 * What is kept of the two endpoints of one 4-tuple.
 *
 * State belongs to a *life* of an endpoint: the numbers that grow from one initial sequence number.
 * A host that restarts, or a port that is used again, begins another life, and a late segment is
 * judged against the life it belongs to. Nearly every endpoint has one.
 *
 * Sequence numbers are absolute, in host order. "Octets" counts SYN and FIN as one each, as
 * SEG.LEN.
 */
#ifndef FST_TCP_OBSERVATION_H
#define FST_TCP_OBSERVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "flowstate/flowstate.h"
#include "rules/catalogue.h"

enum { FST_LIVES_MAX = 4, FST_RANGES_MAX = 8, FST_HELD_MAX = 4, FST_NO_LIFE = 0xff };

/* Assumes: two lives of a port pair lie farther apart than this. The initial sequence number moves
 * on by 250 a millisecond or is drawn at random (3.4.1); chance puts it here once in 2^26 times. */
#define FST_NEAR_BY 64

/* No SYN offers or carries more. */
#define FST_WINDOW_OF_SYN 65536

/* A peer that never offered less has let every number sent go this far, counted from the first. */
#define FST_WINDOW_WIDE 16384

/* RFC 7323 2.3; without a scale 2^16. */
#define FST_WINDOW_MAX 0x40000000u

/* Numbers farther behind the newest are forgotten: no window reaches there. */
#define FST_LIFE_REACH FST_WINDOW_MAX

/* Flags of a life. Those up to FST_LIFE_MIDSTREAM stand in a packed end in the same places. */
enum {
    FST_LIFE_HEARD = 1u << 0,     /* it sent a captured segment */
    FST_LIFE_ACTIVE = 1u << 1,    /* a SYN without ACK was captured */
    FST_LIFE_SYNACK = 1u << 2,    /* a SYN-ACK was captured */
    FST_LIFE_ACKED = 1u << 3,     /* ack_top is valid: it acknowledged something */
    FST_LIFE_FIN = 1u << 4,       /* fin is known */
    FST_LIFE_RST = 1u << 5,       /* it sent a RST */
    FST_LIFE_RST_FINAL = 1u << 6, /* ... that ended it for certain */
    FST_LIFE_ABORTED = 1u << 7,   /* its final RST had ACK: it holds the next number to be sent */
    FST_LIFE_TIED = 1u << 8,      /* its peer life is certain */
    FST_LIFE_WSCALE = 1u << 9,    /* its SYN offered a window scale */
    FST_LIFE_SACK = 1u << 10,     /* its SYN permitted SACK */
    FST_LIFE_TS = 1u << 11,       /* every captured SYN of it carried timestamps */
    FST_LIFE_EDGE = 1u << 12,     /* edge is valid */
    FST_LIFE_ZERO_WINDOW = 1u << 13, /* its last window was zero */
    FST_LIFE_INFERRED = 1u << 14,    /* likely rests on presumed delivery */
    FST_LIFE_RST_EXACT = 1u << 15,   /* a RST that fits its numbers is on the wire */
    FST_LIFE_MIDSTREAM = 1u << 16,   /* first known by something other than its SYN */
    FST_LIFE_USED = 1u << 17,
    FST_LIFE_PLACED = 1u << 18,      /* occ, snd_top, snd_low, run mean something */
    FST_LIFE_ISS = 1u << 19,         /* iss is known */
    FST_LIFE_FIN_ADOPTED = 1u << 20, /* the FIN is known only from the peer's acknowledgment */
    FST_LIFE_TAINTED = 1u << 21,     /* sent something no conforming endpoint sends */
    FST_LIFE_NO_TS = 1u << 22,       /* some captured SYN of it carried none */
    FST_LIFE_FAST_OPEN = 1u << 23,   /* its SYN asked for Fast Open */
    FST_LIFE_SHRANK = 1u << 24,      /* it has taken window back */
    FST_LIFE_NARROW = 1u << 25,      /* some window it offered is below FST_WINDOW_WIDE */
    FST_LIFE_TS_VAL = 1u << 26,      /* ts_val is valid */
    FST_LIFE_OPTIONS_CUT = 1u << 27, /* some SYN of it was not captured whole: options unknown */
    FST_LIFE_SYN_IMPLIED = 1u << 28, /* its SYN was not captured, but the peer acknowledged it */
    FST_LIFE_SYN_MET = 1u << 29,     /* its SYN went to a life of the peer that talked to another */
    FST_LIFE_SENT_AGAIN = 1u << 30 /* older numbers, with its newest acknowledgment; or some before
                                      its SYN: its windows may be up to the widest there is */
};

/* How far a SYN cookie may have brought a server back: rebirth.c. */
enum { FST_COOKIE_IDLE, FST_COOKIE_RECALLED, FST_COOKIE_REBORN };

struct fst_range {
    uint32_t low, high; /* [low, high) */
};

/* A FIN that was put down to a life by its number alone, until a segment within that life's octets
 * contradicted it: it is of another. */
struct fst_doubted_fin {
    bool known;
    fst_state_set states; /* what its sender may be in since */
    uint32_t fin;
    uint64_t packet;
};

struct fst_life {
    uint32_t flags;
    uint32_t
        facts; /* bit m: the peer put a segment on the wire that conveys fact mask m (facts.h) */
    fst_state_set possible; /* what users see */
    fst_state_set wide;     /* what verdicts rest on: also moves nothing on the wire speaks for */
    uint8_t likely;         /* one of `possible` */
    uint8_t peer;           /* index of the peer's life, or FST_NO_LIFE */
    uint8_t wscale;
    uint8_t range_count;
    uint16_t incarnation; /* the connection of this 4-tuple it belongs to */
    uint16_t born;        /* lives of this side before it */
    uint8_t mss_class;    /* of its SYN's option; 0: none, 1: below 2 KiB, 2: below 16 KiB,
                             3: above; enough to know offload by */
    uint8_t cookie;       /* enum above */
    uint16_t peers;       /* lives of the other side captured before its first segment was */
    uint32_t recalled_at; /* where it then begins again */
    uint32_t iss; /* its SYN's number; far behind what it has sent, a number in its place: numbers
                     compare within half the circle */
    uint32_t origin;     /* its SYN's number, always */
    uint32_t syn_octets; /* of text in its SYN */
    uint32_t occ;        /* end of the highest octet sent */
    uint32_t claimed;    /* the peer may acknowledge up to here: octets it says it got, or that an
                            illegal segment carried */
    uint32_t snd_top;    /* highest SEQ + LEN, empty segments too: SND.NXT was at least this */
    uint32_t snd_low;    /* lowest SEQ */
    uint32_t run_low, run_high; /* numbers that certainly belong to this life, both inclusive */
    uint32_t fin;               /* sequence number of its FIN */
    uint32_t ack_top;           /* highest ACK sent: RCV.NXT was at least this */
    uint32_t edge;      /* right edge of the widest window it offered, its SYN's too; as long
                           as none is known, the window of its bare SYN */
    uint32_t edge_last; /* right edge of the last one */
    uint32_t closed_at;
    uint32_t rst_seq;
    uint8_t rst_ttl;       /* of the packet that aborted: an injected one often differs */
    bool lone_top;         /* the octet below occ came alone: text, or garbage of a keep-alive */
    bool fin_probed;       /* it sent an octet at its FIN's number: that may be acknowledged */
    bool closed;           /* it has offered a window of zero, last with the ACK closed_at */
    uint32_t rst_peer_occ; /* the peer's occ when its RST was captured */
    uint32_t ts_val;       /* its last timestamp */
    struct fst_range ranges[FST_RANGES_MAX]; /* octets captured, ascending, apart from each other */
    uint64_t syn_packet, fin_packet, rst_packet, edge_packet, top_packet; /* 0: not captured */
    uint64_t reported[2]; /* rules that are reported once a life */
    struct fst_doubted_fin doubted;
};

/* A finding that waits: whether the other side was captured at all decides it. */
struct fst_held {
    uint8_t rule;
    uint8_t side;
    uint16_t incarnation;
    uint32_t number[2];
    uint64_t packet;
    int64_t time_ns;
};

struct fst_observed_side {
    uint16_t born;       /* lives begun */
    uint8_t current;     /* the life people are shown */
    bool asks_challenge; /* its newest segment was a SYN or RST that a challenge ACK answers */
    bool heard;          /* any life of it sent a captured segment */
    bool good_checksum;  /* it has sent a segment whose checksum was right */
    bool bad_checksum;   /* ... wrong: reported */
    bool evicted;        /* a life was forgotten: verdicts that could rest on it are weakened */
    uint8_t
        sent_facts;   /* bit 0: a bare SYN, bit 1: a FIN; new lives of the peer may receive them */
    uint8_t segments; /* captured, counts to 4 */
    uint16_t reset_peers; /* lives of the other side captured before its newest RST was */
    uint8_t age_peer; /* 1 + life of the other side that tells lives of unknown age apart, or 0 */
    uint32_t age_ack; /* ... the one that acknowledges more of it is the youngest */
    uint32_t stray_reset; /* number of a RST beside that of its life, or that fitted none known
                             then; 0 if there was none */
    struct fst_life lives[FST_LIVES_MAX];
};

struct fst_observation {
    struct fst_observed_side side[2];
    uint16_t incarnation; /* the newest */
    uint8_t held_count;
    bool one_sided; /* said */
    bool started;
    uint32_t last_hash; /* of the newest segment's headers, for frames captured twice */
    int64_t last_time_ns;
    uint64_t last_packet;
    struct fst_held held[FST_HELD_MAX];
};

#endif
