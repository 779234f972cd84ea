/* SPDX-License-Identifier: MIT
 *
 * TCP flags in tcpdump's letters.
 */
#ifndef FST_BASE_FLAGS_H
#define FST_BASE_FLAGS_H

#include <stdint.h>

#define FST_FLAGS_TEXT_MAX 16

/** "S.", "P.", "none". */
const char *fst_format_flags(uint16_t flags, char text[FST_FLAGS_TEXT_MAX]);

#endif
