/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
int fst_cmd_record(const struct fst_arguments *arguments)
{
    (void)arguments;
    return FST_EXIT_USAGE;
}
