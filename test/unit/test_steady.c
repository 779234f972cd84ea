/* SPDX-License-Identifier: MIT
 *
 * The short ways of steady.c and precedent.c against the observer: with a `segment` callback every
 * segment goes the long way, without one most go a short way, and nothing that users see may
 * differ. With a callback for findings ends go the long way, too; what the outcome is when one is
 * told is held against the view. Each capture is taken by itself, then all of them by one analyzer,
 * so that what it has learned of one is followed in another. Then the same with packets lost,
 * changed and answered by resets at random: captures of their kind meet far more situations than
 * captures that somebody keeps.
 *
 *     test_steady ROUNDS DIRECTORY|FILE...
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flowstate/flowstate.h"

static void ignore_segment(void *context, const struct fst_segment_event *event)
{
    (void)event;
    ++*(uint64_t *)context;
}

#define OCTETS_MOST (1u << 18)

static uint16_t word_at(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* In one's complement, as the checksum adds. */
static void add_to_word(uint8_t *at, uint16_t n)
{
    uint32_t sum = (uint32_t)word_at(at) + n;

    sum = (sum & 0xffff) + (sum >> 16);
    at[0] = (uint8_t)(sum >> 8);
    at[1] = (uint8_t)sum;
}

/* What one word of the address gets is taken from the next. */
static void move_address(uint8_t *last_word, uint16_t by)
{
    add_to_word(last_word, by);
    add_to_word(last_word - 2, (uint16_t)~by);
}

/* Other addresses with the same checksums, so that captures do not share connections. */
static void move_addresses(uint8_t *octets, uint32_t len, uint16_t by)
{
    bool ipv4 = len >= 34 && word_at(octets + 12) == 0x0800;
    bool ipv6 = len >= 54 && word_at(octets + 12) == 0x86dd;

    if (!ipv4 && !ipv6)
        return;
    move_address(octets + (ipv4 ? 28 : 36), by);
    move_address(octets + (ipv4 ? 32 : 52), by);
}

/* Two analyzers that take the same. */
struct pair {
    struct fst_analyzer *slow, *fast;
    uint64_t segments;
    unsigned wrong; /* outcomes */
};

static void ignore_finding(void *context, const struct fst_finding *finding)
{
    (void)context;
    (void)finding;
}

static void check_outcome(void *context, uint32_t id)
{
    static struct fst_connection_view view;
    struct pair *pair = context;
    enum fst_class worst = FST_CLASS_COUNT;
    struct fst_outcome outcome;
    size_t i;

    if (fst_analyzer_outcome(pair->fast, id, &outcome) != 0 ||
        fst_analyzer_connection(pair->fast, id, &view) != 0)
        abort();
    for (i = 0; i < view.finding_count; i++)
        if (view.findings[i].class_ < worst)
            worst = view.findings[i].class_;
    pair->wrong += outcome.end_kind != view.end_kind || outcome.end_by != view.end_by ||
                   outcome.coverage != view.coverage || outcome.worst != worst;
}

static void begin(struct pair *pair, struct fst_options options)
{
    pair->segments = 0;
    pair->wrong = 0;
    options.events.ended = check_outcome;
    options.events.context = pair;
    if (fst_analyzer_new(&pair->fast, &options) != 0)
        abort();
    options.events.ended = NULL;
    options.events.segment = ignore_segment;
    options.events.finding = ignore_finding;
    options.events.context = &pair->segments;
    if (fst_analyzer_new(&pair->slow, &options) != 0)
        abort();
}

/* ------------------------------------------------------------------------------- chance -- */

static uint64_t chance;

static uint32_t draw(uint32_t below)
{
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((chance >> 32) * below >> 32);
}

static uint8_t *tcp_header(uint8_t *octets, uint32_t len)
{
    uint32_t at = 14;

    if (len < 54)
        return NULL;
    if (word_at(octets + 12) == 0x0800 && octets[23] == 6)
        at += 4 * (octets[14] & 15u);
    else if (word_at(octets + 12) == 0x86dd && octets[20] == 6)
        at += 40;
    else
        return NULL;
    return at + 20 <= len ? octets + at : NULL;
}

