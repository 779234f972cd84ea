/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share. A target takes any octets and stops the program when an invariant
 * does not hold; it is driven by libFuzzer, or by replay.c over files.
 */
#ifndef FST_TEST_FUZZ_H
#define FST_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Stops the program, naming the place, unless `condition` holds. */
#define ENSURE(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** Put the octets into a file in memory; returns its path, the same each time. */
const char *fuzz_file(const uint8_t *data, size_t size);

/** Read the capture there to its end, in calls of one packet and of many, and check what must hold
 *  of every packet, whatever the file; both ways must tell the same. */
void fuzz_read_capture(const char *path);

#endif
