/* SPDX-License-Identifier: MIT
 *
 * flowstate record: capture while a command runs, write the packets, pass on its exit status, and
 * check at once if that is asked for.
 */
#include "cli/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/check_file.h"
#include "cli/check_report.h"
#include "cli/options.h"
#include "cli/run.h"

#define BATCH 64

/* When the command has ended, its connections may still close: the capture goes on until nothing
 * came for QUIET_MS, at most LINGER_MS. A read waits TIMEOUT_MS, so that the end is noticed soon.
 */
#define TIMEOUT_MS 20
#define QUIET_MS   200
#define LINGER_MS  2000

/* What the shell says of a command that it cannot start. */
#define STATUS_NOT_FOUND 127
#define STATUS_NOT_RUN   126
#define STATUS_BY_SIGNAL 128

struct recording {
    const struct fst_arguments *arguments;
    const char *path; /* where the packets go */
    struct fst_capture *capture;
    struct fst_dump *dump;
    struct fst_diag diag;
    uint64_t packets;
    bool keep; /* the check failed: the packets are worth a look */
};

static volatile sig_atomic_t child_pid;

/** What would end us is for the command to act on; we go on to its end. */
static void pass_on(int number)
{
    if (child_pid > 0)
        (void)kill((pid_t)child_pid, number);
}

static void set_signals(void)
{
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN; /* the terminal sends it to the command as well */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGQUIT, &action, NULL);
}

static void reset_signals(void)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGPIPE};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        signal(numbers[i], SIG_DFL);
}

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ----------------------------------------------------------------------------------- command -- */