static void add_to_number(uint8_t *at, uint32_t n)
{
    uint32_t number = ((uint32_t)word_at(at) << 16 | word_at(at + 2)) + n;
    unsigned i;

    for (i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* A length or a step that is often next to nothing. */
static uint32_t few(void)
{
    static const uint32_t steps[] = {1, 1, 2, 100, 1460, 70000};
    uint32_t step = steps[draw(6)];

    return draw(2) ? step : 0 - step;
}

/* Nothing but a reset, with or without ACK. */
static void make_reset(struct fst_packet *packet, uint8_t *octets, uint8_t *tcp)
{
    uint32_t len = (uint32_t)(tcp - octets) + 20;

    tcp[12] = 5 << 4;
    tcp[13] = draw(2) ? FST_TCP_RST : FST_TCP_RST | FST_TCP_ACK;
    if (octets[12] == 0x08) {
        octets[16] = 0;
        octets[17] = (uint8_t)(len - 14);
    } else {
        octets[18] = 0;
        octets[19] = 20;
    }
    packet->captured_len = packet->original_len = len;
    if (draw(4) == 0)
        memset(tcp + 4, 0, 4);
}

/* The checksum no longer holds, so not all is captured. */
static void change(struct fst_packet *packet, uint8_t *octets, uint8_t *tcp)
{
    switch (draw(8)) {
    case 0:
        add_to_number(tcp + 4, few());
        break;
    case 1:
        add_to_number(tcp + 8, few());
        break;
    case 2:
        tcp[14] = (uint8_t)draw(3);
        tcp[15] = (uint8_t)draw(2);
        break;
    case 3:
        tcp[13] ^= FST_TCP_FIN;
        break;
    case 4:
        tcp[13] ^= FST_TCP_ACK;
        break;
    default:
        make_reset(packet, octets, tcp);
        return;
    }
    packet->captured_len = (uint32_t)(tcp - octets) + 20;
}

/* ------------------------------------------------------------------------------ feeding -- */

static void feed_both(struct pair *pair, const struct fst_packet *packet)
{
    if (fst_analyzer_feed(pair->slow, packet, 1) != 0 ||
        fst_analyzer_feed(pair->fast, packet, 1) != 0)
        abort();
}

/* As it is, or as something that happens to one packet in eight. */
static void feed_disturbed(struct pair *pair, struct fst_packet packet, uint8_t *octets)
{
    uint8_t *tcp = tcp_header(octets, packet.captured_len);
    unsigned what = tcp ? draw(24) : 3;

    if (what == 0)
        return;
    if (what == 1)
        change(&packet, octets, tcp);
    feed_both(pair, &packet);
    if (what != 2)
        return;
    change(&packet, octets, tcp);
    packet.time_ns += draw(3) * INT64_C(1000000);
    feed_both(pair, &packet);
}

/* Returns whether the file is a capture. */
static bool feed(struct pair *pair, const char *path, uint16_t moved_by, bool disturbed)
{
    static uint8_t octets[OCTETS_MOST];
    struct fst_capture *capture;
    struct fst_packet packet;
    size_t count = 0;

    if (fst_capture_open(&capture, path, NULL) != 0)
        return false;
    while (fst_capture_read(capture, &packet, 1, &count, NULL) == 0 && count > 0) {
        bool ethernet = packet.link_type == 1 && packet.captured_len <= OCTETS_MOST;

        if (ethernet) {
            memcpy(octets, packet.data, packet.captured_len);
            move_addresses(octets, packet.captured_len, moved_by);
            packet.data = octets;
        }
        if (disturbed && ethernet)
            feed_disturbed(pair, packet, octets);
        else
            feed_both(pair, &packet);
    }
    fst_capture_close(capture);
    return true;
}

static bool is_same(const struct fst_finding *one, const struct fst_finding *two)
{
    return one->rule == two->rule && one->class_ == two->class_ && one->by == two->by &&
           one->packet == two->packet && one->because_packet == two->because_packet &&
           one->time_ns == two->time_ns && one->repeats == two->repeats &&
           one->states == two->states && one->number[0] == two->number[0] &&
           one->number[1] == two->number[1];
}

static bool same_findings(const struct fst_connection_view *one, const struct fst_finding *two,
                          size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (!is_same(&one->findings[i], &two[i]))
            return false;
    return true;
}

/* Steps past the end of a path hold nothing. */
static void clear_rest(struct fst_connection_view *view)
{
    size_t s;

    for (s = 0; s < 2; s++)
        memset(&view->side[s].path[view->side[s].path_count], 0,
               (FST_PATH_MAX - view->side[s].path_count) * sizeof(view->side[s].path[0]));
}

static int different_counts(const struct pair *pair)
{
    int differences = 0;
    size_t rule;

    for (rule = 0; rule < fst_rule_count(); rule++)
        differences +=
            fst_analyzer_rule_hits(pair->slow, rule) != fst_analyzer_rule_hits(pair->fast, rule);
    return differences;
}

static int finish(struct pair *pair, const char *path)
{
    static struct fst_connection_view one, two;
    struct fst_analyzer *slow = pair->slow, *fast = pair->fast;
    int differences = 0;
    uint32_t id;

    if (fst_analyzer_finish(slow) != 0 || fst_analyzer_finish(fast) != 0)
        abort();
    if (pair->wrong > 0 || different_counts(pair) > 0) {
        printf("%s: %u outcomes are wrong, %d rules counted otherwise\n", path, pair->wrong,
               different_counts(pair));
        differences++;
    }
    for (id = fst_analyzer_next(slow, 1); id != 0; id = fst_analyzer_next(slow, id + 1)) {
        if (fst_analyzer_connection(slow, id, &one) != 0 ||
            fst_analyzer_connection(fast, id, &two) != 0) {
            printf("%s: connection %u is missing\n", path, id);
            differences++;
            continue;
        }
        if (one.finding_count != two.finding_count ||
            !same_findings(&one, two.findings, one.finding_count)) {
            printf("%s: findings of connection %u differ\n", path, id);
            differences++;
        }
        one.findings = two.findings = NULL;
        clear_rest(&one);
        clear_rest(&two);
        if (memcmp(&one, &two, sizeof(one)) != 0) {
            printf("%s: connection %u differs: %s %s, %s %s\n", path, id,
                   fst_state_name(one.side[0].state), fst_state_name(one.side[1].state),
                   fst_state_name(two.side[0].state), fst_state_name(two.side[1].state));
            differences++;
        }
    }
    printf("%s: %u connections, %llu segments, %d differences\n", path,
           (unsigned)fst_analyzer_stats(fast)->connections, (unsigned long long)pair->segments,
           differences);
    fst_analyzer_free(slow);
    fst_analyzer_free(fast);
    return differences;
}

static const struct fst_options kept[] = {
    {.no_paths = true}, {.no_paths = false}, {.path_packets = true}, {.lossless = true}};

#define WAYS (sizeof(kept) / sizeof(kept[0]))

/* What all captures are taken by in one round. */
struct round {
    struct pair together[WAYS];
    uint16_t moved_by;
    bool disturbed;
};

static int compare(const char *path, struct round *round)
{
    int differences = 0;
    size_t i;

    for (i = 0; i < WAYS; i++) {
        struct pair alone;

        begin(&alone, kept[i]);
        if (feed(&alone, path, 0, round->disturbed)) {
            (void)feed(&round->together[i], path, round->moved_by, round->disturbed);
            (void)feed(&round->together[i], path, (uint16_t)(round->moved_by + 1),
                       round->disturbed);
        }
        differences += finish(&alone, path);
    }
    round->moved_by += 2;
    return differences;
}

static int compare_all(const char *path, struct round *round)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int differences = 0;
    char file[4096];

    if (!directory)
        return compare(path, round);
    while ((entry = readdir(directory)) != NULL) {
        if (!strstr(entry->d_name, ".pcap"))
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        differences += compare(file, round);
    }
    closedir(directory);
    return differences;
}

static int play(struct round *round, char **paths)
{
    int differences = 0;
    size_t way;

    for (way = 0; way < WAYS; way++)
        begin(&round->together[way], kept[way]);
    for (; *paths; paths++)
        differences += compare_all(*paths, round);
    for (way = 0; way < WAYS; way++)
        differences += finish(&round->together[way], "all together");
    return differences;
}

int main(int argc, char **argv)
{
    int differences = 0;
    unsigned long rounds, n;

    if (argc < 3) {
        fprintf(stderr, "usage: test_steady ROUNDS DIRECTORY|FILE...\n");
        return 1;
    }
    rounds = strtoul(argv[1], NULL, 10);
    for (n = 0; n <= rounds; n++) {
        struct round round = {.moved_by = 1, .disturbed = n > 0};

        chance = n;
        differences += play(&round, argv + 2);
    }
    return differences > 0;
}
