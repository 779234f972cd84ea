/* SPDX-License-Identifier: MIT */
#include "support/two_ways.h"

#include <limits.h>
#include <pthread.h>

#include "support/unit.h"

bool no_threads;
unsigned threads_most = UINT_MAX;
unsigned threads_started;

/* The linker puts these in the place of the real one and the real one here. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *context)
{
    if (no_threads || threads_started >= threads_most)
        return 11; /* EAGAIN */
    threads_started++;
    return __real_pthread_create(thread, attributes, run, context);
}

void read_all(struct pass *pass, unsigned threads)
{
    struct fst_reading_sizes sizes = pass->sizes;
    const struct fst_capture_info *info;
    struct fst_capture *capture;

    if (sizes.slice == 0)
        sizes.slice = SIZE_MAX / 4;
    assert_int_equal(fst_capture_new(&capture, NULL), 0);
    for (size_t i = 0; i < pass->path_count; i++)
        assert_int_equal(fst_capture_add(capture, pass->paths[i], NULL), 0);
    assert_int_equal(fst_capture_begin(capture, NULL), 0);
    if (pass->filter)
        assert_int_equal(fst_capture_set_filter(capture, pass->filter, NULL), 0);
    account_open(&pass->account, pass->options, pass->only_ends);
    pass->reading.threads = threads;
    pass->diag = (struct fst_diag){0, ""};
    threads_started = 0;
    if (pass->fail_from > 0) {
        pass->memory->fail_from = pass->memory->calls + pass->fail_from;
        pass->memory->fail_to = MEMORY_NEVER;
    }
    pass->error =
        fst_reading_run(pass->account.analyzer, capture, &pass->reading, &sizes, &pass->diag);
    if (pass->fail_from > 0)
        pass->memory->fail_to = 0;
    else if (pass->sizes.small == 0)
        assert_int_equal(threads_started > 0, threads > 1 && !no_threads);
    account_finish(&pass->account);
    info = fst_capture_info(capture);
    pass->packets = info->packets;
    pass->bytes = info->bytes;
    pass->file_bytes = info->file_bytes;
    pass->filtered_out = info->filtered_out;
    pass->interfaces = info->interface_count;
    pass->truncated = info->truncated;
    fst_capture_close(capture);
}

static void assert_same_by(const struct pass *pass, unsigned threads, bool only_ends)
{
    struct pass alone = *pass, both = *pass;

    alone.only_ends = both.only_ends = only_ends;
    read_all(&alone, 1);
    read_all(&both, threads);
    account_assert_same(&alone.account, &both.account);
    assert_int_equal(both.error, alone.error);
    assert_string_equal(both.diag.message, alone.diag.message);
    assert_int_equal(both.packets, alone.packets);
    assert_int_equal(both.bytes, alone.bytes);
    /* How much was read beyond what was asked for is not told. */
    if (pass->reading.max_packets == 0)
        assert_int_equal(both.file_bytes, alone.file_bytes);
    assert_int_equal(both.filtered_out, alone.filtered_out);
    assert_int_equal(both.interfaces, alone.interfaces);
    assert_int_equal(both.truncated, alone.truncated);
    account_close(&alone.account);
    account_close(&both.account);
}

void assert_same(const struct pass *pass)
{
    static unsigned threads = 2;

    assert_same_by(pass, threads, true);
    threads = threads == 4 ? 2 : threads + 1;
    assert_same_by(pass, 2, false);
}
