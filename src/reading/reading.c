/* SPDX-License-Identifier: MIT
 *
 * Reading a capture into an analyzer: by the caller alone or, once it turns out to be large and of
 * short packets, with a second thread that reads and decodes. Connections are the caller's thread's
 * in both cases, so the second way does in the same order what the first does.
 */
#include "reading/reading.h"

#include "capture/diag.h"
#include "capture/supply.h"
#include "flow/analyzer.h"
#include "reading/ahead.h"
#include "reading/cores.h"

#define ROOM 256 /* packets of one read */

/* Octets that are read in some milliseconds: what a thread could save of that is not worth one. */
#define SMALL (4u << 20)

/* Octets a packet from which on reading is most of the work. Then a second thread has little to
 * take over, and what it reads lies in the other core's cache. Measured: see docs/PERFORMANCE.md.
 */
#define BULK 768

struct pass {
    struct fst_analyzer *analyzer;
    struct fst_capture *capture;
    const struct fst_reading *reading;
    struct fst_diag *diag;
    uint64_t left; /* packets that may still be read */
    bool done;
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

/* Until the pass is done, or `octets` of the capture have been read. */
static int read_alone(struct pass *pass, uint64_t octets)
{
    const struct fst_capture_info *info = fst_capture_info(pass->capture);
    struct fst_packet packets[ROOM];

    while (!pass->done && info->bytes < octets) {
        size_t want = pass->left < ROOM ? (size_t)pass->left : ROOM, count = 0;
        int error = 0;

        if (want > 0 && is_wanted(pass, info->file_bytes))
            error = fst_capture_read(pass->capture, packets, want, &count, pass->diag);
        if (count > 0 && fst_analyzer_feed(pass->analyzer, packets, count) != 0)
            return no_memory(pass);
        pass->left -= count;
        pass->done = error || count == 0;
        if (error)
            return error;
    }
    return 0;
}

/* Read `octets` more; whether a second thread would not have helped, nor is likely to with the
 * next. Unpacking is work enough for one. */
static bool read_as_bulk(struct pass *pass, uint64_t octets, int *error)
{
    const struct fst_capture_info *info = fst_capture_info(pass->capture);
    uint64_t bytes = info->bytes, packets = info->packets;

    *error = read_alone(pass, bytes + octets);
    return !info->compression && info->bytes - bytes > (info->packets - packets) * BULK;
}

/* All that is left, once another thread reads it. What was read is taken even when no more is
 * wanted, so that what is known of the capture goes with what is known of its connections. */
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
    pass->done = true;
    error = fst_ahead_end(ahead, pass->diag);
    return failed ? no_memory(pass) : error;
}

static int run(struct pass *pass, unsigned threads, uint64_t small)
{
    struct fst_ahead *ahead = NULL;
    int error;

    if (threads < 2)
        return read_alone(pass, UINT64_MAX);
    while (read_as_bulk(pass, small, &error) && !pass->done && !error)
        ;
    if (!pass->done && !error)
        ahead = fst_ahead_start(pass->capture, &pass->analyzer->decoder, pass->left,
                                pass->analyzer->allocator);
    if (ahead)
        return take_all(pass, ahead);
    return error ? error : read_alone(pass, UINT64_MAX);
}

int fst_reading_run(struct fst_analyzer *analyzer, struct fst_capture *capture,
                    const struct fst_reading *reading, uint64_t small, struct fst_diag *diag)
{
    unsigned threads = reading->threads ? reading->threads : fst_cores();
    struct pass pass = {.analyzer = analyzer,
                        .capture = capture,
                        .reading = reading,
                        .diag = diag,
                        .left = reading->max_packets ? reading->max_packets : UINT64_MAX};
    int error;

    if (analyzer->finished || fst_capture_supply(capture) == FST_SUPPLY_LIVE)
        return fst_diag_set(diag, FST_EINVAL, fst_capture_info(capture)->path,
                            "only a file can be read to its end, by an analyzer that is not "
                            "finished");
    error = run(&pass, threads, small);
    if (!error && fst_capture_info(capture)->until_ns > analyzer->until_ns)
        analyzer->until_ns = fst_capture_info(capture)->until_ns;
    return error;
}

int fst_analyzer_read(struct fst_analyzer *analyzer, struct fst_capture *capture,
                      const struct fst_reading *reading, struct fst_diag *diag)
{
    static const struct fst_reading defaults = {0};

    return fst_reading_run(analyzer, capture, reading ? reading : &defaults, SMALL, diag);
}
