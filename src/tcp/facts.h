/* SPDX-License-Identifier: MIT
 *
 * Facts: what a segment tells the endpoint it reaches, once for all the states that may receive it.
 *
 * A fact mask has five bits. The lower two grade the acknowledgment against the receiving life:
 * none, an ACK that does not cover its SYN, one that covers its SYN, one that covers its FIN. The
 * others are SYN, FIN and RST. There are 32 masks, so "every mask this life may ever be delivered"
 * is one word.
 */
#ifndef FST_TCP_FACTS_H
#define FST_TCP_FACTS_H

#include <stdint.h>

enum {
    FST_FACT_ACK = 1,     /* acknowledges, but not our SYN */
    FST_FACT_ACK_SYN = 2, /* acknowledges our SYN */
    FST_FACT_ACK_FIN = 3, /* acknowledges our FIN, hence all we sent */
    FST_FACT_ACK_GRADE = 3,
    FST_FACT_SYN = 4,
    FST_FACT_FIN = 8,
    FST_FACT_RST = 16
};

/** The word with only fact mask `mask` in it. */
static inline uint32_t fst_fact(unsigned mask)
{
    return (uint32_t)1 << mask;
}

/**
 * What a captured segment makes deliverable. A FIN may wait at the receiver behind a hole (3.10.7.4
 * eighth) while the rest of its segment counts, so it is entered with and without.
 */
static inline uint32_t fst_facts_of(unsigned mask)
{
    uint32_t facts = fst_fact(mask);

    if (mask & FST_FACT_FIN)
        facts |= fst_fact(mask & ~(unsigned)FST_FACT_FIN);
    return facts;
}

/* Sets of masks, for the conditions of transitions.def: bit m stands for fact mask m. */
#define FST_FACTS_GRADE_0            0x11111111u
#define FST_FACTS_GRADE_1            0x22222222u
#define FST_FACTS_GRADE_2            0x44444444u
#define FST_FACTS_GRADE_3            0x88888888u
#define FST_FACTS_WITH_SYN           0xf0f0f0f0u
#define FST_FACTS_WITH_FIN           0xff00ff00u
#define FST_FACTS_WITH_RST           0xffff0000u
#define FST_FACTS_NO_RST             (~FST_FACTS_WITH_RST)

#define FST_FACTS_BARE_SYN           (FST_FACTS_WITH_SYN & FST_FACTS_GRADE_0 & FST_FACTS_NO_RST)
#define FST_FACTS_ACK_OF_OUR_SYN     ((FST_FACTS_GRADE_2 | FST_FACTS_GRADE_3) & FST_FACTS_NO_RST)
#define FST_FACTS_SYN_ACKING_OUR_SYN (FST_FACTS_ACK_OF_OUR_SYN & FST_FACTS_WITH_SYN)
#define FST_FACTS_ACK_OF_OUR_FIN     (FST_FACTS_GRADE_3 & FST_FACTS_NO_RST)
/* A FIN without ACK is dropped before it is looked at (3.10.7.4 fifth). */
#define FST_FACTS_FIN                (FST_FACTS_WITH_FIN & ~FST_FACTS_GRADE_0 & FST_FACTS_NO_RST)
#define FST_FACTS_FIN_ACKING_OUR_FIN (FST_FACTS_FIN & FST_FACTS_GRADE_3)
#define FST_FACTS_FIN_ONLY           (FST_FACTS_FIN & ~FST_FACTS_GRADE_3)
#define FST_FACTS_FIN_OLD_ACK        (FST_FACTS_FIN & FST_FACTS_GRADE_1)
#define FST_FACTS_RST                FST_FACTS_WITH_RST
#define FST_FACTS_RST_ACKING_OUR_SYN (FST_FACTS_WITH_RST & (FST_FACTS_GRADE_2 | FST_FACTS_GRADE_3))

#endif
