/* SPDX-License-Identifier: MIT */
#include "report/state_diagram.h"

#include <stddef.h>
#include <string.h>

static const char *const diagram[] = {
    "                  passive OPEN        ┌──────────────┐  active OPEN, send SYN",
    "              ┌───────────────────────│    CLOSED    │───────────────────────┐",
    "              │                       └──────────────┘                       │",
    "              │               CLOSE       ▲      ▲      CLOSE                │",
    "              │     ┌─────────────────────┘      └─────────────────────┐     │",
    "              ▼     │                                                  │     ▼",
    "        ┌──────────────┐             SEND, send SYN                 ┌──────────────┐",
    "        │    LISTEN    │───────────────────────────────────────────▶│   SYN-SENT   │",
    "        └──────────────┘                                            └──────────────┘",
    "          ▲   │ receive SYN                                            │     │ receive",
    "get a RST │   │ send SYN ACK                    ┌──────────────────────┘     │ SYN ACK,",
    "          │   ▼                                 │ receive SYN                ▼ send ACK",
    "        ┌──────────────┐                        │ send SYN ACK      ┌──────────────┐",
    "        │ SYN-RECEIVED │◀───────────────────────┘                   │ ESTABLISHED  │",
    "        │              │───────────────────────────────────────────▶│              │",
    "        └──────────────┘            receive ACK of SYN              └──────────────┘",
    "              │ CLOSE                                                  │     │ receive FIN",
    "              │ send FIN                  ┌────────────────────────────┘     │ send ACK",
    "              ▼                           │    CLOSE, send FIN               ▼",
    "        ┌──────────────┐                  │                         ┌──────────────┐",
    "        │  FIN-WAIT-1  │◀─────────────────┘                         │  CLOSE-WAIT  │",
    "        │              │──────────────────────┐                     └──────────────┘",
    "        └──────────────┘                      │ receive FIN                  │ CLOSE",
    "          │ receive   │                       │ send ACK                     │ send FIN",
    "          │ ACK of    └───┐                   │                              │",
    "          ▼ FIN           │                   ▼                              ▼",
    "        ┌──────────────┐  │ receive   ┌──────────────┐              ┌──────────────┐",
    "        │  FIN-WAIT-2  │  │ FIN and   │   CLOSING    │              │   LAST-ACK   │",
    "        └──────────────┘  │ ACK of    └──────────────┘              └──────────────┘",
    "          │               │ FIN,              │ receive ACK                  │ receive ACK",
    "          │ receive FIN   │ send ACK          │ of FIN                       │ of FIN",
    "          │ send ACK      │                   ▼                              ▼",
    "          │               │           ┌──────────────┐  2 MSL pass  ┌──────────────┐",
    "          │               └──────────▶│  TIME-WAIT   │─────────────▶│    CLOSED    │",
    "          └──────────────────────────▶│              │              │              │",
    "                                      └──────────────┘              └──────────────┘",
};

/* What stands for a drawing character where there is only ASCII. */
static const struct {
    const char *drawn;
    char ascii;
} ascii_forms[] = {
    {"─", '-'}, {"│", '|'}, {"┌", '+'}, {"┐", '+'}, {"└", '+'},
    {"┘", '+'}, {"▶", '>'}, {"◀", '<'}, {"▲", '^'}, {"▼", 'v'},
};

/** The ASCII form of the character at `at`, and how many octets it takes. */
static char ascii_of(const char *at, size_t *len)
{
    for (size_t i = 0; i < sizeof(ascii_forms) / sizeof(ascii_forms[0]); i++) {
        *len = strlen(ascii_forms[i].drawn);
        if (strncmp(at, ascii_forms[i].drawn, *len) == 0)
            return ascii_forms[i].ascii;
    }
    *len = 1;
    return *at;
}

static void put_ascii(struct fst_out *out, const char *line)
{
    while (*line != '\0') {
        size_t len;
        char c = ascii_of(line, &len);

        fst_out_char(out, c);
        line += len;
    }
}

void fst_state_diagram_text(struct fst_out *out, bool utf8)
{
    for (size_t i = 0; i < sizeof(diagram) / sizeof(diagram[0]); i++) {
        if (utf8)
            fst_out_text(out, diagram[i]);
        else
            put_ascii(out, diagram[i]);
        fst_out_char(out, '\n');
    }
}
