/* SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/captures.h"
#include "cli/run.h"
#include "cli/sandbox.h"
#include "cli/terminal.h"
#include "live/patience.h"
#include "live/rights.h"
#include "report/format.h"

/* Headers are all that is looked at; 128 octets hold those of usual tunnels and options. */
#define SNAP_LEN 128

/* Half a second of 300,000 packets of that length a second. */
#define BUFFER_KIB 65536

#define TIMEOUT_MS 100

/* The most of a packet that a file can have for us; also what -s takes at most. */
#define PACKET_MAX   262144

#define HELD_FLAGGED ((size_t)64 * 1024 * 1024)
#define HELD_SCREEN  ((size_t)16 * 1024 * 1024)

#define NS_PER_S     INT64_C(1000000000)
#define LINGER_S     30
#define OPENING_S    120
#define INTERVAL_S   60

void fst_session_fail(struct fst_session *session, int status, const char *message)
{
    session->quit = true;
    if (session->status != FST_EXIT_OK)
        return;
    session->status = status;
    if (session->tui)
        fst_tui_pause(session->tui); /* it is about to be closed */
    fst_complain("%s", message);
}

static int no_memory(void)
{
    fst_complain("%s", fst_error_text(FST_ENOMEM));
    return FST_EXIT_INTERNAL;
}

/* ------------------------------------------------------------------------------------- opening --
 */

static int open_capture(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_live_options options = {
        .interface = arguments->interface,
        .snap_len = arguments->snap_len ? arguments->snap_len : SNAP_LEN,
        .buffer_kib = arguments->buffer_kib ? arguments->buffer_kib : BUFFER_KIB,
        .timeout_ms = TIMEOUT_MS,
        .promiscuous = !arguments->not_promiscuous,
        .batched = true};
    int error = arguments->file
                    ? fst_captures_open(&session->capture, &arguments->captures, &session->diag)
                    : fst_capture_open_live(&session->capture, &options, &session->diag);

    if (!error && arguments->interface && arguments->filter)
        error = fst_capture_set_filter(session->capture, arguments->filter, &session->diag);
    if (error)
        fst_complain("%s", session->diag.message);
    return fst_exit_of(error, false);
}

/** The first octets of a file. */
static int begin_capture(struct fst_session *session)
{
    const char *filter = session->arguments.filter;
    int error = 0;

    if (session->arguments.file)
        error = fst_capture_begin(session->capture, &session->diag);
    if (!error && session->arguments.file && filter)
        error = fst_capture_set_filter(session->capture, filter, &session->diag);
    if (error)
        fst_session_fail(session, fst_exit_of(error, false), session->diag.message);
    return fst_exit_of(error, false);
}

static int64_t seconds(uint32_t asked, uint32_t usual)
{
    return (asked == UINT32_MAX ? usual : asked) * NS_PER_S;
}

static void set_ages(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;

    session->ages.over_ns = seconds(arguments->linger_s, LINGER_S);
    session->ages.opening_ns = OPENING_S * NS_PER_S;
    session->ages.idle_ns = fst_patience_ns(0);
    if (arguments->idle_s != UINT32_MAX)
        session->ages.idle_ns = arguments->idle_s * NS_PER_S;
    if (session->ages.opening_ns > session->ages.idle_ns)
        session->ages.opening_ns = session->ages.idle_ns;
}

