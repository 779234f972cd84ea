/* SPDX-License-Identifier: MIT
 *
 * Threads that read a file abreast give what one gives, wherever slices end and whatever cannot
 * be read so. Slices are small here, so that there are many of them.
 */
#include "reading/abreast.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/builder.h"
#include "support/capture_file.h"
#include "support/frame_builder.h"
#include "support/memory.h"
#include "support/two_ways.h"
#include "support/unit.h"
#include "support/wire.h"

#define ETHERNET 1

/* ------------------------------------------------------------------------ reads that go wrong --
 */

/* What happens to the reads of slices, which no one else does. */
static struct {
    unsigned count; /* of reads so far */
    unsigned nth;   /* from which on: 0 is never */
    enum { FAILS, ENDS, INTERRUPTED, BY_OCTETS, SHRINKS } how;
    const char *path; /* what shrinks */
    off_t len;        /* to this */
} reads;
static pthread_mutex_t reads_lock = PTHREAD_MUTEX_INITIALIZER;

ssize_t __real_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset);

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset)
{
    unsigned count;

    pthread_mutex_lock(&reads_lock);
    count = ++reads.count;
    pthread_mutex_unlock(&reads_lock);
    if (reads.nth == 0 || count < reads.nth)
        return __real_pread(fd, to, len, offset);
    switch (reads.how) {
    case FAILS:
        errno = EIO;
        return -1;
    case ENDS:
        return 0;
    case INTERRUPTED:
        errno = EINTR;
        return count % 2 ? -1 : __real_pread(fd, to, len, offset);
    case BY_OCTETS:
        return __real_pread(fd, to, 1, offset);
    default:
        if (count == reads.nth)
            assert_int_equal(truncate(reads.path, reads.len), 0);
        return __real_pread(fd, to, len, offset);
    }
}

static size_t largest = SIZE_MAX; /* what there is memory for */

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return size > largest ? NULL : __real_aligned_alloc(alignment, size);
}

/* ------------------------------------------------------------------------- what is in captures --
 */

