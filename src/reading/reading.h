/* SPDX-License-Identifier: MIT */
#ifndef FST_READING_READING_H
#define FST_READING_READING_H

#include "flowstate/flowstate.h"

struct fst_reading_sizes {
    uint64_t small; /* so much of the capture is read before a thread is started */
    size_t slice;   /* so much of a file is read at once where threads read it abreast */
};

/** As fst_analyzer_read(). */
int fst_reading_run(struct fst_analyzer *analyzer, struct fst_capture *capture,
                    const struct fst_reading *reading, const struct fst_reading_sizes *sizes,
                    struct fst_diag *diag);

#endif