static int64_t real_now(const struct fst_session *session)
{
    struct timespec now = {0, 0};

    if (session->arguments.file) /* its packets tell the time */
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int open_save(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_save_options options = {.path = arguments->write,
                                       .interface = arguments->interface,
                                       .snap_len = arguments->file       ? 0
                                                   : arguments->snap_len ? arguments->snap_len
                                                                         : SNAP_LEN,
                                       .octets = (uint64_t)arguments->rotate_megabytes * 1000000,
                                       .seconds = arguments->rotate_seconds,
                                       .files = arguments->rotate_files};
    int error;

    if (!arguments->write)
        return FST_EXIT_OK;
    error = fst_save_open(&session->save, &options, real_now(session), &session->diag);
    if (!error)
        return FST_EXIT_OK;
    fst_complain("%s", session->diag.message);
    return error == FST_EWRITE ? FST_EXIT_OUTPUT : FST_EXIT_INTERNAL;
}

static int open_flagged(struct fst_session *session, bool screen)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_save_options options = {.path = arguments->flagged,
                                       .interface = arguments->interface};
    struct fst_save *save = NULL;

    if (!arguments->flagged && !screen)
        return FST_EXIT_OK;
    if (arguments->flagged && fst_save_open(&save, &options, 0, &session->diag) != 0) {
        fst_complain("%s", session->diag.message);
        return FST_EXIT_OUTPUT;
    }
    session->flagged = fst_flagged_new(
        save, arguments->flag_on < FST_CLASS_COUNT ? arguments->flag_on : FST_ANOMALY,
        arguments->flagged ? HELD_FLAGGED : HELD_SCREEN);
    if (session->flagged)
        return FST_EXIT_OK;
    (void)fst_save_close(save, NULL);
    return no_memory();
}

static int open_outputs(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;

    session->source.path = arguments->file ? arguments->file : arguments->interface;
    session->source.filter = arguments->filter;
    session->source.capture = session->capture;
    session->source.live = &session->live;
    if (arguments->output_count == 0)
        return FST_EXIT_OK;
    session->teller = fst_teller_new(seconds(arguments->interval_s, INTERVAL_S));
    if (!session->teller)
        return no_memory();
    return fst_outputs_open(&session->outputs, arguments, &session->source);
}

static int open_screen(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_tui_options options = {.source = session->source.path,
                                      .filter = arguments->filter,
                                      .where = arguments->where,
                                      .local = arguments->local,
                                      .local_count = arguments->local_count,
                                      .max_flows = arguments->max_flows,
                                      .color = fst_wants_color(arguments->color, STDOUT_FILENO),
                                      .utf8 = !arguments->ascii &&
                                              (arguments->utf8 || fst_locale_is_utf8())};

    if (fst_tui_open(&session->tui, &options, &session->diag) == 0)
        return FST_EXIT_OK;
    fst_complain("%s", session->diag.message);
    return FST_EXIT_USAGE;
}

static int open_analyzer(struct fst_session *session)
{
    struct fst_options options = {.max_flows = session->arguments.max_flows,
                                  .lossless = session->arguments.lossless,
                                  .path_packets = true,
                                  .events = fst_session_events(session)};

    fst_fill_key(options.hash_key);
    if (fst_analyzer_new(&session->analyzer, &options) != 0)
        return no_memory();
    session->source.analyzer = session->analyzer;
    return FST_EXIT_OK;
}

static int start_feed(struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_feed_options options = {.capture = session->capture,
                                       .count = arguments->count,
                                       .speed = !arguments->file       ? 0
                                                : arguments->speed > 0 ? arguments->speed
                                                                       : 1,
                                       .octets = arguments->file       ? PACKET_MAX
                                                 : arguments->snap_len ? arguments->snap_len
                                                                       : SNAP_LEN};

    session->feed = fst_feed_start(&options);
    return session->feed ? FST_EXIT_OK : no_memory();
}

/** Streams and files that are written anew are opened and told in different ways. */
static void part_outputs(struct fst_session *session)
{
    struct fst_arguments *arguments = &session->arguments;
    size_t kept = 0;

    for (size_t i = 0; i < arguments->output_count; i++) {
        if (fst_format_find("live", arguments->output[i].format)->replaces)
            session->metrics[session->metric_count++] = arguments->output[i];
        else
            arguments->output[kept++] = arguments->output[i];
    }
    arguments->output_count = kept;
}

static bool prints_on_standard_output(const struct fst_arguments *arguments)
{
    bool prints = arguments->write && strcmp(arguments->write, "-") == 0;

    prints |= arguments->flagged && strcmp(arguments->flagged, "-") == 0;
    for (size_t i = 0; i < arguments->output_count; i++)
        prints |= arguments->output[i].path == NULL;
    return prints;
}

/** Where nothing else was asked for: a screen, or a stream. @return whether it is the screen. */
static bool settle_output(struct fst_session *session, bool asked)
{
    static const struct fst_output stream = {"ndjson", NULL};
    struct fst_arguments *arguments = &session->arguments;

    if (prints_on_standard_output(arguments))
        return false;
    if (isatty(STDOUT_FILENO) && fst_tui_available())
        return true;
    if (!asked)
        arguments->output[arguments->output_count++] = stream;
    return false;
}

