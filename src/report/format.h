/* SPDX-License-Identifier: MIT
 *
 * Numbers, times and flags as people and machines read them. All UTC, all independent of locale and
 * time zone. Each writes a NUL-terminated text and returns it.
 */
#ifndef FST_REPORT_FORMAT_H
#define FST_REPORT_FORMAT_H

#include <stdint.h>

#include "base/flags.h" /* fst_format_flags() */

#define FST_FORMAT_MAX 40

/** "18,204". */
const char *fst_format_count(uint64_t number, char text[FST_FORMAT_MAX]);
/** "1 packet", "18,204 packets": the plural is the noun and an s. */
const char *fst_format_counted(uint64_t number, const char *noun, char text[FST_FORMAT_MAX]);
/** "412 B", "18.2 kB", "3.4 MB": powers of 1000, three digits at least. */
const char *fst_format_octets(uint64_t octets, char text[FST_FORMAT_MAX]);
/** "455 us", "12.3 ms", "7.0 s", "4 min 10 s", "3 h 5 min", "2 d 7 h". */
const char *fst_format_duration(int64_t ns, char text[FST_FORMAT_MAX]);
/** "2026-03-01T09:14:02.340000000Z", RFC 3339. */
const char *fst_format_timestamp(int64_t ns, char text[FST_FORMAT_MAX]);
/** The same without the NUL: 30 octets. @return the place behind them. */
char *fst_put_timestamp(int64_t ns, char *to);
/** "2026-03-01". */
const char *fst_format_date(int64_t ns, char text[FST_FORMAT_MAX]);
/** "09:14:02.340", with 3, 6 or 9 digits. */
const char *fst_format_clock(int64_t ns, unsigned digits, char text[FST_FORMAT_MAX]);
/** Whole days since the epoch; also of times before it. */
int64_t fst_day(int64_t ns);

#endif
