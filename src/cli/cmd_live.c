/* SPDX-License-Identifier: MIT
 *
 * flowstate live: settle what is asked for, run the session, say how it went.
 */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "cli/filter_words.h"
#include "cli/hints.h"
#include "cli/run.h"
#include "cli/session.h"

static int usage(const char *text)
{
    fst_complain("%s", text);
    return FST_EXIT_USAGE;
}

static int check_source(const struct fst_arguments *arguments)
{
    if (!arguments->interface && !arguments->file)
        return usage("-i says where to capture; see: flowstate devices");
    if (arguments->interface && arguments->file)
        return usage("packets come from an interface (-i) or from a file (-r), not from both");
    if (arguments->file &&
        (arguments->snap_len || arguments->buffer_kib || arguments->not_promiscuous))
        return usage("-s, -B and -p are for capturing; a file (-r) is read as it is");
    if (arguments->interface && arguments->speed > 0)
        return usage("--speed is for a file (-r); an interface has its own pace");
    return FST_EXIT_OK;
}

static int check_writing(const struct fst_arguments *arguments)
{
    bool series = arguments->rotate_megabytes || arguments->rotate_seconds;

    if ((series || arguments->rotate_files) && !arguments->write)
        return usage("-C, -G and -W are about the files of -w");
    if (arguments->rotate_files && !series)
        return usage("-W counts the files that -C or -G make; give one of them");
    if (series && strcmp(arguments->write, "-") == 0)
        return usage("-w -: standard output is one file; -C and -G need a name");
    if (arguments->flag_on < FST_CLASS_COUNT && !arguments->flagged)
        return usage("--flag-on is about the packets of --write-flagged FILE");
    if (arguments->write && arguments->flagged && strcmp(arguments->write, arguments->flagged) == 0)
        return usage("-w and --write-flagged name the same file");
    return FST_EXIT_OK;
}

/** Standard output can be one thing. */
static int check_standard_output(const struct fst_arguments *arguments)
{
    unsigned users = (arguments->write && strcmp(arguments->write, "-") == 0) +
                     (arguments->flagged && strcmp(arguments->flagged, "-") == 0);

    for (size_t i = 0; i < arguments->output_count; i++)
        users += arguments->output[i].path == NULL;
    if (users > 1)
        return usage("only one of -w, --write-flagged and -o can go to standard output");
    return FST_EXIT_OK;
}

/** Whether a finding reached the level of --fail-on, in a connection that --where means. */
static bool fails(const struct fst_session *session)
{
    enum fst_class level = session->arguments.fail_on;

    for (unsigned i = 0; level < FST_CLASS_COUNT && i <= level; i++)
        if (session->found[i] > 0)
            return true;
    return false;
}

/** Whether more was dropped than --max-drop allows. What nobody can tell is not held against it. */
static bool drops_too_much(const struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    uint64_t kernel = session->live.kernel_drop, interface = session->live.interface_drop;
    uint64_t dropped =
        (kernel == UINT64_MAX ? 0 : kernel) + (interface == UINT64_MAX ? 0 : interface);

    return arguments->max_drop_given && fst_too_many_dropped(arguments, dropped, session->packets);
}

static int run(struct fst_session *session, const struct fst_arguments *arguments)
{
    int status = fst_session_open(session, arguments);

    if (status != FST_EXIT_OK)
        return status;
    fst_session_run(session);
    status = fst_session_finish(session);
    if (status == FST_EXIT_OK && drops_too_much(session))
        status = FST_EXIT_DROPPED;
    if (status == FST_EXIT_OK && fails(session))
        status = FST_EXIT_FAILED;
    return status;
}

static int run_session(const struct fst_arguments *arguments)
{
    struct fst_session *session = calloc(1, sizeof(*session));
    int status;

    if (!session) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    status = run(session, arguments);
    fst_session_release(session);
    free(session);
    return status;
}

int fst_cmd_live(const struct fst_arguments *arguments)
{
    int status;

    if (arguments->list)
        return fst_cmd_devices(arguments);
    status = fst_outputs_check(arguments);
    if (status == FST_EXIT_OK)
        status = check_source(arguments);
    if (status == FST_EXIT_OK)
        status = check_writing(arguments);
    if (status == FST_EXIT_OK)
        status = check_standard_output(arguments);
    return status == FST_EXIT_OK ? fst_run_filtered(arguments, run_session) : status;
}