/** The expression was understood when the options were read. */
static int read_where(struct fst_session *session)
{
    char message[FST_WHERE_MESSAGE_MAX];

    session->source.where = session->arguments.where;
    if (!session->arguments.where ||
        fst_where_parse(&session->where, session->arguments.where, message) == 0)
        return FST_EXIT_OK;
    return no_memory();
}

/** What can open files does so with no more rights than its user has. */
static int drop_rights(struct fst_session *session)
{
    if (fst_rights_drop(&session->diag) == 0)
        return FST_EXIT_OK;
    fst_complain("%s", session->diag.message);
    return FST_EXIT_INTERNAL;
}

/** From here on no packet can make the process do more than a session does. */
static int confine(struct fst_session *session, bool wanted)
{
    if (!fst_session_catch_signals() || (wanted && !fst_session_confine(session)))
        return no_memory();
    return begin_capture(session);
}

int fst_session_open(struct fst_session *session, const struct fst_arguments *arguments)
{
    bool asked = arguments->output_count > 0, screen, confined;
    int status;

    session->arguments = *arguments;
    part_outputs(session);
    screen = settle_output(session, asked);
    set_ages(session);
    status = read_where(session);
    if (status == FST_EXIT_OK)
        status = open_capture(session);
    if (status == FST_EXIT_OK)
        status = drop_rights(session);
    if (status == FST_EXIT_OK)
        status = open_save(session);
    if (status == FST_EXIT_OK)
        status = open_flagged(session, screen);
    if (status == FST_EXIT_OK)
        status = open_outputs(session);
    confined = status == FST_EXIT_OK && fst_sandbox_wanted(arguments); /* told before the screen */
    if (status == FST_EXIT_OK && screen)
        status = open_screen(session);
    if (status == FST_EXIT_OK)
        status = open_analyzer(session);
    if (status == FST_EXIT_OK)
        status = confine(session, confined); /* before there is a second thread */
    if (status == FST_EXIT_OK) {
        fst_outputs_begin(&session->outputs);
        status = start_feed(session);
    }
    return status;
}

/* ---------------------------------------------------------------------------------- whole files --
 */

/** Print into a new file, which then takes the old one's place. */
static bool write_whole(struct fst_session *session, const struct fst_output *output)
{
    static struct fst_out out;
    const struct fst_format *format = fst_format_find("live", output->format);
    struct fst_writer writer = {.format = format, .out = &out, .source = &session->source};
    struct fst_new_file file;
    int fd = fst_file_begin(&file, output->path), error;

    if (fd < 0)
        return false;
    (void)fchmod(fd, 0644); /* a collector of another user reads it; it tells of nobody */
    fst_out_init(&out, fd, true);
    format->finish(&writer);
    error = fst_out_close(&out);
    if (fst_file_end(&file, error == 0))
        return true;
    errno = error ? error : errno;
    return false;
}

void fst_session_write_metrics(struct fst_session *session)
{
    for (size_t i = 0; i < session->metric_count; i++) {
        char message[600];

        if (write_whole(session, &session->metrics[i]))
            continue;
        snprintf(message, sizeof(message), "%.400s: cannot be written: %s",
                 session->metrics[i].path, strerror(errno));
        fst_session_fail(session, FST_EXIT_OUTPUT, message);
    }
}

static bool was_moved(const struct fst_writer *writer)
{
    struct stat ours, there;

    return fstat(writer->out->fd, &ours) == 0 && S_ISREG(ours.st_mode) &&
           (stat(writer->path, &there) != 0 || ours.st_dev != there.st_dev ||
            ours.st_ino != there.st_ino);
}

static void reopen_output(struct fst_session *session, struct fst_writer *writer)
{
    char message[600];
    int fd;

    fst_out_flush(writer->out);
    if (!writer->path || !was_moved(writer))
        return;
    fd = open(writer->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0 || dup2(fd, writer->out->fd) < 0) {
        snprintf(message, sizeof(message), "%.400s: cannot be written: %s", writer->path,
                 strerror(errno));
        fst_session_fail(session, FST_EXIT_OUTPUT, message);
    } else if (writer->format->begin) {
        writer->format->begin(writer);
    }
    if (fd >= 0)
        close(fd);
}

