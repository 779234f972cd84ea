/* SPDX-License-Identifier: MIT
 *
 * Files of the pcapng format: the first block always is a section header.
 */
#include <string.h>

#include "fuzz/fuzz.h"

static const uint8_t section_header[4] = {0x0a, 0x0d, 0x0d, 0x0a};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *file;

    if (size < sizeof(section_header))
        return 0;
    file = malloc(size);
    ENSURE(file != NULL);
    memcpy(file, data, size);
    memcpy(file, section_header, sizeof(section_header));
    fuzz_read_capture(fuzz_file(file, size));
    free(file);
    return 0;
}