/* All of the project's own on Ethernet: many begin before others end, and one is tagged. */
static void add_recorded(struct wire *wire)
{
    glob_t found;

    assert_int_equal(glob(FST_SOURCE_DIR "/pcaps/*.pcap", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        wire_pcap(wire, found.gl_pathv[i]);
    globfree(&found);
    for (size_t i = 0; i < wire->count; i++)
        assert_int_equal(wire->packets[i].link_type, ETHERNET);
}

static void add_frame(struct wire *wire, const struct frame *frame)
{
    (void)wire_octets(wire, ETHERNET, frame->octets, frame->len);
}

/* What `inner` holds behind its IP header, from octet `from` up to `to`, as a fragment. */
static void add_fragment(struct wire *wire, const struct frame *inner, uint8_t protocol,
                         unsigned from, unsigned to)
{
    struct frame frame = {0, {0}};
    bool more = 20 + to < inner->len;
    size_t ip;

    frame_hex(&frame, FRAME_ETHERNET_IP4);
    ip = frame_ip4(&frame, protocol);
    frame_set16(&frame, ip + 6, (uint16_t)(from / 8 | (unsigned)more << 13));
    frame_octets(&frame, inner->octets + 20 + from, to - from);
    frame_end_ip(&frame, ip);
    add_frame(wire, &frame);
}

static const struct frame *segment(void)
{
    static struct frame frame;

    frame.len = 0;
    frame_build(&frame, "", 4, "", 100);
    return &frame;
}

/* A segment in VXLAN, in an IP packet that is to be cut. */
static const struct frame *tunnelled(void)
{
    static struct frame frame;
    struct frame inner = {0, {0}};
    size_t ip;

    frame.len = 0;
    frame_build(&inner, FRAME_ETHERNET_IP4, 4, "", 100);
    ip = frame_ip4(&frame, 17);
    frame_hex(&frame, "c000 12b5 0000 0000  08000000 00000700");
    frame_octets(&frame, inner.octets, inner.len);
    frame_set16(&frame, ip + 24, (uint16_t)(frame.len - 20));
    frame_end_ip(&frame, ip);
    return &frame;
}

static void add_tagged(struct wire *wire, unsigned id)
{
    struct frame frame = {0, {0}};
    char link[60];

    (void)snprintf(link, sizeof(link), "020000000002 020000000001 8100 0%03x 0800", id);
    frame_build(&frame, link, 4, "", 10);
    add_frame(wire, &frame);
}

/* A packet longer than what lies behind a slice has room for. */
static void add_long(struct wire *wire)
{
    static const uint8_t octets[200000];

    (void)wire_octets(wire, ETHERNET, octets, sizeof(octets));
}

/* Recorded packets, among which is every now and then what they are not. */
static void add_all(struct wire *wire)
{
    for (unsigned round = 0; round < 24; round++) {
        add_recorded(wire);
        if (round % 8 == 2)
            add_fragment(wire, segment(), 6, 0, 48);
        if (round % 8 == 4)
            add_fragment(wire, segment(), 6, 48, 120);
        if (round % 8 == 5)
            add_fragment(wire, tunnelled(), 17, 0, 80);
        if (round % 8 == 6)
            add_fragment(wire, tunnelled(), 17, 80, (unsigned)tunnelled()->len - 20);
        if (round % 8 == 7)
            add_long(wire);
        add_tagged(wire, 100 + round / 3);
    }
}

/* ---------------------------------------------------------------------------------- the files --
 */

static const struct variant {
    uint32_t magic, tick_ns;
    bool big_endian;
} variants[] = {
    {PCAP_MICROSECONDS, 1000, false}, {PCAP_MICROSECONDS, 1000, true}, {PCAP_NANOSECONDS, 1, false},
    {PCAP_NANOSECONDS, 1, true},      {PCAP_MODIFIED, 1000, false},    {PCAP_MODIFIED, 1000, true},
};

static void build_pcap(struct builder *builder, const struct wire *wire,
                       const struct variant *variant)
{
    builder->big_endian = variant->big_endian;
    build_pcap_header(builder, variant->magic, 65535, ETHERNET);
    for (size_t i = 0; i < wire->count; i++) {
        const struct fst_packet *packet = &wire->packets[i];

        build_u32(builder, (uint32_t)(packet->time_ns / 1000000000));
        build_u32(builder, (uint32_t)(packet->time_ns % 1000000000) / variant->tick_ns);
        build_u32(builder, packet->captured_len);
        build_u32(builder, packet->original_len);
        if (variant->magic == PCAP_MODIFIED)
            build_u64(builder, 0);
        build_bytes(builder, packet->data, packet->captured_len);
    }
}

/* Packets with comments, blocks that nobody knows, and an interface that comes late. */
static void build_pcapng(struct builder *builder, const struct wire *wire, bool big_endian)
{
    build_section(builder, big_endian);
    build_interface(builder, ETHERNET, 0);
    for (size_t i = 0; i < wire->count; i++) {
        const struct fst_packet *packet = &wire->packets[i];
        uint64_t ticks = (uint64_t)packet->time_ns / 1000;

        build_block_begin(builder, 6);
        build_u32(builder, i > wire->count / 2);
        build_u32(builder, (uint32_t)(ticks >> 32));
        build_u32(builder, (uint32_t)ticks);
        build_u32(builder, packet->captured_len);
        build_u32(builder, packet->original_len);
        build_bytes(builder, packet->data, packet->captured_len);
        build_bytes(builder, "\0\0\0", -packet->captured_len % 4);
        if (i % 5 == 0)
            build_option(builder, 1, "so it was", 9);
        build_block_end(builder);
        if (i % 7 == 0) {
            build_block_begin(builder, 0xbad);
            build_bytes(builder, "0123456789abcdef", 4 * (i % 5));
            build_block_end(builder);
        }
        if (i == wire->count / 2)
            build_interface(builder, ETHERNET, 0);
    }
    build_block_begin(builder, 5);
    build_u32(builder, 0);
    build_u64(builder, 0);
    build_option(builder, 4, "\1\2\3\4\5\6\7\10", 8);
    build_block_end(builder);
}

/* ---------------------------------------------------------------------------------- both ways --
 */

static struct pass pass_of(char *const *paths, size_t slice)
{
    return (struct pass){.paths = paths, .path_count = 1, .sizes = {0, slice}};
}

static void assert_same_of(const struct builder *builder, size_t len, size_t slice)
{
    char path[200];
    char *paths[] = {path};
    struct pass pass = pass_of(paths, slice);

    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder->data, len));
    reads.count = 0;
    assert_same(&pass);
    assert_int_equal(reads.count > 0, len >= slice);
}

