/* SPDX-License-Identifier: MIT */
#include "fuzz/fuzz.h"

#include <string.h>

#include "flowstate/flowstate.h"

#define MANY  61 /* packets a call */
#define FLOWS 64 /* in the analyzer: few, so that captures shed some */

struct digest {
    uint64_t hash;
    uint64_t packets;
    int error;
    char message[sizeof(((struct fst_diag *)NULL)->message)];
};

static void mix(struct digest *digest, const void *data, size_t len)
{
    const uint8_t *octets = data;

    for (size_t i = 0; i < len; i++)
        digest->hash = (digest->hash ^ octets[i]) * UINT64_C(0x100000001b3);
}

static void ensure_message_is_clean(const struct fst_diag *diag)
{
    size_t len = strnlen(diag->message, sizeof(diag->message));

    ENSURE(len > 0 && len < sizeof(diag->message));
    for (size_t i = 0; i < len; i++)
        ENSURE((unsigned char)diag->message[i] >= 0x20 && diag->message[i] != 0x7f);
}

static void take_packet(struct digest *digest, const struct fst_capture_info *info,
                        const struct fst_packet *packet)
{
    digest->packets++;
    ENSURE(packet->number >= 1 && packet->number <= (uint64_t)1 << 53);
    ENSURE(packet->interface < info->interface_count);
    ENSURE(packet->link_type == info->interfaces[packet->interface].link_type);
    mix(digest, packet->data, packet->captured_len); /* reads all of it */
    mix(digest, &packet->time_ns, sizeof(packet->time_ns));
    mix(digest, &packet->captured_len, sizeof(packet->captured_len));
    mix(digest, &packet->original_len, sizeof(packet->original_len));
    mix(digest, &packet->interface, sizeof(packet->interface));
}

/* An error stays: the next call tells it again and hands out nothing. */
static void ensure_error_stays(struct fst_capture *capture, const struct fst_diag *diag)
{
    struct fst_packet packet;
    struct fst_diag again = {0};
    size_t count = 1;

    ENSURE(fst_capture_read(capture, &packet, 1, &count, &again) == diag->error);
    ENSURE(count == 0);
    ENSURE(strcmp(again.message, diag->message) == 0);
}

static void ensure_info_adds_up(const struct fst_capture *capture, const struct digest *digest)
{
    const struct fst_capture_info *info = fst_capture_info(capture);

    ENSURE(info->packets == digest->packets);
    ENSURE(info->filtered_out == 0);
    ENSURE(info->truncated == (digest->error != 0));
    ENSURE(info->format != NULL && info->path != NULL);
    for (size_t i = 0; i < info->interface_count; i++) {
        const char *type = fst_link_type_name(info->interfaces[i].link_type);

        ENSURE(!type || *type != 0);
        if (info->interfaces[i].name)
            ENSURE(strlen(info->interfaces[i].name) < SIZE_MAX);
    }
}

/* What came of the packets adds up, and all of it can be walked. */
static void ensure_analysis_adds_up(struct fst_analyzer *analyzer, const struct digest *digest)
{
    static struct fst_connection_view view;
    const struct fst_stats *stats = fst_analyzer_stats(analyzer);

    ENSURE(fst_analyzer_finish(analyzer) == 0);
    ENSURE(stats->packets == digest->packets);
    ENSURE(stats->packets == stats->tcp_segments + stats->not_tcp + stats->unsupported +
                                 stats->malformed + stats->headers_cut);
    ENSURE(!fst_analyzer_short_of_memory(analyzer));
    for (uint32_t id = fst_analyzer_next(analyzer, 1); id; id = fst_analyzer_next(analyzer, id + 1))
        ENSURE(fst_analyzer_connection(analyzer, id, &view) == 0 && view.id == id);
}

/* With an analyzer, the packets go there too. */
static struct digest read_all(const char *path, size_t max, struct fst_analyzer *analyzer)
{
    struct digest digest = {.hash = UINT64_C(0xcbf29ce484222325)};
    struct fst_packet packets[MANY];
    struct fst_capture *capture;
    struct fst_diag diag = {0};
    size_t count;

    digest.error = fst_capture_open(&capture, path, &diag);
    if (digest.error) {
        ENSURE(capture == NULL);
    } else {
        do {
            count = 0;
            digest.error = fst_capture_read(capture, packets, max, &count, &diag);
            ENSURE(count <= max);
            for (size_t i = 0; i < count; i++)
                take_packet(&digest, fst_capture_info(capture), &packets[i]);
            if (analyzer)
                ENSURE(fst_analyzer_feed(analyzer, packets, count) == 0);
        } while (digest.error == 0 && count > 0);
        if (digest.error)
            ensure_error_stays(capture, &diag);
        ensure_info_adds_up(capture, &digest);
    }
    if (digest.error) {
        ENSURE(diag.error == digest.error);
        ensure_message_is_clean(&diag);
        memcpy(digest.message, diag.message, sizeof(digest.message));
    }
    fst_capture_close(capture);
    return digest;
}

/* The file twice, as one stream by time and through a filter: each packet is handed out or filtered
 * out once for each. Returns how many. */
static uint64_t read_merged(const char *path)
{
    struct fst_packet packets[MANY];
    struct fst_capture *capture;
    uint64_t total = 0, last = 0;
    size_t count = 0;
    int error;

    ENSURE(fst_capture_new(&capture, NULL) == 0);
    error = fst_capture_add(capture, path, NULL);
    if (!error)
        error = fst_capture_add(capture, path, NULL);
    if (!error)
        error = fst_capture_begin(capture, NULL);
    if (!error)
        error = fst_capture_set_filter(capture, "tcp", NULL);
    while (!error) {
        error = fst_capture_read(capture, packets, MANY, &count, NULL);
        for (size_t i = 0; i < count; i++) {
            ENSURE(packets[i].number > last);
            last = packets[i].number;
            ENSURE(packets[i].interface < fst_capture_info(capture)->interface_count);
        }
        total += count;
        if (count == 0)
            break;
    }
    total += fst_capture_info(capture)->filtered_out;
    fst_capture_close(capture);
    return total;
}

void fuzz_read_capture(const char *path)
{
    const struct fst_options options = {.max_flows = FLOWS};
    struct fst_analyzer *analyzer;
    struct digest singly = read_all(path, 1, NULL), many;

    ENSURE(fst_analyzer_new(&analyzer, &options) == 0);
    many = read_all(path, MANY, analyzer);
    ensure_analysis_adds_up(analyzer, &many);
    fst_analyzer_free(analyzer);

    ENSURE(read_merged(path) <= 2 * many.packets); /* none, if the filter suits no link type */
    ENSURE(singly.error == many.error);
    ENSURE(singly.packets == many.packets);
    ENSURE(singly.hash == many.hash);
    ENSURE(strcmp(singly.message, many.message) == 0);
}
