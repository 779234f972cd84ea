/* SPDX-License-Identifier: MIT
 *
 * Captures cut off anywhere and changed anywhere, read and analysed in this process. No damage may
 * do more than end the capture with one error, and what came before it is read as it was.
 *
 *     damage [--every-value] [--up-to OCTETS] FILE|DIRECTORY...
 *
 * Every prefix of each file is read, then the file with each octet set to eight other values, or to
 * all 255 with --every-value. Files longer than --up-to are only cut.
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "flowstate/flowstate.h"
#include "fuzz/fuzz.h"

#define OCTETS_MAX  65536u
#define PACKETS_MAX 4096u
#define BATCH       16

/* What is compared of a packet. */
struct seen {
    int64_t time_ns;
    uint32_t captured_len, original_len, interface;
    uint16_t link_type;
    uint64_t hash;
};

struct reading {
    int error;
    size_t count;
    struct seen packets[PACKETS_MAX];
};

struct subject {
    const char *path;
    size_t len;
    uint8_t octets[OCTETS_MAX];
    size_t before[OCTETS_MAX + 1]; /* packets that so many octets hold */
    struct reading whole;
};

static unsigned long long readings;

/* ---------------------------------------------------------------------------------- memory -- */

/* The analyzer's tables, kept from one reading to the next: under a sanitizer, getting them anew is
 * nearly all the time there is. Small blocks are not kept, so that their misuse is seen. */
#define KEPT_MAX   32
#define KEPT_LEAST 4096u

static struct {
    void *block;
    size_t size;
} kept[KEPT_MAX];

static void *take_kept(size_t size)
{
    for (unsigned i = 0; i < KEPT_MAX; i++) {
        void *block = kept[i].block;

        if (block && kept[i].size == size) {
            kept[i].block = NULL;
            return block;
        }
    }
    return malloc(size);
}

static void give_back(void *block, size_t size)
{
    for (unsigned i = 0; i < KEPT_MAX && block && size >= KEPT_LEAST; i++) {
        if (!kept[i].block) {
            kept[i].block = block;
            kept[i].size = size;
            return;
        }
    }
    free(block);
}

static void *resize(void *context, void *old, size_t old_size, size_t new_size)
{
    void *block = NULL;

    (void)context;
    if (new_size > 0) {
        block = take_kept(new_size);
        ENSURE(block != NULL);
        if (old)
            memcpy(block, old, old_size < new_size ? old_size : new_size);
    }
    give_back(old, old_size);
    return block;
}

static void forget_kept(void)
{
    for (unsigned i = 0; i < KEPT_MAX; i++)
        free(kept[i].block);
}

/* -------------------------------------------------------------------------------- a reading -- */

