/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/captures.h"
#include "report/format.h"

#define NS_PER_S   INT64_C(1000000000)
#define FIRST_NS   NS_PER_S /* what takes less needs no progress */
#define BETWEEN_NS (NS_PER_S / 4)

static int64_t now_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void fst_progress_begin(struct fst_progress *progress, const struct fst_files *captures)
{
    memset(progress, 0, sizeof(*progress));
    progress->on = isatty(STDERR_FILENO) != 0;
    if (!progress->on)
        return;
    progress->total = fst_captures_size(captures);
    progress->begin_ns = now_ns();
    progress->next_ns = progress->begin_ns + FIRST_NS;
}

const char *fst_progress_text(uint64_t done, uint64_t total, int64_t elapsed_ns,
                              char text[FST_PROGRESS_MAX])
{
    char read[FST_FORMAT_MAX], all[FST_FORMAT_MAX], rate[FST_FORMAT_MAX], left[FST_FORMAT_MAX];
    double per_second = elapsed_ns > 0 ? (double)done / ((double)elapsed_ns / NS_PER_S) : 0;

    fst_format_octets(done, read);
    fst_format_octets((uint64_t)per_second, rate);
    if (total == 0 || done > total || per_second < 1) {
        snprintf(text, FST_PROGRESS_MAX, "%s read  %s/s", read, rate);
        return text;
    }
    fst_format_duration((int64_t)((double)(total - done) / per_second * NS_PER_S), left);
    snprintf(text, FST_PROGRESS_MAX, "%u%%  %s of %s  %s/s  %s left",
             (unsigned)((double)done * 100 / (double)total), read, fst_format_octets(total, all),
             rate, left);
    return text;
}

void fst_progress_update(struct fst_progress *progress, uint64_t done)
{
    char text[FST_PROGRESS_MAX];
    int64_t now;

    if (!progress->on)
        return;
    now = now_ns();
    if (now < progress->next_ns)
        return;
    progress->next_ns = now + BETWEEN_NS;
    progress->shown = true;
    fprintf(stderr, "\r%s\033[K",
            fst_progress_text(done, progress->total, now - progress->begin_ns, text));
    fflush(stderr);
}

void fst_progress_end(struct fst_progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->on = progress->shown = false;
}
