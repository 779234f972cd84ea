/* SPDX-License-Identifier: MIT
 *
 * The public API under any stream of segments, sent as IPv4 packets on a few 4-tuples. Two
 * analyzers get the same packets: one segment by segment with a callback, one in batches with
 * another key and without. What users see must be the same, and the counters must add up.
 */
#include <stdbool.h>
#include <string.h>

#include "flowstate/flowstate.h"
#include "fuzz/fuzz.h"
#include "fuzz/stream.h"
#include "support/octets.h"

#define TUPLES      4
#define PACKETS_MAX 512
#define HEADERS     (20 + 60)
#define RAW         101

#define LOSSLESS    1u
#define FEW         2u /* a table of three connections */

struct frame {
    uint8_t octets[HEADERS];
    uint32_t len;
};

struct run {
    struct stream streams[TUPLES];
    struct frame frames[PACKETS_MAX];
    struct fst_packet packets[PACKETS_MAX];
    size_t count;
    uint64_t segments; /* told by the callback */
    uint64_t findings[2];
    uint64_t ended[2];
};

struct listener {
    struct run *run;
    unsigned which;
};

/* --------------------------------------------------------------------------------- packets -- */

static uint8_t *put_option(uint8_t *at, uint8_t kind, uint8_t len)
{
    memset(at, 0, len);
    at[0] = kind;
    at[1] = len;
    return at + 2;
}

/* Those of the segment that fit forty octets; returns where they end. */
static uint8_t *put_options(uint8_t *at, const struct fst_tcp_options *options)
{
    uint8_t *begin = at;

    if (options->present & FST_OPT_MSS) {
        put16(put_option(at, 2, 4), options->mss);
        at += 4;
    }
    if (options->present & FST_OPT_WSCALE) {
        *put_option(at, 3, 3) = options->wscale;
        at += 3;
    }
    if (options->present & FST_OPT_SACK_PERMITTED) {
        put_option(at, 4, 2);
        at += 2;
    }
    if (options->present & FST_OPT_TIMESTAMPS) {
        put32(put_option(at, 8, 10), options->ts_val);
        put32(at + 6, options->ts_ecr);
        at += 10;
    }
    if (options->present & FST_OPT_FAST_OPEN) {
        put_option(at, 34, (uint8_t)(2 + options->cookie_len));
        at += 2 + options->cookie_len;
    }
    if (options->present & FST_OPT_SACK) {
        put32(put_option(at, 5, 10), options->sack[0][0]);
        put32(at + 6, options->sack[0][1]);
        at += 10;
    }
    while ((at - begin) % 4 != 0)
        *at++ = 1;
    return at;
}

/* Only the headers are captured, as with a short snap length. */
static void put_segment(struct frame *frame, const struct fst_segment *segment, unsigned tuple)
{
    uint8_t *ip = frame->octets, *tcp = ip + 20, *end;

    memset(frame->octets, 0, sizeof(frame->octets));
    end = put_options(tcp + 20, &segment->options);
    frame->len = (uint32_t)(end - ip);
    ip[0] = 0x45;
    put16(ip + 2, frame->len + (segment->payload_len < 65000 ? segment->payload_len : 65000));
    put16(ip + 4, segment->ip_id);
    ip[8] = segment->ttl;
    ip[9] = 6;
    memcpy(ip + 12, segment->src, 4);
    memcpy(ip + 16, segment->dst, 4);
    put16(tcp, segment->src_port == 40000 ? 40000 + tuple : segment->src_port);
    put16(tcp + 2, segment->dst_port == 40000 ? 40000 + tuple : segment->dst_port);
    put32(tcp + 4, segment->seq);
    put32(tcp + 8, segment->ack);
    put16(tcp + 12, (unsigned)((end - tcp) / 4) << 12 | (segment->flags & 0x1ff));
    put16(tcp + 14, segment->wnd_raw);
    if (segment->fault)
        tcp[12] = 0x40; /* a data offset too small */
}

static void make_packets(struct run *run, const uint8_t *data, size_t size)
{
    struct stream *first = &run->streams[0];
    const uint8_t *op;

    for (unsigned i = 0; i < TUPLES; i++)
        stream_init(&run->streams[i], data, size);
    while (run->count < PACKETS_MAX && (op = stream_op(first)) != NULL) {
        unsigned tuple = op[7] % TUPLES;
        struct stream *stream = &run->streams[tuple];
        struct frame *frame = &run->frames[run->count];
        struct fst_segment segment;

        stream->time_ns = first->time_ns;
        stream_any(stream, op, &segment);
        first->time_ns = stream->time_ns;
        put_segment(frame, &segment, tuple);
        run->packets[run->count] = (struct fst_packet){
            .number = run->count + 1,
            .time_ns = stream->time_ns - (op[7] % 32 == 31 ? 5000000 : 0), /* at times backwards */
            .data = frame->octets,
            .captured_len = op[7] % 32 == 30 ? frame->len / 2 : frame->len,
            .original_len = frame->octets[2] * 256u + frame->octets[3],
            .link_type = op[7] % 32 == 29 ? 1 : RAW, /* at times nonsense */
        };
        run->count++;
    }
}

