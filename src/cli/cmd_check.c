/* SPDX-License-Identifier: MIT
 *
 * flowstate check: which files are meant, what came of all of them, and who is told.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/check_file.h"
#include "cli/check_report.h"
#include "cli/files.h"
#include "cli/options.h"

static int wrong(const char *message)
{
    fst_complain("%s", message);
    return FST_EXIT_USAGE;
}

/** Options that exclude each other. */
static int check_options(const struct fst_arguments *arguments)
{
    if (arguments->merge && !arguments->update)
        return wrong("--merge says how --update writes; give both");
    if (arguments->update && arguments->word_count == 0)
        return wrong("--update needs the names of the files to write anew");
    if (arguments->update && fst_in_ci())
        return wrong("--update is refused where CI is set: a build that accepts what it checks "
                     "checks nothing; run it by hand");
    return FST_EXIT_OK;
}

static int record_to(const struct fst_arguments *arguments, const char *capture, const char *path)
{
    struct fst_files beside = {0, NULL};
    int status = FST_EXIT_INTERNAL;

    if (fst_files_append(&beside, path ? path : capture))
        status = fst_check_give_up_rights(arguments, &beside, false);
    if (status == FST_EXIT_OK)
        status = fst_check_record(arguments, capture, path);
    fst_files_free(&beside);
    return status;
}

/** --record [-r] CAPTURE [FILE]. */
static int record(const struct fst_arguments *arguments)
{
    const char *capture = arguments->file;
    size_t next = 0;

    if (!capture && arguments->word_count > 0)
        capture = arguments->words[next++];
    if (!capture)
        return wrong("--record needs a capture: flowstate check --record CAPTURE [FILE.expect]");
    if (arguments->word_count > next + 1) {
        fst_complain("--record writes one file at a time: \"%s\" is too much",
                     arguments->words[next + 1]);
        return FST_EXIT_USAGE;
    }
    return record_to(arguments, capture,
                     next < arguments->word_count ? arguments->words[next] : NULL);
}

static int gather(struct fst_files *files, const struct fst_arguments *arguments)
{
    int status = FST_EXIT_OK;

    if (arguments->word_count == 0)
        return fst_files_add(files, ".");
    for (size_t i = 0; i < arguments->word_count && status == FST_EXIT_OK; i++)
        status = fst_files_add(files, arguments->words[i]);
    return status;
}

static int64_t now_ns(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int check_all(const struct fst_arguments *arguments, const struct fst_files *files)
{
    /* Without a file the capture itself is what is checked. */
    size_t count = files->count > 0 ? files->count : 1;
    struct fst_checked *checked = calloc(count, sizeof(*checked));
    int64_t begun = now_ns();
    int status;

    if (!checked) {
        fst_complain("%s", fst_error_text(FST_ENOMEM));
        return FST_EXIT_INTERNAL;
    }
    if (files->count == 0)
        fst_check_capture(checked, arguments, arguments->file);
    for (size_t i = 0; i < files->count; i++)
        fst_check_file(&checked[i], arguments, files->path[i], arguments->file);
    status = fst_check_tell(arguments, checked, count, now_ns() - begun);
    for (size_t i = 0; i < count; i++)
        fst_checked_free(&checked[i]);
    free(checked);
    return status;
}

int fst_cmd_check(const struct fst_arguments *arguments)
{
    struct fst_files files = {0, NULL};
    int status = check_options(arguments);

    if (status == FST_EXIT_OK)
        status = fst_outputs_check(arguments);
    if (status != FST_EXIT_OK)
        return status;
    if (arguments->record && !arguments->update)
        return record(arguments);
    if (arguments->word_count > 0 || !arguments->file)
        status = gather(&files, arguments);
    if (status == FST_EXIT_OK && files.count > 1 && arguments->file &&
        strcmp(arguments->file, "-") == 0)
        status = wrong("-r -: standard input can be read once, for one expectation file");
    if (status == FST_EXIT_OK)
        status = fst_check_give_up_rights(arguments, &files, false);
    if (status == FST_EXIT_OK)
        status = check_all(arguments, &files);
    fst_files_free(&files);
    return status;
}
