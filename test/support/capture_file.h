/* SPDX-License-Identifier: MIT
 *
 * Write octets to a temporary file, read it as a capture to its end, and keep what came of it.
 */
#ifndef FST_TEST_SUPPORT_CAPTURE_FILE_H
#define FST_TEST_SUPPORT_CAPTURE_FILE_H

#include "flowstate/flowstate.h"

#define KEPT_MAX 16

/** What reading a capture gave. */
struct outcome {
    int error; /* of the call that failed, 0 if none did */
    bool opened;
    struct fst_diag diag;
    struct fst_capture_info info; /* without path, interfaces */
    size_t count;                 /* packets handed out */
    struct {
        struct fst_packet packet; /* `data` is gone */
        int first;                /* octet of the packet, -1 if it is empty */
    } kept[KEPT_MAX];
    size_t interface_count;
    struct fst_interface interfaces[KEPT_MAX]; /* without name */
    char names[KEPT_MAX][64];
};

/** The path of this process's temporary file, which holds `data`. Removed at exit. */
const char *temporary_file(const void *data, size_t len);

/**
 * Read the capture to its end in batches of `batch` packets, with a filter unless it is NULL. Fails
 * the test if an error has no message, or if it is not repeated by the next call.
 */
void read_capture(struct outcome *outcome, const char *path, const char *filter, size_t batch);

/** The same for octets in memory. */
void read_octets(struct outcome *outcome, const void *data, size_t len);

#endif