/* With FUZZ_PCAP in the environment, the packets as a capture there, to look at. */
static void write_capture(const struct run *run)
{
    const char *path = getenv("FUZZ_PCAP");
    const uint32_t head[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, RAW};
    FILE *file;

    if (!path)
        return;
    file = fopen(path, "wb");
    ENSURE(file != NULL);
    fwrite(head, sizeof(head), 1, file);
    for (size_t i = 0; i < run->count; i++) {
        const struct fst_packet *packet = &run->packets[i];
        uint32_t record[] = {(uint32_t)(packet->time_ns / 1000000000),
                             (uint32_t)(packet->time_ns % 1000000000), packet->captured_len,
                             packet->original_len};

        fwrite(record, sizeof(record), 1, file);
        fwrite(packet->data, packet->captured_len, 1, file);
    }
    fclose(file);
}

/* ------------------------------------------------------------------------------ invariants -- */

static bool is_in(enum fst_state state, fst_state_set set)
{
    return state < FST_STATE_COUNT && (set >> state & 1);
}

static void on_segment(void *context, const struct fst_segment_event *event)
{
    struct run *run = ((struct listener *)context)->run;

    run->segments++;
    ENSURE(event->packet >= 1 && event->packet <= run->count);
    ENSURE(event->connection >= 1);
    ENSURE(event->change_count <= FST_CHANGES_MAX);
    for (unsigned side = 0; side < 2; side++)
        ENSURE(is_in(event->after[side].state, event->after[side].possible));
    for (size_t i = 0; i < event->change_count; i++)
        ENSURE(event->changes[i].why && event->changes[i].section);
    for (size_t i = 0; i < event->finding_count; i++)
        ENSURE(event->findings[i].packet <= event->packet);
}

static void on_finding(void *context, const struct fst_finding *finding)
{
    const struct listener *listener = context;
    char text[512];

    listener->run->findings[listener->which]++;
    ENSURE(finding->rule && finding->class_ < FST_CLASS_COUNT && finding->connection >= 1);
    ENSURE(finding->packet <= listener->run->count);
    ENSURE(fst_finding_message(finding, text, sizeof(text)) > 0);
}

static void on_ended(void *context, uint32_t id)
{
    const struct listener *listener = context;

    listener->run->ended[listener->which]++;
    ENSURE(id >= 1);
}

static void ensure_stats_add_up(const struct run *run, const struct fst_analyzer *analyzer,
                                unsigned which)
{
    const struct fst_stats *stats = fst_analyzer_stats(analyzer);
    uint64_t by_class = 0, by_rule = 0;

    ENSURE(stats->packets == run->count);
    ENSURE(stats->packets == stats->tcp_segments + stats->not_tcp + stats->unsupported +
                                 stats->malformed + stats->headers_cut);
    for (unsigned i = 0; i < FST_CLASS_COUNT; i++)
        by_class += stats->findings[i];
    for (size_t i = 0; i < fst_rule_count(); i++)
        by_rule += fst_analyzer_rule_hits(analyzer, i);
    ENSURE(by_class == by_rule);
    ENSURE(run->findings[which] == by_class);
    ENSURE(run->ended[which] == stats->connections);
    ENSURE(stats->evicted <= stats->connections);
}

static void ensure_side_is_sane(const struct fst_endpoint_view *side)
{
    ENSURE(is_in(side->state, side->possible));
    ENSURE(side->path_count <= FST_PATH_MAX);
    ENSURE(side->path_count > 0);
    for (size_t i = 0; i < side->path_count; i++)
        ENSURE(side->path[i].state < FST_STATE_COUNT);
    ENSURE(side->heard == (side->packets > 0));
}

static void ensure_view_is_sane(const struct run *run, const struct fst_connection_view *view)
{
    ENSURE(view->incarnation >= 1 && view->ts_first <= view->ts_last);
    ENSURE(view->first_packet >= 1 && view->first_packet <= run->count);
    ENSURE(strlen(view->history) < FST_HISTORY_MAX && view->conn_state);
    ensure_side_is_sane(&view->side[0]);
    ensure_side_is_sane(&view->side[1]);
    for (size_t i = 0; i < view->finding_count; i++)
        ENSURE(view->findings[i].connection == view->id && view->findings[i].packet <= run->count);
}

