/* SPDX-License-Identifier: MIT
 *
 * The time stamps of a pcapng interface: ticks of some length since some second, to nanoseconds.
 */
#ifndef FST_CAPTURE_CLOCK_H
#define FST_CAPTURE_CLOCK_H

#include <stdint.h>

/* In 2116. Times do not go beyond, nor as far back from the epoch, so that the difference of any
 * two fits the type. */
#define FST_CLOCK_LAST_NS ((INT64_C(1) << 62) - 1)

struct fst_clock {
    uint64_t tick_ns;   /* length of a tick, for ticks below `plain_end` */
    uint64_t plain_end; /* fewer ticks convert by one multiplication */
    int64_t offset_s;   /* if_tsoffset */
    uint8_t resolution; /* if_tsresol: a power of 10, or of 2 with the top bit set; negative */
};

/** A clock for the options if_tsresol (6 if not given) and if_tsoffset (0). */
struct fst_clock fst_clock_make(uint8_t resolution, int64_t offset_s);

/** The long way of fst_clock_ns(), which also serves unusual clocks. */
int64_t fst_clock_ns_slow(const struct fst_clock *clock, uint64_t ticks);

/** Nanoseconds since the epoch, cut off below, and no further from it than FST_CLOCK_LAST_NS. */
static inline int64_t fst_clock_ns(const struct fst_clock *clock, uint64_t ticks)
{
    return ticks < clock->plain_end ? (int64_t)(ticks * clock->tick_ns)
                                    : fst_clock_ns_slow(clock, ticks);
}

#endif
