/* SPDX-License-Identifier: MIT
 *
 * The interfaces of this machine, and whether one may capture on each: asked by opening it.
 */
#include <pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/diag.h"
#include "flowstate/flowstate.h"

#define NETWORK_DEVICES "/sys/class/net"

struct fst_device_list {
    pcap_if_t *found;
    size_t count;
    struct fst_device *devices;
};

/** Whether packets with TCP can come from it: libpcap also lists buses and firewalls. Where the
 *  system does not list its network devices, all are taken. */
static bool is_network(const char *name)
{
    char path[128];
    size_t at = strlen(NETWORK_DEVICES);

    if (strcmp(name, "any") == 0 || access(NETWORK_DEVICES, X_OK) != 0)
        return true;
    if (strchr(name, '/') || at + 1 + strlen(name) >= sizeof(path))
        return false;
    memcpy(path, NETWORK_DEVICES "/", at + 1);
    memcpy(path + at + 1, name, strlen(name) + 1);
    return access(path, F_OK) == 0;
}

static void try_to_open(struct fst_device *device)
{
    struct fst_live_options options = {.interface = device->name, .snap_len = 64, .buffer_kib = 64};
    struct fst_capture *capture;
    struct fst_diag diag = {0, ""};

    device->error = fst_capture_open_live(&capture, &options, &diag);
    device->allowed = device->error == 0;
    memcpy(device->why, diag.message, sizeof(device->why));
    fst_capture_close(capture);
}

static void describe(struct fst_device *device, const pcap_if_t *found)
{
    *device = (struct fst_device){.name = found->name,
                                  .description = found->description,
                                  .up = (found->flags & PCAP_IF_UP) != 0,
                                  .running = (found->flags & PCAP_IF_RUNNING) != 0,
                                  .loopback = (found->flags & PCAP_IF_LOOPBACK) != 0};
    try_to_open(device);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct fst_device *)left)->name,
                  ((const struct fst_device *)right)->name);
}

int fst_device_list_new(struct fst_device_list **out, struct fst_diag *diag)
{
    struct fst_device_list *list = calloc(1, sizeof(*list));
    char reason[PCAP_ERRBUF_SIZE] = "";
    size_t count = 0;

    *out = NULL;
    if (!list)
        return fst_diag_set(diag, FST_ENOMEM, "devices", "out of memory");
    if (pcap_findalldevs(&list->found, reason) != 0) {
        free(list);
        return fst_diag_set(diag, FST_EOPEN, "devices", "cannot be listed: %s", reason);
    }
    for (const pcap_if_t *found = list->found; found; found = found->next)
        count++;
    list->devices = calloc(count + 1, sizeof(*list->devices));
    if (!list->devices) {
        fst_device_list_free(list);
        return fst_diag_set(diag, FST_ENOMEM, "devices", "out of memory");
    }
    for (const pcap_if_t *found = list->found; found; found = found->next)
        if (is_network(found->name))
            describe(&list->devices[list->count++], found);
    qsort(list->devices, list->count, sizeof(*list->devices), by_name);
    *out = list;
    return 0;
}

const struct fst_device *fst_device_at(const struct fst_device_list *list, size_t index)
{
    return index < list->count ? &list->devices[index] : NULL;
}

void fst_device_list_free(struct fst_device_list *list)
{
    if (!list)
        return;
    pcap_freealldevs(list->found);
    free(list->devices);
    free(list);
}