static void ensure_same_side(const struct fst_endpoint_view *one,
                             const struct fst_endpoint_view *two)
{
    ENSURE(one->address.ipv6 == two->address.ipv6);
    ENSURE(memcmp(one->address.octets, two->address.octets, sizeof(one->address.octets)) == 0);
    ENSURE(one->port == two->port);
    ENSURE(one->state == two->state && one->possible == two->possible);
    ENSURE(one->heard == two->heard && one->inferred == two->inferred);
    ENSURE(one->path_cut == two->path_cut && one->path_count == two->path_count);
    for (size_t i = 0; i < one->path_count; i++) {
        ENSURE(one->path[i].state == two->path[i].state);
        ENSURE(one->path[i].packet == two->path[i].packet);
        ENSURE(one->path[i].time_ns == two->path[i].time_ns);
    }
    ENSURE(one->packets == two->packets && one->payload_bytes == two->payload_bytes);
    ENSURE(one->retransmits == two->retransmits);
}

/* Member by member: what is between them is nobody's. */
static void ensure_same_view(const struct fst_connection_view *one,
                             const struct fst_connection_view *two)
{
    ENSURE(one->id == two->id && one->incarnation == two->incarnation);
    ENSURE(one->ts_first == two->ts_first && one->ts_last == two->ts_last);
    ENSURE(one->first_packet == two->first_packet && one->oriented_by == two->oriented_by);
    ensure_same_side(&one->side[0], &two->side[0]);
    ensure_same_side(&one->side[1], &two->side[1]);
    ENSURE(one->tag_count == two->tag_count);
    ENSURE(memcmp(one->tags, two->tags, sizeof(one->tags)) == 0);
    ENSURE(one->end_kind == two->end_kind && one->end_by == two->end_by);
    ENSURE(one->evicted == two->evicted && one->expired == two->expired);
    ENSURE(one->coverage == two->coverage && one->handshake_ns == two->handshake_ns);
    ENSURE(strcmp(one->conn_state, two->conn_state) == 0);
    ENSURE(strcmp(one->history, two->history) == 0);
    ENSURE(one->finding_count == two->finding_count);
    for (size_t i = 0; i < one->finding_count; i++) {
        ENSURE(one->findings[i].rule == two->findings[i].rule);
        ENSURE(one->findings[i].packet == two->findings[i].packet);
        ENSURE(one->findings[i].repeats == two->findings[i].repeats);
        ENSURE(one->findings[i].class_ == two->findings[i].class_);
        ENSURE(one->findings[i].by == two->findings[i].by);
    }
}

/* Every connection in the one table is in the other, and all their packets are all segments. */
static void ensure_same_connections(const struct run *run, struct fst_analyzer *one,
                                    struct fst_analyzer *two)
{
    const struct fst_stats *stats = fst_analyzer_stats(one);
    static struct fst_connection_view views[2];
    uint64_t packets = 0, left = 0;
    uint32_t id;

    for (id = fst_analyzer_next(one, 1); id != 0; id = fst_analyzer_next(one, id + 1)) {
        ENSURE(fst_analyzer_connection(one, id, &views[0]) == 0);
        ENSURE(fst_analyzer_connection(two, id, &views[1]) == 0);
        ensure_view_is_sane(run, &views[0]);
        packets += views[0].side[0].packets + views[0].side[1].packets;
        left++;
        ensure_same_view(&views[0], &views[1]);
    }
    ENSURE(left == stats->connections - stats->evicted);
    ENSURE(stats->evicted > 0 || packets == stats->tcp_segments);
    ENSURE(memcmp(stats, fst_analyzer_stats(two), sizeof(*stats)) == 0);
}

/* --------------------------------------------------------------------------------- the run -- */

static struct fst_analyzer *analyze(struct run *run, struct listener *listener, uint8_t mode)
{
    struct fst_options options = {
        .max_flows = mode & FEW ? 3 : 0,
        .lossless = mode & LOSSLESS,
        .hash_key = {(uint8_t)listener->which},
        .events = {.context = listener, .finding = on_finding, .ended = on_ended},
    };
    size_t batch = listener->which == 0 ? 1 : 100;
    struct fst_analyzer *analyzer;

    if (listener->which == 0)
        options.events.segment = on_segment;
    ENSURE(fst_analyzer_new(&analyzer, &options) == 0);
    for (size_t done = 0; done < run->count; done += batch) {
        size_t left = run->count - done;

        ENSURE(fst_analyzer_feed(analyzer, &run->packets[done], left < batch ? left : batch) == 0);
    }
    ENSURE(fst_analyzer_finish(analyzer) == 0);
    return analyzer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct listener listeners[2] = {{&run, 0}, {&run, 1}};
    struct fst_analyzer *analyzers[2];

    if (size < 1)
        return 0;
    memset(&run, 0, sizeof(run));
    make_packets(&run, data + 1, size - 1);
    write_capture(&run);
    for (unsigned i = 0; i < 2; i++) {
        analyzers[i] = analyze(&run, &listeners[i], data[0]);
        ensure_stats_add_up(&run, analyzers[i], i);
    }
    ENSURE(run.segments == fst_analyzer_stats(analyzers[0])->tcp_segments);
    ensure_same_connections(&run, analyzers[0], analyzers[1]);
    fst_analyzer_free(analyzers[0]);
    fst_analyzer_free(analyzers[1]);
    return 0;
}