void fst_session_reopen(struct fst_session *session)
{
    struct fst_save *flagged = session->flagged ? fst_flagged_save(session->flagged) : NULL;

    for (size_t i = 0; i < session->outputs.count; i++)
        reopen_output(session, &session->outputs.writer[i]);
    if ((session->save && fst_save_reopen(session->save, &session->diag) != 0) ||
        (flagged && fst_save_reopen(flagged, &session->diag) != 0))
        fst_session_fail(session, FST_EXIT_OUTPUT, session->diag.message);
}

/* -------------------------------------------------------------------------------------- the end --
 */

static const char *known(uint64_t number, char text[FST_FORMAT_MAX])
{
    return number == UINT64_MAX ? "n/a" : fst_format_count(number, text);
}

void fst_session_describe(const struct fst_session *session, char *text, size_t size)
{
    const struct fst_stats *stats = fst_analyzer_stats(session->analyzer);
    char packets[FST_FORMAT_MAX], kernel[FST_FORMAT_MAX], interface[FST_FORMAT_MAX];
    char all[FST_FORMAT_MAX], now[FST_FORMAT_MAX], evicted[FST_FORMAT_MAX];
    int len = snprintf(text, size, "%s", fst_format_counted(session->packets, "packet", packets));

    if (!session->arguments.file)
        len += snprintf(text + len, size - (size_t)len,
                        ", dropped by the kernel %s, by the interface %s",
                        known(session->live.kernel_drop, kernel),
                        known(session->live.interface_drop, interface));
    len += snprintf(text + len, size - (size_t)len, "; %s, %s now",
                    fst_format_counted(stats->connections, "connection", all),
                    fst_format_count(fst_analyzer_alive(session->analyzer), now));
    if (stats->evicted > 0)
        snprintf(text + len, size - (size_t)len, ", %s given up for lack of room (--max-flows)",
                 fst_format_count(stats->evicted, evicted));
}

static void note_error(struct fst_session *session, int error)
{
    session->source.damaged = error == FST_EDAMAGED || error == FST_EOPEN;
    session->source.stopped = session->quit;
    session->source.read_to_end = true;
    if (error)
        fst_session_fail(session, fst_exit_of(error, true), session->diag.message);
}

static int close_files(struct fst_session *session)
{
    int status = fst_outputs_close(&session->outputs), error;

    error = fst_save_close(session->save, &session->diag);
    session->save = NULL;
    if (!error && session->flagged) {
        error = fst_flagged_close(session->flagged, &session->diag);
        session->flagged = NULL;
    }
    if (!error)
        return status;
    fst_complain("%s", session->diag.message);
    return FST_EXIT_OUTPUT;
}

int fst_session_finish(struct fst_session *session)
{
    char text[400];
    int status;

    note_error(session, fst_feed_join(session->feed, &session->diag));
    fst_session_count(session);
    fst_session_describe(session, text, sizeof(text)); /* before the connections leave */
    if (fst_analyzer_finish(session->analyzer) != 0)
        fst_session_fail(session, FST_EXIT_INTERNAL, fst_error_text(FST_ENOMEM));
    fst_outputs_finish(&session->outputs);
    fst_session_write_metrics(session);
    status = close_files(session);
    fst_tui_close(session->tui);
    session->tui = NULL;
    if (!session->arguments.quiet)
        fst_complain("%s", text);
    return session->status != FST_EXIT_OK ? session->status : status;
}

void fst_session_release(struct fst_session *session)
{
    fst_tui_close(session->tui);
    fst_outputs_release(&session->outputs);
    (void)fst_save_close(session->save, NULL);
    (void)fst_flagged_close(session->flagged, NULL);
    fst_analyzer_free(session->analyzer);
    fst_teller_free(session->teller);
    fst_where_free(session->where);
    fst_feed_free(session->feed);
    fst_capture_close(session->capture);
    fst_session_release_signals();
}
