/* SPDX-License-Identifier: MIT
 *
 * What a live session still needs once everything is open: to read counters of its interface, to go
 * on in new files where the old ones are, and to set its terminal.
 */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sandbox.h"

#define COUNTERS_MAX 128

static bool add(struct fst_files *directories, const char *path)
{
    return !path || strcmp(path, "-") == 0 || fst_files_add_homes(directories, path);
}

/** A series by time: the directory up to where names begin to differ. */
static bool add_series(struct fst_files *directories, const char *format)
{
    char *constant = strndup(format, strcspn(format, "%"));
    char *directory = constant ? fst_file_directory(constant) : NULL;
    bool good = directory && fst_files_append(directories, directory);

    free(directory);
    free(constant);
    return good;
}

static bool add_all(struct fst_files *directories, const struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    bool good = arguments->rotate_seconds ? add_series(directories, arguments->write)
                                          : add(directories, arguments->write);

    good = good && add(directories, arguments->flagged);
    for (size_t i = 0; i < session->outputs.count && good; i++)
        good = add(directories, session->outputs.writer[i].path);
    for (size_t i = 0; i < session->metric_count && good; i++)
        good = add(directories, session->metrics[i].path);
    if (session->tui) /* the connection that is selected can be written */
        good = good && fst_files_append(directories, ".");
    return good;
}

bool fst_session_confine(const struct fst_session *session)
{
    const struct fst_arguments *arguments = &session->arguments;
    struct fst_files directories = {0, NULL};
    char counters[COUNTERS_MAX] = "";
    struct fst_sandbox sandbox = {.directories = &directories,
                                  .reads = arguments->file && arguments->filter,
                                  .packets = arguments->interface != NULL,
                                  .screen = session->tui != NULL};
    bool good = add_all(&directories, session);

    if (arguments->interface) {
        snprintf(counters, sizeof(counters), "/sys/class/net/%s/statistics", arguments->interface);
        sandbox.counters = counters;
    }
    sandbox.creates = directories.count > 0;
    if (good)
        fst_sandbox_enter(&sandbox);
    fst_files_free(&directories);
    return good;
}
