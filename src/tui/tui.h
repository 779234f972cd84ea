/* SPDX-License-Identifier: MIT
 *
 * The screen of live connections. Whoever reads packets and feeds an analyzer drives it, from one
 * thread:
 *
 *     fst_tui_open
 *       each segment event    -> fst_tui_segment      (cheap: books, draws nothing)
 *       each connection ended -> fst_tui_ended
 *       4 times a second      -> fst_tui_update       (looks at what changed, draws)
 *       input can be read     -> fst_tui_input        (keys; says what the engine is to do)
 *     fst_tui_close
 *
 * It reads the analyzer by the public API only, never reads a clock, and never waits. Time is what
 * the engine says it is: the clock of the packets, also when a file is replayed. What comes from
 * outside (names, filters) may hold any octets; none of them reaches the terminal as a control
 * character.
 */
#ifndef FST_TUI_TUI_H
#define FST_TUI_TUI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowstate/flowstate.h"

struct fst_tui;

/** Strings and addresses are copied. The analyzer needs `path_packets`, and outlives the screen. */
struct fst_tui_options {
    const char *source;              /* "eth0", or the name of a file that is replayed */
    const char *filter;              /* pcap-filter(7) expression, NULL for none */
    const char *where;               /* expression to begin with, one that fst_where_parse() took */
    const struct fst_address *local; /* addresses that go to the left, or NULL */
    size_t local_count;
    uint32_t max_flows; /* of the analyzer, for "flows 527/1,000,000"; 0 is its default */
    bool color;
    bool utf8;
    bool findings_only; /* begin with connections that have findings */
};

#define FST_TUI_UNKNOWN UINT64_MAX

/** What the source says of itself; FST_TUI_UNKNOWN where the system cannot tell. */
struct fst_tui_counters {
    uint64_t packets;        /* that reached the analysis */
    uint64_t kernel_drop;    /* no room in the system's buffer */
    uint64_t interface_drop; /* by the network card or its driver */
    uint64_t engine_drop;    /* no room between capture and analysis; 0 where it cannot happen */
    bool ended;              /* the file that was replayed has ended */
};

/** What the engine is to do after a key. */
enum fst_tui_action {
    FST_TUI_NOTHING,
    FST_TUI_QUIT,
    FST_TUI_WRITE_SELECTED, /* write the packets of `connection`; tell by fst_tui_message() */
    FST_TUI_SUSPEND /* stop the process as Ctrl-Z does, between fst_tui_pause() and _resume() */
};

struct fst_tui_request {
    enum fst_tui_action action;
    uint32_t connection; /* id, of WRITE_SELECTED */
};

/** Whether this build has the screen: without ncursesw it has not. */
bool fst_tui_available(void);

/**
 * Take over the terminal of standard output; keys are read from `fst_tui_input_fd()`.
 *
 * @return 0; FST_EOPEN (no such terminal, or a build without the screen; `diag` says which),
 *         FST_ENOMEM.
 */
int fst_tui_open(struct fst_tui **out, const struct fst_tui_options *options,
                 struct fst_diag *diag);

/** To poll for input: standard input, or the terminal itself where that is something else. */
int fst_tui_input_fd(const struct fst_tui *tui);

/** Book a segment; call from the analyzer's `segment` event. */
void fst_tui_segment(struct fst_tui *tui, struct fst_analyzer *analyzer,
                     const struct fst_segment_event *event);

/** A connection leaves the analyzer; call from its `ended` event. */
void fst_tui_ended(struct fst_tui *tui, struct fst_analyzer *analyzer, uint32_t id);

/**
 * Look at what changed and draw. Call at most 4 times a second, also when nothing happens: ages and
 * drop figures go on.
 *
 * @param now_ns  The time, on the clock of the packets.
 * @return 0, or FST_ENOMEM: what is shown is incomplete, and the screen says so.
 */
int fst_tui_update(struct fst_tui *tui, struct fst_analyzer *analyzer,
                   const struct fst_tui_counters *counters, int64_t now_ns);

/** Act on the keys that are waiting and show it at once. Stops at the first that is for the
 *  engine: call again until the action is FST_TUI_NOTHING. */
void fst_tui_input(struct fst_tui *tui, struct fst_tui_request *request);

/** Show a message in the last line until the next key. Any octets. */
void fst_tui_message(struct fst_tui *tui, const char *text);

/** Give the terminal back for a while, and take it again. */
void fst_tui_pause(struct fst_tui *tui);
void fst_tui_resume(struct fst_tui *tui);

/** Give the terminal back and free everything; NULL is fine. */
void fst_tui_close(struct fst_tui *tui);

#endif
