/* SPDX-License-Identifier: MIT
 *
 * The short way of steady.c against the observer: with a `segment` callback every segment goes the
 * long way, without one most go the short way, and nothing that users see may differ.
 *
 *     test_steady DIRECTORY|FILE...
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowstate/flowstate.h"

static const struct mode {
    bool path_packets, lossless;
} modes[] = {{false, false}, {true, false}, {false, true}};

static void ignore_segment(void *context, const struct fst_segment_event *event)
{
    (void)event;
    ++*(uint64_t *)context;
}

static struct fst_analyzer *analyze(const char *path, bool long_way, const struct mode *mode,
                                    uint64_t *segments)
{
    struct fst_options options = {.path_packets = mode->path_packets, .lossless = mode->lossless};
    struct fst_packet packets[64];
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    size_t count = 0;
    int error;

    if (long_way) {
        options.events.segment = ignore_segment;
        options.events.context = segments;
    }
    if (fst_capture_open(&capture, path, NULL) != 0)
        return NULL;
    if (fst_analyzer_new(&analyzer, &options) != 0)
        abort();
    do {
        error = fst_capture_read(capture, packets, 64, &count, NULL);
        if (count > 0 && fst_analyzer_feed(analyzer, packets, count) != 0)
            abort();
    } while (!error && count > 0);
    if (fst_analyzer_finish(analyzer) != 0)
        abort();
    fst_capture_close(capture);
    return analyzer;
}

static bool same_findings(const struct fst_connection_view *one, const struct fst_finding *two,
                          size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (one->findings[i].rule != two[i].rule || one->findings[i].packet != two[i].packet ||
            one->findings[i].repeats != two[i].repeats ||
            one->findings[i].class_ != two[i].class_ || one->findings[i].by != two[i].by)
            return false;
    return true;
}

/* Steps past the end of a path hold nothing. */
static void clear_rest(struct fst_connection_view *view)
{
    size_t s;

    for (s = 0; s < 2; s++)
        memset(&view->side[s].path[view->side[s].path_count], 0,
               (FST_PATH_MAX - view->side[s].path_count) * sizeof(view->side[s].path[0]));
}

static int compare_in(const char *path, const struct mode *mode)
{
    static struct fst_connection_view one, two;
    uint64_t segments = 0;
    struct fst_analyzer *slow = analyze(path, true, mode, &segments);
    struct fst_analyzer *fast = analyze(path, false, mode, &segments);
    int differences = 0;
    uint32_t id;

    if (!slow || !fast) {
        fst_analyzer_free(slow);
        fst_analyzer_free(fast);
        return 0;
    }
    for (id = fst_analyzer_next(slow, 1); id != 0; id = fst_analyzer_next(slow, id + 1)) {
        if (fst_analyzer_connection(slow, id, &one) != 0 ||
            fst_analyzer_connection(fast, id, &two) != 0) {
            printf("%s: connection %u is missing\n", path, id);
            differences++;
            continue;
        }
        if (one.finding_count != two.finding_count ||
            !same_findings(&one, two.findings, one.finding_count)) {
            printf("%s: findings of connection %u differ\n", path, id);
            differences++;
        }
        one.findings = two.findings = NULL;
        clear_rest(&one);
        clear_rest(&two);
        if (memcmp(&one, &two, sizeof(one)) != 0) {
            printf("%s: connection %u differs: %s %s, %s %s\n", path, id,
                   fst_state_name(one.side[0].state), fst_state_name(one.side[1].state),
                   fst_state_name(two.side[0].state), fst_state_name(two.side[1].state));
            differences++;
        }
    }
    printf("%s: %u connections, %llu segments, %d differences\n", path,
           (unsigned)fst_analyzer_stats(fast)->connections, (unsigned long long)segments,
           differences);
    fst_analyzer_free(slow);
    fst_analyzer_free(fast);
    return differences;
}

static int compare(const char *path)
{
    int differences = 0;
    size_t i;

    for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
        differences += compare_in(path, &modes[i]);
    return differences;
}

static int compare_all(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int differences = 0;
    char file[4096];

    if (!directory)
        return compare(path);
    while ((entry = readdir(directory)) != NULL) {
        if (!strstr(entry->d_name, ".pcap"))
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        differences += compare(file);
    }
    closedir(directory);
    return differences;
}

int main(int argc, char **argv)
{
    int differences = 0, i;

    for (i = 1; i < argc; i++)
        differences += compare_all(argv[i]);
    if (argc < 2)
        fprintf(stderr, "usage: test_steady DIRECTORY|FILE...\n");
    return argc < 2 || differences > 0;
}
