/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include "report/wording.h"

/* So many findings wait at most for the next tick: a storm of them must not fill the memory. */
#define WAITING_MOST 4096

/** Whether --where holds of a connection, or was not asked. */
static bool is_meant(const struct fst_session *session, const struct fst_connection_view *view)
{
    struct fst_where_flow flow;

    if (!session->where)
        return true;
    fst_where_flow_of(&flow, view, fst_analyzer_stats(session->analyzer)->ts_last);
    return fst_where_holds(session->where, &flow);
}

static void tell_flow(void *context, enum fst_flow_event event,
                      const struct fst_connection_view *view, uint32_t seq)
{
    struct fst_session *session = context;

    for (size_t i = 0; i < session->outputs.count && is_meant(session, view); i++) {
        struct fst_writer *writer = &session->outputs.writer[i];

        if (writer->format->flow)
            writer->format->flow(writer, event, view, seq);
        else if (event == FST_FLOW_END && writer->format->ended)
            writer->format->ended(writer, view);
    }
}

static void tell_finding(void *context, const struct fst_connection_view *view,
                         const struct fst_finding *finding)
{
    struct fst_session *session = context;

    for (size_t i = 0; i < session->outputs.count && is_meant(session, view); i++) {
        struct fst_writer *writer = &session->outputs.writer[i];

        if (writer->format->flow_finding)
            writer->format->flow_finding(writer, view, finding);
    }
}

static struct fst_teller_reader reader_of(struct fst_session *session)
{
    return (struct fst_teller_reader){tell_flow, tell_finding, session};
}

void fst_session_tell(struct fst_session *session)
{
    struct fst_teller_reader reader = reader_of(session);

    if (session->teller)
        fst_teller_flush(session->teller, session->analyzer, &reader);
}

/* -------------------------------------------------------------------------- from the analyzer --
 */

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct fst_session *session = context;

    if (session->flagged)
        fst_flagged_segment(session->flagged, event);
    if (session->tui)
        fst_tui_segment(session->tui, session->analyzer, event);
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct fst_session *session = context;

    if (session->teller)
        fst_teller_finding(session->teller, finding);
    if (session->flagged)
        fst_flagged_finding(session->flagged, finding);
}

static void on_changed(void *context, uint32_t id)
{
    struct fst_session *session = context;

    fst_teller_changed(session->teller, id);
    if (fst_teller_waiting(session->teller) >= WAITING_MOST)
        fst_session_tell(session);
}

static void on_ended(void *context, uint32_t id)
{
    struct fst_session *session = context;
    struct fst_teller_reader reader = reader_of(session);

    if (fst_analyzer_connection(session->analyzer, id, &session->view) != 0)
        return;
    if (is_meant(session, &session->view))
        fst_count_findings(&session->view, session->found);
    if (session->teller)
        fst_teller_ended(session->teller, &session->view, &reader);
    if (session->flagged)
        fst_flagged_ended(session->flagged, &session->view);
    if (session->tui)
        fst_tui_ended(session->tui, session->analyzer, id);
}

struct fst_events fst_session_events(struct fst_session *session)
{
    struct fst_events events = {.context = session, .ended = on_ended};

    if (session->teller)
        events.changed = on_changed;
    if (session->teller || session->flagged)
        events.finding = on_finding;
    if (session->flagged || session->tui) /* else most packets can take the short way */
        events.segment = on_segment;
    return events;
}
