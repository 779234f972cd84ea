/* SPDX-License-Identifier: MIT
 *
 * The command line the model's programs share: which world, which network, which mode.
 */
#ifndef MODEL_OPTIONS_H
#define MODEL_OPTIONS_H

#include "watch.h"

struct model_options {
    struct settings settings;
    struct watch_settings watching;
    uint64_t seed;
    uint64_t limit; /* states or segments */
    char title[160];
};

/** False after printing what is wrong. */
bool options_parse(struct model_options *options, int argc, char **argv);

#endif