static uint64_t hash_of(const uint8_t *octets, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void note(struct reading *reading, const struct fst_packet *packet)
{
    struct seen *seen = &reading->packets[reading->count++];

    ENSURE(reading->count < PACKETS_MAX);
    ENSURE(packet->number == reading->count);
    memset(seen, 0, sizeof(*seen));
    seen->time_ns = packet->time_ns;
    seen->captured_len = packet->captured_len;
    seen->original_len = packet->original_len;
    seen->interface = packet->interface;
    seen->link_type = packet->link_type;
    seen->hash = hash_of(packet->data, packet->captured_len);
}

static void ensure_one_message(const struct fst_diag *diag, int error)
{
    ENSURE(error == FST_EFORMAT || error == FST_EDAMAGED);
    ENSURE(diag->error == error);
    ENSURE(diag->message[0] != '\0' && strchr(diag->message, '\n') == NULL);
}

/* An error ends the capture: it is told again, and nothing follows. */
static void ensure_nothing_follows(struct fst_capture *capture, int error)
{
    struct fst_packet packet;
    size_t count = 1;

    ENSURE(fst_capture_read(capture, &packet, 1, &count, NULL) == error);
    ENSURE(count == 0);
}

/* Results of what was read: all that is told of it can be walked. */
static void ensure_results(struct fst_analyzer *analyzer, const struct reading *reading)
{
    struct fst_connection_view view;
    uint32_t id;

    ENSURE(fst_analyzer_finish(analyzer) == 0);
    ENSURE(fst_analyzer_stats(analyzer)->packets == reading->count);
    for (id = fst_analyzer_next(analyzer, 1); id != 0; id = fst_analyzer_next(analyzer, id + 1))
        ENSURE(fst_analyzer_connection(analyzer, id, &view) == 0);
}

static void read_opened(struct fst_capture *capture, struct reading *reading)
{
    static const struct fst_allocator allocator = {resize, NULL};
    const struct fst_options options = {.allocator = &allocator};
    struct fst_packet packets[BATCH];
    struct fst_analyzer *analyzer;
    struct fst_diag diag = {0};
    size_t count;

    ENSURE(fst_analyzer_new(&analyzer, &options) == 0);
    do {
        reading->error = fst_capture_read(capture, packets, BATCH, &count, &diag);
        for (size_t i = 0; i < count; i++)
            note(reading, &packets[i]);
        ENSURE(fst_analyzer_feed(analyzer, packets, count) == 0);
    } while (reading->error == 0 && count > 0);
    if (reading->error) {
        ENSURE(reading->error == FST_EDAMAGED);
        ensure_one_message(&diag, reading->error);
        ensure_nothing_follows(capture, reading->error);
    }
    ensure_results(analyzer, reading);
    fst_analyzer_free(analyzer);
}

static void read_octets(const uint8_t *octets, size_t len, struct reading *reading)
{
    struct fst_diag diag = {0};
    struct fst_capture *capture;

    readings++;
    reading->count = 0;
    reading->error = fst_capture_open(&capture, fuzz_file(octets, len), &diag);
    if (reading->error)
        ensure_one_message(&diag, reading->error);
    else
        read_opened(capture, reading);
    fst_capture_close(capture);
}

/* --------------------------------------------------------------------------------- damages -- */

static void ensure_begins_alike(const struct subject *subject, const struct reading *reading,
                                size_t count, size_t at)
{
    if (reading->count >= count &&
        memcmp(reading->packets, subject->whole.packets, count * sizeof(reading->packets[0])) == 0)
        return;
    fprintf(stderr, "%s: damaged at octet %zu: %zu packets, of the first %zu not all alike\n",
            subject->path, at, reading->count, count);
    abort();
}

static void cut_anywhere(struct subject *subject)
{
    static struct reading reading;

    for (size_t len = 0; len <= subject->len; len++) {
        read_octets(subject->octets, len, &reading);
        subject->before[len] = reading.count;
        ENSURE(len == 0 || reading.count >= subject->before[len - 1]);
        ensure_begins_alike(subject, &reading, reading.count, len);
    }
    ENSURE(subject->before[subject->len] == subject->whole.count);
}

static size_t values_for(uint8_t octet, bool every_value, uint8_t values[256])
{
    const uint8_t chosen[] = {0x00,
                              0xff,
                              0x7f,
                              0x80,
                              (uint8_t)(octet ^ 0x01),
                              (uint8_t)(octet ^ 0x80),
                              (uint8_t)(octet + 1),
                              (uint8_t)(octet - 1)};
    size_t count = every_value ? 256 : sizeof(chosen);

    for (size_t i = 0; i < count; i++)
        values[i] = every_value ? (uint8_t)i : chosen[i];
    return count;
}

static void change_anywhere(struct subject *subject, bool every_value)
{
    static struct reading reading;
    uint8_t values[256];

    for (size_t at = 0; at < subject->len; at++) {
        uint8_t octet = subject->octets[at];
        size_t count = values_for(octet, every_value, values);

        for (size_t i = 0; i < count; i++) {
            if (values[i] == octet)
                continue;
            subject->octets[at] = values[i];
            read_octets(subject->octets, subject->len, &reading);
            ensure_begins_alike(subject, &reading, subject->before[at], at);
        }
        subject->octets[at] = octet;
    }
}

static void damage_file(const char *path, size_t up_to, bool every_value)
{
    static struct subject subject;
    FILE *file = fopen(path, "rb");

    ENSURE(file != NULL);
    subject.path = path;
    subject.len = fread(subject.octets, 1, OCTETS_MAX, file);
    fclose(file);
    ENSURE(subject.len < OCTETS_MAX);
    read_octets(subject.octets, subject.len, &subject.whole);
    cut_anywhere(&subject);
    if (subject.len <= up_to)
        change_anywhere(&subject, every_value);
}

static void damage(const char *path, size_t up_to, bool every_value)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char name[4096];

    if (!directory) {
        damage_file(path, up_to, every_value);
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (strstr(entry->d_name, ".pcap"))
            damage_file(name, up_to, every_value);
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    size_t up_to = OCTETS_MAX;
    bool every_value = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--every-value") == 0)
            every_value = true;
        else if (strcmp(argv[i], "--up-to") == 0 && i + 1 < argc)
            up_to = strtoul(argv[++i], NULL, 10);
        else
            damage(argv[i], up_to, every_value);
    }
    forget_kept();
    printf("%llu damaged captures read\n", readings);
    return readings == 0;
}
