/* SPDX-License-Identifier: MIT */
#include "support/capture_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/flowstate-test-XXXXXX";
static int file = -1;

static void remove_file(void)
{
    (void)unlink(path);
}

const char *temporary_file(const void *data, size_t len)
{
    if (file < 0) {
        file = mkstemp(path);
        assert_true(file >= 0);
        assert_int_equal(atexit(remove_file), 0);
    }
    assert_int_equal(ftruncate(file, 0), 0);
    if (len > 0)
        assert_int_equal(pwrite(file, data, len, 0), (ssize_t)len);
    return path;
}

static void keep_packets(struct outcome *outcome, const struct fst_packet *packets, size_t count)
{
    for (size_t i = 0; i < count; i++, outcome->count++) {
        unsigned sum = 0;

        /* Touch every octet, so that the sanitizer sees what is handed out. */
        for (uint32_t k = 0; k < packets[i].captured_len; k++)
            sum += packets[i].data[k];
        assert_true(sum <= 255u * packets[i].captured_len);
        assert_true(packets[i].captured_len <= packets[i].original_len);
        if (outcome->count >= KEPT_MAX)
            continue;
        outcome->kept[outcome->count].packet = packets[i];
        outcome->kept[outcome->count].first = packets[i].captured_len ? packets[i].data[0] : -1;
    }
}

static void keep_info(struct outcome *outcome, const struct fst_capture *capture)
{
    outcome->info = *fst_capture_info(capture);
    outcome->interface_count = outcome->info.interface_count;
    for (size_t i = 0; i < outcome->interface_count && i < KEPT_MAX; i++) {
        const char *name = outcome->info.interfaces[i].name;

        outcome->interfaces[i] = outcome->info.interfaces[i];
        (void)snprintf(outcome->names[i], sizeof(outcome->names[i]), "%s", name ? name : "(null)");
    }
}

static void read_all(struct outcome *outcome, struct fst_capture *capture, size_t batch)
{
    struct fst_packet packets[64];
    struct fst_diag again = {0};
    size_t count = 0;

    do {
        outcome->error = fst_capture_read(capture, packets, batch, &count, &outcome->diag);
        keep_packets(outcome, packets, count);
    } while (!outcome->error && count > 0);
    keep_info(outcome, capture);
    assert_int_equal(fst_capture_read(capture, packets, batch, &count, &again), outcome->error);
    assert_int_equal(count, 0);
    assert_string_equal(again.message, outcome->diag.message);
}

void read_capture(struct outcome *outcome, const char *name, const char *filter, size_t batch)
{
    struct fst_capture *capture = NULL;

    memset(outcome, 0, sizeof(*outcome));
    outcome->error = fst_capture_open(&capture, name, &outcome->diag);
    outcome->opened = outcome->error == 0;
    if (outcome->opened && filter)
        outcome->error = fst_capture_set_filter(capture, filter, &outcome->diag);
    if (!outcome->error)
        read_all(outcome, capture, batch);
    else if (!outcome->opened)
        assert_null(capture);
    fst_capture_close(capture);
    assert_int_equal(outcome->diag.error, outcome->error);
    assert_int_equal(outcome->error != 0, outcome->diag.message[0] != '\0');
}

void read_octets(struct outcome *outcome, const void *data, size_t len)
{
    read_capture(outcome, temporary_file(data, len), NULL, 64);
}
