/* SPDX-License-Identifier: MIT */
#include "reading/cores.h"

#include <sched.h>

unsigned fst_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}
