/* SPDX-License-Identifier: MIT */
#include "report/writer.h"

#include <string.h>

static const struct {
    const char *command, *name;
    const struct fst_format *format;
} formats[] = {
#define WRITER(command, name, format) {#command, #name, &format},
#include "report/writers.def"
#undef WRITER
};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

const struct fst_format *fst_format_find(const char *command, const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].command, command) == 0 && strcmp(formats[i].name, name) == 0)
            return formats[i].format;
    return NULL;
}

const char *fst_format_name_at(const char *command, size_t index)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strcmp(formats[i].command, command) == 0 && index-- == 0)
            return formats[i].name;
    return NULL;
}
