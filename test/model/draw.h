/* SPDX-License-Identifier: MIT
 *
 * One random run: what kind of world it is, and what happens next, weighted so that connections get
 * old. Used by the walks and by the mutations.
 */
#ifndef MODEL_DRAW_H
#define MODEL_DRAW_H

#include "options.h"

struct run {
    struct settings settings;
    struct watch_settings watching;
    struct world world;
    struct watch watch;
    struct fst_step step; /* of the newest captured segment; empty after other events */
    struct oracle oracle;
    uint64_t *random;
    unsigned length; /* events to try */
    unsigned calm;   /* in 16ths: how rarely the network misbehaves */
};

/** Draw a world within what `options` allow. */
void run_begin(struct run *run, const struct model_options *options, uint64_t *random);

/** Let one drawn event happen and judge it; false if it was not possible. */
bool run_event(struct run *run, struct event *event, struct offence *offence);

/** The capture ends. */
void run_end(struct run *run, struct offence *offence);

#endif
