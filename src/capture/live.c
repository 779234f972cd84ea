/* SPDX-License-Identifier: MIT
 *
 * A live capture: packets are taken one by one from libpcap, which hands them out of the system's
 * ring, and copied into a buffer of our own so that a batch of them stays valid until the next
 * read.
 */
#include "capture/live.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/diag.h"

#define SNAP_LEN_DEFAULT   262144
#define BUFFER_KIB_DEFAULT 4096
#define TIMEOUT_MS_DEFAULT 100

/* Packets are copied here; at least one of any length fits. */
#define COPY_SIZE ((size_t)1024 * 1024)

/* Asking for the counters opens files; far fewer than 2^32 packets come meanwhile. */
#define COUNT_EVERY_NS 100000000

struct fst_live {
    pcap_t *handle;
    bool nanoseconds;
    int timeout_ms;
    uint16_t link_type;
    size_t snap_len;
    uint8_t *copies;
    size_t size;
    bool interface_tells;             /* the system knows what the interface dropped */
    uint32_t received, lost, if_lost; /* the counters of libpcap as they were last, 32 bits each */
    int64_t counted_ns;               /* when that was */
};

/* ----------------------------------------------------------------------------------- opening -- */

/** The command that gives the right, for the program that runs. */
static int blame_rights(const char *name, struct fst_diag *diag)
{
    char program[300];
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    const char *quote;

    if (len <= 0 || (size_t)len == sizeof(program) - 1) /* unknown, or too long for the message */
        return fst_diag_set(diag, FST_EOPEN, name, "you may not capture here; run as root");
    program[len] = '\0';
    quote = program[strcspn(program, " \t'\"\\$`&;|<>()*?[]#~!{}")] ? "\"" : "";
    return fst_diag_set(diag, FST_EOPEN, name,
                        "you may not capture here. Run: sudo setcap cap_net_raw=ep %s%s%s", quote,
                        program, quote);
}

static int blame_open(pcap_t *handle, int status, const char *name, struct fst_diag *diag)
{
    const char *reason = pcap_geterr(handle);

    if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
        return blame_rights(name, diag);
    if (status == PCAP_ERROR_NO_SUCH_DEVICE)
        return fst_diag_set(diag, FST_EOPEN, name,
                            "there is no such interface; run \"flowstate devices\" for those there "
                            "are");
    if (status == PCAP_ERROR_IFACE_NOT_UP)
        return fst_diag_set(diag, FST_EOPEN, name,
                            "the interface is down. Run: sudo ip link set %s up", name);
    return fst_diag_set(diag, FST_EOPEN, name, "cannot be captured on: %s",
                        *reason ? reason : pcap_statustostr(status));
}

/** What can only be asked for before the capture begins. */
static void configure(struct fst_live *live, const struct fst_live_options *options)
{
    uint32_t kib = options->buffer_kib ? options->buffer_kib : BUFFER_KIB_DEFAULT;

    live->snap_len = options->snap_len ? options->snap_len : SNAP_LEN_DEFAULT;
    live->timeout_ms = options->timeout_ms ? (int)options->timeout_ms : TIMEOUT_MS_DEFAULT;
    (void)pcap_set_snaplen(live->handle, (int)live->snap_len);
    (void)pcap_set_promisc(live->handle, options->promiscuous);
    (void)pcap_set_buffer_size(live->handle, (int)(kib * 1024));
    (void)pcap_set_timeout(live->handle, live->timeout_ms);
    (void)pcap_set_immediate_mode(live->handle, !options->batched);
    (void)pcap_set_tstamp_precision(live->handle, PCAP_TSTAMP_PRECISION_NANO);
}

/** Whether the system counts what this interface drops; libpcap gives 0 if not. */
static bool interface_tells(const char *name)
{
    static const char *const counters[] = {"rx_missed_errors", "rx_fifo_errors"};
    char path[128];
    bool tells = false;

    for (size_t i = 0; i < 2; i++) {
        int len =
            snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", name, counters[i]);

        tells |= len > 0 && (size_t)len < sizeof(path) && access(path, R_OK) == 0;
    }
    return tells;
}

static int activate(struct fst_live *live, const struct fst_live_options *options,
                    struct fst_diag *diag)
{
    const char *name = options->interface;
    char reason[PCAP_ERRBUF_SIZE] = "";
    int status = pcap_activate(live->handle), fd;

    if (status < 0) /* above 0 are warnings, such as no promiscuous mode on "any" */
        return blame_open(live->handle, status, name, diag);
    if (pcap_setnonblock(live->handle, 1, reason) != 0)
        return fst_diag_set(diag, FST_EOPEN, name, "cannot be captured on: %s", reason);
    live->interface_tells = options->promiscuous && interface_tells(name);
    live->nanoseconds = pcap_get_tstamp_precision(live->handle) == PCAP_TSTAMP_PRECISION_NANO;
    live->link_type = fst_link_type_of_dlt(pcap_datalink(live->handle));
    fd = pcap_get_selectable_fd(live->handle);
    if (fd >= 0) /* a program that is started must not inherit it */
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return 0;
}

static int open_handle(struct fst_live *live, const struct fst_live_options *options,
                       struct fst_diag *diag)
{
    char reason[PCAP_ERRBUF_SIZE] = "";

    live->handle = pcap_create(options->interface, reason);
    if (!live->handle)
        return fst_diag_set(diag, FST_EOPEN, options->interface, "cannot be captured on: %s",
                            reason);
    configure(live, options);
    live->size = COPY_SIZE > live->snap_len ? COPY_SIZE : live->snap_len;
    live->copies = malloc(live->size);
    if (!live->copies)
        return fst_diag_set(diag, FST_ENOMEM, options->interface, "out of memory");
    return activate(live, options, diag);
}

