/* SPDX-License-Identifier: MIT
 *
 * What a connection's record says, in the words every format shares.
 */
#ifndef FST_REPORT_WORDING_H
#define FST_REPORT_WORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/** "client", "server", or NULL for neither. */
const char *fst_side_name(unsigned side_or_blame);

/** Whether an endpoint is only passing through the state: staying there tells of a fault. */
bool fst_is_passing(enum fst_state state);

/* How far a connection has come in the eyes of an endpoint; states of a phase share their colour
 * wherever they are drawn. */
enum fst_phase {
    FST_PHASE_REST, /* CLOSED, LISTEN, TIME-WAIT: nothing more to do */
    FST_PHASE_OPENING,
    FST_PHASE_DATA,
    FST_PHASE_CLOSING,
    FST_PHASE_COUNT
};

enum fst_phase fst_phase_of(enum fst_state state);

/** "rest", "opening", "data" or "closing": the state's class in the style sheets of pictures. */
const char *fst_phase_name(enum fst_state state);

/** Why the record ends: "fin", "rst", "end-of-capture", "evicted" or "idle". */
const char *fst_end_reason(const struct fst_connection_view *view);

/** How often the rule was found in this connection. */
uint64_t fst_rule_count_in(const struct fst_connection_view *view, const char *slug);

/** Add the connection's findings, repeats included, to counts by class. */
void fst_count_findings(const struct fst_connection_view *view, uint64_t counts[FST_CLASS_COUNT]);

/** Whether the rule of the finding at `index` was found before it in this connection. */
bool fst_found_earlier(const struct fst_connection_view *view, size_t index);

#define FST_UID_MAX (FST_COMMUNITY_ID_MAX + 40)

/** A name for the connection that every run gives it: "1:...=@2026-03-01T09:14:02.340000000Z". */
const char *fst_flow_uid(const struct fst_connection_view *view, uint16_t seed,
                         char text[FST_UID_MAX]);

/** The worst class among the findings; FST_CLASS_COUNT if there is none. */
enum fst_class fst_worst_class(const struct fst_connection_view *view);

/** "9293 3.10.7.4" of "RFC 9293 3.10.7.4"; other sources as they are. */
const char *fst_rfc_section(const struct fst_rule *rule);

#define FST_ENDPOINT_MAX (FST_ADDRESS_TEXT_MAX + 16)

/** "10.0.0.1:443" or "[2001:db8::1]:443". */
const char *fst_endpoint_text(const struct fst_address *address, uint16_t port,
                              char text[FST_ENDPOINT_MAX]);

/** What decides the sentence on a connection's end; a value of its own because rows outlive views.
 */
struct fst_ending {
    enum fst_end_kind kind;
    enum fst_blame by;
    bool evicted;
    uint64_t client_packets;
    uint64_t octets;   /* of both directions */
    int64_t lasted_ns; /* first to last segment */
    int64_t idle_ns;   /* last segment to the end of the capture */
};

/** What the view says of the end; `end_ns` is the last time of the capture. */
struct fst_ending fst_ending_of(const struct fst_connection_view *view, int64_t end_ns);

#define FST_ENDING_MAX 96

/** "closed, client first, 1.2 s", "no answer to 4 SYNs in 7.0 s": a sentence without a full stop.
 */
const char *fst_ending_text(const struct fst_ending *ending, char text[FST_ENDING_MAX]);

#endif
