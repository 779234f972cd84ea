/* SPDX-License-Identifier: MIT */
#include "support/crowd.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/frame.h"
#include "support/octets.h"
#include "support/scenario.h"
#include "support/unit.h"

#define START_NS INT64_C(1700000000000000000)

/* ------------------------------------------------------------------------------- chance -- */

static uint64_t chance = 1;

static uint32_t draw(uint32_t below)
{
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((chance >> 32) * below >> 32);
}

/* ------------------------------------------------------------------------------ packets -- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* In one's complement: what one word gets is taken from the one before, and checksums hold. */
static void move_address(uint8_t *last_word, uint32_t by)
{
    uint32_t up = get16(last_word) + by, down = get16(last_word - 2) + (0xffff - by);

    put16(last_word, (up & 0xffff) + (up >> 16));
    put16(last_word - 2, (down & 0xffff) + (down >> 16));
}

static void move_addresses(uint8_t *octets, uint32_t len, uint16_t link_type, uint32_t by)
{
    uint8_t *ip = link_type == WIRE_ETHERNET ? octets + 14 : octets;
    ptrdiff_t left = octets + len - ip;

    if ((link_type != WIRE_ETHERNET && link_type != WIRE_RAW_IP) || left < 20)
        return;
    if (ip[0] >> 4 == 4) {
        move_address(ip + 14, by);
        move_address(ip + 18, by);
    } else if (ip[0] >> 4 == 6 && left >= 40) {
        move_address(ip + 22, by);
        move_address(ip + 38, by);
    }
}

/* Somewhere in a TCP header after an IPv4 header without options. */
static void disturb(uint8_t *octets, uint32_t len, uint16_t link_type)
{
    uint32_t ip = link_type == WIRE_ETHERNET ? 14 : 0;

    if (len < ip + 40 || octets[ip] != 0x45 || octets[ip + 9] != 6)
        return;
    octets[ip + 20 + 4 + draw(12)] ^= (uint8_t)(1u << draw(8));
    put16(octets + ip + 20 + 16, 0); /* the checksum no longer holds: not all was captured */
}

static uint8_t *own(const struct fst_packet *packet)
{
    return (uint8_t *)(uintptr_t)packet->data;
}

/* A copy that is another connection's, at another time. */
static void put_packet(struct wire *all, const struct fst_packet *packet, int64_t later_ns,
                       uint32_t moved_by, bool disturbed)
{
    struct fst_packet *copy =
        wire_octets(all, packet->link_type, packet->data, packet->captured_len);

    copy->original_len = packet->original_len;
    copy->interface = packet->interface;
    copy->time_ns = packet->time_ns + later_ns;
    move_addresses(own(copy), copy->captured_len, copy->link_type, moved_by);
    if (!disturbed)
        return;
    disturb(own(copy), copy->captured_len, copy->link_type);
    if (copy->captured_len > 60)
        copy->captured_len = 60;
}

/* All of a trace, begun at some time within a minute; of 16 packets one is lost, one comes twice,
 * and one is changed. */
static void put_trace(struct wire *all, const struct fst_packet *packets, size_t count,
                      uint32_t moved_by, bool disturbed)
{
    int64_t later_ns = START_NS + draw(60000) * INT64_C(1000000);

    if (count == 0)
        return;
    later_ns -= packets[0].time_ns;
    for (size_t i = 0; i < count; i++) {
        uint32_t what = disturbed ? draw(16) : 3;

        if (what == 0)
            continue;
        put_packet(all, &packets[i], later_ns, moved_by, what == 1);
        if (what == 2)
            put_packet(all, &packets[i], later_ns + draw(2000000), moved_by, false);
    }
}

static int by_time(const void *one, const void *other)
{
    const struct fst_packet *a = one, *b = other;

    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Connections run beside each other then. */
static void sort(struct wire *all)
{
    qsort(all->packets, all->count, sizeof(all->packets[0]), by_time);
    for (size_t i = 0; i < all->count; i++)
        all->packets[i].number = i + 1;
}

/* ------------------------------------------------------------------------------- traces -- */

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);

    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void use_capture(const char *path, trace_use use, void *context)
{
    struct wire wire = {0};

    wire_pcap(&wire, path);
    use(context, path, wire.packets, wire.count);
    wire_free(&wire);
}

static void use_scenario(const char *path, trace_use use, void *context)
{
    struct scenario *scenario;
    struct scn_packets packets = {0};
    struct scn_world world;
    struct fst_diag diag;

    assert_int_equal(scenario_load(&scenario, path, &diag), 0);
    world = scn_usual_world(scenario);
    assert_int_equal(scn_packets_build(&packets, scenario, &world), 0);
    use(context, path, packets.packets, packets.count);
    scn_packets_free(&packets);
    scenario_free(scenario);
}

static unsigned use_below(const char *folder, trace_use use, void *context)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    unsigned count = 0;

    if (!dir) /* a file of another kind */
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        char path[600];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        count++;
        if (ends_in(entry->d_name, ".pcap"))
            use_capture(path, use, context);
        else if (ends_in(entry->d_name, ".scn"))
            use_scenario(path, use, context);
        else
            count += use_below(path, use, context) - 1;
    }
    (void)closedir(dir);
    return count;
}

void traces_use(trace_use use, void *context)
{
    assert_true(use_below(FST_SOURCE_DIR "/pcaps", use, context) > 100);
    assert_true(use_below(FST_SOURCE_DIR "/test/kernel/recorded", use, context) > 5);
    assert_true(use_below(FST_SOURCE_DIR "/test/scenarios", use, context) > 200);
}

struct crowd {
    struct wire all;
    uint32_t moved_by, traces, of; /* one in so many is taken */
    uint16_t link_type;
};

static void put_in_crowd(void *context, const char *path, const struct fst_packet *packets,
                         size_t count)
{
    struct crowd *crowd = context;

    (void)path;
    if (crowd->traces++ % crowd->of != 0 || count == 0 ||
        (crowd->link_type != 0 && packets[0].link_type != crowd->link_type))
        return;
    put_trace(&crowd->all, packets, count, ++crowd->moved_by, false);
    put_trace(&crowd->all, packets, count, ++crowd->moved_by, true);
}

struct wire crowd_make(uint32_t of, uint16_t link_type)
{
    struct crowd crowd = {.of = of, .link_type = link_type};

    traces_use(put_in_crowd, &crowd);
    sort(&crowd.all);
    return crowd.all;
}