static void wherever_slices_end(void **state)
{
    struct wire wire = {0, 0, NULL};

    (void)state;
    add_recorded(&wire);
    for (size_t i = 0; i < COUNT(variants); i++) {
        struct builder builder = {.len = 0};

        build_pcap(&builder, &wire, &variants[i]);
        for (size_t slice = 1; slice < 40; slice += i == 0 ? 3 : 19)
            assert_same_of(&builder, builder.len, slice);
        for (size_t slice = 97; slice < builder.len; slice = slice * 9 / 4)
            assert_same_of(&builder, builder.len, slice);
        build_free(&builder);
    }
    wire_free(&wire);
}

static void what_is_to_be_read_in_order(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};

    (void)state;
    add_all(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    assert_same_of(&builder, builder.len, 1000);
    assert_int_equal(threads_started % 2, 1);
    assert_true(threads_started > 20); /* there and back for each of what was put in */
    for (size_t slice = 333; slice < builder.len; slice = slice * 3)
        assert_same_of(&builder, builder.len, slice);
    build_free(&builder);
    wire_free(&wire);
}

static void blocks_of_pcapng(void **state)
{
    struct wire wire = {0, 0, NULL};

    (void)state;
    add_recorded(&wire);
    for (int big_endian = 0; big_endian < 2; big_endian++) {
        struct builder builder = {.len = 0};

        build_pcapng(&builder, &wire, big_endian);
        build_pcapng(&builder, &wire, !big_endian);
        for (size_t slice = 1; slice < 30; slice += 4)
            assert_same_of(&builder, builder.len, slice);
        for (size_t slice = 64; slice < builder.len; slice = slice * 2)
            assert_same_of(&builder, builder.len, slice);
        build_free(&builder);
    }
    wire_free(&wire);
}

/* Slices go; what has been handed out of one is not to be looked for there. */
static void nothing_is_left_of_a_slice(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    struct fst_packet packets[64];
    struct fst_capture *capture;
    struct fst_slice slice;
    struct fst_place place;
    size_t count = 0;

    (void)state;
    add_recorded(&wire);
    build_pcapng(&builder, &wire, false);
    assert_int_equal(fst_capture_open(&capture, temporary_file(builder.data, builder.len), NULL),
                     0);
    assert_int_equal(fst_capture_read(capture, packets, 1, &count, NULL), 0);
    assert_int_equal(count, 1);
    place = fst_place_of(capture);
    assert_true(fst_slice_init(&slice, capture, place.offset + 100));
    assert_true(fst_slice_load(&slice, 0));
    assert_true(fst_slice_walk(&slice, &place, packets, COUNT(packets), &count));
    assert_true(count > 0);
    assert_non_null(place.as.pcapng.packet_block);
    fst_place_return(capture, &place);
    fst_slice_fini(&slice);
    assert_null(capture->as.pcapng.packet_block);
    assert_int_equal(capture->as.pcapng.packet_block_len, 0);
    assert_int_equal(fst_capture_read(capture, packets, 1, &count, NULL), 0);
    assert_int_equal(count, 1);
    fst_capture_close(capture);
    build_free(&builder);
    wire_free(&wire);
}

