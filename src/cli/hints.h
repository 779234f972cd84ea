/* SPDX-License-Identifier: MIT
 *
 * What to say when a filter did not do what was meant.
 */
#ifndef FST_CLI_HINTS_H
#define FST_CLI_HINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "flowstate/flowstate.h"

/** Write a Wireshark display filter as pcap-filter(7) has it: "tcp.port == 80" as "tcp port 80".
 *  @return false if it is none, or one with no such form. */
bool fst_from_display_filter(const char *filter, char *text, size_t size);

/** After a filter that was refused: say so if it looks like a display filter. */
void fst_hint_display_filter(const char *filter);

/** After a filter that left out every packet: say so if the packets carry VLAN tags, behind which
 *  a filter does not look by itself. */
void fst_hint_vlan(const char *path, const char *filter, const struct fst_capture_info *info);

/** Complain, by name, of the link types that nothing can be seen in. */
void fst_complain_link_types(const char *path, const struct fst_capture_info *info);

#endif
