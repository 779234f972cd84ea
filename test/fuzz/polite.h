/* SPDX-License-Identifier: MIT
 *
 * An endpoint that never breaks RFC 9293, whatever its peer does: it takes only segments that are
 * exactly right, one by one, and treats all others as lost on their way. It shares no code with the
 * observer. It offers no options but MSS.
 */
#ifndef FST_TEST_FUZZ_POLITE_H
#define FST_TEST_FUZZ_POLITE_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/segment.h"

struct polite {
    enum fst_state state;
    bool sent;  /* anything: the observer may know it */
    bool reset; /* it gave up: silence */
    bool fin_sent, fin_acked;
    uint32_t iss, una, nxt;
    uint32_t edge; /* the peer takes octets up to here */
    uint32_t rcv_nxt;
};

void polite_init(struct polite *polite, uint32_t iss);

/** A segment of the peer's arrives. */
void polite_receive(struct polite *polite, const struct fst_segment *segment);

/** Make it send something of the choice's kind; false if it has nothing of the kind to send. */
bool polite_send(struct polite *polite, uint8_t choice, struct fst_segment *segment);

#endif
