/* SPDX-License-Identifier: MIT */
#include "support/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "support/octets.h"
#include "support/unit.h"

#define LINK_TYPE_RAW 101
#define IP_HEADER     20
#define TCP_HEADER    20
#define TEXT_MAX      1000
#define STEP_NS       10000000

struct words {
    char from;
    uint8_t flags;
    uint32_t seq, ack, len, wnd;
    bool bad;
    unsigned long times;
};

static size_t build(uint8_t *packet, const struct words *words, const uint16_t port[2])
{
    unsigned from = words->from == '<';
    uint32_t tcp_len = TCP_HEADER + words->len;
    uint32_t isn = from ? SERVER_ISN : CLIENT_ISN, peer_isn = from ? CLIENT_ISN : SERVER_ISN;
    uint8_t *tcp = packet + IP_HEADER;

    memset(packet, 0, IP_HEADER + TCP_HEADER);
    packet[0] = 0x45;
    put16(packet + 2, IP_HEADER + tcp_len);
    packet[8] = 64;
    packet[9] = 6;
    put32(packet + 12, 0x0a000001 + from);
    put32(packet + 16, 0x0a000002 - from);
    put16(packet + 10, ~sum16(packet, IP_HEADER, 0));
    put16(tcp, port[from]);
    put16(tcp + 2, port[!from]);
    put32(tcp + 4, isn + words->seq);
    put32(tcp + 8, words->flags & FST_TCP_ACK ? peer_isn + words->ack : 0);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = words->flags;
    put16(tcp + 14, words->wnd);
    memset(tcp + TCP_HEADER, 'x', words->len);
    put16(tcp + 16,
          ~sum16(tcp, tcp_len, sum16(packet + 12, 8, 6 + tcp_len)) ^ (words->bad ? 0x0101u : 0));
    return IP_HEADER + tcp_len;
}

static uint8_t flags_of(const char *word)
{
    static const char letters[] = "FSRP.U";
    uint8_t flags = 0;

    for (; *word && *word != '-'; word++) {
        assert_non_null(strchr(letters, *word));
        flags |= (uint8_t)(1u << (strchr(letters, *word) - letters));
    }
    return flags;
}

static struct words read_words(char *segment)
{
    struct words words = {.wnd = 1000, .times = 1};
    char *rest = NULL, *word = strtok_r(segment, " ", &rest);

    assert_non_null(word);
    if (strchr(word, 'x')) {
        words.times = strtoul(word, NULL, 10);
        word = strtok_r(NULL, " ", &rest);
    }
    words.from = *word;
    words.flags = flags_of(strtok_r(NULL, " ", &rest));
    words.seq = (uint32_t)strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    words.ack = (uint32_t)strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    words.len = (uint32_t)strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    assert_true(words.len <= TEXT_MAX);
    while ((word = strtok_r(NULL, " ", &rest)) != NULL)
        if (strncmp(word, "wnd=", 4) == 0)
            words.wnd = (uint32_t)strtoul(word + 4, NULL, 10);
        else
            words.bad = strcmp(word, "bad") == 0;
    return words;
}

static void send_one(struct fst_analyzer *analyzer, const struct words *words,
                     const uint16_t port[2])
{
    uint8_t octets[IP_HEADER + TCP_HEADER + TEXT_MAX];
    uint64_t number = fst_analyzer_stats(analyzer)->packets + 1;
    struct fst_packet packet = {.number = number,
                                .time_ns = (int64_t)number * STEP_NS,
                                .data = octets,
                                .link_type = LINK_TYPE_RAW};

    packet.captured_len = packet.original_len = (uint32_t)build(octets, words, port);
    assert_int_equal(fst_analyzer_feed(analyzer, &packet, 1), 0);
}

void converse(struct fst_analyzer *analyzer, uint16_t client_port, uint16_t server_port,
              const char *text)
{
    const uint16_t port[2] = {client_port, server_port};
    char *copy = strdup(text), *rest = NULL, *segment;

    assert_non_null(copy);
    for (segment = strtok_r(copy, ";", &rest); segment; segment = strtok_r(NULL, ";", &rest)) {
        struct words words;

        if (segment[strspn(segment, " ")] == '\0')
            continue;
        words = read_words(segment);
        for (; words.times > 0; words.times--)
            send_one(analyzer, &words, port);
    }
    free(copy);
}
