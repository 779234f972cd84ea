/* SPDX-License-Identifier: MIT
 *
 * Every decision of the model that is not forced: which of several conforming behaviours a stack
 * shows, how much text is sent, which ISN is chosen. Each decision is one digit of a tape. A tape
 * can be counted up (all combinations, for the explorer), drawn at random (for the walks) or given
 * (for replaying a trace), so the reference endpoints contain no randomness of their own.
 */
#ifndef MODEL_ORACLE_H
#define MODEL_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

/* Where RFC 9293, its updates and real stacks leave a choice. Answer 0 is RFC 9293's main line. */
enum choice {
    CHOICE_SIZE,            /* how many octets; not a difference between stacks */
    CHOICE_ISN,             /* which of the permitted ISN neighbourhoods */
    CHOICE_REPLY,           /* reply at once / keep silent: throttled, delayed, lost on the host */
    CHOICE_RST_RULE,        /* in-window RST that is not exact: RFC 5961 3.2 / RFC 793 */
    CHOICE_SYN_RULE,        /* SYN in a synchronized state: RFC 5961 4.2 / RFC 793 */
    CHOICE_SYN_AGAIN,       /* SYN again in SYN-RECEIVED: pure ACK / SYN-ACK again */
    CHOICE_CROSSING,        /* crossing SYN-ACK in SYN-RECEIVED: answered / its ACK is taken */
    CHOICE_ACK_RANGE,       /* very old or future ACK: RFC 9293 / RFC 5961 5.2 */
    CHOICE_OUT_OF_ORDER,    /* segment beyond a hole: ACK now, text held / all held / dropped */
    CHOICE_TIME_WAIT_RST,   /* RST in TIME-WAIT: taken / ignored (RFC 1337) */
    CHOICE_TIME_WAIT_REUSE, /* newer SYN in TIME-WAIT: answered / accepted (RFC 6191) */
    CHOICE_FULL_CLOSE,      /* text after CLOSE: taken / RST (3.6.1 SHLD-3) */
    CHOICE_ABORT_FORM,      /* RST / RST with ACK / RST at the window's edge */
    CHOICE_MERGE,           /* retransmission merges SYN-ACK and FIN: no / yes */
    CHOICE_KEEPALIVE_OCTET, /* keep-alive without / with one octet of garbage */
    CHOICE_SYN_TEXT,        /* text in a SYN: none / some */
    CHOICE_FAST_OPEN,       /* RFC 7413 for a SYN with text: no / yes */
    CHOICE_SYN_BARE,        /* SYN again: with / without its options */
    CHOICE_PAWS,            /* old timestamp: taken / dropped (RFC 7323 5.3) */
    CHOICE_RST_TIMESTAMP,   /* RST with / without timestamps (RFC 7323 3.2) */
    CHOICE_DUPLICATE_SACK,  /* without / with a block below the ACK (RFC 2883) */
    CHOICE_NO_ROOM,         /* text or FIN in order: taken / RCV.WND is 0 by now: only its ACK */
    CHOICE_RESEND_FROM,     /* retransmission: from the oldest octet / from a later one */
    CHOICE_PROBE,           /* into a closed window: one octet / more (3.8.6.1) */
    CHOICE_COUNT
};

#define CHOICES_ALL ((1u << CHOICE_COUNT) - 1u)
/* No stack differs from RFC 9293 and every owed reply is sent: for the prompt network. */
#define CHOICES_PROMPT                                                                             \
    (1u << CHOICE_SIZE | 1u << CHOICE_ISN | 1u << CHOICE_KEEPALIVE_OCTET | 1u << CHOICE_SYN_AGAIN)

#define TAPE_MAX 12

/** The digits of one event's decisions. */
struct tape {
    uint8_t count;
    uint8_t digit[TAPE_MAX];
};

/** Answers the questions of one event. */
struct oracle {
    struct tape tape;
    uint8_t limit[TAPE_MAX]; /* how many answers each question had */
    uint8_t given;           /* digits of the tape that are fixed */
    uint32_t open;           /* bit per enum choice: may differ from 0 */
    uint64_t *random;        /* state of the generator for digits not given; NULL answers 0 */
};

/** Answer `which` with a number below `answers`. */
unsigned choose(struct oracle *oracle, enum choice which, unsigned answers);

/** Start an event whose first digits are `tape` (NULL: none). */
void oracle_begin(struct oracle *oracle, const struct tape *tape);

/** Turn to the next combination after an event has run; false when all have been tried. */
bool oracle_next(struct oracle *oracle);

/** The next number of the generator, and one below `below`. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned below);

#endif