static void cut_and_damaged(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    size_t at = 24;

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    for (size_t cut = 0; cut < 300; cut += 7)
        assert_same_of(&builder, builder.len - cut, cut % 2 ? 100 : 1000);
    for (size_t i = 0; i < wire.count; at += 16 + wire.packets[i++].captured_len) {
        if (i % 37 != 0)
            continue;
        build_patch(&builder, at + 8, 0x7fffffff);
        assert_same_of(&builder, builder.len, i % 2 ? 100 : 1000);
        build_patch(&builder, at + 8, wire.packets[i].captured_len);
    }
    build_free(&builder);
    wire_free(&wire);
}

/* -------------------------------------------------------------------------------- not to the end
 * -- */

static void up_to_a_count(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    for (uint64_t count = 1; count <= wire.count + 2; count += count < 30 ? 1 : 7) {
        struct pass pass = pass_of(paths, 50 + 100 * (count % 11));

        pass.reading.max_packets = count;
        assert_same(&pass);
    }
    build_free(&builder);
    wire_free(&wire);
}

/* How often it is still wanted; nobody may ask again once it is not. */
static bool stop_after(void *context, uint64_t file_bytes)
{
    unsigned *left = context;

    (void)file_bytes;
    assert_int_not_equal(*left, UINT_MAX);
    return (*left)-- > 0;
}

/* The capture ends where the analysis did, as if nothing had been read behind it. */
static void assert_stopped(const struct pass *wanted, unsigned calls, bool only_ends)
{
    struct pass pass = *wanted, alone = *wanted;
    unsigned left = calls;

    pass.only_ends = alone.only_ends = only_ends;
    pass.reading.go_on = stop_after;
    pass.reading.context = &left;
    read_all(&pass, only_ends ? 2 + calls % 3 : 2);
    assert_int_equal(left, UINT_MAX);
    assert_int_equal(pass.error, 0);
    assert_true(pass.file_bytes >= pass.bytes);
    alone.reading.max_packets = pass.packets;
    read_all(&alone, 1);
    account_assert_same(&alone.account, &pass.account);
    assert_int_equal(pass.packets, alone.packets);
    assert_int_equal(pass.bytes, alone.bytes);
    account_close(&pass.account);
    account_close(&alone.account);
}

static void stopped(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};
    struct pass pass = pass_of(paths, 700);

    (void)state;
    add_all(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    for (unsigned calls = 0; calls < 60; calls += 3)
        assert_stopped(&pass, calls, calls % 2 == 0);
    pass.sizes = (struct fst_reading_sizes){200000, 20000}; /* much of it is read in order */
    for (unsigned calls = 3; calls < 14; calls++)
        assert_stopped(&pass, calls, calls % 2 == 0);
    build_free(&builder);
    wire_free(&wire);
}

/* -------------------------------------------------------------------------------- what goes wrong
 * -- */

static void reads_that_go_wrong(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    unsigned undisturbed;

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    assert_same_of(&builder, builder.len, 777);
    undisturbed = threads_started;
    for (reads.nth = 1; reads.nth < 30; reads.nth += 4) {
        for (reads.how = FAILS; reads.how < SHRINKS; reads.how++) {
            assert_same_of(&builder, builder.len, 777);
            if (reads.how == INTERRUPTED || reads.how == BY_OCTETS)
                assert_int_equal(threads_started, undisturbed);
        }
    }
    reads.nth = 0;
    build_free(&builder);
    wire_free(&wire);
}

