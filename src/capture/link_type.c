/* SPDX-License-Identifier: MIT */
#include "capture/link_type.h"

#include <pcap.h>

#include "flowstate/flowstate.h"

/* Those whose two numbers may differ, by www.tcpdump.org/linktypes.html; all others are equal. */
static const struct {
    uint16_t link_type;
    int dlt;
} different[] = {
    {100, DLT_ATM_RFC1483}, {101, DLT_RAW},  {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS},
    {106, DLT_ATM_CLIP},    {108, DLT_LOOP}, {109, DLT_ENC},        {246, DLT_PFSYNC},
};

int fst_link_type_to_dlt(uint16_t link_type)
{
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        if (different[i].link_type == link_type)
            return different[i].dlt;
    }
    return link_type;
}

const char *fst_link_type_name(uint16_t link_type)
{
    return pcap_datalink_val_to_name(fst_link_type_to_dlt(link_type));
}
