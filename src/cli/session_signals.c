/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t end_asked, reopen_asked, describe_asked, flush_asked;
static int event_fd = -1;

static void on_signal(int number)
{
    static const uint64_t one = 1;
    int error = errno;
    ssize_t wrote;

    if (number == SIGHUP)
        reopen_asked = 1;
    else if (number == SIGUSR1)
        describe_asked = 1;
    else if (number == SIGUSR2)
        flush_asked = 1;
    else
        end_asked = 1;
    wrote = write(event_fd, &one, sizeof(one)); /* wakes the loop; it cannot fail */
    (void)wrote;
    errno = error;
}

bool fst_session_catch_signals(void)
{
    static const int again[] = {SIGHUP, SIGUSR1, SIGUSR2}, once[] = {SIGINT, SIGTERM};
    struct sigaction action = {.sa_handler = on_signal};

    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0)
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
        sigaction(again[i], &action, NULL);
    /* The second of these kills: a reader that takes nothing may hold us up. */
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        sigaction(once[i], &action, NULL);
    return true;
}

int fst_session_signal_fd(void)
{
    return event_fd;
}

static void describe(struct fst_session *session)
{
    char text[400];

    fst_session_describe(session, text, sizeof(text));
    if (session->tui)
        fst_tui_message(session->tui, text);
    else
        fst_complain("%s", text);
}

static void flush(struct fst_session *session)
{
    fst_session_tell(session);
    for (size_t i = 0; i < session->outputs.count; i++)
        fst_out_flush(session->outputs.writer[i].out);
    if (session->save)
        fst_save_flush(session->save);
    if (session->flagged && fst_flagged_save(session->flagged))
        fst_save_flush(fst_flagged_save(session->flagged));
    fst_session_write_metrics(session);
}

void fst_session_act_on_signals(struct fst_session *session)
{
    uint64_t count;

    while (read(event_fd, &count, sizeof(count)) < 0 && errno == EINTR)
        continue;
    if (reopen_asked && session->tui) /* its terminal went away */
        end_asked = 1;
    else if (reopen_asked)
        fst_session_reopen(session);
    reopen_asked = 0;
    if (describe_asked)
        describe(session);
    describe_asked = 0;
    if (flush_asked)
        flush(session);
    flush_asked = 0;
    session->quit |= end_asked != 0;
}

void fst_session_release_signals(void)
{
    signal(SIGHUP, SIG_IGN); /* what is left is to end */
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    if (event_fd >= 0)
        close(event_fd);
    event_fd = -1;
}
