/* SPDX-License-Identifier: MIT
 *
 * flowstate check --record: a new expectation file, of what a capture shows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/check_file.h"
#include "cli/files.h"
#include "cli/observe.h"
#include "expect/record.h"

/** The capture's name without what tells its format, and ".expect"; to be freed. */
static char *name_for(const char *capture)
{
    static const char *const endings[] = {".gz", ".zst", ".lz4", ".pcapng", ".pcap", ".cap"};
    struct fst_strbuf name = {0};
    size_t len = strlen(capture);

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);

        if (len > ending && strncmp(capture + len - ending, endings[i], ending) == 0 &&
            capture[len - ending - 1] != '/')
            len -= ending;
    }
    fst_strbuf_add_octets(&name, capture, len);
    fst_strbuf_add(&name, ".expect");
    return fst_strbuf_take(&name);
}

/** The way from the file's directory, the first `len` octets of `path`, to the working directory.
 *  @return false if its parts do not tell. */
static bool way_back(const char *path, size_t len, struct fst_strbuf *way)
{
    if (*path == '/')
        return false;
    for (size_t at = 0, part; at < len; at += part + 1) {
        part = strcspn(path + at, "/");
        if (part == 2 && strncmp(path + at, "..", 2) == 0)
            return false;
        if (part > 0 && !(part == 1 && path[at] == '.'))
            fst_strbuf_add(way, "../");
    }
    return true;
}

/** How the file names the capture, as seen from the file's own directory; to be freed. */
static char *capture_name(const char *capture, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash + 1 - path) : 0; /* of the directory and its slash */
    struct fst_strbuf name = {0};
    char here[4096];

    while (strncmp(capture, "./", 2) == 0 && capture[2] != '/')
        capture += 2;
    if (strncmp(capture, path, len) == 0)
        return strdup(capture + len);
    if (*capture != '/' && !way_back(path, len, &name)) {
        fst_strbuf_clear(&name);
        if (!getcwd(here, sizeof(here)))
            return NULL;
        fst_strbuf_print(&name, "%s/", here);
    }
    fst_strbuf_add(&name, capture);
    return fst_strbuf_take(&name);
}

/** Whether a line of the file can say the name. */
static bool can_be_named(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && !strpbrk(name, "\n\r") && !strchr(" \t", name[0]) &&
           !strchr(" \t", name[len - 1]);
}

static int write_new(const char *path, const char *text)
{
    if (strcmp(path, "-") == 0)
        return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? FST_EXIT_OUTPUT : FST_EXIT_OK;
    if (access(path, F_OK) == 0) {
        fst_complain("%s: exists; to write its recorded part anew: flowstate check --update %s",
                     path, path);
        return FST_EXIT_USAGE;
    }
    if (fst_file_replace(path, text))
        return FST_EXIT_OK;
    fst_complain("%s: cannot be written: %s", path, strerror(errno));
    return FST_EXIT_OUTPUT;
}

static int write_recording(const struct fst_arguments *arguments,
                           const struct fst_observation *observation, bool damaged,
                           const char *path)
{
    bool is_file = strcmp(observation->path, "-") != 0;
    char *name = is_file ? capture_name(observation->path, path) : NULL;
    struct fst_record_head head = {name, arguments->filter, arguments->lossless, damaged};
    char *text = name || !is_file ? fst_record_new(&head, &observation->seen) : NULL;
    int status = FST_EXIT_INTERNAL;

    if (text)
        status = write_new(path, text);
    else
        fst_complain("%s", fst_error_text(FST_ENOMEM));
    free(name);
    free(text);
    return status;
}

/** What a person should know before the file is committed. */
static int tell(const struct fst_observation *observation, int observed, const char *path)
{
    if (observed == FST_EXIT_DAMAGED)
        fst_complain("%s; the file says \"allow damaged\"", observation->diag.message);
    if (observation->seen.flow_count == 0)
        fst_complain("%s: no TCP connection in it; the file says \"assert flows = 0\"",
                     observation->path);
    if (strcmp(path, "-") != 0)
        printf("%s   written, %zu flow%s; to check it: flowstate check %s\n", path,
               observation->seen.flow_count, observation->seen.flow_count == 1 ? "" : "s", path);
    return fflush(stdout) == 0 ? observed : FST_EXIT_OUTPUT;
}

int fst_check_record(const struct fst_arguments *arguments, const char *capture, const char *path)
{
    bool several = arguments->captures.count > 1;
    struct fst_observation observation = {.path = capture,
                                          .captures = several ? &arguments->captures : NULL,
                                          .filter = arguments->filter,
                                          .lossless = arguments->lossless,
                                          .max_flows = arguments->max_flows,
                                          .level = arguments->level};
    char *name = path ? strdup(path) : name_for(strcmp(capture, "-") == 0 ? "stdin" : capture);
    int observed, status;

    if (!can_be_named(capture)) {
        fst_complain("%s: a line of an expectation file cannot hold this name", capture);
        free(name);
        return FST_EXIT_USAGE;
    }
    observed = status = fst_observe_capture(&observation);
    if (!name)
        status = FST_EXIT_INTERNAL;
    else if (observed == FST_EXIT_OK || observed == FST_EXIT_DAMAGED)
        status = write_recording(arguments, &observation, observed == FST_EXIT_DAMAGED, name);
    else
        fst_complain("%s", observation.diag.message);
    if (status == FST_EXIT_OK)
        status = tell(&observation, observed, name);
    fst_seen_free(&observation.seen);
    free(name);
    return status;
}