/** @return the process, or -1 after a message. */
static pid_t start(char *const *words)
{
    pid_t pid = fork();
    int error;

    if (pid < 0)
        fst_complain("%s: cannot be started: %s", words[0], strerror(errno));
    if (pid != 0)
        return pid;
    reset_signals();
    execvp(words[0], words);
    error = errno;
    fst_complain("%s: cannot be started: %s", words[0], strerror(error));
    _exit(error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

static int status_of(int wait_status)
{
    return WIFSIGNALED(wait_status) ? STATUS_BY_SIGNAL + WTERMSIG(wait_status)
                                    : WEXITSTATUS(wait_status);
}

/* ----------------------------------------------------------------------------------- capture -- */

static int open_capture(struct recording *recording)
{
    const struct fst_arguments *arguments = recording->arguments;
    struct fst_live_options options = {.interface = arguments->interface,
                                       .snap_len = arguments->snap_len,
                                       .buffer_kib = arguments->buffer_kib,
                                       .timeout_ms = TIMEOUT_MS,
                                       .promiscuous = !arguments->not_promiscuous};
    int error = fst_capture_open_live(&recording->capture, &options, &recording->diag);

    if (!error && arguments->filter)
        error = fst_capture_set_filter(recording->capture, arguments->filter, &recording->diag);
    if (error)
        fst_complain("%s", recording->diag.message);
    return fst_exit_of(error, false);
}

static int open_dump(struct recording *recording)
{
    uint32_t number;
    int error = fst_dump_open(&recording->dump, recording->path, &recording->diag);

    if (!error)
        error = fst_dump_interface(recording->dump,
                                   fst_capture_info(recording->capture)->interfaces, &number);
    if (!error)
        return FST_EXIT_OK;
    fst_complain("%s", recording->diag.message);
    return error == FST_EWRITE ? FST_EXIT_OUTPUT : FST_EXIT_INTERNAL;
}

/** Take what has arrived. @return packets taken, or -1 when the capture broke off. */
static long take(struct recording *recording)
{
    struct fst_packet packets[BATCH];
    size_t count;

    if (fst_capture_read(recording->capture, packets, BATCH, &count, &recording->diag) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        (void)fst_dump_packet(recording->dump, &packets[i], NULL); /* told at the close */
    recording->packets += count;
    return (long)count;
}

/** Capture until the command has ended and its last packets are in. @return its wait status, or -1
 *  when the capture broke off; the command is then waited for all the same. */
static int follow(struct recording *recording, pid_t pid, bool *broken)
{
    int wait_status = 0;
    bool ended = false;
    int64_t ended_ms = 0, heard_ms = 0;
    long got = 0;

    while (got >= 0 &&
           (!ended || (now_ms() - heard_ms < QUIET_MS && now_ms() - ended_ms < LINGER_MS))) {
        got = take(recording);
        if (got > 0)
            heard_ms = now_ms();
        if (!ended && waitpid(pid, &wait_status, WNOHANG) == pid) {
            ended = true;
            ended_ms = heard_ms = now_ms();
        }
    }
    *broken = got < 0;
    if (*broken)
        fst_complain("%s", recording->diag.message);
    while (!ended && waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    return wait_status;
}

static int close_dump(struct recording *recording)
{
    const struct fst_interface *interface = fst_capture_info(recording->capture)->interfaces;
    int error;

    (void)fst_dump_statistics(recording->dump, 0, interface, 0);
    error = fst_dump_close(recording->dump, &recording->diag);
    recording->dump = NULL;
    if (!error)
        return FST_EXIT_OK;
    fst_complain("%s", recording->diag.message);
    return FST_EXIT_OUTPUT;
}

/** Packets that the system had to drop: what was recorded is not what happened. */
static int check_drops(const struct recording *recording)
{
    const struct fst_interface *interface = fst_capture_info(recording->capture)->interfaces;
    uint64_t dropped = interface->os_dropped == UINT64_MAX ? 0 : interface->os_dropped;

    if (dropped > 0)
        fst_complain("%llu packet%s dropped for lack of room; give more with -B KIB",
                     (unsigned long long)dropped, dropped == 1 ? " was" : "s were");
    return fst_too_many_dropped(recording->arguments, dropped, recording->packets)
               ? FST_EXIT_DROPPED
               : FST_EXIT_OK;
}

static int check(const struct recording *recording)
{
    struct fst_checked checked;
    struct fst_arguments arguments = *recording->arguments;
    int status;

    arguments.filter = NULL; /* it was applied to the capture */
    fst_check_file(&checked, &arguments, arguments.expect, recording->path);
    status = fst_check_tell(&arguments, &checked, 1, 0);
    fst_checked_free(&checked);
    return status;
}

/** The command has its rights already; what looks at packets needs none. */
static int give_up_rights(const struct recording *recording)
{
    struct fst_files beside = {0, NULL};
    int status = FST_EXIT_INTERNAL;

    if (fst_files_append(&beside, recording->path))
        status = fst_check_give_up_rights(recording->arguments, &beside, true);
    fst_files_free(&beside);
    return status;
}

/** Run the command under the capture. @return its exit status, ours if it had none to tell. */
static int run(struct recording *recording, char *const *words, int *ours)
{
    bool broken = false;
    int wait_status;
    pid_t pid;

    set_signals();
    pid = start(words);
    if (pid < 0) {
        *ours = FST_EXIT_INTERNAL;
        return STATUS_NOT_RUN;
    }
    child_pid = pid;
    *ours = give_up_rights(recording);
    if (*ours != FST_EXIT_OK)
        return STATUS_NOT_RUN;
    wait_status = follow(recording, pid, &broken);
    child_pid = 0;
    *ours = close_dump(recording);
    if (*ours == FST_EXIT_OK)
        *ours = broken ? FST_EXIT_DAMAGED : check_drops(recording);
    return status_of(wait_status);
}

static int record(struct recording *recording)
{
    const struct fst_arguments *arguments = recording->arguments;
    int ours = open_capture(recording), theirs;

    if (ours == FST_EXIT_OK)
        ours = open_dump(recording);
    if (ours != FST_EXIT_OK)
        return ours;
    theirs = run(recording, arguments->words, &ours);
    if (!arguments->quiet)
        fprintf(stderr, "flowstate: %llu packets in %s\n", (unsigned long long)recording->packets,
                recording->path);
    if (arguments->expect && ours == FST_EXIT_OK) {
        ours = check(recording);
        recording->keep = ours != FST_EXIT_OK;
    }
    return theirs != 0 ? theirs : ours;
}

/** Where packets go that only the check needs. @return a descriptor's name that is removed after.
 */
static bool temporary_name(char *name, size_t size)
{
    const char *directory = getenv("TMPDIR");
    int fd;

    snprintf(name, size, "%s/flowstate-XXXXXX", directory && *directory ? directory : "/tmp");
    fd = mkstemp(name);
    if (fd >= 0)
        close(fd);
    else
        fst_complain("%s: cannot be written: %s", name, strerror(errno));
    return fd >= 0;
}

static int check_words(const struct fst_arguments *arguments)
{
    if (!arguments->interface)
        fst_complain("-i says where to capture; for a test on this machine: -i lo");
    else if (arguments->word_count == 0)
        fst_complain("no command to run: flowstate record -i %s -- COMMAND ...",
                     arguments->interface);
    else if (!arguments->write && !arguments->expect)
        fst_complain("nothing to do with the packets; -w FILE keeps them, --expect FILE checks "
                     "them");
    else if (arguments->write && strcmp(arguments->write, "-") == 0)
        fst_complain("-w -: standard output is the command's; name a file");
    else
        return FST_EXIT_OK;
    return FST_EXIT_USAGE;
}

int fst_cmd_record(const struct fst_arguments *arguments)
{
    struct recording recording = {.arguments = arguments, .path = arguments->write};
    char temporary[256];
    int status = check_words(arguments);

    if (status == FST_EXIT_OK)
        status = fst_outputs_check(arguments);
    if (status == FST_EXIT_OK && arguments->expect) /* before a long run, not after it */
        status = fst_check_readable(arguments->expect);
    if (status != FST_EXIT_OK)
        return status;
    if (!recording.path) {
        if (!temporary_name(temporary, sizeof(temporary)))
            return FST_EXIT_OUTPUT;
        recording.path = temporary;
    }
    status = record(&recording);
    (void)fst_dump_close(recording.dump, NULL);
    fst_capture_close(recording.capture);
    if (!arguments->write && !recording.keep)
        unlink(temporary);
    return status;
}
