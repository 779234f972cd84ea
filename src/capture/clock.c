/* SPDX-License-Identifier: MIT */
#include "capture/clock.h"

#define NS_PER_S INT64_C(1000000000)

/* The largest power of ten that fits 64 bits. */
#define POWER_MAX 19

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    for (unsigned i = 0; i < exponent; i++)
        power *= 10;
    return power;
}

/* Split ticks of 10^-exponent seconds; finer ones than 64 bits can tell are less than a second. */
static void split_decimal(uint64_t ticks, unsigned exponent, uint64_t *s, uint64_t *ns)
{
    uint64_t rest = 0;

    *s = 0;
    *ns = 0;
    if (exponent <= POWER_MAX) {
        *s = ticks / power_of_ten(exponent);
        rest = ticks % power_of_ten(exponent);
    } else {
        rest = ticks;
    }
    if (exponent <= 9)
        *ns = rest * power_of_ten(9 - exponent);
    else if (exponent - 9 <= POWER_MAX)
        *ns = rest / power_of_ten(exponent - 9);
}

/* Split ticks of 2^-exponent seconds. The product of the fraction and 10^9 takes up to 94 bits, so
 * it is made of two halves, `high` counting 2^32 each. */
static void split_binary(uint64_t ticks, unsigned exponent, uint64_t *s, uint64_t *ns)
{
    uint64_t rest = exponent < 64 ? ticks & ((UINT64_C(1) << exponent) - 1) : ticks;
    uint64_t low = (rest & UINT32_MAX) * (uint64_t)NS_PER_S;
    uint64_t high = (rest >> 32) * (uint64_t)NS_PER_S + (low >> 32);

    *s = exponent < 64 ? ticks >> exponent : 0;
    if (exponent < 32)
        *ns = low >> exponent;
    else
        *ns = exponent < 96 ? high >> (exponent - 32) : 0;
}

/* s * 10^9 + ns, for ns below 10^9. */
static int64_t saturated(int64_t s, uint64_t ns)
{
    const int64_t last_s = FST_CLOCK_LAST_NS / NS_PER_S;

    if (s > last_s || (s == last_s && ns > FST_CLOCK_LAST_NS % NS_PER_S))
        return FST_CLOCK_LAST_NS;
    if (s < -last_s)
        return -FST_CLOCK_LAST_NS;
    return s * NS_PER_S + (int64_t)ns;
}

int64_t fst_clock_ns_slow(const struct fst_clock *clock, uint64_t ticks)
{
    unsigned exponent = clock->resolution & 0x7f;
    uint64_t s, ns;

    if (clock->resolution & 0x80)
        split_binary(ticks, exponent, &s, &ns);
    else
        split_decimal(ticks, exponent, &s, &ns);
    /* Far beyond what nanoseconds can hold, but the sum below must not wrap. */
    if (s > INT64_MAX)
        s = INT64_MAX;
    if (clock->offset_s > 0 && (int64_t)s > INT64_MAX - clock->offset_s)
        return FST_CLOCK_LAST_NS;
    return saturated((int64_t)s + clock->offset_s, ns);
}

struct fst_clock fst_clock_make(uint8_t resolution, int64_t offset_s)
{
    struct fst_clock clock = {0, 0, offset_s, resolution};

    if (resolution <= 9 && offset_s == 0) {
        clock.tick_ns = power_of_ten(9u - resolution);
        clock.plain_end = FST_CLOCK_LAST_NS / clock.tick_ns;
    }
    return clock;
}
