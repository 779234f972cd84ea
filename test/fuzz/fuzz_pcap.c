/* SPDX-License-Identifier: MIT
 *
 * Files of the pcap format: a file that is none gets one of its magic numbers, so that no input is
 * wasted on another reader.
 */
#include <string.h>

#include "fuzz/fuzz.h"

static const uint8_t magics[][4] = {
    {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0xc3, 0xd4}, {0x4d, 0x3c, 0xb2, 0xa1},
    {0xa1, 0xb2, 0x3c, 0x4d}, {0x34, 0xcd, 0xb2, 0xa1}, {0xa1, 0xb2, 0xcd, 0x34},
};

#define MAGICS (sizeof(magics) / sizeof(magics[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file;
    size_t i = 0;

    if (size < 4)
        return 0;
    while (i < MAGICS && memcmp(data, magics[i], 4) != 0)
        i++;
    file = malloc(size);
    ENSURE(file != NULL);
    memcpy(file, data, size);
    if (i == MAGICS)
        memcpy(file, magics[data[0] % MAGICS], 4);
    fuzz_read_capture(fuzz_file(file, size));
    free(file);
    return 0;
}
