/* SPDX-License-Identifier: MIT
 *
 * A live session: packets from the feed through the analyzer to everything that shows or keeps
 * something of them. One thread owns all of it; the other one only fills the feed's ring.
 *
 *     cmd_live.c         what is asked for, and the exit status
 *     session.c          opens and closes what a session has
 *     session_loop.c     waits, feeds, lets time pass
 *     session_events.c   hands on what the analyzer says
 *     session_signals.c  what signals ask for
 *     session_sandbox.c  what it may still do
 */
#ifndef FST_CLI_SESSION_H
#define FST_CLI_SESSION_H

#include "cli/options.h"
#include "cli/outputs.h"
#include "live/teller.h"
#include "live/feed.h"
#include "live/flagged.h"
#include "live/save.h"
#include "tui/tui.h"
#include "where/where.h"

struct fst_session {
    struct fst_arguments arguments; /* outputs: those that are streams */
    struct fst_capture *capture;
    struct fst_feed *feed;
    struct fst_analyzer *analyzer;
    struct fst_source source; /* what writers may look at */
    struct fst_live_counters live;
    struct fst_outputs outputs;
    size_t metric_count;
    struct fst_output metrics[FST_OUTPUTS_MAX]; /* outputs that are written anew now and then */
    struct fst_teller *teller;                  /* what the outputs have been told */
    struct fst_save *save;                      /* -w */
    struct fst_flagged *flagged;                /* --write-flagged, and what the screen can write */
    struct fst_where *where;                    /* what outputs are told of; NULL: all */
    struct fst_tui *tui;                        /* NULL: no screen */
    struct fst_ages ages;
    int64_t next_tick_ns, next_metrics_ns; /* by our clock */
    uint64_t packets;                      /* fed */
    uint64_t found[FST_CLASS_COUNT];       /* findings of connections that are meant and over */
    bool ended;                            /* the last slot was taken */
    bool quit;                             /* no more is wanted */
    int status;                            /* FST_EXIT_OK so far */
    struct fst_diag diag;
    struct fst_connection_view view;
};

/* ---------------------------------------------------------------------------------- session.c --
 */

/** Open all there is to open, give up rights, begin. @return exit status, after a message. */
int fst_session_open(struct fst_session *session, const struct fst_arguments *arguments);
/** Let everything out and close it. @return exit status of this, after a message. */
int fst_session_finish(struct fst_session *session);
/** Also after fst_session_open() failed. */
void fst_session_release(struct fst_session *session);

/** Remember what went wrong, once, and end. */
void fst_session_fail(struct fst_session *session, int status, const char *message);

/** Write the outputs that are whole files. */
void fst_session_write_metrics(struct fst_session *session);
/** Go on in new files where the old ones were moved away. */
void fst_session_reopen(struct fst_session *session);
/** "57 packets, 0 dropped by the kernel, ...", for people. */
void fst_session_describe(const struct fst_session *session, char *text, size_t size);

/* ----------------------------------------------------------------------------- session_loop.c --
 */

/** Until the feed ends or nothing more is wanted. */
void fst_session_run(struct fst_session *session);
/** The newest counters of the capture. */
void fst_session_count(struct fst_session *session);

/* --------------------------------------------------------------------------- session_events.c --
 */

/** What the analyzer is to tell this session. */
struct fst_events fst_session_events(struct fst_session *session);
/** Tell the outputs what is new. */
void fst_session_tell(struct fst_session *session);

/* -------------------------------------------------------------------------- session_sandbox.c --
 */

/** Give up everything but what is needed from here on, for good. @return false when memory is
 *  short. */
bool fst_session_confine(const struct fst_session *session);

/* -------------------------------------------------------------------------- session_signals.c --
 */

/** From now on signals are noted; `fst_session_signal_fd()` is readable when there was one. */
bool fst_session_catch_signals(void);
int fst_session_signal_fd(void);
/** Do what they ask for. */
void fst_session_act_on_signals(struct fst_session *session);
void fst_session_release_signals(void);

#endif
