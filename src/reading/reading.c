/* SPDX-License-Identifier: MIT
 *
 * Reading a capture into an analyzer: by the caller alone or, once it turns out to be large, with
 * other threads. All then read a file abreast, and each follows its part of the connections if they
 * can be divided; else all connections are the caller's thread's. What has to be read in order the
 * second thread reads ahead.
 */
#include "reading/reading.h"

#include "capture/diag.h"
#include "capture/supply.h"
#include "flow/parts.h"
#include "reading/abreast.h"
#include "reading/ahead.h"
#include "reading/cores.h"

#define ROOM 256 /* packets of one read */

/* Octets that are read in some milliseconds: what a thread could save of that is not worth one. */
#define SMALL (4u << 20)

/* Of a file it is known beforehand how large it is, and memory for all threads has to be made. */
#define FEW 8

/* Octets of the file that one thread copies and decodes at once: see docs/PERFORMANCE.md. */
#define SLICE (256u << 10)

struct pass {
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    const struct fst_reading *reading;
    const struct fst_reading_sizes *sizes;
    struct fst_diag *diag;
    unsigned threads;
    uint64_t left; /* packets that may still be read: none at the end */
};

static bool is_wanted(const struct pass *pass, uint64_t file_bytes)
{
    return !pass->reading->go_on || pass->reading->go_on(pass->reading->context, file_bytes);
}

static int no_memory(const struct pass *pass)
{
    return fst_diag_set(pass->diag, FST_ENOMEM, fst_capture_info(pass->capture)->path,
                        "out of memory");
}

/* Until nothing is left, or `octets` of the capture have been read. */
static int read_alone(struct pass *pass, uint64_t octets)
{
    const struct fst_capture_info *info = fst_capture_info(pass->capture);
    struct fst_packet packets[ROOM];
    int error = 0;

    while (pass->left > 0 && info->bytes < octets) {
        size_t want = pass->left < ROOM ? (size_t)pass->left : ROOM, count = 0;

        if (is_wanted(pass, info->file_bytes))
            error = fst_capture_read(pass->capture, packets, want, &count, pass->diag);
        if (count > 0 && fst_analyzer_feed(pass->analyzer, packets, count) != 0)
            return no_memory(pass);
        pass->left = error || count == 0 ? 0 : pass->left - count;
    }
    return error;
}

/* The same while another thread reads. What was read is taken even when no more is wanted, so that
 * what is known of the capture goes with what is known of its connections. */
static int take_all(struct pass *pass, struct fst_ahead *ahead)
{
    bool wanted = true, last;
    int failed = 0, error;

    do {
        struct fst_block *block = fst_ahead_take(ahead);

        last = block->last;
        if (!failed)
            failed = fst_analyzer_take(pass->analyzer, block->batches, block->count);
        if (wanted && !last) {
            wanted = !failed && is_wanted(pass, block->file_bytes);
            if (!wanted)
                fst_ahead_stop(ahead);
        }
        fst_table_promise(&pass->analyzer->table, block->promised);
        fst_ahead_give_back(ahead);
    } while (!last);
    error = fst_ahead_end(ahead, &pass->left, pass->diag);
    if (!wanted)
        pass->left = 0;
    return failed ? no_memory(pass) : error;
}

static int read_ahead(struct pass *pass, uint64_t octets)
{
    struct fst_ahead *ahead = NULL;

    if (pass->left > 0)
        ahead = fst_ahead_start(pass->capture, &pass->analyzer->decoder, pass->left, octets,
                                pass->analyzer->allocator);
    return ahead ? take_all(pass, ahead) : read_alone(pass, octets);
}

/* What is the caller's of a block that all have read. */
static int take_own(struct pass *pass, struct fst_block *block)
{
    struct fst_analyzer *a = pass->analyzer;
    int error;

    if (fst_parts_there(a))
        return fst_parts_take_first(a, block->batches, block->count);
    error = fst_analyzer_take(a, block->batches, block->count);
    fst_table_promise(&a->table, block->promised);
    return error;
}

