/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/diag.h"

struct program {
    uint16_t link_type;
    bool big_endian;
    struct bpf_program code;
};

struct fst_filter {
    char *path;
    char *expression;
    struct program *programs;
    size_t count;
    size_t recent; /* the program used last */
};

static int no_memory(const struct fst_filter *filter, struct fst_diag *diag)
{
    return fst_diag_set(diag, FST_ENOMEM, filter->path, "out of memory for the filter");
}

/* libpcap compiles otherwise for files than for interfaces: of BSD loopback it then knows the
 * numbers all systems have for IPv6, and the byte order. So it gets a file without packets. */
static pcap_t *open_file_of(uint16_t link_type, bool big_endian)
{
    uint8_t header[] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0,
                        0,    0,    0,    0,    0, 4, 0, 0, 0, 0, 0, 0};
    uint8_t little[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                        0,    0,    0,    0,    0, 0, 4, 0, 0, 0, 0, 0};
    char reason[PCAP_ERRBUF_SIZE];
    FILE *file;
    pcap_t *handle;

    header[22] = little[21] = (uint8_t)(link_type >> 8);
    header[23] = little[20] = (uint8_t)link_type;
    file = fmemopen(big_endian ? header : little, sizeof(header), "r");
    if (!file)
        return NULL;
    handle = pcap_fopen_offline(file, reason);
    if (!handle)
        (void)fclose(file);
    return handle;
}

/* Returns 0, FST_ENOMEM, or FST_EFILTER with libpcap's words in diag. */
static int compile(const struct fst_filter *filter, struct program *program, struct fst_diag *diag)
{
    const char *name = fst_link_type_name(program->link_type);
    pcap_t *handle = open_file_of(program->link_type, program->big_endian);
    int error = 0;

    if (!handle)
        return no_memory(filter, diag);
    if (pcap_compile(handle, &program->code, filter->expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        error = fst_diag_set(diag, FST_EFILTER, filter->path,
                             "filter \"%.120s\" for link type %u (%s): %.160s; see pcap-filter(7)",
                             filter->expression, program->link_type, name ? name : "unknown",
                             pcap_geterr(handle));
    pcap_close(handle);
    return error;
}

static int add_program(struct fst_filter *filter, uint16_t link_type, bool big_endian,
                       struct fst_diag *diag)
{
    struct program *programs =
        realloc(filter->programs, (filter->count + 1) * sizeof(*filter->programs));
    int error;

    if (!programs)
        return no_memory(filter, diag);
    filter->programs = programs;
    programs[filter->count] = (struct program){.link_type = link_type, .big_endian = big_endian};
    error = compile(filter, &programs[filter->count], diag);
    if (!error)
        filter->count++;
    return error;
}

/* Link types that between them have every word a filter can use. */
static const uint16_t probes[] = {
    1,           /* Ethernet */
    113,         /* Linux cooked: no "ether host", but "ifindex" in its second version */
    276, 101, 0, /* and raw IP, BSD loopback */
    127,         /* radiotap: the words for 802.11 */
    117,         /* the packet filter of BSD: its own words */
    100,         /* ATM */
    140,         /* SS7 */
    201,         /* Bluetooth: "inbound" */
};

/* The first error that compiling met, or 0 if the expression suits any of the types. */
static int try_types(struct fst_filter *filter, const struct fst_capture_info *info,
                     struct fst_diag *diag)
{
    size_t count = info->interface_count ? info->interface_count : sizeof(probes) / sizeof(*probes);
    struct fst_diag first = {0, ""};

    for (size_t i = 0; i < count; i++) {
        uint16_t link_type = info->interface_count ? info->interfaces[i].link_type : probes[i];
        int error = add_program(filter, link_type, info->big_endian, first.error ? NULL : &first);

        if (error != FST_EFILTER) {
            if (error && diag)
                *diag = first;
            return error;
        }
    }
    if (diag)
        *diag = first;
    return FST_EFILTER;
}

int fst_filter_new(struct fst_filter **out, const char *expression,
                   const struct fst_capture_info *info, struct fst_diag *diag)
{
    struct fst_filter *filter = calloc(1, sizeof(*filter));
    int error;

    *out = NULL;
    if (filter) {
        filter->path = strdup(info->path);
        filter->expression = strdup(expression);
    }
    if (!filter || !filter->path || !filter->expression) {
        fst_filter_free(filter);
        return fst_diag_set(diag, FST_ENOMEM, info->path, "out of memory for the filter");
    }
    error = try_types(filter, info, diag);
    if (error) {
        fst_filter_free(filter);
        return error;
    }
    *out = filter;
    return 0;
}

void fst_filter_free(struct fst_filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++)
        pcap_freecode(&filter->programs[i].code);
    free(filter->programs);
    free(filter->expression);
    free(filter->path);
    free(filter);
}

static bool suits(const struct program *program, uint16_t link_type, bool big_endian)
{
    return program->link_type == link_type && program->big_endian == big_endian;
}

/* Make `recent` the program for a link type. */
static int choose_program(struct fst_filter *filter, uint16_t link_type, bool big_endian,
                          struct fst_diag *diag)
{
    int error;

    for (size_t i = 0; i < filter->count; i++) {
        if (suits(&filter->programs[i], link_type, big_endian)) {
            filter->recent = i;
            return 0;
        }
    }
    error = add_program(filter, link_type, big_endian, diag);
    if (!error)
        filter->recent = filter->count - 1;
    return error;
}

int fst_filter_match(struct fst_filter *filter, const struct fst_packet *packet, bool big_endian,
                     bool *match, struct fst_diag *diag)
{
    if (!suits(&filter->programs[filter->recent], packet->link_type, big_endian)) {
        int error = choose_program(filter, packet->link_type, big_endian, diag);

        if (error)
            return error;
    }
    *match = bpf_filter(filter->programs[filter->recent].code.bf_insns, packet->data,
                        packet->original_len, packet->captured_len) != 0;
    return 0;
}
