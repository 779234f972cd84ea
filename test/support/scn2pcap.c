/* SPDX-License-Identifier: MIT
 *
 * Scenarios as capture files: little-endian pcap with nanoseconds.
 *
 *     scn2pcap FILE.scn OUT.pcap       write one
 *     scn2pcap --into DIR FILE.scn...  write DIR/FILE.pcap for each
 *     scn2pcap --check DIR FILE.scn... fail unless each DIR/FILE.pcap is what would be written
 */
#include "frame.h"
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC_NANOSECONDS 0xa1b23c4du
#define NS_PER_S          1000000000

/* A file in memory. */
struct image {
    uint8_t *octets;
    size_t len;
    size_t room;
    bool failed;
};

static void image_put(struct image *image, const void *octets, size_t len)
{
    if (image->len + len > image->room) {
        size_t room = (image->len + len) * 2;
        uint8_t *grown = realloc(image->octets, room);

        if (!grown) {
            image->failed = true;
            return;
        }
        image->octets = grown;
        image->room = room;
    }
    memcpy(image->octets + image->len, octets, len);
    image->len += len;
}

static void image_put32(struct image *image, uint32_t value)
{
    uint8_t octets[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                         (uint8_t)(value >> 24)};

    image_put(image, octets, sizeof(octets));
}

static void image_put_header(struct image *image, uint32_t link_type)
{
    image_put32(image, MAGIC_NANOSECONDS);
    image_put32(image, 4u << 16 | 2); /* version 2.4 */
    image_put32(image, 0);
    image_put32(image, 0);
    image_put32(image, 262144);
    image_put32(image, link_type);
}

static void image_put_packet(struct image *image, const struct fst_packet *packet)
{
    image_put32(image, (uint32_t)(packet->time_ns / NS_PER_S));
    image_put32(image, (uint32_t)(packet->time_ns % NS_PER_S));
    image_put32(image, packet->captured_len);
    image_put32(image, packet->original_len);
    image_put(image, packet->data, packet->captured_len);
}

/* The capture file of a scenario; false after a message. */
static bool image_of(struct image *image, const char *path)
{
    struct scenario *scenario;
    struct scn_packets packets;
    struct scn_world world;
    struct fst_diag diag;
    size_t i;

    *image = (struct image){0};
    if (scenario_load(&scenario, path, &diag) != 0) {
        (void)fprintf(stderr, "%s\n", diag.message);
        return false;
    }
    world = scn_usual_world(scenario);
    image->failed = scn_packets_build(&packets, scenario, &world) != 0;
    if (packets.count)
        image_put_header(image, packets.packets[0].link_type);
    for (i = 0; i < packets.count; i++)
        image_put_packet(image, &packets.packets[i]);
    scn_packets_free(&packets);
    scenario_free(scenario);
    if (image->failed)
        (void)fprintf(stderr, "%s: out of memory\n", path);
    return !image->failed;
}

static bool image_write(const struct image *image, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool ok = file && fwrite(image->octets, 1, image->len, file) == image->len;

    if (file && fclose(file) != 0)
        ok = false;
    if (!ok)
        (void)fprintf(stderr, "%s: cannot be written\n", path);
    return ok;
}

static bool image_matches(const struct image *image, const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *octets = malloc(image->len + 1);
    bool same = file && octets && fread(octets, 1, image->len + 1, file) == image->len &&
                memcmp(octets, image->octets, image->len) == 0;

    if (file)
        (void)fclose(file);
    free(octets);
    if (!same)
        (void)fprintf(stderr, "%s: not what its scenario gives; build the target pcaps-update\n",
                      path);
    return same;
}

static bool convert(const char *scn, const char *pcap, bool check)
{
    struct image image;
    bool ok =
        image_of(&image, scn) && (check ? image_matches(&image, pcap) : image_write(&image, pcap));

    free(image.octets);
    return ok;
}

/* dir/name.pcap for any/name.scn */
static bool convert_into(const char *dir, const char *scn, bool check)
{
    const char *slash = strrchr(scn, '/');
    const char *name = slash ? slash + 1 : scn;
    const char *dot = strrchr(name, '.');
    int name_len = dot ? (int)(dot - name) : (int)strlen(name);
    char path[4096];
    int len = snprintf(path, sizeof(path), "%s/%.*s.pcap", dir, name_len, name);

    if (len < 0 || (size_t)len >= sizeof(path)) {
        (void)fprintf(stderr, "%s: path too long\n", scn);
        return false;
    }
    return convert(scn, path, check);
}

static bool convert_all(char **args, bool check)
{
    const char *dir = *args++;
    bool ok = true;

    for (; *args; args++)
        ok = convert_into(dir, *args, check) && ok;
    return ok;
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "--into") == 0)
        return convert_all(argv + 2, false) ? 0 : 1;
    if (argc >= 3 && strcmp(argv[1], "--check") == 0)
        return convert_all(argv + 2, true) ? 0 : 1;
    if (argc == 3)
        return convert(argv[1], argv[2], false) ? 0 : 1;
    (void)fprintf(stderr, "usage: scn2pcap FILE.scn OUT.pcap\n"
                          "       scn2pcap --into|--check DIR FILE.scn...\n");
    return 2;
}
