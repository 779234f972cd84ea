/* SPDX-License-Identifier: MIT
 *
 * Packed files: an input that is none gets the magic number of gzip, zstd or lz4.
 */
#include <string.h>

#include "fuzz/fuzz.h"

static const uint8_t magics[][4] = {
    {0x1f, 0x8b, 0x08, 0x00}, /* gzip, deflate, no flags */
    {0x28, 0xb5, 0x2f, 0xfd}, /* zstd */
    {0x04, 0x22, 0x4d, 0x18}, /* lz4 */
};

#define MAGICS (sizeof(magics) / sizeof(magics[0]))

/* How much of each magic number tells the format. */
static const size_t tell[MAGICS] = {2, 4, 4};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file;
    size_t i = 0;

    if (size < 4)
        return 0;
    while (i < MAGICS && memcmp(data, magics[i], tell[i]) != 0)
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
