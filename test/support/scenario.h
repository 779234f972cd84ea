/* SPDX-License-Identifier: MIT
 *
 * Scenarios: traces of one connection written as text, with what must be seen in them. This file
 * knows the notation (test/scenarios/README.md); frame.h makes packets of a scenario. Nothing here
 * calls the library: of its public header it uses the names of states, classes and flags.
 */
#ifndef FST_TEST_SCENARIO_H
#define FST_TEST_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

/* A is the side that initiates. */
enum scn_side { SCN_A, SCN_B, SCN_NOBODY };

/* How a scenario is run; an assertion holds in one of the modes or in both. */
enum scn_mode { SCN_DEFAULT, SCN_LOSSLESS, SCN_MODES };
#define SCN_IN_DEFAULT     (1u << SCN_DEFAULT)
#define SCN_IN_LOSSLESS    (1u << SCN_LOSSLESS)

#define SCN_OPTIONS_MAX    40 /* octets of options that fit a TCP header */
#define SCN_SACK_EDGES_MAX 8

/* A sequence number: relative to the first ISS of its owner, or as it stands on the wire. */
struct scn_number {
    uint32_t value;
    bool absolute;
};

struct scn_segment {
    unsigned line;
    enum scn_side sender;
    int64_t delta_ns; /* since the segment before; may be negative */
    uint16_t flags;   /* FST_TCP_ */
    struct scn_number seq;
    struct scn_number ack; /* 0 as on the wire if none was written */
    uint32_t payload_len;
    uint16_t wnd_raw;
    uint16_t urgent;
    uint8_t
        options[SCN_OPTIONS_MAX]; /* as on the wire but for the SACK edges, which are relative */
    size_t option_len;
    size_t sack_edge_count;
    uint8_t sack_edges[SCN_SACK_EDGES_MAX]; /* where in `options`; relative to the peer's ISS */
    bool dup_frame;
    bool bad_checksum;
    bool offload_checksum; /* the pseudo-header's sum only, as for a network card to finish */
    bool zero_payload;
    uint16_t snap;   /* octets captured, 0 for all */
    int data_offset; /* forced, in 32-bit words; -1 as it should be */
    int ip_id;       /* forced; -1 for the next one */
    int vlan;        /* 802.1Q VLAN id, -1 for none */
};

struct scn_states {
    bool asserted;
    enum fst_state likely;
    fst_state_set possible;   /* must be possible, `likely` included */
    fst_state_set impossible; /* must not be */
};

enum scn_assertion_kind { SCN_STATES, SCN_FINDING };

/* What must be seen after a segment, or, for findings, at the end of the capture. */
struct scn_assertion {
    enum scn_assertion_kind kind;
    unsigned line;
    unsigned modes; /* SCN_IN_ bits */
    size_t segment; /* index; of the last one before the line */
    bool at_end;    /* a finding raised by the end of the capture, whatever packet it names */
    struct scn_states states[2]; /* SCN_STATES */
    enum scn_side side;          /* SCN_FINDING: who is blamed */
    enum fst_class class_[SCN_MODES];
    char rule[40];
};

struct scenario {
    char *name; /* of the file, for messages */
    bool ipv6;
    bool raw_ip; /* no Ethernet header */
    bool lossless_only;
    bool iss_given[2];
    uint32_t iss[2];
    size_t segment_count;
    struct scn_segment *segments;
    size_t assertion_count;
    struct scn_assertion *assertions;
};

/**
 * Parse a scenario.
 *
 * @param name  What messages call the text: "NAME:LINE: ...".
 * @param diag  Filled on failure.
 * @return 0, FST_EFORMAT (the text is wrong), FST_ENOMEM; *out is NULL on failure. Free the
 * scenario with scenario_free().
 */
int scenario_parse(struct scenario **out, const char *name, const char *text,
                   struct fst_diag *diag);

/** As scenario_parse(), of a file; also FST_EOPEN. */
int scenario_load(struct scenario **out, const char *path, struct fst_diag *diag);

/** NULL is fine. */
void scenario_free(struct scenario *scenario);

/** The state of that name, or -1. */
int scenario_state(const char *name, size_t len);

#endif