/* What was there once does not come back: the rest is as of a file that was always so short. */
static void a_file_that_shrinks(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    reads.how = SHRINKS;
    for (size_t cut = builder.len / 2; cut < builder.len; cut += 811) {
        struct pass both = pass_of(paths, 500), alone = both;

        (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
        reads.count = 0;
        reads.nth = 5;
        reads.path = path;
        reads.len = (off_t)cut;
        read_all(&both, 2);
        reads.nth = 0;
        read_all(&alone, 1);
        account_assert_same(&alone.account, &both.account);
        assert_int_equal(both.error, alone.error);
        assert_string_equal(both.diag.message, alone.diag.message);
        assert_int_equal(both.bytes, alone.bytes);
        account_close(&both.account);
        account_close(&alone.account);
    }
    build_free(&builder);
    wire_free(&wire);
}

static void no_memory_for_slices(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};
    struct pass pass = pass_of(paths, 1u << 20);

    (void)state;
    for (unsigned round = 0; round < 100; round++)
        add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    assert_true(builder.len > 2u << 20);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    reads.count = 0;
    largest = 1u << 20;
    assert_same(&pass);
    largest = SIZE_MAX;
    assert_int_equal(reads.count, 0);
    build_free(&builder);
    wire_free(&wire);
}

/* The first memory that is not to be had may be another thread's, or lack when the parts become
 * one. */
static void no_memory_for_parts(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};
    unsigned short_of_it = 0, rounds = 0;

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    for (uint64_t calls = 1, more = 1; more > 0; calls += 1 + calls / 8, rounds++) {
        struct pass pass = pass_of(paths, 1000);
        struct memory memory;

        memory_init(&memory);
        pass.options.allocator = &memory.allocator;
        pass.only_ends = true;
        pass.memory = &memory;
        pass.fail_from = calls;
        read_all(&pass, 2 + calls % 3);
        assert_true(pass.error == 0 || pass.error == FST_ENOMEM);
        assert_true(pass.error == 0 || pass.diag.error == FST_ENOMEM);
        more = memory.calls >= memory.fail_from;
        short_of_it += pass.error == FST_ENOMEM;
        account_close(&pass.account);
        assert_int_equal(memory.blocks, 0);
        assert_int_equal(memory.octets, 0);
    }
    assert_true(short_of_it > rounds / 4);
    build_free(&builder);
    wire_free(&wire);
}

/* How much was asked for while several threads were to read, but none could be started. */
static uint64_t calls_without_threads(const struct builder *builder, size_t slice)
{
    struct memory memory;
    char path[200];
    char *paths[] = {path};
    struct pass pass = pass_of(paths, slice);

    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder->data, builder->len));
    memory_init(&memory);
    pass.options.allocator = &memory.allocator;
    reads.count = 0;
    no_threads = true;
    assert_same(&pass);
    no_threads = false;
    assert_int_equal(reads.count, 0);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(memory.octets, 0);
    return memory.calls;
}

/* What was taken for reading abreast is given back. */
static void no_thread_to_be_had(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};

    (void)state;
    add_all(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    assert_true(calls_without_threads(&builder, 1000) >
                calls_without_threads(&builder, SIZE_MAX / 4));
    build_free(&builder);
    wire_free(&wire);
}

/* --------------------------------------------------------------------------- too many for parts --
 */

/* The table, or what all connections share, is full some time: before that the parts become one. */
static void full(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};
    char path[200];
    char *paths[] = {path};

    (void)state;
    add_all(&wire);
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    for (unsigned flows = 1; flows < 300; flows += flows < 40 ? 13 : 83) {
        struct pass pass = pass_of(paths, flows % 2 ? 150 : 400);

        pass.options.max_flows = flows;
        assert_same(&pass);
    }
    build_free(&builder);
    wire_free(&wire);
}

/* Those that can be started have done nothing that is done again without the others. */
static void some_threads_to_be_had(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder builder = {.len = 0};

    (void)state;
    add_recorded(&wire);
    build_pcap(&builder, &wire, &variants[0]);
    for (threads_most = 1; threads_most < 7; threads_most++) {
        assert_same_of(&builder, builder.len, 500);
        assert_same_of(&builder, builder.len, 3000);
        assert_same_of(&builder, builder.len, 10000);
    }
    threads_most = UINT_MAX;
    build_free(&builder);
    wire_free(&wire);
}

