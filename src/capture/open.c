/* SPDX-License-Identifier: MIT
 *
 * Opening a capture: the magic number picks the reader. Reading it: the reader walks the buffer,
 * the filter thins what it found, and the buffer is refilled when nothing was handed out from it.
 */
#include "capture/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/diag.h"
#include "capture/filter.h"
#include "capture/live.h"
#include "capture/merge.h"
#include "capture/supply.h"

#define MAGIC_LEN 4
#define SHOWN_MAX 8

/* More interfaces than this are damage: they stay in memory until the capture is closed. */
#define INTERFACES_MAX 65536

/* Longer names are cut: they stay in memory as well. */
#define NAME_LEN_MAX 255

static const struct fst_reader *reader_for(const struct fst_input *input)
{
    static const struct fst_reader *const readers[] = {&fst_reader_pcap, &fst_reader_pcapng};
    const uint8_t *data = input->buffer + input->begin;

    if (fst_input_left(input) < MAGIC_LEN)
        return NULL;
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        for (size_t k = 0; k < readers[i]->magic_count; k++) {
            if (memcmp(data, readers[i]->magics[k], MAGIC_LEN) == 0)
                return readers[i];
        }
    }
    return NULL;
}

/* The input ended before its file header did: pass on why, if the fault is not the file's end. */
static int blame_short(const struct fst_input *input, size_t need, struct fst_diag *diag)
{
    int error = input->fault.error == FST_EOPEN ? FST_EOPEN : FST_EFORMAT;

    if (input->fault.error) {
        if (diag) {
            *diag = input->fault;
            diag->error = error;
        }
        return error;
    }
    if (fst_input_left(input) == 0)
        return fst_input_blame(input, diag, error, 0,
                               "the input is empty; was the capture stopped before its first "
                               "write?");
    return fst_input_blame(input, diag, error, fst_input_left(input),
                           "the file ends inside its header of %zu bytes; copy it again", need);
}

int fst_capture_need_header(struct fst_capture *capture, size_t need, struct fst_diag *diag)
{
    int error = fst_input_fill(&capture->input, need, diag);

    if (!error && fst_input_left(&capture->input) < need)
        return blame_short(&capture->input, need, diag);
    return error;
}

static int blame_magic(const struct fst_input *input, struct fst_diag *diag)
{
    const uint8_t *data = input->buffer + input->begin;
    size_t len = fst_input_left(input);
    char text[SHOWN_MAX * 3 + 1] = "";

    if (len < MAGIC_LEN && (len == 0 || input->fault.error))
        return blame_short(input, MAGIC_LEN, diag);
    for (size_t i = 0; i < len && i < SHOWN_MAX; i++)
        (void)snprintf(text + 3 * i, sizeof(text) - 3 * i, " %02x", data[i]);
    return fst_input_blame(input, diag, FST_EFORMAT, 0,
                           "neither pcap nor pcapng, it begins with%s; give a file that tcpdump "
                           "or Wireshark has written",
                           text);
}

int fst_capture_open_reader(struct fst_capture *capture, struct fst_diag *diag)
{
    int error = fst_input_begin(&capture->input, diag);

    if (!error)
        error = fst_input_fill(&capture->input, MAGIC_LEN, diag);
    if (error)
        return error;
    capture->reader = reader_for(&capture->input);
    if (!capture->reader)
        return blame_magic(&capture->input, diag);
    capture->info.path = capture->input.path;
    capture->info.compression = fst_input_compression(&capture->input);
    return capture->reader->open(capture, diag);
}

int fst_capture_new(struct fst_capture **out, struct fst_diag *diag)
{
    struct fst_capture *capture = calloc(1, sizeof(*capture));

    *out = capture;
    if (!capture)
        return fst_diag_set(diag, FST_ENOMEM, "a capture", "out of memory");
    capture->input.fd = -1;
    return 0;
}

int fst_capture_add(struct fst_capture *capture, const char *path, struct fst_diag *diag)
{
    if (!capture->merge && !capture->input.path)
        return fst_input_open(&capture->input, path, diag);
    return fst_merge_add(capture, path, diag);
}

int fst_capture_begin(struct fst_capture *capture, struct fst_diag *diag)
{
    if (capture->merge)
        return fst_merge_begin(capture, diag);
    if (!capture->input.path)
        return fst_diag_set(diag, FST_EINVAL, "a capture", "no file was added");
    return fst_capture_open_reader(capture, diag);
}

int fst_capture_open(struct fst_capture **out, const char *path, struct fst_diag *diag)
{
    int error = fst_capture_new(out, diag);

    if (!*out)
        return error;
    error = fst_capture_add(*out, path, diag);
    if (!error)
        error = fst_capture_begin(*out, diag);
    if (error) {
        fst_capture_close(*out);
        *out = NULL;
    }
    return error;
}

void fst_capture_close(struct fst_capture *capture)
{
    if (!capture)
        return;
    for (size_t i = 0; i < capture->info.interface_count; i++)
        free(capture->sources[i].name);
    free(capture->interfaces);
    free(capture->sources);
    fst_filter_free(capture->filter);
    fst_live_close(capture->live);
    fst_merge_free(capture->merge);
    fst_input_close(&capture->input);
    free(capture);
}

static bool grow_interfaces(struct fst_capture *capture)
{
    size_t room = capture->interface_room ? 2 * capture->interface_room : 8;
    void *interfaces = realloc(capture->interfaces, room * sizeof(*capture->interfaces));
    void *sources;

    if (!interfaces)
        return false;
    capture->interfaces = interfaces;
    capture->info.interfaces = interfaces;
    sources = realloc(capture->sources, room * sizeof(*capture->sources));
    if (!sources)
        return false;
    capture->sources = sources;
    capture->interface_room = room;
    return true;
}

