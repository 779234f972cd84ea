/* SPDX-License-Identifier: MIT */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/captures.h"
#include "cli/hints.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/sandbox.h"
#include "report/wording.h"
#include "where/where.h"

struct run {
    const struct fst_arguments *arguments;
    struct fst_capture *capture;
    struct fst_analyzer *analyzer;
    struct fst_source source;
    struct fst_outputs outputs;
    struct fst_connection_view view;
    struct fst_progress progress;
    struct fst_diag diag;            /* of the fault that ended the reading */
    struct fst_where *where;         /* which connections are meant; NULL for all */
    uint64_t found[FST_CLASS_COUNT]; /* findings of those */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/** The first INT or TERM ends the reading and lets results out; the second kills. A reader that
 * went away is noticed by the write that fails. */
static void set_signals(void)
{
    struct sigaction once = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&once.sa_mask);
    sigaction(SIGINT, &once, NULL);
    sigaction(SIGTERM, &once, NULL);
}

/* ------------------------------------------------------------------------------------ failures --
 */

int fst_exit_of(int error, bool reading)
{
    switch (error) {
    case 0:
        return FST_EXIT_OK;
    case FST_EFILTER:
        return FST_EXIT_USAGE;
    case FST_EFORMAT:
        return FST_EXIT_INPUT;
    case FST_EOPEN:
        return reading ? FST_EXIT_DAMAGED : FST_EXIT_INPUT;
    case FST_EDAMAGED:
        return FST_EXIT_DAMAGED;
    default:
        return FST_EXIT_INTERNAL;
    }
}

static void complain_of(const struct run *run, int error)
{
    if (run->diag.message[0] != '\0')
        fst_complain("%s", run->diag.message);
    else
        fst_complain("%s: %s", run->arguments->file, fst_error_text(error));
}

/* ------------------------------------------------------------------------------------- events --
 */

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct run *run = context;

    for (size_t i = 0; i < run->outputs.count; i++) {
        struct fst_writer *writer = &run->outputs.writer[i];

        if (writer->format->segment)
            writer->format->segment(writer, event);
    }
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    struct run *run = context;

    for (size_t i = 0; i < run->outputs.count; i++) {
        struct fst_writer *writer = &run->outputs.writer[i];

        if (writer->format->finding)
            writer->format->finding(writer, finding);
    }
}

/** Whether `where` holds of the connection of the view, seen at the end of the capture. */
static bool is_meant(const struct run *run)
{
    struct fst_where_flow flow;

    fst_where_flow_of(&flow, &run->view, fst_analyzer_stats(run->analyzer)->ts_last);
    return fst_where_holds(run->where, &flow);
}

static bool wants(struct fst_writer *writer, uint32_t id, const struct fst_outcome *outcome)
{
    return writer->format->ended &&
           (!writer->format->wants || writer->format->wants(writer, id, outcome));
}

/** The view takes longest, so it is made only if somebody looks at it. */
static void on_ended(void *context, uint32_t id)
{
    struct run *run = context;
    struct fst_outcome outcome;
    bool seen = run->where != NULL;

    if (seen) {
        if (fst_analyzer_connection(run->analyzer, id, &run->view) != 0 || !is_meant(run))
            return;
        fst_count_findings(&run->view, run->found);
    }
    if (fst_analyzer_outcome(run->analyzer, id, &outcome) != 0)
        return;
    for (size_t i = 0; i < run->outputs.count; i++) {
        struct fst_writer *writer = &run->outputs.writer[i];

        if (!wants(writer, id, &outcome))
            continue;
        if (!seen)
            (void)fst_analyzer_connection(run->analyzer, id, &run->view);
        seen = true;
        writer->format->ended(writer, &run->view);
    }
}

/* -------------------------------------------------------------------------------------- set up --
 */

void fst_fill_key(uint8_t key[16])
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (read(fd, key, 16) < 0)
        memset(key, 0, 16);
    close(fd);
}

static int make_analyzer(struct run *run)
{
    const struct fst_arguments *arguments = run->arguments;
    struct fst_options options = {
        .max_flows = arguments->max_flows,
        .lossless = arguments->lossless,
        .path_packets = fst_outputs_want_path_packets(arguments),
        .no_paths = !run->where && !fst_outputs_want_paths(arguments),
        .events = {.context = run,
                   .segment = fst_outputs_want_segments(arguments) ? on_segment : NULL,
                   .finding = fst_outputs_want_findings(arguments) ? on_finding : NULL,
                   .ended = on_ended},
    };

    fst_fill_key(options.hash_key);
    return fst_analyzer_new(&run->analyzer, &options);
}

