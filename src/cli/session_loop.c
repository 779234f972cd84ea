/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "live/patience.h"

#define NS_PER_MS 1000000

/* Four times a second everything that is not a packet gets its turn. */
#define TICK_NS    (250 * (int64_t)NS_PER_MS)
#define METRICS_NS (15000 * (int64_t)NS_PER_MS)

/* After so many slots signals and ticks are looked at again. */
#define SLOTS_AT_ONCE 16

/* While more slots than this wait, the screen is not drawn: packets come first. */
#define SLOTS_BEHIND 32

/* Ages are looked at in a round of so many ticks, and in tables of any size at so many places. */
#define AGE_TICKS      4
#define AGE_PLACES_MIN 1024

/* So many ticks make the interval's round: 15 seconds, so that one of a minute is kept well. */
#define INTERVAL_TICKS 60

static int64_t clock_ns(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ------------------------------------------------------------------------------------- packets --
 */

static void check_save(struct fst_session *session, int error)
{
    if (error == FST_SAVE_FULL)
        session->quit = true;
    else if (error)
        fst_session_fail(session, FST_EXIT_OUTPUT, session->diag.message);
}

static void save(struct fst_session *session, const struct fst_slot *slot)
{
    int error = 0;

    for (size_t i = 0; i < slot->count && !error; i++)
        error = fst_save_packet(session->save, &slot->packets[i], NULL, &session->diag);
    check_save(session, error);
}

static void take_slot(struct fst_session *session, const struct fst_slot *slot)
{
    if (session->save)
        save(session, slot);
    if (session->flagged)
        fst_flagged_batch(session->flagged, slot);
    if (fst_analyzer_feed(session->analyzer, slot->packets, slot->count) != 0)
        fst_session_fail(session, FST_EXIT_INTERNAL, fst_error_text(FST_ENOMEM));
    if (session->flagged) {
        fst_flagged_batch(session->flagged, NULL);
        if (fst_flagged_error(session->flagged, &session->diag) == FST_ENOMEM)
            fst_session_fail(session, FST_EXIT_INTERNAL, fst_error_text(FST_ENOMEM));
        else if (fst_flagged_error(session->flagged, &session->diag))
            fst_session_fail(session, FST_EXIT_OUTPUT, session->diag.message);
    }
    session->packets += slot->count;
    session->ended = slot->last;
}

static void take_packets(struct fst_session *session)
{
    struct fst_ring *ring = fst_feed_ring(session->feed);
    const struct fst_slot *slot;

    for (unsigned i = 0; i < SLOTS_AT_ONCE && !session->ended; i++) {
        slot = fst_ring_take(ring);
        if (!slot)
            return;
        take_slot(session, slot);
        fst_ring_give_back(ring);
    }
}

/* ---------------------------------------------------------------------------------------- time --
 */

void fst_session_count(struct fst_session *session)
{
    struct fst_feed_counters counters = fst_feed_counters(session->feed);

    session->live = (struct fst_live_counters){counters.kernel_drop, counters.interface_drop};
    if (session->save)
        fst_save_count(session->save, counters.received, counters.kernel_drop,
                       counters.interface_drop);
}

/** The time that ages are judged by: that of the packets while some wait, so that nothing leaves
 *  because we are late; of a file always. */
static int64_t age_now(struct fst_session *session)
{
    if (session->arguments.file || fst_ring_filled(fst_feed_ring(session->feed)) > 0)
        return fst_analyzer_stats(session->analyzer)->ts_last;
    return fst_feed_now(session->feed);
}

static void age(struct fst_session *session)
{
    size_t places = fst_analyzer_places(session->analyzer) / AGE_TICKS + AGE_PLACES_MIN;

    if (session->arguments.idle_s == UINT32_MAX)
        session->ages.idle_ns = fst_patience_ns(fst_analyzer_alive(session->analyzer));
    (void)fst_analyzer_expire(session->analyzer, &session->ages, age_now(session), places);
    if (session->teller)
        fst_teller_sweep(session->teller, session->analyzer, INTERVAL_TICKS);
}

static void draw(struct fst_session *session)
{
    struct fst_tui_counters counters = {.packets = session->packets,
                                        .kernel_drop = session->live.kernel_drop,
                                        .interface_drop = session->live.interface_drop,
                                        .ended = session->ended};

    if (fst_tui_update(session->tui, session->analyzer, &counters, fst_feed_now(session->feed)) !=
        0)
        fst_session_fail(session, FST_EXIT_INTERNAL, fst_error_text(FST_ENOMEM));
}

static void stream(struct fst_session *session)
{
    fst_session_tell(session);
    for (size_t i = 0; i < session->outputs.count; i++)
        fst_out_flush(session->outputs.writer[i].out);
    if (fst_outputs_failed(&session->outputs))
        session->quit = true; /* told when it is closed */
    if (session->outputs.count > 0 && fst_outputs_all_broken(&session->outputs) && !session->tui &&
        !session->save && session->metric_count == 0 && !session->arguments.flagged)
        session->quit = true; /* nobody listens any more */
    if (session->teller && fst_teller_failed(session->teller))
        fst_session_fail(session, FST_EXIT_INTERNAL, fst_error_text(FST_ENOMEM));
}

static void tick(struct fst_session *session)
{
    int64_t now = clock_ns();

    if (now < session->next_tick_ns)
        return;
    session->next_tick_ns = now + TICK_NS;
    fst_session_count(session);
    age(session);
    stream(session);
    if (now >= session->next_metrics_ns) {
        fst_session_write_metrics(session);
        session->next_metrics_ns = now + METRICS_NS;
    }
    if (session->tui && fst_ring_filled(fst_feed_ring(session->feed)) <= SLOTS_BEHIND)
        draw(session);
}

/* ---------------------------------------------------------------------------------------- keys --
 */

static void write_selected(struct fst_session *session, uint32_t connection)
{
    char path[64], text[600];
    long count;

    snprintf(path, sizeof(path), "flowstate-%u.pcapng", connection);
    count = fst_flagged_write_one(session->flagged, connection, path, &session->diag);
    if (count < 0)
        snprintf(text, sizeof(text), "%s", session->diag.message);
    else
        snprintf(text, sizeof(text), "%ld packets of connection %u in %s", count, connection, path);
    fst_tui_message(session->tui, text);
}

static void suspend(struct fst_session *session)
{
    fst_tui_pause(session->tui);
    raise(SIGTSTP);
    fst_tui_resume(session->tui);
}

static void take_keys(struct fst_session *session)
{
    struct fst_tui_request request;

    do {
        fst_tui_input(session->tui, &request);
        if (request.action == FST_TUI_QUIT)
            session->quit = true;
        else if (request.action == FST_TUI_WRITE_SELECTED)
            write_selected(session, request.connection);
        else if (request.action == FST_TUI_SUSPEND)
            suspend(session);
    } while (request.action != FST_TUI_NOTHING && !session->quit);
}

/* ---------------------------------------------------------------------------------------- loop --
 */

/** Sleep until there is something to do. */
static void wait_for_work(struct fst_session *session)
{
    int64_t left_ms = (session->next_tick_ns - clock_ns()) / NS_PER_MS + 1;
    struct pollfd fds[3] = {
        {.fd = session->ended ? -1 : fst_ring_fd(fst_feed_ring(session->feed)), .events = POLLIN},
        {.fd = fst_session_signal_fd(), .events = POLLIN},
        {.fd = session->tui ? fst_tui_input_fd(session->tui) : -1, .events = POLLIN}};
    bool interrupted = poll(fds, 3, left_ms > 0 ? (int)left_ms : 0) < 0;

    if (session->tui && (interrupted || fds[2].revents != 0))
        take_keys(session); /* a new size of the terminal comes as an interrupt */
    if (interrupted || fds[1].revents != 0)
        fst_session_act_on_signals(session);
}

void fst_session_run(struct fst_session *session)
{
    bool stopping = false;

    /* A screen stays when its file has ended: it is there to be read. */
    while (!session->ended || (session->tui && !session->quit)) {
        wait_for_work(session);
        take_packets(session);
        tick(session);
        if (session->quit && !stopping) {
            stopping = true;
            fst_feed_stop(session->feed);
        }
    }
}