/* ------------------------------------------------------------------------- not to be cut at all --
 */

static uint32_t crc32_of(const uint8_t *octets, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= octets[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* As gzip packs what cannot be packed: in blocks that are stored. */
static void build_gzip(struct builder *builder, const struct builder *content)
{
    build_bytes(builder, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    for (size_t done = 0, len; done < content->len; done += len) {
        len = content->len - done < 60000 ? content->len - done : 60000;
        build_bytes(builder, done + len == content->len ? "\1" : "\0", 1);
        build_u16(builder, (uint16_t)len);
        build_u16(builder, (uint16_t)~len);
        build_bytes(builder, content->data + done, len);
    }
    build_u32(builder, crc32_of(content->data, content->len));
    build_u32(builder, (uint32_t)content->len);
}

static void packed(void **state)
{
    struct wire wire = {0, 0, NULL};
    struct builder plain = {.len = 0}, builder = {.len = 0};
    struct fst_capture *capture;
    char path[200];
    char *paths[] = {path};
    struct pass pass = pass_of(paths, 100);
    int error;

    (void)state;
    add_recorded(&wire);
    build_pcap(&plain, &wire, &variants[0]);
    build_gzip(&builder, &plain);
    (void)snprintf(path, sizeof(path), "%s", temporary_file(builder.data, builder.len));
    error = fst_capture_open(&capture, path, NULL);
    fst_capture_close(capture);
    reads.count = 0;
    if (!error) /* this build can unpack it */
        assert_same(&pass);
    assert_int_equal(reads.count, 0);
    build_free(&plain);
    build_free(&builder);
    wire_free(&wire);
}

static void what_has_no_slices(void **state)
{
    char mixed[] = FST_SOURCE_DIR "/pcaps/mixed.pcap";
    char *paths[] = {mixed, mixed};
    struct pass pass = pass_of(paths, 100);

    (void)state;
    reads.count = 0;
    pass.filter = "tcp port 80";
    assert_same(&pass);
    pass.filter = NULL;
    pass.path_count = 2;
    assert_same(&pass);
    assert_int_equal(reads.count, 0);
    pass.path_count = 1;
    assert_same(&pass);
    assert_true(reads.count > 0);
}

/* With an argument only what differs most in how threads meet: for a tool that makes all of it ten
 * times as slow. */
int main(int count, char **arguments)
{
    const struct CMUnitTest few[] = {
        cmocka_unit_test(cut_and_damaged),
        cmocka_unit_test(up_to_a_count),
        cmocka_unit_test(stopped),
        cmocka_unit_test(a_file_that_shrinks),
        cmocka_unit_test(some_threads_to_be_had),
        cmocka_unit_test(no_memory_for_parts),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_slices_end),
        cmocka_unit_test(what_is_to_be_read_in_order),
        cmocka_unit_test(blocks_of_pcapng),
        cmocka_unit_test(nothing_is_left_of_a_slice),
        cmocka_unit_test(cut_and_damaged),
        cmocka_unit_test(up_to_a_count),
        cmocka_unit_test(stopped),
        cmocka_unit_test(reads_that_go_wrong),
        cmocka_unit_test(a_file_that_shrinks),
        cmocka_unit_test(full),
        cmocka_unit_test(no_memory_for_slices),
        cmocka_unit_test(no_memory_for_parts),
        cmocka_unit_test(no_thread_to_be_had),
        cmocka_unit_test(some_threads_to_be_had),
        cmocka_unit_test(packed),
        cmocka_unit_test(what_has_no_slices),
    };

    (void)arguments;
    return count > 1 ? cmocka_run_group_tests(few, NULL, NULL)
                     : cmocka_run_group_tests(tests, NULL, NULL);
}