/** What the capture says of itself; a live one has a single interface. */
static int describe(struct fst_capture *capture, const char *name, struct fst_diag *diag)
{
    struct fst_description description = {.link_type = capture->live->link_type,
                                          .snap_len = (uint32_t)capture->live->snap_len,
                                          .resolution = 9,
                                          .name = name,
                                          .name_len = strlen(name)};

    capture->input.fd = -1;
    capture->input.path = strdup(name);
    if (!capture->input.path)
        return fst_diag_set(diag, FST_ENOMEM, name, "out of memory");
    capture->info.path = capture->input.path;
    capture->info.format = "live";
    return fst_capture_add_interface(capture, &description, diag);
}

int fst_capture_open_live(struct fst_capture **out, const struct fst_live_options *options,
                          struct fst_diag *diag)
{
    struct fst_capture *capture = calloc(1, sizeof(*capture));
    int error;

    *out = NULL;
    if (capture)
        capture->live = calloc(1, sizeof(*capture->live));
    if (!capture || !capture->live) {
        free(capture);
        return fst_diag_set(diag, FST_ENOMEM, options->interface, "out of memory");
    }
    error = open_handle(capture->live, options, diag);
    if (!error)
        error = describe(capture, options->interface, diag);
    if (error)
        fst_capture_close(capture);
    else
        *out = capture;
    return error;
}

void fst_live_close(struct fst_live *live)
{
    if (!live)
        return;
    if (live->handle)
        pcap_close(live->handle);
    free(live->copies);
    free(live);
}

int fst_live_set_filter(struct fst_capture *capture, const char *expression, struct fst_diag *diag)
{
    pcap_t *handle = capture->live->handle;
    struct bpf_program code;
    int error = 0;

    if (pcap_compile(handle, &code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fst_diag_set(diag, FST_EFILTER, capture->info.path,
                            "filter \"%.120s\": %.160s; see pcap-filter(7)", expression,
                            pcap_geterr(handle));
    if (pcap_setfilter(handle, &code) != 0)
        error = fst_diag_set(diag, FST_EFILTER, capture->info.path, "filter \"%.120s\": %.160s",
                             expression, pcap_geterr(handle));
    pcap_freecode(&code);
    return error;
}

/* ----------------------------------------------------------------------------------- reading -- */

static int64_t time_of(const struct fst_live *live, const struct pcap_pkthdr *header)
{
    /* With nanoseconds asked for and given, tv_usec counts them. */
    return (int64_t)header->ts.tv_sec * 1000000000 +
           (int64_t)header->ts.tv_usec * (live->nanoseconds ? 1 : 1000);
}

/** Copy what has arrived. @return how many, or -1 when the interface failed. */
static long take(struct fst_capture *capture, struct fst_packet *packets, size_t max)
{
    struct fst_live *live = capture->live;
    size_t count = 0, used = 0;

    while (count < max && live->size - used >= live->snap_len) {
        struct pcap_pkthdr *header;
        const u_char *data;
        int got = pcap_next_ex(live->handle, &header, &data);

        if (got <= 0)
            return got == 0 || count > 0 ? (long)count : -1;
        memcpy(live->copies + used, data, header->caplen);
        packets[count++] = (struct fst_packet){.number = ++capture->info.packets,
                                               .time_ns = time_of(live, header),
                                               .data = live->copies + used,
                                               .captured_len = header->caplen,
                                               .original_len = header->len,
                                               .link_type = live->link_type};
        used += header->caplen;
    }
    capture->info.bytes += used;
    return (long)count;
}

static void wait_for_packets(const struct fst_live *live)
{
    struct pollfd poll_fd = {.fd = pcap_get_selectable_fd(live->handle), .events = POLLIN};

    (void)poll(&poll_fd, 1, live->timeout_ms); /* a signal ends the wait: the caller looks why */
}

/** Counters of libpcap have 32 bits and go round. */
static void count_on(uint64_t *counter, uint32_t *last, uint32_t now)
{
    if (*counter == UINT64_MAX) /* not known yet */
        *counter = 0;
    *counter += (uint32_t)(now - *last);
    *last = now;
}

static int64_t now_ns(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void count_drops(struct fst_capture *capture, bool at_once)
{
    struct fst_live *live = capture->live;
    struct fst_interface *interface = &capture->interfaces[0];
    struct pcap_stat stats;
    int64_t now = now_ns();

    if ((!at_once && now - live->counted_ns < COUNT_EVERY_NS) ||
        pcap_stats(live->handle, &stats) != 0)
        return;
    live->counted_ns = now;
    count_on(&interface->received, &live->received, stats.ps_recv);
    count_on(&interface->os_dropped, &live->lost, stats.ps_drop);
    if (live->interface_tells)
        count_on(&interface->dropped, &live->if_lost, stats.ps_ifdrop);
}

int fst_live_read(struct fst_capture *capture, struct fst_packet *packets, size_t max,
                  size_t *count, struct fst_diag *diag)
{
    long got = take(capture, packets, max);

    if (got == 0) {
        wait_for_packets(capture->live);
        got = take(capture, packets, max);
    }
    if (got < 0)
        return fst_diag_set(diag, FST_EOPEN, capture->info.path, "the capture broke off: %s",
                            pcap_geterr(capture->live->handle));
    *count = (size_t)got;
    count_drops(capture, got == 0);
    return 0;
}