/** Which connections are meant. The expression was understood when the options were read. */
static int set_where(struct run *run)
{
    char message[FST_WHERE_MESSAGE_MAX];

    run->source.where = run->arguments->where;
    return run->source.where ? fst_where_parse(&run->where, run->source.where, message) : 0;
}

static int failed(const struct run *run, int error)
{
    complain_of(run, error);
    if (error == FST_EFILTER)
        fst_hint_display_filter(run->arguments->filter);
    return fst_exit_of(error, false);
}

/** Everything that needs rights: after this no file is opened any more, but for the words of a
 *  filter that the system's tables name. */
static int open_files(struct run *run)
{
    const struct fst_arguments *arguments = run->arguments;
    int error = fst_captures_open(&run->capture, &arguments->captures, &run->diag);

    if (!error)
        error = set_where(run);
    if (!error)
        error = make_analyzer(run);
    if (error)
        return failed(run, error);
    run->source.path = arguments->file;
    run->source.filter = arguments->filter;
    run->source.capture = run->capture;
    run->source.analyzer = run->analyzer;
    run->source.found = run->where ? run->found : fst_analyzer_stats(run->analyzer)->findings;
    return fst_outputs_open(&run->outputs, arguments, &run->source);
}

static int give_up_rights(struct run *run)
{
    struct fst_files directories = {0, NULL};
    struct fst_sandbox sandbox = {.directories = &directories,
                                  .reads = run->arguments->filter != NULL};
    bool good = fst_outputs_directories(&run->outputs, &directories);

    if (good)
        fst_sandbox_begin(run->arguments, &sandbox);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    fst_files_free(&directories);
    return good ? FST_EXIT_OK : FST_EXIT_INTERNAL;
}

/** The first octets of the capture. */
static int begin(struct run *run)
{
    const char *filter = run->arguments->filter;
    int error = fst_capture_begin(run->capture, &run->diag);

    if (!error && filter)
        error = fst_capture_set_filter(run->capture, filter, &run->diag);
    if (error)
        return failed(run, error);
    run->source.path = fst_capture_info(run->capture)->path;
    return FST_EXIT_OK;
}

static int open_all(struct run *run)
{
    int status = open_files(run);

    if (status == FST_EXIT_OK)
        status = give_up_rights(run);
    return status == FST_EXIT_OK ? begin(run) : status;
}

/* --------------------------------------------------------------------------------------- the pass
 * -- */

/** Whether reading on makes sense: somebody still takes results, or the status depends on the rest.
 */
static bool still_wanted(const struct run *run)
{
    if (interrupted || fst_outputs_failed(&run->outputs))
        return false;
    return run->arguments->fail_on < FST_CLASS_COUNT || !fst_outputs_all_broken(&run->outputs);
}

static bool go_on(void *context, uint64_t file_bytes)
{
    struct run *run = context;

    fst_progress_update(&run->progress, file_bytes);
    run->source.stopped = !still_wanted(run);
    return !run->source.stopped;
}

/** Read and feed to the end, a fault, or the wish to stop. What is told of single segments names
 * what is known of the capture at the time: then nobody reads ahead. @return 0 or the error. */
static int read_packets(struct run *run)
{
    const struct fst_arguments *arguments = run->arguments;
    const struct fst_reading reading = {
        .threads = fst_outputs_want_segments(arguments) ? 1 : arguments->threads,
        .max_packets = arguments->count,
        .go_on = go_on,
        .context = run,
    };
    int error = fst_analyzer_read(run->analyzer, run->capture, &reading, &run->diag);

    if (arguments->count && fst_analyzer_stats(run->analyzer)->packets == arguments->count)
        run->source.stopped = true;
    return error;
}

/** Whether lines appear on a terminal meanwhile, between which a progress line would be in the way.
 */
static bool prints_while_reading(const struct run *run)
{
    for (size_t i = 0; i < run->outputs.count; i++) {
        const struct fst_writer *writer = &run->outputs.writer[i];

        if (writer->style.terminal && writer->format->segment &&
            run->arguments->command->bit == 1u << FST_COMMAND_NUMBER_TRACE)
            return true;
    }
    return false;
}