static int no_memory(const struct fst_capture *capture, struct fst_diag *diag)
{
    return fst_diag_set(diag, FST_ENOMEM, capture->info.path, "out of memory for an interface");
}

int fst_capture_add_interface(struct fst_capture *capture,
                              const struct fst_description *description, struct fst_diag *diag)
{
    size_t count = capture->info.interface_count;
    struct fst_source source = {fst_clock_make(description->resolution, description->offset_s),
                                description->big_endian, NULL};

    if (count == INTERFACES_MAX && capture->merge)
        return fst_diag_set(diag, FST_EDAMAGED, capture->info.path,
                            "more than %d interfaces in all; merge fewer files", INTERFACES_MAX);
    if (count == INTERFACES_MAX)
        return fst_input_damaged(&capture->input, diag, "more than %d interfaces; split the file",
                                 INTERFACES_MAX);
    if (count == capture->interface_room && !grow_interfaces(capture))
        return no_memory(capture, diag);
    if (description->name) {
        source.name =
            strndup(description->name,
                    description->name_len < NAME_LEN_MAX ? description->name_len : NAME_LEN_MAX);
        if (!source.name)
            return no_memory(capture, diag);
    }
    capture->sources[count] = source;
    capture->interfaces[count] = (struct fst_interface){.link_type = description->link_type,
                                                        .snap_len = description->snap_len,
                                                        .name = source.name,
                                                        .received = UINT64_MAX,
                                                        .dropped = UINT64_MAX,
                                                        .os_dropped = UINT64_MAX};
    capture->info.interface_count = count + 1;
    return 0;
}

enum fst_supply fst_capture_supply(const struct fst_capture *capture)
{
    if (capture->live)
        return FST_SUPPLY_LIVE;
    if (capture->merge)
        return fst_merge_has_pipe(capture->merge) ? FST_SUPPLY_PIPE : FST_SUPPLY_FILE;
    return capture->input.first < 0 ? FST_SUPPLY_PIPE : FST_SUPPLY_FILE;
}

const struct fst_capture_info *fst_capture_info(const struct fst_capture *capture)
{
    return &capture->info;
}

int fst_capture_set_filter(struct fst_capture *capture, const char *expression,
                           struct fst_diag *diag)
{
    struct fst_filter *filter = NULL;
    int error;

    if (capture->live)
        return fst_live_set_filter(capture, expression, diag);
    error = fst_filter_new(&filter, expression, &capture->info, diag);
    if (error)
        return error;
    fst_filter_free(capture->filter);
    capture->filter = filter;
    return 0;
}

/* Keep those of the packets found that the filter lets through; returns how many. They end
 * before a packet whose link type the filter does not suit. */
static size_t thin(struct fst_capture *capture, struct fst_walk *found)
{
    struct fst_packet *packets = found->packets;
    size_t kept = 0;

    if (!capture->filter)
        return found->count;
    for (size_t i = 0; i < found->count; i++) {
        bool big_endian = capture->sources[packets[i].interface].big_endian;
        bool match = true;

        if (fst_filter_match(capture->filter, &packets[i], big_endian, &match, &capture->fault))
            found->count = i;
        else if (match)
            packets[kept++] = packets[i];
        else if (packets[i].time_ns > capture->info.filtered_last_ns)
            capture->info.filtered_last_ns = packets[i].time_ns;
    }
    capture->info.filtered_out += found->count - kept;
    return kept;
}

/* Nothing was handed out of the buffer: read on. Returns whether a packet may still come; if not,
 * the capture has ended or has a fault. */
static bool read_on(struct fst_capture *capture, size_t need)
{
    struct fst_input *input = &capture->input;

    if (fst_input_fill(input, need, &capture->fault) != 0)
        return false;
    if (fst_input_left(input) >= need)
        return true;
    if (input->fault.error)
        capture->fault = input->fault;
    else
        (void)capture->reader->finish(capture, &capture->fault);
    return false;
}

/* Walk and refill until the filter lets a packet through, or there are no more. */
static size_t next_packets(struct fst_capture *capture, struct fst_packet *packets, size_t max)
{
    size_t kept = 0;
    bool more = true;

    while (kept == 0 && more && !capture->fault.error) {
        struct fst_walk found = {packets, max, 0, 0};

        if (capture->merge)
            more = fst_merge_walk(capture, &found, &capture->fault);
        else
            (void)capture->reader->walk(capture, &found, &capture->fault);
        kept = thin(capture, &found);
        capture->info.packets += found.count;
        if (found.count == 0 && !capture->merge && !capture->fault.error)
            more = read_on(capture, found.need);
    }
    return kept;
}

int fst_capture_read(struct fst_capture *capture, struct fst_packet *packets, size_t max,
                     size_t *count, struct fst_diag *diag)
{
    *count = 0;
    if (max == 0)
        return fst_diag_set(diag, FST_EINVAL, capture->info.path,
                            "room for no packet was given; read at least one");
    if (capture->live)
        return fst_live_read(capture, packets, max, count, diag);
    *count = next_packets(capture, packets, max);
    if (!capture->merge) {
        capture->info.bytes = fst_input_offset(&capture->input);
        capture->info.file_bytes = capture->input.raw_read;
    }
    if (*count > 0 || !capture->fault.error)
        return 0;
    capture->info.truncated = capture->fault.error == FST_EDAMAGED;
    if (diag)
        *diag = capture->fault;
    return capture->fault.error;
}
