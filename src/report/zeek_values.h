/* SPDX-License-Identifier: MIT
 *
 * What both of the Zeek formats print alike.
 */
#ifndef FST_REPORT_ZEEK_VALUES_H
#define FST_REPORT_ZEEK_VALUES_H

#include <stdbool.h>

#include "flowstate/flowstate.h"
#include "report/format.h"

/** "1772356442.000000": seconds with six digits, of times and durations. */
const char *fst_zeek_seconds(int64_t ns, char text[FST_FORMAT_MAX]);

/** Zeek leaves duration and octets unset when there was one packet, or all had the same time. */
bool fst_zeek_has_duration(const struct fst_connection_view *view);

#endif
