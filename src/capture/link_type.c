/* SPDX-License-Identifier: MIT
 *
 * The names of link types, from libpcap, whose functions number a few of them not as files do.
 */
#include <pcap.h>

#include "capture/capture.h"

/* Those whose two numbers may differ, by www.tcpdump.org/linktypes.html; all others are equal. */
static const struct {
    uint16_t link_type;
    int dlt;
} different[] = {
    {100, DLT_ATM_RFC1483}, {101, DLT_RAW},  {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS},
    {106, DLT_ATM_CLIP},    {108, DLT_LOOP}, {109, DLT_ENC},        {246, DLT_PFSYNC},
};

const char *fst_link_type_name(uint16_t link_type)
{
    int dlt = link_type;

    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        if (different[i].link_type == link_type)
            dlt = different[i].dlt;
    }
    return pcap_datalink_val_to_name(dlt);
}

uint16_t fst_link_type_of_dlt(int dlt)
{
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        if (different[i].dlt == dlt)
            return different[i].link_type;
    }
    return (uint16_t)dlt;
}
