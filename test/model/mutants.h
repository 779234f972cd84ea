/* SPDX-License-Identifier: MIT
 *
 * Segments that no conforming endpoint sends, each made to fit the moment: mutants of what the
 * endpoint could have sent.
 */
#ifndef MODEL_MUTANTS_H
#define MODEL_MUTANTS_H

#include "draw.h"
#include "explain.h"

/** What a mutant's maker may look at. */
struct moment {
    const struct world *world;
    const struct capture *capture; /* what the tap saw so far */
    const struct endpoint *last;   /* [side]: the newest synchronized TCB, also after its end */
    uint16_t window;
    uint64_t *random;
};

/** How it is decided that the tap's knowledge forbids the segment. */
enum proof {
    PROOF_FORM,    /* the segment alone: no state sends it */
    PROOF_CONTACT, /* its numbers and those that forbid it are joined by captured octets: by
                      assumption S7 they are of one life, whatever was missed */
    PROOF_OPTION,  /* the capture is complete and no SYN in it offers the option */
    PROOF_COMPLETE /* the capture is complete and no run of the model explains it (explain.h) */
};

struct mutant {
    struct model_segment segment;
    struct fst_tcp_options options; /* added to the segment's */
    uint8_t fault;                  /* enum fst_header_fault */
};

struct mutant_kind {
    const char *name;
    enum proof proof; /* FORM and CONTACT: illegal always; the others with --lossless */
    /** Make one of `side`; false if the moment does not fit. */
    bool (*make)(const struct moment *moment, unsigned side, struct mutant *mutant);
};

extern const struct mutant_kind mutant_kinds[];
extern const unsigned mutant_kind_count;

/** PROOF_CONTACT: the mutant lies in octets of its sender captured without a gap from its SYN on to
 *  its FIN; for acknowledgments, so does the peer's FIN, and the two lives are tied. */
bool mutant_has_contact(const struct moment *moment, unsigned side, const struct mutant *mutant);

/** A server with SYN cookies may have begun again, with the same numbers (RFC 4987 3.6): what is in
 *  the wrong place then proves nothing. */
bool cookie_may_return(const struct capture *capture, unsigned side,
                       const struct model_segment *mutant);

#endif
