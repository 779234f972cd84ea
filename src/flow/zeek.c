/* SPDX-License-Identifier: MIT
 *
 * Zeek's summary of a connection, by its documented meaning: a letter for each kind of segment,
 * upper case from the originator, and a code for the whole.
 */
#include <ctype.h>
#include <string.h>

#include "flow/analyzer.h"

/* A symbol of a history: the letter, and the side that sent it in bit 7. */
#define SIDE_BIT 0x80

static unsigned times_noted(const struct fst_trie *trie, uint32_t node, uint8_t symbol)
{
    unsigned times = 0;

    for (; node != FST_TRIE_EMPTY; node = fst_trie_parent(trie, node)) /* length is bounded */
        times += fst_trie_symbol(trie, node) == symbol;
    return times;
}

static void note(struct fst_table *table, struct fst_story *story, char letter, unsigned side)
{
    uint8_t symbol = (uint8_t)((unsigned char)letter | (side ? SIDE_BIT : 0));

    if (times_noted(&table->histories, story->history, symbol) == 0)
        story->history = fst_trie_append(&table->histories, story->history, symbol);
}

void fst_zeek_note(struct fst_analyzer *a, uint32_t number, const struct fst_segment *segment,
                   unsigned side, bool retransmission)
{
    struct fst_table *table = &a->table;
    struct fst_story *story = fst_table_story(table, number);
    unsigned flags = segment->flags;

    if (segment->checksum == FST_CHECKSUM_BAD) {
        note(table, story, 'c', side);
        return;
    }
    if ((flags & FST_TCP_SYN) && (flags & FST_TCP_FIN))
        note(table, story, 'q', side);
    else if ((flags & FST_TCP_SYN) && (flags & FST_TCP_RST))
        note(table, story, 'i', side);
    else if (flags & FST_TCP_SYN)
        note(table, story, flags & FST_TCP_ACK ? 'h' : 's', side);
    if (segment->payload_len > 0)
        note(table, story, retransmission ? 't' : 'd', side);
    else if ((flags & (FST_TCP_ACK | FST_TCP_SYN | FST_TCP_FIN | FST_TCP_RST)) == FST_TCP_ACK)
        note(table, story, 'a', side);
    if ((flags & FST_TCP_FIN) && !(flags & FST_TCP_SYN))
        note(table, story, 'f', side);
    if ((flags & FST_TCP_RST) && !(flags & FST_TCP_SYN))
        note(table, story, 'r', side);
    if (segment->wnd_raw == 0 && !(flags & (FST_TCP_SYN | FST_TCP_RST)))
        note(table, story, 'w', side);
}

void fst_zeek_history(const struct fst_analyzer *a, uint32_t number, unsigned client, char *text,
                      size_t size)
{
    uint8_t symbols[FST_HISTORY_MAX];
    const struct fst_story *story = fst_table_story(&a->table, number);
    size_t count = fst_trie_read(&a->table.histories, story->history, symbols, sizeof(symbols)), i;

    if (count > size - 1)
        count = size - 1;
    for (i = 0; i < count; i++) {
        unsigned side = (symbols[i] & SIDE_BIT) != 0;
        char letter = (char)(symbols[i] & 0x7f);

        text[i] = side == client ? (char)toupper((unsigned char)letter) : letter;
    }
    text[count] = '\0';
}

static bool noted(const struct fst_connection_view *view, char letter)
{
    return strchr(view->history, letter) != NULL;
}

const char *fst_zeek_state(const struct fst_connection_view *view)
{
    bool syn = noted(view, 'S'), syn_ack = noted(view, 'h');
    bool fin = noted(view, 'F'), peer_fin = noted(view, 'f');
    bool rst = noted(view, 'R'), peer_rst = noted(view, 'r');

    if (!syn && !syn_ack)
        return "OTH";
    if (!syn) /* the answer alone was seen */
        return peer_rst ? "RSTRH" : peer_fin ? "SHR" : "OTH";
    if (!syn_ack)
        return peer_rst ? "REJ" : rst ? "RSTOS0" : fin ? "SH" : "S0";
    if (rst && view->end_by != FST_BY_SERVER)
        return "RSTO";
    if (peer_rst)
        return "RSTR";
    if (rst)
        return "RSTO";
    if (fin && peer_fin)
        return "SF";
    if (fin)
        return "S2";
    return peer_fin ? "S3" : "S1";
}
