/* SPDX-License-Identifier: MIT
 *
 * send INTERFACE RATE COUNT CAPTURE...: the packets of Ethernet captures, again and again, at RATE
 * packets a second (0: as fast as it goes), COUNT in all. Each round has IPv4 addresses of its own,
 * so that its connections are new ones; checksums stay right. Prints how many the interface took
 * and how many nanoseconds that lasted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH     64
#define FRAME_MAX 2048
#define NS_PER_S  1000000000

struct frame {
    size_t len;
    uint8_t octets[FRAME_MAX];
};

static struct frame *frames;
static size_t frame_count, frame_room;

static void die(const char *what)
{
    fprintf(stderr, "send: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void load(const char *path)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *capture = pcap_open_offline(path, reason);
    struct pcap_pkthdr *header;
    const u_char *data;

    if (!capture || pcap_datalink(capture) != DLT_EN10MB) {
        fprintf(stderr, "send: %s: no Ethernet capture\n", path);
        exit(1);
    }
    while (pcap_next_ex(capture, &header, &data) == 1) {
        if (header->caplen > 1514 || header->caplen < header->len)
            continue; /* no interface takes it whole */
        if (frame_count == frame_room) {
            frame_room = frame_room ? frame_room * 2 : 256;
            frames = realloc(frames, frame_room * sizeof(*frames));
            if (!frames)
                die("memory");
        }
        frames[frame_count].len = header->caplen;
        memcpy(frames[frame_count].octets, data, header->caplen);
        frame_count++;
    }
    pcap_close(capture);
}

static void copy_frame(struct frame *to, const struct frame *from)
{
    to->len = from->len;
    memcpy(to->octets, from->octets, from->len);
}

/* --------------------------------------------------------------------------------- addresses -- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** RFC 1624, equation 3: the checksum after one of its words has changed. */
static void fix(uint8_t *checksum, uint16_t before, uint16_t after)
{
    uint32_t sum = (uint16_t)~get16(checksum) + (uint32_t)(uint16_t)~before + after;

    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(checksum, (uint16_t)~sum);
}

/** Both addresses become 10.`round`.x, x as it was; of TCP in IPv4 without tags or fragments. */
static void renumber(struct frame *frame, uint32_t round)
{
    uint8_t *ip = frame->octets + 14, *tcp;
    size_t header;

    if (frame->len < 54 || get16(frame->octets + 12) != ETHERTYPE_IP || ip[9] != IPPROTO_TCP ||
        (get16(ip + 6) & 0x3fff) != 0)
        return;
    header = (size_t)(ip[0] & 15) * 4;
    if (14 + header + 20 > frame->len)
        return;
    tcp = ip + header;
    for (unsigned address = 12; address <= 16; address += 4) {
        const uint16_t words[2] = {(uint16_t)(10 << 8 | (round >> 8 & 255)),
                                   (uint16_t)((round & 255) << 8 | ip[address + 3])};

        for (unsigned i = 0; i < 2; i++) {
            uint8_t *word = ip + address + 2 * i;

            fix(ip + 10, get16(word), words[i]);
            fix(tcp + 16, get16(word), words[i]);
            put16(word, words[i]);
        }
    }
}

/* ----------------------------------------------------------------------------------- sending -- */

static int open_socket(const char *interface)
{
    int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1; /* protocol 0: it receives nothing */
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_ifindex = (int)if_nametoindex(interface)};

    if (fd < 0 || address.sll_ifindex == 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        die(interface);
    /* Past the queue: none of ours is lost there, or counted as sent when it was. */
    (void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
    return fd;
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void sleep_until(int64_t ns)
{
    struct timespec until = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

    if (ns > now_ns() + 50000) /* shorter ones cost more than they last */
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void send_all(int fd, struct mmsghdr *messages, unsigned count)
{
    unsigned done = 0;

    while (done < count) {
        int sent = sendmmsg(fd, messages + done, count - done, 0);

        if (sent > 0)
            done += (unsigned)sent;
        else if (errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
            die("sendmmsg");
    }
}

int main(int argc, char **argv)
{
    static struct frame copies[BATCH];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    uint64_t rate, total, sent = 0;
    int64_t begin;
    int fd;

    if (argc < 5) {
        fprintf(stderr, "usage: send INTERFACE RATE COUNT CAPTURE...\n");
        return 2;
    }
    rate = strtoull(argv[2], NULL, 10);
    total = strtoull(argv[3], NULL, 10);
    for (int i = 4; i < argc; i++)
        load(argv[i]);
    fd = open_socket(argv[1]);
    begin = now_ns();
    while (sent < total && frame_count > 0) {
        unsigned count = 0;

        for (; count < BATCH && sent + count < total; count++) {
            uint64_t number = sent + count;

            copy_frame(&copies[count], &frames[number % frame_count]);
            renumber(&copies[count], (uint32_t)(number / frame_count));
            parts[count] = (struct iovec){copies[count].octets, copies[count].len};
            messages[count] =
                (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[count], .msg_iovlen = 1}};
        }
        if (rate > 0)
            sleep_until(begin + (int64_t)((double)sent * NS_PER_S / (double)rate));
        send_all(fd, messages, count);
        sent += count;
    }
    printf("%llu %lld\n", (unsigned long long)sent, (long long)(now_ns() - begin));
    return 0;
}
