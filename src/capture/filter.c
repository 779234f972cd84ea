/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <inttypes.h>
#include <pcap.h>
#include <stdlib.h>
#include <string.h>

#include "capture/diag.h"
#include "capture/link_type.h"

/* The length a program accepts; any but 0 says yes. */
#define SNAP_LEN 262144

struct program {
    uint16_t link_type;
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

/* Compile for one link type. Returns 0, FST_ENOMEM, or FST_EFILTER with libpcap's words in diag. */
static int compile(const struct fst_filter *filter, uint16_t link_type, struct bpf_program *code,
                   struct fst_diag *diag)
{
    const char *name = fst_link_type_name(link_type);
    pcap_t *handle = pcap_open_dead(fst_link_type_to_dlt(link_type), SNAP_LEN);
    int error = 0;

    if (!handle)
        return no_memory(filter, diag);
    if (pcap_compile(handle, code, filter->expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        error = fst_diag_set(diag, FST_EFILTER, filter->path,
                             "filter \"%.120s\" for link type %u (%s): %.160s; see pcap-filter(7)",
                             filter->expression, link_type, name ? name : "unknown",
                             pcap_geterr(handle));
    pcap_close(handle);
    return error;
}

static int add_program(struct fst_filter *filter, uint16_t link_type, struct fst_diag *diag)
{
    struct program *programs =
        realloc(filter->programs, (filter->count + 1) * sizeof(*filter->programs));
    int error;

    if (!programs)
        return no_memory(filter, diag);
    filter->programs = programs;
    programs[filter->count].link_type = link_type;
    error = compile(filter, link_type, &programs[filter->count].code, diag);
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
        int error = add_program(filter, link_type, first.error ? NULL : &first);

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

/* Make `recent` the program for a link type. */
static int choose_program(struct fst_filter *filter, uint16_t link_type, struct fst_diag *diag)
{
    int error;

    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].link_type == link_type) {
            filter->recent = i;
            return 0;
        }
    }
    error = add_program(filter, link_type, diag);
    if (!error)
        filter->recent = filter->count - 1;
    return error;
}

int fst_filter_match(struct fst_filter *filter, const struct fst_packet *packet, bool *match,
                     struct fst_diag *diag)
{
    if (filter->programs[filter->recent].link_type != packet->link_type) {
        int error = choose_program(filter, packet->link_type, diag);

        if (error)
            return error;
    }
    *match = bpf_filter(filter->programs[filter->recent].code.bf_insns, packet->data,
                        packet->original_len, packet->captured_len) != 0;
    return 0;
}
