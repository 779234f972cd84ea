/* SPDX-License-Identifier: MIT */
#include "base/flags.h"

#include <stddef.h>
#include <string.h>

#include "flowstate/flowstate.h"

const char *fst_format_flags(uint16_t flags, char text[FST_FLAGS_TEXT_MAX])
{
    static const struct {
        uint16_t flag;
        char letter;
    } letters[] = {/* in tcpdump's order; the dot is the ACK */
                   {FST_TCP_FIN, 'F'}, {FST_TCP_SYN, 'S'}, {FST_TCP_RST, 'R'},
                   {FST_TCP_PSH, 'P'}, {FST_TCP_ACK, '.'}, {FST_TCP_URG, 'U'},
                   {FST_TCP_ECE, 'E'}, {FST_TCP_CWR, 'W'}, {FST_TCP_AE, 'e'}};
    size_t len = 0;

    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (flags & letters[i].flag)
            text[len++] = letters[i].letter;
    text[len] = '\0';
    if (len == 0)
        memcpy(text, "none", sizeof("none"));
    return text;
}
