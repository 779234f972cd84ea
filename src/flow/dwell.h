/* SPDX-License-Identifier: MIT
 *
 * States that last: a side in CLOSE-WAIT that does not close, a side that goes on waiting for it in
 * FIN-WAIT-2, a side whose peer answers nothing any more. All are legal; RFC 9293 sets no limit to
 * any of them.
 *
 * Time is the capture's. Silence shows nothing when it begins, so nothing is booked then: how long
 * it was is seen from the segment that breaks it, from a look around the table while a capture goes
 * on, or at the end. Only connections that then have something to remember pay for it.
 */
#ifndef FST_FLOW_DWELL_H
#define FST_FLOW_DWELL_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"
#include "flow/pack.h"
#include "tcp/step.h"

/* What lasts longer is told. Stacks that limit FIN-WAIT-2 at all most often do so to a minute. */
#define FST_DWELL_NS (INT64_C(60) * 1000000000)

/* What lasts, each with a rule of its own. */
enum fst_dwelling { FST_DWELL_CLOSE_WAIT, FST_DWELL_FIN_WAIT_2, FST_DWELL_HALF_OPEN };

#define FST_DWELLINGS 3

struct fst_watch {
    int64_t since_ns;
    int64_t shown_ns; /* of the segment that shows it has lasted */
    uint64_t packet;  /* that the finding is put down to */
    uint8_t side;     /* likewise */
    bool begun;       /* the fields above mean something, `shown_ns` if it is */
    bool shown;
    bool told;
};

struct fst_dwell {
    struct fst_watch watch[FST_DWELLINGS];
    uint32_t payload; /* CLOSE-WAIT: octets of text the side had sent when it fell silent */
    uint32_t answers; /* half open: packets of the peer when the side first sent again */
    uint32_t asked;   /* ... and how often it has sent again since */
};

/* Who sends can make any connection need one; what finds no room is not told. */
#define FST_DWELLS_MOST 49152u

struct fst_analyzer;

/** Which side is in CLOSE-WAIT while the other one, which knows that its FIN has arrived, is in
 *  FIN-WAIT-2; FST_NO_SIDE if they do not stand so. */
static inline unsigned fst_dwell_owes_fin(const struct fst_endpoint end[2])
{
    enum fst_state one = fst_end_state(&end[0]), two = fst_end_state(&end[1]);

    if (one == FST_CLOSE_WAIT && two == FST_FIN_WAIT_2)
        return 0;
    return one == FST_FIN_WAIT_2 && two == FST_CLOSE_WAIT ? 1 : FST_NO_SIDE;
}

/** Nothing of the segment is booked yet, and the side `owing` owes its FIN, or FST_NO_SIDE: how
 * long has it been silent? */
void fst_dwell_met(struct fst_analyzer *analyzer, uint32_t number, unsigned owing,
                   const struct fst_segment *segment, unsigned side);

/** The observer has seen a segment, and its step says what it was: is something sent again? */
void fst_dwell_asked(struct fst_analyzer *analyzer, uint32_t number,
                     const struct fst_segment *segment, unsigned side);

/** Tell what has lasted by now, each once. Returns whether there was anything. */
bool fst_dwell_tell(struct fst_analyzer *analyzer, uint32_t number, int64_t now_ns);

/** Whether a finding of these rules says already why the connection is left as it stands. */
bool fst_dwell_explains(const struct fst_analyzer *analyzer, uint32_t number);

#endif