/* What all threads can read in slices; `more` tells of whole slices that they cannot. */
static int read_abreast(struct pass *pass, struct fst_abreast *abreast, bool *more)
{
    const struct fst_capture_info *info = fst_capture_info(pass->capture);
    uint64_t before = info->packets;
    struct fst_block *block;
    bool wanted = true;
    int failed = 0, error;

    while ((block = fst_abreast_take(abreast))) {
        error = take_own(pass, block);
        failed = failed ? failed : error;
        wanted = wanted && !failed && is_wanted(pass, block->file_bytes);
        if (!wanted)
            fst_abreast_stop(abreast);
        fst_abreast_give_back(abreast);
    }
    error = fst_abreast_end(abreast, more);
    failed = failed ? failed : error;
    pass->left = wanted ? pass->left - (info->packets - before) : 0;
    return failed ? no_memory(pass) : 0;
}

static int end_parts(struct pass *pass)
{
    return fst_parts_end(pass->analyzer) != 0 ? no_memory(pass) : 0;
}

/* Whether what the parts of all connections share may become full when read abreast. */
static bool is_full(struct pass *pass)
{
    return fst_parts_there(pass->analyzer) &&
           !fst_parts_fit(pass->analyzer, fst_abreast_packets(pass->sizes->slice));
}

/* By several threads. What they cannot read abreast may come often: then order is kept for longer.
 */
static int read_by_threads(struct pass *pass)
{
    const struct fst_capture_info *info = fst_capture_info(pass->capture);
    const uint64_t small = pass->sizes->small;
    uint64_t in_order = small;
    int error = read_alone(pass, small);

    while (pass->left > 0 && !error) {
        struct fst_abreast *abreast = fst_abreast_start(
            pass->analyzer, pass->capture, pass->threads, pass->sizes->slice, pass->left);
        uint64_t before = info->bytes;
        bool more = false;

        if (!abreast) {
            error = end_parts(pass);
            return error ? error : read_ahead(pass, UINT64_MAX);
        }
        error = read_abreast(pass, abreast, &more);
        if (!error && more && is_full(pass)) {
            error = end_parts(pass);
            continue;
        }
        in_order = info->bytes - before < in_order ? 2 * in_order : small;
        if (!error)
            error = more ? read_ahead(pass, info->bytes + in_order)
                         : read_alone(pass, info->bytes + small);
    }
    return error;
}

/* Each part of the connections is a thread's, where the capture is large and nobody looks on. */
static int read_divided(struct pass *pass)
{
    uint64_t octets = fst_slices_count(pass->capture, pass->sizes->slice) * pass->sizes->slice;
    int error, failed;

    if (octets > 0 && octets < FEW * pass->sizes->small)
        return read_alone(pass, UINT64_MAX);
    if (pass->threads > FST_PARTS_MOST)
        pass->threads = FST_PARTS_MOST;
    if (octets > 0)
        (void)fst_parts_begin(pass->analyzer, pass->threads == 3 ? 2 : pass->threads);
    error = read_by_threads(pass);
    failed = end_parts(pass);
    return failed ? failed : error;
}

int fst_reading_run(struct fst_analyzer *analyzer, struct fst_capture *capture,
                    const struct fst_reading *reading, const struct fst_reading_sizes *sizes,
                    struct fst_diag *diag)
{
    struct pass pass = {.analyzer = analyzer,
                        .capture = capture,
                        .reading = reading,
                        .sizes = sizes,
                        .diag = diag,
                        .threads = reading->threads ? reading->threads : fst_cores(),
                        .left = reading->max_packets ? reading->max_packets : UINT64_MAX};
    int error;

    if (analyzer->finished || fst_capture_supply(capture) == FST_SUPPLY_LIVE)
        return fst_diag_set(diag, FST_EINVAL, fst_capture_info(capture)->path,
                            "only a file can be read to its end, by an analyzer that is not "
                            "finished");
    error = pass.threads < 2 ? read_alone(&pass, UINT64_MAX) : read_divided(&pass);
    if (!error && fst_capture_info(capture)->until_ns > analyzer->until_ns)
        analyzer->until_ns = fst_capture_info(capture)->until_ns;
    return error;
}

int fst_analyzer_read(struct fst_analyzer *analyzer, struct fst_capture *capture,
                      const struct fst_reading *reading, struct fst_diag *diag)
{
    static const struct fst_reading defaults = {0};
    static const struct fst_reading_sizes sizes = {SMALL, SLICE};

    return fst_reading_run(analyzer, capture, reading ? reading : &defaults, &sizes, diag);
}