static bool fails(const struct run *run)
{
    enum fst_class level = run->arguments->fail_on;

    for (unsigned i = 0; level < FST_CLASS_COUNT && i <= level; i++)
        if (run->source.found[i] > 0)
            return true;
    return false;
}

/** Whether there were packets, and none of a link type that is understood. */
static bool nothing_understood(const struct run *run)
{
    const struct fst_stats *stats = fst_analyzer_stats(run->analyzer);

    return stats->packets > 0 && stats->unsupported == stats->packets;
}

/** The status of a run whose results are out. A result that nobody could read is worse than a
 * partial one, and a partial one is never a pass. */
static int status_of(const struct run *run, int error, int output_status)
{
    int status = fst_exit_of(error, true);

    if (status == FST_EXIT_INTERNAL)
        return status;
    if (output_status != FST_EXIT_OK)
        return output_status;
    if (status != FST_EXIT_OK)
        return status;
    if (nothing_understood(run))
        return FST_EXIT_INPUT;
    return fails(run) ? FST_EXIT_FAILED : FST_EXIT_OK;
}

/** Of `explain` and `trace --connection`: whether the connection that was asked for exists, and is
 * the only one if none was.
 */
static int check_choice(const struct run *run)
{
    uint64_t count = fst_analyzer_stats(run->analyzer)->connections;
    uint32_t chosen = run->arguments->connection;

    if (run->arguments->command->bit != 1u << FST_COMMAND_NUMBER_EXPLAIN &&
        (chosen == 0 || count == 0))
        return FST_EXIT_OK;
    if (count == 0)
        fst_complain("%s: no TCP connection to explain", run->source.path);
    else if (chosen > count)
        fst_complain("%s: there is no connection %u, only %llu; see: flowstate %s",
                     run->source.path, chosen, (unsigned long long)count, run->source.path);
    else if (chosen == 0 && count > 1)
        fst_complain("%s: %llu connections; choose one by its number in: flowstate %s",
                     run->source.path, (unsigned long long)count, run->source.path);
    else
        return FST_EXIT_OK;
    return FST_EXIT_USAGE;
}

/** Ends the analysis. @return whether something was lost for lack of memory. */
static bool finish_analysis(struct run *run, int error)
{
    int finish_error = fst_analyzer_finish(run->analyzer);

    return error == FST_ENOMEM || finish_error || fst_analyzer_short_of_memory(run->analyzer);
}

static int pass(struct run *run)
{
    int error, choice, output_status;
    bool memory_short;

    fst_outputs_begin(&run->outputs);
    if (!prints_while_reading(run))
        fst_progress_begin(&run->progress, &run->arguments->captures);
    error = read_packets(run);
    fst_progress_end(&run->progress);
    run->source.damaged = error == FST_EDAMAGED || error == FST_EOPEN;
    run->source.read_to_end = true;
    memory_short = finish_analysis(run, error);
    choice = check_choice(run);
    if (memory_short)
        fst_outputs_spoil(&run->outputs);
    else if (choice == FST_EXIT_OK)
        fst_outputs_finish(&run->outputs);
    memory_short |= run->outputs.out_of_memory;
    output_status = fst_outputs_close(&run->outputs); /* results first, then what was wrong */
    if (memory_short && run->diag.error != FST_ENOMEM)
        fst_complain("%s: %s", run->source.path, fst_error_text(FST_ENOMEM));
    else if (error)
        complain_of(run, error);
    else if (nothing_understood(run))
        fst_complain_link_types(run->source.path, fst_capture_info(run->capture));
    else
        fst_hint_vlan(run->arguments->file, run->source.filter, fst_capture_info(run->capture));
    return status_of(run, memory_short ? FST_ENOMEM : error,
                     output_status == FST_EXIT_OK ? choice : output_status);
}

int fst_run(const struct fst_arguments *arguments)
{
    struct run *run = calloc(1, sizeof(*run));
    int status;

    if (!run) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    run->arguments = arguments;
    set_signals();
    status = open_all(run);
    if (status == FST_EXIT_OK)
        status = pass(run);
    fst_outputs_release(&run->outputs);
    fst_where_free(run->where);
    fst_analyzer_free(run->analyzer);
    fst_capture_close(run->capture);
    free(run);
    return status;
}
